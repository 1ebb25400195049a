/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SPOOL_H
#define ANPR_SPOOL_H

#include <glib.h>
#include "../record/passage.h"
#include "../record/steadyclock.h"
#include "spoolkey.h"

G_BEGIN_DECLS

/* "ANPR", in the file's application_id */
#define ANPR_SPOOL_APPLICATION_ID 0x414E5052
#define ANPR_SPOOL_VERSION 2

typedef struct _AnprSpool AnprSpool;

/* Reading needs no right to change the file, but its folder must be writable
 * while nobody writes the spool: SQLite keeps its shared memory there. */
typedef enum {
  ANPR_SPOOL_READ,
  ANPR_SPOOL_WRITE,
} AnprSpoolMode;

/**
 * AnprSpoolImage:
 * @kind: "plate" or "vehicle"
 * @jpeg: the picture
 *
 * A picture to keep with a passage.
 */
typedef struct {
  const gchar *kind;
  GBytes *jpeg;
} AnprSpoolImage;

/**
 * AnprSpoolPlace:
 * @device: (nullable): name of the appliance
 * @position: permitted camera place, whose chain a record joins
 * @lane: (nullable): lane at the position
 */
typedef struct {
  const gchar *device;
  const gchar *position;
  const gchar *lane;
} AnprSpoolPlace;

/**
 * AnprSpoolItem:
 * @passage: closed
 * @images: (array length=n_images): its pictures, each of another kind
 * @n_images: how many
 * @record: (transfer full): set when it is kept: the line as kept
 * @sequence: set when it is kept: number at its position
 *
 * A passage to keep. What is set is the caller's to free.
 */
typedef struct {
  AnprPassage *passage;
  const AnprSpoolImage *images;
  guint n_images;
  gchar *record;
  guint64 sequence;
} AnprSpoolItem;

/**
 * AnprSpoolFilter:
 * @position: (nullable): only this position, %NULL for all
 * @from_utc: only passages whose best shot is at or after this, microseconds
 *     since 1970, 0 for no bound
 * @to_utc: only those before this, 0 for no bound
 * @hits_only: only passages with a hit
 * @limit: at most so many, 0 for all
 * @newest_first: the last one kept first
 */
typedef struct {
  const gchar *position;
  gint64 from_utc;
  gint64 to_utc;
  gboolean hits_only;
  guint64 limit;
  gboolean newest_first;
} AnprSpoolFilter;

/**
 * AnprSpoolVisitor:
 * @sequence: number at its position
 * @record: the record as kept, one line of JSON without the line's end
 * @user_data: of the caller
 *
 * Called with no transaction open, so it may take its time.
 *
 * Returns: whether to go on
 */
typedef gboolean (*AnprSpoolVisitor) (
    guint64 sequence, const gchar *record, gpointer user_data);

/**
 * AnprSpoolSummary:
 * @passages: kept
 * @hits: passages with at least one hit
 * @images: pictures still there
 * @images_freed: pictures given up for want of room, since the spool was made
 * @positions: number of positions
 * @bytes: size of the spool's files
 * @bytes_free: of these, room that is used again before the files grow
 * @first_utc: best shot of the earliest passage, microseconds since 1970, 0 if
 *     unknown
 * @last_utc: best shot of the latest passage, 0 if unknown
 */
typedef struct {
  guint64 passages;
  guint64 hits;
  guint64 images;
  guint64 images_freed;
  guint64 positions;
  guint64 bytes;
  guint64 bytes_free;
  gint64 first_utc;
  gint64 last_utc;
} AnprSpoolSummary;

/**
 * AnprSpoolVerdict:
 * @fault: (nullable): the first thing that is not as it was, %NULL if all is
 * @n_verified: records found intact
 * @n_erased: records that the report says were erased
 * @n_damaged: of them, those lost to a damaged disk
 * @n_entries: of the report, found intact
 * @heads: (element-type utf8): of each chain "POSITION=HASH sequence N"
 *
 * What verifying found.
 */
typedef struct {
  gchar *fault;
  guint64 n_verified;
  guint64 n_erased;
  guint64 n_damaged;
  guint64 n_entries;
  GPtrArray *heads;
} AnprSpoolVerdict;

AnprSpool *anpr_spool_open (
    const gchar *path, AnprSpoolMode mode, AnprSpoolKeys *keys, GError **error);
void anpr_spool_close (AnprSpool *spool);
void anpr_spool_set_max_size (AnprSpool *spool, guint64 bytes);
void anpr_spool_set_clock (
    AnprSpool *spool, AnprSteadyRead read, gpointer user_data);
gboolean anpr_spool_get_time (AnprSpool *spool, gint64 *time);

gboolean anpr_spool_check_room (AnprSpool *spool, GError **error);
gboolean anpr_spool_keep (AnprSpool *spool, const AnprSpoolPlace *place,
    AnprSpoolItem *items, guint n_items, GError **error);

guint64 anpr_spool_get_transaction_size (AnprSpool *spool);

gboolean anpr_spool_visit (AnprSpool *spool, const AnprSpoolFilter *filter,
    AnprSpoolVisitor visitor, gpointer user_data, GError **error);
GBytes *anpr_spool_get_image (AnprSpool *spool, const gchar *passage_id,
    const gchar *kind, GError **error);
gboolean anpr_spool_summarise (
    AnprSpool *spool, AnprSpoolSummary *summary, GError **error);
gboolean anpr_spool_verify (AnprSpool *spool, GHashTable *expected,
    AnprSpoolVerdict *verdict, GError **error);
void anpr_spool_verdict_clear (AnprSpoolVerdict *verdict);

guint64 anpr_spool_get_bytes (AnprSpool *spool);
guint64 anpr_spool_get_images_freed (AnprSpool *spool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSpool, anpr_spool_close)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AnprSpoolVerdict, anpr_spool_verdict_clear)

G_END_DECLS

#endif
