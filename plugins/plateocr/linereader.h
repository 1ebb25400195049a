/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_LINEREADER_H
#define ANPR_PLATEOCR_LINEREADER_H

#include "platereader.h"
#include "platecrop.h"
#include "../record/platetext.h"

G_BEGIN_DECLS

/* AnprLineText: what an engine sees in one line. characters: its first
 * n_characters signs, letters and digits only; confidence: of the whole, filled
 * by the caller; raw: as seen, with its gaps. */
typedef struct {
  guint n_characters;
  AnprCharacter characters[ANPR_PLATE_TEXT_MAX];
  gdouble confidence;
  GString *raw;
} AnprLineText;

/* AnprLineEngine: an engine, one instance a thread. name is what its reads
 * carry. open() and check_data() set the error; read_line() cannot fail, a
 * line it cannot read has no characters. */
typedef struct {
  const gchar *name;
  gboolean (*check_data) (const gchar *model, GError **error);
  gpointer (*open) (const gchar *model, GError **error);
  void (*read_line) (
      gpointer engine, const AnprPlateLine *line, AnprLineText *text);
  void (*close) (gpointer engine);
} AnprLineEngine;

extern const AnprLineEngine anpr_tesseract_engine;

G_END_DECLS

#endif
