/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_TEST_REDIS_SERVER_H
#define ANPR_TEST_REDIS_SERVER_H

#include "plugins/hitmatch/redisconnection.h"

G_BEGIN_DECLS

typedef struct _RedisServer RedisServer;

RedisServer *redis_server_new (const gchar *const *options);
void redis_server_free (RedisServer *server);
const gchar *redis_server_get_uri (RedisServer *server);
const gchar *redis_server_get_folder (RedisServer *server);
void redis_server_start (RedisServer *server);
void redis_server_signal (RedisServer *server, int number);
void redis_server_kill (RedisServer *server);
AnprRedisConnection *redis_server_connect (RedisServer *server);
redisReply *redis_server_call (RedisServer *server, const gchar *command);
gint64 redis_server_get_number (RedisServer *server, const gchar *command);
void redis_server_do (RedisServer *server, const gchar *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RedisServer, redis_server_free)

G_END_DECLS

#endif
