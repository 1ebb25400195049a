/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_READERDATA_H
#define ANPR_PLATEOCR_READERDATA_H

#include "confidence.h"
#include "readengine.h"

G_BEGIN_DECLS

#define ANPR_MAX_ENGINES 2

/* AnprReaderEngine: what turns plate pictures into text. AUTO is the best there
 * is a model for; BOTH asks a second engine where the first is unsure. */
typedef enum {
  ANPR_READER_AUTO,
  ANPR_READER_CTC,
  ANPR_READER_TESSERACT,
  ANPR_READER_BOTH,
} AnprReaderEngine;

/* AnprReaderPart: an engine with its model, and what its word is worth */
typedef struct {
  const AnprReadEngine *engine;
  gpointer model;
  AnprCalibration calibration;
} AnprReaderPart;

/* AnprReaderData: what the readers of all threads share. Not changed once made;
 * any thread. The first part reads, the second is asked for its opinion. */
typedef struct {
  gatomicrefcount references;
  guint n_parts;
  AnprReaderPart parts[ANPR_MAX_ENGINES];
} AnprReaderData;

AnprReaderData *anpr_reader_data_new (
    const AnprReaderPart *parts, guint n_parts);
AnprReaderData *anpr_reader_data_load (
    AnprReaderEngine engine, const gchar *model, GError **error);
AnprReaderData *anpr_reader_data_ref (AnprReaderData *data);
void anpr_reader_data_unref (AnprReaderData *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprReaderData, anpr_reader_data_unref)

G_END_DECLS

#endif
