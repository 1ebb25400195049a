/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A part of a list's index while it is made: bytes that are appended, and in
 * the end mapped.
 *
 * A list may have millions of entries and a machine little memory, so a section
 * lies in an unnamed file and the kernel may write its pages out. In memory is
 * no more than one buffer. For a list that is only read by this process the
 * file is one that lives in memory.
 *
 * The first fault (a full disk, say) is remembered and what follows is dropped:
 * the maker asks once, in the end. Bytes come by write() and never through a
 * mapping of a file that has yet to grow: the first fails with an error where
 * the second ends the process. Used by one thread.
 */

#define _GNU_SOURCE /* memfd_create(), mkostemp() */

#include "listsection.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFER (256 * 1024)

struct _AnprListSection {
  int fd;
  gint fault; /* an errno, 0 none */
  guint64 length;
  gsize used;
  guint8 *buffer; /* allocated with the first byte */
  gpointer map;
};

static int
open_unnamed (const gchar *folder)
{
  g_autofree gchar *name = NULL;
  int fd;

  if (!folder)
    return memfd_create ("hit-list", MFD_CLOEXEC);
  name = g_build_filename (folder, ".section-XXXXXX", NULL);
  fd = mkostemp (name, O_CLOEXEC);
  if (fd >= 0)
    (void) unlink (name);
  return fd;
}

/**
 * anpr_list_section_new: (skip)
 * @folder: (nullable): where its file lies, %NULL for memory
 *
 * Returns: (transfer full): an empty section
 */
AnprListSection *
anpr_list_section_new (const gchar *folder)
{
  AnprListSection *section = g_new0 (AnprListSection, 1);

  section->fd = open_unnamed (folder);
  if (section->fd < 0)
    section->fault = errno;
  return section;
}

/**
 * anpr_list_section_free: (skip)
 * @section: (nullable): a section
 */
void
anpr_list_section_free (AnprListSection *section)
{
  if (!section)
    return;
  if (section->map)
    munmap (section->map, section->length);
  if (section->fd >= 0)
    close (section->fd);
  g_free (section->buffer);
  g_free (section);
}

static void
write_all (AnprListSection *section, const guint8 *data, gsize size)
{
  while (size > 0 && section->fault == 0) {
    gssize n = write (section->fd, data, size);

    if (n < 0 && errno != EINTR)
      section->fault = errno;
    if (n > 0) {
      data += n;
      size -= (gsize) n;
    }
  }
}

static void
flush (AnprListSection *section)
{
  write_all (section, section->buffer, section->used);
  section->used = 0;
}

/**
 * anpr_list_section_append: (skip)
 * @section: a section that is not mapped yet
 * @data: bytes
 * @size: how many
 */
void
anpr_list_section_append (
    AnprListSection *section, gconstpointer data, gsize size)
{
  section->length += size;
  if (section->fault != 0)
    return;
  if (!section->buffer)
    section->buffer = g_malloc (BUFFER);
  if (section->used + size > BUFFER)
    flush (section);
  if (size > BUFFER) {
    write_all (section, data, size);
    return;
  }
  memcpy (section->buffer + section->used, data, size);
  section->used += size;
}

guint64
anpr_list_section_get_length (const AnprListSection *section)
{
  return section->length;
}

/**
 * anpr_list_section_get_fault: (skip)
 * @section: a section
 *
 * Returns: the errno of what went wrong first, 0 if nothing did. Bytes may
 *     still be in the buffer until the section is mapped.
 */
gint
anpr_list_section_get_fault (const AnprListSection *section)
{
  return section->fault;
}

/**
 * anpr_list_section_map: (skip)
 * @section: a section with all its bytes
 *
 * Returns: (transfer none) (nullable): the bytes, to be changed at will; %NULL
 *     if there are none, or on a fault
 */
gpointer
anpr_list_section_map (AnprListSection *section)
{
  if (section->map || section->length == 0)
    return section->map;
  flush (section);
  g_clear_pointer (&section->buffer, g_free);
  if (section->fault != 0)
    return NULL;
  section->map = mmap (NULL, section->length, PROT_READ | PROT_WRITE,
      MAP_SHARED, section->fd, 0);
  if (section->map == MAP_FAILED) {
    section->map = NULL;
    section->fault = errno;
  }
  return section->map;
}
