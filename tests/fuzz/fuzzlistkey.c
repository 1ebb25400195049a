/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Files of public keys and signatures, of any bytes: taken or not, and what is
 * taken is one text only, so that nobody can write the same key twice. */

#include "fuzz.h"
#include "plugins/hitmatch/listkey.h"

#include <string.h>

static void
check_signature (const AnprListSignature *signature)
{
  crypto_sign_state state;

  g_assert (crypto_sign_init (&state) == 0);
  crypto_sign_update (&state, (const guint8 *) "list", 4);
  (void) anpr_list_signature_fits (signature, &state);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const gchar *text = (const gchar *) data;
  AnprListSignature signature, same;
  AnprListPublicKey key;
  gboolean is_key = anpr_list_public_key_parse (text, size, &key);
  gboolean is_signature = anpr_list_signature_parse (text, size, &signature);

  g_assert (sodium_init () >= 0);
  g_assert (!(is_key && is_signature));
  if (!is_signature)
    return 0;
  check_signature (&signature);
  g_assert (
      data[size - 1] == '\n' || anpr_list_signature_parse (text, size, &same));
  return 0;
}
