/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hit lists and their entries in words. All text from a list is cleaned. */

#include "listtext.h"
#include "console.h"

/**
 * anpr_list_text_time:
 * @utc: microseconds since 1970
 *
 * Returns: (transfer full): as lists write it
 */
gchar *
anpr_list_text_time (gint64 utc)
{
  g_autoptr (GDateTime) time =
      g_date_time_new_from_unix_utc (utc / G_USEC_PER_SEC);

  return time ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ")
              : g_strdup ("unknown time");
}

static gchar *clean_join (const gchar *format, ...) G_GNUC_PRINTF (1, 2);

static gchar *
clean_join (const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return anpr_console_clean (text);
}

/**
 * anpr_list_text_line:
 * @list: a list
 *
 * Returns: (transfer full): the list in a line
 */
gchar *
anpr_list_text_line (const AnprHitList *list)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  g_autofree gchar *until = anpr_list_text_time (header->valid_until);

  return clean_join ("list %s, version %s, %s, %u entries, until %s%s%s",
      header->id, header->version, header->authority,
      anpr_hit_list_get_n_entries (list), until,
      header->signer ? ", signed by " : "",
      header->signer ? header->signer : "");
}

static void
append (GString *text, const gchar *name, const gchar *value)
{
  g_autofree gchar *clean = anpr_console_clean (value ? value : "-");

  g_string_append_printf (text, "  %-16s  %s\n", name, clean);
}

static void
append_time (GString *text, const gchar *name, gint64 utc)
{
  g_autofree gchar *value = anpr_list_text_time (utc);

  append (text, name, utc > 0 ? value : NULL);
}

static void
append_number (GString *text, const gchar *name, guint value)
{
  g_autofree gchar *number = g_strdup_printf ("%u", value);

  append (text, name, number);
}

static void
append_counts (GString *text, const AnprHitList *list, gint64 now)
{
  guint n[ANPR_N_LIST_MATCHES] = { 0 }, n_now = 0;

  for (guint i = 0; i < anpr_hit_list_get_n_entries (list); i++) {
    AnprHitEntry entry;

    anpr_hit_list_get_entry (list, i, &entry);
    n[entry.match]++;
    n_now += now >= entry.valid_from && now < entry.valid_until;
  }
  append_number (text, "entries", anpr_hit_list_get_n_entries (list));
  append_number (text, "valid now", n_now);
  for (guint match = 0; match < ANPR_N_LIST_MATCHES; match++)
    append_number (text, anpr_list_match_to_string (match), n[match]);
}

/**
 * anpr_list_text_whole:
 * @list: a list
 * @now: microseconds since 1970
 *
 * Returns: (transfer full): what the list says of itself, and how many entries
 *     of which kind it has
 */
gchar *
anpr_list_text_whole (const AnprHitList *list, gint64 now)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  GString *text = g_string_new (NULL);
  g_autofree gchar *id = anpr_console_clean (header->id);

  g_string_append_printf (text, "list %s\n", id);
  append (text, "authority", header->authority);
  append (text, "version", header->version);
  append (text, "category", header->category);
  append (text, "purpose", anpr_purpose_to_string (header->purpose));
  append_number (text, "priority", header->priority);
  append (text, "contact", header->contact);
  append_time (text, "valid from", header->valid_from);
  append_time (text, "valid until", header->valid_until);
  append_time (text, "issued", header->issued);
  append (text, "signed by", header->signer);
  append_time (text, "accepted", header->accepted);
  if (header->modes & 1 << ANPR_LIST_MATCH_LOOK_ALIKE)
    append_number (text, "look-alike signs", header->look_alike_signs);
  append_counts (text, list, now);
  g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

/**
 * anpr_list_text_of:
 * @list: a list
 * @entry: which of its entries
 * @text: which of its texts
 *
 * Returns: (transfer none): that text, "" if it has none
 */
const gchar *
anpr_list_text_of (const AnprHitList *list, guint entry, AnprHitText text)
{
  const gchar *value = anpr_hit_list_get_text (list, entry, text);

  return value ? value : "";
}

/**
 * anpr_list_text_entry:
 * @list: a list
 * @entry: which of its entries
 *
 * Returns: (transfer full): id, plate, country and what is asked for
 */
gchar *
anpr_list_text_entry (const AnprHitList *list, guint entry)
{
  const gchar *measure = anpr_list_text_of (list, entry, ANPR_HIT_TEXT_MEASURE);
  const gchar *reason = anpr_list_text_of (list, entry, ANPR_HIT_TEXT_REASON);
  AnprHitEntry values;

  anpr_hit_list_get_entry (list, entry, &values);
  return clean_join ("entry %s, plate %s%s%s, %s%s%s%s%s",
      anpr_list_text_of (list, entry, ANPR_HIT_TEXT_ENTRY),
      anpr_list_text_of (list, entry, ANPR_HIT_TEXT_PLATE),
      values.country[0] ? ", " : "", values.country,
      anpr_list_match_to_string (values.match), *measure ? ", " : "", measure,
      *reason ? ", " : "", reason);
}
