/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The built-in scenarios and the hit list that belongs to them. All plates
 * are invented. The road is a two-way one: lane 0, on the left, comes towards
 * the camera, lane 1 leaves it. The traffic of `lanes` comes from lanes.c.
 *
 * Times: at 50 km/h an approaching vehicle needs 10.8 s from the horizon until
 * its plate leaves the picture; it is 50 pixels wide (of 1920) or more for the
 * last 2.3 s of these. A receding car shows its plate 1 s after entry. */

#include "scene.h"

#include <string.h>

#define WHITE 0xd9dbdc
#define SILVER 0x9fa5aa
#define GREY 0x5a6066
#define BLACK 0x22252a
#define BLUE 0x2a4472
#define RED 0x8c2320
#define GREEN 0x3d5a45
#define SAND 0xb7a887

#define ONE_LINE(raw, country)                                                 \
  {                                                                            \
    raw, country, SCENE_LAYOUT_ONE_LINE                                        \
  }
#define TWO_LINE(raw, country)                                                 \
  {                                                                            \
    raw, country, SCENE_LAYOUT_TWO_LINE                                        \
  }
#define COMING 0, SCENE_APPROACHING
#define LEAVING 1, SCENE_RECEDING

static const SceneVehicle sample_vehicles[] = {
  { ONE_LINE ("1-QZR-408", "BE"), SCENE_CAR, SILVER, COMING, -7.6, 50, 0.6 },
  { ONE_LINE ("XK-528-N", "NL"), SCENE_CAR, BLUE, LEAVING, 1.4, 52, -0.8 },
  { ONE_LINE ("GE XW 471", "DE"), SCENE_VAN, WHITE, COMING, -4.0, 50, -0.5 },
  { TWO_LINE ("Q-AZK/317", "BE"), SCENE_TRUCK, RED, LEAVING, 5.5, 45, 0.4 },
  { ONE_LINE ("GK-862-TR", "FR"), SCENE_CAR, RED, COMING, -1.1, 50, 1.0 },
  { ONE_LINE ("2-BHK-815", "BE"), SCENE_CAR, BLACK, COMING, 2.4, 52, -1.2 },
  { ONE_LINE ("28-HK-815", "BE"), SCENE_CAR, SAND, LEAVING, 12.0, 50, 0.9 },
  { ONE_LINE ("KZ 7093", "LU"), SCENE_CAR, GREY, COMING, 6.4, 50, 0 },
  { ONE_LINE ("R-418-XT", "NL"), SCENE_VAN, GREEN, LEAVING, 15.6, 48, 0.5 },
};

/* A vehicle every 4 s, the last one gone before the minute is over; the sixth
 * stands for 2 s where its plate is easy to read. */
static const SceneVehicle bench_vehicles[] = {
  { ONE_LINE ("1-HWX-926", "BE"), SCENE_CAR, SILVER, COMING, -8.0, 50, 0.5 },
  { ONE_LINE ("SZ-417-J", "NL"), SCENE_CAR, BLUE, LEAVING, 5.5, 50, -0.7 },
  { ONE_LINE ("DO XY 582", "DE"), SCENE_CAR, BLACK, COMING, 0.0, 50, -1.0 },
  { ONE_LINE ("Q-BXN-264", "BE"), SCENE_TRUCK, BLUE, LEAVING, 12.5, 45, 0.3 },
  { ONE_LINE ("FT-391-KZ", "FR"), SCENE_VAN, WHITE, COMING, 8.0, 50, 0.8 },
  { ONE_LINE ("2-DKV-573", "BE"), SCENE_CAR, RED, LEAVING, 21.5, 50, 0.4, 14,
      2.0 },
  { ONE_LINE ("2-CFW-140", "BE"), SCENE_TRUCK, GREEN, COMING, 15.0, 48, 0 },
  { ONE_LINE ("LX 8264", "LU"), SCENE_CAR, GREY, LEAVING, 30.0, 52, -0.4 },
  { ONE_LINE ("1-TJP-637", "BE"), SCENE_CAR, SAND, COMING, 24.0, 50, 1.3 },
  { TWO_LINE ("1-VDG/952", "BE"), SCENE_VAN, GREY, LEAVING, 37.5, 50, 0 },
  { ONE_LINE ("Z-836-GN", "NL"), SCENE_CAR, BLACK, COMING, 32.0, 54, -0.6 },
  { ONE_LINE ("EN KW 3905", "DE"), SCENE_CAR, WHITE, LEAVING, 45.5, 50, 0.7 },
  { ONE_LINE ("1-XLA-489", "BE"), SCENE_VAN, SILVER, COMING, 40.0, 50, 0.2 },
  { ONE_LINE ("54-XNR-6", "NL"), SCENE_CAR, GREEN, LEAVING, 53.0, 50, -0.9 },
  { ONE_LINE ("2-EYH-705", "BE"), SCENE_CAR, BLUE, COMING, 47.5, 50, 0.6 },
};

static const SceneVehicle one_vehicle[] = {
  { ONE_LINE ("1-KPX-294", "BE"), SCENE_CAR, SILVER, COMING, -8.8, 45, 0.5 },
};

/* A queue both ways at 30 km/h, a vehicle every 3 s a lane, without end. Each
 * shows its plate at 50 pixels or more for about 3.8 s, so there is always one
 * in each lane, and often two. */
static const SceneVehicle traffic_vehicles[] = {
  { ONE_LINE ("1-RBX-352", "BE"), SCENE_CAR, SILVER, COMING, 0.0, 30, 0.5 },
  { ONE_LINE ("TL-643-P", "NL"), SCENE_CAR, BLUE, COMING, 3.0, 30, -0.6 },
  { ONE_LINE ("AC QV 816", "DE"), SCENE_CAR, BLACK, COMING, 6.0, 30, 0.9 },
  { ONE_LINE ("2-ENJ-470", "BE"), SCENE_CAR, WHITE, COMING, 9.0, 30, -0.2 },
  { ONE_LINE ("HX-207-WB", "FR"), SCENE_CAR, RED, COMING, 12.0, 30, 0.0 },
  { ONE_LINE ("1-YGC-938", "BE"), SCENE_CAR, SAND, COMING, 15.0, 30, -0.9 },
  { ONE_LINE ("RV 5160", "LU"), SCENE_CAR, GREY, COMING, 18.0, 30, 0.4 },
  { ONE_LINE ("H-592-LS", "NL"), SCENE_CAR, GREEN, LEAVING, 1.5, 30, -0.5 },
  { ONE_LINE ("1-MZD-684", "BE"), SCENE_CAR, WHITE, LEAVING, 4.5, 30, 0.7 },
  { ONE_LINE ("BN TE 2407", "DE"), SCENE_CAR, SILVER, LEAVING, 7.5, 30, 0.1 },
  { TWO_LINE ("2-FPK/731", "BE"), SCENE_CAR, RED, LEAVING, 10.5, 30, -0.8 },
  { ONE_LINE ("DW-958-CJ", "FR"), SCENE_CAR, BLACK, LEAVING, 13.5, 30, 0.3 },
  { ONE_LINE ("1-SVN-105", "BE"), SCENE_CAR, BLUE, LEAVING, 16.5, 30, -0.1 },
  { ONE_LINE ("63-BRX-9", "NL"), SCENE_CAR, GREY, LEAVING, 19.5, 30, 0.8 },
};

/* For stills: each kind of plate on each kind of vehicle at least once */
static const SceneVehicle still_vehicles[] = {
  { ONE_LINE ("1-DTW-563", "BE"), SCENE_CAR, SILVER, COMING },
  { ONE_LINE ("KS-814-G", "NL"), SCENE_VAN, WHITE, LEAVING },
  { ONE_LINE ("MS HB 297", "DE"), SCENE_CAR, BLACK, LEAVING },
  { TWO_LINE ("1-JFA/380", "BE"), SCENE_CAR, RED, LEAVING },
  { ONE_LINE ("EY-436-NM", "FR"), SCENE_VAN, BLUE, COMING },
  { ONE_LINE ("VC 9021", "LU"), SCENE_CAR, SAND, COMING },
  { ONE_LINE ("Q-ARP-745", "BE"), SCENE_TRUCK, GREEN, LEAVING },
  { ONE_LINE ("B-172-KD", "NL"), SCENE_CAR, WHITE, COMING },
  { ONE_LINE ("HB LR 6058", "DE"), SCENE_TRUCK, BLUE, COMING },
  { TWO_LINE ("T 408/XZE", "SE"), SCENE_VAN, GREY, LEAVING },
  { ONE_LINE ("PO 7XE19", "PL"), SCENE_CAR, GREEN, LEAVING },
};

static const SceneScenario scenarios[] = {
  { "sample", 1920, 1080, 25, 20, sample_vehicles,
      G_N_ELEMENTS (sample_vehicles) },
  { "bench", 1920, 1080, 25, 60, bench_vehicles,
      G_N_ELEMENTS (bench_vehicles) },
  { "traffic", 1920, 1080, 25, 21, traffic_vehicles,
      G_N_ELEMENTS (traffic_vehicles), .endless = TRUE },
  { "lanes", 1920, 1080, 25, 240, NULL, 0, .mode = SCENE_LANES },
  { "stills", 1920, 1080, 1, 200, still_vehicles, G_N_ELEMENTS (still_vehicles),
      .mode = SCENE_STILLS },
  { "one", 640, 360, 25, 5, one_vehicle, G_N_ELEMENTS (one_vehicle) },
  { "empty", 1280, 720, 25, 4, NULL, 0 },
};

static const gchar *const names[] = { "sample", "bench", "traffic", "lanes",
  "stills", "one", "empty", NULL };

/* The format is that of docs/lists.md. 2-BHK-815 drives through `sample`, and
 * 28-HK-815 is a sign away from it and must not hit; 1-TJP-637 drives through
 * `bench`; the last one nowhere. */
static const gchar sample_list[] =
    "# list: sample-stolen\n"
    "# authority: Example police zone\n"
    "# category: stolen\n"
    "# purpose: J1\n"
    "# match: exact\n"
    "# priority: 10\n"
    "# version: 1\n"
    "# valid-from: 2026-01-01T00:00:00Z\n"
    "# valid-until: 2036-01-01T00:00:00Z\n"
    "# issued: %s\n"
    "entry,plate,country,valid-until,measure,reason\n"
    "S-0001,2-BHK-815,BE,2035-12-31T23:59:59Z,stop,stolen vehicle\n"
    "S-0002,1-TJP-637,BE,2035-12-31T23:59:59Z,report,stolen plate\n"
    "S-0003,9-QQZ-001,BE,2035-12-31T23:59:59Z,report,stolen plate\n";

/**
 * scene_scenario_find:
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the scenario of that name
 */
const SceneScenario *
scene_scenario_find (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    if (strcmp (scenarios[i].name, name) == 0)
      return &scenarios[i];
  return NULL;
}

/**
 * scene_scenario_names:
 *
 * Returns: (transfer none): the names of all scenarios, %NULL-terminated
 */
const gchar *const *
scene_scenario_names (void)
{
  return names;
}

/**
 * scene_sample_list:
 *
 * Returns: (transfer full): the hit list for `sample` and `bench`, as a file,
 *     issued now
 */
gchar *
scene_sample_list (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree gchar *issued = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  g_autoptr (GString) list = g_string_new (sample_list);

  g_string_replace (list, "%s", issued, 1);
  return g_string_free (g_steal_pointer (&list), FALSE);
}
