/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CONFIGURATION_H
#define ANPR_CONFIGURATION_H

#include "position.h"

G_BEGIN_DECLS

/* Positions of one appliance; more are a fault */
#define ANPR_CONFIGURATION_MAX_POSITIONS 64
/* Folder of the positions' files, beside anprd.conf */
#define ANPR_CONFIGURATION_POSITIONS "positions.d"
#define ANPR_CONFIGURATION_DEFAULT "/etc/anpr/anprd.conf"

/**
 * AnprConfiguration:
 * @path: of anprd.conf
 * @folder: its folder; relative paths start from it
 * @settings: what it says
 * @usable: there is no fault in anprd.conf itself
 * @positions: (element-type AnprPosition): those without a fault, by id
 * @broken: (element-type utf8): ids of those with one, by id
 * @faults: (element-type AnprSettingFault): all of them
 *
 * All that an appliance is told, as it was when it was read. A fault in one
 * position's file concerns that position alone.
 */
typedef struct {
  gchar *path;
  gchar *folder;
  AnprSettings *settings;
  gboolean usable;
  GPtrArray *positions;
  GPtrArray *broken;
  GPtrArray *faults;
} AnprConfiguration;

const AnprSchema *anpr_configuration_get_schema (void);
AnprConfiguration *anpr_configuration_load (const gchar *path);
void anpr_configuration_free (AnprConfiguration *configuration);
gchar *anpr_configuration_get_path (const AnprConfiguration *configuration,
    const gchar *group, const gchar *key);
gchar *anpr_configuration_get_key (const AnprConfiguration *configuration);
gchar *anpr_configuration_get_spool (
    const AnprConfiguration *configuration, const gchar *position_id);
gint64 anpr_configuration_get_time (const AnprConfiguration *configuration);
gchar *anpr_configuration_get_still (
    const AnprConfiguration *configuration, const gchar *position_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprConfiguration, anpr_configuration_free)

G_END_DECLS

#endif
