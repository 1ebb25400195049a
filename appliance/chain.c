/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A recognising chain that is fed one input after the other.
 *
 *     source (new for each input)      chain (made once)
 *     filesrc ! decodebin         }    videoconvert ! platedetect ! ... ! sink
 *     uridecodebin                }
 *
 * The chain rests in READY between inputs: its elements keep what they have
 * loaded and forget what they have seen. videoconvert passes frames through
 * untouched unless the decoder gives a format that has no luma plane.
 *
 * Frames are counted where they enter the chain, which is how a caller sees
 * whether an input still moves, and whether it played as long as it said.
 *
 * A decoder may hang in a way that cannot be undone from outside
 * (pipelinestopper.h). anpr_chain_close() tells when it does, and the chain is
 * then left behind, for the process to be rid of when it ends.
 *
 * Threads: one caller; the frame counter is touched by the streaming thread.
 */

#include "chain.h"
#include "pipelinestopper.h"

#include <gst/base/gsttypefindhelper.h>
#include <stdio.h>

/* For a source to stop, milliseconds; a file on a slow disk is given longer than
 * a camera */
#define CLOSE_TIME 10000
/* Bytes looked at to tell a picture from a video */
#define TYPE_FIND_SIZE (64 * 1024)
/* A video that ends earlier than it said by more than this was cut off. Other
 * tracks may be longer than the picture by less. */
#define MISSING_SHARE 10
#define MISSING_TIME GST_SECOND

struct _AnprChain {
  GstElement *pipeline;
  GstElement *body;
  GstPad *entrance;
  GstElement *source;
  AnprPipelineStopper *stopper;

  GMutex lock;
  guint64 n_frames;
  GstClockTime end;
};

static GstPadProbeReturn
count_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  AnprChain *chain = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  g_mutex_lock (&chain->lock);
  chain->n_frames++;
  if (GST_BUFFER_PTS_IS_VALID (buffer)) {
    chain->end = GST_BUFFER_PTS (buffer);
    if (GST_BUFFER_DURATION_IS_VALID (buffer))
      chain->end += GST_BUFFER_DURATION (buffer);
  }
  g_mutex_unlock (&chain->lock);
  return GST_PAD_PROBE_OK;
}

/**
 * anpr_chain_new:
 * @description: elements behind videoconvert, in gst-launch syntax
 * @error: which of them is missing
 *
 * Returns: (transfer full) (nullable): a chain without input
 */
AnprChain *
anpr_chain_new (const gchar *description, GError **error)
{
  g_autofree gchar *whole = g_strconcat ("videoconvert ! ", description, NULL);
  GstElement *body = gst_parse_bin_from_description_full (
      whole, TRUE, NULL, GST_PARSE_FLAG_FATAL_ERRORS, error);
  AnprChain *chain;

  if (!body)
    return NULL;
  chain = g_new0 (AnprChain, 1);
  g_mutex_init (&chain->lock);
  chain->body = body;
  chain->pipeline = gst_pipeline_new (NULL);
  gst_bin_add (GST_BIN (chain->pipeline), body);
  chain->entrance = gst_element_get_static_pad (body, "sink");
  gst_pad_add_probe (
      chain->entrance, GST_PAD_PROBE_TYPE_BUFFER, count_frame, chain, NULL);
  chain->stopper = anpr_pipeline_stopper_new (chain->pipeline, chain->entrance);
  return chain;
}

/**
 * anpr_chain_free:
 * @chain: (nullable) (transfer full): a chain that is closed
 */
void
anpr_chain_free (AnprChain *chain)
{
  if (!chain)
    return;
  gst_element_set_state (chain->pipeline, GST_STATE_NULL);
  anpr_pipeline_stopper_free (chain->stopper);
  gst_object_unref (chain->entrance);
  gst_object_unref (chain->pipeline);
  g_mutex_clear (&chain->lock);
  g_free (chain);
}

/**
 * anpr_chain_get:
 * @chain: a chain
 * @name: an element's name in the description
 *
 * Returns: (transfer full) (nullable): the element
 */
GstElement *
anpr_chain_get (AnprChain *chain, const gchar *name)
{
  return gst_bin_get_by_name (GST_BIN (chain->body), name);
}

/**
 * anpr_chain_set:
 * @chain: a chain
 * @name: an element's name in the description
 * @property: one of its properties
 * @value: as gst-launch would take it
 *
 * Returns: whether the property takes that value
 */
gboolean
anpr_chain_set (AnprChain *chain, const gchar *name, const gchar *property,
    const gchar *value)
{
  g_autoptr (GstElement) element = anpr_chain_get (chain, name);
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), property);
  GValue parsed = G_VALUE_INIT;

  if (!spec)
    return FALSE;
  g_value_init (&parsed, spec->value_type);
  if (!gst_value_deserialize_with_pspec (&parsed, value, spec)) {
    g_value_unset (&parsed);
    return FALSE;
  }
  g_object_set_property (G_OBJECT (element), property, &parsed);
  g_value_unset (&parsed);
  return TRUE;
}

/**
 * anpr_chain_get_pipeline:
 * @chain: a chain
 *
 * Returns: (transfer none): for position, duration and latency
 */
GstElement *
anpr_chain_get_pipeline (AnprChain *chain)
{
  return chain->pipeline;
}

/**
 * anpr_chain_get_bus:
 * @chain: a chain
 *
 * Returns: (transfer full): its bus
 */
GstBus *
anpr_chain_get_bus (AnprChain *chain)
{
  return gst_element_get_bus (chain->pipeline);
}

static gboolean
is_raw_video (GstPad *pad)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (!caps)
    caps = gst_pad_query_caps (pad, NULL);
  return caps && gst_caps_get_size (caps) > 0
         && g_str_has_prefix (
             gst_structure_get_name (gst_caps_get_structure (caps, 0)),
             "video/x-raw");
}

/* The first video is read; pads of others stay open, which decoders bear */
static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer user_data)
{
  AnprChain *chain = user_data;
  GstPad *pad_out = pad, *ghost = NULL;

  if (gst_pad_is_linked (chain->entrance) || !is_raw_video (pad))
    return;
  if (GST_OBJECT_PARENT (decoder) == GST_OBJECT (chain->source)) {
    ghost = gst_ghost_pad_new ("src", pad);
    gst_pad_set_active (ghost, TRUE);
    gst_element_add_pad (chain->source, ghost);
    pad_out = ghost;
  }
  if (GST_PAD_LINK_FAILED (gst_pad_link (pad_out, chain->entrance)))
    GST_ELEMENT_ERROR (decoder, STREAM, FORMAT,
        ("the pictures are in a form that cannot be read"), (NULL));
}

static void
on_no_more_pads (GstElement *decoder, gpointer user_data)
{
  AnprChain *chain = user_data;

  if (!gst_pad_is_linked (chain->entrance))
    GST_ELEMENT_ERROR (
        decoder, STREAM, WRONG_TYPE, ("there are no pictures in it"), (NULL));
}

static GstStateChangeReturn
start (AnprChain *chain, GstElement *source, GstElement *decoder)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-raw(ANY)");

  g_object_set (decoder, "caps", caps, "expose-all-streams", FALSE, NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), chain);
  g_signal_connect (
      decoder, "no-more-pads", G_CALLBACK (on_no_more_pads), chain);
  chain->source = source;
  chain->n_frames = 0;
  chain->end = GST_CLOCK_TIME_NONE;
  gst_bin_add (GST_BIN (chain->pipeline), source);
  return gst_element_set_state (chain->pipeline, GST_STATE_PLAYING);
}

/**
 * anpr_chain_open_file:
 * @chain: a chain that is closed
 * @path: a file that anpr_input_file_check() let pass
 *
 * Returns: what starting gave; errors come on the bus
 */
GstStateChangeReturn
anpr_chain_open_file (AnprChain *chain, const gchar *path)
{
  GstElement *source = gst_bin_new ("input");
  GstElement *file = gst_element_factory_make ("filesrc", NULL);
  GstElement *decoder = gst_element_factory_make ("decodebin", NULL);

  g_object_set (file, "location", path, NULL);
  gst_bin_add_many (GST_BIN (source), file, decoder, NULL);
  gst_element_link (file, decoder);
  return start (chain, source, decoder);
}

static void
on_source_setup (GstElement *decoder, GstElement *source, gpointer user_data)
{
  GObjectClass *object_class = G_OBJECT_GET_CLASS (source);

  if (g_object_class_find_property (object_class, "latency"))
    g_object_set (source, "latency", GPOINTER_TO_UINT (user_data), NULL);
  if (g_object_class_find_property (object_class, "drop-on-latency"))
    g_object_set (source, "drop-on-latency", TRUE, NULL);
  /* the camera's UTC, from RTCP (R49) */
  if (g_object_class_find_property (
          object_class, "add-reference-timestamp-meta"))
    g_object_set (source, "add-reference-timestamp-meta", TRUE, NULL);
}

/**
 * anpr_chain_open_uri:
 * @chain: a chain that is closed
 * @uri: of a camera or stream
 * @latency: time a live source waits for late packets, milliseconds
 *
 * Returns: what starting gave; errors come on the bus
 */
GstStateChangeReturn
anpr_chain_open_uri (AnprChain *chain, const gchar *uri, guint latency)
{
  GstElement *decoder = gst_element_factory_make ("uridecodebin", NULL);

  g_object_set (decoder, "uri", uri, NULL);
  g_signal_connect (decoder, "source-setup", G_CALLBACK (on_source_setup),
      GUINT_TO_POINTER (latency));
  return start (chain, decoder, decoder);
}

/**
 * anpr_chain_drain:
 * @chain: an open chain
 *
 * Ends the stream here, whatever the source still gives, so that open passages
 * are closed and kept; the bus tells when that is done.
 */
void
anpr_chain_drain (AnprChain *chain)
{
  anpr_pipeline_stopper_drain (chain->stopper);
}

/**
 * anpr_chain_close:
 * @chain: a chain
 *
 * Takes the input away. The bus may still have messages about it. Does nothing
 * on a chain that is closed.
 *
 * Returns: %FALSE if the source cannot be stopped: leave the chain behind,
 *     without freeing it, and make another
 */
gboolean
anpr_chain_close (AnprChain *chain)
{
  if (!chain->source)
    return TRUE;
  if (!anpr_pipeline_stopper_stop (chain->stopper, NULL, NULL, CLOSE_TIME))
    return FALSE;
  gst_bin_remove (GST_BIN (chain->pipeline), gst_object_ref (chain->source));
  gst_element_set_state (chain->source, GST_STATE_NULL);
  g_clear_pointer (&chain->source, gst_object_unref);
  return TRUE;
}

/**
 * anpr_chain_shut_down: (skip)
 *
 * At the end of the program: lets GStreamer free what it holds, so that leak
 * checks tell about leaks only. Not with a chain left behind, whose thread would
 * be waited for.
 */
void
anpr_chain_shut_down (void)
{
  if (gst_is_initialized () && !anpr_pipeline_stopper_any_left_behind ())
    gst_deinit ();
}

/**
 * anpr_chain_get_n_frames:
 * @chain: a chain
 *
 * Returns: frames of this input that have come into the chain
 */
guint64
anpr_chain_get_n_frames (AnprChain *chain)
{
  guint64 n;

  g_mutex_lock (&chain->lock);
  n = chain->n_frames;
  g_mutex_unlock (&chain->lock);
  return n;
}

/**
 * anpr_chain_ended_early:
 * @chain: a chain that is still open and has seen the end of the stream
 *
 * Returns: whether much less was played than the input said it has
 */
gboolean
anpr_chain_ended_early (AnprChain *chain)
{
  GstClockTime end;
  gint64 duration = -1;

  g_mutex_lock (&chain->lock);
  end = chain->end;
  g_mutex_unlock (&chain->lock);
  if (!GST_CLOCK_TIME_IS_VALID (end)
      || !gst_pad_peer_query_duration (
          chain->entrance, GST_FORMAT_TIME, &duration)
      || duration <= 0)
    return FALSE;
  return end + MAX ((GstClockTime) duration / MISSING_SHARE, MISSING_TIME)
         < (GstClockTime) duration;
}

/**
 * anpr_chain_parse_fault:
 * @chain: a chain
 * @message: from its bus
 * @fault: (out caller-allocates): it in words, if it is one; free with
 *     anpr_fault_clear()
 *
 * Returns: whether @message is an error or warning the user should see
 */
gboolean
anpr_chain_parse_fault (AnprChain *chain, GstMessage *message, AnprFault *fault)
{
  gboolean of_input =
      chain->source
      && (GST_MESSAGE_SRC (message) == GST_OBJECT (chain->source)
          || gst_object_has_as_ancestor (
              GST_MESSAGE_SRC (message), GST_OBJECT (chain->source)));

  return anpr_fault_parse (message, of_input, fault);
}

/**
 * anpr_media_is_picture:
 * @path: a file that can be read
 *
 * Returns: whether it holds one picture; what is unknown counts as video
 */
gboolean
anpr_media_is_picture (const gchar *path)
{
  g_autofree guint8 *start = g_malloc (TYPE_FIND_SIZE);
  g_autoptr (GstCaps) caps = NULL;
  FILE *file = fopen (path, "rb");
  const gchar *name;
  gsize size;

  if (!file)
    return FALSE;
  size = fread (start, 1, TYPE_FIND_SIZE, file);
  fclose (file);
  caps = gst_type_find_helper_for_data (NULL, start, size, NULL);
  if (!caps)
    return FALSE;
  name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  return g_str_has_prefix (name, "image/") && !g_str_equal (name, "image/gif");
}
