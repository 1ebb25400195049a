/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Is a file a trained network of this project, whole and unchanged?
 *
 *   offset  bytes
 *        0      8  "ANPRNET\n"
 *        8      4  version of the format, 1
 *       12      4  purpose: 1 detector, 2 reader
 *       16      8  bytes of weights that follow the header
 *       24     32  SHA-256 of the weights
 *
 * Numbers are little-endian. Everything is checked before anything is used:
 * a file from outside may say what it likes. */

#include "modelfile.h"
#include "../record/error.h"
#include <string.h>

#define SHA256_SIZE 32

static guint64
read_number (const guint8 *bytes, guint size)
{
  guint64 number = 0;

  for (guint i = 0; i < size; i++)
    number |= (guint64) bytes[i] << (8 * i);
  return number;
}

static gboolean
weights_are_whole (const guint8 *weights, gsize size, const guint8 *expected)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[SHA256_SIZE];
  gsize digest_size = sizeof (digest);

  g_checksum_update (checksum, weights, size);
  g_checksum_get_digest (checksum, digest, &digest_size);
  return memcmp (digest, expected, SHA256_SIZE) == 0;
}

/* What is wrong with a file, NULL if nothing is */
static const gchar *
find_fault (const guint8 *bytes, gsize size, AnprModelPurpose purpose)
{
  guint64 n_weights;

  if (size < ANPR_MODEL_HEADER_SIZE)
    return "is too short to be a model";
  if (memcmp (bytes, ANPR_MODEL_MAGIC, ANPR_MODEL_MAGIC_SIZE) != 0)
    return "is not a model";
  if (read_number (bytes + 8, 4) != ANPR_MODEL_VERSION)
    return "is of a version this build does not know";
  if (read_number (bytes + 12, 4) != purpose)
    return "is a model for something else";
  n_weights = read_number (bytes + 16, 8);
  if (n_weights == 0 || n_weights > ANPR_MODEL_MAX_WEIGHTS)
    return "has no weights, or too many";
  if (n_weights != size - ANPR_MODEL_HEADER_SIZE)
    return "is not as long as it says";
  if (!weights_are_whole (
          bytes + ANPR_MODEL_HEADER_SIZE, n_weights, bytes + 24))
    return "is damaged: its checksum is wrong";
  return NULL;
}

/**
 * anpr_model_file_check: (skip)
 * @path: a file
 * @purpose: what the network must be for
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Reads the whole file, at most %ANPR_MODEL_MAX_WEIGHTS and a bit. Any thread.
 *
 * Returns: whether it is a whole model of a version this build knows
 */
gboolean
anpr_model_file_check (
    const gchar *path, AnprModelPurpose purpose, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (GMappedFile) file = NULL;
  const gchar *fault;

  /* a device or pipe would never end */
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "model \"%s\" is not a file", path);
    return FALSE;
  }
  file = g_mapped_file_new (path, FALSE, &cause);
  if (!file) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "model \"%s\" cannot be opened: %s", path, cause->message);
    return FALSE;
  }
  fault = find_fault ((const guint8 *) g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file), purpose);
  if (fault)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE, "model \"%s\" %s",
        path, fault);
  return fault == NULL;
}
