/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The series of number plates by country. They are data, built into the
 * library: plateseries.tsv, one row a series, and platedistricts.tsv, the codes
 * of the districts that some series start with.
 *
 * All forms of all series (platepattern.h) lie in one array for each length of
 * plate, so that a key meets only those as long as it is. A row that
 * cannot be used is told and left out; the others stay.
 *
 * The table is made at the first call on any thread, and only read from then
 * on. */

#include "seriestable.h"
#include "platepattern.h"

#include <gio/gio.h>
#include <string.h>

#define SERIES_RESOURCE "/gst-anpr/record/plateseries.tsv"
#define DISTRICTS_RESOURCE "/gst-anpr/record/platedistricts.tsv"

enum {
  COLUMN_COUNTRY,
  COLUMN_SERIES,
  COLUMN_ISSUED,
  COLUMN_WEIGHT,
  COLUMN_EXAMPLE,
  COLUMN_PATTERN,
  N_COLUMNS
};

typedef struct {
  guint country;
  gfloat weight;
  AnprPlateForm form;
} Row;

struct _AnprSeriesTable {
  guint n_countries;
  gchar codes[ANPR_MAX_KNOWN_COUNTRIES][4];
  GHashTable *districts;
  GArray *rows[ANPR_PATTERN_SIGNS + 1];
};

typedef gboolean (*AddFunc) (
    AnprSeriesTable *table, gchar **fields, GError **error);

static gboolean
find_country (AnprSeriesTable *table, const gchar *code, guint *country)
{
  for (guint i = 0; i < table->n_countries; i++)
    if (strcmp (table->codes[i], code) == 0) {
      *country = i;
      return TRUE;
    }
  if (table->n_countries == ANPR_MAX_KNOWN_COUNTRIES || strlen (code) != 2)
    return FALSE;
  *country = table->n_countries++;
  g_strlcpy (table->codes[*country], code, sizeof table->codes[0]);
  return TRUE;
}

static const AnprDistricts *
find_districts (const gchar *name, gpointer table)
{
  return g_hash_table_lookup (((AnprSeriesTable *) table)->districts, name);
}

static gboolean
parse_weight (const gchar *text, gfloat *weight)
{
  gchar *end = NULL;
  gdouble value = g_ascii_strtod (text, &end);

  *weight = (gfloat) value;
  return end != text && *end == '\0' && value > 0 && value <= 1;
}

static gboolean
add_series (AnprSeriesTable *table, gchar **fields, GError **error)
{
  g_autoptr (GArray) forms = NULL;
  Row row;

  if (g_strv_length (fields) != N_COLUMNS
      || !parse_weight (fields[COLUMN_WEIGHT], &row.weight)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "Not six columns with a weight of at most 1");
    return FALSE;
  }
  forms = anpr_plate_pattern_parse (
      fields[COLUMN_PATTERN], find_districts, table, error);
  if (!forms)
    return FALSE;
  if (!find_country (table, fields[COLUMN_COUNTRY], &row.country)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "No country, or one too many");
    return FALSE;
  }
  for (guint i = 0; i < forms->len; i++) {
    row.form = g_array_index (forms, AnprPlateForm, i);
    g_array_append_val (table->rows[row.form.n_signs], row);
  }
  return TRUE;
}

static gboolean
add_districts (AnprSeriesTable *table, gchar **fields, GError **error)
{
  AnprDistricts *districts;

  if (g_strv_length (fields) != 2) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Not two columns");
    return FALSE;
  }
  districts = anpr_districts_new (fields[1], error);
  if (!districts)
    return FALSE;
  /* replacing one would free what forms point to */
  if (g_hash_table_contains (table->districts, fields[0])) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Named twice");
    anpr_districts_free (districts);
    return FALSE;
  }
  g_hash_table_insert (table->districts, g_strdup (fields[0]), districts);
  return TRUE;
}

/* Each line below the header */
static void
add_lines (AnprSeriesTable *table, const gchar *text, AddFunc add)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean header = TRUE;

  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) fields = NULL;
    g_autoptr (GError) error = NULL;

    if (lines[i][0] == '#' || lines[i][0] == '\0')
      continue;
    fields = g_strsplit (lines[i], "\t", -1);
    if (!header && !add (table, fields, &error))
      g_critical (
          "Plate series: ignoring \"%s\": %s", lines[i], error->message);
    header = FALSE;
  }
}

/**
 * anpr_series_table_new:
 * @series: as plateseries.tsv
 * @districts: as platedistricts.tsv
 *
 * Rows that cannot be used are told and left out.
 *
 * Returns: (transfer full): the table
 */
AnprSeriesTable *
anpr_series_table_new (const gchar *series, const gchar *districts)
{
  AnprSeriesTable *table = g_new0 (AnprSeriesTable, 1);

  table->districts = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) anpr_districts_free);
  for (guint i = 0; i <= ANPR_PATTERN_SIGNS; i++)
    table->rows[i] = g_array_new (FALSE, FALSE, sizeof (Row));
  add_lines (table, districts, add_districts);
  add_lines (table, series, add_series);
  return table;
}

/**
 * anpr_series_table_free:
 * @table: (nullable): a table
 */
void
anpr_series_table_free (AnprSeriesTable *table)
{
  if (!table)
    return;
  for (guint i = 0; i <= ANPR_PATTERN_SIGNS; i++)
    g_array_unref (table->rows[i]);
  g_hash_table_unref (table->districts);
  g_free (table);
}

static gchar *
load_text (const gchar *path)
{
  g_autoptr (GBytes) bytes =
      g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_return_val_if_fail (bytes != NULL, g_strdup (""));
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gpointer
load_table (gpointer unused)
{
  g_autofree gchar *series = load_text (SERIES_RESOURCE);
  g_autofree gchar *districts = load_text (DISTRICTS_RESOURCE);

  return anpr_series_table_new (series, districts);
}

/**
 * anpr_series_table_get_default:
 *
 * Returns: (transfer none): the table that is built in
 */
const AnprSeriesTable *
anpr_series_table_get_default (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load_table, NULL);
}

guint
anpr_series_table_get_n_countries (const AnprSeriesTable *table)
{
  return table->n_countries;
}

const gchar *
anpr_series_table_get_code (const AnprSeriesTable *table, guint country)
{
  g_return_val_if_fail (country < table->n_countries, NULL);
  return table->codes[country];
}

/**
 * anpr_series_table_weigh:
 * @table: a table
 * @key: (nullable): a plate key; of anything else, nothing fits
 * @weights: (out caller-allocates): for each country of @table the weight of
 *     the heaviest of its series that @key fits, 0 where none does
 */
void
anpr_series_table_weigh (
    const AnprSeriesTable *table, const gchar *key, gdouble *weights)
{
  AnprKeySigns signs;
  const GArray *rows;

  memset (weights, 0, table->n_countries * sizeof *weights);
  anpr_key_signs_set (&signs, key);
  rows = table->rows[signs.n_signs];
  for (guint i = 0; i < rows->len; i++) {
    const Row *row = &g_array_index (rows, Row, i);

    if (row->weight > weights[row->country]
        && anpr_plate_form_match (&row->form, &signs))
      weights[row->country] = row->weight;
  }
}
