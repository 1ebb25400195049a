/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_STORE_H
#define ANPR_HITMATCH_REDIS_STORE_H

#include <gio/gio.h>
#include "hitlist.h"
#include "redisconnection.h"

G_BEGIN_DECLS

/* A load that is not continued for so long disappears by itself, seconds */
#define ANPR_REDIS_LOAD_SECONDS 600

typedef void (*AnprRedisProgress) (
    guint64 done, guint64 total, gpointer user_data);

gboolean anpr_redis_publish (AnprRedisConnection *connection,
    const AnprHitList *list, GCancellable *cancellable,
    AnprRedisProgress progress, gpointer user_data, GError **error);
gboolean anpr_redis_add (AnprRedisConnection *connection, const gchar *list,
    const gchar *const *columns, gchar **version, GError **error);
gboolean anpr_redis_withdraw (AnprRedisConnection *connection,
    const gchar *list, const gchar *plate, const gchar *entry, guint *n,
    gchar **version, GError **error);
gboolean anpr_redis_remove (
    AnprRedisConnection *connection, const gchar *list, GError **error);

gint anpr_redis_compare_versions (const gchar *a, const gchar *b);

G_END_DECLS

#endif
