/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What all tests of the spool need. The functions fail the test themselves. */

#ifndef TEST_SPOOL_FIXTURE_H
#define TEST_SPOOL_FIXTURE_H

#include <gst/check/gstcheck.h>

#include "plugins/anprsink/spool.h"
#include "plugins/record/error.h"

/* A folder of the test, and a spool's file in it */
extern gchar *folder;
extern gchar *path;

void spool_setup (void);
void spool_teardown (void);
AnprSpool *open_spool (AnprSpoolMode mode);
AnprPassage *new_passage_with_stills (
    gint64 utc, gboolean hit, AnprStill *plate, AnprStill *vehicle);
AnprPassage *new_passage (gint64 utc, gboolean hit);
GBytes *new_picture (gsize size, guint8 sign);
gboolean keep (AnprSpool *spool, const gchar *position, AnprSpoolItem *item,
    GError **error);
gchar *keep_numbered (AnprSpool *spool, const gchar *position, gint64 utc,
    gboolean hit, gsize picture_size, guint64 *sequence, GError **error);
gchar *keep_new (AnprSpool *spool, const gchar *position, gint64 utc,
    gboolean hit, gsize picture_size, GError **error);
guint64 keep_one (
    AnprSpool *spool, const gchar *position, gint64 utc, gboolean hit);
void keep_many (AnprSpool *spool, const gchar *position, guint n);
gchar *verify (AnprSpool *spool, guint64 n_expected);
void assert_intact (AnprSpool *spool, guint64 n_expected);
/* Adds to a GPtrArray */
gboolean collect_record (
    guint64 sequence, const gchar *record, gpointer user_data);
GPtrArray *visit (AnprSpool *spool, const AnprSpoolFilter *filter);
void alter (const gchar *commands);

#endif
