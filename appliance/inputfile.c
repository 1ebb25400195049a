/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What can be told of an input file without decoding it.
 *
 * Decoders show the first half of a truncated picture or video without a word.
 * These formats say themselves how long they are, or end in a mark; only that
 * is looked at here, so a file is called truncated for a reason that can be
 * shown. Other formats are left to the check of played against stated duration.
 */

#include "inputfile.h"
#include "../plugins/record/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
fail_to_open (const gchar *reason, GError **error)
{
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_INPUT_OPEN, reason);
  return FALSE;
}

/**
 * anpr_input_file_check:
 * @path: a file the user names
 * @error: why it cannot be read
 *
 * Only regular files are read: opening others may never return.
 *
 * Returns: whether it is worth opening
 */
gboolean
anpr_input_file_check (const gchar *path, GError **error)
{
  GStatBuf info;

  if (g_stat (path, &info) != 0 || g_access (path, R_OK) != 0)
    return fail_to_open (g_strerror (errno), error);
  if (S_ISDIR (info.st_mode))
    return fail_to_open ("it is a folder", error);
  if (!S_ISREG (info.st_mode))
    return fail_to_open ("it is not a regular file", error);
  if (info.st_size == 0) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_INPUT_FORMAT, "it is empty");
    return FALSE;
  }
  return TRUE;
}

static guint64
read_big_endian (const guint8 *data, gsize n)
{
  guint64 value = 0;

  for (gsize i = 0; i < n; i++)
    value = value << 8 | data[i];
  return value;
}

/* Behind the last start of scan there must be an end of image. Entropy coded
 * data has neither mark by chance: every FF in it is followed by 00. */
static gboolean
jpeg_ends_early (const guint8 *data, gsize size)
{
  gboolean ended = FALSE;

  for (gsize i = 2; i + 1 < size; i++) {
    if (data[i] != 0xFF)
      continue;
    if (data[i + 1] == 0xDA)
      ended = FALSE;
    else if (data[i + 1] == 0xD9)
      ended = TRUE;
  }
  return !ended;
}

static gboolean
png_ends_early (const guint8 *data, gsize size)
{
  gsize at = 8;

  while (size - at >= 12) {
    guint64 length = read_big_endian (data + at, 4);

    if (memcmp (data + at + 4, "IEND", 4) == 0)
      return FALSE;
    if (length + 12 > size - at)
      return TRUE;
    at += length + 12;
  }
  return TRUE;
}

/* Each box of the top level states its size; 0 means up to the end */
static gboolean
mp4_ends_early (const guint8 *data, gsize size)
{
  gsize at = 0;

  while (size - at >= 16) {
    guint64 length = read_big_endian (data + at, 4);

    if (length == 1)
      length = read_big_endian (data + at + 8, 8);
    if (length == 0)
      return FALSE;
    if (length > size - at)
      return TRUE;
    if (length < 8)
      return FALSE;
    at += length;
  }
  return FALSE;
}

static gboolean
avi_ends_early (const guint8 *data, gsize size)
{
  guint32 length =
      data[4] | data[5] << 8 | data[6] << 16 | (guint32) data[7] << 24;

  return length > size - 8;
}

static const struct {
  gsize offset;
  const gchar *mark;
  gboolean (*ends_early) (const guint8 *data, gsize size);
} formats[] = {
  { 0, "\xFF\xD8\xFF", jpeg_ends_early },
  { 0, "\x89PNG\r\n\x1A\n", png_ends_early },
  { 4, "ftyp", mp4_ends_early },
  { 8, "AVI ", avi_ends_early },
};

/**
 * anpr_input_data_ends_early:
 * @data: (array length=size): content of a file
 * @size: bytes
 *
 * Returns: whether the data is of a format that says of itself that more must
 *     follow
 */
gboolean
anpr_input_data_ends_early (const guint8 *data, gsize size)
{
  for (guint i = 0; size >= 16 && i < G_N_ELEMENTS (formats); i++) {
    if (memcmp (
            data + formats[i].offset, formats[i].mark, strlen (formats[i].mark))
        == 0)
      return formats[i].ends_early (data, size);
  }
  return FALSE;
}

/**
 * anpr_input_file_ends_early:
 * @path: a file
 *
 * Returns: anpr_input_data_ends_early() of its content; %FALSE for files larger
 *     than %ANPR_INPUT_FILE_MAX_CHECKED
 */
gboolean
anpr_input_file_ends_early (const gchar *path)
{
  g_autofree gchar *data = NULL;
  gsize size;
  GStatBuf info;

  return g_stat (path, &info) == 0
         && info.st_size <= ANPR_INPUT_FILE_MAX_CHECKED
         && g_file_get_contents (path, &data, &size, NULL)
         && anpr_input_data_ends_early ((const guint8 *) data, size);
}
