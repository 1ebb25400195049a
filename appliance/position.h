/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_POSITION_H
#define ANPR_POSITION_H

#include "permission.h"
#include "settingsfile.h"

G_BEGIN_DECLS

/* Longest id of a position, bytes */
#define ANPR_POSITION_MAX_ID 64
#define ANPR_POSITION_SUFFIX ".conf"

/**
 * AnprPosition:
 * @id: name of its file without .conf; stands in records, logs and metrics
 * @settings: all that its file says
 * @permission: read from it
 *
 * One permitted camera place. Reference counted, not changed once made, so that
 * whoever holds one may keep it.
 */
typedef struct {
  gchar *id;
  AnprSettings *settings;
  AnprPermission permission;
  gatomicrefcount count;
} AnprPosition;

const AnprSchema *anpr_position_get_schema (void);
AnprPosition *anpr_position_parse (const gchar *id, const gchar *path,
    const gchar *text, gsize length, GPtrArray *faults);
AnprPosition *anpr_position_load (const gchar *path, GPtrArray *faults);
AnprPosition *anpr_position_ref (AnprPosition *position);
void anpr_position_unref (AnprPosition *position);
gboolean anpr_position_equal (const AnprPosition *a, const AnprPosition *b);
gboolean anpr_position_is_id (const gchar *id);
gchar *anpr_position_id_of_path (const gchar *path);

const gchar *anpr_position_get (
    const AnprPosition *position, const gchar *group, const gchar *key);
const gchar *anpr_position_get_name (const AnprPosition *position);
void anpr_position_check_around (
    const AnprPosition *position, const gchar *folder, GPtrArray *faults);
gchar *anpr_position_get_elements (const AnprPosition *position,
    const gchar *folder, const gchar *spool, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPosition, anpr_position_unref)

G_END_DECLS

#endif
