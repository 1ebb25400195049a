/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_READERPOOL_H
#define ANPR_PLATEOCR_READERPOOL_H

#include "platereader.h"
#include "../record/passage.h"

G_BEGIN_DECLS

/**
 * AnprReaderJob:
 * @luma: plane 0 of the frame, valid while @frame is held
 * @stride: bytes from row to row
 * @width: pixels
 * @height: pixels
 * @frame: what owns the pixels
 * @frame_unref: lets go of @frame
 * @box: the plate, pixels
 * @quad: its corners, pixels
 * @confidence: the detector's, 0..1
 * @track_id: its track, 0 without one
 * @moment: when the frame was seen
 * @passage: (nullable): the vehicle, owned
 * @read: (nullable): the result, owned, set when the job comes back
 */
typedef struct {
  const guint8 *luma;
  gsize stride;
  guint width;
  guint height;
  gpointer frame;
  GDestroyNotify frame_unref;
  AnprBox box;
  AnprQuad quad;
  gdouble confidence;
  guint64 track_id;
  AnprMoment moment;
  AnprPassage *passage;
  AnprRead *read;

  /*< private >*/
  gboolean done;
} AnprReaderJob;

void anpr_reader_job_free (AnprReaderJob *job);

typedef struct _AnprReaderPool AnprReaderPool;

AnprReaderPool *anpr_reader_pool_new (const AnprReaderOptions *options,
    guint n_threads, guint max_jobs, GError **error);
void anpr_reader_pool_free (AnprReaderPool *pool);
void anpr_reader_pool_set_min_confidence (
    AnprReaderPool *pool, gdouble min_confidence);
gboolean anpr_reader_pool_push (AnprReaderPool *pool, AnprReaderJob *job);
AnprReaderJob *anpr_reader_pool_pop (AnprReaderPool *pool, gboolean wait);
gboolean anpr_reader_pool_is_full (AnprReaderPool *pool);
gboolean anpr_reader_pool_has_passage (
    AnprReaderPool *pool, const AnprPassage *passage);

G_END_DECLS

#endif
