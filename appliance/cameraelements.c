/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The elements of a camera's pipeline that matter, wherever they are in it.
 *
 * There must be one platedetect and one anprsink. What the position says is set on
 * elements by their kind; sources and decoders are found as they are made, also
 * within a decodebin.
 *
 * Threads: one caller; later elements are set up in the thread that adds them.
 */

#include "cameraelements.h"
#include "camerasource.h"
#include "jitterwatch.h"
#include "../plugins/record/error.h"

#include <string.h>

static const struct {
  gsize offset;
  const gchar *name;
} kinds[] = {
  { G_STRUCT_OFFSET (AnprCameraElements, detect), "platedetect" },
  { G_STRUCT_OFFSET (AnprCameraElements, ocr), "plateocr" },
  { G_STRUCT_OFFSET (AnprCameraElements, match), "hitmatch" },
  { G_STRUCT_OFFSET (AnprCameraElements, sink), "anprsink" },
};

static const gchar *
kind_of (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory ? GST_OBJECT_NAME (factory) : "";
}

static gboolean
is_decoder (GstElement *element)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  return factory
         && gst_element_factory_list_is_type (
             factory, GST_ELEMENT_FACTORY_TYPE_DECODER
                          | GST_ELEMENT_FACTORY_TYPE_MEDIA_VIDEO
                          | GST_ELEMENT_FACTORY_TYPE_MEDIA_IMAGE)
         && !GST_IS_BIN (element);
}

static gboolean
has_kind (GstElement *element, const gchar *kind)
{
  const gchar *kinds_of = gst_element_get_metadata (element, "klass");

  return kinds_of && strstr (kinds_of, kind);
}

static void
set_text (GstElement *element, const gchar *property, const gchar *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), property))
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/* Texts are set as they are: gst_util_set_object_arg() would read quotes */
static void
set_value (GstElement *element, const gchar *property, const gchar *value)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), property);

  if (spec && spec->value_type == G_TYPE_STRING)
    g_object_set (element, property, value, NULL);
  else if (spec)
    gst_util_set_object_arg (G_OBJECT (element), property, value);
}

/* Called for each element, also for those that come later within a bin */
static void
set_up_element (AnprCameraElements *elements, GstElement *element)
{
  const GPtrArray *properties = elements->task->properties;

  for (guint i = 0; i < properties->len; i++) {
    const AnprCameraProperty *property = g_ptr_array_index (properties, i);

    if (g_str_equal (kind_of (element), property->element))
      set_value (element, property->property, property->value);
  }
  if (g_str_equal (kind_of (element), "rtspsrc"))
    anpr_camera_source_set_up (element, elements->task);
  if (g_str_equal (kind_of (element), "rtpjitterbuffer"))
    anpr_jitter_watch (element);
  if (has_kind (element, "Source/Network"))
    g_atomic_int_set (&elements->network, TRUE);
  if (is_decoder (element)) {
    /* threads of libav decode a frame each and hold it back for as long: at five
     * frames a second that is a fifth of one for each thread */
    set_text (element, "max-threads", "1");
    /* libav would decode into frames that it then still holds, so that each is
     * copied into new memory; like this it is copied into a pool's */
    set_text (element, "direct-rendering", "false");
    anpr_camera_frames_watch_decoder (elements->frames, element);
  }
  if (has_kind (element, "Depayloader"))
    anpr_camera_frames_watch_depayloader (elements->frames, element);
}

static void
on_element_added (
    GstBin *bin, GstBin *sub_bin, GstElement *element, gpointer data)
{
  set_up_element (data, element);
}

static gboolean
take_kind (AnprCameraElements *elements, GstElement *element, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    GstElement **place = (GstElement **) ((gchar *) elements + kinds[i].offset);

    if (!g_str_equal (kind_of (element), kinds[i].name))
      continue;
    if (*place) {
      g_set_error (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
          "the pipeline has more than one %s", kinds[i].name);
      return FALSE;
    }
    *place = element;
  }
  return TRUE;
}

static gboolean
set_up_all (AnprCameraElements *elements, GstBin *pipeline, GError **error)
{
  g_autoptr (GstIterator) all = gst_bin_iterate_recurse (pipeline);
  g_auto (GValue) item = G_VALUE_INIT;

  while (gst_iterator_next (all, &item) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&item);

    if (!take_kind (elements, element, error))
      return FALSE;
    set_up_element (elements, element);
    g_value_reset (&item);
  }
  return TRUE;
}

/**
 * anpr_camera_elements_set_up:
 * @elements: with @task and @frames
 * @pipeline: a new pipeline
 * @error: what there is too much or too little of
 *
 * Finds what matters, and sets what the task says on every element, also on those
 * that come later.
 *
 * Returns: whether it is a camera's pipeline
 */
gboolean
anpr_camera_elements_set_up (
    AnprCameraElements *elements, GstBin *pipeline, GError **error)
{
  g_signal_connect (
      pipeline, "deep-element-added", G_CALLBACK (on_element_added), elements);
  if (!set_up_all (elements, pipeline, error))
    return FALSE;
  if (!elements->detect || !elements->sink) {
    g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME,
        "the pipeline has no platedetect or no anprsink");
    return FALSE;
  }
  return TRUE;
}
