/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CSV_TEXT_H
#define ANPR_CSV_TEXT_H

#include <glib.h>

G_BEGIN_DECLS

/* Bytes and fields of one record; more is no table */
#define ANPR_CSV_MAX_RECORD (64 * 1024)
#define ANPR_CSV_MAX_FIELDS 256

/* Given the fields of a record, and the line it begins on; FALSE, with an
 * error, ends the reading */
typedef gboolean (*AnprCsvRecordFunc) (
    GPtrArray *fields, guint64 line, gpointer user_data, GError **error);

typedef struct _AnprCsvReader AnprCsvReader;

AnprCsvReader *anpr_csv_reader_new (
    gchar separator, AnprCsvRecordFunc func, gpointer user_data);
void anpr_csv_reader_free (AnprCsvReader *reader);
gboolean anpr_csv_reader_feed (
    AnprCsvReader *reader, const gchar *data, gsize length, GError **error);
gboolean anpr_csv_reader_finish (AnprCsvReader *reader, GError **error);
void anpr_csv_append (GString *line, const gchar *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCsvReader, anpr_csv_reader_free)

G_END_DECLS

#endif
