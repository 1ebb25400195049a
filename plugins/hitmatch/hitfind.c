/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which entries of a list a read finds, and how good that is.
 *
 *   exact       the read's text is the entry's
 *   candidate   another whole text that the reader holds possible is; the list
 *               need not allow anything for that: the text is the entry's very
 *               own, and how likely it is the hit says
 *   look-alike  an umlaut written otherwise; or, where the list allows it, one
 *               or two signs that differ and that the reader is not sure of
 *               (alike.c)
 *   pattern     the read's text fits the entry's pattern
 *
 * An entry found in several ways counts as the best of them. Entries that are
 * not valid when and where the plate was seen, by date, hour or area, are not
 * found.
 *
 * No locks, and no allocation but for the array of what is found and for areas:
 * any thread.
 */

#include "hitfind.h"

#include <string.h>
#include <time.h>

/* Least share of the read that its ranked countries must account for before
 * the absence of a country says anything */
#define TELLING_SHARE 0.5

/* Part of the best country's score from which another is as plausible */
#define PLAUSIBLE_PART 0.5

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

/**
 * anpr_hours_hold: (skip)
 * @hours: hours of an entry
 * @utc: microseconds since 1970
 *
 * Hours are those of the clock at the site: of this process's time zone.
 *
 * Returns: whether @utc is in them
 */
gboolean
anpr_hours_hold (const AnprHours *hours, gint64 utc)
{
  time_t seconds = (time_t) (utc / G_USEC_PER_SEC);
  guint minute, today, yesterday;
  struct tm tm;

  if (hours->days == 0)
    return TRUE;
  localtime_r (&seconds, &tm);
  minute = (guint) (tm.tm_hour * 60 + tm.tm_min);
  today = hours->days >> (tm.tm_wday + 6) % 7 & 1;
  yesterday = hours->days >> (tm.tm_wday + 5) % 7 & 1;
  if (hours->from < hours->until)
    return today && minute >= hours->from && minute < hours->until;
  return (today && minute >= hours->from)
         || (yesterday && minute < hours->until);
}

static void
add_wanted (AnprHitQuery *query, const gchar *key, AnprHitWanted wanted)
{
  wanted.packed = anpr_short_key_pack (key);
  if (wanted.packed != 0)
    query->wanted[query->n_wanted++] = wanted;
}

/* A text, and the two other ways to write its umlauts */
static void
want_text (
    AnprHitQuery *query, const gchar *text, gdouble likelihood, AnprGrade grade)
{
  AnprHitWanted wanted = { 0, text, likelihood, grade, FALSE };
  gchar other[ANPR_SHORT_KEY_SIZE];

  add_wanted (query, text, wanted);
  wanted.grade = ANPR_GRADE_LOOK_ALIKE;
  wanted.indirect = TRUE;
  if (anpr_short_key_without_umlauts (text, ANPR_UMLAUT_BARE, other))
    add_wanted (query, other, wanted);
  if (anpr_short_key_without_umlauts (text, ANPR_UMLAUT_TWO_LETTERS, other))
    add_wanted (query, other, wanted);
}

static void
want_candidates (AnprHitQuery *query)
{
  const AnprRead *read = query->read;
  guint n = MIN (anpr_read_get_n_candidates (read), ANPR_MAX_CANDIDATES);

  for (guint i = 0; i < n; i++) {
    const AnprCandidate *candidate = anpr_read_get_candidate (read, i);

    if (candidate->confidence >= ANPR_HIT_LEAST_CANDIDATE
        && strcmp (candidate->text, read->text) != 0)
      want_text (
          query, candidate->text, candidate->confidence, ANPR_GRADE_CANDIDATE);
  }
}

/* The read's own text in all its writings is what patterns are compared with */
static void
take_writings (AnprHitQuery *query)
{
  for (guint i = 0; i < query->n_wanted; i++)
    anpr_short_key_unpack (
        query->wanted[i].packed, &query->writings[query->n_writings++]);
}

/**
 * anpr_hit_query_init: (skip)
 * @query: (out): what to look for
 * @read: a read with a text; must live as long as @query
 * @utc: when it was seen, microseconds since 1970
 * @place: (nullable): where, %NULL if nobody knows
 */
void
anpr_hit_query_init (AnprHitQuery *query, const AnprRead *read, gint64 utc,
    const AnprHitPlace *place)
{
  query->read = read;
  query->utc = utc;
  query->place = place ? *place : (AnprHitPlace){ NULL };
  query->any_time = FALSE;
  query->n_writings = 0;
  query->n_folds = 0;
  query->n_wanted = 0;
  query->is_plate = anpr_alike_read_init (&query->alike, read);
  if (query->is_plate) {
    want_text (query, read->text, read->confidence, ANPR_GRADE_EXACT);
    take_writings (query);
    query->n_folds =
        anpr_alike_read_folds (&query->alike, query->folds, ANPR_HIT_MAX_FOLDS);
  }
  want_candidates (query);
}

/**
 * anpr_hit_query_expect: (skip)
 * @query: what to look for
 * @list: where it will be looked for
 * @soon: whether it was told before and comes next
 *
 * Asks for the memory it will take, anpr_key_table_expect().
 */
void
anpr_hit_query_expect (
    const AnprHitQuery *query, const AnprHitList *list, gboolean soon)
{
  for (guint i = 0; i < query->n_wanted; i++)
    anpr_key_table_expect (
        anpr_hit_list_get_keys (list), query->wanted[i].packed, soon);
  for (guint i = 0; i < query->n_folds; i++)
    anpr_key_table_expect (
        anpr_hit_list_get_folds (list), query->folds[i], soon);
}

/* Keeps the better of two ways to the same entry. What this list gave begins at
 * from, where the caller found the array. */
static void
note (GArray *found, guint from, const AnprHitFound *one)
{
  for (guint i = from; i < found->len; i++) {
    AnprHitFound *known = &g_array_index (found, AnprHitFound, i);

    if (known->entry != one->entry)
      continue;
    if (one->grade < known->grade
        || (one->grade == known->grade && one->likelihood > known->likelihood))
      *known = *one;
    return;
  }
  g_array_append_val (found, *one);
}

static void
take (const AnprHitQuery *query, GArray *found, guint from, AnprHitFound one)
{
  AnprHitEntry entry;

  anpr_hit_list_get_entry (one.list, one.entry, &entry);
  if (!query->any_time
      && (query->utc < entry.valid_from || query->utc >= entry.valid_until
          || !anpr_hours_hold (&entry.hours, query->utc)
          || !anpr_list_area_holds (
              anpr_hit_list_get_text (one.list, one.entry, ANPR_HIT_TEXT_AREA),
              &query->place)))
    return;
  one.priority = entry.priority;
  one.country_grade = anpr_country_grade (query->read, entry.country);
  note (found, from, &one);
}

/* Where the text and the entry are both written otherwise than they are, the
 * umlaut is another one */
static void
find_wanted (const AnprHitQuery *query, const AnprHitList *list, GArray *found,
    guint from, const AnprHitWanted *wanted)
{
  const AnprListKey *keys;
  guint n = anpr_key_table_find (anpr_hit_list_get_keys (list), wanted->packed,
      ANPR_HIT_LIST_MAX_SAME_PLATE, &keys);

  for (guint i = 0; i < n; i++) {
    if ((wanted->indirect && keys[i].indirect)
        || keys[i].entry >= anpr_hit_list_get_n_entries (list))
      continue;
    take (query, found, from,
        (AnprHitFound){ .list = list,
            .entry = keys[i].entry,
            .grade = keys[i].indirect ? ANPR_GRADE_LOOK_ALIKE : wanted->grade,
            .matched = wanted->matched,
            .likelihood = wanted->likelihood });
  }
}

static gboolean
get_signs (const AnprHitList *list, guint entry, AnprKeySigns *signs)
{
  const gchar *plate =
      anpr_hit_list_get_text (list, entry, ANPR_HIT_TEXT_PLATE);
  gchar key[ANPR_SHORT_KEY_SIZE];

  return plate && anpr_short_key (plate, key) <= ANPR_SHORT_KEY_SIGNS
         && anpr_short_key_to_signs (key, signs);
}

static void
find_alike (const AnprHitQuery *query, const AnprHitList *list, GArray *found,
    guint from, guint entry)
{
  guint max_signs = anpr_hit_list_get_header (list)->look_alike_signs;
  AnprKeySigns listed;
  AnprAlike alike;

  if (entry < anpr_hit_list_get_n_entries (list)
      && get_signs (list, entry, &listed)
      && anpr_alike_compare (&query->alike, &listed, max_signs, &alike))
    take (query, found, from,
        (AnprHitFound){ .list = list,
            .entry = entry,
            .grade = ANPR_GRADE_LOOK_ALIKE,
            .matched = query->read->text,
            .likelihood = alike.likelihood });
}

static void
find_look_alikes (const AnprHitQuery *query, const AnprHitList *list,
    GArray *found, guint from)
{
  const AnprKeyTable *table = anpr_hit_list_get_folds (list);

  for (guint i = 0; i < query->n_folds; i++) {
    const AnprListKey *keys;
    guint n = anpr_key_table_find (
        table, query->folds[i], ANPR_HIT_LIST_MAX_SAME_FOLD, &keys);

    for (guint k = 0; k < n; k++)
      find_alike (query, list, found, from, keys[k].entry);
  }
}

static gboolean
fits (const AnprHitQuery *query, const AnprListPattern *pattern)
{
  guint n = pattern->indirect ? 1 : query->n_writings;

  for (guint i = 0; i < n; i++)
    if (anpr_list_pattern_matches (pattern, &query->writings[i]))
      return TRUE;
  return FALSE;
}

static void
find_patterns (const AnprHitQuery *query, const AnprHitList *list,
    GArray *found, guint from)
{
  gsize n;
  const AnprListPattern *patterns = anpr_hit_list_get_patterns (list, &n);

  for (gsize i = 0; i < n; i++)
    if (patterns[i].entry < anpr_hit_list_get_n_entries (list)
        && fits (query, &patterns[i]))
      take (query, found, from,
          (AnprHitFound){ .list = list,
              .entry = patterns[i].entry,
              .grade = ANPR_GRADE_PATTERN,
              .matched = query->read->text,
              .likelihood = query->read->confidence });
}

/**
 * anpr_hit_query_find: (skip)
 * @query: what to look for
 * @list: a list that is active
 * @found: (element-type AnprHitFound): gets the entries that are found, in no
 *     order
 */
void
anpr_hit_query_find (
    const AnprHitQuery *query, const AnprHitList *list, GArray *found)
{
  guint from = found->len;

  for (guint i = 0; i < query->n_wanted; i++)
    find_wanted (query, list, found, from, &query->wanted[i]);
  if (!query->is_plate)
    return;
  find_look_alikes (query, list, found, from);
  find_patterns (query, list, found, from);
}
