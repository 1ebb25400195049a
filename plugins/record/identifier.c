/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Passage and hit ids: UUID version 7 (RFC 9562, 5.7). 48 bits of Unix time in
 * milliseconds, 12 bits of counter, 62 random bits from GLib, which takes them
 * from the kernel.
 *
 * Within a process ids sort in the order they were made, also when the clock is
 * set back (RFC 9562, 6.2, method 1). Time and counter are one number, the
 * stamp: that of an id is the present time with a random counter, or one more
 * than the last id's where that is greater. The counter begins below a half,
 * so that many ids fit into a millisecond before the next one is borrowed.
 * After the clock was set back by an hour ids tell that hour too much until it
 * has passed: an id is a name that sorts, not a time. The record has that. */

#include "identifier.h"
#include "identifiersequence.h"

#define COUNTER_BITS 12
#define COUNTER_START (1 << (COUNTER_BITS - 1))
#define LAST_STAMP ((G_GUINT64_CONSTANT (1) << (48 + COUNTER_BITS)) - 1)

static guint64
next_stamp (AnprIdentifierSequence *sequence, gint64 utc)
{
  guint64 stamp = (guint64) MAX (utc, 0) / 1000 << COUNTER_BITS;

  stamp += (guint64) g_random_int_range (0, COUNTER_START);
  g_mutex_lock (&sequence->lock);
  stamp = MIN (MAX (stamp, sequence->stamp + 1), LAST_STAMP);
  sequence->stamp = stamp;
  g_mutex_unlock (&sequence->lock);
  return stamp;
}

/**
 * anpr_identifier_sequence_next: (skip)
 * @sequence: of one process, shared by its threads
 * @utc: the present time, microseconds since 1970; may fall
 *
 * Any thread.
 *
 * Returns: (transfer full): a UUIDv7 in its 36 character form, lower case,
 *     greater than all of @sequence before
 */
gchar *
anpr_identifier_sequence_next (AnprIdentifierSequence *sequence, gint64 utc)
{
  guint64 stamp = next_stamp (sequence, utc);
  guint64 ms = stamp >> COUNTER_BITS;
  g_autofree gchar *id = g_uuid_string_random ();
  g_autofree gchar *start = g_strdup_printf ("%08x-%04x-7%03x",
      (guint) (ms >> 16), (guint) (ms & 0xffff), (guint) (stamp & 0xfff));

  /* g_uuid_string_random() gives version 4: the variant bits are right, the
   * time, the version digit and the counter before them are replaced */
  return g_strconcat (start, id + 18, NULL);
}

/**
 * anpr_identifier_new:
 *
 * Any thread.
 *
 * Returns: (transfer full): a UUIDv7 of the present time, greater than all made
 *     in this process before
 */
gchar *
anpr_identifier_new (void)
{
  static AnprIdentifierSequence sequence;

  return anpr_identifier_sequence_next (&sequence, g_get_real_time ());
}
