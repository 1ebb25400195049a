/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The columns of a hit list, docs/lists.md: one table names them, another says
 * what each kind of value must be. */

#include "listentry.h"
#include "listarea.h"
#include "listvalue.h"

#include <string.h>

#define MAX_ENTRY_ID 128

typedef enum {
  KIND_TEXT,
  KIND_ENTRY,
  KIND_PLATE,
  KIND_COUNTRY,
  KIND_ROLE,
  KIND_MATCH,
  KIND_PURPOSE,
  KIND_PRIORITY,
  KIND_COVERT,
  KIND_VALID_FROM,
  KIND_VALID_UNTIL,
  KIND_DATE,
  KIND_HOURS,
  KIND_AREA,
  N_KINDS,
} Kind;

/* A column; text is where its value is kept as it is, NOT_KEPT if it is not */
#define NOT_KEPT ANPR_N_HIT_TEXTS

static const struct {
  const gchar *name;
  Kind kind;
  AnprHitText text;
} columns[] = {
  { "entry", KIND_ENTRY, ANPR_HIT_TEXT_ENTRY },
  { "plate", KIND_PLATE, ANPR_HIT_TEXT_PLATE },
  { "valid-until", KIND_VALID_UNTIL, NOT_KEPT },
  { "valid-from", KIND_VALID_FROM, NOT_KEPT },
  { "country", KIND_COUNTRY, NOT_KEPT },
  { "role", KIND_ROLE, ANPR_HIT_TEXT_ROLE },
  { "match", KIND_MATCH, NOT_KEPT },
  { "category", KIND_TEXT, ANPR_HIT_TEXT_CATEGORY },
  { "reason", KIND_TEXT, ANPR_HIT_TEXT_REASON },
  { "purpose", KIND_PURPOSE, NOT_KEPT },
  { "legal-basis", KIND_TEXT, ANPR_HIT_TEXT_LEGAL_BASIS },
  { "measure", KIND_TEXT, ANPR_HIT_TEXT_MEASURE },
  { "priority", KIND_PRIORITY, NOT_KEPT },
  { "warning", KIND_TEXT, ANPR_HIT_TEXT_WARNING },
  { "handling", KIND_TEXT, ANPR_HIT_TEXT_HANDLING },
  { "covert", KIND_COVERT, NOT_KEPT },
  { "hours", KIND_HOURS, NOT_KEPT },
  { "area", KIND_AREA, ANPR_HIT_TEXT_AREA },
  { "authority", KIND_TEXT, ANPR_HIT_TEXT_AUTHORITY },
  { "reference", KIND_TEXT, ANPR_HIT_TEXT_REFERENCE },
  { "validator", KIND_TEXT, ANPR_HIT_TEXT_VALIDATOR },
  { "validated", KIND_DATE, ANPR_HIT_TEXT_VALIDATED },
  { "contact", KIND_TEXT, ANPR_HIT_TEXT_CONTACT },
  { "make", KIND_TEXT, ANPR_HIT_TEXT_MAKE },
  { "model", KIND_TEXT, ANPR_HIT_TEXT_MODEL },
  { "colour", KIND_TEXT, ANPR_HIT_TEXT_COLOUR },
  { "class", KIND_TEXT, ANPR_HIT_TEXT_CLASS },
  { "note", KIND_TEXT, ANPR_HIT_TEXT_NOTE },
  { "created", KIND_DATE, ANPR_HIT_TEXT_CREATED },
  { "created-by", KIND_TEXT, ANPR_HIT_TEXT_CREATED_BY },
  { "changed", KIND_DATE, ANPR_HIT_TEXT_CHANGED },
  { "changed-by", KIND_TEXT, ANPR_HIT_TEXT_CHANGED_BY },
};

G_STATIC_ASSERT (G_N_ELEMENTS (columns) == ANPR_N_LIST_COLUMNS);

static gboolean
field_text (AnprListEntry *entry, const gchar *value)
{
  return TRUE;
}

static gboolean
field_entry (AnprListEntry *entry, const gchar *value)
{
  return value[0] && strlen (value) <= MAX_ENTRY_ID;
}

static gboolean
field_plate (AnprListEntry *entry, const gchar *value)
{
  guint n_signs;

  entry->is_pattern = anpr_list_pattern_is_one (value);
  if (entry->is_pattern)
    return anpr_list_pattern_parse (&entry->pattern, value);
  n_signs = anpr_short_key (value, entry->key);
  return n_signs > 0 && n_signs <= ANPR_SHORT_KEY_SIGNS;
}

static gboolean
field_country (AnprListEntry *entry, const gchar *value)
{
  return anpr_list_value_country (value, entry->values.country);
}

static gboolean
field_role (AnprListEntry *entry, const gchar *value)
{
  return value[0] == '\0' || strcmp (value, "vehicle") == 0
         || strcmp (value, "trailer") == 0;
}

static gboolean
field_match (AnprListEntry *entry, const gchar *value)
{
  entry->has_match = value[0] != '\0';
  return !entry->has_match
         || anpr_list_match_from_string (value, &entry->values.match);
}

static gboolean
field_purpose (AnprListEntry *entry, const gchar *value)
{
  return value[0] == '\0'
         || anpr_purpose_from_string (value, &entry->values.purpose);
}

static gboolean
field_priority (AnprListEntry *entry, const gchar *value)
{
  return value[0] == '\0'
         || anpr_list_value_priority (value, &entry->values.priority);
}

static gboolean
field_covert (AnprListEntry *entry, const gchar *value)
{
  return anpr_list_value_truth (value, &entry->values.covert);
}

static gboolean
field_valid_from (AnprListEntry *entry, const gchar *value)
{
  return value[0] == '\0'
         || anpr_list_value_date (value, &entry->values.valid_from);
}

static gboolean
field_valid_until (AnprListEntry *entry, const gchar *value)
{
  return anpr_list_value_date (value, &entry->values.valid_until);
}

static gboolean
field_date (AnprListEntry *entry, const gchar *value)
{
  gint64 utc;

  return value[0] == '\0' || anpr_list_value_date (value, &utc);
}

static gboolean
field_hours (AnprListEntry *entry, const gchar *value)
{
  return anpr_list_value_hours (value, &entry->values.hours);
}

static gboolean
field_area (AnprListEntry *entry, const gchar *value)
{
  return anpr_list_area_is_one (value);
}

static const struct {
  gboolean (*take) (AnprListEntry *entry, const gchar *value);
  const gchar *wanted;
} kinds[N_KINDS] = {
  [KIND_TEXT] = { field_text, "a text" },
  [KIND_ENTRY] = { field_entry, "an id of 1 to 128 bytes" },
  [KIND_PLATE] = { field_plate,
      "a plate of 1 to 12 letters and digits, or a pattern with at least 3" },
  [KIND_COUNTRY] = { field_country,
      "an ISO 3166 code of two capital letters, or empty" },
  [KIND_ROLE] = { field_role, "vehicle, trailer or empty" },
  [KIND_MATCH] = { field_match, "exact, look-alike, pattern or empty" },
  [KIND_PURPOSE] = { field_purpose, "J1, J2, J3, B1 or empty" },
  [KIND_PRIORITY] = { field_priority, "a number 0 to 100, or empty" },
  [KIND_COVERT] = { field_covert, "yes, no or empty" },
  [KIND_VALID_FROM] = { field_valid_from, ANPR_LIST_DATE_FORM ", or empty" },
  [KIND_VALID_UNTIL] = { field_valid_until,
      ANPR_LIST_DATE_FORM "; every entry has an end of validity" },
  [KIND_DATE] = { field_date, ANPR_LIST_DATE_FORM ", or empty" },
  [KIND_HOURS] = { field_hours, ANPR_LIST_HOURS_FORM },
  [KIND_AREA] = { field_area, ANPR_LIST_AREA_FORM },
};

/**
 * anpr_list_column_find: (skip)
 * @name: a column's name
 * @column: (out): the column
 *
 * Returns: whether there is one of that name
 */
gboolean
anpr_list_column_find (const gchar *name, guint *column)
{
  for (guint i = 0; i < ANPR_N_LIST_COLUMNS; i++)
    if (strcmp (columns[i].name, name) == 0) {
      *column = i;
      return TRUE;
    }
  return FALSE;
}

const gchar *
anpr_list_column_get_name (guint column)
{
  return columns[column].name;
}

/**
 * anpr_list_entry_init: (skip)
 * @entry: (out): an entry that has what the list has
 * @header: of the list
 */
void
anpr_list_entry_init (AnprListEntry *entry, const AnprHitListHeader *header)
{
  memset (entry, 0, sizeof *entry);
  entry->values.valid_from = header->valid_from;
  entry->values.purpose = header->purpose;
  entry->values.priority = header->priority;
}

/**
 * anpr_list_entry_take: (skip)
 * @entry: an entry
 * @column: which field of it
 * @value: what the line says; must live as long as @entry
 *
 * Returns: (transfer none) (nullable): what the field should be and is not,
 *     %NULL if nothing is wrong
 */
const gchar *
anpr_list_entry_take (AnprListEntry *entry, guint column, const gchar *value)
{
  Kind kind = columns[column].kind;

  if (!kinds[kind].take (entry, value))
    return kinds[kind].wanted;
  if (columns[column].text != NOT_KEPT)
    entry->texts[columns[column].text] = value;
  return NULL;
}

/* What an entry that does not say how it is compared has by the list */
static AnprListMatch
get_usual_match (const AnprListEntry *entry, guint modes)
{
  if (entry->is_pattern)
    return ANPR_LIST_MATCH_PATTERN;
  return modes & 1 << ANPR_LIST_MATCH_LOOK_ALIKE ? ANPR_LIST_MATCH_LOOK_ALIKE
                                                 : ANPR_LIST_MATCH_EXACT;
}

static gboolean
has_text (const AnprListEntry *entry, AnprHitText text)
{
  return entry->texts[text] && entry->texts[text][0];
}

/**
 * anpr_list_entry_check: (skip)
 * @entry: an entry with all its fields
 * @header: of the list
 *
 * Settles how the entry is compared. Look-alikes and patterns are there only
 * for lists that say so (R14), and a pattern only if somebody validated it.
 *
 * Returns: (transfer full) (nullable): what is wrong, %NULL if nothing is
 */
gchar *
anpr_list_entry_check (AnprListEntry *entry, const AnprHitListHeader *header)
{
  AnprHitEntry *values = &entry->values;

  if (!entry->has_match)
    values->match = get_usual_match (entry, header->modes);
  if (values->valid_until <= values->valid_from)
    return g_strdup ("the entry's validity ends before it begins");
  if (!(header->modes & 1 << values->match))
    return g_strdup_printf (
        "the entry is a %s and the list's \"match\" does not name %s",
        values->match == ANPR_LIST_MATCH_PATTERN ? "pattern with ? or *"
                                                 : "look-alike",
        anpr_list_match_to_string (values->match));
  if (entry->is_pattern != (values->match == ANPR_LIST_MATCH_PATTERN))
    return g_strdup ("? and * go with column \"match\" pattern, and only so");
  if (entry->is_pattern
      && (!has_text (entry, ANPR_HIT_TEXT_VALIDATOR)
          || !has_text (entry, ANPR_HIT_TEXT_VALIDATED)))
    return g_strdup ("a pattern without \"validator\" and \"validated\"");
  return NULL;
}
