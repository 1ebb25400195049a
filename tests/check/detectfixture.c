/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "detectfixture.h"

#include <glib/gstdio.h>

#include "plugins/meta/gstanprframe.h"
#include "plugins/meta/gstanprmeta.h"

gchar *models;

void
install_model (void)
{
  g_autoptr (GBytes) bytes = plate_model_bytes (16);
  g_autofree gchar *path = NULL;
  gsize size;
  const gchar *data = g_bytes_get_data (bytes, &size);

  models = g_dir_make_tmp ("anpr-models-XXXXXX", NULL);
  path = g_build_filename (models, "detector.anprnet", NULL);
  fail_unless (g_file_set_contents (path, data, size, NULL));
  g_setenv ("ANPR_MODELS", models, TRUE);
}

void
remove_model (void)
{
  g_autofree gchar *path = g_build_filename (models, "detector.anprnet", NULL);

  g_unlink (path);
  g_rmdir (models);
  g_clear_pointer (&models, g_free);
}

gchar *
caps_of (const gchar *format, guint width, guint height)
{
  return g_strdup_printf ("video/x-raw, format=%s, width=%u, height=%u, "
                          "framerate=25/1",
      format, width, height);
}

void
set_caps (GstHarness *harness, const gchar *format, guint width, guint height)
{
  g_autofree gchar *caps = caps_of (format, width, height);

  gst_harness_set_src_caps_str (harness, caps);
}

GstHarness *
harness_new (const gchar *format, guint width, guint height)
{
  GstHarness *harness = gst_harness_new ("platedetect");

  /* as from a file; a harness is live otherwise */
  gst_harness_set_live (harness, FALSE);
  set_caps (harness, format, width, height);
  return harness;
}

void
draw_on (GstBuffer *buffer, const GstVideoInfo *info, const AnprBox *box)
{
  GstVideoFrame frame;
  guint8 *pixels;
  gsize stride;

  fail_unless (gst_video_frame_map (&frame, info, buffer, GST_MAP_WRITE));
  pixels = GST_VIDEO_FRAME_PLANE_DATA (&frame, 0);
  stride = GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);
  for (gint y = 0; y < info->height; y++)
    memset (pixels + y * stride, 128, info->width);
  if (box)
    plate_model_draw (
        pixels, stride, info->width, info->height, box->x, box->y, box->width);
  gst_video_frame_unmap (&frame);
}

GstBuffer *
buffer_new (const gchar *format, guint width, guint height, gboolean plate)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (
      &info, gst_video_format_from_string (format), width, height);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_memset (buffer, 0, 0, info.size);
  GST_BUFFER_PTS (buffer) = 0;
  draw_on (buffer, &info, plate ? &drawn_plate : NULL);
  return buffer;
}

guint
n_plates_of (GstBuffer *buffer)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  fail_unless (meta != NULL);
  return gst_anpr_meta_get_n_plates (meta);
}

guint
push_and_count (GstHarness *harness, gboolean plate, gboolean *detected)
{
  GstBuffer *buffer = gst_harness_push_and_pull (
      harness, buffer_new ("GRAY8", 640, 480, plate));
  guint n_plates = n_plates_of (buffer);

  if (detected)
    *detected = gst_buffer_get_anpr_meta (buffer)->detected;
  gst_buffer_unref (buffer);
  return n_plates;
}

guint64
stat_of (GstHarness *harness, const gchar *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (harness->element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  return value;
}

GstHarness *
live_harness_new (void)
{
  GstHarness *harness = harness_new ("GRAY8", 640, 480);

  gst_harness_set_live (harness, TRUE);
  return harness;
}
