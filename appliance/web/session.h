/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_SESSION_H
#define ANPR_WEB_SESSION_H

#include <glib.h>

G_BEGIN_DECLS

/* Sessions at once, of all and of one user; the one unused for longest goes */
#define ANPR_SESSIONS_MAX 64
#define ANPR_SESSIONS_MAX_USER 8
/* A session ends so long after the last request, and after sign-in, seconds */
#define ANPR_SESSION_IDLE (30 * 60)
#define ANPR_SESSION_WHOLE (12 * 60 * 60)
/* Secrets are 256 random bits, as hexadecimal digits */
#define ANPR_SECRET_LENGTH 64

/**
 * AnprSession:
 * @number: from 1; names it in this process, no secret
 * @user: who signed in
 * @password: hash of the password they signed in with: another one ends it
 * @csrf: what changing requests must repeat
 * @began: when, monotonic microseconds
 * @used: when last
 */
typedef struct {
  guint64 number;
  gchar *user;
  gchar *password;
  gchar *csrf;
  gint64 began;
  gint64 used;
} AnprSession;

/* Requests that leave an entry in the log: so many at once, and then so many a
 * second, of one user: else whoever may only read could push what they have done
 * out of the log in an hour */
#define ANPR_PACE_BURST 600
#define ANPR_PACE_SECOND 10

typedef struct _AnprSessions AnprSessions;

gchar *anpr_secret_new (void);
gboolean anpr_secret_equal (const gchar *a, const gchar *b);

AnprSessions *anpr_sessions_new (void);
void anpr_sessions_free (AnprSessions *sessions);
guint anpr_sessions_get_n (AnprSessions *sessions);
guint anpr_sessions_pace (
    AnprSessions *sessions, const gchar *user, gint64 now);
gchar *anpr_sessions_begin (AnprSessions *sessions, const gchar *user,
    const gchar *password, gint64 now);
const AnprSession *anpr_sessions_find (
    AnprSessions *sessions, const gchar *secret, gint64 now, gboolean use);
const AnprSession *anpr_sessions_find_number (
    AnprSessions *sessions, guint64 number, gint64 now);
void anpr_sessions_end (AnprSessions *sessions, guint64 number);
void anpr_sessions_end_user (AnprSessions *sessions, const gchar *user);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSessions, anpr_sessions_free)

G_END_DECLS

#endif
