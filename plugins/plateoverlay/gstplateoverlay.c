/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-plateoverlay
 * @title: plateoverlay
 * @short_description: draw plates and their texts on a picture for people
 *
 * Draws a frame around each plate of a #GstAnprMeta and its text and confidence
 * above it: green when read, red when on a list, grey when not read. Hits of
 * covert entries make no sign here (R16).
 *
 * ## Example
 * |[
 * gst-launch-1.0 filesrc location=sample.mp4 ! decodebin ! platedetect ! platetrack ! plateocr ! plateoverlay ! videoconvert ! fakesink sync=true
 * ]|
 *
 * It changes pixels, so it belongs on a branch of its own behind a `tee`, where
 * GStreamer copies the frame for it; the reading branch stays untouched. Put a
 * leaky queue before it and a slow display never holds up reading.
 *
 * Works on the streaming thread; without plates it costs nothing.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gstplateoverlay.h"
#include "../meta/gstanprmeta.h"

#include <cairo.h>

GST_DEBUG_CATEGORY_STATIC (gst_plate_overlay_debug);
#define GST_CAT_DEFAULT gst_plate_overlay_debug

#define LINE_WIDTH 3.0
#define TEXT_SIZE 22.0
#define LABEL_HEIGHT 30.0
#define LABEL_PADDING 6.0
/* Largest picture drawn over a plate, pixels a side */
#define MAX_SIDE 4096

#define OVERLAY_CAPS                                                           \
  GST_VIDEO_CAPS_MAKE (GST_VIDEO_OVERLAY_COMPOSITION_BLEND_FORMATS)

struct _GstPlateOverlay {
  GstVideoFilter parent;
};

typedef struct {
  gdouble red;
  gdouble green;
  gdouble blue;
} Colour;

static const Colour colour_read = { 0.10, 0.65, 0.30 };
static const Colour colour_hit = { 0.85, 0.10, 0.12 };
static const Colour colour_not_read = { 0.45, 0.45, 0.45 };

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (OVERLAY_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (OVERLAY_CAPS));

G_DEFINE_FINAL_TYPE (GstPlateOverlay, gst_plate_overlay, GST_TYPE_VIDEO_FILTER)
GST_ELEMENT_REGISTER_DEFINE (
    plateoverlay, "plateoverlay", GST_RANK_NONE, GST_TYPE_PLATE_OVERLAY)

static void gst_plate_overlay_before_transform (
    GstBaseTransform *base, GstBuffer *buffer);
static GstFlowReturn gst_plate_overlay_transform_frame_ip (
    GstVideoFilter *filter, GstVideoFrame *frame);

static void
gst_plate_overlay_class_init (GstPlateOverlayClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (
      gst_plate_overlay_debug, "plateoverlay", 0, "Plate overlay");

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Plate overlay",
      "Filter/Editor/Video",
      "Draws number plates and their texts on a picture for people",
      "gst-anpr");

  GST_BASE_TRANSFORM_CLASS (klass)->before_transform =
      GST_DEBUG_FUNCPTR (gst_plate_overlay_before_transform);
  GST_VIDEO_FILTER_CLASS (klass)->transform_frame_ip =
      GST_DEBUG_FUNCPTR (gst_plate_overlay_transform_frame_ip);
}

static void
gst_plate_overlay_init (GstPlateOverlay *self)
{
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
}

/* A picture without plates goes through untouched and uncopied. */
static void
gst_plate_overlay_before_transform (GstBaseTransform *base, GstBuffer *buffer)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  gst_base_transform_set_passthrough (base, !meta || meta->plates->len == 0);
}

static gboolean
has_open_hit (AnprPassage *passage)
{
  g_autoptr (GPtrArray) hits = NULL;

  if (!passage)
    return FALSE;
  hits = anpr_passage_get_hits (passage);
  for (guint i = 0; i < hits->len; i++)
    if (!((const AnprHit *) g_ptr_array_index (hits, i))->covert)
      return TRUE;
  return FALSE;
}

static const Colour *
plate_colour (const AnprPlate *plate)
{
  if (has_open_hit (plate->passage))
    return &colour_hit;
  return plate->read && plate->read->text ? &colour_read : &colour_not_read;
}

static gchar *
plate_label (const AnprPlate *plate)
{
  if (!plate->read || !plate->read->text)
    return NULL;
  return g_strdup_printf (
      "%s  %.0f %%", plate->read->text, plate->read->confidence * 100);
}

static gdouble
label_width (const gchar *label)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_A8, 1, 1);
  cairo_t *cairo = cairo_create (surface);
  cairo_text_extents_t extents;

  cairo_set_font_size (cairo, TEXT_SIZE);
  cairo_text_extents (cairo, label, &extents);
  cairo_destroy (cairo);
  cairo_surface_destroy (surface);
  return extents.x_advance + 2 * LABEL_PADDING;
}

static void
draw_plate (
    cairo_t *cairo, const AnprPlate *plate, const gchar *label, gdouble width)
{
  const Colour *colour = plate_colour (plate);

  cairo_set_source_rgb (cairo, colour->red, colour->green, colour->blue);
  cairo_set_line_width (cairo, LINE_WIDTH);
  cairo_rectangle (cairo, LINE_WIDTH / 2, LABEL_HEIGHT + LINE_WIDTH / 2,
      plate->box.width + LINE_WIDTH, plate->box.height + LINE_WIDTH);
  cairo_stroke (cairo);
  if (!label)
    return;
  cairo_rectangle (cairo, 0, 0, width, LABEL_HEIGHT);
  cairo_fill (cairo);
  cairo_set_source_rgb (cairo, 1, 1, 1);
  cairo_set_font_size (cairo, TEXT_SIZE);
  cairo_move_to (cairo, LABEL_PADDING, LABEL_HEIGHT - LABEL_PADDING - 2);
  cairo_show_text (cairo, label);
}

/* The frame and label of one plate as a picture with alpha. */
static GstVideoOverlayRectangle *
make_rectangle (const AnprPlate *plate)
{
  g_autofree gchar *label = plate_label (plate);
  gdouble text_width = label ? label_width (label) : 0;
  gint width =
      (gint) MIN (MAX (plate->box.width + 2 * LINE_WIDTH, text_width), MAX_SIDE)
      + 1;
  gint height =
      (gint) MIN (plate->box.height + 2 * LINE_WIDTH + LABEL_HEIGHT, MAX_SIDE)
      + 1;
  gint stride = cairo_format_stride_for_width (CAIRO_FORMAT_ARGB32, width);
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, (gsize) stride * height, NULL);
  GstVideoOverlayRectangle *rectangle;
  GstMapInfo map;
  cairo_surface_t *surface;
  cairo_t *cairo;

  gst_buffer_memset (buffer, 0, 0, (gsize) stride * height);
  gst_buffer_map (buffer, &map, GST_MAP_READWRITE);
  surface = cairo_image_surface_create_for_data (
      map.data, CAIRO_FORMAT_ARGB32, width, height, stride);
  cairo = cairo_create (surface);
  draw_plate (cairo, plate, label, text_width);
  cairo_destroy (cairo);
  cairo_surface_finish (surface);
  cairo_surface_destroy (surface);
  gst_buffer_unmap (buffer, &map);

  gst_buffer_add_video_meta (buffer, GST_VIDEO_FRAME_FLAG_NONE,
      GST_VIDEO_OVERLAY_COMPOSITION_FORMAT_RGB, width, height);
  rectangle = gst_video_overlay_rectangle_new_raw (buffer,
      (gint) (plate->box.x - LINE_WIDTH),
      (gint) (plate->box.y - LINE_WIDTH - LABEL_HEIGHT), width, height,
      GST_VIDEO_OVERLAY_FORMAT_FLAG_PREMULTIPLIED_ALPHA);
  gst_buffer_unref (buffer);
  return rectangle;
}

static GstFlowReturn
gst_plate_overlay_transform_frame_ip (
    GstVideoFilter *filter, GstVideoFrame *frame)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (frame->buffer);
  GstVideoOverlayComposition *composition = NULL;

  for (guint i = 0; meta && i < meta->plates->len; i++) {
    const AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);
    GstVideoOverlayRectangle *rectangle;

    if (!anpr_plate_is_in_frame (plate))
      continue;
    rectangle = make_rectangle (plate);
    if (!composition)
      composition = gst_video_overlay_composition_new (rectangle);
    else
      gst_video_overlay_composition_add_rectangle (composition, rectangle);
    gst_video_overlay_rectangle_unref (rectangle);
  }
  if (composition) {
    gst_video_overlay_composition_blend (composition, frame);
    gst_video_overlay_composition_unref (composition);
  }
  return GST_FLOW_OK;
}
