/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How a text would match lists, and why; and how many false hits an entry is
 * good for.
 *
 * The text is taken for a read by a reader that is sure of nothing, so that
 * every entry shows up that some read of this text could find, valid now or
 * not; the words then say what it depends on. Entries that are one look-alike
 * away on lists that do not allow look-alikes are named too: that they are no
 * hits is what somebody who asks may want to know.
 *
 * False hits a day of a look-alike or a pattern are counted in what was read of
 * real traffic, where the caller has it: reads that find the entry by anything
 * but its own text. Else they are estimated from the number of passages: all
 * Belgian plates of today's layout (31 million) as likely as one another, and
 * two reads in a hundred unsure of a sign.
 */

#include "listexplain.h"
#include "console.h"
#include "listtext.h"
#include "../plugins/hitmatch/hitfind.h"
#include "../plugins/record/platetext.h"

#include <string.h>

#define UNSURE_READS 0.02
#define SAMPLES 1000000
#define LAYOUT "9AAA999"
#define LAYOUT_PLATES (2.0 * 25 * 25 * 25 * 1000)

typedef struct {
  const AnprHitQuery *query;
  const AnprListTraffic *traffic;
  gint64 now;
  AnprListExplainFunc func;
  gpointer user_data;
  guint n;
} Explaining;

/* --- false hits ---------------------------------------------------------- */

static gboolean
finds_otherwise (const AnprHitFound *one, const AnprRead *read, gint64 now)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));
  AnprHitQuery query;

  if (!read->text)
    return FALSE;
  anpr_hit_query_init (&query, read, now, NULL);
  query.any_time = TRUE;
  anpr_hit_query_find (&query, one->list, found);
  for (guint i = 0; i < found->len; i++) {
    const AnprHitFound *other = &g_array_index (found, AnprHitFound, i);

    if (other->entry == one->entry)
      return other->grade == ANPR_GRADE_LOOK_ALIKE
             || other->grade == ANPR_GRADE_PATTERN;
  }
  return FALSE;
}

static gdouble
count_in_reads (
    const AnprHitFound *one, const AnprListTraffic *traffic, gint64 now)
{
  guint n = 0;

  for (guint i = 0; i < traffic->reads->len; i++)
    n += finds_otherwise (one, g_ptr_array_index (traffic->reads, i), now);
  return n / MAX (traffic->days, 1);
}

/* A plate of the layout; without the letter O, which none has */
static void
draw_plate (GRand *rand, AnprKeySigns *signs)
{
  static const gchar letters[] = "ABCDEFGHIJKLMNPQRSTUVWXYZ";

  signs->n = strlen (LAYOUT);
  for (guint i = 0; i < signs->n; i++) {
    gchar text[] = { '0', '\0' };

    if (LAYOUT[i] == 'A')
      text[0] = letters[g_rand_int_range (rand, 0, sizeof letters - 1)];
    else if (i == 0)
      text[0] = (gchar) g_rand_int_range (rand, '1', '3');
    else
      text[0] = (gchar) g_rand_int_range (rand, '0', '9' + 1);
    signs->signs[i] = anpr_short_key_sign (text);
  }
}

static gdouble
estimate_pattern (const AnprListPattern *pattern, gdouble passages)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint n = 0;

  for (guint i = 0; i < SAMPLES; i++) {
    AnprKeySigns signs;

    draw_plate (rand, &signs);
    n += anpr_list_pattern_matches (pattern, &signs);
  }
  return passages * n / SAMPLES;
}

static gboolean
is_digit (guint8 sign)
{
  return g_ascii_isdigit (anpr_short_key_sign_text (sign)[0]);
}

/* Plates of the same layout that differ in one sign of the same class */
static gdouble
count_alike (const AnprKeySigns *signs, guint max_signs)
{
  gdouble one = 0, two = 0;

  for (guint i = 0; i < signs->n; i++) {
    guint n = 0;

    for (guint8 sign = 1; sign < ANPR_SHORT_KEY_N_SIGNS; sign++)
      n += sign != signs->signs[i]
           && is_digit (sign) == is_digit (signs->signs[i])
           && anpr_alike_fold (sign) == anpr_alike_fold (signs->signs[i]);
    two += one * n;
    one += n;
  }
  return one + (max_signs > 1 ? two : 0);
}

static gdouble
estimate_look_alike (const AnprHitFound *one, gdouble passages)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (one->list);
  const gchar *plate =
      anpr_hit_list_get_text (one->list, one->entry, ANPR_HIT_TEXT_PLATE);
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprKeySigns signs;

  (void) anpr_short_key (plate ? plate : "", key);
  if (!anpr_short_key_to_signs (key, &signs))
    return 0;
  return passages * UNSURE_READS
         * count_alike (&signs, header->look_alike_signs) / LAYOUT_PLATES;
}

static void
add_false_hits (
    GString *text, const Explaining *explaining, const AnprHitFound *one)
{
  const AnprListTraffic *traffic = explaining->traffic;
  const gchar *plate =
      anpr_hit_list_get_text (one->list, one->entry, ANPR_HIT_TEXT_PLATE);
  AnprListPattern pattern;
  AnprHitEntry entry;
  gdouble n;

  anpr_hit_list_get_entry (one->list, one->entry, &entry);
  if (entry.match == ANPR_LIST_MATCH_EXACT)
    return;
  if (traffic->reads) {
    g_string_append_printf (text,
        "\n    false hits a day: %.3g, counted in %u reads of %.1f days",
        count_in_reads (one, traffic, explaining->now), traffic->reads->len,
        MAX (traffic->days, 1));
    return;
  }
  if (entry.match == ANPR_LIST_MATCH_LOOK_ALIKE)
    n = estimate_look_alike (one, traffic->passages);
  else if (plate && anpr_list_pattern_parse (&pattern, plate))
    n = estimate_pattern (&pattern, traffic->passages);
  else
    return;
  g_string_append_printf (text,
      "\n    false hits a day: %s %.2g of %.0f passages, estimated; --spool "
      "counts them",
      n > 0 ? "about" : "less than", n > 0 ? n : traffic->passages / SAMPLES,
      traffic->passages);
}

/* --- why ----------------------------------------------------------------- */

static void
add_signs (GString *text, const AnprKeySigns *ours, const AnprKeySigns *theirs)
{
  gboolean first = TRUE;

  for (guint i = 0; i < ours->n; i++) {
    if (ours->signs[i] == theirs->signs[i])
      continue;
    g_string_append_printf (text, "%ssign %u is %s, listed is %s",
        first ? "" : ", ", i + 1, anpr_short_key_sign_text (ours->signs[i]),
        anpr_short_key_sign_text (theirs->signs[i]));
    first = FALSE;
  }
}

static gboolean
has_umlaut (const gchar *key)
{
  return strlen (key) != (gsize) g_utf8_strlen (key, -1);
}

static void
add_grade (GString *text, const AnprHitQuery *query, const AnprHitFound *one)
{
  const gchar *plate =
      anpr_hit_list_get_text (one->list, one->entry, ANPR_HIT_TEXT_PLATE);
  gchar key[ANPR_SHORT_KEY_SIZE];
  AnprKeySigns listed;

  if (one->grade == ANPR_GRADE_EXACT) {
    g_string_append (text, "exact: a hit, it is the very same text");
    return;
  }
  if (one->grade == ANPR_GRADE_PATTERN) {
    g_string_append (text, "pattern: a hit, the text fits the pattern");
    return;
  }
  (void) anpr_short_key (plate ? plate : "", key);
  if (!anpr_short_key_to_signs (key, &listed)
      || listed.n != query->alike.text.n) {
    g_string_append (
        text, "look-alike: a hit, by another writing of an umlaut");
    return;
  }
  g_string_append (text, "look-alike: ");
  add_signs (text, &query->alike.text, &listed);
  g_string_append (text, has_umlaut (key) || has_umlaut (query->read->text)
                             ? "; a hit, by another writing of an umlaut"
                             : "; a hit if the reader is not sure of it");
}

static void
add_time (GString *text, const AnprHitList *list, guint i, gint64 now)
{
  AnprHitEntry entry;

  anpr_hit_list_get_entry (list, i, &entry);
  if (!anpr_hit_list_is_active (list, now))
    g_string_append (text, "\n    not now: the list is not valid");
  if (now < entry.valid_from)
    g_string_append (text, "\n    not now: the entry is not valid yet");
  if (now >= entry.valid_until)
    g_string_append (text, "\n    not now: the entry is valid no longer");
  if (!anpr_hours_hold (&entry.hours, now))
    g_string_append (text, "\n    not now: it is outside the entry's hours");
  if (entry.country[0])
    g_string_append_printf (text,
        "\n    country: %s; the hit is not actionable if the read is of "
        "another",
        entry.country);
}

static void
tell (Explaining *explaining, const AnprHitList *list, guint entry,
    const gchar *why, const gchar *more)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  g_autofree gchar *id = anpr_console_clean (header->id);
  g_autofree gchar *version = anpr_console_clean (header->version);
  g_autofree gchar *shown = anpr_list_text_entry (list, entry);
  g_autofree gchar *text = g_strdup_printf (
      "list %s, version %s: %s\n    %s%s", id, version, shown, why, more);
  AnprHitEntry values;

  anpr_hit_list_get_entry (list, entry, &values);
  explaining->func (text, values.covert, explaining->user_data);
  explaining->n++;
}

static void
tell_found (Explaining *explaining, const AnprHitFound *one)
{
  g_autoptr (GString) why = g_string_new (NULL), more = g_string_new (NULL);

  add_grade (why, explaining->query, one);
  add_time (more, one->list, one->entry, explaining->now);
  add_false_hits (more, explaining, one);
  tell (explaining, one->list, one->entry, why->str, more->str);
}

static void
tell_not_allowed (Explaining *explaining, const AnprHitList *list, guint entry,
    const AnprKeySigns *listed)
{
  g_autoptr (GString) why = g_string_new ("no hit: ");

  add_signs (why, &explaining->query->alike.text, listed);
  g_string_append (why, ", and the entry is compared exactly");
  tell (explaining, list, entry, why->str, "");
}

/* --- looking ------------------------------------------------------------- */

static gboolean
is_found (const GArray *found, guint entry)
{
  for (guint i = 0; i < found->len; i++)
    if (g_array_index (found, AnprHitFound, i).entry == entry)
      return TRUE;
  return FALSE;
}

static void
explain_variant (Explaining *explaining, const AnprHitList *list,
    const GArray *found, const AnprKeySigns *variant)
{
  const AnprListKey *keys;
  guint n = anpr_key_table_find (anpr_hit_list_get_keys (list),
      anpr_short_key_pack_signs (variant), ANPR_HIT_LIST_MAX_SAME_PLATE, &keys);

  for (guint i = 0; i < n; i++)
    if (!keys[i].indirect && keys[i].entry < anpr_hit_list_get_n_entries (list)
        && !is_found (found, keys[i].entry))
      tell_not_allowed (explaining, list, keys[i].entry, variant);
}

/* Entries with one sign of the same class that the list compares exactly */
static void
explain_variants (
    Explaining *explaining, const AnprHitList *list, const GArray *found)
{
  AnprKeySigns variant = explaining->query->alike.text;

  for (guint i = 0; i < variant.n; i++) {
    guint8 own = variant.signs[i];

    for (guint8 sign = 1; sign < ANPR_SHORT_KEY_N_SIGNS; sign++) {
      if (sign == own || explaining->query->alike.other[i][sign] <= 0)
        continue;
      variant.signs[i] = sign;
      explain_variant (explaining, list, found, &variant);
    }
    variant.signs[i] = own;
  }
}

static void
explain_in_list (Explaining *explaining, const AnprHitList *list)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));

  anpr_hit_query_find (explaining->query, list, found);
  for (guint i = 0; i < found->len; i++)
    tell_found (explaining, &g_array_index (found, AnprHitFound, i));
  explain_variants (explaining, list, found);
}

/* A read by a reader that holds any other sign possible */
static AnprRead *
make_unsure_read (const gchar *plate)
{
  AnprRead *read = anpr_read_new (ANPR_READ_TEXT, plate, 0, "nobody");

  for (const gchar *p = read->text; p && *p; p = g_utf8_next_char (p)) {
    AnprCharacter character = { 0 };

    memcpy (character.best.sign, p, (gsize) (g_utf8_next_char (p) - p));
    anpr_read_add_character (read, &character);
  }
  return read;
}

/**
 * anpr_list_explain:
 * @lists: lists
 * @plate: a plate as somebody writes it
 * @now: UTC, microseconds since 1970
 * @traffic: to estimate false hits from
 * @func: told of each entry that has to do with @plate, in lines
 * @user_data: for @func
 *
 * Returns: how many entries @func was told of
 */
guint
anpr_list_explain (const AnprHitLists *lists, const gchar *plate, gint64 now,
    const AnprListTraffic *traffic, AnprListExplainFunc func,
    gpointer user_data)
{
  g_autoptr (AnprRead) read = make_unsure_read (plate);
  AnprHitQuery query;
  Explaining explaining = { &query, traffic, now, func, user_data, 0 };

  if (!read->text)
    return 0;
  anpr_hit_query_init (&query, read, now, NULL);
  query.any_time = TRUE;
  if (!query.is_plate)
    return 0;
  for (guint i = 0; i < anpr_hit_lists_get_n_lists (lists); i++)
    explain_in_list (&explaining, anpr_hit_lists_get_list (lists, i));
  return explaining.n;
}
