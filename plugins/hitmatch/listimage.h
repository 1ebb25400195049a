/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_IMAGE_H
#define ANPR_HITMATCH_LIST_IMAGE_H

#include "hitlist.h"
#include "keytable.h"
#include "listpattern.h"
#include "listsection.h"

G_BEGIN_DECLS

/* What an index file is known by */
#define ANPR_LIST_IMAGE_MAGIC "ANPRLIST"

/* Texts of the list itself, each with its NUL, in this order */
typedef enum {
  ANPR_LIST_TEXT_FILE,
  ANPR_LIST_TEXT_ID,
  ANPR_LIST_TEXT_AUTHORITY,
  ANPR_LIST_TEXT_CATEGORY,
  ANPR_LIST_TEXT_VERSION,
  ANPR_LIST_TEXT_CONTACT,
  ANPR_LIST_TEXT_SIGNER,
  ANPR_N_LIST_TEXTS,
} AnprListText;

typedef enum {
  ANPR_LIST_PART_LIST,
  ANPR_LIST_PART_ROWS,
  ANPR_LIST_PART_KEYS,
  ANPR_LIST_PART_KEY_DIRECTORY,
  ANPR_LIST_PART_FOLDS,
  ANPR_LIST_PART_FOLD_DIRECTORY,
  ANPR_LIST_PART_PATTERNS,
  ANPR_LIST_PART_TEXT,
  ANPR_N_LIST_PARTS,
} AnprListPart;

/* An entry but for its texts; text: where those begin in the text part */
typedef struct {
  gint64 valid_from;
  gint64 valid_until;
  guint32 text;
  gchar country[2];
  guint8 priority;
  guint8 purpose;
  AnprHours hours;
  guint8 covert;
  guint8 match;
} AnprListRow;

/* How a list is in its file, but for the parts */
typedef struct {
  gint64 valid_from;
  gint64 valid_until;
  gint64 issued;
  gint64 accepted;
  guint32 purpose;
  guint32 priority;
  guint32 modes;
  guint32 look_alike_signs;
  guint32 key_bits;
  guint32 fold_bits;
} AnprListValues;

/* A mapped index: values and parts point into it */
typedef struct {
  gpointer map;
  gsize size;
  const AnprListValues *values;
  const gchar *texts[ANPR_N_LIST_TEXTS];
  const AnprListRow *rows;
  gsize n_rows;
  AnprKeyTable keys;
  AnprKeyTable folds;
  const AnprListPattern *patterns;
  gsize n_patterns;
  const gchar *text;
  gsize text_length;
} AnprListImage;

gboolean anpr_list_image_write (int fd, const AnprListValues *values,
    const gconstpointer parts[ANPR_N_LIST_PARTS],
    const guint64 lengths[ANPR_N_LIST_PARTS]);
const gchar *anpr_list_image_open (AnprListImage *image, int fd);
void anpr_list_image_close (AnprListImage *image);

G_END_DECLS

#endif
