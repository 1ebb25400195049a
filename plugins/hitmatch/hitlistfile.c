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
read_pieces (int fd, const gchar *file, GCancellable *cancellable,
    AnprListPieceFunc func, gpointer user_data, GError **error)
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
    if (!func (piece, (gsize) n, user_data, error))
      return FALSE;
  }
  return FALSE;
}

/**
 * anpr_hit_list_read: (skip)
 * @file: name of a list file
 * @cancellable: (nullable): gives up between two pieces of the file
 * @func: given each piece in turn
 * @user_data: for @func
 * @error: of domain %ANPR_ERROR, %G_IO_ERROR_CANCELLED, or of @func
 *
 * Returns: whether the whole file was read, and @func took all of it
 */
gboolean
anpr_hit_list_read (const gchar *file, GCancellable *cancellable,
    AnprListPieceFunc func, gpointer user_data, GError **error)
{
  int fd = open_regular (file, error);
  gboolean done;

  if (fd < 0)
    return FALSE;
  done = read_pieces (fd, file, cancellable, func, user_data, error);
  close (fd);
  return done;
}

static gboolean
feed_parser (const gchar *data, gsize length, gpointer parser, GError **error)
{
  return anpr_hit_list_parser_feed (parser, data, length, error);
}

static AnprHitList *
load_text (
    const gchar *file, gint64 now, GCancellable *cancellable, GError **error)
{
  g_autoptr (AnprHitListParser) parser = anpr_hit_list_parser_new (file, now);

  if (!anpr_hit_list_read (file, cancellable, feed_parser, parser, error))
    return NULL;
  return anpr_hit_list_parser_finish (parser, error);
}

/* An accepted list that has ended since is of no use */
static AnprHitList *
load_index (const gchar *file, gint64 now, GError **error)
{
  g_autoptr (AnprHitList) list = anpr_hit_list_open (file, error);

  if (list && anpr_hit_list_get_header (list)->valid_until > now)
    return g_steal_pointer (&list);
  if (list) {
    g_autofree gchar *name = g_filename_display_name (file);

    g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_DATE,
        "%s: the list's validity has ended", name);
  }
  return NULL;
}

/**
 * anpr_hit_list_load: (skip)
 * @file: name of a list file: a list as it is written, or by its suffix
 *     %ANPR_HIT_LIST_INDEX_SUFFIX the index of an accepted one
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
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (g_str_has_suffix (file, ANPR_HIT_LIST_INDEX_SUFFIX))
    return load_index (file, now, error);
  return load_text (file, now, cancellable, error);
}
