/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What elements count, summed over connections that end and begin at any moment,
 * with elements whose numbers the test sets. */

#include "camerasums.h"

#include <gst/check/gstcheck.h>

/* An element that has counted what it was told */
typedef struct {
  GstElement parent;
  GstStructure *stats;
} Counter;
typedef GstElementClass CounterClass;

GType counter_get_type (void);
G_DEFINE_TYPE (Counter, counter, GST_TYPE_ELEMENT)

static void
counter_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_value_set_boxed (value, ((Counter *) object)->stats);
}

static void
counter_finalize (GObject *object)
{
  gst_clear_structure (&((Counter *) object)->stats);
  G_OBJECT_CLASS (counter_parent_class)->finalize (object);
}

static void
counter_class_init (CounterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = counter_get_property;
  object_class->finalize = counter_finalize;
  g_object_class_install_property (object_class, 1,
      g_param_spec_boxed ("stats", "Statistics", "As told", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
counter_init (Counter *counter)
{
}

typedef struct {
  Counter *detect;
  Counter *sink;
  AnprCameraSums *sums;
} Fixture;

static void
set_up (Fixture *fixture)
{
  AnprCameraElements elements = { 0 };

  fixture->detect =
      gst_object_ref_sink (g_object_new (counter_get_type (), NULL));
  fixture->sink =
      gst_object_ref_sink (g_object_new (counter_get_type (), NULL));
  elements.detect = &fixture->detect->parent;
  elements.sink = &fixture->sink->parent;
  fixture->sums = anpr_camera_sums_new (&elements);
}

static void
tear_down (Fixture *fixture)
{
  anpr_camera_sums_free (fixture->sums);
  gst_object_unref (fixture->detect);
  gst_object_unref (fixture->sink);
}

static void
find (Fixture *fixture, guint64 n_plates)
{
  gst_clear_structure (&fixture->detect->stats);
  fixture->detect->stats =
      gst_structure_new ("stats", "plates", G_TYPE_UINT64, n_plates, NULL);
}

static void
keep (Fixture *fixture, guint64 n_passages, guint n_waiting)
{
  gst_clear_structure (&fixture->sink->stats);
  fixture->sink->stats = gst_structure_new ("stats", "state", G_TYPE_STRING,
      "keeping", "passages", G_TYPE_UINT64, n_passages, "kept", G_TYPE_UINT64,
      n_passages - 3, "not-kept", G_TYPE_UINT64, G_GUINT64_CONSTANT (1),
      "dropped", G_TYPE_UINT64, G_GUINT64_CONSTANT (2), "waiting", G_TYPE_UINT,
      n_waiting, NULL);
}

/* The elements count anew; not the sink */
static void
connect_again (Fixture *fixture)
{
  anpr_camera_sums_update (fixture->sums);
  find (fixture, 0);
  anpr_camera_sums_begin (fixture->sums);
}

static AnprCameraStatus
get_status (Fixture *fixture)
{
  AnprCameraStatus status = { 0 };

  anpr_camera_sums_get_status (fixture->sums, &status);
  return status;
}

GST_START_TEST (test_numbers_of_a_connection_are_as_counted)
{
  Fixture fixture;
  AnprCameraStatus status;

  set_up (&fixture);
  find (&fixture, 5);
  keep (&fixture, 10, 4);
  status = get_status (&fixture);
  status = get_status (&fixture);
  fail_unless_equals_uint64 (status.detections, 5);
  fail_unless_equals_uint64 (status.passages, 10);
  fail_unless_equals_uint64 (status.kept, 7);
  fail_unless_equals_uint64 (status.not_kept, 3);
  fail_unless_equals_uint64 (status.waiting, 4);
  fail_unless (status.keeping);
  /* elements that are not in this pipeline */
  fail_unless_equals_uint64 (status.reads + status.hits, 0);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_connections_are_summed_however_much_each_counts)
{
  static const guint64 counts[] = { 5, 2, 9, 9, 0, 30 };
  Fixture fixture;
  guint64 sum = 0;

  set_up (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++) {
    connect_again (&fixture);
    find (&fixture, counts[i]);
    sum += counts[i];
  }
  fail_unless_equals_uint64 (get_status (&fixture).detections, sum);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_sink_counts_on_over_connections)
{
  Fixture fixture;

  set_up (&fixture);
  keep (&fixture, 10, 0);
  connect_again (&fixture);
  keep (&fixture, 12, 0);
  connect_again (&fixture);
  fail_unless_equals_uint64 (get_status (&fixture).passages, 12);
  tear_down (&fixture);
}

GST_END_TEST;

/* Some of the elements have begun anew, and some not */
GST_START_TEST (test_connection_that_fails_counts_nothing_twice)
{
  Fixture fixture;

  set_up (&fixture);
  find (&fixture, 5);
  anpr_camera_sums_update (fixture.sums);
  fail_unless_equals_uint64 (get_status (&fixture).detections, 5);
  anpr_camera_sums_update (fixture.sums);
  find (&fixture, 0);
  fail_unless_equals_uint64 (get_status (&fixture).detections, 5);
  connect_again (&fixture);
  find (&fixture, 1);
  fail_unless_equals_uint64 (get_status (&fixture).detections, 6);
  tear_down (&fixture);
}

GST_END_TEST;

static Suite *
camerasums_suite (void)
{
  Suite *suite = suite_create ("camerasums");
  TCase *sums = tcase_create ("sums");

  suite_add_tcase (suite, sums);
  tcase_add_test (sums, test_numbers_of_a_connection_are_as_counted);
  tcase_add_test (sums, test_connections_are_summed_however_much_each_counts);
  tcase_add_test (sums, test_sink_counts_on_over_connections);
  tcase_add_test (sums, test_connection_that_fails_counts_nothing_twice);
  return suite;
}

GST_CHECK_MAIN (camerasums);
