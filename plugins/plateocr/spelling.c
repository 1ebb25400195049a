/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "readengine.h"

#include <string.h>

/* Makes the sign the character's best; what was best becomes an alternative */
static void
prefer (AnprCharacter *character, const gchar *sign)
{
  AnprSign before = character->best;
  AnprSign chosen = { .confidence = 0 };
  guint i;

  if (strcmp (before.sign, sign) == 0)
    return;
  g_strlcpy (chosen.sign, sign, sizeof (chosen.sign));
  for (i = 0; i < character->n_alternatives; i++)
    if (strcmp (character->alternatives[i].sign, sign) == 0) {
      chosen = character->alternatives[i];
      character->n_alternatives--;
      memmove (&character->alternatives[i], &character->alternatives[i + 1],
          (character->n_alternatives - i) * sizeof (AnprSign));
      break;
    }
  character->best = chosen;
  anpr_character_add_alternative (character, &before);
}

/**
 * anpr_spelling_replace: (skip)
 * @seen: how one text stands in a picture
 * @text: another, a plate key
 * @spelling: (out): how it stands there, its signs in the places of the others
 *
 * Returns: %FALSE if it has not as many signs
 */
gboolean
anpr_spelling_replace (
    const AnprSpelling *seen, const gchar *text, AnprSpelling *spelling)
{
  const gchar *raw = seen->raw;
  guint i = 0;

  if (g_utf8_strlen (text, -1) != seen->n_characters)
    return FALSE;
  *spelling = *seen;
  spelling->raw[0] = '\0';
  for (const gchar *p = text; *p; p = g_utf8_next_char (p), i++) {
    gchar sign[8] = { 0 };

    memcpy (sign, p, g_utf8_next_char (p) - p);
    prefer (&spelling->characters[i], sign);
    if (*raw == ' ') {
      g_strlcat (spelling->raw, " ", sizeof (spelling->raw));
      raw++;
    }
    g_strlcat (spelling->raw, sign, sizeof (spelling->raw));
    raw = g_utf8_next_char (raw);
  }
  return TRUE;
}
