/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Ends what a pipeline has open, and stops it, without ever hanging itself.
 *
 *     playing --drain--> EOS on the bus --stop--> READY
 *        \______________________________stop____/
 *
 * Draining ends the stream at a pad, whatever the source still gives. It waits
 * for the disk and stopping waits for decoders, either of which may hang in a way
 * that nothing but the end of the process cures. So each is done by a thread of
 * its own, and the caller waits for the second one for as long as it likes. What
 * is not stopped by then is left behind: that thread keeps what it needs, goes on
 * by itself, and is waited for again by the next call.
 *
 * How long to wait for EOS is the caller's to say, who watches the bus anyway.
 * Nothing of a drain outlives a stop: its EOS cannot end the next stream.
 *
 * Threads: one caller; one thread that drains, from the drain to the end of the
 * stop; one that stops. The lock guards what is below it.
 */

#include "pipelinestopper.h"

/* stopped in vain so far, of the whole process */
static gint n_left_behind;

struct _AnprPipelineStopper {
  gatomicrefcount count;
  GstElement *pipeline;
  GstPad *entrance;
  GThread *drain; /* joined by the thread that stops */
  GThread *stop;  /* joined by the caller when it is done */
  AnprStopFunc then;
  GstObject *object;

  GMutex lock;
  GCond done;
  gboolean stopping;
  gboolean left_behind;
};

/**
 * anpr_pipeline_stopper_new:
 * @pipeline: what it can stop
 * @entrance: a sink pad within it, where the stream is ended
 *
 * Returns: (transfer full): what drains and stops it
 */
AnprPipelineStopper *
anpr_pipeline_stopper_new (GstElement *pipeline, GstPad *entrance)
{
  AnprPipelineStopper *stopper = g_new0 (AnprPipelineStopper, 1);

  g_atomic_ref_count_init (&stopper->count);
  stopper->pipeline = gst_object_ref (pipeline);
  stopper->entrance = gst_object_ref (entrance);
  g_mutex_init (&stopper->lock);
  g_cond_init (&stopper->done);
  return stopper;
}

static void
unref (AnprPipelineStopper *stopper)
{
  if (!g_atomic_ref_count_dec (&stopper->count))
    return;
  g_clear_pointer (&stopper->drain, g_thread_unref);
  g_clear_pointer (&stopper->stop, g_thread_unref);
  gst_clear_object (&stopper->object);
  gst_object_unref (stopper->pipeline);
  gst_object_unref (stopper->entrance);
  g_mutex_clear (&stopper->lock);
  g_cond_clear (&stopper->done);
  g_free (stopper);
}

/**
 * anpr_pipeline_stopper_free:
 * @stopper: (nullable) (transfer full): of a pipeline that is stopped, or left
 *     behind
 */
void
anpr_pipeline_stopper_free (AnprPipelineStopper *stopper)
{
  if (stopper)
    unref (stopper);
}

static gpointer
end_stream (gpointer data)
{
  g_autoptr (GstPad) entrance = data;

  (void) gst_pad_send_event (entrance, gst_event_new_eos ());
  return NULL;
}

/**
 * anpr_pipeline_stopper_drain:
 * @stopper: of a pipeline that plays
 *
 * Ends the stream at the entrance, so that what is open is closed and kept; EOS
 * on the bus tells when that is done. Does nothing the second time, until the
 * pipeline has been stopped.
 */
void
anpr_pipeline_stopper_drain (AnprPipelineStopper *stopper)
{
  if (!stopper->drain)
    stopper->drain = g_thread_new (
        "pipeline-drain", end_stream, gst_object_ref (stopper->entrance));
}

static void
tell_done (AnprPipelineStopper *stopper)
{
  g_mutex_lock (&stopper->lock);
  if (stopper->left_behind)
    g_atomic_int_add (&n_left_behind, -1);
  stopper->left_behind = FALSE;
  stopper->stopping = FALSE;
  g_cond_signal (&stopper->done);
  g_mutex_unlock (&stopper->lock);
}

static gpointer
stop_pipeline (gpointer data)
{
  AnprPipelineStopper *stopper = data;

  (void) gst_element_set_state (stopper->pipeline, GST_STATE_READY);
  if (stopper->then)
    stopper->then (stopper->object);
  gst_clear_object (&stopper->object);
  if (stopper->drain)
    (void) g_thread_join (g_steal_pointer (&stopper->drain));
  tell_done (stopper);
  unref (stopper);
  return NULL;
}

static void
begin_to_stop (
    AnprPipelineStopper *stopper, AnprStopFunc then, GstObject *object)
{
  stopper->stopping = TRUE;
  stopper->then = then;
  stopper->object = object ? gst_object_ref (object) : NULL;
  g_atomic_ref_count_inc (&stopper->count);
  stopper->stop = g_thread_new ("pipeline-stop", stop_pipeline, stopper);
}

static gboolean
wait_until_done (AnprPipelineStopper *stopper, gint64 deadline)
{
  gboolean done;

  g_mutex_lock (&stopper->lock);
  while (stopper->stopping
         && g_cond_wait_until (&stopper->done, &stopper->lock, deadline))
    ;
  done = !stopper->stopping;
  if (!done && !stopper->left_behind) {
    stopper->left_behind = TRUE;
    g_atomic_int_inc (&n_left_behind);
  }
  g_mutex_unlock (&stopper->lock);
  return done;
}

/**
 * anpr_pipeline_stopper_stop:
 * @stopper: of a pipeline in any state
 * @then: (nullable): called when the pipeline is in READY, in the thread that
 *     stops; may hang as well
 * @object: (nullable): for @then
 * @milliseconds: to wait at most
 *
 * Brings the pipeline to READY. After a call that took too long it goes on with
 * that one, and neither looks at @then nor @object.
 *
 * Returns: %FALSE if it hangs: leave everything of the pipeline behind without
 *     freeing it, or end the process
 */
gboolean
anpr_pipeline_stopper_stop (AnprPipelineStopper *stopper, AnprStopFunc then,
    GstObject *object, guint milliseconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  if (!stopper->stop)
    begin_to_stop (stopper, then, object);
  if (!wait_until_done (stopper, deadline))
    return FALSE;
  /* all it has left to do is to drop its reference */
  (void) g_thread_join (g_steal_pointer (&stopper->stop));
  return TRUE;
}

/**
 * anpr_pipeline_stopper_any_left_behind:
 *
 * Returns: whether a pipeline of this process is left behind, so that nothing
 *     may be waited for or freed for good at its end
 */
gboolean
anpr_pipeline_stopper_any_left_behind (void)
{
  return g_atomic_int_get (&n_left_behind) > 0;
}
