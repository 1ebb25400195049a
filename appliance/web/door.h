/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_DOOR_H
#define ANPR_WEB_DOOR_H

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Connections at once; when one more comes, another is closed for it */
#define ANPR_DOOR_MAX 64
/* Seconds for a request to be there as a whole, from the connection or the last
 * answer on; and for an answer to be taken */
#define ANPR_DOOR_REQUEST_TIME 20
#define ANPR_DOOR_ANSWER_TIME 60

/**
 * AnprDoorSettings:
 * @address: numeric address to listen at
 * @port: there
 * @certificate: (nullable): PEM file of a certificate with its chain, %NULL for
 *     plain HTTP, which is possible on a loopback address only
 * @key: (nullable): PEM file of its key, mode 0600; %NULL if that is in
 *     @certificate
 */
typedef struct {
  const gchar *address;
  guint16 port;
  const gchar *certificate;
  const gchar *key;
} AnprDoorSettings;

typedef struct _AnprDoor AnprDoor;

AnprDoor *anpr_door_open (
    SoupServer *server, const AnprDoorSettings *settings, GError **error);
void anpr_door_close (AnprDoor *door);
guint anpr_door_get_n (const AnprDoor *door);
guint64 anpr_door_get_n_refused (const AnprDoor *door);
gboolean anpr_door_is_encrypted (const AnprDoor *door);
void anpr_door_know (SoupServerMessage *message);
void anpr_door_keep (SoupServerMessage *message);
void anpr_door_cut (SoupServerMessage *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprDoor, anpr_door_close)

G_END_DECLS

#endif
