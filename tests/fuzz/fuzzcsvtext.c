/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Tables of others, of any bytes. A table is read or refused with a reason, the
 * same however it is cut; values that are written again and read again are the
 * same. */

#include "fuzz.h"
#include "appliance/csvtext.h"
#include "plugins/record/error.h"

#include <string.h>

static gboolean
take (GPtrArray *fields, guint64 line, gpointer user_data, GError **error)
{
  GString *text = user_data;

  g_assert (fields->len > 0 && fields->len <= ANPR_CSV_MAX_FIELDS && line > 0);
  for (guint i = 0; i < fields->len; i++)
    g_string_append_printf (text, "<%s>", (gchar *) fields->pdata[i]);
  g_string_append_c (text, '\n');
  return TRUE;
}

static gchar *
parse (const guint8 *data, size_t size, size_t piece, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (AnprCsvReader) reader = anpr_csv_reader_new (';', take, text);

  for (size_t i = 0; i < size; i += piece)
    if (!anpr_csv_reader_feed (
            reader, (const gchar *) data + i, MIN (piece, size - i), error))
      return NULL;
  if (!anpr_csv_reader_finish (reader, error))
    return NULL;
  return g_strdup (text->str);
}

/* A value comes back from a line of its own */
static void
check_writing (const guint8 *data, size_t size)
{
  g_autoptr (GString) line = g_string_new (NULL), text = g_string_new (NULL);
  g_autoptr (AnprCsvReader) reader = anpr_csv_reader_new (',', take, text);
  g_autofree gchar *value = g_strndup ((const gchar *) data, MIN (size, 1000));
  g_autofree gchar *wanted = NULL;

  g_strdelimit (value, "\r\n", ' ');
  wanted = g_strdup_printf ("<x><%s>\n", value);
  anpr_csv_append (line, "x");
  anpr_csv_append (line, value);
  g_assert (anpr_csv_reader_feed (reader, line->str, line->len, NULL));
  g_assert (anpr_csv_reader_finish (reader, NULL));
  g_assert_cmpstr (text->str, ==, wanted);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GError) whole_error = NULL, cut_error = NULL;
  g_autofree gchar *whole = parse (data, size, size + 1, &whole_error);
  g_autofree gchar *cut = parse (data, size, 3, &cut_error);

  g_assert_cmpstr (whole, ==, cut);
  g_assert ((whole == NULL) == (whole_error != NULL));
  if (whole_error) {
    g_assert (whole_error->domain == ANPR_ERROR);
    g_assert_cmpstr (whole_error->message, ==, cut_error->message);
  }
  check_writing (data, size);
  return 0;
}
