/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_FIRST_TOKEN_H
#define ANPR_WEB_FIRST_TOKEN_H

#include <glib.h>

G_BEGIN_DECLS

/* So long the token that makes the first account counts, seconds */
#define ANPR_FIRST_TOKEN_LIFE (60 * 60)
/* Wrong tokens after which the right one counts no more */
#define ANPR_FIRST_TOKEN_TRIES 20

/**
 * AnprFirstToken:
 * @hash: (nullable): of the token, %NULL none, or none any more
 * @until: monotonic microseconds
 * @tries: wrong ones that were entered
 *
 * The one way in while there is no account: 100 random bits, told once on the
 * console, used once, for an hour.
 */
typedef struct {
  gchar *hash;
  gint64 until;
  guint tries;
} AnprFirstToken;

gchar *anpr_first_token_make (AnprFirstToken *token, gint64 now);
gboolean anpr_first_token_is_open (const AnprFirstToken *token, gint64 now);
gboolean anpr_first_token_check (
    AnprFirstToken *token, const gchar *entered, gint64 now);
void anpr_first_token_clear (AnprFirstToken *token);

G_END_DECLS

#endif
