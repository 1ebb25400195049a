/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Comparing a read with the lists.
 *
 * Without a lock, and with allocations only for what is handed back: in each
 * list hitfind.c finds the entries. Measured figures are in docs/lists.md.
 *
 * A list with hostile or careless content can have many entries for one plate,
 * and there may be many lists; so matches are first gathered as small structs,
 * ranked, and only as many made into hits as a passage holds.
 */

#include "hitcompare.h"
#include "../record/passage.h"

#include <string.h>

/* Positions, in the read, of umlauts that the entry writes as another number of
 * letters, or the other way round */
static gchar *
name_umlauts (const gchar *read, const gchar *plate)
{
  glong n_ours, n_theirs;
  g_autofree gunichar *ours = g_utf8_to_ucs4_fast (read, -1, &n_ours);
  g_autofree gunichar *theirs = g_utf8_to_ucs4_fast (plate, -1, &n_theirs);
  GString *positions = g_string_new (NULL);

  for (glong i = 0, k = 0; i < n_ours && k < n_theirs; i++, k++) {
    gboolean umlaut_here = ours[i] > 0x7f;

    if (ours[i] == theirs[k])
      continue;
    g_string_append_printf (
        positions, "%s%ld", positions->len > 0 ? "," : "", i);
    if (umlaut_here)
      k++;
    else
      g_string_append_printf (positions, ",%ld", ++i);
  }
  return g_string_free (positions, FALSE);
}

/* Names the signs that differ, and what the reader thought of them */
static void
add_signs (AnprHit *hit, const AnprHitQuery *query, const AnprKeySigns *listed)
{
  const AnprAlikeRead *alike = &query->alike;
  GString *positions = g_string_new (NULL);

  for (guint i = 0; i < listed->n; i++) {
    AnprHitSign sign = { .at = i };
    guint8 ours = alike->text.signs[i], theirs = listed->signs[i];

    if (ours == theirs)
      continue;
    g_strlcpy (sign.read, anpr_short_key_sign_text (ours), sizeof sign.read);
    g_strlcpy (
        sign.listed, anpr_short_key_sign_text (theirs), sizeof sign.listed);
    sign.read_confidence = alike->confidence[i];
    sign.listed_confidence = alike->other[i][theirs];
    anpr_hit_add_sign (hit, &sign);
    g_string_append_printf (
        positions, "%s%u", positions->len > 0 ? "," : "", i);
  }
  g_free (hit->differing);
  hit->differing = g_string_free (positions, FALSE);
}

/* A pattern has no signs that could differ, and a candidate of another length
 * is told by its whole text alone */
static void
add_differences (
    AnprHit *hit, const AnprHitFound *found, const AnprHitQuery *query)
{
  const gchar *plate =
      anpr_hit_list_get_text (found->list, found->entry, ANPR_HIT_TEXT_PLATE);
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprKeySigns listed;

  hit->differing = g_strdup ("");
  if (found->grade == ANPR_GRADE_EXACT || found->grade == ANPR_GRADE_PATTERN
      || !plate || !query->is_plate)
    return;
  (void) anpr_short_key (plate, key);
  if (!anpr_short_key_to_signs (key, &listed))
    return;
  if (listed.n == query->alike.text.n) {
    add_signs (hit, query, &listed);
  } else if (found->grade == ANPR_GRADE_LOOK_ALIKE) {
    g_free (hit->differing);
    hit->differing = name_umlauts (found->matched, key);
  }
}

/* The entry's own text, or else the list's */
static const gchar *
text_or (const AnprHitList *list, guint entry, AnprHitText text,
    const gchar *otherwise)
{
  const gchar *own = anpr_hit_list_get_text (list, entry, text);

  return own ? own : otherwise;
}

/* What the dispatcher reads: why, and what to do about it */
static gchar *
make_reason (const AnprHitList *list, guint entry)
{
  const gchar *reason =
      anpr_hit_list_get_text (list, entry, ANPR_HIT_TEXT_REASON);
  const gchar *handling =
      anpr_hit_list_get_text (list, entry, ANPR_HIT_TEXT_HANDLING);

  if (reason && handling)
    return g_strdup_printf ("%s: %s", reason, handling);
  return g_strdup (reason ? reason : handling);
}

static AnprHit *
make_hit (const AnprHitFound *found, const AnprHitQuery *query)
{
  const AnprHitList *list = found->list;
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  guint i = found->entry;
  AnprHit *hit = anpr_hit_new ();
  AnprHitEntry entry;

  anpr_hit_list_get_entry (list, i, &entry);
  hit->list = g_strdup (header->id);
  hit->version = g_strdup (header->version);
  hit->entry = g_strdup (text_or (list, i, ANPR_HIT_TEXT_ENTRY, ""));
  hit->plate = g_strdup (text_or (list, i, ANPR_HIT_TEXT_PLATE, ""));
  hit->authority =
      g_strdup (text_or (list, i, ANPR_HIT_TEXT_AUTHORITY, header->authority));
  hit->reference = g_strdup (text_or (list, i, ANPR_HIT_TEXT_REFERENCE, NULL));
  hit->category =
      g_strdup (text_or (list, i, ANPR_HIT_TEXT_CATEGORY, header->category));
  hit->measure = g_strdup (text_or (list, i, ANPR_HIT_TEXT_MEASURE, NULL));
  hit->warning = g_strdup (text_or (list, i, ANPR_HIT_TEXT_WARNING, NULL));
  hit->reason = make_reason (list, i);
  hit->priority = entry.priority;
  hit->purpose = g_strdup (anpr_purpose_to_string (entry.purpose));
  hit->grade = found->grade;
  hit->matched = g_strdup (found->matched);
  hit->likelihood = found->likelihood;
  add_differences (hit, found, query);
  hit->country_grade = found->country_grade;
  hit->list_age = (query->utc - header->issued) / G_USEC_PER_SEC;
  hit->covert = entry.covert;
  return hit;
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const AnprHitFound *left = a, *right = b;

  if (left->priority != right->priority)
    return left->priority < right->priority ? -1 : 1;
  if (left->grade != right->grade)
    return left->grade < right->grade ? -1 : 1;
  if (left->country_grade != right->country_grade)
    return left->country_grade < right->country_grade ? -1 : 1;
  return (left->likelihood < right->likelihood)
         - (left->likelihood > right->likelihood);
}

static GPtrArray *
find_active (const AnprHitLists *lists, gint64 utc)
{
  GPtrArray *active =
      g_ptr_array_sized_new (anpr_hit_lists_get_n_lists (lists));

  for (guint i = 0; i < anpr_hit_lists_get_n_lists (lists); i++) {
    const AnprHitList *list = anpr_hit_lists_get_list (lists, i);

    if (anpr_hit_list_is_active (list, utc))
      g_ptr_array_add (active, (gpointer) list);
  }
  return active;
}

static GPtrArray *
name_lists (const GPtrArray *active)
{
  GPtrArray *compared =
      g_ptr_array_new_full (active->len, (GDestroyNotify) anpr_compared_free);

  for (guint i = 0; i < active->len; i++) {
    const AnprHitListHeader *header =
        anpr_hit_list_get_header (g_ptr_array_index (active, i));

    g_ptr_array_add (compared, anpr_compared_new (header->id, header->version));
  }
  return compared;
}

/* All lists are told twice what will be looked for before anything is: the
 * memory of one comes while the others are being told */
static void
find_in_lists (
    const AnprHitQuery *query, const GPtrArray *active, GArray *found)
{
  for (guint i = 0; i < 2 * active->len; i++)
    anpr_hit_query_expect (
        query, g_ptr_array_index (active, i % active->len), i >= active->len);
  for (guint i = 0; i < active->len; i++)
    anpr_hit_query_find (query, g_ptr_array_index (active, i), found);
}

/**
 * anpr_hit_lists_compare: (skip)
 * @lists: a set of lists
 * @read: (nullable): what was read; without a text there are no hits
 * @utc: when the plate was seen, microseconds since 1970: lists and entries
 *     count if they are valid then
 * @place: (nullable): where; entries with an area count only in it
 * @compared: (out) (transfer full) (element-type AnprCompared): every list that
 *     was active, also for a plate that was not read (R9)
 *
 * Threads: any, at the same time. Does not block.
 *
 * Returns: (transfer full) (element-type AnprHit): the most urgent hits, at
 *     most %ANPR_PASSAGE_MAX_HITS, in order of priority, then grade, then
 *     country grade, then likelihood
 */
GPtrArray *
anpr_hit_lists_compare (const AnprHitLists *lists, const AnprRead *read,
    gint64 utc, const AnprHitPlace *place, GPtrArray **compared)
{
  GPtrArray *hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_hit_unref);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));
  g_autoptr (GPtrArray) active = find_active (lists, utc);
  AnprHitQuery query;

  *compared = name_lists (active);
  if (!read || !read->text)
    return hits;
  anpr_hit_query_init (&query, read, utc, place);
  find_in_lists (&query, active, found);
  g_array_sort (found, compare_found);
  for (guint i = 0; i < MIN (found->len, ANPR_PASSAGE_MAX_HITS); i++)
    g_ptr_array_add (
        hits, make_hit (&g_array_index (found, AnprHitFound, i), &query));
  return hits;
}
