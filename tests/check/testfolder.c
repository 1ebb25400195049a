/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A folder of a test's own. */

#include "testfolder.h"

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>

/* Returns: (transfer full): the name of a new folder */
gchar *
test_folder_new (void)
{
  gchar *folder = g_dir_make_tmp ("anpr-test-XXXXXX", NULL);

  fail_unless (folder != NULL);
  return folder;
}

static void
remove_all (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const gchar *name;

  fail_unless (dir != NULL);
  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR)
        && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_all (path);
    else
      fail_unless (g_remove (path) == 0);
  }
  fail_unless (g_rmdir (folder) == 0);
}

/* Removes the folder and all that is in it */
void
test_folder_free (gchar *folder)
{
  remove_all (folder);
  g_free (folder);
}
