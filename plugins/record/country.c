/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which countries a plate text may belong to, domain.md 5.3 and 5.4, by the
 * series of its plates (seriestable.h).
 *
 * A country scores with the best of its series that fit. Scores are shares of
 * all that fit and of a fixed part for the countries the table does not know,
 * so they sum to less than 1 and a lone candidate is never certain.
 *
 * Syntax ranks, it never rejects: a text that fits nothing has no country, and
 * that is all. */

#include "country.h"
#include "seriestable.h"

#include <string.h>

/* Weight of all countries that are not in the table together */
#define UNKNOWN_COUNTRIES 0.2
/* What a country that is expected here weighs more than another */
#define PREFERENCE 3.0

static gdouble
preference (const gchar *code, const gchar *const *preferred)
{
  return preferred && g_strv_contains (preferred, code) ? PREFERENCE : 1.0;
}

static void
weigh_countries (const AnprSeriesTable *table, const gchar *key,
    const gchar *const *preferred, gdouble *weights)
{
  anpr_series_table_weigh (table, key, weights);
  for (guint i = 0; i < anpr_series_table_get_n_countries (table); i++)
    if (weights[i] > 0)
      weights[i] *=
          preference (anpr_series_table_get_code (table, i), preferred);
}

static gint
compare_scores (gconstpointer a, gconstpointer b)
{
  const AnprCountry *x = a, *y = b;

  if (x->score != y->score)
    return x->score < y->score ? 1 : -1;
  return strcmp (x->code, y->code);
}

/**
 * anpr_countries_rank:
 * @key: (nullable): a plate key (platetext.h)
 * @preferred: (nullable) (array zero-terminated=1): ISO 3166 alpha-2 codes of
 *     the countries to expect; they rank higher, others stay
 * @countries: (out caller-allocates) (array length=n_countries): the countries
 *     whose series @key fits, most likely first
 * @n_countries: how many fit into @countries
 *
 * The scores sum to less than 1; the rest stands for countries without a known
 * syntax. May be called from any thread.
 *
 * Returns: how many of @countries were filled; 0 if @key fits no series
 */
guint
anpr_countries_rank (const gchar *key, const gchar *const *preferred,
    AnprCountry *countries, guint n_countries)
{
  const AnprSeriesTable *table = anpr_series_table_get_default ();
  guint n_known = anpr_series_table_get_n_countries (table);
  gdouble weights[ANPR_MAX_KNOWN_COUNTRIES];
  AnprCountry all[ANPR_MAX_KNOWN_COUNTRIES];
  gdouble sum = UNKNOWN_COUNTRIES;
  guint n = 0;

  g_return_val_if_fail (countries != NULL || n_countries == 0, 0);
  if (!key)
    return 0;
  weigh_countries (table, key, preferred, weights);
  for (guint i = 0; i < n_known; i++)
    sum += weights[i];
  for (guint i = 0; i < n_known; i++) {
    if (weights[i] <= 0)
      continue;
    g_strlcpy (
        all[n].code, anpr_series_table_get_code (table, i), sizeof all[n].code);
    all[n++].score = weights[i] / sum;
  }
  qsort (all, n, sizeof (AnprCountry), compare_scores);
  n = MIN (n, n_countries);
  if (n > 0)
    memcpy (countries, all, n * sizeof (AnprCountry));
  return n;
}

/**
 * anpr_countries_fit:
 * @key: (nullable): a plate key
 * @preferred: (nullable) (array zero-terminated=1): as anpr_countries_rank()
 *
 * How common the most common series is that @key fits: 1 for the standard
 * plates of any country, close to 0 for forms that nearly every text fits, more
 * than 1 for a country of @preferred. May be called from any thread.
 *
 * Returns: the weight, 0 if @key fits no series
 */
gdouble
anpr_countries_fit (const gchar *key, const gchar *const *preferred)
{
  const AnprSeriesTable *table = anpr_series_table_get_default ();
  guint n_known = anpr_series_table_get_n_countries (table);
  gdouble weights[ANPR_MAX_KNOWN_COUNTRIES];
  gdouble best = 0;

  if (!key)
    return 0;
  weigh_countries (table, key, preferred, weights);
  for (guint i = 0; i < n_known; i++)
    best = MAX (best, weights[i]);
  return best;
}
