/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "firsttoken.h"
#include "session.h"

#include <sodium.h>
#include <string.h>

/* Crockford's: nothing that can be taken for something else */
static const gchar signs[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
#define GROUPS 5
#define GROUP 4

static gchar *
hash_text (const gchar *text)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

/**
 * anpr_first_token_make:
 * @token: (out caller-allocates): the token
 * @now: monotonic time, microseconds
 *
 * Returns: (transfer full): it as people enter it, such as
 *     "7K2P-0DQX-9RTA-M41C-WE5Z"; not kept
 */
gchar *
anpr_first_token_make (AnprFirstToken *token, gint64 now)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < GROUPS * GROUP; i++) {
    if (i > 0 && i % GROUP == 0)
      g_string_append_c (text, '-');
    g_string_append_c (text, signs[randombytes_uniform (sizeof signs - 1)]);
  }
  token->hash = hash_text (text->str);
  token->until = now + ANPR_FIRST_TOKEN_LIFE * G_TIME_SPAN_SECOND;
  token->tries = 0;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * anpr_first_token_is_open:
 * @token: the token
 * @now: monotonic time, microseconds
 *
 * Returns: whether it would be taken if it were entered now
 */
gboolean
anpr_first_token_is_open (const AnprFirstToken *token, gint64 now)
{
  return token->hash && now < token->until
         && token->tries < ANPR_FIRST_TOKEN_TRIES;
}

/**
 * anpr_first_token_check:
 * @token: the token
 * @entered: what somebody says it is
 * @now: monotonic time, microseconds
 *
 * Returns: whether it is the token, and still counts. It is not used up by that:
 *     anpr_first_token_clear() is called when the account is made
 */
gboolean
anpr_first_token_check (AnprFirstToken *token, const gchar *entered, gint64 now)
{
  g_autofree gchar *trimmed = g_ascii_strup (entered, -1);
  g_autofree gchar *hash = NULL;

  if (!anpr_first_token_is_open (token, now))
    return FALSE;
  hash = hash_text (g_strstrip (trimmed));
  if (anpr_secret_equal (token->hash, hash))
    return TRUE;
  token->tries++;
  return FALSE;
}

void
anpr_first_token_clear (AnprFirstToken *token)
{
  g_clear_pointer (&token->hash, g_free);
}
