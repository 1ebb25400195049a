/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Traffic on a road of four lanes, made to be hard to follow from frame to
 * frame. All of it is chance of the seed.
 *
 * Each side of the road gets one group of vehicles after another. A group is a
 * situation, such as an overtaking, and all kinds of it come in turn, in a
 * shuffled order, until the time is over. What a group needs of time is told by
 * when its vehicles pass a place where plates are easy to read, PLACE_METRES
 * from the camera. Far off, where no plate can be read, vehicles of different
 * speed may drive through each other.
 *
 * Plates are invented, in layouts that exist, and no two are the same but for
 * what is meant: a vehicle that comes again does so RETURN_SECONDS later or
 * more, on either side, when it has long been out of the picture. A look-alike
 * has one digit that differs from that of the vehicle added before it. */

#include "lanes.h"

#include <math.h>
#include <string.h>

#include "picture.h"
#include "road.h"

#define PLACE_METRES 25.0
#define RETURN_SECONDS 25.0
#define FIRST_SECONDS 4.0
#define LAST_SECONDS 3.0
#define GAP_SECONDS 0.8
#define SLOW_KMH 48.0
#define FAST_KMH 60.0
#define CHANCE_LANES 601

/* The camera shakes for the first seconds of each period; pixels. */
#define SHAKE_PERIOD 20.0
#define SHAKE_SECONDS 5.0
#define SHAKE_PIXELS 2.5

struct _SceneLanes {
  GArray *vehicles;
  GArray *times;        /* gdouble, when each is at PLACE_METRES */
  GHashTable *raws;     /* texts of the plates, owned */
  GHashTable *returned; /* those that came twice, not owned */
  guint64 seed;
  guint n_thrown;
  SceneDirection direction; /* of the side that is being filled */
};

/* @ stands for a letter, # for a digit. */
typedef struct {
  const gchar *pattern;
  const gchar *country;
  SceneLayout layout;
} Series;

/* Lanes of one side of the road */
typedef enum {
  OUTER,
  INNER,
} Side;

static const Series all_series[] = {
  { "1-@@@-###", "BE", SCENE_LAYOUT_ONE_LINE },
  { "2-@@@-###", "BE", SCENE_LAYOUT_ONE_LINE },
  { "1-@@@-###", "BE", SCENE_LAYOUT_ONE_LINE },
  { "2-@@@-###", "BE", SCENE_LAYOUT_ONE_LINE },
  { "1-@@@/###", "BE", SCENE_LAYOUT_TWO_LINE },
  { "@@-###-@", "NL", SCENE_LAYOUT_ONE_LINE },
  { "@-###-@@", "NL", SCENE_LAYOUT_ONE_LINE },
  { "DO @@ ####", "DE", SCENE_LAYOUT_ONE_LINE },
  { "AC @@ ###", "DE", SCENE_LAYOUT_ONE_LINE },
  { "@@-###-@@", "FR", SCENE_LAYOUT_ONE_LINE },
  { "@@ ####", "LU", SCENE_LAYOUT_ONE_LINE },
};

/* No vowels, so that no words come of them */
static const gchar letters[] = "BCDFGHJKLNPRSTVXZ";

static const guint32 colours[] = { 0xd9dbdc, 0x9fa5aa, 0x5a6066, 0x22252a,
  0x2a4472, 0x8c2320, 0x3d5a45, 0xb7a887 };

static guint
throw_die (SceneLanes *lanes, guint sides)
{
  return scene_random (lanes->seed, lanes->n_thrown++, CHANCE_LANES) % sides;
}

static gdouble
between (SceneLanes *lanes, gdouble low, gdouble high)
{
  return low + (high - low) * throw_die (lanes, 1001) / 1000.0;
}

/* Plates */

static gchar *
invent_raw (SceneLanes *lanes, const Series *series)
{
  gchar *raw = g_strdup (series->pattern);

  for (gchar *at = raw; *at; at++) {
    if (*at == '@')
      *at = letters[throw_die (lanes, strlen (letters))];
    else if (*at == '#')
      *at = (gchar) ('0' + throw_die (lanes, 10));
  }
  return raw;
}

/* Takes a text that nobody has yet; otherwise it is freed. */
static const gchar *
claim_raw (SceneLanes *lanes, gchar *raw)
{
  return g_hash_table_add (lanes->raws, raw) ? raw : NULL;
}

static ScenePlate
new_plate (SceneLanes *lanes)
{
  const Series *series =
      &all_series[throw_die (lanes, G_N_ELEMENTS (all_series))];
  const gchar *raw = NULL;

  while (!raw) {
    gchar *invented = invent_raw (lanes, series);

    if (g_hash_table_contains (lanes->raws, invented))
      g_free (invented);
    else
      raw = claim_raw (lanes, invented);
  }
  return (ScenePlate){ raw, series->country, series->layout };
}

/* The last digit counts on; a plate without one more digit to give is not in
 * the series above. */
static ScenePlate
look_alike (SceneLanes *lanes, const ScenePlate *plate)
{
  g_autofree gchar *raw = g_strdup (plate->raw);
  gchar *last = raw;

  for (gchar *at = raw; *at; at++)
    if (g_ascii_isdigit (*at))
      last = at;
  for (guint i = 0; i < 9; i++) {
    *last = (gchar) ('0' + (*last - '0' + 1) % 10);
    if (!g_hash_table_contains (lanes->raws, raw))
      return (ScenePlate){ claim_raw (lanes, g_strdup (raw)), plate->country,
        plate->layout };
  }
  return new_plate (lanes);
}

static gboolean
may_return (const SceneLanes *lanes, guint index, gdouble at)
{
  const SceneVehicle *vehicle =
      &g_array_index (lanes->vehicles, SceneVehicle, index);

  return ABS (g_array_index (lanes->times, gdouble, index) - at)
             >= RETURN_SECONDS
         && !g_hash_table_contains (lanes->returned, vehicle->plate.raw);
}

/* Who comes again is looked for from a random one on. */
static const SceneVehicle *
find_returning (SceneLanes *lanes, gdouble at)
{
  guint count = lanes->vehicles->len;
  guint start = count ? throw_die (lanes, count) : 0;

  for (guint i = 0; i < count; i++)
    if (may_return (lanes, (start + i) % count, at))
      return &g_array_index (
          lanes->vehicles, SceneVehicle, (start + i) % count);
  return NULL;
}

/* Vehicles */

/* Seconds from entry until the nearer end is @place metres from the camera */
static gdouble
seconds_to (const SceneVehicle *vehicle, gdouble place)
{
  gdouble speed = vehicle->speed_kmh / 3.6;

  if (vehicle->direction == SCENE_APPROACHING)
    return (SCENE_HORIZON_METRES - place) / speed;
  return (place - SCENE_NEAR_METRES + scene_kind_length (vehicle->kind))
         / speed;
}

/* The place in the array may move when the next one is added. */
static SceneVehicle *
add (SceneLanes *lanes, SceneKind kind, Side side, gdouble at, gdouble kmh)
{
  gboolean coming = lanes->direction == SCENE_APPROACHING;
  SceneVehicle vehicle = { 0 };

  vehicle.plate = new_plate (lanes);
  vehicle.kind = kind;
  vehicle.colour = colours[throw_die (lanes, G_N_ELEMENTS (colours))];
  vehicle.lane = coming ? (guint) side : SCENE_LANES_COUNT - 1 - (guint) side;
  vehicle.direction = lanes->direction;
  vehicle.speed_kmh = kmh;
  vehicle.tilt = between (lanes, -1.3, 1.3);
  vehicle.entry_s = at - seconds_to (&vehicle, PLACE_METRES);
  g_array_append_val (lanes->vehicles, vehicle);
  g_array_append_val (lanes->times, at);
  return &g_array_index (
      lanes->vehicles, SceneVehicle, lanes->vehicles->len - 1);
}

static SceneKind
any_kind (SceneLanes *lanes)
{
  guint die = throw_die (lanes, 12);

  return die < 9 ? SCENE_CAR : die < 11 ? SCENE_VAN : SCENE_TRUCK;
}

static void
add_returning (SceneLanes *lanes, Side side, gdouble at, gdouble kmh)
{
  const SceneVehicle *before = find_returning (lanes, at);
  SceneVehicle again = before ? *before : (SceneVehicle){ 0 };
  SceneVehicle *vehicle;

  vehicle = add (lanes, before ? again.kind : any_kind (lanes), side, at, kmh);
  if (!before)
    return;
  vehicle->plate = again.plate;
  vehicle->colour = again.colour;
  vehicle->tilt = again.tilt;
  g_hash_table_add (lanes->returned, (gpointer) again.plate.raw);
}

/* Its plate is nearly that of the one before it. */
static void
add_look_alike (SceneLanes *lanes, Side side, gdouble at, gdouble kmh)
{
  guint before = lanes->vehicles->len - 1;
  SceneVehicle *vehicle = add (lanes, SCENE_CAR, side, at, kmh);

  vehicle->plate = look_alike (
      lanes, &g_array_index (lanes->vehicles, SceneVehicle, before).plate);
}

static void
change_lane (SceneVehicle *vehicle, Side side, gdouble at_m)
{
  vehicle->change_at_m = at_m;
  vehicle->change_to = vehicle->direction == SCENE_APPROACHING
                           ? (guint) side
                           : SCENE_LANES_COUNT - 1 - (guint) side;
}

/* @from is when it begins to stand. */
static void
stand (SceneVehicle *vehicle, gdouble from, gdouble at_m, gdouble seconds)
{
  gdouble speed = vehicle->speed_kmh / 3.6;

  vehicle->stand_at_m = at_m;
  vehicle->stand_s = seconds;
  vehicle->entry_s =
      from - seconds_to (vehicle, at_m) - speed / (2 * SCENE_BRAKING);
}

/* Groups; @at is when the first vehicle is at PLACE_METRES, or a little later */

/* Two and two side by side */
static void
drive_abreast (SceneLanes *lanes, gdouble at)
{
  add (lanes, any_kind (lanes), OUTER, at, SLOW_KMH);
  add (lanes, SCENE_CAR, INNER, at + between (lanes, -0.1, 0.1), SLOW_KMH);
  add_returning (lanes, OUTER, at + 1.6, SLOW_KMH);
  add (
      lanes, SCENE_CAR, INNER, at + 1.6 + between (lanes, -0.2, 0.2), SLOW_KMH);
}

/* Two side by side that differ in one sign, then one behind the other */
static void
drive_alike (SceneLanes *lanes, gdouble at)
{
  add (lanes, SCENE_CAR, OUTER, at, SLOW_KMH);
  add_look_alike (lanes, INNER, at + between (lanes, 0, 0.2), SLOW_KMH);
  add (lanes, SCENE_CAR, INNER, at + 2.0, SLOW_KMH);
  add_look_alike (lanes, INNER, at + 3.3, SLOW_KMH);
}

/* Close behind each other: the next plate comes where the last one went. */
static void
drive_close (SceneLanes *lanes, gdouble at)
{
  add (lanes, SCENE_CAR, INNER, at, FAST_KMH);
  add (lanes, SCENE_CAR, INNER, at + 1.1, FAST_KMH);
  add_returning (lanes, INNER, at + 2.3, FAST_KMH);
  add (lanes, SCENE_CAR, OUTER, at + 0.5, SLOW_KMH);
  add (lanes, any_kind (lanes), OUTER, at + 2.2, SLOW_KMH);
}

/* The fast one comes from behind the slow one and passes it in view. */
static void
overtake (SceneLanes *lanes, gdouble at)
{
  gboolean coming = lanes->direction == SCENE_APPROACHING;
  SceneVehicle *fast;

  add (lanes, any_kind (lanes), OUTER, at + 1.6, 36);
  fast = add (lanes, SCENE_CAR, OUTER, at + 1.6, 65);
  change_lane (fast, INNER, coming ? 70 : 1);
}

/* Two change places, so that their ways in the picture cross. */
static void
weave (SceneLanes *lanes, gdouble at)
{
  gboolean coming = lanes->direction == SCENE_APPROACHING;

  change_lane (
      add (lanes, SCENE_CAR, OUTER, at, SLOW_KMH), INNER, coming ? 40 : 12);
  change_lane (add (lanes, SCENE_CAR, INNER, at + 1.0, SLOW_KMH), OUTER,
      coming ? 45 : 12);
}

/* A van or a truck drives between a slow car and the camera. */
static void
hide (SceneLanes *lanes, gdouble at)
{
  gboolean coming = lanes->direction == SCENE_APPROACHING;
  SceneKind kind = throw_die (lanes, 2) ? SCENE_TRUCK : SCENE_VAN;

  add (lanes, SCENE_CAR, OUTER, at + (coming ? 4.8 : 3.0), 18);
  add (lanes, kind, INNER, at + (coming ? 1.9 : 4.0), FAST_KMH);
}

/* One stands in view while others pass it, a truck among them. */
static void
stop (SceneLanes *lanes, gdouble at)
{
  stand (add (lanes, SCENE_CAR, OUTER, at + 3, 40), at + 3,
      between (lanes, 25, 29), 5);
  add (lanes, SCENE_CAR, INNER, at + 2, FAST_KMH);
  add (lanes, SCENE_TRUCK, INNER, at + 5, FAST_KMH);
  add (lanes, SCENE_CAR, INNER, at + 8, FAST_KMH);
}

typedef struct {
  void (*drive) (SceneLanes *lanes, gdouble at);
  gdouble seconds;
} Group;

static const Group groups[] = {
  { drive_abreast, 2.6 },
  { drive_alike, 4.2 },
  { drive_close, 3.2 },
  { overtake, 3.4 },
  { drive_abreast, 2.6 },
  { weave, 2.2 },
  { hide, 6.6 },
  { drive_close, 3.2 },
  { stop, 11.4 },
};

static void
shuffle (SceneLanes *lanes, guint *order, guint count)
{
  for (guint i = 0; i < count; i++)
    order[i] = i;
  for (guint i = count - 1; i > 0; i--) {
    guint other = throw_die (lanes, i + 1);
    guint swap = order[i];

    order[i] = order[other];
    order[other] = swap;
  }
}

static void
fill_side (SceneLanes *lanes, SceneDirection direction, gdouble seconds)
{
  guint order[G_N_ELEMENTS (groups)];
  gdouble at = FIRST_SECONDS;

  lanes->direction = direction;
  for (guint turn = 0;; turn++) {
    const Group *group;

    if (turn % G_N_ELEMENTS (groups) == 0)
      shuffle (lanes, order, G_N_ELEMENTS (groups));
    group = &groups[order[turn % G_N_ELEMENTS (groups)]];
    if (at + group->seconds > seconds - LAST_SECONDS)
      return;
    group->drive (lanes, at);
    at += group->seconds + GAP_SECONDS + between (lanes, 0, 0.6);
  }
}

/**
 * scene_lanes_new:
 * @seconds: how long the clip is
 * @seed: chance
 *
 * Returns: (transfer full): the traffic of both sides
 */
SceneLanes *
scene_lanes_new (gdouble seconds, guint64 seed)
{
  SceneLanes *lanes = g_new0 (SceneLanes, 1);

  lanes->seed = seed;
  lanes->vehicles = g_array_new (FALSE, FALSE, sizeof (SceneVehicle));
  lanes->times = g_array_new (FALSE, FALSE, sizeof (gdouble));
  lanes->raws = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lanes->returned = g_hash_table_new (g_str_hash, g_str_equal);
  fill_side (lanes, SCENE_APPROACHING, seconds);
  fill_side (lanes, SCENE_RECEDING, seconds);
  return lanes;
}

/**
 * scene_lanes_free:
 * @lanes: (nullable) (transfer full): traffic
 */
void
scene_lanes_free (SceneLanes *lanes)
{
  if (!lanes)
    return;
  g_array_unref (lanes->vehicles);
  g_array_unref (lanes->times);
  g_hash_table_unref (lanes->returned);
  g_hash_table_unref (lanes->raws);
  g_free (lanes);
}

/**
 * scene_lanes_vehicles:
 * @lanes: traffic
 * @n_vehicles: (out): how many
 *
 * Returns: (transfer none): one for each drive through the scene, in no order
 *   of time; they live as long as @lanes
 */
const SceneVehicle *
scene_lanes_vehicles (const SceneLanes *lanes, guint *n_vehicles)
{
  *n_vehicles = lanes->vehicles->len;
  return (const SceneVehicle *) (gconstpointer) lanes->vehicles->data;
}

/**
 * scene_lanes_shake:
 * @time: seconds
 * @seed: chance
 * @dx: (out): pixels of a picture 1920 wide that all is moved to the right
 * @dy: (out): and down
 *
 * A mast in the wind and a lorry that passes it: some oscillations that do not
 * fit into each other, in some stretches of time.
 */
void
scene_lanes_shake (gdouble time, guint64 seed, gint *dx, gint *dy)
{
  gdouble phase = scene_random (seed, 1, CHANCE_LANES) % 628 / 100.0;

  *dx = *dy = 0;
  if (fmod (time, SHAKE_PERIOD) >= SHAKE_SECONDS)
    return;
  *dx = (gint) round (
      SHAKE_PIXELS * (sin (14.1 * time + phase) + sin (38.3 * time)));
  *dy = (gint) round (
      SHAKE_PIXELS * (sin (17.7 * time) + sin (43.9 * time + phase)));
}
