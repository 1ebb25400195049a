/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What an engine is to the plate reader: something that sees texts in a plate
 * picture, with their probabilities. It neither knows countries nor how far it
 * can be trusted. */

#ifndef ANPR_PLATEOCR_READENGINE_H
#define ANPR_PLATEOCR_READENGINE_H

#include "platecrop.h"
#include "../record/platetext.h"
#include "../record/read.h"

G_BEGIN_DECLS

/* Bytes of a plate key, two a sign at most, and of a text with a space before
 * each sign, NULs included */
#define ANPR_GUESS_SIZE (2 * ANPR_PLATE_TEXT_MAX + 1)
#define ANPR_RAW_SIZE (3 * ANPR_PLATE_TEXT_MAX + 1)

/* AnprGuess: text is a plate key, never empty; probability 0..1 */
typedef struct {
  gchar text[ANPR_GUESS_SIZE];
  gdouble probability;
} AnprGuess;

/* AnprReading: what an engine sees in a picture: the likeliest texts, each once,
 * best first; empty: the probability that there is no text at all. All sum to
 * at most 1. Nothing at all is 0 where the engine could not look. */
typedef struct {
  gdouble empty;
  guint n_guesses;
  AnprGuess guesses[ANPR_MAX_CANDIDATES];
} AnprReading;

/* AnprSpelling: how a text stands in a picture: its signs, each with what else
 * it may be; raw: the text with a space where a gap or hyphen is */
typedef struct {
  guint n_characters;
  AnprCharacter characters[ANPR_PLATE_TEXT_MAX];
  gchar raw[ANPR_RAW_SIZE];
} AnprSpelling;

/**
 * AnprReadEngine: (skip)
 * @name: what its reads carry
 * @file: name of its model's file
 * @load: makes what all threads share of the model in file @path; any thread.
 *     Sets READER_DATA, with the file's name and what to do
 * @unload: frees it, when no instance is open any more
 * @open: makes an instance, for one thread, and does what takes time
 * @read: looks at @picture; cannot fail
 * @spell: how @text stands in the picture read last; FALSE if it cannot
 * @close: frees an instance
 */
typedef struct {
  const gchar *name;
  const gchar *file;
  gpointer (*load) (const gchar *path, GError **error);
  GDestroyNotify unload;
  gpointer (*open) (gpointer model, GError **error);
  void (*read) (
      gpointer instance, const AnprPlatePicture *picture, AnprReading *reading);
  gboolean (*spell) (
      gpointer instance, const gchar *text, AnprSpelling *spelling);
  void (*close) (gpointer instance);
} AnprReadEngine;

gboolean anpr_spelling_replace (
    const AnprSpelling *seen, const gchar *text, AnprSpelling *spelling);

extern const AnprReadEngine anpr_ctc_engine;
#ifdef HAVE_TESSERACT
extern const AnprReadEngine anpr_tesseract_engine;
#endif

G_END_DECLS

#endif
