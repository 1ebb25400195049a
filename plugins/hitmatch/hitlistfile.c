/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "hitlistparser.h"
#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE (256 * 1024)

static void
set_open_error (GError **error, const gchar *file, const gchar *reason)
{
  g_autofree gchar *name = g_filename_display_name (file);

  g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_OPEN, "%s: %s", name, reason);
}

/* Non-blocking, so that a pipe put where a list should be cannot hold us */
static int
open_regular (const gchar *file, GError **error)
{
  struct stat status;
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0 || fstat (fd, &status) < 0) {
    set_open_error (error, file, g_strerror (errno));
  } else if (!S_ISREG (status.st_mode)) {
    set_open_error (error, file, "not a regular file");
  } else {
    return fd;
  }
  if (fd >= 0)
    close (fd);
  return -1;
}

static gboolean
feed_all (AnprHitListParser *parser, int fd, const gchar *file,
    GCancellable *cancellable, GError **error)
{
  g_autofree gchar *piece = g_malloc (PIECE);

  while (!g_cancellable_set_error_if_cancelled (cancellable, error)) {
    gssize n = read (fd, piece, PIECE);

    if (n == 0)
      return TRUE;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      set_open_error (error, file, g_strerror (errno));
      return FALSE;
    }
    if (!anpr_hit_list_parser_feed (parser, piece, (gsize) n, error))
      return FALSE;
  }
  return FALSE;
}

/**
 * anpr_hit_list_load: (skip)
 * @file: name of a list file
 * @now: UTC, microseconds since 1970
 * @cancellable: (nullable): gives up between two pieces of the file
 * @error: of domain %ANPR_ERROR, or %G_IO_ERROR_CANCELLED
 *
 * Reads a file from disk: never on a streaming thread.
 *
 * Returns: (transfer full): the list, %NULL if it is refused
 */
AnprHitList *
anpr_hit_list_load (
    const gchar *file, gint64 now, GCancellable *cancellable, GError **error)
{
  g_autoptr (AnprHitListParser) parser = NULL;
  AnprHitList *list = NULL;
  int fd = open_regular (file, error);

  if (fd < 0)
    return NULL;
  parser = anpr_hit_list_parser_new (file, now);
  if (feed_all (parser, fd, file, cancellable, error))
    list = anpr_hit_list_parser_finish (parser, error);
  close (fd);
  return list;
}
