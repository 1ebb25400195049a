/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_KEY_PRIVATE_H
#define ANPR_SPOOL_KEY_PRIVATE_H

#include "spoolkey.h"

#include <sodium.h>

G_BEGIN_DECLS

#define ANPR_SPOOL_KEY_ID_SIZE crypto_kdf_BYTES_MIN

/**
 * AnprSpoolKey:
 * @id: its name
 * @seal: what records and pictures are sealed with
 * @code: what the codes of columns are made with
 *
 * What is derived from one key.
 */
typedef struct {
  guint8 id[ANPR_SPOOL_KEY_ID_SIZE];
  guint8 seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
  guint8 code[crypto_shorthash_KEYBYTES];
} AnprSpoolKey;

/* On guarded pages; the first key seals */
struct _AnprSpoolKeys {
  gint references;
  guint n_keys;
  AnprSpoolKey keys[ANPR_SPOOL_MAX_KEYS];
};

const AnprSpoolKey *anpr_spool_keys_find (
    const AnprSpoolKeys *keys, const guint8 *id);
gchar *anpr_spool_key_id_to_string (const guint8 *id);

G_END_DECLS

#endif
