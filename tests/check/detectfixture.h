/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A platedetect with a model made by hand, and pictures with a plate for it.
 * The functions fail the test themselves. */

#ifndef TEST_DETECT_FIXTURE_H
#define TEST_DETECT_FIXTURE_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "platemodel.h"
#include "plugins/record/geometry.h"

/* Where the plate of a picture is; on mid grey, see platemodel.h */
static const AnprBox drawn_plate = { 200, 250, 150, 150 / PLATE_MODEL_SHAPE };
extern gchar *models;

/* A folder with the model made by hand, found by the environment */
void install_model (void);
void remove_model (void);
gchar *caps_of (const gchar *format, guint width, guint height);
void set_caps (
    GstHarness *harness, const gchar *format, guint width, guint height);
GstHarness *harness_new (const gchar *format, guint width, guint height);

/* Mid grey, with a plate at @box unless NULL */
void draw_on (GstBuffer *buffer, const GstVideoInfo *info, const AnprBox *box);

/* A frame with a plate, or an empty one. All have the same timestamp: then time
 * goes on by the frame rate. */
GstBuffer *buffer_new (
    const gchar *format, guint width, guint height, gboolean plate);
guint n_plates_of (GstBuffer *buffer);
guint push_and_count (GstHarness *harness, gboolean plate, gboolean *detected);
guint64 stat_of (GstHarness *harness, const gchar *name);
GstHarness *live_harness_new (void);

#endif
