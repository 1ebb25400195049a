/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Voting over the reads of one vehicle.
 *
 * Each read gives its text a weight: its confidence, less where the plate was
 * narrower than a plate must be for reading. The text with the largest sum
 * wins, on a tie the one read first. The result is the winner's most confident
 * read, its confidence lowered by the share of weight that other texts took,
 * and with the other texts among its candidates. Reads without a text count as
 * reads, never as votes; with nothing else, most of them decide between "not
 * read" and "no plate".
 *
 * Whether one more read is wanted depends on what it can add. While the texts
 * disagree the next looks are wanted; then only a wider plate is; when the vote
 * is settled, only a much wider one, which can still set a misread of the
 * distance right. So a vehicle costs a bounded number of reads, and none while
 * it stands.
 *
 * Not thread safe; the passage that owns it locks.
 */

#include "vote.h"

#include <string.h>

#define SETTLED_AGREEING 4
#define SETTLED_SHARE 0.8
/* Pixels; width of a 520 mm plate that can be read, domain.md 4.1 */
#define READABLE_WIDTH 170.0
/* So many reads without a text of this confidence are enough */
#define HOPELESS_READS 5
#define HOPELESS_CONFIDENCE 0.15
/* Reads wanted of any plate, and wanted at all */
#define FIRST_READS 12
#define MOST_READS 40
/* Times wider than any read before, to be worth a look */
#define WIDER 1.05
#define MUCH_WIDER 1.3
#define LEAST_WEIGHT 0.01

typedef struct {
  AnprRead *best;
  gdouble weight;
  guint n;
} Ballot;

struct _AnprVote {
  GArray *ballots;           /* Ballot, winner first */
  AnprRead *without_text[2]; /* not read, no plate */
  guint n_without_text[2];
  AnprRead *result;
  guint n_reads;
  gdouble weight;
  gdouble widest;
};

static void
ballot_clear (Ballot *ballot)
{
  g_clear_pointer (&ballot->best, anpr_read_unref);
}

AnprVote *
anpr_vote_new (void)
{
  AnprVote *vote = g_new0 (AnprVote, 1);

  vote->ballots = g_array_new (FALSE, TRUE, sizeof (Ballot));
  g_array_set_clear_func (vote->ballots, (GDestroyNotify) ballot_clear);
  return vote;
}

void
anpr_vote_free (AnprVote *vote)
{
  if (!vote)
    return;
  g_array_unref (vote->ballots);
  g_clear_pointer (&vote->without_text[0], anpr_read_unref);
  g_clear_pointer (&vote->without_text[1], anpr_read_unref);
  g_clear_pointer (&vote->result, anpr_read_unref);
  g_free (vote);
}

static Ballot *
find_ballot (const AnprVote *vote, const gchar *text)
{
  for (guint i = 0; i < vote->ballots->len; i++) {
    Ballot *ballot = &g_array_index (vote->ballots, Ballot, i);

    if (strcmp (ballot->best->text, text) == 0)
      return ballot;
  }
  return NULL;
}

/* Stable: an older text stays before a newer one of the same weight. */
static void
sort_ballots (AnprVote *vote)
{
  Ballot *b = (Ballot *) (gpointer) vote->ballots->data;

  for (guint i = 1; i < vote->ballots->len; i++) {
    for (guint k = i; k > 0 && b[k].weight > b[k - 1].weight; k--) {
      Ballot swap = b[k];

      b[k] = b[k - 1];
      b[k - 1] = swap;
    }
  }
}

static void
count_text (AnprVote *vote, AnprRead *read, gdouble plate_width)
{
  gdouble weight = MAX (read->confidence, LEAST_WEIGHT)
                   * CLAMP (plate_width / READABLE_WIDTH, LEAST_WEIGHT, 1);
  Ballot *ballot = find_ballot (vote, read->text);

  vote->weight += weight;
  if (!ballot) {
    Ballot fresh = { anpr_read_ref (read), weight, 1 };

    if (vote->ballots->len == ANPR_VOTE_MAX_TEXTS)
      g_array_set_size (vote->ballots, ANPR_VOTE_MAX_TEXTS - 1);
    g_array_append_val (vote->ballots, fresh);
  } else {
    ballot->weight += weight;
    ballot->n++;
    if (read->confidence > ballot->best->confidence) {
      anpr_read_unref (ballot->best);
      ballot->best = anpr_read_ref (read);
    }
  }
  sort_ballots (vote);
}

static gdouble
other_confidence (const AnprVote *vote, guint i)
{
  const Ballot *ballot;

  if (i >= vote->ballots->len)
    return -1;
  ballot = &g_array_index (vote->ballots, Ballot, i);
  return ballot->best->confidence * ballot->weight / vote->weight;
}

/* The next best of two falling rows: the other texts, and what else the
 * winner's best read may say. None is put above the winner. */
static void
add_candidates (AnprRead *result, const AnprVote *vote, gdouble share)
{
  const AnprRead *best = g_array_index (vote->ballots, Ballot, 0).best;
  guint n_own = anpr_read_get_n_candidates (best);
  guint other = 1, own = 0;

  anpr_read_add_candidate (result, best->text, result->confidence);
  while (other < vote->ballots->len || own < n_own) {
    const AnprCandidate *candidate =
        own < n_own ? anpr_read_get_candidate (best, own) : NULL;
    gdouble of_own = candidate ? candidate->confidence * share : -1;
    gdouble of_other = other_confidence (vote, other);
    const gchar *text;

    if (of_other >= of_own)
      text = g_array_index (vote->ballots, Ballot, other++).best->text;
    else
      text = anpr_read_get_candidate (best, own++)->text;
    anpr_read_add_candidate (
        result, text, MIN (MAX (of_own, of_other), result->confidence));
  }
}

static AnprRead *
make_result (const AnprVote *vote)
{
  const Ballot *winner = &g_array_index (vote->ballots, Ballot, 0);
  const AnprRead *best = winner->best;
  gdouble share = winner->weight / vote->weight;
  AnprRead *result = anpr_read_new (
      ANPR_READ_TEXT, best->raw, best->confidence * share, best->engine);

  result->lines = best->lines;
  result->duration = best->duration;
  if (best->second_engine)
    anpr_read_set_second (result, best->second_engine, best->second_text,
        best->second_confidence);
  for (guint i = 0; i < anpr_read_get_n_characters (best); i++)
    anpr_read_add_character (result, anpr_read_get_character (best, i));
  add_candidates (result, vote, share);
  if (anpr_read_get_n_countries (best) > 0)
    anpr_read_set_countries (result, anpr_read_get_country (best, 0),
        anpr_read_get_n_countries (best));
  return result;
}

/**
 * anpr_vote_add: (skip)
 * @vote: a vote
 * @read: one more read of the vehicle
 * @plate_width: of the plate that was read, pixels
 */
void
anpr_vote_add (AnprVote *vote, AnprRead *read, gdouble plate_width)
{
  vote->n_reads++;
  vote->widest = MAX (vote->widest, plate_width);
  if (read->state != ANPR_READ_TEXT) {
    guint kind = read->state == ANPR_READ_NO_PLATE;

    if (vote->n_without_text[kind]++ == 0)
      vote->without_text[kind] = anpr_read_ref (read);
    return;
  }
  count_text (vote, read, plate_width);
  g_clear_pointer (&vote->result, anpr_read_unref);
  vote->result = make_result (vote);
}

/**
 * anpr_vote_get_read: (skip)
 *
 * Returns: (transfer none) (nullable): the vehicle's text by now, or the read
 *     that says there is none; %NULL before the first read
 */
AnprRead *
anpr_vote_get_read (const AnprVote *vote)
{
  if (vote->result)
    return vote->result;
  return vote->without_text[vote->n_without_text[1] > vote->n_without_text[0]];
}

guint
anpr_vote_get_n_reads (const AnprVote *vote)
{
  return vote->n_reads;
}

/**
 * anpr_vote_get_n_agreeing: (skip)
 *
 * Returns: reads that gave exactly the winning text
 */
guint
anpr_vote_get_n_agreeing (const AnprVote *vote)
{
  return vote->ballots->len > 0 ? g_array_index (vote->ballots, Ballot, 0).n
                                : 0;
}

/* Settled are also looks at what gives no text, or none to believe: more of the
 * same size will not either. */
static gboolean
is_settled (const AnprVote *vote)
{
  const Ballot *winner;

  if (vote->n_reads >= HOPELESS_READS
      && (!vote->result || vote->result->confidence < HOPELESS_CONFIDENCE))
    return TRUE;
  if (vote->ballots->len == 0)
    return FALSE;
  winner = &g_array_index (vote->ballots, Ballot, 0);
  return winner->n >= SETTLED_AGREEING
         && winner->weight >= SETTLED_SHARE * vote->weight;
}

/**
 * anpr_vote_wants: (skip)
 * @vote: a vote
 * @plate_width: of a plate that could be read now, pixels
 *
 * Returns: whether reading it could add something
 */
gboolean
anpr_vote_wants (const AnprVote *vote, gdouble plate_width)
{
  if (vote->n_reads >= MOST_READS)
    return FALSE;
  if (is_settled (vote))
    return plate_width > MUCH_WIDER * vote->widest;
  return vote->n_reads < FIRST_READS || plate_width > WIDER * vote->widest;
}
