/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SETTING_H
#define ANPR_SETTING_H

#include <glib.h>

G_BEGIN_DECLS

/* Longest value of a setting, bytes */
#define ANPR_SETTING_MAX_VALUE 4096

/* AnprSettingType: what a setting takes.
 *
 * TEXT      words for people, at most `most` characters
 * NAME      letters, digits and . _ -, as names of files and records
 * BOOLEAN   true or false
 * NUMBER    whole, from `least` to `most`
 * REAL      from `least` to `most`
 * CHOICE    one of `choices`
 * CHOICES   one or more of `choices`, with spaces between
 * PATH      a file or folder; if relative, from the folder of anprd.conf
 * URI       without user and password
 * REDIS     address of a Redis server, docs/redis.md
 * POLYGONS  as include= of platedetect
 * LINE      as direction-line= of platetrack
 * MOMENT    a day, 2026-07-01, or a moment, 2026-07-01T12:00:00Z
 */
typedef enum {
  ANPR_SETTING_TEXT,
  ANPR_SETTING_NAME,
  ANPR_SETTING_BOOLEAN,
  ANPR_SETTING_NUMBER,
  ANPR_SETTING_REAL,
  ANPR_SETTING_CHOICE,
  ANPR_SETTING_CHOICES,
  ANPR_SETTING_PATH,
  ANPR_SETTING_URI,
  ANPR_SETTING_REDIS,
  ANPR_SETTING_POLYGONS,
  ANPR_SETTING_LINE,
  ANPR_SETTING_MOMENT,
  ANPR_N_SETTING_TYPES,
} AnprSettingType;

/**
 * AnprSetting:
 * @group: its [section]
 * @key: its name there
 * @type: what it takes
 * @fallback: (nullable): its value if none is given, "" for none; %NULL if one
 *     must be given
 * @what: what it is, one sentence or more
 * @least: of a number
 * @most: of a number, or of the characters of a text
 * @choices: (nullable): of a choice, separated by "|"
 * @element: (nullable): kind of GStreamer element whose property it sets
 * @property: (nullable): that property
 * @usual: (nullable): that property's own value, which counts if neither the
 *     position nor its pipeline says another; told, never set
 *
 * One row of a schema. All that is told of a setting (the check, --settings,
 * the page's forms) is made from it.
 */
typedef struct {
  const gchar *group;
  const gchar *key;
  AnprSettingType type;
  const gchar *fallback;
  const gchar *what;
  gdouble least;
  gdouble most;
  const gchar *choices;
  const gchar *element;
  const gchar *property;
  const gchar *usual;
} AnprSetting;

/**
 * AnprSchema:
 * @settings: rows, those of a group together
 * @n_settings: number of rows
 * @open_group: (nullable): a section whose keys are of the file's own choice
 */
typedef struct {
  const AnprSetting *settings;
  guint n_settings;
  const gchar *open_group;
} AnprSchema;

const AnprSetting *anpr_schema_find (
    const AnprSchema *schema, const gchar *group, const gchar *key);
gboolean anpr_schema_has_group (const AnprSchema *schema, const gchar *group);
gchar *anpr_schema_suggest_group (const AnprSchema *schema, const gchar *group);
gchar *anpr_schema_suggest_key (
    const AnprSchema *schema, const gchar *group, const gchar *key);
gchar *anpr_schema_describe (const AnprSchema *schema);

gchar *anpr_setting_get_form (const AnprSetting *setting);
const gchar *anpr_setting_get_default (const AnprSetting *setting);
gchar *anpr_setting_check (const AnprSetting *setting, const gchar *value);
gboolean anpr_moment_parse (
    const gchar *text, gboolean end_of_day, gint64 *utc);
guint anpr_edit_distance (const gchar *a, const gchar *b);

G_END_DECLS

#endif
