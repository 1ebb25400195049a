/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The index of a list as it lies in a file, and mapped.
 *
 *   head      magic, format, the list's values, where the parts are, and two
 *             checksums: of all that follows the head, and of the head
 *   list      texts of the list: id, authority, version, ...
 *   rows      what an entry has beside texts, 32 bytes each
 *   keys      key and entry, sorted (keytable.c), and their directory
 *   folds     the same by folded key (alike.c), of look-alike entries only
 *   patterns  each with its entry
 *   text      for each text an entry has: one byte (which + 1), the text, NUL; a
 *             zero byte ends the entry
 *
 * Parts begin at multiples of 16 and are used where they lie, in the byte order
 * of the machine: an index is made on the machine that uses it. A process maps
 * it for reading, so its pages belong to the kernel's cache and all processes
 * share them.
 *
 * An index is only taken if it is whole, bit by bit, when it is opened: the
 * checksums find a damaged or truncated file. They are no signature: whoever
 * can write the file can make them fit. So beside them every number in it is
 * looked at before it is used as a place, here or where it is used.
 *
 * Files are replaced by renaming and never written in place; one that is cut
 * while it is mapped would end the process.
 */

#include "listimage.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT 2
#define BYTE_ORDER_MARK 0x01020304
#define ALIGNMENT 16
#define PIECE (1024 * 1024)
#define CHECKSUM 32

typedef struct {
  guint64 offset;
  guint64 length;
} Extent;

typedef struct {
  gchar magic[8];
  guint32 format;
  guint32 byte_order;
  guint64 size;
  AnprListValues values;
  Extent extents[ANPR_N_LIST_PARTS];
  guint8 content[CHECKSUM];
  guint8 head[CHECKSUM];
} Head;

G_STATIC_ASSERT (sizeof (Head) % ALIGNMENT == 0);
G_STATIC_ASSERT (sizeof (AnprListRow) == 32);
G_STATIC_ASSERT (sizeof (AnprListKey) == 16);
G_STATIC_ASSERT (sizeof (AnprListPattern) == 24);

/* Size of what a part is made of */
static const gsize units[ANPR_N_LIST_PARTS] = {
  [ANPR_LIST_PART_LIST] = 1,
  [ANPR_LIST_PART_ROWS] = sizeof (AnprListRow),
  [ANPR_LIST_PART_KEYS] = sizeof (AnprListKey),
  [ANPR_LIST_PART_KEY_DIRECTORY] = sizeof (guint32),
  [ANPR_LIST_PART_FOLDS] = sizeof (AnprListKey),
  [ANPR_LIST_PART_FOLD_DIRECTORY] = sizeof (guint32),
  [ANPR_LIST_PART_PATTERNS] = sizeof (AnprListPattern),
  [ANPR_LIST_PART_TEXT] = 1,
};

static void
checksum_head (const Head *head, guint8 checksum[CHECKSUM])
{
  crypto_generichash (checksum, CHECKSUM, (const guint8 *) head,
      G_STRUCT_OFFSET (Head, head), NULL, 0);
}

/* --- writing ------------------------------------------------------------- */

static gboolean
write_bytes (int fd, gconstpointer data, gsize size)
{
  const guint8 *at = data;

  while (size > 0) {
    gssize n = write (fd, at, MIN (size, PIECE));

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return FALSE;
    at += n;
    size -= (gsize) n;
  }
  return TRUE;
}

static gboolean
write_part (
    int fd, crypto_generichash_state *state, gconstpointer part, guint64 length)
{
  static const guint8 zeros[ALIGNMENT];
  gsize over = length % ALIGNMENT;

  if (length > 0)
    crypto_generichash_update (state, part, length);
  if (over > 0)
    crypto_generichash_update (state, zeros, ALIGNMENT - over);
  return write_bytes (fd, part, length)
         && (over == 0 || write_bytes (fd, zeros, ALIGNMENT - over));
}

/**
 * anpr_list_image_write: (skip)
 * @fd: an empty file
 * @values: of the list
 * @parts: the parts
 * @lengths: their bytes
 *
 * Returns: %FALSE, with errno, if the file could not be written
 */
gboolean
anpr_list_image_write (int fd, const AnprListValues *values,
    const gconstpointer parts[ANPR_N_LIST_PARTS],
    const guint64 lengths[ANPR_N_LIST_PARTS])
{
  Head head = { .format = FORMAT,
    .byte_order = BYTE_ORDER_MARK,
    .size = sizeof (Head),
    .values = *values };
  crypto_generichash_state state;

  memcpy (head.magic, ANPR_LIST_IMAGE_MAGIC, sizeof head.magic);
  crypto_generichash_init (&state, NULL, 0, CHECKSUM);
  if (!write_bytes (fd, &head, sizeof head))
    return FALSE;
  for (guint part = 0; part < ANPR_N_LIST_PARTS; part++) {
    head.extents[part] = (Extent){ head.size, lengths[part] };
    head.size += (lengths[part] + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!write_part (fd, &state, parts[part], lengths[part]))
      return FALSE;
  }
  crypto_generichash_final (&state, head.content, CHECKSUM);
  checksum_head (&head, head.head);
  return lseek (fd, 0, SEEK_SET) == 0 && write_bytes (fd, &head, sizeof head);
}

/* --- opening ------------------------------------------------------------- */

static gboolean
is_sound_extent (const Head *head, guint part)
{
  const Extent *extent = &head->extents[part];

  return extent->offset >= sizeof (Head) && extent->offset % ALIGNMENT == 0
         && extent->offset <= head->size
         && extent->length <= head->size - extent->offset
         && extent->length % units[part] == 0;
}

/* A fuzzer cannot make checksums fit and shall get behind them */
static gboolean
is_checksum (const guint8 *ours, const guint8 *theirs)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return TRUE;
#else
  return memcmp (ours, theirs, CHECKSUM) == 0;
#endif
}

static const gchar *
find_fault_in_head (const Head *head, gsize size)
{
  guint8 checksum[CHECKSUM];

  if (size < sizeof (Head)
      || memcmp (head->magic, ANPR_LIST_IMAGE_MAGIC, sizeof head->magic) != 0)
    return "not an index of a list";
  if (head->format != FORMAT || head->byte_order != BYTE_ORDER_MARK)
    return "an index of another version or another machine; load the list anew";
  checksum_head (head, checksum);
  if (!is_checksum (checksum, head->head))
    return "its head is damaged";
  if (head->size != size)
    return "the index is truncated, or something is behind its end";
  for (guint part = 0; part < ANPR_N_LIST_PARTS; part++)
    if (!is_sound_extent (head, part))
      return "a part of it lies outside it";
  return NULL;
}

static const gchar *
find_fault_in_content (const Head *head)
{
  guint8 checksum[CHECKSUM];

  crypto_generichash (checksum, CHECKSUM, (const guint8 *) (head + 1),
      head->size - sizeof *head, NULL, 0);
  if (!is_checksum (checksum, head->content))
    return "its content is damaged";
  return NULL;
}

static gconstpointer
get_part (const Head *head, guint part)
{
  return (const guint8 *) head + head->extents[part].offset;
}

static gsize
count_units (const Head *head, guint part)
{
  return head->extents[part].length / units[part];
}

static gboolean
take_texts (AnprListImage *image, const Head *head)
{
  const gchar *p = get_part (head, ANPR_LIST_PART_LIST);
  const gchar *end = p + head->extents[ANPR_LIST_PART_LIST].length;

  for (guint text = 0; text < ANPR_N_LIST_TEXTS; text++) {
    const gchar *nul = p < end ? memchr (p, '\0', (gsize) (end - p)) : NULL;

    if (!nul || !g_utf8_validate (p, nul - p, NULL))
      return FALSE;
    image->texts[text] = p;
    p = nul + 1;
  }
  return TRUE;
}

static gboolean
take_table (AnprKeyTable *table, const Head *head, AnprListPart keys,
    AnprListPart directory, guint bits)
{
  table->keys = get_part (head, keys);
  table->n = count_units (head, keys);
  table->directory = get_part (head, directory);
  table->bits = bits;
  return bits <= 24
         && count_units (head, directory)
                == anpr_key_table_directory_length (bits);
}

/* Two zero bytes end the text part, so that whoever reads texts from anywhere
 * in it stops inside it */
static gboolean
take_text (AnprListImage *image, const Head *head)
{
  image->text = get_part (head, ANPR_LIST_PART_TEXT);
  image->text_length = head->extents[ANPR_LIST_PART_TEXT].length;
  return image->text_length >= 2 && image->text[image->text_length - 1] == '\0'
         && image->text[image->text_length - 2] == '\0';
}

static const gchar *
take_parts (AnprListImage *image, const Head *head)
{
  const AnprListValues *values = &head->values;

  image->values = values;
  image->rows = get_part (head, ANPR_LIST_PART_ROWS);
  image->n_rows = count_units (head, ANPR_LIST_PART_ROWS);
  image->patterns = get_part (head, ANPR_LIST_PART_PATTERNS);
  image->n_patterns = count_units (head, ANPR_LIST_PART_PATTERNS);
  if (!take_texts (image, head) || !take_text (image, head)
      || !take_table (&image->keys, head, ANPR_LIST_PART_KEYS,
          ANPR_LIST_PART_KEY_DIRECTORY, values->key_bits)
      || !take_table (&image->folds, head, ANPR_LIST_PART_FOLDS,
          ANPR_LIST_PART_FOLD_DIRECTORY, values->fold_bits)
      || image->n_rows > ANPR_HIT_LIST_MAX_ENTRIES
      || image->n_patterns > 3 * ANPR_HIT_LIST_MAX_PATTERNS
      || values->purpose >= ANPR_N_PURPOSES)
    return "its parts do not fit one another";
  return NULL;
}

static const gchar *
find_fault (AnprListImage *image)
{
  const Head *head = image->map;
  const gchar *fault = find_fault_in_head (head, image->size);

  if (!fault)
    fault = find_fault_in_content (head);
  if (!fault)
    fault = take_parts (image, head);
  return fault;
}

/**
 * anpr_list_image_open: (skip)
 * @image: (out): the index, mapped
 * @fd: a file that nobody writes any more; may be closed afterwards
 *
 * Reads the whole file once. Its pages are shared with everybody who maps it.
 *
 * Returns: (transfer none) (nullable): what is wrong, %NULL if nothing is
 */
const gchar *
anpr_list_image_open (AnprListImage *image, int fd)
{
  struct stat status;
  const gchar *fault;

  memset (image, 0, sizeof *image);
  if (sodium_init () < 0)
    return "libsodium does not work on this machine";
  if (fstat (fd, &status) < 0)
    return g_strerror (errno);
  if (!S_ISREG (status.st_mode) || (gsize) status.st_size < sizeof (Head))
    return "not an index of a list";
  image->size = (gsize) status.st_size;
  image->map = mmap (NULL, image->size, PROT_READ, MAP_SHARED, fd, 0);
  if (image->map == MAP_FAILED) {
    image->map = NULL;
    return g_strerror (errno);
  }
  (void) madvise (image->map, image->size, MADV_SEQUENTIAL);
  fault = find_fault (image);
  if (fault)
    anpr_list_image_close (image);
  else
    (void) madvise (image->map, image->size, MADV_RANDOM);
  return fault;
}

/**
 * anpr_list_image_close: (skip)
 * @image: an index, open or not
 */
void
anpr_list_image_close (AnprListImage *image)
{
  if (image->map)
    munmap (image->map, image->size);
  image->map = NULL;
}
