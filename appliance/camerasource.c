/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What an rtspsrc is told beyond its pipeline: user and password, how long it may
 * wait, and what a camera may not do to it.
 *
 * A camera may send to another address (RFC 2326, 10.9). rtspsrc follows at once
 * and without end, thousands of times a second where it is sent to where it is,
 * and it remembers: the next connection would go where it was sent last, even if
 * nobody is there. It also tries a refused password eight times more, and many a
 * camera then locks that user out. So the descriptions that a connection asks for
 * are counted, and too many are an error; and each connection begins at the address
 * of the position.
 *
 * Threads: before-send comes on the thread of rtspsrc, of which there is one, and
 * counts. All else is the caller's, while the pipeline rests.
 */

#include "camerasource.h"

#include <gst/rtsp/gstrtspmessage.h>

#define DATA "anpr-camera-source"
/* Of one connection: an address takes one, or two with a password */
#define MAX_DESCRIPTIONS 4

typedef struct {
  gchar *location; /* NULL if it came later, as in a uridecodebin */
  guint descriptions;
  gchar *described; /* the last address asked */
  gboolean sent;    /* from one address to another */
  gboolean has_password;
} Source;

static void
source_free (gpointer data)
{
  Source *source = data;

  g_free (source->location);
  g_free (source->described);
  g_free (source);
}

static gboolean
on_before_send (GstElement *element, GstRTSPMessage *message, gpointer data)
{
  Source *source = data;
  const gchar *uri;

  if (message->type != GST_RTSP_MESSAGE_REQUEST
      || message->type_data.request.method != GST_RTSP_DESCRIBE)
    return TRUE;
  uri = message->type_data.request.uri;
  source->sent |= source->descriptions && g_strcmp0 (uri, source->described);
  g_free (source->described);
  source->described = g_strdup (uri);
  if (++source->descriptions <= MAX_DESCRIPTIONS)
    return TRUE;
  if (source->sent || !source->has_password)
    GST_ELEMENT_ERROR (element, RESOURCE, OPEN_READ,
        ("the camera sends from address to address without end"), (NULL));
  else
    GST_ELEMENT_ERROR (element, RESOURCE, NOT_AUTHORIZED,
        ("the camera refuses the user or the password"), (NULL));
  return FALSE;
}

static void
set_text (GstElement *element, const gchar *property, const gchar *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/**
 * anpr_camera_source_set_up:
 * @element: an rtspsrc, perhaps one that has just been made
 * @task: what its process runs
 */
void
anpr_camera_source_set_up (GstElement *element, const AnprCameraTask *task)
{
  Source *source = g_new0 (Source, 1);

  source->has_password = task->user != NULL;
  if (task->user)
    g_object_set (
        element, "user-id", task->user, "user-pw", task->password, NULL);
  /* a server that takes connections and says nothing is given up; the RTCP of
   * the camera tells its time (R49) */
  set_text (element, "tcp-timeout", "3000000");
  set_text (element, "timeout", "3000000");
  set_text (element, "add-reference-timestamp-meta", "true");
  g_object_get (element, "location", &source->location, NULL);
  g_object_set_data_full (G_OBJECT (element), DATA, source, source_free);
  g_signal_connect (
      element, "before-send", G_CALLBACK (on_before_send), source);
}

/**
 * anpr_camera_source_begin:
 * @pipeline: at rest, about to connect
 *
 * Each source in it goes to its own address, wherever it was sent before.
 */
void
anpr_camera_source_begin (GstBin *pipeline)
{
  g_autoptr (GstIterator) elements = gst_bin_iterate_recurse (pipeline);
  g_auto (GValue) item = G_VALUE_INIT;

  while (gst_iterator_next (elements, &item) == GST_ITERATOR_OK) {
    GObject *element = g_value_get_object (&item);
    Source *source = g_object_get_data (element, DATA);

    if (source) {
      source->descriptions = 0;
      source->sent = FALSE;
      if (source->location)
        g_object_set (element, "location", source->location, NULL);
    }
    g_value_reset (&item);
  }
}
