/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_CONNECTION_H
#define ANPR_CENTRAL_CONNECTION_H

#include <gio/gio.h>
#include <libpq-fe.h>
#include "centraladdress.h"

G_BEGIN_DECLS

typedef struct _AnprCentralConnection AnprCentralConnection;

/**
 * AnprCentralParameter:
 * @type: object id of its type, 0 to let the server tell from the command
 * @value: (nullable): %NULL is SQL's NULL
 * @length: bytes of @value, where it is binary
 * @binary: whether @value is in the type's binary form, else it is a
 *     NUL-terminated text
 *
 * One of $1, $2... of a command.
 */
typedef struct {
  Oid type;
  const gchar *value;
  gsize length;
  gboolean binary;
} AnprCentralParameter;

AnprCentralConnection *anpr_central_connection_new (
    const AnprCentralAddress *address, guint timeout, GCancellable *cancellable,
    GError **error);
AnprCentralConnection *anpr_central_connect (const gchar *address,
    guint timeout, GCancellable *cancellable, GError **error);
void anpr_central_connection_free (AnprCentralConnection *connection);
const gchar *anpr_central_connection_get_name (
    const AnprCentralConnection *connection);
gboolean anpr_central_connection_is_usable (
    const AnprCentralConnection *connection);
const gchar *anpr_central_connection_get_sqlstate (
    const AnprCentralConnection *connection);
gboolean anpr_central_connection_set_statement_timeout (
    AnprCentralConnection *connection, guint timeout, GCancellable *cancellable,
    GError **error);

PGresult *anpr_central_query (AnprCentralConnection *connection,
    const gchar *command, const AnprCentralParameter *parameters, guint n,
    guint timeout, GCancellable *cancellable, GError **error);
gboolean anpr_central_execute (AnprCentralConnection *connection,
    const gchar *commands, guint timeout, GCancellable *cancellable,
    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (
    AnprCentralConnection, anpr_central_connection_free)

G_END_DECLS

#endif
