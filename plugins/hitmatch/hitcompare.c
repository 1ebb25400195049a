/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Comparing a read with the lists.
 *
 * All in memory and without a lock: a binary search a list, and allocations
 * only for what is handed back. Measured figures are in docs/lists.md.
 *
 * A list with hostile or careless content can have many entries for one plate,
 * and there may be many lists; so matches are first gathered as small structs,
 * ranked, and only as many made into hits as a passage holds.
 */

#include "hitcompare.h"
#include "../record/passage.h"

#include <string.h>

/* Least share of the read that its ranked countries must account for before
 * the absence of a country says anything */
#define TELLING_SHARE 0.5

/* Part of the best country's score from which another is as plausible */
#define PLAUSIBLE_PART 0.5

typedef struct {
  const AnprHitList *list;
  guint entry;
  guint priority;
  AnprGrade grade;
  AnprCountryGrade country_grade;
} Found;

static gboolean
is_same_country (const gchar *a, const gchar *b)
{
  /* readers may say UK as drivers do; lists are normalised when parsed */
  return strcmp (strcmp (a, "UK") == 0 ? "GB" : a, b) == 0;
}

/**
 * anpr_country_grade: (skip)
 * @read: (nullable): a read with its ranked countries
 * @country: of a list entry, "" if unknown
 *
 * Text alone seldom tells one country: AB123CD is French, Italian and Slovak.
 * So an entry agrees with any country nearly as likely as the best, and
 * conflicts only if the read's countries explain it without the entry's. A
 * conflict is never actionable (R15) and must not come from a country that
 * the reader just does not know.
 *
 * Returns: how well they go together
 */
AnprCountryGrade
anpr_country_grade (const AnprRead *read, const gchar *country)
{
  gdouble best = 0, share = 0, score = -1;

  for (guint i = 0; read && i < anpr_read_get_n_countries (read); i++) {
    const AnprCountry *ranked = anpr_read_get_country (read, i);

    best = MAX (best, ranked->score);
    share += ranked->score;
    if (is_same_country (ranked->code, country))
      score = ranked->score;
  }
  if (country[0] == '\0' || share <= 0)
    return ANPR_COUNTRY_UNKNOWN;
  if (score >= PLAUSIBLE_PART * best)
    return ANPR_COUNTRY_AGREE;
  if (score < 0 && share >= TELLING_SHARE)
    return ANPR_COUNTRY_CONFLICT;
  return ANPR_COUNTRY_UNKNOWN;
}

/* Positions, in the read, of the signs that the entry writes otherwise. Only
 * umlauts are, all in the same manner: as one letter if both texts are of the
 * same length, else as two. */
static gchar *
name_differing (const gchar *read, const gchar *plate)
{
  glong n_ours, n_theirs;
  g_autofree gunichar *ours = g_utf8_to_ucs4_fast (read, -1, &n_ours);
  g_autofree gunichar *theirs = g_utf8_to_ucs4_fast (plate, -1, &n_theirs);
  GString *positions = g_string_new (NULL);
  guint letters = n_ours == n_theirs ? 1 : 2;

  for (glong i = 0, k = 0; i < n_ours && k < n_theirs; i++, k++) {
    gboolean umlaut_here = ours[i] > 0x7f;

    if (ours[i] == theirs[k])
      continue;
    g_string_append_printf (
        positions, "%s%ld", positions->len > 0 ? "," : "", i);
    if (umlaut_here)
      k += letters - 1;
    else if (letters == 2)
      g_string_append_printf (positions, ",%ld", ++i);
  }
  return g_string_free (positions, FALSE);
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

static gchar *
make_differing (const Found *found, const AnprRead *read)
{
  gchar key[ANPR_SHORT_KEY_SIZE];

  if (found->grade == ANPR_GRADE_EXACT)
    return g_strdup ("");
  (void) anpr_short_key (
      anpr_hit_list_get_text (found->list, found->entry, ANPR_HIT_TEXT_PLATE),
      key);
  return name_differing (read->text, key);
}

static AnprHit *
make_hit (const Found *found, const AnprRead *read, gint64 utc)
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
  hit->differing = make_differing (found, read);
  hit->country_grade = found->country_grade;
  hit->list_age = (utc - header->valid_from) / G_USEC_PER_SEC;
  hit->covert = entry.covert;
  return hit;
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *left = a, *right = b;

  if (left->priority != right->priority)
    return left->priority < right->priority ? -1 : 1;
  if (left->grade != right->grade)
    return left->grade < right->grade ? -1 : 1;
  if (left->country_grade != right->country_grade)
    return left->country_grade < right->country_grade ? -1 : 1;
  return 0;
}

static void
find_in_list (
    GArray *found, const AnprHitList *list, const AnprRead *read, gint64 utc)
{
  AnprHitMatch matches[ANPR_HIT_LIST_MAX_MATCHES];
  guint n = anpr_hit_list_find (list, read->text, matches);

  for (guint i = 0; i < n; i++) {
    Found one = { .list = list, .entry = matches[i].entry };
    AnprHitEntry entry;

    anpr_hit_list_get_entry (list, one.entry, &entry);
    if (utc < entry.valid_from || utc >= entry.valid_until)
      continue;
    one.priority = entry.priority;
    one.grade = matches[i].indirect ? ANPR_GRADE_LOOK_ALIKE : ANPR_GRADE_EXACT;
    one.country_grade = anpr_country_grade (read, entry.country);
    g_array_append_val (found, one);
  }
}

/**
 * anpr_hit_lists_compare: (skip)
 * @lists: a set of lists
 * @read: (nullable): what was read; without a text there are no hits
 * @utc: when the plate was seen, microseconds since 1970: lists and entries
 *     count if they are valid then
 * @compared: (out) (transfer full) (element-type AnprCompared): every list that
 *     was active, also for a plate that was not read (R9)
 *
 * Threads: any, at the same time. Does not block.
 *
 * Returns: (transfer full) (element-type AnprHit): the most urgent hits, at
 *     most %ANPR_PASSAGE_MAX_HITS, in order of priority, then grade, then
 *     country grade
 */
GPtrArray *
anpr_hit_lists_compare (const AnprHitLists *lists, const AnprRead *read,
    gint64 utc, GPtrArray **compared)
{
  GPtrArray *hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_hit_unref);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));

  *compared =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_compared_free);
  for (guint i = 0; i < anpr_hit_lists_get_n_lists (lists); i++) {
    const AnprHitList *list = anpr_hit_lists_get_list (lists, i);
    const AnprHitListHeader *header = anpr_hit_list_get_header (list);

    if (!anpr_hit_list_is_active (list, utc))
      continue;
    g_ptr_array_add (
        *compared, anpr_compared_new (header->id, header->version));
    if (read && read->text)
      find_in_list (found, list, read, utc);
  }
  g_array_sort (found, compare_found);
  for (guint i = 0; i < MIN (found->len, ANPR_PASSAGE_MAX_HITS); i++)
    g_ptr_array_add (
        hits, make_hit (&g_array_index (found, Found, i), read, utc));
  return hits;
}
