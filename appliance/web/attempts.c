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
 * An attempt counts as failed from when it begins, so that many at once are no more
 * than many in turn.
 *
 * Where an account has signed in from, it is counted apart from attempts from
 * elsewhere, and the address does not hold it up: whoever guesses at it from
 * another address, or at others from the same, does not keep its owner out. Who
 * guesses at it from the very same address does.
 *
 * The clock is the caller's and monotonic. Main thread only.
 */

#include "attempts.h"

#include <gio/gio.h>
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
  GHashTable *known; /* "USER from ADDRESS" -> Record of the last success */
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
  attempts->known =
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
  g_hash_table_unref (attempts->known);
  g_free (attempts);
}

/* Whoever has an IPv6 network has as many addresses as they like */
static gchar *
get_network (const gchar *address)
{
  g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);
  const guint8 *bytes;

  if (!parsed || g_inet_address_get_family (parsed) != G_SOCKET_FAMILY_IPV6
      || g_inet_address_get_is_loopback (parsed))
    return g_strdup (address);
  bytes = g_inet_address_to_bytes (parsed);
  return g_strdup_printf ("%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", bytes[0],
      bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]);
}

/* Under which names an attempt is counted */
typedef struct {
  gchar *account;
  gchar *address;
  gchar *pair;
  gboolean known;
} Keys;

static void
keys_clear (Keys *keys)
{
  g_free (keys->account);
  g_free (keys->address);
  g_free (keys->pair);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Keys, keys_clear)

static Keys
get_keys (AnprAttempts *attempts, const gchar *user, const gchar *address)
{
  g_autofree gchar *network = get_network (address);
  Keys keys;

  keys.pair = g_strdup_printf ("%s from %s", user, network);
  keys.known = g_hash_table_contains (attempts->known, keys.pair);
  keys.account =
      g_strconcat (of_account.prefix, keys.known ? keys.pair : user, NULL);
  keys.address = g_strconcat (of_address.prefix, network, NULL);
  return keys;
}

static guint
get_delay (
    AnprAttempts *attempts, const Rule *rule, const gchar *key, gint64 now)
{
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
  g_auto (Keys) keys = get_keys (attempts, user, address);
  guint delay = get_delay (attempts, &of_account, keys.account, now);

  if (!keys.known)
    delay = MAX (delay, get_delay (attempts, &of_address, keys.address, now));
  return delay;
}

static gboolean
is_forgotten (gpointer key, gpointer value, gpointer now)
{
  return *(gint64 *) now - ((Record *) value)->last > FORGOTTEN;
}

/* Takes the one unused for longest out if there are max */
static void
make_room (GHashTable *records, guint max)
{
  GHashTableIter iter;
  gpointer key, value, oldest = NULL;
  gint64 last = G_MAXINT64;

  if (g_hash_table_size (records) < max)
    return;
  g_hash_table_iter_init (&iter, records);
  while (g_hash_table_iter_next (&iter, &key, &value)) {
    if (((Record *) value)->last < last) {
      last = ((Record *) value)->last;
      oldest = key;
    }
  }
  g_hash_table_remove (records, oldest);
}

static void
count (AnprAttempts *attempts, const gchar *key, gint64 now)
{
  Record *record = g_hash_table_lookup (attempts->records, key);

  if (!record) {
    (void) g_hash_table_foreach_remove (attempts->records, is_forgotten, &now);
    make_room (attempts->records, ANPR_ATTEMPTS_MAX);
    record = g_new0 (Record, 1);
    g_hash_table_insert (attempts->records, g_strdup (key), record);
  }
  if (now - record->last > FORGOTTEN)
    record->failures = 0;
  record->failures++;
  record->last = now;
}

static void
take_back (AnprAttempts *attempts, const gchar *key)
{
  Record *record = g_hash_table_lookup (attempts->records, key);

  if (record && record->failures > 0)
    record->failures--;
}

/**
 * anpr_attempts_begin:
 * @attempts: attempts
 * @user: who somebody says to be
 * @address: where from
 * @now: monotonic time, microseconds
 *
 * Counts an attempt as failed. How it ends is told by anpr_attempts_failed(),
 * anpr_attempts_succeeded() or anpr_attempts_unused().
 */
void
anpr_attempts_begin (
    AnprAttempts *attempts, const gchar *user, const gchar *address, gint64 now)
{
  g_auto (Keys) keys = get_keys (attempts, user, address);

  count (attempts, keys.account, now);
  count (attempts, keys.address, now);
}

static void
wait_from (AnprAttempts *attempts, const gchar *key, gint64 now)
{
  Record *record = g_hash_table_lookup (attempts->records, key);

  if (record)
    record->last = now;
}

/**
 * anpr_attempts_failed:
 * @attempts: attempts
 * @user: as anpr_attempts_begin()
 * @address: as anpr_attempts_begin()
 * @now: monotonic time, microseconds; the wait begins now
 */
void
anpr_attempts_failed (
    AnprAttempts *attempts, const gchar *user, const gchar *address, gint64 now)
{
  g_auto (Keys) keys = get_keys (attempts, user, address);

  wait_from (attempts, keys.account, now);
  wait_from (attempts, keys.address, now);
}

/**
 * anpr_attempts_unused:
 * @attempts: attempts
 * @user: as anpr_attempts_begin()
 * @address: as anpr_attempts_begin()
 *
 * What was entered was not looked at.
 */
void
anpr_attempts_unused (
    AnprAttempts *attempts, const gchar *user, const gchar *address)
{
  g_auto (Keys) keys = get_keys (attempts, user, address);

  take_back (attempts, keys.account);
  take_back (attempts, keys.address);
}

/**
 * anpr_attempts_succeeded:
 * @attempts: attempts
 * @user: who has proved to be that user
 * @address: where from
 * @now: monotonic time, microseconds
 */
void
anpr_attempts_succeeded (
    AnprAttempts *attempts, const gchar *user, const gchar *address, gint64 now)
{
  g_auto (Keys) keys = get_keys (attempts, user, address);
  Record *record = g_hash_table_lookup (attempts->known, keys.pair);

  g_hash_table_remove (attempts->records, keys.account);
  take_back (attempts, keys.address);
  if (!record) {
    make_room (attempts->known, ANPR_ATTEMPTS_KNOWN);
    record = g_new0 (Record, 1);
    g_hash_table_insert (attempts->known, g_strdup (keys.pair), record);
  }
  record->last = now;
}
