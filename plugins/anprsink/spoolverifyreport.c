/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Verifying the report of erasures: its own chain, and that every record that is
 * missing at the beginning of a chain or in it was erased by an entry. If the
 * oldest entries are gone, because there are only so many, what they told of
 * cannot be asked for any more. */

#include "spoolreport.h"
#include "spoolverify-private.h"
#include "../record/jsonmember.h"

typedef struct {
  guint64 from;
  guint64 to;
} Range;

typedef struct {
  AnprSpoolVerdict *verdict;
  GHashTable *ranges; /* position -> GArray of Range */
  guint64 number;
  gchar *hash;
  gboolean cut; /* the first entry is not number 1 */
} Reading;

static gboolean
get_number (JsonArray *array, guint i, guint64 *number)
{
  JsonNode *node = json_array_get_element (array, i);

  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *number = (guint64) json_node_get_int (node);
  return TRUE;
}

static gboolean
read_range (JsonArray *ranges, guint i, Range *range)
{
  JsonNode *node = json_array_get_element (ranges, i);
  JsonArray *pair =
      JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  return pair && json_array_get_length (pair) == 2
         && get_number (pair, 0, &range->from)
         && get_number (pair, 1, &range->to) && range->from <= range->to;
}

static GArray *
get_ranges (Reading *reading, const gchar *position)
{
  GArray *ranges = g_hash_table_lookup (reading->ranges, position);

  if (!ranges) {
    ranges = g_array_new (FALSE, FALSE, sizeof (Range));
    g_hash_table_insert (reading->ranges, g_strdup (position), ranges);
  }
  return ranges;
}

static void
read_places (Reading *reading, JsonObject *entry)
{
  JsonArray *places = anpr_json_array (entry, "positions");
  gboolean damaged = g_strcmp0 (json_object_get_string_member_with_default (
                                    entry, "reason", NULL),
                         "damaged")
                     == 0;

  for (guint i = 0; places && i < json_array_get_length (places); i++) {
    JsonObject *place = anpr_json_element (places, i);
    const gchar *position = place ? json_object_get_string_member_with_default (
                                place, "position", NULL)
                                  : NULL;
    JsonArray *passages = anpr_json_array (place, "passages");

    for (guint j = 0;
         position && passages && j < json_array_get_length (passages); j++) {
      Range range;

      if (!read_range (passages, j, &range))
        continue;
      g_array_append_val (get_ranges (reading, position), range);
      reading->verdict->n_erased += range.to - range.from + 1;
      if (damaged)
        reading->verdict->n_damaged += range.to - range.from + 1;
    }
  }
}

/* What is wrong with an entry, or NULL */
static const gchar *
find_fault (Reading *reading, guint64 number, const gchar *line)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  JsonObject *entry = node && JSON_NODE_HOLDS_OBJECT (node)
                          ? json_node_get_object (node)
                          : NULL;
  const gchar *hash, *previous;

  if (!entry)
    return "it is no JSON";
  hash = json_object_get_string_member_with_default (entry, "hash", "");
  previous =
      json_object_get_string_member_with_default (entry, "previous_hash", NULL);
  if (!anpr_record_has_hash (line, hash))
    return "it was changed";
  if (reading->number == 0)
    reading->cut = number > 1;
  else if (number != reading->number + 1)
    return "entries before it are missing";
  if (!(reading->number == 0 && reading->cut)
      && g_strcmp0 (previous, reading->hash) != 0)
    return "the entry before it is another one";
  read_places (reading, entry);
  g_free (reading->hash);
  reading->hash = g_strdup (hash);
  return NULL;
}

static gboolean
read_entry (guint64 number, const gchar *line, gpointer user_data)
{
  Reading *reading = user_data;
  const gchar *fault = find_fault (reading, number, line);

  if (fault) {
    reading->verdict->fault = g_strdup_printf (
        "report, entry %" G_GUINT64_FORMAT ": %s", number, fault);
    return FALSE;
  }
  reading->number = number;
  reading->verdict->n_entries++;
  return TRUE;
}

/* --- what is missing must have been erased --- */

static gint
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *one = a, *other = b;

  return one->from < other->from ? -1 : one->from > other->from;
}

/* The first number from @from to @to that no entry erased, or 0 */
static guint64
find_unreported (Reading *reading, const gchar *position, Range missing)
{
  GArray *ranges = g_hash_table_lookup (reading->ranges, position);

  if (ranges)
    g_array_sort (ranges, compare_ranges);
  for (guint i = 0; ranges && i < ranges->len; i++) {
    Range range = g_array_index (ranges, Range, i);

    if (i == 0 && reading->cut && missing.from < range.from)
      missing.from = range.from;
    if (range.from <= missing.from && range.to >= missing.from)
      missing.from = range.to + 1;
  }
  return missing.from <= missing.to ? missing.from : 0;
}

static gboolean
check_missing (
    AnprSpool *spool, Reading *reading, GPtrArray *positions, GArray *missing)
{
  for (guint i = 0; i < positions->len; i++) {
    const gchar *position = g_ptr_array_index (positions, i);
    guint64 unreported =
        find_unreported (reading, position, g_array_index (missing, Range, i));

    if (unreported) {
      reading->verdict->fault = g_strdup_printf (
          "position \"%s\", sequence %" G_GUINT64_FORMAT
          ": it was erased, and no entry of the report says so",
          position, unreported);
      return FALSE;
    }
  }
  return TRUE;
}

/* Read before the report is, which only grows */
static gboolean
fetch_missing (AnprSpool *spool, GPtrArray *positions, GArray *missing)
{
  g_autoptr (AnprStatement) statement = anpr_spool_prepare (spool,
      "SELECT name, 1, anchor_sequence FROM position WHERE anchor_sequence > 0"
      " UNION ALL SELECT position, sequence, sequence FROM removed");
  gint rc = statement ? SQLITE_ROW : SQLITE_ERROR;

  while (statement && (rc = sqlite3_step (statement)) == SQLITE_ROW) {
    Range range = { sqlite3_column_int64 (statement, 1),
      sqlite3_column_int64 (statement, 2) };

    g_ptr_array_add (
        positions, g_strdup (anpr_statement_get_text (statement, 0)));
    g_array_append_val (missing, range);
  }
  return rc == SQLITE_DONE;
}

/**
 * anpr_spool_verify_report: (skip)
 * @spool: a spool
 * @verdict: its fault and its counts are set
 * @error: %ANPR_ERROR_SPOOL_OPEN
 *
 * Returns: %FALSE if it could not be read to the end
 */
gboolean
anpr_spool_verify_report (
    AnprSpool *spool, AnprSpoolVerdict *verdict, GError **error)
{
  g_autoptr (GPtrArray) positions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (Range));
  Reading reading = { verdict };
  gboolean read;

  if (!fetch_missing (spool, positions, missing)) {
    anpr_spool_set_read_error (spool, error);
    return FALSE;
  }
  reading.ranges = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  read = anpr_spool_visit_report (spool, read_entry, &reading, error);
  if (read && !verdict->fault)
    (void) check_missing (spool, &reading, positions, missing);
  if (read && reading.hash)
    anpr_spool_verdict_add_head (
        verdict, "report of erasures", reading.number, reading.hash);
  g_hash_table_unref (reading.ranges);
  g_free (reading.hash);
  return read;
}
