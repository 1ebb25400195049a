/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The pipeline of one camera, whatever it is made of.
 *
 * It is made once and goes to PLAYING and back to READY for every connection:
 * models stay loaded, and anprsink goes on keeping what the disk did not take.
 * cameraelements.h finds what matters in it, cameraframes.h watches its pictures,
 * camerasums.h sums what its elements count.
 *
 * Threads: one caller. Draining and resting wait for others: a decoder may hang in
 * a way that nothing but the end of the process cures (pipelinestopper.h), which
 * anpr_camera_pipeline_rest() tells.
 */

#include "camerapipeline.h"
#include "cameraelements.h"
#include "cameraframes.h"
#include "camerasource.h"
#include "camerasums.h"
#include "padrelinker.h"
#include "pipelinestopper.h"
#include "../plugins/record/error.h"

struct _AnprCameraPipeline {
  GstElement *pipeline;
  AnprCameraElements elements;
  AnprCameraFrames *frames;
  AnprCameraSums *sums;
  AnprPadRelinker *relinker;
  AnprPipelineStopper *stopper;
  GstPad *entrance;
  GstPad *exit;
};

static GstElement *
make_pipeline (const AnprCameraTask *task, GError **error)
{
  g_autoptr (GstElement) pipeline = gst_parse_launch_full (
      task->elements, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);

  if (pipeline && !GST_IS_PIPELINE (pipeline)) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
        "it is one element, not a pipeline");
    return NULL;
  }
  return g_steal_pointer (&pipeline);
}

/* It is as a camera's should be */
static void
attach (AnprCameraPipeline *pipeline)
{
  const AnprCameraElements *elements = &pipeline->elements;

  pipeline->entrance = gst_element_get_static_pad (elements->detect, "sink");
  pipeline->exit = gst_element_get_static_pad (elements->sink, "sink");
  anpr_camera_frames_watch_entrance (pipeline->frames, pipeline->entrance);
  pipeline->sums = anpr_camera_sums_new (elements);
  pipeline->relinker = anpr_pad_relinker_new (GST_BIN (pipeline->pipeline));
  pipeline->stopper =
      anpr_pipeline_stopper_new (pipeline->pipeline, pipeline->entrance);
  /* it goes on keeping what waits while the rest is at rest */
  gst_element_set_locked_state (elements->sink, TRUE);
  /* a pipeline would ask one that waits for its first picture again and again,
   * each time by a thread, since it is locked */
  g_object_set (elements->sink, "async", FALSE, NULL);
}

/**
 * anpr_camera_pipeline_new:
 * @task: what to run; must outlive the pipeline
 * @error: what is missing
 *
 * Returns: (transfer full) (nullable): the pipeline, at rest
 */
AnprCameraPipeline *
anpr_camera_pipeline_new (const AnprCameraTask *task, GError **error)
{
  g_autoptr (AnprCameraPipeline) pipeline = g_new0 (AnprCameraPipeline, 1);

  pipeline->pipeline = make_pipeline (task, error);
  if (!pipeline->pipeline)
    return NULL;
  pipeline->frames = anpr_camera_frames_new ();
  pipeline->elements.task = task;
  pipeline->elements.frames = pipeline->frames;
  if (!anpr_camera_elements_set_up (
          &pipeline->elements, GST_BIN (pipeline->pipeline), error))
    return NULL;
  attach (pipeline);
  return g_steal_pointer (&pipeline);
}

/**
 * anpr_camera_pipeline_free:
 * @pipeline: (nullable) (transfer full): a pipeline at rest
 */
void
anpr_camera_pipeline_free (AnprCameraPipeline *pipeline)
{
  if (!pipeline)
    return;
  if (pipeline->elements.sink)
    gst_element_set_locked_state (pipeline->elements.sink, FALSE);
  if (pipeline->pipeline)
    gst_element_set_state (pipeline->pipeline, GST_STATE_NULL);
  anpr_pipeline_stopper_free (pipeline->stopper);
  anpr_camera_sums_free (pipeline->sums);
  gst_clear_object (&pipeline->entrance);
  gst_clear_object (&pipeline->exit);
  gst_clear_object (&pipeline->pipeline);
  anpr_pad_relinker_free (pipeline->relinker);
  anpr_camera_frames_free (pipeline->frames);
  g_free (pipeline);
}

/**
 * anpr_camera_pipeline_get_bus:
 * @pipeline: a pipeline
 *
 * Returns: (transfer full): its bus
 */
GstBus *
anpr_camera_pipeline_get_bus (AnprCameraPipeline *pipeline)
{
  return gst_element_get_bus (pipeline->pipeline);
}

/**
 * anpr_camera_pipeline_get_exit:
 * @pipeline: a pipeline
 *
 * Returns: (transfer none): the pad where frames leave with all that was found
 */
GstPad *
anpr_camera_pipeline_get_exit (AnprCameraPipeline *pipeline)
{
  return pipeline->exit;
}

/* --- life ----------------------------------------------------------------- */

/**
 * anpr_camera_pipeline_play:
 * @pipeline: a pipeline at rest
 *
 * Returns: %FALSE if it cannot begin; the bus tells why
 */
gboolean
anpr_camera_pipeline_play (AnprCameraPipeline *pipeline)
{
  anpr_camera_frames_begin (pipeline->frames);
  anpr_camera_sums_update (pipeline->sums);
  anpr_camera_source_begin (GST_BIN (pipeline->pipeline));
  if (gst_element_set_state (pipeline->elements.sink, GST_STATE_PLAYING)
          == GST_STATE_CHANGE_FAILURE
      || gst_element_set_state (pipeline->pipeline, GST_STATE_PLAYING)
             == GST_STATE_CHANGE_FAILURE)
    return FALSE;
  anpr_camera_sums_begin (pipeline->sums);
  return TRUE;
}

/**
 * anpr_camera_pipeline_drain:
 * @pipeline: one that plays
 *
 * Ends the stream where reading begins, whatever the source still gives: open
 * passages are closed and kept, and then EOS comes on the bus.
 */
void
anpr_camera_pipeline_drain (AnprCameraPipeline *pipeline)
{
  anpr_pipeline_stopper_drain (pipeline->stopper);
}

static void
stop_sink (GstObject *sink)
{
  (void) gst_element_set_state (GST_ELEMENT (sink), GST_STATE_READY);
}

/* It has seen the end of a stream and would take no other */
static void
flush_exit (GstObject *exit)
{
  (void) gst_pad_send_event (GST_PAD (exit), gst_event_new_flush_start ());
  (void) gst_pad_send_event (GST_PAD (exit), gst_event_new_flush_stop (TRUE));
}

/* Hits that wait for Redis have a second, and are told if it was too short */
static gboolean
end_hits (AnprCameraPipeline *pipeline)
{
  if (pipeline->elements.match)
    (void) gst_element_set_state (pipeline->elements.match, GST_STATE_NULL);
  return TRUE;
}

/**
 * anpr_camera_pipeline_rest:
 * @pipeline: a pipeline
 * @milliseconds: it may take
 * @for_good: it will not play again
 *
 * Disconnects from the source. The sink goes on until it is for good, because
 * what it could not keep yet would be lost.
 *
 * Returns: %FALSE if that hangs: end the process
 */
gboolean
anpr_camera_pipeline_rest (
    AnprCameraPipeline *pipeline, guint milliseconds, gboolean for_good)
{
  if (for_good)
    return anpr_pipeline_stopper_stop (pipeline->stopper, stop_sink,
               GST_OBJECT (pipeline->elements.sink), milliseconds)
           && end_hits (pipeline);
  return anpr_pipeline_stopper_stop (
      pipeline->stopper, flush_exit, GST_OBJECT (pipeline->exit), milliseconds);
}

/* --- how it is ------------------------------------------------------------ */

/**
 * anpr_camera_pipeline_is_network:
 * @pipeline: a pipeline
 *
 * Returns: whether pictures come over the network, so that the end of the stream
 *     is a fault
 */
gboolean
anpr_camera_pipeline_is_network (AnprCameraPipeline *pipeline)
{
  return g_atomic_int_get (&pipeline->elements.network);
}

/**
 * anpr_camera_pipeline_handle_latency:
 * @pipeline: one whose bus told that its latency changed
 */
void
anpr_camera_pipeline_handle_latency (AnprCameraPipeline *pipeline)
{
  gst_bin_recalculate_latency (GST_BIN (pipeline->pipeline));
}

/**
 * anpr_camera_pipeline_get_running_time:
 * @pipeline: a pipeline
 *
 * Returns: now, nanoseconds since it plays, -1 if it does not
 */
gint64
anpr_camera_pipeline_get_running_time (AnprCameraPipeline *pipeline)
{
  GstClockTime now = gst_element_get_current_running_time (pipeline->pipeline);

  return GST_CLOCK_TIME_IS_VALID (now) ? (gint64) now : -1;
}

/**
 * anpr_camera_pipeline_get_frame_age:
 * @pipeline: a pipeline
 *
 * Returns: microseconds since the last picture of this connection, -1 if none
 *     came yet
 */
gint64
anpr_camera_pipeline_get_frame_age (AnprCameraPipeline *pipeline)
{
  return anpr_camera_frames_get_age (pipeline->frames);
}

/**
 * anpr_camera_pipeline_keeps:
 * @pipeline: a pipeline
 *
 * Returns: whether passages are kept in a spool that works now
 */
gboolean
anpr_camera_pipeline_keeps (AnprCameraPipeline *pipeline)
{
  return anpr_camera_sums_keeps (pipeline->sums);
}

/**
 * anpr_camera_pipeline_get_status:
 * @pipeline: a pipeline
 * @status: (inout): what is known of pictures, plates and keeping is set
 */
void
anpr_camera_pipeline_get_status (
    AnprCameraPipeline *pipeline, AnprCameraStatus *status)
{
  anpr_camera_sums_get_status (pipeline->sums, status);
  anpr_camera_frames_get_status (pipeline->frames, status);
}
