/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which countries a plate text may belong to, domain.md 5.3 and 5.4.
 *
 * The series are data: plateseries.tsv, built into the library. They are
 * compiled once, at the first call on any thread, and only read from then on.
 * A country scores with the best of its series that fit. Scores are shares of
 * all that fit and of a fixed part for the countries the table does not know,
 * so they sum to less than 1 and a lone candidate is never certain.
 *
 * Syntax ranks, it never rejects: a text that fits nothing has no country, and
 * that is all. */

#include "country.h"
#include "platetext.h"

#include <gio/gio.h>
#include <string.h>

#define SERIES_RESOURCE "/gst-anpr/record/plateseries.tsv"
/* More than Europe has; rows of further countries are left out */
#define MAX_KNOWN_COUNTRIES 64
/* Weight of all countries that are not in the table together */
#define UNKNOWN_COUNTRIES 0.2
/* What a country that is expected here weighs more than another */
#define PREFERENCE 3.0

typedef struct {
  guint country;
  gdouble weight;
  GRegex *regex;
} Series;

typedef struct {
  guint n_countries;
  gchar codes[MAX_KNOWN_COUNTRIES][4];
  GArray *series;
} SeriesTable;

static gboolean
find_country (SeriesTable *table, const gchar *code, guint *country)
{
  for (guint i = 0; i < table->n_countries; i++)
    if (strcmp (table->codes[i], code) == 0) {
      *country = i;
      return TRUE;
    }
  if (table->n_countries == MAX_KNOWN_COUNTRIES || strlen (code) != 2)
    return FALSE;
  *country = table->n_countries++;
  g_strlcpy (table->codes[*country], code, sizeof table->codes[0]);
  return TRUE;
}

static void
add_row (SeriesTable *table, const gchar *line)
{
  g_auto (GStrv) fields = g_strsplit (line, "\t", 4);
  g_autoptr (GError) error = NULL;
  Series series;

  if (g_strv_length (fields) != 4
      || !find_country (table, fields[0], &series.country)) {
    g_critical ("plateseries.tsv: \"%s\" is not a row, ignoring", line);
    return;
  }
  series.weight = g_ascii_strtod (fields[2], NULL);
  series.regex = g_regex_new (fields[3], G_REGEX_DOLLAR_ENDONLY, 0, &error);
  if (!series.regex) {
    g_critical ("plateseries.tsv: \"%s\": %s, ignoring", line, error->message);
    return;
  }
  g_array_append_val (table->series, series);
}

static gpointer
load_table (gpointer unused)
{
  SeriesTable *table = g_new0 (SeriesTable, 1);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (
      SERIES_RESOURCE, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree gchar *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean header = TRUE;

  table->series = g_array_new (FALSE, FALSE, sizeof (Series));
  g_return_val_if_fail (bytes != NULL, table);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    if (!header)
      add_row (table, lines[i]);
    header = FALSE;
  }
  return table;
}

static const SeriesTable *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_table, NULL);
}

static gdouble
preference (const gchar *code, const gchar *const *preferred)
{
  return preferred && g_strv_contains (preferred, code) ? PREFERENCE : 1.0;
}

/* The weight of each country of the table for the text, 0 where nothing fits */
static void
weigh_countries (const SeriesTable *table, const gchar *key,
    const gchar *const *preferred, gdouble *weights)
{
  for (guint i = 0; i < table->series->len; i++) {
    const Series *series = &g_array_index (table->series, Series, i);

    if (series->weight > weights[series->country]
        && g_regex_match (series->regex, key, 0, NULL))
      weights[series->country] = series->weight;
  }
  for (guint i = 0; i < table->n_countries; i++)
    weights[i] *= preference (table->codes[i], preferred);
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
  const SeriesTable *table = get_table ();
  gdouble weights[MAX_KNOWN_COUNTRIES] = { 0 };
  AnprCountry all[MAX_KNOWN_COUNTRIES];
  gdouble sum = UNKNOWN_COUNTRIES;
  guint n = 0;

  g_return_val_if_fail (countries != NULL || n_countries == 0, 0);
  if (!key || !g_utf8_validate (key, -1, NULL))
    return 0;
  weigh_countries (table, key, preferred, weights);
  for (guint i = 0; i < table->n_countries; i++)
    sum += weights[i];
  for (guint i = 0; i < table->n_countries; i++) {
    if (weights[i] <= 0)
      continue;
    memcpy (all[n].code, table->codes[i], sizeof all[n].code);
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
  const SeriesTable *table = get_table ();
  gdouble weights[MAX_KNOWN_COUNTRIES] = { 0 };
  gdouble best = 0;

  if (!key || !g_utf8_validate (key, -1, NULL))
    return 0;
  weigh_countries (table, key, preferred, weights);
  for (guint i = 0; i < table->n_countries; i++)
    best = MAX (best, weights[i]);
  return best;
}
