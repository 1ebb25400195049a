/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:gstanprmeta
 * @title: GstAnprMeta
 * @short_description: the plates of a frame, their track, read and passage
 *
 * Why a meta of our own: #GstVideoRegionOfInterestMeta loses its params in a
 * scaler and #GstCustomMeta is dropped or left unscaled. This one carries the
 * tags video, size and orientation and knows how to be copied and scaled, so it
 * crosses tee, queue, videoconvert, videoscale and encoders.
 *
 * What happens to it on GStreamer 1.22:
 *
 * - videoscale: boxes are scaled. With `add-borders=true` and another aspect
 *   ratio the scaler does not tell where the picture lies within the borders,
 *   so the boxes are wrong then: scale with `add-borders=false`, or keep the
 *   aspect ratio.
 * - videocrop: dropped; crop before platedetect.
 * - videoflip: dropped, since nobody tells the meta how the picture was turned;
 *   flip before platedetect.
 *
 * A #GstVideoRegionOfInterestMeta of type "license-plate" is attached beside
 * each plate for other people's overlays and ROI aware encoders.
 */

#include "gstanprmeta.h"

static gboolean
gst_anpr_meta_init (GstMeta *meta, gpointer params, GstBuffer *buffer)
{
  GstAnprMeta *self = (GstAnprMeta *) meta;

  self->plates =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_plate_free);
  self->moment = (AnprMoment) ANPR_MOMENT_INIT;
  self->width = 0;
  self->height = 0;
  self->detected = FALSE;
  return TRUE;
}

static void
gst_anpr_meta_free (GstMeta *meta, GstBuffer *buffer)
{
  GstAnprMeta *self = (GstAnprMeta *) meta;

  g_clear_pointer (&self->plates, g_ptr_array_unref);
}

static void
copy_plates (GstAnprMeta *to, const GstAnprMeta *from, gdouble factor_x,
    gdouble factor_y)
{
  for (guint i = 0; i < from->plates->len; i++) {
    AnprPlate *plate = anpr_plate_copy (g_ptr_array_index (from->plates, i));

    anpr_plate_scale (plate, factor_x, factor_y);
    g_ptr_array_add (to->plates, plate);
  }
}

static gboolean
gst_anpr_meta_transform (GstBuffer *dest, GstMeta *meta, GstBuffer *buffer,
    GQuark type, gpointer data)
{
  const GstAnprMeta *from = (GstAnprMeta *) meta;
  gdouble factor_x = 1, factor_y = 1;
  GstAnprMeta *to;

  if (GST_VIDEO_META_TRANSFORM_IS_SCALE (type)) {
    const GstVideoMetaTransform *scale = data;
    gint in_width = GST_VIDEO_INFO_WIDTH (scale->in_info);
    gint in_height = GST_VIDEO_INFO_HEIGHT (scale->in_info);

    if (in_width <= 0 || in_height <= 0)
      return FALSE;
    factor_x = (gdouble) GST_VIDEO_INFO_WIDTH (scale->out_info) / in_width;
    factor_y = (gdouble) GST_VIDEO_INFO_HEIGHT (scale->out_info) / in_height;
  } else if (!GST_META_TRANSFORM_IS_COPY (type)) {
    return FALSE;
  } else if (((GstMetaTransformCopy *) data)->region) {
    /* part of a buffer is not the frame the boxes are on */
    return FALSE;
  }

  to = gst_buffer_add_anpr_meta (dest, (guint) (from->width * factor_x + 0.5),
      (guint) (from->height * factor_y + 0.5));
  to->moment = from->moment;
  to->detected = from->detected;
  copy_plates (to, from, factor_x, factor_y);
  return TRUE;
}

GType
gst_anpr_meta_api_get_type (void)
{
  static GType type = 0;
  static const gchar *tags[] = { GST_META_TAG_VIDEO_STR,
    GST_META_TAG_VIDEO_SIZE_STR, GST_META_TAG_VIDEO_ORIENTATION_STR, NULL };

  if (g_once_init_enter (&type)) {
    GType registered = gst_meta_api_type_register ("GstAnprMetaAPI", tags);

    g_once_init_leave (&type, registered);
  }
  return type;
}

/**
 * gst_anpr_meta_get_info: (skip)
 */
const GstMetaInfo *
gst_anpr_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter ((GstMetaInfo **) &info)) {
    const GstMetaInfo *registered = gst_meta_register (GST_ANPR_META_API_TYPE,
        "GstAnprMeta", sizeof (GstAnprMeta), gst_anpr_meta_init,
        gst_anpr_meta_free, gst_anpr_meta_transform);

    g_once_init_leave ((GstMetaInfo **) &info, (GstMetaInfo *) registered);
  }
  return info;
}

/**
 * gst_buffer_add_anpr_meta:
 * @buffer: (transfer none): a writable buffer
 * @width: width of the frame on @buffer, pixels
 * @height: height of the frame on @buffer, pixels
 *
 * Returns: (transfer none): an empty meta on @buffer
 */
GstAnprMeta *
gst_buffer_add_anpr_meta (GstBuffer *buffer, guint width, guint height)
{
  GstAnprMeta *meta;

  g_return_val_if_fail (gst_buffer_is_writable (buffer), NULL);

  meta = (GstAnprMeta *) gst_buffer_add_meta (buffer, GST_ANPR_META_INFO, NULL);
  meta->width = width;
  meta->height = height;
  return meta;
}

/**
 * gst_buffer_get_anpr_meta:
 * @buffer: (transfer none): a buffer
 *
 * Returns: (transfer none) (nullable): its plates; a frame has one such meta
 */
GstAnprMeta *
gst_buffer_get_anpr_meta (GstBuffer *buffer)
{
  return (GstAnprMeta *) gst_buffer_get_meta (buffer, GST_ANPR_META_API_TYPE);
}

/**
 * gst_anpr_meta_add_plate:
 * @meta: a meta on @buffer
 * @buffer: the writable buffer; gets a region of interest beside the plate
 * @plate: (transfer full): a plate
 *
 * Returns: %FALSE, and frees @plate, if the frame has its bound of plates
 */
gboolean
gst_anpr_meta_add_plate (GstAnprMeta *meta, GstBuffer *buffer, AnprPlate *plate)
{
  AnprBox box = plate->box;
  GstVideoRegionOfInterestMeta *roi;

  g_return_val_if_fail (gst_buffer_is_writable (buffer), FALSE);

  if (meta->plates->len >= GST_ANPR_META_MAX_PLATES) {
    anpr_plate_free (plate);
    return FALSE;
  }
  g_ptr_array_add (meta->plates, plate);
  if (!anpr_plate_is_in_frame (plate)
      || !anpr_box_clip (&box, meta->width, meta->height))
    return TRUE;
  roi = gst_buffer_add_video_region_of_interest_meta (buffer, GST_ANPR_ROI_TYPE,
      (guint) box.x, (guint) box.y, (guint) box.width, (guint) box.height);
  roi->id = (gint) meta->plates->len - 1;
  return TRUE;
}

guint
gst_anpr_meta_get_n_plates (const GstAnprMeta *meta)
{
  return meta->plates->len;
}

/**
 * gst_anpr_meta_get_plate:
 * @meta: a meta
 * @i: which plate
 *
 * Returns: (transfer none): the plate, owned by @meta
 */
AnprPlate *
gst_anpr_meta_get_plate (const GstAnprMeta *meta, guint i)
{
  g_return_val_if_fail (i < meta->plates->len, NULL);
  return g_ptr_array_index (meta->plates, i);
}
