/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Sessions: who is signed in. In memory only: a restart signs everybody out.
 *
 * A session's secret is made here and never taken from a request, so none can be
 * foisted on anybody; a sign-in always begins a new one. They are found by the
 * SHA-256 of the secret, so neither a look at the memory nor the time a lookup
 * takes tells one. The clock is the caller's and monotonic. Main thread only.
 */

#include "session.h"

#include <sodium.h>
#include <string.h>

/* What a user has left of ANPR_PACE_BURST */
typedef struct {
  gdouble left;
  gint64 last;
} Pace;

struct _AnprSessions {
  GHashTable *sessions; /* hash of the secret -> AnprSession */
  GHashTable *paces;    /* user -> Pace; of users there have been sessions of */
  guint64 n_begun;
};

static void
session_free (gpointer data)
{
  AnprSession *session = data;

  g_free (session->user);
  g_free (session->password);
  g_free (session->csrf);
  g_free (session);
}

/**
 * anpr_secret_new:
 *
 * Returns: (transfer full): 256 random bits as %ANPR_SECRET_LENGTH digits
 */
gchar *
anpr_secret_new (void)
{
  guchar bytes[ANPR_SECRET_LENGTH / 2];
  gchar *secret = g_malloc (ANPR_SECRET_LENGTH + 1);

  randombytes_buf (bytes, sizeof bytes);
  sodium_bin2hex (secret, ANPR_SECRET_LENGTH + 1, bytes, sizeof bytes);
  return secret;
}

/**
 * anpr_secret_equal:
 * @a: (nullable): a secret
 * @b: (nullable): what somebody says it is
 *
 * Takes as long whatever the difference is; only the lengths can be told apart.
 *
 * Returns: whether both are there and the same
 */
gboolean
anpr_secret_equal (const gchar *a, const gchar *b)
{
  return a && b && strlen (a) == strlen (b)
         && sodium_memcmp (a, b, strlen (a)) == 0;
}

/**
 * anpr_sessions_new:
 *
 * Returns: (transfer full): none yet
 */
AnprSessions *
anpr_sessions_new (void)
{
  AnprSessions *sessions = g_new0 (AnprSessions, 1);

  sessions->sessions =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, session_free);
  sessions->paces =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return sessions;
}

/**
 * anpr_sessions_free:
 * @sessions: (nullable) (transfer full): sessions
 */
void
anpr_sessions_free (AnprSessions *sessions)
{
  if (!sessions)
    return;
  g_hash_table_unref (sessions->sessions);
  g_hash_table_unref (sessions->paces);
  g_free (sessions);
}

guint
anpr_sessions_get_n (AnprSessions *sessions)
{
  return g_hash_table_size (sessions->sessions);
}

static gdouble
get_left (const Pace *pace, gint64 now)
{
  return MIN (pace->left
                  + (gdouble) (now - pace->last) * ANPR_PACE_SECOND
                        / G_TIME_SPAN_SECOND,
      ANPR_PACE_BURST);
}

static gboolean
is_rested (gpointer user, gpointer pace, gpointer now)
{
  return get_left (pace, *(gint64 *) now) >= ANPR_PACE_BURST;
}

/**
 * anpr_sessions_pace:
 * @sessions: sessions
 * @user: who has a session and asks for what is logged; all their sessions count
 *     together, and another sign-in begins nothing anew
 * @now: monotonic time, microseconds
 *
 * Returns: seconds until they may, 0 now, which is counted then
 */
guint
anpr_sessions_pace (AnprSessions *sessions, const gchar *user, gint64 now)
{
  Pace *pace = g_hash_table_lookup (sessions->paces, user);

  if (!pace) {
    (void) g_hash_table_foreach_remove (sessions->paces, is_rested, &now);
    pace = g_new0 (Pace, 1);
    pace->left = ANPR_PACE_BURST;
    pace->last = now;
    g_hash_table_insert (sessions->paces, g_strdup (user), pace);
  }
  pace->left = get_left (pace, now);
  pace->last = now;
  if (pace->left < 1)
    return 1;
  pace->left--;
  return 0;
}

static gchar *
hash_secret (const gchar *secret)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, secret, -1);
}

static gboolean
is_over (const AnprSession *session, gint64 now)
{
  return now - session->used > ANPR_SESSION_IDLE * G_TIME_SPAN_SECOND
         || now - session->began > ANPR_SESSION_WHOLE * G_TIME_SPAN_SECOND;
}

static void
drop_old (AnprSessions *sessions, gint64 now)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, sessions->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session)) {
    if (is_over (session, now))
      g_hash_table_iter_remove (&iter);
  }
}

/* Ends the one unused for longest if there are max or more, of one user or all */
static void
make_room (AnprSessions *sessions, const gchar *user, guint max)
{
  GHashTableIter iter;
  gpointer data;
  const AnprSession *oldest = NULL;
  guint n = 0;

  g_hash_table_iter_init (&iter, sessions->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &data)) {
    const AnprSession *session = data;

    if (user && !g_str_equal (session->user, user))
      continue;
    n++;
    if (!oldest || session->used < oldest->used)
      oldest = session;
  }
  if (n >= max)
    anpr_sessions_end (sessions, oldest->number);
}

/**
 * anpr_sessions_begin:
 * @sessions: sessions
 * @user: who has just proved to be that user
 * @password: hash of the password
 * @now: monotonic time, microseconds
 *
 * Returns: (transfer full): the secret of a new session
 */
gchar *
anpr_sessions_begin (AnprSessions *sessions, const gchar *user,
    const gchar *password, gint64 now)
{
  AnprSession *session = g_new0 (AnprSession, 1);
  gchar *secret = anpr_secret_new ();

  drop_old (sessions, now);
  make_room (sessions, user, ANPR_SESSIONS_MAX_USER);
  make_room (sessions, NULL, ANPR_SESSIONS_MAX);
  session->number = ++sessions->n_begun;
  session->user = g_strdup (user);
  session->password = g_strdup (password);
  session->csrf = anpr_secret_new ();
  session->began = session->used = now;
  g_hash_table_insert (sessions->sessions, hash_secret (secret), session);
  return secret;
}

/**
 * anpr_sessions_find:
 * @sessions: sessions
 * @secret: (nullable): what a request says
 * @now: monotonic time, microseconds
 * @use: whether that is a use of the session, which prolongs it
 *
 * Returns: (transfer none) (nullable): the session of that secret; valid until
 *     the next call
 */
const AnprSession *
anpr_sessions_find (
    AnprSessions *sessions, const gchar *secret, gint64 now, gboolean use)
{
  g_autofree gchar *hash = NULL;
  AnprSession *session;

  if (!secret || strlen (secret) != ANPR_SECRET_LENGTH)
    return NULL;
  hash = hash_secret (secret);
  session = g_hash_table_lookup (sessions->sessions, hash);
  if (session && is_over (session, now)) {
    g_hash_table_remove (sessions->sessions, hash);
    return NULL;
  }
  if (session && use)
    session->used = now;
  return session;
}

/**
 * anpr_sessions_find_number:
 * @sessions: sessions
 * @number: of a session
 * @now: monotonic time, microseconds
 *
 * Returns: (transfer none) (nullable): it, if it has not ended
 */
const AnprSession *
anpr_sessions_find_number (AnprSessions *sessions, guint64 number, gint64 now)
{
  GHashTableIter iter;
  gpointer data;

  g_hash_table_iter_init (&iter, sessions->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &data)) {
    const AnprSession *session = data;

    if (session->number == number)
      return is_over (session, now) ? NULL : session;
  }
  return NULL;
}

static gboolean
has_number (gpointer key, gpointer value, gpointer data)
{
  return ((AnprSession *) value)->number == *(guint64 *) data;
}

static gboolean
has_user (gpointer key, gpointer value, gpointer data)
{
  return g_str_equal (((AnprSession *) value)->user, data);
}

/**
 * anpr_sessions_end:
 * @sessions: sessions
 * @number: of the one that ends
 */
void
anpr_sessions_end (AnprSessions *sessions, guint64 number)
{
  (void) g_hash_table_foreach_remove (sessions->sessions, has_number, &number);
}

/**
 * anpr_sessions_end_user:
 * @sessions: sessions
 * @user: whose sessions all end
 */
void
anpr_sessions_end_user (AnprSessions *sessions, const gchar *user)
{
  (void) g_hash_table_foreach_remove (
      sessions->sessions, has_user, (gpointer) user);
}
