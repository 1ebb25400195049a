/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_PLATEREADER_H
#define ANPR_PLATEOCR_PLATEREADER_H

#include "readerdata.h"

G_BEGIN_DECLS

/**
 * AnprReaderOptions:
 * @engine: which engines
 * @model: (nullable): path of the first engine's model, %NULL for the one that
 *     came with this version
 * @countries: (nullable): %NULL-terminated ISO 3166 alpha-2 codes of the
 *     countries to expect here, most likely first. They weigh in the ranking
 *     of countries and of candidates and never exclude a text.
 * @min_confidence: 0..1; a text below it makes the read "not read"
 *
 * Looked at only during the call it is given to; the caller keeps it.
 */
typedef struct {
  AnprReaderEngine engine;
  const gchar *model;
  const gchar *const *countries;
  gdouble min_confidence;
} AnprReaderOptions;

typedef struct _AnprPlateReader AnprPlateReader;

gboolean anpr_plate_reader_check_data (
    const AnprReaderOptions *options, GError **error);
AnprPlateReader *anpr_plate_reader_new (
    AnprReaderData *data, const AnprReaderOptions *options, GError **error);
void anpr_plate_reader_free (AnprPlateReader *reader);
void anpr_plate_reader_set_min_confidence (
    AnprPlateReader *reader, gdouble min_confidence);
AnprRead *anpr_plate_reader_read (AnprPlateReader *reader, const guint8 *luma,
    gsize stride, guint width, guint height, const AnprBox *box,
    const AnprQuad *quad);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPlateReader, anpr_plate_reader_free)

G_END_DECLS

#endif
