/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Index files of any bytes, with checksums that fit. An index is taken or
 * refused; whatever is in one that is taken, it can be searched for any read
 * and nothing outside it is touched. */

#define _GNU_SOURCE /* memfd_create() */

#include "fuzz.h"
#include "plugins/hitmatch/hitfind.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOW (G_GINT64_CONSTANT (1780272000) * G_USEC_PER_SEC)

static AnprHitList *
open_data (const guint8 *data, size_t size, const gchar **fault)
{
  int fd = memfd_create ("index", MFD_CLOEXEC);
  AnprHitList *list;

  g_assert (fd >= 0 && write (fd, data, size) == (gssize) size);
  list = anpr_hit_list_open_fd (fd, fault);
  close (fd);
  return list;
}

static void
search (const AnprHitList *list, const gchar *text)
{
  g_autoptr (AnprRead) read = anpr_read_new (ANPR_READ_TEXT, text, 0.3, "fuzz");
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AnprHitFound));
  AnprHitQuery query;

  if (!read->text)
    return;
  anpr_read_add_candidate (read, "1XQZ001", 0.2);
  anpr_hit_query_init (&query, read, NOW, NULL);
  anpr_hit_query_find (&query, list, found);
  for (guint i = 0; i < found->len; i++)
    g_assert (g_array_index (found, AnprHitFound, i).entry
              < anpr_hit_list_get_n_entries (list));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  const gchar *fault;
  g_autoptr (AnprHitList) list = open_data (data, size, &fault);

  g_assert ((list == NULL) == (fault != NULL));
  if (!list)
    return 0;
  search (list, "1XQZ001");
  search (list, "B\303\226XQ3");
  for (guint i = 0; i < MIN (anpr_hit_list_get_n_entries (list), 100); i++) {
    const gchar *plate = anpr_hit_list_get_text (list, i, ANPR_HIT_TEXT_PLATE);
    AnprHitEntry entry;

    anpr_hit_list_get_entry (list, i, &entry);
    g_assert (entry.purpose < ANPR_N_PURPOSES);
    if (plate && g_utf8_validate (plate, -1, NULL))
      search (list, plate);
  }
  return 0;
}
