/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The # lines of a hit list, docs/lists.md: one table says what each means. */

#include "listheader.h"
#include "listvalue.h"

#include <string.h>

#define DEFAULT_PRIORITY 50

static gboolean
take_name (gchar **name, const gchar *value)
{
  if (value[0] == '\0')
    return FALSE;
  *name = g_strdup (value);
  return TRUE;
}

static gboolean
take_list (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_identifier (value) && take_name (&header->id, value);
}

static gboolean
take_authority (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->authority, value);
}

static gboolean
take_category (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->category, value);
}

static gboolean
take_contact (AnprHitListHeader *header, const gchar *value)
{
  return take_name (&header->contact, value);
}

static gboolean
take_purpose (AnprHitListHeader *header, const gchar *value)
{
  return anpr_purpose_from_string (value, &header->purpose);
}

static gboolean
take_match (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_modes (value, &header->modes);
}

/* One or two, and no setting goes beyond it (R14) */
static gboolean
take_look_alike_signs (AnprHitListHeader *header, const gchar *value)
{
  header->look_alike_signs = strcmp (value, "2") == 0 ? 2 : 1;
  return strcmp (value, "1") == 0 || strcmp (value, "2") == 0;
}

static gboolean
take_priority (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_priority (value, &header->priority);
}

static gboolean
take_version (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_version (value) && take_name (&header->version, value);
}

static gboolean
take_valid_from (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_date (value, &header->valid_from);
}

static gboolean
take_valid_until (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_date (value, &header->valid_until);
}

static gboolean
take_issued (AnprHitListHeader *header, const gchar *value)
{
  return anpr_list_value_date (value, &header->issued);
}

static const struct {
  const gchar *name;
  gboolean needed;
  gboolean (*take) (AnprHitListHeader *header, const gchar *value);
  const gchar *wanted;
} headers[ANPR_N_LIST_HEADERS] = {
  [ANPR_LIST_HEADER_LIST] = { "list", TRUE, take_list,
      "an id of at most 64 letters, digits, '.', '_' and '-', not '.' first" },
  [ANPR_LIST_HEADER_AUTHORITY] = { "authority", TRUE, take_authority,
      "a name" },
  [ANPR_LIST_HEADER_CATEGORY] = { "category", TRUE, take_category, "a name" },
  [ANPR_LIST_HEADER_PURPOSE] = { "purpose", TRUE, take_purpose,
      "J1, J2, J3 or B1" },
  [ANPR_LIST_HEADER_MATCH] = { "match", FALSE, take_match,
      ANPR_LIST_MATCH_FORM },
  [ANPR_LIST_HEADER_LOOK_ALIKE_SIGNS] = { "look-alike-signs", FALSE,
      take_look_alike_signs, "1 or 2" },
  [ANPR_LIST_HEADER_PRIORITY] = { "priority", FALSE, take_priority,
      "a number 0 to 100" },
  [ANPR_LIST_HEADER_VERSION] = { "version", TRUE, take_version,
      "a number, or numbers with dots" },
  [ANPR_LIST_HEADER_VALID_FROM] = { "valid-from", TRUE, take_valid_from,
      ANPR_LIST_DATE_FORM },
  [ANPR_LIST_HEADER_VALID_UNTIL] = { "valid-until", TRUE, take_valid_until,
      ANPR_LIST_DATE_FORM },
  [ANPR_LIST_HEADER_ISSUED] = { "issued", FALSE, take_issued,
      ANPR_LIST_DATE_FORM },
  [ANPR_LIST_HEADER_CONTACT] = { "contact", FALSE, take_contact, "a name" },
};

/**
 * anpr_list_header_init: (skip)
 * @header: (out): a header that holds nothing yet
 * @file: name for messages, in the encoding of file names
 */
void
anpr_list_header_init (AnprListHeader *header, const gchar *file)
{
  memset (header, 0, sizeof *header);
  header->values.file = g_filename_display_name (file);
  header->values.priority = DEFAULT_PRIORITY;
  header->values.modes = 1 << ANPR_LIST_MATCH_EXACT;
  header->values.look_alike_signs = 1;
}

/**
 * anpr_list_header_clear: (skip)
 * @header: a header
 */
void
anpr_list_header_clear (AnprListHeader *header)
{
  anpr_hit_list_header_clear (&header->values);
}

static gchar *
take (AnprListHeader *header, AnprListHeaderKey which, const gchar *value)
{
  if (header->seen[which])
    return g_strdup_printf ("\"%s\" is there twice", headers[which].name);
  header->seen[which] = TRUE;
  if (!headers[which].take (&header->values, value))
    return g_strdup_printf (
        "\"%s\" is not %s", headers[which].name, headers[which].wanted);
  return NULL;
}

/**
 * anpr_list_header_take: (skip)
 * @header: a header
 * @key: of a # line, without spaces around
 * @value: its value, without spaces around
 *
 * Returns: (transfer full) (nullable): what is wrong, %NULL if nothing is
 */
gchar *
anpr_list_header_take (
    AnprListHeader *header, const gchar *key, const gchar *value)
{
  g_autofree gchar *shown = NULL;

  for (guint i = 0; i < ANPR_N_LIST_HEADERS; i++)
    if (strcmp (headers[i].name, key) == 0)
      return take (header, i, value);
  shown = anpr_list_value_shorten (key);
  return g_strdup_printf ("unknown key \"%s\"", shown);
}

/**
 * anpr_list_header_complete: (skip)
 * @header: a header with all its lines; gets what follows from them
 * @now: UTC, microseconds since 1970
 * @code: (out): the error, if something is wrong
 *
 * Returns: (transfer full) (nullable): what is wrong, %NULL if nothing is
 */
gchar *
anpr_list_header_complete (AnprListHeader *header, gint64 now, AnprError *code)
{
  if (!header->seen[ANPR_LIST_HEADER_ISSUED])
    header->values.issued = header->values.valid_from;
  *code = ANPR_ERROR_LIST_HEADER;
  for (guint i = 0; i < ANPR_N_LIST_HEADERS; i++)
    if (headers[i].needed && !header->seen[i])
      return g_strdup_printf (
          "no line \"# %s: \" above the columns", headers[i].name);
  if (header->seen[ANPR_LIST_HEADER_LOOK_ALIKE_SIGNS]
      && !(header->values.modes & 1 << ANPR_LIST_MATCH_LOOK_ALIKE))
    return g_strdup (
        "\"look-alike-signs\" where \"match\" does not name look-alike");
  if (header->values.valid_until <= header->values.valid_from)
    return g_strdup ("the list's validity ends before it begins");
  *code = ANPR_ERROR_LIST_DATE;
  if (header->values.valid_until <= now)
    return g_strdup ("the list's validity has ended");
  return NULL;
}
