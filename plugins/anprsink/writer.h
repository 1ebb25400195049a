/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WRITER_H
#define ANPR_WRITER_H

#include <glib.h>
#include "../record/passage.h"

G_BEGIN_DECLS

/* Passages that wait to be kept, and bytes of their stills */
#define ANPR_WRITER_MAX_PASSAGES 1024
#define ANPR_WRITER_MAX_BYTES (64 << 20)

typedef struct _AnprWriter AnprWriter;

typedef enum {
  ANPR_WRITER_OFF,
  ANPR_WRITER_KEEPING,
  ANPR_WRITER_NOT_KEEPING,
} AnprWriterState;

/**
 * AnprWriterSettings:
 * @location: (nullable): the spool, %NULL to keep nothing
 * @key: (nullable): file with the keys it is encrypted with, %NULL for none
 * @json: (nullable): file for the records as lines, "-" for standard output
 * @device: (nullable): name of the appliance
 * @position: camera place
 * @lane: (nullable): lane at the position
 * @images: whether stills are kept
 * @max_size: bytes of the spool, 0 unlimited
 * @retention: days a passage may stay
 * @keep_delivered: days it stays once the centre has it
 */
typedef struct {
  const gchar *location;
  const gchar *key;
  const gchar *json;
  const gchar *device;
  const gchar *position;
  const gchar *lane;
  gboolean images;
  guint64 max_size;
  guint retention;
  guint keep_delivered;
} AnprWriterSettings;

/**
 * AnprWriterStats:
 * @state: of keeping
 * @reason: stable code why nothing is kept, "" while it is
 * @passages: handed in
 * @kept: safe in the spool
 * @not_kept: still waiting for the spool when the writer was ended
 * @dropped: given up for want of room in the queue
 * @waiting: in the queue
 * @images_failed: stills that could not be made a JPEG
 * @images_freed: pictures the spool gave up for want of room since it was made
 * @erased: passages whose time was over
 * @erased_undelivered: of them, those the centre never had
 * @bytes: of the spool's files
 * @lines: records written as lines
 * @lines_lost: records that could not be
 */
typedef struct {
  AnprWriterState state;
  const gchar *reason;
  guint64 passages;
  guint64 kept;
  guint64 not_kept;
  guint64 dropped;
  guint waiting;
  guint64 images_failed;
  guint64 images_freed;
  guint64 erased;
  guint64 erased_undelivered;
  guint64 bytes;
  guint64 lines;
  guint64 lines_lost;
} AnprWriterStats;

/* Told without a lock held, from the writer's thread; `failed` also from the
 * one that adds. `failed` once for each change to the worse. */
typedef struct {
  void (*kept) (AnprPassage *passage, guint64 sequence, const gchar *record,
      gpointer user_data);
  void (*changed) (const AnprWriterStats *stats, gpointer user_data);
  void (*failed) (
      const GError *error, const gchar *consequence, gpointer user_data);
} AnprWriterListener;

AnprWriter *anpr_writer_new (const AnprWriterSettings *settings,
    const AnprWriterListener *listener, gpointer user_data);
void anpr_writer_free (AnprWriter *writer, AnprWriterStats *last);
void anpr_writer_add (AnprWriter *writer, AnprPassage *passage, gboolean live);
void anpr_writer_drain (AnprWriter *writer);
void anpr_writer_set_flushing (AnprWriter *writer, gboolean flushing);
void anpr_writer_get_stats (AnprWriter *writer, AnprWriterStats *stats);

const gchar *anpr_writer_state_to_string (AnprWriterState state);

G_END_DECLS

#endif
