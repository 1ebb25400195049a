/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_LIST_KEY_H
#define ANPR_HITMATCH_LIST_KEY_H

#include <glib.h>
#include <sodium.h>

G_BEGIN_DECLS

/* Names of key files end so; beside a list lies its signature */
#define ANPR_LIST_SECRET_KEY_SUFFIX ".key"
#define ANPR_LIST_PUBLIC_KEY_SUFFIX ".pub"
#define ANPR_LIST_SIGNATURE_SUFFIX ".sig"

typedef struct {
  guint8 bytes[crypto_sign_PUBLICKEYBYTES];
} AnprListPublicKey;

/* Wiped by anpr_list_secret_key_clear() */
typedef struct {
  guint8 bytes[crypto_sign_SECRETKEYBYTES];
} AnprListSecretKey;

/* Who signed, and the signature */
typedef struct {
  AnprListPublicKey key;
  guint8 bytes[crypto_sign_BYTES];
} AnprListSignature;

gboolean anpr_list_key_generate (
    const gchar *secret_file, const gchar *public_file, GError **error);
gboolean anpr_list_secret_key_read (
    const gchar *file, AnprListSecretKey *key, GError **error);
void anpr_list_secret_key_clear (AnprListSecretKey *key);
gboolean anpr_list_public_key_parse (
    const gchar *text, gsize length, AnprListPublicKey *key);
gchar *anpr_list_key_find_trusted (
    const gchar *folder, const AnprListPublicKey *key, GError **error);

gboolean anpr_list_signature_parse (
    const gchar *text, gsize length, AnprListSignature *signature);
gboolean anpr_list_signature_read (
    const gchar *file, AnprListSignature *signature, GError **error);
gboolean anpr_list_signature_write (
    const gchar *file, const AnprListSignature *signature, GError **error);
void anpr_list_signature_make (AnprListSignature *signature,
    crypto_sign_state *state, const AnprListSecretKey *key);
gboolean anpr_list_signature_fits (
    const AnprListSignature *signature, crypto_sign_state *state);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprListSecretKey, anpr_list_secret_key_clear)

G_END_DECLS

#endif
