/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_ANSWER_H
#define ANPR_WEB_ANSWER_H

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include "../../plugins/record/error.h"

G_BEGIN_DECLS

/**
 * AnprAnswer:
 * @status: of HTTP; 0 until there is an answer
 * @type: (nullable): of @body
 * @body: (nullable): the content
 * @tag: (nullable): entity tag, without quotation marks
 * @cookie: (nullable): a Set-Cookie header
 * @wait: seconds for a Retry-After header, 0 none
 * @keep: the browser may keep it and ask whether it still holds
 *
 * What a request gets. Made in any thread, sent from the main one.
 */
typedef struct {
  guint status;
  const gchar *type;
  GBytes *body;
  gchar *tag;
  gchar *cookie;
  guint wait;
  gboolean keep;
} AnprAnswer;

void anpr_answer_clear (AnprAnswer *answer);
void anpr_answer_set_text (
    AnprAnswer *answer, guint status, const gchar *type, gchar *text);
void anpr_answer_set_json (
    AnprAnswer *answer, guint status, JsonBuilder *builder);
void anpr_answer_set_fault (AnprAnswer *answer, AnprError code,
    const gchar *format, ...) G_GNUC_PRINTF (3, 4);
void anpr_answer_set_delay (AnprAnswer *answer, guint seconds);
void anpr_answer_set_error (AnprAnswer *answer, const GError *error);
void anpr_answer_begin_fault (
    JsonBuilder *builder, AnprError code, const gchar *message);
guint anpr_answer_get_status_of (AnprError code);
void anpr_answer_send (const AnprAnswer *answer, SoupServerMessage *message);

G_END_DECLS

#endif
