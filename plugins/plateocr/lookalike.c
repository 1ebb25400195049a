/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Letters and digits that readers take for each other, told apart by the slot
 * they stand in. */

#include "lookalike.h"
#include "../record/country.h"
#include "../record/platetext.h"

#include <string.h>

/* Letter to digit and back; where one sign has several, the likeliest */
static const struct {
  gchar seen;
  gchar instead;
} pairs[] = {
  { 'O', '0' },
  { '0', 'O' },
  { 'I', '1' },
  { '1', 'I' },
  { 'S', '5' },
  { '5', 'S' },
  { 'B', '8' },
  { '8', 'B' },
  { 'Z', '2' },
  { '2', 'Z' },
  { 'G', '6' },
  { '6', 'G' },
  { 'Q', '0' },
  { 'D', '0' },
};

/* Series heavier than this are of real plates, lighter ones fit anything */
#define PERSONALISED_WEIGHT 0.06
#define COMMON_WEIGHT 0.5

/**
 * anpr_look_alike_replace:
 * @key: a plate key
 * @i: which sign, in characters
 * @sign: what to put there
 *
 * Returns: (transfer full): @key with its sign @i replaced, @key itself if it
 *     is shorter
 */
gchar *
anpr_look_alike_replace (const gchar *key, guint i, const gchar *sign)
{
  const gchar *at;

  if ((glong) i >= g_utf8_strlen (key, -1))
    return g_strdup (key);
  at = g_utf8_offset_to_pointer (key, i);
  return g_strdup_printf (
      "%.*s%s%s", (gint) (at - key), key, sign, g_utf8_next_char (at));
}

/**
 * anpr_look_alike_fitting:
 * @key: a plate key, at most %ANPR_PLATE_TEXT_MAX signs
 * @preferred: (nullable): as anpr_countries_rank()
 *
 * A text that fits a series of its own is taken as it is.
 *
 * Returns: (transfer full) (nullable): the one that fits a common series best
 *     of the texts that differ from @key in one sign between letter and digit;
 *     %NULL if @key fits a series or none of them does
 */
gchar *
anpr_look_alike_fitting (const gchar *key, const gchar *const *preferred)
{
  gchar *best = NULL;
  gdouble best_fit = 0;
  guint n = (guint) g_utf8_strlen (key, -1);

  if (anpr_countries_fit (key, NULL) > PERSONALISED_WEIGHT
      || n > ANPR_PLATE_TEXT_MAX)
    return NULL;
  for (guint i = 0; i < n; i++)
    for (gsize pair = 0; pair < G_N_ELEMENTS (pairs); pair++) {
      const gchar sign[2] = { pairs[pair].instead, '\0' };
      g_autofree gchar *text = NULL;
      gdouble fit;

      if (*g_utf8_offset_to_pointer (key, i) != pairs[pair].seen)
        continue;
      text = anpr_look_alike_replace (key, i, sign);
      if (anpr_countries_fit (text, NULL) < COMMON_WEIGHT)
        continue;
      fit = anpr_countries_fit (text, preferred);
      if (fit > best_fit) {
        best_fit = fit;
        g_free (best);
        best = g_steal_pointer (&text);
      }
    }
  return best;
}
