/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_ATTEMPTS_H
#define ANPR_WEB_ATTEMPTS_H

#include <glib.h>

G_BEGIN_DECLS

/* Accounts and addresses that are remembered; the one unused for longest goes */
#define ANPR_ATTEMPTS_MAX 1024
/* Accounts with an address they have signed in from; likewise */
#define ANPR_ATTEMPTS_KNOWN 256

typedef struct _AnprAttempts AnprAttempts;

AnprAttempts *anpr_attempts_new (void);
void anpr_attempts_free (AnprAttempts *attempts);
guint anpr_attempts_get_delay (AnprAttempts *attempts, const gchar *user,
    const gchar *address, gint64 now);
void anpr_attempts_begin (AnprAttempts *attempts, const gchar *user,
    const gchar *address, gint64 now);
void anpr_attempts_failed (AnprAttempts *attempts, const gchar *user,
    const gchar *address, gint64 now);
void anpr_attempts_unused (
    AnprAttempts *attempts, const gchar *user, const gchar *address);
void anpr_attempts_succeeded (AnprAttempts *attempts, const gchar *user,
    const gchar *address, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprAttempts, anpr_attempts_free)

G_END_DECLS

#endif
