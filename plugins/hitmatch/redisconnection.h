/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_REDIS_CONNECTION_H
#define ANPR_HITMATCH_REDIS_CONNECTION_H

#include <hiredis.h>
#include "redisaddress.h"

G_BEGIN_DECLS

typedef struct _AnprRedisConnection AnprRedisConnection;

AnprRedisConnection *anpr_redis_connection_new (
    const AnprRedisAddress *address, guint timeout, GError **error);
void anpr_redis_connection_free (AnprRedisConnection *connection);

void anpr_redis_send (
    AnprRedisConnection *connection, guint n, const gchar *const *arguments);
redisReply *anpr_redis_receive (
    AnprRedisConnection *connection, gint64 deadline, GError **error);
redisReply *anpr_redis_call (AnprRedisConnection *connection, gint64 deadline,
    GError **error, ...) G_GNUC_NULL_TERMINATED;
gint64 anpr_redis_deadline (guint timeout);
void anpr_redis_reply_free (redisReply *reply);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (redisReply, anpr_redis_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRedisConnection, anpr_redis_connection_free)

G_END_DECLS

#endif
