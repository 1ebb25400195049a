/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Voting over the reads of one vehicle.
 *
 * Every read is evidence for all it thinks possible: its text, its other
 * candidates, and texts it did not think of but whose signs it did. A text's
 * likelihood is the product of what the reads give it, each to the power of its
 * weight: less where the plate was narrower than a plate must be for reading.
 * (How sharp and how clear it was is in a read's own confidence.) Texts no
 * single read said, of the signs that are likeliest place by place, are among
 * them. A read gives no text less than LEAST_PROBABILITY, so that one that is
 * altogether wrong vetoes nothing.
 *
 * Reads of one vehicle are alike and err alike: a sticker is a sticker in every
 * frame. So n reads count as n / (1 + ALIKE * (n - 1)) independent ones, as in
 * the design effect of cluster samples (Kish 1965). The confidence of the result
 * is the winner's share of the likelihood of all texts, the unknown one
 * included; of one read it is that read's own.
 *
 * Reads without a text count as reads, never as votes; with nothing else, most
 * of them decide between "not read" and "no plate".
 *
 * Whether one more read is wanted depends on what it can add. While the texts
 * disagree the next looks are wanted; then only a wider plate is; when the vote
 * is settled, only a much wider one, which can still set a misread of the
 * distance right. So a vehicle costs a bounded number of reads, and none while
 * it stands.
 *
 * Not thread safe; the passage that owns it locks. */

#include "vote.h"

#include <math.h>
#include <string.h>

/* Settled are so many reads that agree and are as sure of it, or so many that
 * agree and leave no more than this to other texts */
#define SURE_AGREEING 2
#define SURE_CONFIDENCE 0.97
#define SETTLED_AGREEING 4
#define SETTLED_CONFIDENCE 0.8
/* Pixels; width of a 520 mm plate that can be read, domain.md 4.1 */
#define READABLE_WIDTH 170.0
#define LEAST_WEIGHT 0.01
/* So many reads without a text of this confidence are enough for now: the next
 * is after so many more looks at the same size, and then twice as many each
 * time. What hides a plate may go, and a bad box may become a good one. */
#define HOPELESS_READS 5
#define HOPELESS_CONFIDENCE 0.15
#define FIRST_PAUSE 6
/* Reads wanted of any plate, and wanted at all */
#define FIRST_READS 12
#define MOST_READS 40
/* Times wider than any read before, to be worth a look */
#define WIDER 1.05
#define MUCH_WIDER 1.3

/* How alike reads of one vehicle are, 0..1 */
#define ALIKE 0.35
/* What any read gives any text; the share of what it has left over that a text
 * gets it did not think of; the chance that two wrong reads are wrong alike */
#define LEAST_PROBABILITY 0.002
#define UNTHOUGHT 0.05
#define WRONG_ALIKE 0.1

typedef struct {
  AnprRead *read;
  gdouble weight;
} Evidence;

/* A text that may be right. chance: its share of the likelihood */
typedef struct {
  gchar *text;
  gdouble chance;
} Hypothesis;

struct _AnprVote {
  GArray *evidence;          /* Evidence, at most MOST_READS */
  AnprRead *without_text[2]; /* not read, no plate */
  guint n_without_text[2];
  AnprRead *result;
  guint n_reads;
  guint n_refused; /* looks since the last read that were not wanted */
  guint pause;     /* how many of these there are to be */
  gdouble widest;
};

static void
evidence_clear (Evidence *evidence)
{
  g_clear_pointer (&evidence->read, anpr_read_unref);
}

static void
hypothesis_clear (Hypothesis *hypothesis)
{
  g_clear_pointer (&hypothesis->text, g_free);
}

AnprVote *
anpr_vote_new (void)
{
  AnprVote *vote = g_new0 (AnprVote, 1);

  vote->evidence = g_array_new (FALSE, TRUE, sizeof (Evidence));
  g_array_set_clear_func (vote->evidence, (GDestroyNotify) evidence_clear);
  return vote;
}

void
anpr_vote_free (AnprVote *vote)
{
  if (!vote)
    return;
  g_array_unref (vote->evidence);
  g_clear_pointer (&vote->without_text[0], anpr_read_unref);
  g_clear_pointer (&vote->without_text[1], anpr_read_unref);
  g_clear_pointer (&vote->result, anpr_read_unref);
  g_free (vote);
}

static const Evidence *
get_evidence (const AnprVote *vote, guint i)
{
  return &g_array_index (vote->evidence, Evidence, i);
}

static Hypothesis *
get_hypothesis (const GArray *hypotheses, guint i)
{
  return &g_array_index (hypotheses, Hypothesis, i);
}

/* --- what one read says of a text ---------------------------------------- */

/* What the read leaves to texts it does not name */
static gdouble
left_over (const AnprRead *read)
{
  gdouble named = read->confidence;

  for (guint i = 0; i < anpr_read_get_n_candidates (read); i++) {
    const AnprCandidate *candidate = anpr_read_get_candidate (read, i);

    if (strcmp (candidate->text, read->text) != 0)
      named += candidate->confidence;
  }
  return CLAMP (1 - named, LEAST_PROBABILITY, 1);
}

static gdouble
sign_probability (const AnprCharacter *character, const gchar *sign, gsize size)
{
  if (strlen (character->best.sign) == size
      && strncmp (character->best.sign, sign, size) == 0)
    return character->best.confidence;
  for (guint i = 0; i < character->n_alternatives; i++)
    if (strlen (character->alternatives[i].sign) == size
        && strncmp (character->alternatives[i].sign, sign, size) == 0)
      return character->alternatives[i].confidence;
  return 0;
}

/* By its signs; -1 if these do not tell: the text has not as many */
static gdouble
spelling_probability (const AnprRead *read, const gchar *text)
{
  guint n = anpr_read_get_n_characters (read);
  gdouble probability = 1;

  if (n == 0 || g_utf8_strlen (text, -1) != n)
    return -1;
  for (guint i = 0; i < n; i++) {
    const gchar *next = g_utf8_next_char (text);

    probability *=
        sign_probability (anpr_read_get_character (read, i), text, next - text);
    text = next;
  }
  return probability;
}

/* That the text is right, by this read alone; LEAST_PROBABILITY to 1 */
static gdouble
probability_of (const AnprRead *read, const gchar *text)
{
  gdouble rest, spelled;

  if (strcmp (read->text, text) == 0)
    return MAX (read->confidence, LEAST_PROBABILITY);
  for (guint i = 0; i < anpr_read_get_n_candidates (read); i++) {
    const AnprCandidate *candidate = anpr_read_get_candidate (read, i);

    if (strcmp (candidate->text, text) == 0)
      return MAX (candidate->confidence, LEAST_PROBABILITY);
  }
  rest = left_over (read);
  spelled = spelling_probability (read, text);
  return CLAMP (spelled < 0 ? rest * UNTHOUGHT : spelled, LEAST_PROBABILITY,
      MAX (rest, LEAST_PROBABILITY));
}

/* --- what may be right --------------------------------------------------- */

static void
suppose (GArray *hypotheses, const gchar *text)
{
  Hypothesis fresh = { NULL, 0 };

  if (hypotheses->len >= ANPR_VOTE_MAX_TEXTS)
    return;
  for (guint i = 0; i < hypotheses->len; i++)
    if (strcmp (get_hypothesis (hypotheses, i)->text, text) == 0)
      return;
  fresh.text = g_strdup (text);
  g_array_append_val (hypotheses, fresh);
}

/* How many signs most of the evidence has; 0 if no read tells its signs */
static guint
usual_length (const AnprVote *vote)
{
  gdouble weights[64] = { 0 };
  guint usual = 0;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const Evidence *evidence = get_evidence (vote, i);
    guint n = anpr_read_get_n_characters (evidence->read);

    if (n > 0 && n < G_N_ELEMENTS (weights))
      weights[n] += evidence->weight * evidence->read->confidence;
  }
  for (guint n = 1; n < G_N_ELEMENTS (weights); n++)
    if (weights[n] > weights[usual])
      usual = n;
  return usual;
}

/* The logarithm of what all reads of that many signs give one at a place */
static gdouble
sign_support (
    const AnprVote *vote, guint n_signs, guint place, const gchar *sign)
{
  gdouble support = 0;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const Evidence *evidence = get_evidence (vote, i);

    if (anpr_read_get_n_characters (evidence->read) == n_signs)
      support +=
          evidence->weight
          * log (MAX (
              sign_probability (anpr_read_get_character (evidence->read, place),
                  sign, strlen (sign)),
              LEAST_PROBABILITY));
  }
  return support;
}

/* The likeliest of the signs that the reads have best at a place */
static const gchar *
likeliest_sign (const AnprVote *vote, guint n_signs, guint place)
{
  const gchar *likeliest = NULL;
  gdouble most = -INFINITY;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const AnprRead *read = get_evidence (vote, i)->read;
    const gchar *sign;
    gdouble support;

    if (anpr_read_get_n_characters (read) != n_signs)
      continue;
    sign = anpr_read_get_character (read, place)->best.sign;
    support = sign_support (vote, n_signs, place, sign);
    if (support > most) {
      most = support;
      likeliest = sign;
    }
  }
  return likeliest;
}

/* A text that perhaps no read said, of what each saw best */
static void
suppose_place_by_place (GArray *hypotheses, const AnprVote *vote)
{
  guint n = usual_length (vote);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint place = 0; place < n; place++)
    g_string_append (text, likeliest_sign (vote, n, place));
  if (text->len > 0)
    suppose (hypotheses, text->str);
}

static GArray *
suppose_all (const AnprVote *vote)
{
  GArray *hypotheses = g_array_new (FALSE, TRUE, sizeof (Hypothesis));

  g_array_set_clear_func (hypotheses, (GDestroyNotify) hypothesis_clear);
  if (vote->evidence->len > 1)
    suppose_place_by_place (hypotheses, vote);
  for (guint i = 0; i < vote->evidence->len; i++)
    suppose (hypotheses, get_evidence (vote, i)->read->text);
  for (guint rank = 0; rank < ANPR_MAX_CANDIDATES; rank++)
    for (guint i = 0; i < vote->evidence->len; i++) {
      const AnprRead *read = get_evidence (vote, i)->read;

      if (rank < anpr_read_get_n_candidates (read))
        suppose (hypotheses, anpr_read_get_candidate (read, rank)->text);
    }
  return hypotheses;
}

/* --- the result ---------------------------------------------------------- */

/* To what power one read's probabilities go */
static gdouble
power_of (gdouble weight)
{
  return 1 / (weight > 1 ? 1 + ALIKE * (weight - 1) : weight);
}

static gdouble
total_weight (const AnprVote *vote)
{
  gdouble weight = 0;

  for (guint i = 0; i < vote->evidence->len; i++)
    weight += get_evidence (vote, i)->weight;
  return weight;
}

static gdouble
likelihood_of (const AnprVote *vote, const gchar *text, gdouble power)
{
  gdouble sum = 0;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const Evidence *evidence = get_evidence (vote, i);

    sum += evidence->weight * log (probability_of (evidence->read, text));
  }
  return exp (sum * power);
}

/* That all reads are wrong, and all in the same way */
static gdouble
likelihood_of_unknown (const AnprVote *vote, gdouble power)
{
  gdouble sum = 0, weight = 0;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const Evidence *evidence = get_evidence (vote, i);

    sum += evidence->weight * log (left_over (evidence->read));
    weight += evidence->weight;
  }
  return exp ((sum + MAX (weight - 1, 0) * log (WRONG_ALIKE)) * power);
}

/* Likeliest first; of equally likely ones in the order they were supposed */
static void
sort_hypotheses (GArray *hypotheses)
{
  Hypothesis *all = (Hypothesis *) (gpointer) hypotheses->data;

  for (guint i = 1; i < hypotheses->len; i++)
    for (guint k = i; k > 0 && all[k].chance > all[k - 1].chance; k--) {
      Hypothesis swap = all[k];

      all[k] = all[k - 1];
      all[k - 1] = swap;
    }
}

static void
weigh (const AnprVote *vote, GArray *hypotheses)
{
  gdouble power = power_of (total_weight (vote));
  gdouble sum = likelihood_of_unknown (vote, power);

  for (guint i = 0; i < hypotheses->len; i++) {
    Hypothesis *hypothesis = get_hypothesis (hypotheses, i);

    hypothesis->chance = likelihood_of (vote, hypothesis->text, power);
    sum += hypothesis->chance;
  }
  for (guint i = 0; i < hypotheses->len; i++)
    get_hypothesis (hypotheses, i)->chance /= sum;
  sort_hypotheses (hypotheses);
}

/* The read that says the text with the most confidence; if none does, the one
 * that thinks it likeliest */
static const AnprRead *
find_witness (const AnprVote *vote, const gchar *text)
{
  const AnprRead *witness = NULL;
  gdouble most = -1;

  for (guint i = 0; i < vote->evidence->len; i++) {
    const AnprRead *read = get_evidence (vote, i)->read;
    gdouble trust =
        probability_of (read, text) + (strcmp (read->text, text) == 0 ? 1 : 0);

    if (trust > most) {
      most = trust;
      witness = read;
    }
  }
  return witness;
}

/* The sign at a place, with the share of the likelihood that it has among those
 * the reads know there */
static void
merge_character (
    const AnprVote *vote, guint n_signs, guint place, AnprCharacter *character)
{
  gdouble power = power_of (total_weight (vote));
  AnprSign *signs[1 + ANPR_MAX_ALTERNATIVES];
  gdouble sum = 0;

  signs[0] = &character->best;
  for (guint i = 0; i < character->n_alternatives; i++)
    signs[1 + i] = &character->alternatives[i];
  for (guint i = 0; i <= character->n_alternatives; i++) {
    signs[i]->confidence =
        exp (sign_support (vote, n_signs, place, signs[i]->sign) * power);
    sum += signs[i]->confidence;
  }
  for (guint i = 0; i <= character->n_alternatives; i++)
    signs[i]->confidence /= MAX (sum, 1);
}

/* The signs of the witness, as all reads of as many see them. Where the witness
 * says another text it cannot tell the signs of this one. */
static void
add_characters (AnprRead *result, const AnprVote *vote, const AnprRead *witness)
{
  guint n = anpr_read_get_n_characters (witness);

  if (strcmp (witness->text, result->text) != 0)
    return;
  for (guint place = 0; place < n; place++) {
    AnprCharacter character = *anpr_read_get_character (witness, place);

    if (vote->evidence->len > 1)
      merge_character (vote, n, place, &character);
    anpr_read_add_character (result, &character);
  }
}

static AnprRead *
make_result (const AnprVote *vote)
{
  g_autoptr (GArray) hypotheses = suppose_all (vote);
  const Hypothesis *winner;
  const AnprRead *witness;
  AnprRead *result;

  weigh (vote, hypotheses);
  winner = get_hypothesis (hypotheses, 0);
  witness = find_witness (vote, winner->text);
  result = anpr_read_new (ANPR_READ_TEXT,
      strcmp (witness->text, winner->text) == 0 ? witness->raw : winner->text,
      winner->chance, witness->engine);
  result->lines = witness->lines;
  result->duration = witness->duration;
  if (witness->second_engine)
    anpr_read_set_second (result, witness->second_engine, witness->second_text,
        witness->second_confidence);
  add_characters (result, vote, witness);
  for (guint i = 0; i < hypotheses->len; i++)
    anpr_read_add_candidate (result, get_hypothesis (hypotheses, i)->text,
        get_hypothesis (hypotheses, i)->chance);
  if (anpr_read_get_n_countries (witness) > 0)
    anpr_read_set_countries (result, anpr_read_get_country (witness, 0),
        anpr_read_get_n_countries (witness));
  return result;
}

/* Room for one more: the least of the evidence goes */
static void
forget_least (AnprVote *vote)
{
  guint least = 0;

  for (guint i = 1; i < vote->evidence->len; i++) {
    const Evidence *a = get_evidence (vote, i), *b = get_evidence (vote, least);

    if (a->weight * a->read->confidence < b->weight * b->read->confidence)
      least = i;
  }
  g_array_remove_index (vote->evidence, least);
}

static void
add_evidence (AnprVote *vote, AnprRead *read, gdouble weight)
{
  Evidence evidence = { anpr_read_ref (read), weight };

  if (vote->evidence->len >= MOST_READS)
    forget_least (vote);
  g_array_append_val (vote->evidence, evidence);
}

static void
count_again (AnprVote *vote)
{
  g_clear_pointer (&vote->result, anpr_read_unref);
  if (vote->evidence->len > 0)
    vote->result = make_result (vote);
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
  vote->n_refused = 0;
  vote->widest = MAX (vote->widest, plate_width);
  if (read->state != ANPR_READ_TEXT) {
    guint kind = read->state == ANPR_READ_NO_PLATE;

    if (vote->n_without_text[kind]++ == 0)
      vote->without_text[kind] = anpr_read_ref (read);
    return;
  }
  add_evidence (
      vote, read, CLAMP (plate_width / READABLE_WIDTH, LEAST_WEIGHT, 1));
  count_again (vote);
}

/**
 * anpr_vote_join: (skip)
 * @vote: a vote
 * @other: one over reads that turned out to be of the same vehicle; not changed
 */
void
anpr_vote_join (AnprVote *vote, const AnprVote *other)
{
  for (guint i = 0; i < other->evidence->len; i++)
    add_evidence (
        vote, get_evidence (other, i)->read, get_evidence (other, i)->weight);
  for (guint kind = 0; kind < 2; kind++) {
    vote->n_without_text[kind] += other->n_without_text[kind];
    if (!vote->without_text[kind] && other->without_text[kind])
      vote->without_text[kind] = anpr_read_ref (other->without_text[kind]);
  }
  vote->n_reads += other->n_reads;
  vote->widest = MAX (vote->widest, other->widest);
  count_again (vote);
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

/**
 * anpr_vote_get_support: (skip)
 * @vote: a vote
 * @read: one of its reads
 *
 * Returns: the probability that the voted text is right by @read alone, 0..1;
 *     0 if only one of them has a text, 1 if none has
 */
gdouble
anpr_vote_get_support (const AnprVote *vote, const AnprRead *read)
{
  if (!vote->result)
    return read->text ? 0 : 1;
  return read->text ? probability_of (read, vote->result->text) : 0;
}

guint
anpr_vote_get_n_reads (const AnprVote *vote)
{
  return vote->n_reads;
}

static guint
count_agreeing (const AnprVote *vote, gdouble least_confidence)
{
  guint n = 0;

  for (guint i = 0; vote->result && i < vote->evidence->len; i++) {
    const AnprRead *read = get_evidence (vote, i)->read;

    if (read->confidence >= least_confidence
        && strcmp (read->text, vote->result->text) == 0)
      n++;
  }
  return n;
}

/**
 * anpr_vote_get_n_agreeing: (skip)
 *
 * Returns: reads that gave exactly the winning text
 */
guint
anpr_vote_get_n_agreeing (const AnprVote *vote)
{
  return count_agreeing (vote, 0);
}

static gboolean
is_settled (const AnprVote *vote)
{
  if (!vote->result || vote->result->confidence < SETTLED_CONFIDENCE)
    return FALSE;
  return count_agreeing (vote, 0) >= SETTLED_AGREEING
         || count_agreeing (vote, SURE_CONFIDENCE) >= SURE_AGREEING;
}

static gboolean
is_hopeless (const AnprVote *vote)
{
  return vote->n_reads >= HOPELESS_READS
         && (!vote->result || vote->result->confidence < HOPELESS_CONFIDENCE);
}

/* Whether the pause is over; the next one is longer */
static gboolean
try_again (AnprVote *vote)
{
  if (vote->pause == 0)
    vote->pause = FIRST_PAUSE;
  if (++vote->n_refused <= vote->pause)
    return FALSE;
  vote->pause *= 2;
  return TRUE;
}

/**
 * anpr_vote_wants: (skip)
 * @vote: a vote
 * @plate_width: of a plate that could be read now, pixels
 *
 * Returns: whether reading it could add something
 */
gboolean
anpr_vote_wants (AnprVote *vote, gdouble plate_width)
{
  if (vote->n_reads >= MOST_READS)
    return FALSE;
  if (is_hopeless (vote))
    return plate_width > MUCH_WIDER * vote->widest || try_again (vote);
  if (is_settled (vote))
    return plate_width > MUCH_WIDER * vote->widest;
  return vote->n_reads < FIRST_READS || plate_width > WIDER * vote->widest;
}
