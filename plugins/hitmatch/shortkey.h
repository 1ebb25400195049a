/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_SHORT_KEY_H
#define ANPR_HITMATCH_SHORT_KEY_H

#include <glib.h>

G_BEGIN_DECLS

/* No plate has more signs than this */
#define ANPR_SHORT_KEY_SIGNS 12

/* Bytes of a short key with its NUL: an umlaut is two bytes of UTF-8 */
#define ANPR_SHORT_KEY_SIZE (2 * ANPR_SHORT_KEY_SIGNS + 1)

/* Signs are numbers from 1, so that 0 is none */
#define ANPR_SHORT_KEY_N_SIGNS 40

/* A short key sign by sign */
typedef struct {
  guint n;
  guint8 signs[ANPR_SHORT_KEY_SIGNS];
} AnprKeySigns;

/* The two other ways to write a plate with umlauts, domain.md 5.1 point 6 */
typedef enum {
  ANPR_UMLAUT_BARE,
  ANPR_UMLAUT_TWO_LETTERS,
} AnprUmlaut;

guint anpr_short_key (const gchar *plate, gchar key[ANPR_SHORT_KEY_SIZE]);
guint64 anpr_short_key_pack (const gchar *key);
gboolean anpr_short_key_to_signs (const gchar *key, AnprKeySigns *signs);
guint64 anpr_short_key_pack_signs (const AnprKeySigns *signs);
void anpr_short_key_unpack (guint64 packed, AnprKeySigns *signs);
const gchar *anpr_short_key_sign_text (guint8 sign);
guint8 anpr_short_key_sign (const gchar *text);
guint8 anpr_short_key_sign_without_umlaut (guint8 sign);
gboolean anpr_short_key_without_umlauts (
    const gchar *key, AnprUmlaut writing, gchar other[ANPR_SHORT_KEY_SIZE]);

G_END_DECLS

#endif
