/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Export of a spool to a folder that people and other programs read.
 *
 * The spool is gone through three times, which keeps nothing in memory but one
 * page: first records, stills and counts, then the pages, passages with hits
 * before the others. Files are written beside their place and renamed, so a
 * reader never sees half of one. Pages of an earlier, longer report in the same
 * folder are removed.
 *
 * A hit that is covert is in the records, which are the evidence and complete,
 * but not on the pages.
 */

#include "export.h"
#include "report.h"
#include "spoolopen.h"
#include "../plugins/record/error.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

/* Names in the spool's pictures */
static const gchar *const still_kinds[] = { "plate", "vehicle" };

typedef struct {
  AnprSpool *spool;
  const gchar *folder;
  AnprSpoolFilter filter;
  gboolean with_covert;
  AnprReportCounts counts;
  AnprExported *exported;
  GError *error;

  GOutputStream *lines; /* passages.jsonl */
  gboolean hits_now;    /* this time through, passages with a hit */
  GString *hits;        /* of the page that is being filled */
  GString *others;
  guint on_page;
} Export;

static gboolean
fail (GError **error, const gchar *path, const gchar *reason)
{
  if (error && !*error)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_OUTPUT, "%s: %s", path, reason);
  return FALSE;
}

static gboolean
write_file (const gchar *path, gconstpointer data, gsize size, GError **error)
{
  g_autoptr (GError) reason = NULL;

  return g_file_set_contents_full (
             path, data, size, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &reason)
         || fail (error, path, reason->message);
}

static gboolean
make_folder (const gchar *path, GError **error)
{
  return g_mkdir_with_parents (path, 0700) == 0
         || fail (error, path, g_strerror (errno));
}

/* Sequences count at each position, so with several its name is needed */
static gchar *
still_path (Export *export, const AnprRecordView *view, guint64 sequence,
    const gchar *kind)
{
  gboolean several = g_hash_table_size (export->counts.positions) > 1;
  g_autofree gchar *position = g_strdup (view->position);
  g_autofree gchar *name = NULL;

  g_strcanon (position,
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", '_');
  name = g_strdup_printf ("%s%s%" G_GUINT64_FORMAT "-%s.jpg",
      several ? position : "", several ? "-" : "", sequence, kind);
  return g_build_filename (export->folder, "stills", name, NULL);
}

static gboolean
write_stills (Export *export, const AnprRecordView *view, guint64 sequence)
{
  for (guint i = 0; i < G_N_ELEMENTS (still_kinds); i++) {
    g_autofree gchar *path =
        still_path (export, view, sequence, still_kinds[i]);
    g_autoptr (GBytes) jpeg = anpr_spool_get_image (
        export->spool, view->id, still_kinds[i], &export->error);

    if (export->error)
      return FALSE;
    if (!jpeg)
      continue;
    if (!write_file (path, g_bytes_get_data (jpeg, NULL),
            g_bytes_get_size (jpeg), &export->error))
      return FALSE;
    export->exported->stills++;
  }
  return TRUE;
}

static AnprRecordView *
parse_record (Export *export, const gchar *record)
{
  g_autoptr (GError) reason = NULL;
  AnprRecordView *view = anpr_record_view_parse (record, &reason);

  if (!view)
    g_set_error (&export->error, ANPR_ERROR, ANPR_ERROR_SPOOL_OPEN,
        "a record is damaged: %s", reason->message);
  return view;
}

static gboolean
visit_for_counts (guint64 sequence, const gchar *record, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (AnprRecordView) view = parse_record (export, record);

  if (!view)
    return FALSE;
  anpr_report_counts_add (&export->counts, view, export->with_covert);
  return TRUE;
}

static gboolean
visit_for_records (guint64 sequence, const gchar *record, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (AnprRecordView) view = parse_record (export, record);
  g_autoptr (GError) reason = NULL;

  if (!view)
    return FALSE;
  if (!g_output_stream_printf (
          export->lines, NULL, NULL, &reason, "%s\n", record))
    return fail (&export->error, "passages.jsonl", reason->message);
  return write_stills (export, view, sequence);
}

static guint
count_pages (const Export *export)
{
  guint64 n = export->counts.passages;

  return MAX (
      (guint) ((n + ANPR_REPORT_PAGE_PASSAGES - 1) / ANPR_REPORT_PAGE_PASSAGES),
      1);
}

static gboolean
write_page (Export *export)
{
  guint page = ++export->exported->pages;
  g_autofree gchar *name = anpr_report_page_name (page);
  g_autofree gchar *path = g_build_filename (export->folder, name, NULL);
  g_autofree gchar *html = anpr_report_page (&export->counts, export->hits->str,
      export->others->str, page, count_pages (export));

  g_string_truncate (export->hits, 0);
  g_string_truncate (export->others, 0);
  export->on_page = 0;
  return write_file (path, html, strlen (html), &export->error);
}

static gboolean
add_to_page (Export *export, const AnprRecordView *view)
{
  g_autoptr (GBytes) plate =
      anpr_spool_get_image (export->spool, view->id, "plate", &export->error);
  g_autoptr (GBytes) vehicle = NULL;
  g_autofree gchar *html = NULL;

  if (!export->error)
    vehicle = anpr_spool_get_image (
        export->spool, view->id, "vehicle", &export->error);
  if (export->error)
    return FALSE;
  html = anpr_report_passage (view, plate, vehicle, export->with_covert);
  g_string_append (export->hits_now ? export->hits : export->others, html);
  if (++export->on_page < ANPR_REPORT_PAGE_PASSAGES)
    return TRUE;
  return write_page (export);
}

static gboolean
visit_for_pages (guint64 sequence, const gchar *record, gpointer user_data)
{
  Export *export = user_data;
  g_autoptr (AnprRecordView) view = parse_record (export, record);
  gboolean has_hits;

  if (!view)
    return FALSE;
  has_hits = anpr_record_view_count_hits (view, export->with_covert) > 0;
  return has_hits != export->hits_now || add_to_page (export, view);
}

static gboolean
visit (Export *export, AnprSpoolVisitor visitor)
{
  return anpr_spool_visit (
             export->spool, &export->filter, visitor, export, &export->error)
         && !export->error;
}

static gboolean
write_records (Export *export)
{
  g_autofree gchar *path =
      g_build_filename (export->folder, "passages.jsonl", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GError) reason = NULL;
  gboolean written;

  stream =
      g_file_replace (file, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL, &reason);
  if (!stream)
    return fail (&export->error, path, reason->message);
  export->lines =
      g_buffered_output_stream_new_sized (G_OUTPUT_STREAM (stream), 65536);
  written = visit (export, visit_for_records);
  if (written && !g_output_stream_close (export->lines, NULL, &reason))
    written = fail (&export->error, path, reason->message);
  g_clear_object (&export->lines);
  return written;
}

static gboolean
write_pages (Export *export)
{
  export->hits_now = TRUE;
  if (export->counts.with_hits > 0 && !visit (export, visit_for_pages))
    return FALSE;
  export->hits_now = FALSE;
  if (!visit (export, visit_for_pages))
    return FALSE;
  return (export->on_page == 0 && export->exported->pages > 0)
         || write_page (export);
}

static void
remove_later_pages (Export *export)
{
  for (guint page = export->exported->pages + 1;; page++) {
    g_autofree gchar *name = anpr_report_page_name (page);
    g_autofree gchar *path = g_build_filename (export->folder, name, NULL);

    if (g_unlink (path) != 0)
      return;
  }
}

static gboolean
write_all (Export *export)
{
  g_autofree gchar *stills = g_build_filename (export->folder, "stills", NULL);

  if (!make_folder (stills, &export->error)
      || !visit (export, visit_for_counts))
    return FALSE;
  /* passages kept meanwhile would not fit the counts any more */
  export->filter.limit = MAX (export->counts.passages, 1);
  if (!write_records (export) || !write_pages (export))
    return FALSE;
  remove_later_pages (export);
  export->exported->passages = export->counts.passages;
  export->exported->read = export->counts.read;
  export->exported->with_hits = export->counts.with_hits;
  export->exported->index =
      g_build_filename (export->folder, "index.html", NULL);
  return TRUE;
}

/**
 * anpr_export:
 * @spool_path: a spool
 * @folder: where to; made if it is not there
 * @filter: which passages
 * @with_covert: show covert hits on the pages
 * @exported: (out caller-allocates): what was written; clear with
 *     anpr_exported_clear()
 * @error: %ANPR_ERROR_SPOOL_OPEN, %ANPR_ERROR_SPOOL_SCHEMA, %ANPR_ERROR_OUTPUT
 *
 * Writes passages.jsonl, stills/, index.html and its further pages.
 *
 * Returns: whether all was written
 */
gboolean
anpr_export (const gchar *spool_path, const gchar *folder,
    const AnprSpoolFilter *filter, gboolean with_covert, AnprExported *exported,
    GError **error)
{
  g_autoptr (AnprSpool) spool =
      anpr_spool_open_with_option (spool_path, ANPR_SPOOL_READ, error);
  Export export = { .spool = spool,
    .folder = folder,
    .filter = *filter,
    .with_covert = with_covert,
    .exported = exported };

  memset (exported, 0, sizeof *exported);
  if (!spool)
    return FALSE;
  anpr_report_counts_init (&export.counts);
  export.hits = g_string_new (NULL);
  export.others = g_string_new (NULL);
  write_all (&export);
  g_string_free (export.hits, TRUE);
  g_string_free (export.others, TRUE);
  anpr_report_counts_clear (&export.counts);
  if (!export.error)
    return TRUE;
  g_propagate_error (error, export.error);
  return FALSE;
}

/**
 * anpr_exported_clear:
 * @exported: filled by anpr_export(), or all zero
 */
void
anpr_exported_clear (AnprExported *exported)
{
  g_clear_pointer (&exported->index, g_free);
}
