/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_LIST_PARSER_H
#define ANPR_HITMATCH_HIT_LIST_PARSER_H

#include <gio/gio.h>
#include "hitlist.h"

G_BEGIN_DECLS

#define ANPR_HIT_LIST_MAX_LINE 16384
#define ANPR_HIT_LIST_MAX_HEADER_LINES 64

/* Names of index files, which only accepted lists have, end so */
#define ANPR_HIT_LIST_INDEX_SUFFIX ".anprlist"

typedef struct _AnprHitListParser AnprHitListParser;

AnprHitListParser *anpr_hit_list_parser_new (const gchar *file, gint64 now);
void anpr_hit_list_parser_accept (
    AnprHitListParser *parser, const gchar *folder, const gchar *signer);
gboolean anpr_hit_list_parser_feed (
    AnprHitListParser *parser, const gchar *data, gsize length, GError **error);
AnprHitList *anpr_hit_list_parser_finish (
    AnprHitListParser *parser, GError **error);
gboolean anpr_hit_list_parser_keep (
    AnprHitListParser *parser, const gchar *file, GError **error);
void anpr_hit_list_parser_free (AnprHitListParser *parser);

/* Takes the next piece of a file; FALSE, with an error, ends the reading */
typedef gboolean (*AnprListPieceFunc) (
    const gchar *data, gsize length, gpointer user_data, GError **error);

gboolean anpr_hit_list_read (const gchar *file, GCancellable *cancellable,
    AnprListPieceFunc func, gpointer user_data, GError **error);
AnprHitList *anpr_hit_list_load (
    const gchar *file, gint64 now, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitListParser, anpr_hit_list_parser_free)

G_END_DECLS

#endif
