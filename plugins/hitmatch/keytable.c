/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Sorted keys that are found with two or three looks at memory.
 *
 * Plates of one list are alike (1AAA000 to 2ZZZ999), so their numbers lie in
 * few places. Multiplied by an odd constant they lie evenly, and none is lost:
 * such a product has exactly one number it came from. Sorted by it, the highest
 * bits tell where in the table a key is, and a directory of one number for
 * some four keys makes of the search two places in memory instead of twenty.
 * A hostile list that fills one bucket makes that search a binary one, nothing
 * worse.
 *
 * Sorting needs no memory beside the keys, which may be a mapped file larger
 * than the memory: by radix, in place, from the highest byte on; equal keys are
 * in the order of their entries.
 */

#include "keytable.h"

/* 2^64 over the golden ratio; odd */
#define MIX G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)

/* Eight bytes of the key and four of the entry */
#define DIGITS 12

/* Fewer keys are sorted one by one */
#define FEW 48

#define MAX_BITS 24

/**
 * anpr_key_table_mix: (skip)
 * @packed: number of a short key
 *
 * Returns: the number that tables are sorted by
 */
guint64
anpr_key_table_mix (guint64 packed)
{
  return packed * MIX;
}

static guint
get_digit (const AnprListKey *key, guint depth)
{
  if (depth < 8)
    return key->mixed >> (56 - 8 * depth) & 0xff;
  return key->entry >> (88 - 8 * depth) & 0xff;
}

static gboolean
is_before (const AnprListKey *a, const AnprListKey *b)
{
  if (a->mixed != b->mixed)
    return a->mixed < b->mixed;
  return a->entry < b->entry;
}

static void
sort_few (AnprListKey *keys, gsize n)
{
  for (gsize i = 1; i < n; i++) {
    AnprListKey key = keys[i];
    gsize at = i;

    for (; at > 0 && is_before (&key, &keys[at - 1]); at--)
      keys[at] = keys[at - 1];
    keys[at] = key;
  }
}

/* Puts each key into the bucket of its digit, by swapping it to where that
 * bucket grows, until the one that comes back belongs here */
static void
part (AnprListKey *keys, gsize n, guint depth, gsize end[256])
{
  gsize begin[256], counts[256] = { 0 }, at = 0;

  for (gsize i = 0; i < n; i++)
    counts[get_digit (&keys[i], depth)]++;
  for (guint digit = 0; digit < 256; digit++) {
    begin[digit] = at;
    at += counts[digit];
    end[digit] = at;
  }
  for (guint digit = 0; digit < 256; digit++)
    while (begin[digit] < end[digit]) {
      AnprListKey key = keys[begin[digit]];
      guint wanted;

      while ((wanted = get_digit (&key, depth)) != digit) {
        AnprListKey other = keys[begin[wanted]];

        keys[begin[wanted]++] = key;
        key = other;
      }
      keys[begin[digit]++] = key;
    }
}

static void
sort_from (AnprListKey *keys, gsize n, guint depth)
{
  gsize end[256], at = 0;

  if (n <= FEW || depth == DIGITS) {
    sort_few (keys, n);
    return;
  }
  part (keys, n, depth, end);
  for (guint digit = 0; digit < 256; digit++) {
    sort_from (keys + at, end[digit] - at, depth + 1);
    at = end[digit];
  }
}

/**
 * anpr_key_table_sort: (skip)
 * @keys: (array length=n): keys, no two with the same number and entry
 * @n: how many
 *
 * Sorts them in place.
 */
void
anpr_key_table_sort (AnprListKey *keys, gsize n)
{
  sort_from (keys, n, 0);
}

/**
 * anpr_key_table_bits: (skip)
 * @n: how many keys
 *
 * Returns: the bits that a directory for them should have
 */
guint
anpr_key_table_bits (gsize n)
{
  guint bits = 0;

  while (bits < MAX_BITS && ((gsize) 4 << bits) < n)
    bits++;
  return bits;
}

gsize
anpr_key_table_directory_length (guint bits)
{
  return ((gsize) 1 << bits) + 1;
}

/* A shift by 64 is not defined, and there is one bucket then */
static gsize
get_bucket (guint64 mixed, guint bits)
{
  return bits == 0 ? 0 : (gsize) (mixed >> (64 - bits));
}

/**
 * anpr_key_table_fill_directory: (skip)
 * @keys: (array length=n): sorted keys
 * @n: how many
 * @bits: of the directory
 * @directory: (out): as many numbers as anpr_key_table_directory_length() says
 */
void
anpr_key_table_fill_directory (
    const AnprListKey *keys, gsize n, guint bits, guint32 *directory)
{
  gsize length = anpr_key_table_directory_length (bits), bucket = 0;

  for (gsize i = 0; i < n; i++)
    while (bucket <= get_bucket (keys[i].mixed, bits))
      directory[bucket++] = (guint32) i;
  while (bucket < length)
    directory[bucket++] = (guint32) n;
}

/**
 * anpr_key_table_expect: (skip)
 * @table: a table
 * @packed: number of a short key that will be looked for
 * @soon: whether it was told before and comes next
 *
 * Asks for the memory that finding it will look at: first for the directory,
 * and told again for the keys. Whoever looks for one text in many lists waits
 * for them once and not one after another.
 */
void
anpr_key_table_expect (const AnprKeyTable *table, guint64 packed, gboolean soon)
{
  gsize bucket = get_bucket (anpr_key_table_mix (packed), table->bits);

  if (table->n == 0)
    return;
  if (soon)
    __builtin_prefetch (
        &table->keys[MIN (table->directory[bucket], table->n - 1)]);
  else
    __builtin_prefetch (&table->directory[bucket]);
}

/**
 * anpr_key_table_find: (skip)
 * @table: a table; whatever is in it, nothing outside it is looked at
 * @packed: number of a short key
 * @max: most that are counted
 * @first: (out): the first key of that number, if there is any
 *
 * Returns: how many keys have that number
 */
guint
anpr_key_table_find (const AnprKeyTable *table, guint64 packed, guint max,
    const AnprListKey **first)
{
  guint64 mixed = anpr_key_table_mix (packed);
  gsize bucket = get_bucket (mixed, table->bits), low, high;
  guint n = 0;

  if (table->n == 0)
    return 0;
  low = MIN (table->directory[bucket], table->n);
  high = MIN (table->directory[bucket + 1], table->n);
  while (low < high) {
    gsize middle = low + (high - low) / 2;

    if (table->keys[middle].mixed < mixed)
      low = middle + 1;
    else
      high = middle;
  }
  *first = table->keys + low;
  while (n < max && low + n < table->n && (*first)[n].mixed == mixed)
    n++;
  return n;
}
