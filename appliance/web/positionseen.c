/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What is known of positions' files: two copies of each, in a folder of the state
 * folder.
 *
 *   NAME.noted  as the log tells of it: written by the page, or found changed
 *   NAME.seen   as two persons have seen it last (R41): approved on the page, or
 *               acknowledged after it was changed elsewhere
 *
 * A file that is not as it was noted was changed outside the page. Of what takes two
 * persons, whatever is not as it was seen has not been seen by them. A position
 * without a copy was noted, and seen, as an empty file.
 *
 * Functions of the files; who calls them takes turns.
 */

#include "positionseen.h"
#include "positionedit.h"
#include "../../plugins/record/error.h"

#include <glib/gstdio.h>

#define NOTED ".noted"
#define SEEN ".seen"

static gchar *
copy_path (const gchar *folder, const gchar *id, const gchar *suffix)
{
  return g_strdup_printf ("%s/%s%s", folder, id, suffix);
}

static gchar *
read_copy (const gchar *folder, const gchar *id, const gchar *suffix)
{
  g_autofree gchar *path = copy_path (folder, id, suffix);
  gchar *text = NULL;

  (void) g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static gboolean
write_copy (const gchar *folder, const gchar *id, const gchar *suffix,
    const gchar *text, GError **error)
{
  g_autofree gchar *path = copy_path (folder, id, suffix);
  g_autoptr (GError) failed = NULL;

  (void) g_mkdir (folder, 0700);
  if (g_file_set_contents_full (path, text, -1,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
          &failed))
    return TRUE;
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_WEB_LOG, failed->message);
  return FALSE;
}

/**
 * anpr_position_seen_get_noted:
 * @folder: with the copies
 * @id: of a position
 *
 * Returns: (transfer full) (nullable): its file as the log tells of it
 */
gchar *
anpr_position_seen_get_noted (const gchar *folder, const gchar *id)
{
  return read_copy (folder, id, NOTED);
}

/**
 * anpr_position_seen_note:
 * @folder: for the copies; made if it does not exist
 * @id: of a position
 * @text: of its file, which the log tells of
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_position_seen_note (
    const gchar *folder, const gchar *id, const gchar *text, GError **error)
{
  return write_copy (folder, id, NOTED, text, error);
}

/**
 * anpr_position_seen_accept:
 * @folder: for the copies; made if it does not exist
 * @id: of a position
 * @text: of its file, which two persons have seen
 * @error: %ANPR_ERROR_WEB_LOG
 *
 * Returns: whether it is on the disk
 */
gboolean
anpr_position_seen_accept (
    const gchar *folder, const gchar *id, const gchar *text, GError **error)
{
  return write_copy (folder, id, SEEN, text, error);
}

/**
 * anpr_position_seen_forget:
 * @folder: with the copies
 * @id: of a position whose file is gone
 */
void
anpr_position_seen_forget (const gchar *folder, const gchar *id)
{
  g_autofree gchar *noted = copy_path (folder, id, NOTED);
  g_autofree gchar *seen = copy_path (folder, id, SEEN);

  /* in this order: it is forgotten when the other one is gone */
  (void) g_unlink (seen);
  (void) g_unlink (noted);
}

/**
 * anpr_position_seen_list:
 * @folder: with the copies; it need not exist
 *
 * Returns: (transfer full) (element-type utf8): positions that were noted
 */
GPtrArray *
anpr_position_seen_list (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))) {
    if (g_str_has_suffix (name, NOTED))
      g_ptr_array_add (ids, g_strndup (name, strlen (name) - strlen (NOTED)));
  }
  return ids;
}

static gboolean
is_change_sensitive (JsonObject *change)
{
  g_autoptr (JsonArray) one = json_array_new ();

  json_array_add_object_element (one, json_object_ref (change));
  return anpr_position_edit_needs_second (one);
}

/**
 * anpr_position_seen_compare:
 * @folder: with the copies
 * @id: of a position
 * @text: of its file
 *
 * Returns: (transfer full) (nullable): what takes two persons and is not as they
 *     have seen it, as of anpr_position_edit_compare(); %NULL for nothing
 */
JsonArray *
anpr_position_seen_compare (
    const gchar *folder, const gchar *id, const gchar *text)
{
  g_autofree gchar *seen = read_copy (folder, id, SEEN);
  g_autoptr (JsonArray) changes =
      anpr_position_edit_compare (seen ? seen : "", text);
  g_autoptr (JsonArray) unseen = json_array_new ();

  for (guint i = 0; i < json_array_get_length (changes); i++) {
    JsonObject *change = json_array_get_object_element (changes, i);

    if (is_change_sensitive (change))
      json_array_add_object_element (unseen, json_object_ref (change));
  }
  return json_array_get_length (unseen) > 0 ? g_steal_pointer (&unseen) : NULL;
}
