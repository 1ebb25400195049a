/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_PRIVATE_H
#define ANPR_SPOOL_PRIVATE_H

#include "spool.h"
#include "spoolkey.h"
#include "../record/error.h"

#include <sqlite3.h>
#include <string.h>
#include <sys/types.h>

G_BEGIN_DECLS

struct _AnprSpool {
  sqlite3 *database;
  gchar *path;
  dev_t device; /* of the file when it was opened, to see it replaced */
  ino_t inode;

  gint log_pages; /* in the write-ahead log after the last transaction */
  gboolean has_reserve;
  guint64 free_ahead;  /* bytes, see spoolroom.c */
  gint64 log_share;    /* bytes of it, see spoolroom.c */
  gint log_pages_soft; /* from here on they are moved into the file */
  gint log_pages_hard; /* from here on nothing is kept */

  guint64 images_freed;

  AnprSteadyRead read_clock;
  gpointer read_clock_data;
  gboolean time_noted; /* since it was opened */

  AnprSpoolKeys *keys; /* NULL: nothing is sealed */
  gint64 salt;         /* of the codes of columns */
  gint64 free_seen;    /* no picture up to this number may be given up */

  gint64 hits_seen;     /* which rows have hits is known up to this number */
  GArray *hits_waiting; /* of gint64: rows with hits not delivered, ascending */
};

/* In `state` of table `delivery` */
typedef enum {
  ANPR_SPOOL_WAITING = 0,
  ANPR_SPOOL_DELIVERED = 1,
  ANPR_SPOOL_REFUSED = 2,
} AnprSpoolState;

/* A record with its index entries, and the pages that are only partly filled */
#define ANPR_SPOOL_RECORD_SIZE (32 << 10)

typedef sqlite3_stmt AnprStatement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprStatement, sqlite3_finalize)

/* What is read of a passage, with the query that gets it */
typedef struct {
  gint64 number;
  guint64 sequence;
  gint64 utc;
  gint64 hits; /* the column, to be decoded */
  gchar *id;
  gchar *position;
  gchar *hash;
  gchar *record; /* NULL: cannot be unsealed */
} AnprSpoolRow;

#define ANPR_SPOOL_ROW "number, sequence, utc, hits, id, position, hash, record"

/* Rows fetched at a time; a record has a few kilobytes */
#define ANPR_SPOOL_PAGE 64

void anpr_spool_set_error (
    AnprSpool *spool, AnprError code, const gchar *consequence, GError **error);
void anpr_spool_set_write_error (AnprSpool *spool, gint rc, GError **error);
AnprStatement *anpr_spool_prepare (AnprSpool *spool, const gchar *query);
void anpr_statement_bind_text (
    AnprStatement *statement, gint index, const gchar *text);
const gchar *anpr_statement_get_text (AnprStatement *statement, gint column);
gint anpr_spool_run (AnprSpool *spool, const gchar *commands);
gint64 anpr_spool_ask_number (AnprSpool *spool, const gchar *query);
void anpr_spool_roll_back (AnprSpool *spool);
gboolean anpr_spool_is_still_there (AnprSpool *spool, GError **error);
gboolean anpr_spool_check_schema (
    AnprSpool *spool, gint64 *version, GError **error);
gboolean anpr_spool_make_tables (AnprSpool *spool, GError **error);
void anpr_spool_forget_hits (AnprSpool *spool);
gint anpr_spool_note_time (AnprSpool *spool, gint64 *time);
gint anpr_spool_note_key_use (AnprSpool *spool, gint64 time);
void anpr_spool_empty_log (AnprSpool *spool);
void anpr_spool_make_reserve (AnprSpool *spool);
gboolean anpr_spool_take_reserve (AnprSpool *spool);
gboolean anpr_spool_bound_log (AnprSpool *spool, GError **error);
gboolean anpr_spool_has_room (AnprSpool *spool, guint64 bytes);
gboolean anpr_spool_make_room (AnprSpool *spool, guint64 bytes);

/* What a code in a column answers */
#define ANPR_SPOOL_HITS 'h'
#define ANPR_SPOOL_FREEABLE 'f'

gboolean anpr_spool_check_keys (
    AnprSpool *spool, AnprSpoolMode mode, GError **error);
void anpr_spool_bind_record (AnprSpool *spool, AnprStatement *statement,
    gint index, const gchar *id, const gchar *record);
void anpr_spool_bind_image (AnprSpool *spool, AnprStatement *statement,
    gint index, const gchar *id, const AnprSpoolImage *image);
gchar *anpr_spool_get_record (
    AnprSpool *spool, AnprStatement *statement, gint column, const gchar *id);
GBytes *anpr_spool_get_jpeg (AnprSpool *spool, AnprStatement *statement,
    gint column, const gchar *id, const gchar *kind);
gint64 anpr_spool_encode (
    AnprSpool *spool, gint64 number, gchar what, gint value);
gboolean anpr_spool_decode (
    AnprSpool *spool, gint64 number, gchar what, gint64 column);

void anpr_spool_set_read_error (AnprSpool *spool, GError **error);
GPtrArray *anpr_spool_fetch (
    AnprSpool *spool, AnprStatement *statement, GError **error);
gchar *anpr_record_hash (const gchar *unhashed);
gboolean anpr_record_has_hash (const gchar *record, const gchar *hash);

/* How a record ends while its own hash is not known yet: these bytes are
 * hashed */
#define ANPR_RECORD_UNHASHED_END "\"hash\":null}"

G_END_DECLS

#endif
