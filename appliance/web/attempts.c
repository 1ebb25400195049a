/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Attempts to sign in, and how long to wait after those that failed.
 *
 * Counted by account and by address. An account waits after its fourth failure,
 * 1 second and twice as long each time up to a minute: guessing gets 1440 tries
 * a day, and its owner is not shut out for longer by somebody else's guesses. An
 * address waits after its twentieth, up to 5 minutes; many people may come from
 * one, through a tunnel or a proxy. What was entered during the wait is not even
 * looked at. A success forgets the account's failures, not the address's: else
 * whoever has one account could guess at all others. A quiet hour forgets both.
 *
 * The clock is the caller's and monotonic. Main thread only.
 */

#include "attempts.h"

#include <string.h>

#define FORGOTTEN (60 * 60 * G_TIME_SPAN_SECOND)

typedef struct {
  guint failures;
  gint64 last;
} Record;

typedef struct {
  const gchar *prefix;
  guint free_failures;
  guint most; /* seconds */
} Rule;

static const Rule of_account = { "account ", 4, 60 };
static const Rule of_address = { "address ", 20, 300 };

struct _AnprAttempts {
  GHashTable *records;
};

/**
 * anpr_attempts_new:
 *
 * Returns: (transfer full): none yet
 */
AnprAttempts *
anpr_attempts_new (void)
{
  AnprAttempts *attempts = g_new0 (AnprAttempts, 1);

  attempts->records =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return attempts;
}

/**
 * anpr_attempts_free:
 * @attempts: (nullable) (transfer full): attempts
 */
void
anpr_attempts_free (AnprAttempts *attempts)
{
  if (!attempts)
    return;
  g_hash_table_unref (attempts->records);
  g_free (attempts);
}

static guint
get_delay (
    AnprAttempts *attempts, const Rule *rule, const gchar *name, gint64 now)
{
  g_autofree gchar *key = g_strconcat (rule->prefix, name, NULL);
  const Record *record = g_hash_table_lookup (attempts->records, key);
  guint over, delay;
  gint64 left;

  if (!record || record->failures < rule->free_failures)
    return 0;
  over = record->failures - rule->free_failures;
  delay = MIN (1u << MIN (over, 16), rule->most);
  left = record->last + delay * G_TIME_SPAN_SECOND - now;
  return left > 0 ? (left + G_TIME_SPAN_SECOND - 1) / G_TIME_SPAN_SECOND : 0;
}

/**
 * anpr_attempts_get_delay:
 * @attempts: attempts
 * @user: who somebody says to be
 * @address: where from
 * @now: monotonic time, microseconds
 *
 * Returns: seconds until an attempt is looked at, 0 at once
 */
guint
anpr_attempts_get_delay (
    AnprAttempts *attempts, const gchar *user, const gchar *address, gint64 now)
{
  return MAX (get_delay (attempts, &of_account, user, now),
      get_delay (attempts, &of_address, address, now));
}

static gboolean
is_forgotten (gpointer key, gpointer value, gpointer now)
{
  return *(gint64 *) now - ((Record *) value)->last > FORGOTTEN;
}

static void
make_room (AnprAttempts *attempts, gint64 now)
{
  GHashTableIter iter;
  gpointer key, value, oldest = NULL;
  gint64 last = G_MAXINT64;

  (void) g_hash_table_foreach_remove (attempts->records, is_forgotten, &now);
  if (g_hash_table_size (attempts->records) < ANPR_ATTEMPTS_MAX)
    return;
  g_hash_table_iter_init (&iter, attempts->records);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if (((Record *) value)->last < last) {
      last = ((Record *) value)->last;
      oldest = key;
    }
  }
  g_hash_table_remove (attempts->records, oldest);
}

static void
count (AnprAttempts *attempts, const Rule *rule, const gchar *name, gint64 now)
{
  g_autofree gchar *key = g_strconcat (rule->prefix, name, NULL);
  Record *record = g_hash_table_lookup (attempts->records, key);

  if (!record) {
    make_room (attempts, now);
    record = g_new0 (Record, 1);
    g_hash_table_insert (attempts->records, g_steal_pointer (&key), record);
  }
  if (now - record->last > FORGOTTEN)
    record->failures = 0;
  record->failures++;
  record->last = now;
}

/**
 * anpr_attempts_failed:
 * @attempts: attempts
 * @user: who somebody said to be
 * @address: where from
 * @now: monotonic time, microseconds
 */
void
anpr_attempts_failed (
    AnprAttempts *attempts, const gchar *user, const gchar *address, gint64 now)
{
  count (attempts, &of_account, user, now);
  count (attempts, &of_address, address, now);
}

/**
 * anpr_attempts_succeeded:
 * @attempts: attempts
 * @user: who has proved to be that user
 */
void
anpr_attempts_succeeded (AnprAttempts *attempts, const gchar *user)
{
  g_autofree gchar *key = g_strconcat (of_account.prefix, user, NULL);

  g_hash_table_remove (attempts->records, key);
}
