/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SETTINGS_FILE_H
#define ANPR_SETTINGS_FILE_H

#include "setting.h"
#include "../plugins/record/error.h"

G_BEGIN_DECLS

/* A larger file is refused */
#define ANPR_SETTINGS_MAX_SIZE (64 * 1024)
/* Faults told of one configuration; more are counted only */
#define ANPR_SETTINGS_MAX_FAULTS 200

/**
 * AnprSettingFault:
 * @file: where
 * @line: from 1, 0 if it is in no line
 * @code: what kind of fault
 * @message: what is wrong, one line
 *
 * What to do about it is anpr_error_code_advice() of @code.
 */
typedef struct {
  gchar *file;
  guint line;
  AnprError code;
  gchar *message;
} AnprSettingFault;

typedef struct _AnprSettings AnprSettings;

GPtrArray *anpr_setting_faults_new (void);
void anpr_setting_faults_add (GPtrArray *faults, const gchar *file, guint line,
    AnprError code, const gchar *format, ...) G_GNUC_PRINTF (5, 6);
void anpr_setting_faults_sort (GPtrArray *faults);
gchar *anpr_setting_fault_place (const AnprSettingFault *fault);
gchar *anpr_setting_fault_to_string (const AnprSettingFault *fault);

AnprSettings *anpr_settings_parse (const AnprSchema *schema, const gchar *path,
    const gchar *text, gsize length, GPtrArray *faults);
AnprSettings *anpr_settings_load (
    const AnprSchema *schema, const gchar *path, GPtrArray *faults);
void anpr_settings_free (AnprSettings *settings);
gboolean anpr_settings_equal (const AnprSettings *a, const AnprSettings *b);

const AnprSchema *anpr_settings_get_schema (const AnprSettings *settings);
const gchar *anpr_settings_get_path (const AnprSettings *settings);
gboolean anpr_settings_has (
    const AnprSettings *settings, const gchar *group, const gchar *key);
const gchar *anpr_settings_get (
    const AnprSettings *settings, const gchar *group, const gchar *key);
guint anpr_settings_get_line (
    const AnprSettings *settings, const gchar *group, const gchar *key);
guint64 anpr_settings_get_number (
    const AnprSettings *settings, const gchar *group, const gchar *key);
gdouble anpr_settings_get_real (
    const AnprSettings *settings, const gchar *group, const gchar *key);
gboolean anpr_settings_get_boolean (
    const AnprSettings *settings, const gchar *group, const gchar *key);
gchar *anpr_settings_get_path_value (const AnprSettings *settings,
    const gchar *group, const gchar *key, const gchar *folder);
gchar **anpr_settings_get_open_keys (const AnprSettings *settings);
gchar *anpr_settings_change (const gchar *text, const gchar *group,
    const gchar *key, const gchar *value, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprSettings, anpr_settings_free)

G_END_DECLS

#endif
