/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A passage: one vehicle passing one position once.
 *
 * The tracker makes it, and every stage of the pipeline adds what it finds:
 * when and where the plate was seen, what was read, which lists hit. The plates
 * of all frames of the vehicle point to the one passage, so it is shared by the
 * threads of the pipeline: reference counted, and every function locks.
 *
 * Best shot: the moment, box and stills of the frame whose read supports the
 * voted text most, and is the widest. When the vote changes its winner, the
 * frame that made it do so is the new best shot.
 *
 * Closed, it does not change any more: late reads and hits are ignored.
 * One that was lost from sight and found again may have two of these for a
 * moment: see passagegroup.h. The newer becomes another name of the older then;
 * every function here works on the actual one.
 *
 * News: each change a listener should hear of raises `revision`;
 * anpr_passage_take_news() tells once about each.
 */

#include "passage-private.h"
#include "identifier.h"

#include <string.h>

/* Mean confidence of the detections from which on a plate is believed though
 * nobody could read it, and that from which on it is with a text to believe.
 * Whatever the detector says, a plate is where so many reads agree on a text so
 * clear. */
#define SURE_DETECTION 0.62
#define LIKELY_DETECTION 0.5
#define CLEAR_READ 0.9
#define AGREEING_READS 2

G_DEFINE_BOXED_TYPE (
    AnprPassage, anpr_passage, anpr_passage_ref, anpr_passage_unref)

/**
 * anpr_passage_new:
 * @moment: when the vehicle was first seen
 *
 * Returns: (transfer full): an open passage with a new id
 */
AnprPassage *
anpr_passage_new (const AnprMoment *moment)
{
  AnprPassage *passage = g_atomic_rc_box_new0 (AnprPassage);

  passage->id = anpr_identifier_new ();
  g_mutex_init (&passage->lock);
  passage->revision = 1;
  passage->first = passage->best = passage->last = *moment;
  passage->vote = anpr_vote_new ();
  passage->hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_hit_unref);
  return passage;
}

/**
 * anpr_passage_ref:
 * @passage: a passage
 *
 * Returns: (transfer full): @passage
 */
AnprPassage *
anpr_passage_ref (AnprPassage *passage)
{
  return g_atomic_rc_box_acquire (passage);
}

/* The passage that this is another name of, itself if of none */
AnprPassage *
anpr_passage_actual (AnprPassage *passage)
{
  AnprPassage *joined;

  while ((joined = g_atomic_pointer_get (&passage->joined)))
    passage = joined;
  return passage;
}

/* Locks the actual passage and returns it */
AnprPassage *
anpr_passage_lock (AnprPassage *passage)
{
  for (;;) {
    passage = anpr_passage_actual (passage);
    g_mutex_lock (&passage->lock);
    if (!g_atomic_pointer_get (&passage->joined))
      return passage;
    g_mutex_unlock (&passage->lock);
  }
}

void
anpr_passage_unlock (AnprPassage *passage)
{
  g_mutex_unlock (&passage->lock);
}

static void
passage_clear (AnprPassage *passage)
{
  g_clear_pointer (&passage->group, anpr_passage_group_unref);
  g_clear_pointer (&passage->joined, anpr_passage_unref);
  g_free (passage->id);
  g_mutex_clear (&passage->lock);
  anpr_vote_free (passage->vote);
  g_free (passage->told_text);
  g_free (passage->best_text);
  g_clear_pointer (&passage->plate_still, anpr_still_unref);
  g_clear_pointer (&passage->vehicle_still, anpr_still_unref);
  g_ptr_array_unref (passage->hits);
  g_clear_pointer (&passage->compared, g_ptr_array_unref);
}

/**
 * anpr_passage_unref:
 * @passage: (transfer full): a passage
 */
void
anpr_passage_unref (AnprPassage *passage)
{
  g_atomic_rc_box_release_full (passage, (GDestroyNotify) passage_clear);
}

/**
 * anpr_passage_get_id:
 * @passage: a passage
 *
 * Returns: (transfer none): its UUIDv7. Constant over its life, but that a
 *     passage nobody was told of may turn out to be another one.
 */
const gchar *
anpr_passage_get_id (const AnprPassage *passage)
{
  return anpr_passage_actual ((AnprPassage *) passage)->id;
}

/**
 * anpr_passage_is_same:
 * @passage: a passage
 * @other: another
 *
 * Returns: whether they are one, or have become one (R2)
 */
gboolean
anpr_passage_is_same (const AnprPassage *passage, const AnprPassage *other)
{
  return anpr_passage_actual ((AnprPassage *) passage)
         == anpr_passage_actual ((AnprPassage *) other);
}

/**
 * anpr_passage_see:
 * @passage: a passage
 * @moment: when
 * @box: where, pixels of the frame
 * @confidence: the detector's, 0..1
 *
 * The vehicle's plate was seen in one more frame.
 */
void
anpr_passage_see (AnprPassage *passage, const AnprMoment *moment,
    const AnprBox *box, gdouble confidence)
{
  passage = anpr_passage_lock (passage);
  if (!passage->closed) {
    passage->n_frames++;
    passage->detection_sum += confidence;
    passage->last = *moment;
    passage->last_box = *box;
  }
  anpr_passage_unlock (passage);
}

static gboolean
has_text (const AnprPassage *passage)
{
  const AnprRead *read = anpr_vote_get_read (passage->vote);

  return read && read->state == ANPR_READ_TEXT;
}

/* Grilles, signs and lettering are detected too. A vehicle is what was told as
 * one already, what the reader read with some confidence, or what the detector
 * was sure of and passed by itself, also when nobody could read it. */
static gboolean
is_vehicle (const AnprPassage *passage)
{
  const AnprRead *read = anpr_vote_get_read (passage->vote);
  gdouble detection =
      passage->n_frames > 0 ? passage->detection_sum / passage->n_frames : 1;

  if (passage->told > 0 || !read)
    return TRUE;
  if (has_text (passage) && read->confidence >= ANPR_PASSAGE_SURE_READ)
    return detection >= LIKELY_DETECTION
           || (read->confidence >= CLEAR_READ
               && anpr_vote_get_n_agreeing (passage->vote) >= AGREEING_READS);
  return !passage->scenery && detection >= SURE_DETECTION;
}

/**
 * anpr_passage_is_vehicle:
 * @passage: a passage
 *
 * Returns: whether this is worth telling and keeping: %FALSE if neither detector
 *     nor reader was sure
 */
gboolean
anpr_passage_is_vehicle (AnprPassage *passage)
{
  gboolean vehicle;

  passage = anpr_passage_lock (passage);
  vehicle = is_vehicle (passage);
  anpr_passage_unlock (passage);
  return vehicle;
}

/* How well this frame shows the voted text. Wider plates are easier to read
 * again from the still, so size counts beside confidence. */
static gdouble
shot_score (
    const AnprPassage *passage, const AnprRead *read, const AnprBox *box)
{
  return anpr_vote_get_support (passage->vote, read) * box->width;
}

static gboolean
is_better_shot (
    const AnprPassage *passage, const AnprRead *read, const AnprBox *box)
{
  const AnprRead *voted = anpr_vote_get_read (passage->vote);
  gdouble score = shot_score (passage, read, box);

  if (score <= 0)
    return FALSE;
  return passage->best_score <= 0
         || g_strcmp0 (passage->best_text, voted->text) != 0
         || score > passage->best_score;
}

static gboolean
take_best_shot (AnprPassage *passage, const AnprRead *read,
    const AnprMoment *moment, const AnprBox *box)
{
  if (!is_better_shot (passage, read, box))
    return FALSE;
  passage->best = *moment;
  passage->best_box = *box;
  passage->best_score = shot_score (passage, read, box);
  g_free (passage->best_text);
  passage->best_text = g_strdup (anpr_vote_get_read (passage->vote)->text);
  return TRUE;
}

/* FALSE if the passage is closed */
static gboolean
count_read (AnprPassage *passage, AnprRead *read, const AnprBox *box)
{
  gboolean counted;

  passage = anpr_passage_lock (passage);
  counted = !passage->closed;
  if (counted) {
    const AnprRead *before = anpr_vote_get_read (passage->vote);

    if (!before || before->state != ANPR_READ_TEXT
        || g_strcmp0 (before->text, read->text) != 0)
      passage->revision++;
    anpr_vote_add (passage->vote, read, box->width);
  }
  anpr_passage_unlock (passage);
  return counted;
}

/**
 * anpr_passage_add_read:
 * @passage: a passage
 * @read: what was read; shared from now on
 * @moment: when the frame that was read was seen
 * @box: the plate in that frame, pixels
 *
 * If the text shows the vehicle to be one that was lost from sight a moment
 * ago, and nobody was told of this passage yet, it becomes that one.
 *
 * Returns: whether this frame is the best shot now; the caller then gives its
 *     stills with anpr_passage_set_stills()
 */
gboolean
anpr_passage_add_read (AnprPassage *passage, AnprRead *read,
    const AnprMoment *moment, const AnprBox *box)
{
  gboolean best = FALSE;

  if (!count_read (passage, read, box))
    return FALSE;
  anpr_passage_group_compare (anpr_passage_actual (passage), moment);
  passage = anpr_passage_lock (passage);
  if (!passage->closed)
    best = take_best_shot (passage, read, moment, box);
  anpr_passage_unlock (passage);
  return best;
}

/**
 * anpr_passage_set_stills:
 * @passage: a passage
 * @plate: (nullable): the plate of the best shot
 * @vehicle: (nullable): the vehicle, without its occupants (R7)
 */
void
anpr_passage_set_stills (
    AnprPassage *passage, AnprStill *plate, AnprStill *vehicle)
{
  passage = anpr_passage_lock (passage);
  if (!passage->closed) {
    g_clear_pointer (&passage->plate_still, anpr_still_unref);
    g_clear_pointer (&passage->vehicle_still, anpr_still_unref);
    passage->plate_still = plate ? anpr_still_ref (plate) : NULL;
    passage->vehicle_still = vehicle ? anpr_still_ref (vehicle) : NULL;
  }
  anpr_passage_unlock (passage);
}

/**
 * anpr_passage_set_direction:
 * @passage: a passage
 * @direction: of travel
 */
void
anpr_passage_set_direction (AnprPassage *passage, AnprDirection direction)
{
  passage = anpr_passage_lock (passage);
  if (!passage->closed && passage->direction != direction) {
    passage->direction = direction;
    passage->revision++;
  }
  anpr_passage_unlock (passage);
}

/**
 * anpr_passage_set_scenery:
 * @passage: a passage
 *
 * What was seen passed nowhere, or as a part of another vehicle: without a text
 * it is no vehicle of its own.
 */
void
anpr_passage_set_scenery (AnprPassage *passage)
{
  passage = anpr_passage_lock (passage);
  passage->scenery = TRUE;
  anpr_passage_unlock (passage);
}

static gboolean
is_known_hit (const AnprPassage *passage, const AnprHit *hit)
{
  for (guint i = 0; i < passage->hits->len; i++) {
    const AnprHit *known = g_ptr_array_index (passage->hits, i);

    if (g_strcmp0 (known->list, hit->list) == 0
        && g_strcmp0 (known->entry, hit->entry) == 0)
      return TRUE;
  }
  return FALSE;
}

/**
 * anpr_passage_add_hit:
 * @passage: a passage
 * @hit: a hit on its text
 *
 * A hit that was told is never taken back, also when the text changes: that is
 * for the person who decides to see.
 *
 * Returns: %FALSE if the passage has a hit on that list entry already, is
 *     closed, or has %ANPR_PASSAGE_MAX_HITS
 */
gboolean
anpr_passage_add_hit (AnprPassage *passage, AnprHit *hit)
{
  gboolean added = FALSE;

  passage = anpr_passage_lock (passage);
  if (!passage->closed && passage->hits->len < ANPR_PASSAGE_MAX_HITS
      && !is_known_hit (passage, hit)) {
    g_ptr_array_add (passage->hits, anpr_hit_ref (hit));
    passage->revision++;
    added = TRUE;
  }
  anpr_passage_unlock (passage);
  return added;
}

/**
 * anpr_passage_set_compared:
 * @passage: a passage
 * @compared: (element-type AnprCompared): every active list the text was
 *     compared with, as it stood; shared, not changed any more
 */
void
anpr_passage_set_compared (AnprPassage *passage, GPtrArray *compared)
{
  passage = anpr_passage_lock (passage);
  if (!passage->closed) {
    g_clear_pointer (&passage->compared, g_ptr_array_unref);
    passage->compared = g_ptr_array_ref (compared);
  }
  anpr_passage_unlock (passage);
}

/**
 * anpr_passage_close:
 * @passage: a passage
 *
 * The vehicle is gone and every stage has added what it had.
 */
void
anpr_passage_close (AnprPassage *passage)
{
  passage = anpr_passage_lock (passage);
  if (!passage->closed) {
    passage->closed = TRUE;
    passage->revision++;
  }
  anpr_passage_unlock (passage);
}

/**
 * anpr_passage_get_read:
 * @passage: a passage
 *
 * Returns: (transfer full) (nullable): the voted read by now, %NULL before the
 *     first
 */
AnprRead *
anpr_passage_get_read (AnprPassage *passage)
{
  AnprRead *read;

  passage = anpr_passage_lock (passage);
  read = anpr_vote_get_read (passage->vote);
  if (read)
    anpr_read_ref (read);
  anpr_passage_unlock (passage);
  return read;
}

/**
 * anpr_passage_take_new_text:
 * @passage: a passage
 *
 * For the one element that tells the bus about reads.
 *
 * Returns: whether there is a text and it is another than at the last call that
 *     gave %TRUE
 */
gboolean
anpr_passage_take_new_text (AnprPassage *passage)
{
  const AnprRead *read;
  gboolean fresh;

  passage = anpr_passage_lock (passage);
  read = anpr_vote_get_read (passage->vote);
  fresh = read && read->text && g_strcmp0 (read->text, passage->told_text) != 0;
  if (fresh) {
    g_free (passage->told_text);
    passage->told_text = g_strdup (read->text);
  }
  anpr_passage_unlock (passage);
  return fresh;
}

/**
 * anpr_passage_wants_read:
 * @passage: a passage
 * @box: its plate in a frame, pixels
 *
 * Returns: whether reading the plate in that frame could add something
 */
gboolean
anpr_passage_wants_read (AnprPassage *passage, const AnprBox *box)
{
  gboolean wants;

  passage = anpr_passage_lock (passage);
  wants = !passage->closed && anpr_vote_wants (passage->vote, box->width);
  anpr_passage_unlock (passage);
  return wants;
}

/**
 * anpr_passage_has_text:
 * @passage: a passage
 *
 * Returns: whether its plate was read, with whatever confidence
 */
gboolean
anpr_passage_has_text (AnprPassage *passage)
{
  gboolean text;

  passage = anpr_passage_lock (passage);
  text = has_text (passage);
  anpr_passage_unlock (passage);
  return text;
}

gboolean
anpr_passage_has_hits (AnprPassage *passage)
{
  gboolean hits;

  passage = anpr_passage_lock (passage);
  hits = passage->hits->len > 0;
  anpr_passage_unlock (passage);
  return hits;
}

/**
 * anpr_passage_get_hits:
 * @passage: a passage
 *
 * Returns: (transfer full) (element-type AnprHit): its hits by now
 */
GPtrArray *
anpr_passage_get_hits (AnprPassage *passage)
{
  GPtrArray *hits =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_hit_unref);

  passage = anpr_passage_lock (passage);
  for (guint i = 0; i < passage->hits->len; i++)
    g_ptr_array_add (hits, anpr_hit_ref (g_ptr_array_index (passage->hits, i)));
  anpr_passage_unlock (passage);
  return hits;
}

/**
 * anpr_passage_get_stills:
 * @passage: a passage
 * @plate: (out) (transfer full) (nullable): the plate of the best shot
 * @vehicle: (out) (transfer full) (nullable): the vehicle
 */
void
anpr_passage_get_stills (
    AnprPassage *passage, AnprStill **plate, AnprStill **vehicle)
{
  passage = anpr_passage_lock (passage);
  *plate = passage->plate_still ? anpr_still_ref (passage->plate_still) : NULL;
  *vehicle =
      passage->vehicle_still ? anpr_still_ref (passage->vehicle_still) : NULL;
  anpr_passage_unlock (passage);
}

/**
 * anpr_passage_get_moments: (skip)
 * @passage: a passage
 * @first: (out) (optional): first seen
 * @best: (out) (optional): the best shot
 * @last: (out) (optional): last seen
 */
void
anpr_passage_get_moments (
    AnprPassage *passage, AnprMoment *first, AnprMoment *best, AnprMoment *last)
{
  passage = anpr_passage_lock (passage);
  if (first)
    *first = passage->first;
  if (best)
    *best = passage->best;
  if (last)
    *last = passage->last;
  anpr_passage_unlock (passage);
}

AnprDirection
anpr_passage_get_direction (AnprPassage *passage)
{
  AnprDirection direction;

  passage = anpr_passage_lock (passage);
  direction = passage->direction;
  anpr_passage_unlock (passage);
  return direction;
}

guint
anpr_passage_get_n_frames (AnprPassage *passage)
{
  guint n;

  passage = anpr_passage_lock (passage);
  n = passage->n_frames;
  anpr_passage_unlock (passage);
  return n;
}

/* Call with the lock held. */
AnprPassageState
anpr_passage_state_locked (const AnprPassage *passage)
{
  if (passage->closed)
    return ANPR_PASSAGE_LOST;
  return passage->told == 0 ? ANPR_PASSAGE_NEW : ANPR_PASSAGE_UPDATE;
}

/* Nobody is told about a passage without a text to believe before it is over:
 * only then is it known whether it was one. */
static gboolean
has_news (const AnprPassage *passage)
{
  if (passage->told == passage->revision)
    return FALSE;
  return passage->closed || passage->told > 0
         || (has_text (passage)
             && anpr_vote_get_read (passage->vote)->confidence
                    >= ANPR_PASSAGE_SURE_READ
             && is_vehicle (passage));
}

/**
 * anpr_passage_has_news:
 * @passage: a passage
 *
 * Returns: whether anpr_passage_take_news() would give %TRUE
 */
gboolean
anpr_passage_has_news (AnprPassage *passage)
{
  gboolean news;

  passage = anpr_passage_lock (passage);
  news = has_news (passage);
  anpr_passage_unlock (passage);
  return news;
}

/**
 * anpr_passage_take_news:
 * @passage: a passage
 * @state: (out): new, update or lost
 *
 * For the one element that tells the bus about passages.
 *
 * Returns: whether something changed since the last call that gave %TRUE
 */
gboolean
anpr_passage_take_news (AnprPassage *passage, AnprPassageState *state)
{
  gboolean news;

  passage = anpr_passage_lock (passage);
  news = has_news (passage);
  if (news) {
    *state = anpr_passage_state_locked (passage);
    passage->told = passage->revision;
  }
  anpr_passage_unlock (passage);
  return news;
}

const gchar *
anpr_passage_state_to_string (AnprPassageState state)
{
  static const gchar *const names[] = {
    [ANPR_PASSAGE_NEW] = "new",
    [ANPR_PASSAGE_UPDATE] = "update",
    [ANPR_PASSAGE_LOST] = "lost",
  };

  return names[state];
}
