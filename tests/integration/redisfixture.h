/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A hitmatch with a real Redis server, and lists for both. All plates are
 * invented. The functions fail the test themselves. */

#ifndef TEST_REDIS_FIXTURE_H
#define TEST_REDIS_FIXTURE_H

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>

#include "redisserver.h"
#include "plugins/record/passage.h"

#define END "2998-01-01T00:00:00Z"

extern gchar *folder;
extern RedisServer *server;
extern GstHarness *harness;
extern GstBus *bus;
extern gdouble confidence; /* of reads */

void redis_set_up (void);
void redis_tear_down (void);
gchar *write_list (const gchar *id, const gchar *version, guint priority,
    const gchar *entries);
gboolean publish_file (RedisServer *to, const gchar *path, GError **error);
void publish_to (RedisServer *to, const gchar *id, const gchar *version,
    guint priority, const gchar *entries);
void publish (const gchar *id, const gchar *version, const gchar *entries);
void start_live (
    const gchar *redis, const gchar *hits, gboolean files, gboolean live);
void start (gboolean files);
AnprPassage *make_passage (const gchar *text);
void push (AnprPassage *passage);
void close_passage (AnprPassage *passage);

/* One passage from its first frame to its end */
AnprPassage *pass (const gchar *text);
gchar *describe_compared (AnprPassage *passage);
void check (const gchar *text, gboolean hit, const gchar *compared);
guint64 get_stat (const gchar *name);

/* A test that waits in vain is ended by its time limit */
void wait_for_stat (const gchar *name, guint64 value);

/* Those since the last time */
guint count_warnings (const gchar *code);

/* Ids of the hits on the bus, each once */
GHashTable *take_hits (guint *n);
gchar *make_entries (guint from, guint n);

#endif
