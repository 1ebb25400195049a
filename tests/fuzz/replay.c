/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Runs a fuzz target over the files of folders, so that what a fuzzer once
 * found stays a test where no fuzzer is built. */

#include "fuzz.h"

#include <stdio.h>

static gboolean
replay_file (const gchar *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *data = NULL;
  g_autofree guint8 *exact = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return FALSE;
  }
  /* without the NUL that GLib puts behind it, so that valgrind sees overruns */
  exact = g_memdup2 (data, size);
  (void) LLVMFuzzerTestOneInput (exact, size);
  return TRUE;
}

static gint
replay_folder (const gchar *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const gchar *name;
  gint n = 0;

  if (!dir) {
    fprintf (stderr, "%s\n", error->message);
    return -1;
  }
  while ((name = g_dir_read_name (dir))) {
    g_autofree gchar *path = g_build_filename (folder, name, NULL);

    if (!replay_file (path))
      return -1;
    n++;
  }
  return n;
}

int
main (int argc, char **argv)
{
  if (argc < 2) {
    fprintf (stderr, "usage: %s FOLDER...\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc; i++) {
    gint n = replay_folder (argv[i]);

    if (n <= 0)
      return 1;
    printf ("%s: %d inputs\n", argv[i], n);
  }
  return 0;
}
