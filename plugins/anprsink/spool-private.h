/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_PRIVATE_H
#define ANPR_SPOOL_PRIVATE_H

#include "spool.h"
#include "../record/error.h"

#include <sqlite3.h>
#include <sys/types.h>

G_BEGIN_DECLS

struct _AnprSpool {
  sqlite3 *database;
  gchar *path;
  dev_t device; /* of the file when it was opened, to see it replaced */
  ino_t inode;

  gint log_pages;      /* in the write-ahead log after the last transaction */
  gint log_pages_soft; /* from here on they are moved into the file */
  gint log_pages_hard; /* from here on nothing is kept */

  guint64 sequence;
  guint64 images_freed;
};

typedef sqlite3_stmt AnprStatement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprStatement, sqlite3_finalize)

void anpr_spool_set_error (
    AnprSpool *spool, AnprError code, const gchar *consequence, GError **error);
AnprStatement *anpr_spool_prepare (AnprSpool *spool, const gchar *query);
void anpr_statement_bind_text (
    AnprStatement *statement, gint index, const gchar *text);
const gchar *anpr_statement_get_text (AnprStatement *statement, gint column);
gint anpr_spool_run (AnprSpool *spool, const gchar *commands);
gint64 anpr_spool_ask_number (AnprSpool *spool, const gchar *query);
void anpr_spool_roll_back (AnprSpool *spool);
gboolean anpr_spool_bound_log (AnprSpool *spool, GError **error);
gboolean anpr_spool_has_room (AnprSpool *spool, guint64 bytes);
gboolean anpr_spool_make_room (AnprSpool *spool, guint64 bytes);
gchar *anpr_record_hash (const gchar *unhashed);

/* How a record ends while its own hash is not known yet: these bytes are
 * hashed */
#define ANPR_RECORD_UNHASHED_END "\"hash\":null}"

G_END_DECLS

#endif
