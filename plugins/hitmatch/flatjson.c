/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* JSON of one shape only: an array of objects whose members are all strings.
 *
 * It comes from a server on the network, once a read that finds something. A
 * parser for all of JSON recurses as deep as its input likes; this one cannot,
 * allocates nothing and takes the text apart where it lies: strings are
 * unescaped in place, which never makes them longer.
 *
 * The text ends with its NUL and has been checked to be UTF-8. What is not of
 * that shape is refused; so are escapes for control characters and surrogates,
 * since no value of a list can hold them.
 */

#include "flatjson.h"

#include <string.h>

static void
skip_space (AnprFlatJson *json)
{
  json->at += strspn (json->at, " \t\r\n");
}

/* Takes a sign, with space around it */
static gboolean
take (AnprFlatJson *json, gchar sign)
{
  skip_space (json);
  if (*json->at != sign)
    return FALSE;
  json->at++;
  skip_space (json);
  return TRUE;
}

/* Four hexadecimal digits at from, as UTF-8 at to. Returns the bytes of it, 0
 * if it is no character that a value can hold. */
static gint
unescape_code (const gchar *from, gchar *to)
{
  gunichar code = 0;

  for (guint i = 0; i < 4; i++) {
    if (!g_ascii_isxdigit (from[i]))
      return 0;
    code = code * 16 + (gunichar) g_ascii_xdigit_value (from[i]);
  }
  if (code < 0x20 || code == 0x7f || (code >= 0xd800 && code < 0xe000))
    return 0;
  return g_unichar_to_utf8 (code, to);
}

/* One escape at *from, behind its backslash. Returns FALSE if there is none. */
static gboolean
unescape (const gchar **from, gchar **to)
{
  gint n;

  switch (**from) {
    case '"':
    case '\\':
    case '/':
      *(*to)++ = *(*from)++;
      return TRUE;
    case 't':
      *(*to)++ = '\t';
      (*from)++;
      return TRUE;
    case 'u':
      n = unescape_code (*from + 1, *to);
      *to += n;
      *from += 5;
      return n > 0;
    default:
      return FALSE;
  }
}

/* A string, without its quotes, ended by NUL where it lies */
static gboolean
take_string (AnprFlatJson *json, const gchar **string)
{
  const gchar *from = json->at + 1;
  gchar *to = json->at + 1;

  if (*json->at != '"')
    return FALSE;
  *string = to;
  while (*from != '"') {
    guchar sign = (guchar) *from++;

    if (sign == '\\') {
      if (!unescape (&from, &to))
        return FALSE;
    } else if ((sign < 0x20 && sign != '\t') || sign == 0x7f)
      return FALSE;
    else
      *to++ = (gchar) sign;
  }
  json->at = (gchar *) from + 1;
  *to = '\0';
  return TRUE;
}

/**
 * anpr_flat_json_begin: (skip)
 * @json: (out): the place
 * @text: UTF-8; changed, and the strings that are found lie in it
 *
 * Returns: whether @text begins with an array
 */
gboolean
anpr_flat_json_begin (AnprFlatJson *json, gchar *text)
{
  json->at = text;
  json->first = TRUE;
  return take (json, '[');
}

/**
 * anpr_flat_json_next_object: (skip)
 * @json: a place before an object: at the beginning, or when
 *     anpr_flat_json_next_member() gave no name
 * @more: (out): whether there is one; %FALSE behind the last
 *
 * Returns: %FALSE if the text is not of the shape
 */
gboolean
anpr_flat_json_next_object (AnprFlatJson *json, gboolean *more)
{
  *more = FALSE;
  if (take (json, ']'))
    return *json->at == '\0';
  if (!json->first && !take (json, ','))
    return FALSE;
  json->first = *more = take (json, '{');
  return *more;
}

/**
 * anpr_flat_json_next_member: (skip)
 * @json: a place in an object
 * @name: (out) (nullable): the next member's name, %NULL behind the last
 * @value: (out): its value
 *
 * Returns: %FALSE if the text is not of the shape
 */
gboolean
anpr_flat_json_next_member (
    AnprFlatJson *json, const gchar **name, const gchar **value)
{
  gboolean first = json->first;

  *name = NULL;
  json->first = FALSE;
  if (take (json, '}'))
    return TRUE;
  if ((!first && !take (json, ',')) || !take_string (json, name))
    return FALSE;
  return take (json, ':') && take_string (json, value);
}

/**
 * anpr_flat_json_append: (skip)
 * @text: a JSON text that is being written
 * @value: UTF-8 without control characters other than tabs
 *
 * Appends @value as a string with its quotes.
 */
void
anpr_flat_json_append (GString *text, const gchar *value)
{
  g_string_append_c (text, '"');
  for (;;) {
    gsize plain = strcspn (value, "\"\\\t");

    g_string_append_len (text, value, (gssize) plain);
    value += plain;
    if (*value == '\0')
      break;
    g_string_append_c (text, '\\');
    g_string_append_c (text, *value == '\t' ? 't' : *value);
    value++;
  }
  g_string_append_c (text, '"');
}
