/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Templates of HTML: {{name}} is replaced by text, escaped, {{{name}}} by HTML
 * as it is. Values are never looked through for names again. */

#include "html.h"
#include "console.h"

#include <string.h>

/**
 * anpr_html_escape:
 * @text: from outside, any bytes
 *
 * Returns: (transfer full): @text for the content of an element or a quoted
 *     attribute; control and format characters are shown as "?"
 */
gchar *
anpr_html_escape (const gchar *text)
{
  g_autofree gchar *clean = anpr_console_clean (text);

  return g_markup_escape_text (clean, -1);
}

static void
append_value (GString *html, GHashTable *values, const gchar *name,
    gsize length, gboolean is_html)
{
  g_autofree gchar *key = g_strndup (name, length);
  const gchar *value = g_hash_table_lookup (values, key);
  g_autofree gchar *escaped = NULL;

  if (!value)
    g_error ("template names \"%s\", which has no value", key);
  escaped = is_html ? NULL : anpr_html_escape (value);
  g_string_append (html, is_html ? value : escaped);
}

static gchar *
fill (const gchar *template, GHashTable *values)
{
  GString *html = g_string_new (NULL);
  const gchar *at = template, *open;

  while ((open = strstr (at, "{{"))) {
    gboolean is_html = open[2] == '{';
    const gchar *name = open + 2 + is_html;
    gsize length = strcspn (name, "}");

    g_string_append_len (html, at, open - at);
    append_value (html, values, name, length, is_html);
    at = name + length + 2 + is_html;
  }
  g_string_append (html, at);
  return g_string_free (html, FALSE);
}

/**
 * anpr_html_fill: (skip)
 * @template: one of the program's own, every name closed by as many braces as
 *     it was opened with
 * @first_name: a name in it; then its value, the next name and so on, ended by
 *     %NULL
 *
 * Returns: (transfer full): the template with values for names
 */
gchar *
anpr_html_fill (const gchar *template, const gchar *first_name, ...)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  va_list arguments;

  va_start (arguments, first_name);
  for (const gchar *name = first_name; name;
       name = va_arg (arguments, const gchar *))
    g_hash_table_insert (values, (gpointer) name, va_arg (arguments, gchar *));
  va_end (arguments);
  return fill (template, values);
}
