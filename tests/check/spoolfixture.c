/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spoolfixture.h"
#include "testfolder.h"

#include <sqlite3.h>
#include <string.h>

gchar *folder;
gchar *path;

void
spool_setup (void)
{
  folder = test_folder_new ();
  path = g_build_filename (folder, "passages.spool", NULL);
}

void
spool_teardown (void)
{
  g_clear_pointer (&folder, test_folder_free);
  g_clear_pointer (&path, g_free);
}

AnprSpool *
open_spool (AnprSpoolMode mode)
{
  g_autoptr (GError) error = NULL;
  AnprSpool *spool = anpr_spool_open (path, mode, NULL, &error);

  fail_unless (spool != NULL, "%s", error ? error->message : "no error");
  return spool;
}

AnprPassage *
new_passage_with_stills (
    gint64 utc, gboolean hit, AnprStill *plate, AnprStill *vehicle)
{
  AnprMoment moment = ANPR_MOMENT_INIT;
  AnprBox box = { 10, 20, 100, 25 };
  g_autoptr (AnprRead) read =
      anpr_read_new (ANPR_READ_TEXT, "1-TST-001", 0.9, "tesseract");
  AnprPassage *passage;

  moment.utc = utc;
  passage = anpr_passage_new (&moment);
  anpr_passage_see (passage, &moment, &box, 0.9);
  anpr_passage_add_read (passage, read, &moment, &box);
  if (hit) {
    g_autoptr (AnprHit) found = anpr_hit_new ();

    found->list = g_strdup ("test");
    found->version = g_strdup ("1");
    found->entry = g_strdup ("e1");
    anpr_passage_add_hit (passage, found);
  }
  anpr_passage_set_stills (passage, plate, vehicle);
  anpr_passage_close (passage);
  return passage;
}

AnprPassage *
new_passage (gint64 utc, gboolean hit)
{
  return new_passage_with_stills (utc, hit, NULL, NULL);
}

GBytes *
new_picture (gsize size, guint8 sign)
{
  guint8 *data = g_malloc (size);

  memset (data, sign, size);
  return g_bytes_new_take (data, size);
}

gboolean
keep (AnprSpool *spool, const gchar *position, AnprSpoolItem *item,
    GError **error)
{
  AnprSpoolPlace place = { "box-1", position, NULL };

  return anpr_spool_keep (spool, &place, item, 1, error);
}

gchar *
keep_numbered (AnprSpool *spool, const gchar *position, gint64 utc,
    gboolean hit, gsize picture_size, guint64 *sequence, GError **error)
{
  g_autoptr (AnprPassage) passage = new_passage (utc, hit);
  g_autoptr (GBytes) jpeg = new_picture (MAX (picture_size, 1), (guint8) utc);
  AnprSpoolImage image = { "plate", jpeg };
  AnprSpoolItem item = { passage, &image, picture_size > 0 };

  (void) keep (spool, position, &item, error);
  *sequence = item.sequence;
  return item.record;
}

gchar *
keep_new (AnprSpool *spool, const gchar *position, gint64 utc, gboolean hit,
    gsize picture_size, GError **error)
{
  guint64 sequence;

  return keep_numbered (
      spool, position, utc, hit, picture_size, &sequence, error);
}

guint64
keep_one (AnprSpool *spool, const gchar *position, gint64 utc, gboolean hit)
{
  guint64 sequence;
  g_autofree gchar *record =
      keep_numbered (spool, position, utc, hit, 100, &sequence, NULL);

  fail_unless (record != NULL);
  return sequence;
}

void
keep_many (AnprSpool *spool, const gchar *position, guint n)
{
  for (guint i = 0; i < n; i++)
    (void) keep_one (spool, position, 1000 + i, FALSE);
}

gchar *
verify (AnprSpool *spool, guint64 n_expected)
{
  g_autoptr (GError) error = NULL;
  g_auto (AnprSpoolVerdict) verdict = { 0 };

  fail_unless (anpr_spool_verify (spool, NULL, &verdict, &error), "%s",
      error ? error->message : "no error");
  if (!verdict.fault)
    fail_unless_equals_uint64 (verdict.n_verified, n_expected);
  return g_steal_pointer (&verdict.fault);
}

void
assert_intact (AnprSpool *spool, guint64 n_expected)
{
  g_autofree gchar *fault = verify (spool, n_expected);

  fail_unless (fault == NULL, "%s", fault);
}

gboolean
collect_record (guint64 sequence, const gchar *record, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (record));
  return TRUE;
}

GPtrArray *
visit (AnprSpool *spool, const AnprSpoolFilter *filter)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *records = g_ptr_array_new_with_free_func (g_free);

  fail_unless (
      anpr_spool_visit (spool, filter, collect_record, records, &error));
  return records;
}

void
alter (const gchar *commands)
{
  sqlite3 *database = NULL;

  fail_unless_equals_int (sqlite3_open (path, &database), SQLITE_OK);
  fail_unless_equals_int (
      sqlite3_exec (database, commands, NULL, NULL, NULL), SQLITE_OK);
  (void) sqlite3_close (database);
}
