/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The open passages of one stream, among which a vehicle may be twice.
 *
 * A vehicle that was hidden, or jumped where the camera gave no frames, comes
 * back as a new track with a new passage. As soon as its text is read, and
 * before anybody is told of it, it is compared with the others: one with the
 * same text, that was not seen in the frame that was read, is the same vehicle
 * (R2). The new passage then becomes another name of the old one: what is
 * added to it from now on is added to the old one, and its id is the old one's.
 *
 * Threads: the tracker opens passages and takes them out; whoever adds reads
 * compares. The group's lock is taken before that of a passage, that of the old
 * one before that of the new one. Passages hold the group, so that it lives as
 * long as any; the group holds its passages until they leave it. */

#include "passage-private.h"

/* Length from which on the same text is the same vehicle, and if it is faint */
#define LEAST_SIGNS 4
#define LEAST_SIGNS_FAINT 5

AnprPassageGroup *
anpr_passage_group_new (void)
{
  AnprPassageGroup *group = g_atomic_rc_box_new0 (AnprPassageGroup);

  g_mutex_init (&group->lock);
  group->open =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_passage_unref);
  return group;
}

static void
group_clear (AnprPassageGroup *group)
{
  g_ptr_array_unref (group->open);
  g_mutex_clear (&group->lock);
}

/* Call without any lock held */
void
anpr_passage_group_unref (AnprPassageGroup *group)
{
  g_atomic_rc_box_release_full (group, (GDestroyNotify) group_clear);
}

/**
 * anpr_passage_group_free: (skip)
 * @group: (nullable) (transfer full): a group; its passages leave it
 */
void
anpr_passage_group_free (AnprPassageGroup *group)
{
  g_autoptr (GPtrArray) left = NULL;

  if (!group)
    return;
  g_mutex_lock (&group->lock);
  left = g_steal_pointer (&group->open);
  group->open =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_passage_unref);
  g_mutex_unlock (&group->lock);
  anpr_passage_group_unref (group);
}

/**
 * anpr_passage_group_open: (skip)
 * @group: a group
 * @moment: when the vehicle was first seen
 *
 * Returns: (transfer full): a new passage in @group
 */
AnprPassage *
anpr_passage_group_open (AnprPassageGroup *group, const AnprMoment *moment)
{
  AnprPassage *passage = anpr_passage_new (moment);

  passage->group = g_atomic_rc_box_acquire (group);
  g_mutex_lock (&group->lock);
  g_ptr_array_add (group->open, anpr_passage_ref (passage));
  g_mutex_unlock (&group->lock);
  return passage;
}

/**
 * anpr_passage_group_leave: (skip)
 * @group: a group
 * @passage: one of its passages, whose vehicle is gone
 */
void
anpr_passage_group_leave (AnprPassageGroup *group, AnprPassage *passage)
{
  AnprPassage *actual = anpr_passage_actual (passage);
  g_autoptr (AnprPassage) left = NULL;
  guint at;

  g_mutex_lock (&group->lock);
  if (g_ptr_array_find (group->open, actual, &at))
    left = g_ptr_array_steal_index (group->open, at);
  g_mutex_unlock (&group->lock);
}

static gboolean
is_clear (const AnprRead *read)
{
  return strlen (read->text) >= LEAST_SIGNS
         && read->confidence >= ANPR_PASSAGE_SURE_READ;
}

/* Whether two texts are of one plate: the same, which chance does not make,
 * however faint they are; or the newer the part of the older that can be seen
 * where the rest is hidden */
static gboolean
is_same_plate (const AnprRead *older, const AnprRead *newer)
{
  if (!older || !newer || !older->text || !newer->text)
    return FALSE;
  if (strlen (newer->text) >= LEAST_SIGNS_FAINT
      && strcmp (older->text, newer->text) == 0)
    return TRUE;
  return is_clear (older) && is_clear (newer)
         && strstr (older->text, newer->text);
}

/* @moment is that of the frame in which the newer one was read. Call with both
 * locks held. */
static gboolean
is_same_vehicle (const AnprPassage *older, const AnprPassage *newer,
    const AnprMoment *moment)
{
  return !older->closed && !newer->closed && !newer->joined && newer->told == 0
         && older->first.monotonic <= newer->first.monotonic
         && older->last.monotonic < moment->monotonic
         && is_same_plate (anpr_vote_get_read (older->vote),
             anpr_vote_get_read (newer->vote));
}

/* The newer becomes another name of the older. Call with both locks held. */
static void
join (AnprPassage *older, AnprPassage *newer)
{
  anpr_vote_join (older->vote, newer->vote);
  older->n_frames += newer->n_frames;
  older->detection_sum += newer->detection_sum;
  older->last = newer->last;
  older->last_box = newer->last_box;
  g_atomic_pointer_set (&newer->joined, anpr_passage_ref (older));
}

/* Call with the group's lock held */
static gboolean
join_to (AnprPassage *older, AnprPassage *newer, const AnprMoment *moment)
{
  gboolean same;

  g_mutex_lock (&older->lock);
  g_mutex_lock (&newer->lock);
  same = is_same_vehicle (older, newer, moment);
  if (same)
    join (older, newer);
  g_mutex_unlock (&newer->lock);
  g_mutex_unlock (&older->lock);
  return same;
}

/* Looks for the passage that @passage goes on; @moment is that of the frame
 * that was read. Call without any lock held. */
void
anpr_passage_group_compare (AnprPassage *passage, const AnprMoment *moment)
{
  AnprPassageGroup *group = passage->group;
  g_autoptr (AnprPassage) left = NULL;
  guint at;

  if (!group)
    return;
  g_mutex_lock (&group->lock);
  for (guint i = 0; i < group->open->len; i++) {
    AnprPassage *older = g_ptr_array_index (group->open, i);

    if (older == passage || !join_to (older, passage, moment))
      continue;
    if (g_ptr_array_find (group->open, passage, &at))
      left = g_ptr_array_steal_index (group->open, at);
    break;
  }
  g_mutex_unlock (&group->lock);
}
