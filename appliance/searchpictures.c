/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pictures from the central database as files. A name is made of the passage's id
 * and the picture's kind, and of nothing else that a database could tell. */

#include "searchpictures.h"
#include "console.h"
#include "../plugins/record/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static gboolean
fail_output (const gchar *path, GError **error)
{
  g_set_error (
      error, ANPR_ERROR, ANPR_ERROR_OUTPUT, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

/* A byte string as the database writes it in JSON: \x and hexadecimal digits */
static GBytes *
take_bytes (const gchar *text)
{
  gsize n = strlen (text);
  guint8 *bytes;

  if (n < 2 || n % 2 != 0 || strncmp (text, "\\x", 2) != 0)
    return NULL;
  bytes = g_malloc (n / 2);
  for (gsize i = 2; i < n; i += 2) {
    if (!g_ascii_isxdigit (text[i]) || !g_ascii_isxdigit (text[i + 1])) {
      g_free (bytes);
      return NULL;
    }
    bytes[i / 2 - 1] = (guint8) (g_ascii_xdigit_value (text[i]) << 4
                                 | g_ascii_xdigit_value (text[i + 1]));
  }
  return g_bytes_new_take (bytes, n / 2 - 1);
}

static gboolean
write_picture (
    JsonObject *row, const gchar *folder, const gchar *passage, GError **error)
{
  const gchar *of = passage ? passage
                            : json_object_get_string_member_with_default (
                                row, "passage", "passage");
  g_autofree gchar *name = g_strdup_printf ("%s-%s.jpg", of,
      json_object_get_string_member_with_default (row, "kind", ""));
  g_autofree gchar *path = NULL, *clean = NULL;
  g_autoptr (GBytes) jpeg =
      take_bytes (json_object_get_string_member_with_default (row, "jpeg", ""));
  g_autoptr (GError) reason = NULL;

  g_strcanon (name, "abcdefghijklmnopqrstuvwxyz0123456789-.", '_');
  path = g_build_filename (folder, name, NULL);
  if (!jpeg
      || !g_file_set_contents_full (path, g_bytes_get_data (jpeg, NULL),
          (gssize) g_bytes_get_size (jpeg), G_FILE_SET_CONTENTS_CONSISTENT,
          0600, &reason)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_OUTPUT, "%s: %s", path,
        reason ? reason->message : "the picture is none");
    return FALSE;
  }
  clean = anpr_console_clean (path);
  anpr_console_print (clean);
  return TRUE;
}

/**
 * anpr_search_write_pictures:
 * @rows: objects with kind and jpeg, and passage
 * @folder: where to; made if it is not there
 * @passage: (nullable): whose they are, where rows do not say it
 * @error: %ANPR_ERROR_OUTPUT
 *
 * Writes a file for each, for its owner alone, and prints its name.
 *
 * Returns: whether all were written
 */
gboolean
anpr_search_write_pictures (
    JsonArray *rows, const gchar *folder, const gchar *passage, GError **error)
{
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail_output (folder, error);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    if (!write_picture (
            json_array_get_object_element (rows, i), folder, passage, error))
      return FALSE;
  if (json_array_get_length (rows) == 0)
    anpr_console_note ("no pictures are kept");
  return TRUE;
}
