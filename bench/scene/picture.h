/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_PICTURE_H
#define ANPR_SCENE_PICTURE_H

#include <cairo.h>
#include <glib.h>

G_BEGIN_DECLS

/* An I420 picture in one's own memory: planes Y, U, V, BT.709, limited range;
 * width and height in pixels, even; strides in bytes */
typedef struct {
  guint width;
  guint height;
  guint8 *planes[3];
  guint strides[3];
} ScenePicture;

/* Whole pixels; even, as the chroma planes need it */
typedef struct {
  guint x;
  guint y;
  guint width;
  guint height;
} SceneArea;

ScenePicture *scene_picture_new (guint width, guint height);
void scene_picture_free (ScenePicture *picture);
void scene_picture_copy (ScenePicture *to, const ScenePicture *from);
void scene_picture_take (
    ScenePicture *picture, cairo_surface_t *surface, const SceneArea *area);
void scene_picture_soften (
    ScenePicture *picture, const SceneArea *area, guint amount);
void scene_picture_shift (ScenePicture *picture, gint dx, gint dy);
void scene_picture_add_noise (
    ScenePicture *picture, const gint8 *noise, gsize n_noise, guint64 seed);

guint32 scene_random (guint64 seed, guint64 a, guint64 b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScenePicture, scene_picture_free)

G_END_DECLS

#endif
