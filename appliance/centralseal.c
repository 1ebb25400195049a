/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Seals of the central log, signed: a seal is a line of JSON as anpr.seal() gives
 * it, and a signed one is {"seal": that line as a string, "key", "signature"}, with
 * key and signature of the seal's bytes in base64, made as those of hit lists are
 * (plugins/hitmatch/listkey.h, Ed25519ph). A signature says who sealed; that the log
 * is the same since is for the database to say, anpr.verify_seal(). */

#include "centralseal.h"

#include "../plugins/hitmatch/listkey.h"
#include "../plugins/record/error.h"
#include "../plugins/record/jsonmember.h"

#include <json-glib/json-glib.h>
#include <string.h>

static void
hash_seal (const gchar *seal, crypto_sign_state *state)
{
  (void) crypto_sign_init (state);
  (void) crypto_sign_update (state, (const guint8 *) seal, strlen (seal));
}

static void
set_bytes (JsonObject *object, const gchar *name, const guint8 *bytes, gsize n)
{
  g_autofree gchar *text = g_base64_encode (bytes, n);

  json_object_set_string_member (object, name, text);
}

/**
 * anpr_central_seal_sign: (skip)
 * @seal: what anpr.seal() gave
 * @key_file: a secret key that anprctl lists keygen made
 * @error: as of anpr_list_secret_key_read()
 *
 * Returns: (transfer full) (nullable): the signed line
 */
gchar *
anpr_central_seal_sign (
    const gchar *seal, const gchar *key_file, GError **error)
{
  g_auto (AnprListSecretKey) key = { 0 };
  g_autoptr (JsonObject) object = NULL;
  AnprListSignature signature;
  crypto_sign_state state;

  if (!anpr_list_secret_key_read (key_file, &key, error))
    return NULL;
  hash_seal (seal, &state);
  anpr_list_signature_make (&signature, &state, &key);
  object = json_object_new ();
  json_object_set_string_member (object, "seal", seal);
  set_bytes (object, "key", signature.key.bytes, sizeof signature.key.bytes);
  set_bytes (object, "signature", signature.bytes, sizeof signature.bytes);
  return anpr_json_to_line (object);
}

static gboolean
get_bytes (JsonObject *object, const gchar *name, guint8 *bytes, gsize n)
{
  const gchar *text = anpr_json_get_text (object, name);
  g_autofree guchar *decoded = NULL;
  gsize length = 0;

  if (text)
    decoded = g_base64_decode (text, &length);
  if (length != n)
    return FALSE;
  memcpy (bytes, decoded, n);
  return TRUE;
}

static gboolean
refuse (const gchar *reason, GError **error)
{
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_LOG, reason);
  return FALSE;
}

static gboolean
is_trusted (JsonObject *object, const gchar *keys, GError **error)
{
  const gchar *seal = anpr_json_get_text (object, "seal");
  g_autofree gchar *name = NULL;
  AnprListSignature signature;
  crypto_sign_state state;

  if (!seal
      || !get_bytes (
          object, "key", signature.key.bytes, sizeof signature.key.bytes)
      || !get_bytes (
          object, "signature", signature.bytes, sizeof signature.bytes))
    return refuse ("a seal is not signed", error);
  name = anpr_list_key_find_trusted (keys, &signature.key, error);
  if (!name)
    return FALSE;
  hash_seal (seal, &state);
  return anpr_list_signature_fits (&signature, &state)
         || refuse ("the signature of a seal does not fit it", error);
}

/**
 * anpr_central_seal_open: (skip)
 * @line: a seal, signed or not
 * @keys: (nullable): folder of the public keys to trust; each seal has to be
 *     signed then
 * @error: %ANPR_ERROR_CENTRAL_LOG, or as of anpr_list_key_find_trusted()
 *
 * Returns: (transfer full) (nullable): the seal, for anpr.verify_seal()
 */
gchar *
anpr_central_seal_open (const gchar *line, const gchar *keys, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  JsonObject *object;
  const gchar *seal;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    refuse ("a line is no seal", error);
    return NULL;
  }
  object = json_node_get_object (node);
  if (keys && !is_trusted (object, keys, error))
    return NULL;
  seal = anpr_json_get_text (object, "seal");
  if (!seal && !json_object_has_member (object, "heads")) {
    refuse ("a line is no seal", error);
    return NULL;
  }
  return g_strdup (seal ? seal : line);
}
