/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Arrays for PostgreSQL in their binary form, which needs no quoting and sends
 * a picture as the bytes it has.
 *
 * Form (array_recv() of PostgreSQL's arrayfuncs.c), numbers in network order:
 * dimensions, whether there are NULLs, type of the elements; for each dimension
 * length and first index; for each element length and bytes. An empty array has
 * no dimension. */

#include "centralarray.h"

#include <string.h>

#define UUID_SIZE 16
#define HEADER_SIZE 20
#define EMPTY_SIZE 12

/* Object ids that PostgreSQL never changes (pg_type.dat) */
static const struct {
  Oid element;
  Oid array;
} types[] = {
  [ANPR_CENTRAL_TEXTS] = { 25, 1009 },
  [ANPR_CENTRAL_UUIDS] = { 2950, 2951 },
  [ANPR_CENTRAL_BYTES] = { 17, 1001 },
};

struct _AnprCentralArray {
  AnprCentralArrayKind kind;
  guint32 n;
  GByteArray *bytes;
};

static void
put_number (GByteArray *bytes, guint offset, guint32 number)
{
  guint32 ordered = GUINT32_TO_BE (number);

  memcpy (bytes->data + offset, &ordered, sizeof ordered);
}

/**
 * anpr_central_array_new: (skip)
 * @kind: of elements
 *
 * Returns: (transfer full): an empty array
 */
AnprCentralArray *
anpr_central_array_new (AnprCentralArrayKind kind)
{
  AnprCentralArray *array = g_new0 (AnprCentralArray, 1);

  array->kind = kind;
  array->bytes = g_byte_array_new ();
  g_byte_array_set_size (array->bytes, HEADER_SIZE);
  return array;
}

/**
 * anpr_central_array_free: (skip)
 * @array: (nullable) (transfer full): an array
 */
void
anpr_central_array_free (AnprCentralArray *array)
{
  if (!array)
    return;
  g_byte_array_unref (array->bytes);
  g_free (array);
}

static void
add (AnprCentralArray *array, gconstpointer data, gsize size)
{
  guint32 length = GUINT32_TO_BE ((guint32) size);

  g_byte_array_append (array->bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (array->bytes, data, (guint) size);
  array->n++;
}

/**
 * anpr_central_array_add_text: (skip)
 * @array: of texts
 * @text: UTF-8; the server refuses what is not
 */
void
anpr_central_array_add_text (AnprCentralArray *array, const gchar *text)
{
  add (array, text, strlen (text));
}

/**
 * anpr_central_array_add_bytes: (skip)
 * @array: of bytes
 * @bytes: copied
 */
void
anpr_central_array_add_bytes (AnprCentralArray *array, GBytes *bytes)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  add (array, data, size);
}

/**
 * anpr_central_array_add_uuid: (skip)
 * @array: of UUIDs
 * @uuid: 32 hexadecimal digits in groups
 *
 * Returns: %FALSE, with nothing added, if @uuid is none
 */
gboolean
anpr_central_array_add_uuid (AnprCentralArray *array, const gchar *uuid)
{
  guint8 bytes[UUID_SIZE];
  guint n = 0;

  if (!g_uuid_string_is_valid (uuid))
    return FALSE;
  for (const gchar *at = uuid; *at; at++) {
    if (*at == '-')
      continue;
    bytes[n++] = (guint8) (g_ascii_xdigit_value (at[0]) << 4
                           | g_ascii_xdigit_value (at[1]));
    at++;
  }
  add (array, bytes, sizeof bytes);
  return TRUE;
}

/**
 * anpr_central_array_end: (skip)
 * @array: an array that nothing is added to any more
 *
 * Returns: it as a parameter, valid as long as @array is
 */
AnprCentralParameter
anpr_central_array_end (AnprCentralArray *array)
{
  put_number (array->bytes, 0, array->n > 0 ? 1 : 0);
  put_number (array->bytes, 4, 0);
  put_number (array->bytes, 8, types[array->kind].element);
  put_number (array->bytes, 12, array->n);
  put_number (array->bytes, 16, 1);
  return (AnprCentralParameter){
    .type = types[array->kind].array,
    .value = (const gchar *) array->bytes->data,
    .length = array->n > 0 ? array->bytes->len : EMPTY_SIZE,
    .binary = TRUE,
  };
}
