/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lines of text to a file, a pipe or the standard output.
 *
 * A file gets whole lines only: what a full disk cut off is taken back. A pipe
 * whose reader is slow makes the writer wait, but never for ever: writes are of
 * PIPE_BUF bytes at most and follow a poll(), so they do not block themselves,
 * and anpr_lines_hurry() ends the wait. A named pipe without a reader is a
 * fault, not a wait.
 *
 * The writing thread must have SIGPIPE blocked: a reader that has gone is a
 * fault, too.
 */

#include "lines.h"
#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One wait, milliseconds, and how many in a row when in a hurry */
#define WAIT 100
#define MAX_WAITS_IN_A_HURRY 10

struct _AnprLines {
  gchar *path; /* NULL for standard output */
  gint file;   /* -1 while not open */
  gboolean regular;
  gint hurry; /* atomic */
  gboolean given_up;
};

/**
 * anpr_lines_new: (skip)
 * @path: file, or "-" for the standard output
 *
 * Nothing is opened before the first line.
 *
 * Returns: (transfer full): for one thread
 */
AnprLines *
anpr_lines_new (const gchar *path)
{
  AnprLines *lines = g_new0 (AnprLines, 1);

  lines->path = strcmp (path, "-") == 0 ? NULL : g_strdup (path);
  lines->file = lines->path ? -1 : STDOUT_FILENO;
  return lines;
}

static void
close_file (AnprLines *lines)
{
  if (lines->path && lines->file >= 0) {
    (void) g_close (lines->file, NULL);
    lines->file = -1;
  }
}

/**
 * anpr_lines_free: (skip)
 * @lines: (transfer full) (nullable): lines
 */
void
anpr_lines_free (AnprLines *lines)
{
  if (!lines)
    return;
  close_file (lines);
  g_free (lines->path);
  g_free (lines);
}

static gboolean
open_file (AnprLines *lines)
{
  struct stat info;

  if (lines->file < 0)
    lines->file = g_open (lines->path,
        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        0600);
  if (lines->file < 0 || fstat (lines->file, &info) != 0)
    return FALSE;
  lines->regular = S_ISREG (info.st_mode);
  return TRUE;
}

static gboolean
wait_for_reader (AnprLines *lines)
{
  struct pollfd watched = { lines->file, POLLOUT, 0 };
  guint n_waits = 0;
  gint rc;

  while ((rc = poll (&watched, 1, lines->given_up ? 0 : WAIT)) <= 0) {
    if (rc < 0 && errno != EINTR)
      return FALSE;
    if (!g_atomic_int_get (&lines->hurry))
      continue;
    lines->given_up |= ++n_waits >= MAX_WAITS_IN_A_HURRY;
    if (lines->given_up) {
      errno = ETIMEDOUT;
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
write_text (AnprLines *lines, const gchar *text, gsize size)
{
  while (size > 0) {
    gsize part = lines->regular ? size : MIN (size, PIPE_BUF);
    gssize written;

    if (!lines->regular && !wait_for_reader (lines))
      return FALSE;
    written = write (lines->file, text, part);
    if (written < 0 && errno != EINTR && errno != EAGAIN)
      return FALSE;
    if (written > 0) {
      text += written;
      size -= written;
    }
  }
  return TRUE;
}

/**
 * anpr_lines_write: (skip)
 * @lines: lines
 * @line: without its end
 * @error: %ANPR_ERROR_OUTPUT
 *
 * Opens what is not open yet, so that a later line may succeed.
 *
 * Returns: whether the line is written
 */
gboolean
anpr_lines_write (AnprLines *lines, const gchar *line, GError **error)
{
  g_autofree gchar *text = g_strconcat (line, "\n", NULL);
  off_t start = 0;
  gint reason;

  if (open_file (lines)) {
    if (lines->regular && lines->path)
      start = lseek (lines->file, 0, SEEK_END);
    if (write_text (lines, text, strlen (text)))
      return TRUE;
  }
  reason = errno;
  if (lines->file >= 0 && lines->regular && lines->path && start >= 0)
    (void) !ftruncate (lines->file, start);
  close_file (lines);
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_OUTPUT,
      "Records cannot be written to %s: %s",
      lines->path ? lines->path : "the standard output", g_strerror (reason));
  return FALSE;
}

/**
 * anpr_lines_hurry: (skip)
 * @lines: lines
 *
 * A reader that takes nothing for a second is not waited for any more, now and
 * with later lines. Any thread.
 */
void
anpr_lines_hurry (AnprLines *lines)
{
  g_atomic_int_set (&lines->hurry, TRUE);
}
