/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Answers: status, headers and content of what is sent.
 *
 * Every answer carries the same policy: nothing but this server's own files is
 * loaded or run, no page of others may frame or read it, and nothing of the API
 * is kept by a browser.
 */

#include "answer.h"
#include "../../plugins/record/jsonmember.h"

#include <stdarg.h>
#include <string.h>

#define POLICY                                                                 \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "  \
  "connect-src 'self'; base-uri 'none'; form-action 'none'; "                  \
  "frame-ancestors 'none'"

static const struct {
  const gchar *name;
  const gchar *value;
} fixed_headers[] = {
  { "Content-Security-Policy", POLICY },
  { "X-Content-Type-Options", "nosniff" }, { "X-Frame-Options", "DENY" },
  { "Referrer-Policy", "no-referrer" },
  { "Cross-Origin-Opener-Policy", "same-origin" },
  { "Cross-Origin-Resource-Policy", "same-origin" },
  { "Connection", "close" }, /* see door.c */
};

/* Codes that are another status than 500 */
static const struct {
  AnprError code;
  guint status;
} statuses[] = {
  { ANPR_ERROR_WEB_SIGN_IN, SOUP_STATUS_UNAUTHORIZED },
  { ANPR_ERROR_WEB_DELAY, 429 },
  { ANPR_ERROR_WEB_TOKEN, SOUP_STATUS_UNAUTHORIZED },
  { ANPR_ERROR_WEB_ROLE, SOUP_STATUS_FORBIDDEN },
  { ANPR_ERROR_WEB_CSRF, SOUP_STATUS_FORBIDDEN },
  { ANPR_ERROR_WEB_APPROVAL, SOUP_STATUS_FORBIDDEN },
  { ANPR_ERROR_WEB_REQUEST, SOUP_STATUS_BAD_REQUEST },
  { ANPR_ERROR_WEB_SIZE, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE },
  { ANPR_ERROR_WEB_BUSY, SOUP_STATUS_SERVICE_UNAVAILABLE },
  { ANPR_ERROR_WEB_MISSING, SOUP_STATUS_NOT_FOUND },
  { ANPR_ERROR_WEB_METHOD, SOUP_STATUS_METHOD_NOT_ALLOWED },
  { ANPR_ERROR_WEB_VERSION, SOUP_STATUS_PRECONDITION_FAILED },
  { ANPR_ERROR_WEB_CONFLICT, SOUP_STATUS_CONFLICT },
  { ANPR_ERROR_WEB_FAULTS, SOUP_STATUS_UNPROCESSABLE_ENTITY },
  { ANPR_ERROR_WEB_ACCOUNT, SOUP_STATUS_UNPROCESSABLE_ENTITY },
};

/**
 * anpr_answer_get_status_of:
 * @code: a stable code
 *
 * Returns: the status of HTTP it is sent with
 */
guint
anpr_answer_get_status_of (AnprError code)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++) {
    if (statuses[i].code == code)
      return statuses[i].status;
  }
  return SOUP_STATUS_INTERNAL_SERVER_ERROR;
}

void
anpr_answer_clear (AnprAnswer *answer)
{
  g_clear_pointer (&answer->body, g_bytes_unref);
  g_clear_pointer (&answer->tag, g_free);
  g_clear_pointer (&answer->cookie, g_free);
  memset (answer, 0, sizeof *answer);
}

/**
 * anpr_answer_set_text:
 * @answer: an answer
 * @status: of HTTP
 * @type: of the content; static
 * @text: (transfer full): the content
 */
void
anpr_answer_set_text (
    AnprAnswer *answer, guint status, const gchar *type, gchar *text)
{
  g_clear_pointer (&answer->body, g_bytes_unref);
  answer->status = status;
  answer->type = type;
  answer->body = g_bytes_new_take (text, strlen (text));
}

/**
 * anpr_answer_set_json:
 * @answer: an answer
 * @status: of HTTP
 * @builder: the content, complete
 */
void
anpr_answer_set_json (AnprAnswer *answer, guint status, JsonBuilder *builder)
{
  anpr_answer_set_text (answer, status, "application/json; charset=utf-8",
      anpr_json_builder_to_line (builder));
}

/**
 * anpr_answer_begin_fault:
 * @builder: gets an object that is still open: more may be added
 * @code: stable code
 * @message: what is wrong
 */
void
anpr_answer_begin_fault (
    JsonBuilder *builder, AnprError code, const gchar *message)
{
  json_builder_begin_object (builder);
  anpr_json_add_text (builder, "code", anpr_error_code_name (code));
  anpr_json_add_text (builder, "message", message);
  anpr_json_add_text (builder, "advice", anpr_error_code_advice (code));
}

/**
 * anpr_answer_set_fault:
 * @answer: an answer
 * @code: stable code
 * @format: what is wrong
 */
void
anpr_answer_set_fault (
    AnprAnswer *answer, AnprError code, const gchar *format, ...)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree gchar *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  anpr_answer_begin_fault (builder, code, message);
  json_builder_end_object (builder);
  anpr_answer_set_json (answer, anpr_answer_get_status_of (code), builder);
}

/**
 * anpr_answer_set_delay:
 * @answer: an empty answer
 * @seconds: until another attempt is looked at
 *
 * There were too many.
 */
void
anpr_answer_set_delay (AnprAnswer *answer, guint seconds)
{
  anpr_answer_set_fault (answer, ANPR_ERROR_WEB_DELAY,
      "There were too many attempts; the next one is looked at in %u seconds",
      seconds);
  answer->wait = seconds;
}

/**
 * anpr_answer_set_error:
 * @answer: an answer
 * @error: what is wrong
 */
void
anpr_answer_set_error (AnprAnswer *answer, const GError *error)
{
  AnprError code =
      error->domain == ANPR_ERROR ? error->code : ANPR_ERROR_WEB_LOG;

  anpr_answer_set_fault (answer, code, "%s", error->message);
}

/**
 * anpr_answer_send:
 * @answer: an answer
 * @message: (nullable): the request it is for; only its head is set, libsoup
 *     sends it
 */
void
anpr_answer_send (const AnprAnswer *answer, SoupServerMessage *message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);
  g_autofree gchar *tag =
      answer->tag ? g_strdup_printf ("\"%s\"", answer->tag) : NULL;
  g_autofree gchar *wait =
      answer->wait ? g_strdup_printf ("%u", answer->wait) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fixed_headers); i++)
    soup_message_headers_replace (
        headers, fixed_headers[i].name, fixed_headers[i].value);
  soup_message_headers_replace (
      headers, "Cache-Control", answer->keep ? "no-cache" : "no-store");
  if (tag)
    soup_message_headers_replace (headers, "ETag", tag);
  if (answer->cookie)
    soup_message_headers_replace (headers, "Set-Cookie", answer->cookie);
  if (wait)
    soup_message_headers_replace (headers, "Retry-After", wait);
  soup_server_message_set_status (message, answer->status, NULL);
  if (answer->body) {
    soup_message_headers_replace (headers, "Content-Type", answer->type);
    soup_message_body_append_bytes (
        soup_server_message_get_response_body (message), answer->body);
  }
}
