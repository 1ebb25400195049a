/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include "../../appliance/camerastatus.h"
#include "../../appliance/cameratask.h"
#include "../../appliance/childprocess.h"
#include "../../appliance/configuration.h"
#include "../../appliance/fleet.h"
#include "../../appliance/framehealth.h"

#include <glib/gstdio.h>
#include <string.h>

#define POSITION                                                               \
  "[position]\nplace=Road 1, Gent\nlatitude=51.05\nlongitude=3.71\n"           \
  "[source]\nuri=rtsp://camera.example/stream\n"

#define PERMISSION                                                             \
  "[permission]\ndecision=2026/1\nplace=road 1,  GENT\nlatitude=51.0502\n"     \
  "longitude=3.7101\npurposes=J1 J3\ncamera-type=fixed\n"                      \
  "valid-from=2026-07-01\nvalid-until=2026-07-31\nimpact-analysis=IA1\n"       \
  "controller=chief\n"

static AnprPosition *
parse (const gchar *text, GPtrArray *faults)
{
  return anpr_position_parse ("gate", "gate.conf", text, strlen (text), faults);
}

/* The faults of a text, a line each */
static gchar *
faults_of (const gchar *text)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  G_GNUC_UNUSED g_autoptr (AnprPosition) position = parse (text, faults);
  GString *lines = g_string_new (NULL);

  anpr_setting_faults_sort (faults);
  for (guint i = 0; i < faults->len; i++) {
    g_autofree gchar *line =
        anpr_setting_fault_to_string (g_ptr_array_index (faults, i));

    g_string_append_printf (lines, "%s\n", line);
  }
  return g_string_free (lines, FALSE);
}

static void
assert_fault (const gchar *text, const gchar *wanted)
{
  g_autofree gchar *faults = faults_of (text);

  fail_unless (strstr (faults, wanted), "%s not in:\n%s", wanted, faults);
}

static AnprPermissionState
judge (const gchar *text, const gchar *when)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position = parse (text, faults);
  gint64 utc;

  g_assert_true (anpr_moment_parse (when, FALSE, &utc));
  return anpr_permission_judge (&position->permission, utc);
}

static gchar *
replace (const gchar *text, const gchar *from, const gchar *to)
{
  GString *copy = g_string_new (text);

  g_assert_cmpuint (g_string_replace (copy, from, to, 0), >, 0);
  return g_string_free (copy, FALSE);
}

GST_START_TEST (test_right_position_has_no_faults_and_its_values)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position =
      parse ("# a comment\n" POSITION "transport = udp\n" PERMISSION, faults);

  g_assert_cmpuint (faults->len, ==, 0);
  g_assert_cmpstr (
      anpr_position_get (position, "source", "transport"), ==, "udp");
  g_assert_cmpstr (
      anpr_position_get (position, "pipeline", "name"), ==, "rtsp");
  g_assert_cmpstr (anpr_position_get_name (position), ==, "gate");
  g_assert_cmpfloat (
      anpr_settings_get_real (position->settings, "position", "latitude"), ==,
      51.05);
}

GST_END_TEST
GST_START_TEST (test_all_faults_are_told_with_their_lines)
{
  g_autofree gchar *faults = faults_of (
      "[position]\nplce=x\nlatitude=91\nlongitude=3\nlongitude=4\n\nnonsense\n"
      "[detecton]\nexclude=1\n[source]\nuri=rtsp://u:secret@h/x\n"
      "transport=tpc\n[spool]\nsize=1.5\n[detection]\ninclude=3,4\n");
  const gchar *const wanted[] = { "gate.conf:2: ANPR-CONFIG-UNKNOWN",
    "is place meant?", "gate.conf: ANPR-CONFIG-MISSING: place",
    "gate.conf:3: ANPR-CONFIG-VALUE: latitude=91",
    "gate.conf:5: ANPR-CONFIG-CONFLICT", "gate.conf:7: ANPR-CONFIG-LINE",
    "gate.conf:8: ANPR-CONFIG-UNKNOWN", "is [detection] meant?",
    "gate.conf:11: ANPR-CONFIG-VALUE", "gate.conf:12: ANPR-CONFIG-VALUE",
    "gate.conf:14: ANPR-CONFIG-VALUE", "gate.conf:16: ANPR-CONFIG-VALUE" };

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    fail_unless (
        strstr (faults, wanted[i]), "%s not in:\n%s", wanted[i], faults);
  fail_if (strstr (faults, "secret"), "a password in a message:\n%s", faults);
  fail_if (
      strstr (faults, "exclude"), "keys of an unknown section:\n%s", faults);
}

GST_END_TEST
GST_START_TEST (test_values_out_of_form_are_refused)
{
  static const gchar *const wrong[] = { "[position]\nenabled=yes\n",
    "[position]\nlatitude=nan\n", "[position]\nlatitude=0x10\n",
    "[position]\nlongitude=180.1\n", "[source]\nuri=camera\n",
    "[source]\nstall-timeout=0\n", "[source]\nstall-timeout=-1\n",
    "[source]\nstall-timeout=99999999999999999999\n",
    "[detection]\ndirection-line=0,0\n", "[detection]\nthreshold=1.5\n",
    "[permission]\npurposes=J1 X9\n", "[permission]\nvalid-from=2026-02-30\n",
    "[permission]\nvalid-until=soon\n", "[lists]\nredis=http://x\n",
    "[spool]\nsize=15\n", "[position]\nname=\\x\n" };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree gchar *faults = faults_of (wrong[i]);

    fail_unless (
        strstr (faults, ":2: ANPR-CONFIG-VALUE"), "%s: %s", wrong[i], faults);
  }
}

GST_END_TEST
GST_START_TEST (test_what_is_no_text_is_refused)
{
  g_autofree gchar *large = g_strnfill (ANPR_SETTINGS_MAX_SIZE + 1, '#');
  g_autoptr (GString) many = g_string_new ("[position]\n");
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position = NULL;

  assert_fault ("[position]\nplace=\xff\n", "not text in UTF-8");
  assert_fault (large, "larger than");
  assert_fault ("x=1\n[position]\n", ":1: ANPR-CONFIG-LINE");
  assert_fault ("[position\nplace=x\n", ":1: ANPR-CONFIG-LINE");
  assert_fault ("[position]\n=x\n", ":2: ANPR-CONFIG-LINE");
  for (guint i = 0; i < 2 * ANPR_SETTINGS_MAX_FAULTS; i++)
    g_string_append (many, "nonsense\n");
  position = parse (many->str, faults);
  g_assert_cmpuint (faults->len, ==, ANPR_SETTINGS_MAX_FAULTS);
}

GST_END_TEST
GST_START_TEST (test_names_are_compared_by_edits)
{
  g_assert_cmpuint (anpr_edit_distance ("", ""), ==, 0);
  g_assert_cmpuint (anpr_edit_distance ("place", "place"), ==, 0);
  g_assert_cmpuint (anpr_edit_distance ("place", "palce"), ==, 1);
  g_assert_cmpuint (anpr_edit_distance ("place", "plac"), ==, 1);
  g_assert_cmpuint (anpr_edit_distance ("place", "plaice"), ==, 1);
  g_assert_cmpuint (anpr_edit_distance ("abc", ""), ==, 3);
  g_assert_cmpuint (anpr_edit_distance ("kitten", "sitting"), ==, 3);
}

GST_END_TEST
GST_START_TEST (test_permission_holds_from_its_first_moment_to_its_last)
{
  g_autofree gchar *moments = replace (POSITION PERMISSION,
      "valid-until=2026-07-31", "valid-until=2026-07-20T10:00:00Z");

  g_assert_cmpint (
      judge (POSITION PERMISSION, "2026-07-01"), ==, ANPR_PERMISSION_VALID);
  g_assert_cmpint (judge (POSITION PERMISSION, "2026-06-30T23:59:59.999"), ==,
      ANPR_PERMISSION_EARLY);
  g_assert_cmpint (judge (POSITION PERMISSION, "2026-07-31T23:59:59.999"), ==,
      ANPR_PERMISSION_VALID);
  g_assert_cmpint (
      judge (POSITION PERMISSION, "2026-08-01"), ==, ANPR_PERMISSION_EXPIRED);
  g_assert_cmpint (
      judge (moments, "2026-07-20T09:59:59.999Z"), ==, ANPR_PERMISSION_VALID);
  g_assert_cmpint (judge (moments, "2026-07-20T12:00:00+02:00"), ==,
      ANPR_PERMISSION_EXPIRED);
}

GST_END_TEST
GST_START_TEST (test_permission_needs_every_field)
{
  static const gchar *const lines[] = { "decision=2026/1\n",
    "place=road 1,  GENT\n", "latitude=51.0502\n", "longitude=3.7101\n",
    "purposes=J1 J3\n", "camera-type=fixed\n", "valid-from=2026-07-01\n",
    "valid-until=2026-07-31\n", "impact-analysis=IA1\n", "controller=chief\n" };

  g_assert_cmpint (judge (POSITION, "2026-07-02"), ==, ANPR_PERMISSION_MISSING);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    g_autofree gchar *permission = replace (PERMISSION, lines[i], "");
    g_autofree gchar *text = g_strconcat (POSITION, permission, NULL);

    fail_unless (
        judge (text, "2026-07-02") == ANPR_PERMISSION_MISSING, "%s", lines[i]);
  }
}

GST_END_TEST
GST_START_TEST (test_permission_is_for_its_place_alone)
{
  g_autofree gchar *words =
      replace (POSITION PERMISSION, "place=Road 1, Gent", "place=Road 2, Gent");
  g_autofree gchar *moved =
      replace (POSITION PERMISSION, "latitude=51.05\n", "latitude=51.06\n");

  g_assert_cmpint (judge (words, "2026-07-02"), ==, ANPR_PERMISSION_ELSEWHERE);
  g_assert_cmpint (judge (moved, "2026-07-02"), ==, ANPR_PERMISSION_ELSEWHERE);
}

GST_END_TEST
GST_START_TEST (test_changing_a_setting_keeps_everything_else)
{
  static const gchar text[] =
      "# top\n[position]\n# about the place\nplace=a\n\n"
      "[source]\n# last\nuri=x\n";
  g_autoptr (GError) error = NULL;
  g_autofree gchar *changed =
      anpr_settings_change (text, "position", "place", "b", &error);
  g_autofree gchar *added = anpr_settings_change (
      text, "detection", "include", "0,0 1,0 1,1", &error);
  g_autofree gchar *removed =
      anpr_settings_change (text, "source", "uri", NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (strstr (changed, "# top"));
  g_assert_nonnull (strstr (changed, "# about the place\nplace=b\n"));
  g_assert_nonnull (strstr (changed, "# last\nuri=x"));
  g_assert_nonnull (strstr (added, "[detection]\ninclude=0,0 1,0 1,1\n"));
  g_assert_null (strstr (removed, "uri=x"));
}

GST_END_TEST
GST_START_TEST (test_a_setting_is_set_where_it_is_explained)
{
  static const gchar text[] = "[source]\n# uri: where\n#uri=\n#transport=tcp\n"
                              "[spool]\n#uri=other\n";
  g_autofree gchar *changed =
      anpr_settings_change (text, "source", "uri", "rtsp://c/x", NULL);

  g_assert_cmpstr (changed, ==,
      "[source]\n# uri: where\nuri=rtsp://c/x\n#transport=tcp\n"
      "\n[spool]\n#uri=other\n");
}

GST_END_TEST
GST_START_TEST (test_only_what_is_set_makes_positions_differ)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) first = parse (POSITION PERMISSION, faults);
  g_autoptr (AnprPosition) same =
      parse ("# other comments\n\n" PERMISSION "\n" POSITION, faults);
  g_autoptr (AnprPosition) other =
      parse (POSITION "transport=udp\n" PERMISSION, faults);

  g_assert_true (anpr_position_equal (first, same));
  g_assert_false (anpr_position_equal (first, other));
}

GST_END_TEST
GST_START_TEST (test_ids_are_names_of_files_and_records)
{
  g_assert_true (anpr_position_is_id ("gate-north-1"));
  g_assert_false (anpr_position_is_id ("Gate"));
  g_assert_false (anpr_position_is_id ("../gate"));
  g_assert_false (anpr_position_is_id (""));
  g_assert_false (anpr_position_is_id ("-gate"));
  g_assert_false (anpr_position_is_id ("gate\n"));
}

GST_END_TEST

static gchar *
write_file (
    const gchar *folder, const gchar *name, const gchar *text, gint mode)
{
  gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
  return path;
}

static void
remove_folder (gchar *folder)
{
  const gchar *arguments[] = { "rm", "-rf", folder, NULL };

  g_spawn_sync (NULL, (gchar **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL,
      NULL, NULL, NULL, NULL, NULL);
  g_free (folder);
}

static gchar *
make_folder (void)
{
  gchar *folder = g_dir_make_tmp ("anpr-configuration-XXXXXX", NULL);
  g_autofree gchar *pipelines =
      g_build_filename (g_getenv ("ANPR_SOURCE_DIR"), "pipelines", NULL);

  g_assert_nonnull (folder);
  g_setenv ("ANPR_PIPELINES", pipelines, TRUE);
  return folder;
}

GST_START_TEST (test_a_faulty_position_concerns_itself_alone)
{
  gchar *folder = make_folder ();
  g_autofree gchar *path = write_file (folder, "anprd.conf", "", 0600);
  G_GNUC_UNUSED g_autofree gchar *right =
      write_file (folder, "positions.d/right.conf", POSITION PERMISSION, 0600);
  G_GNUC_UNUSED g_autofree gchar *wrong =
      write_file (folder, "positions.d/wrong.conf", "[x]\n", 0600);
  G_GNUC_UNUSED g_autofree gchar *backup =
      write_file (folder, "positions.d/right.conf~", "[x]\n", 0600);
  g_autoptr (AnprConfiguration) configuration = anpr_configuration_load (path);

  g_assert_true (configuration->usable);
  g_assert_cmpuint (configuration->positions->len, ==, 1);
  g_assert_cmpuint (configuration->broken->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (configuration->broken, 0), ==, "wrong");
  remove_folder (folder);
}

GST_END_TEST
GST_START_TEST (test_what_a_position_names_is_looked_for)
{
  gchar *folder = make_folder ();
  g_autofree gchar *path = write_file (folder, "anprd.conf", "", 0600);
  G_GNUC_UNUSED g_autofree gchar *secret = write_file (
      folder, "secret", "[credentials]\nuser=viewer\npassword=hunter2\n", 0644);
  G_GNUC_UNUSED g_autofree gchar *position =
      write_file (folder, "positions.d/gate.conf",
          POSITION "credentials=secret\n[pipeline]\nname=rtps\n"
                   "[lists]\npath=nowhere\n[parameters]\nspool=x\n",
          0600);
  g_autoptr (AnprConfiguration) configuration = anpr_configuration_load (path);
  g_autoptr (GString) faults = g_string_new (NULL);

  for (guint i = 0; i < configuration->faults->len; i++) {
    g_autofree gchar *line = anpr_setting_fault_to_string (
        g_ptr_array_index (configuration->faults, i));

    g_string_append_printf (faults, "%s\n", line);
  }
  fail_unless (strstr (faults->str, ":7: ANPR-SECRET"), "%s", faults->str);
  fail_unless (
      strstr (faults->str, ":9: ANPR-PIPELINE-NAME"), "%s", faults->str);
  fail_unless (strstr (faults->str, ":11: ANPR-LIST-OPEN"), "%s", faults->str);
  fail_unless (
      strstr (faults->str, ":13: ANPR-CONFIG-CONFLICT"), "%s", faults->str);
  fail_if (strstr (faults->str, "hunter2"));
  remove_folder (folder);
}

GST_END_TEST
GST_START_TEST (test_an_address_fits_its_pipeline)
{
  static const gchar *const uris[] = { "http://camera/x", "rtps://camera/x",
    "rtsps://camera/x", "rtspt://[2001:db8::1]:554/x" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++) {
    gchar *folder = make_folder ();
    g_autofree gchar *path = write_file (folder, "anprd.conf", "", 0600);
    g_autofree gchar *text = g_strdup_printf (
        "[position]\nplace=a\nlatitude=1\nlongitude=1\n[source]\nuri=%s\n",
        uris[i]);
    G_GNUC_UNUSED g_autofree gchar *position =
        write_file (folder, "positions.d/gate.conf", text, 0600);
    g_autoptr (AnprConfiguration) configuration =
        anpr_configuration_load (path);

    g_assert_cmpuint (configuration->faults->len, ==, i < 2 ? 1 : 0);
    if (i < 2) {
      g_autofree gchar *line = anpr_setting_fault_to_string (
          g_ptr_array_index (configuration->faults, 0));

      fail_unless (strstr (line, ":6: ANPR-CONFIG-VALUE"), "%s", line);
    }
    remove_folder (folder);
  }
}

GST_END_TEST

GST_START_TEST (test_a_task_comes_through_its_line)
{
  gchar *folder = make_folder ();
  g_autofree gchar *path = write_file (
      folder, "anprd.conf", "[appliance]\ndevice=box\nrun=run\n", 0600);
  G_GNUC_UNUSED g_autofree gchar *secret = write_file (folder, "secret",
      "[credentials]\nuser=viewer\npassword=\"hunter 2\"\n", 0600);
  G_GNUC_UNUSED g_autofree gchar *position =
      write_file (folder, "positions.d/gate.conf",
          POSITION "credentials=secret\n[parameters]\nlatency=77\n" PERMISSION,
          0600);
  g_autoptr (AnprConfiguration) configuration = anpr_configuration_load (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprCameraTask) task = NULL, copy = NULL;
  gchar *line;

  g_assert_cmpuint (configuration->positions->len, ==, 1);
  task = anpr_camera_task_new (configuration,
      g_ptr_array_index (configuration->positions, 0), "/spool dir/x", &error);
  g_assert_no_error (error);
  line = anpr_camera_task_to_line (task);
  copy = anpr_camera_task_parse (line, strlen (line));
  g_assert_nonnull (copy);
  g_assert_cmpstr (copy->position, ==, "gate");
  g_assert_cmpstr (copy->password, ==, "\"hunter 2\"");
  g_assert_cmpstr (copy->elements, ==, task->elements);
  g_assert_nonnull (strstr (copy->elements, "latency=77"));
  g_assert_nonnull (strstr (copy->elements, "location=\"/spool dir/x\""));
  g_assert_null (strstr (copy->elements, "hunter"));
  g_assert_cmpint (copy->valid_until, ==, task->valid_until);
  g_assert_cmpuint (copy->properties->len, ==, task->properties->len);
  g_assert_null (anpr_camera_task_parse ("{}", 2));
  g_assert_null (anpr_camera_task_parse ("[", 1));
  anpr_camera_task_line_free (line);
  remove_folder (folder);
}

GST_END_TEST
GST_START_TEST (test_a_status_comes_through_json)
{
  AnprCameraStatus status = { .frames_in = 12,
    .fps = 24.5,
    .keeping = TRUE,
    .clock_offset_us = -3 },
                   copy;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (JsonNode) wrong = json_from_string ("{\"frames_in\":\"x\"}", NULL);

  anpr_camera_status_add_latency (&status, 50);
  anpr_camera_status_add_latency (&status, 99999);
  json_builder_begin_object (builder);
  anpr_camera_status_write (&status, builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  g_assert_true (anpr_camera_status_read (&copy, json_node_get_object (root)));
  g_assert_cmpmem (&copy, sizeof copy, &status, sizeof status);
  g_assert_false (
      anpr_camera_status_read (&copy, json_node_get_object (wrong)));
}

GST_END_TEST

static void
count_event (AnprFleet *fleet, AnprFleetEvent *event, guint *n)
{
  (*n)++;
}

static void
count_change (AnprFleet *fleet, const gchar *id, guint *n)
{
  (*n)++;
}

GST_START_TEST (test_the_fleet_bounds_events_and_collects_changes)
{
  g_autoptr (AnprFleet) fleet = anpr_fleet_new ();
  AnprCamera *camera = anpr_fleet_add (fleet, "gate");
  AnprCameraStatus status = { .frames_in = 5 };
  const AnprFleetEvent *oldest;
  guint n_fields, n_events = 0, n_changes = 0;
  const AnprStatusField *fields = anpr_camera_status_fields (&n_fields);

  g_signal_connect (fleet, "event", G_CALLBACK (count_event), &n_events);
  g_signal_connect (fleet, "changed", G_CALLBACK (count_change), &n_changes);
  for (guint i = 0; i < ANPR_FLEET_MAX_EVENTS + 5; i++)
    anpr_fleet_add_event (fleet, camera, ANPR_FLEET_EVENT_HIT, i, "{}", FALSE);
  oldest = g_queue_peek_head (&camera->events);
  g_assert_cmpuint (n_events, ==, ANPR_FLEET_MAX_EVENTS + 5);
  g_assert_cmpuint (oldest->number, ==, 6);
  anpr_fleet_set_status (fleet, camera, &status);
  anpr_fleet_process_ended (fleet, camera, ANPR_CAMERA_END_DIED);
  status.frames_in = 2;
  anpr_fleet_set_status (fleet, camera, &status);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_changes, ==, 1);
  for (guint i = 0; i < n_fields; i++) {
    if (g_str_equal (fields[i].name, "frames_in"))
      g_assert_cmpuint (anpr_camera_get_counter (camera, &fields[i]), ==, 7);
  }
}

GST_END_TEST
GST_START_TEST (test_a_fault_of_the_spool_stands_until_passages_are_kept)
{
  g_autoptr (AnprFleet) fleet = anpr_fleet_new ();
  AnprCamera *camera = anpr_fleet_add (fleet, "gate");
  AnprCameraStatus status = { .keeping = FALSE };
  g_autofree gchar *json = NULL;

  anpr_fleet_set_spool_fault (fleet, camera, "ANPR-SPOOL-FULL", "no room");
  anpr_fleet_set_status (fleet, camera, &status);
  json = anpr_fleet_to_json (fleet);
  g_assert_nonnull (strstr (
      json, "\"spool_code\":\"ANPR-SPOOL-FULL\",\"spool_reason\":\"no room\""));
  status.keeping = TRUE;
  anpr_fleet_set_status (fleet, camera, &status);
  g_assert_null (camera->spool_code);
  g_assert_null (camera->spool_reason);
}

GST_END_TEST
GST_START_TEST (test_another_state_keeps_its_reason)
{
  g_autoptr (AnprFleet) fleet = anpr_fleet_new ();
  AnprCamera *camera = anpr_fleet_add (fleet, "gate");

  anpr_fleet_set_state (
      fleet, camera, ANPR_CAMERA_STARTING, "ANPR-CAMERA-AWAY", "no answer");
  anpr_fleet_set_state (
      fleet, camera, ANPR_CAMERA_AWAY, camera->code, camera->reason);
  g_assert_cmpstr (camera->reason, ==, "no answer");
}

GST_END_TEST

GST_START_TEST (test_back_off_grows_to_its_bound_and_differs)
{
  AnprBackOff back_off = { 0 };
  guint first = anpr_back_off_next (&back_off, 4), last = first;

  g_assert_cmpuint (first, >=, 187);
  g_assert_cmpuint (first, <=, 313);
  for (guint i = 0; i < 100; i++)
    last = anpr_back_off_next (&back_off, 4);
  g_assert_cmpuint (last, >=, 3000);
  g_assert_cmpuint (last, <=, 5000);
  anpr_back_off_reset (&back_off);
  g_assert_cmpuint (anpr_back_off_next (&back_off, 4), <=, 313);
}

GST_END_TEST
GST_START_TEST (test_a_blurred_or_dark_picture_measures_lower)
{
  enum { SIDE = 64 };
  guint8 sharp[SIDE * SIDE], soft[SIDE * SIDE], dark[SIDE * SIDE];
  AnprFrameHealth of_sharp, of_soft, of_dark;

  for (guint i = 0; i < SIDE * SIDE; i++)
    sharp[i] = (i % SIDE) / 4 % 2 ? 200 : 50;
  for (guint i = 0; i < SIDE * SIDE; i++) {
    guint sum = 0;

    for (gint j = -2; j <= 2; j++)
      sum += sharp[CLAMP ((gint) i + j, 0, SIDE * SIDE - 1)];
    soft[i] = sum / 5;
    dark[i] = sharp[i] / 10;
  }
  anpr_frame_health_measure (&of_sharp, sharp, SIDE, SIDE, SIDE);
  anpr_frame_health_measure (&of_soft, soft, SIDE, SIDE, SIDE);
  anpr_frame_health_measure (&of_dark, dark, SIDE, SIDE, SIDE);
  g_assert_cmpfloat (of_soft.sharpness, <, of_sharp.sharpness / 2);
  g_assert_cmpfloat (of_dark.brightness, <, 20);
  g_assert_cmpfloat (of_dark.contrast, <, of_sharp.contrast / 5);
  anpr_frame_health_measure (&of_sharp, sharp, 0, 0, SIDE);
  g_assert_cmpfloat (of_sharp.sharpness, ==, 0);
}

GST_END_TEST

static gboolean
is_number (GParamSpec *property)
{
  return G_IS_PARAM_SPEC_UINT (property) || G_IS_PARAM_SPEC_DOUBLE (property);
}

/* An empty field of the page counts as what is told as its default */
GST_START_TEST (test_defaults_that_are_told_are_those_of_the_elements)
{
  const AnprSchema *schema = anpr_position_get_schema ();
  guint n_compared = 0;

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];
    g_autoptr (GstElement) element = NULL;
    g_auto (GValue) told = G_VALUE_INIT;
    GParamSpec *property;

    if (!setting->element || (setting->fallback && *setting->fallback))
      continue;
    element = gst_element_factory_make (setting->element, NULL);
    g_assert_nonnull (element);
    gst_object_ref_sink (element);
    property = g_object_class_find_property (
        G_OBJECT_GET_CLASS (element), setting->property);
    if (!is_number (property))
      continue;
    g_value_init (&told, property->value_type);
    g_assert_true (
        gst_value_deserialize (&told, anpr_setting_get_default (setting)));
    if (!g_param_value_defaults (property, &told))
      g_error ("%s.%s", setting->group, setting->key);
    n_compared++;
  }
  g_assert_cmpuint (n_compared, >=, 6);
}

GST_END_TEST

static Suite *
configuration_suite (void)
{
  Suite *suite = suite_create ("configuration");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_right_position_has_no_faults_and_its_values);
  tcase_add_test (cases, test_all_faults_are_told_with_their_lines);
  tcase_add_test (cases, test_values_out_of_form_are_refused);
  tcase_add_test (cases, test_what_is_no_text_is_refused);
  tcase_add_test (cases, test_names_are_compared_by_edits);
  tcase_add_test (
      cases, test_permission_holds_from_its_first_moment_to_its_last);
  tcase_add_test (cases, test_permission_needs_every_field);
  tcase_add_test (cases, test_permission_is_for_its_place_alone);
  tcase_add_test (cases, test_changing_a_setting_keeps_everything_else);
  tcase_add_test (cases, test_a_setting_is_set_where_it_is_explained);
  tcase_add_test (cases, test_only_what_is_set_makes_positions_differ);
  tcase_add_test (cases, test_ids_are_names_of_files_and_records);
  tcase_add_test (cases, test_a_faulty_position_concerns_itself_alone);
  tcase_add_test (cases, test_what_a_position_names_is_looked_for);
  tcase_add_test (cases, test_an_address_fits_its_pipeline);
  tcase_add_test (cases, test_a_task_comes_through_its_line);
  tcase_add_test (cases, test_a_status_comes_through_json);
  tcase_add_test (cases, test_the_fleet_bounds_events_and_collects_changes);
  tcase_add_test (
      cases, test_a_fault_of_the_spool_stands_until_passages_are_kept);
  tcase_add_test (cases, test_another_state_keeps_its_reason);
  tcase_add_test (cases, test_back_off_grows_to_its_bound_and_differs);
  tcase_add_test (cases, test_a_blurred_or_dark_picture_measures_lower);
  tcase_add_test (cases, test_defaults_that_are_told_are_those_of_the_elements);
  return suite;
}

GST_CHECK_MAIN (configuration);
