/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SCENE_WRITER_H
#define ANPR_SCENE_WRITER_H

#include <glib.h>

#include "picture.h"

G_BEGIN_DECLS

typedef enum {
  SCENE_CODEC_H264,
  SCENE_CODEC_H265,
} SceneCodec;

typedef struct _SceneWriter SceneWriter;

SceneWriter *scene_writer_new (const gchar *path, SceneCodec codec, guint width,
    guint height, guint fps, GError **error);
void scene_writer_free (SceneWriter *writer);
gboolean scene_writer_push (
    SceneWriter *writer, const ScenePicture *picture, GError **error);
gboolean scene_writer_finish (SceneWriter *writer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SceneWriter, scene_writer_free)

G_END_DECLS

#endif
