/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_MIGRATIONS_H
#define ANPR_CENTRAL_MIGRATIONS_H

#include "../plugins/anprsink/centralconnection.h"

G_BEGIN_DECLS

/* AnprMigration: one step of the central database's schema, NNNN-NAME.sql
 *
 * number  NNNN; steps are applied in this order
 * name    of the file, without its folder
 * sha256  64 hexadecimal digits over the file's bytes
 * sql     (nullable) the file's text, %NULL for one that a database tells of
 */
typedef struct {
  guint number;
  gchar *name;
  gchar *sha256;
  gchar *sql;
} AnprMigration;

GPtrArray *anpr_migrations_load (const gchar *folder, GError **error);
GPtrArray *anpr_migrations_applied (
    AnprCentralConnection *connection, GError **error);
GPtrArray *anpr_migrations_pending (
    GPtrArray *files, GPtrArray *applied, GError **error);
gboolean anpr_migrations_apply (AnprCentralConnection *connection,
    GPtrArray *files, gboolean empty, guint *n, GError **error);

G_END_DECLS

#endif
