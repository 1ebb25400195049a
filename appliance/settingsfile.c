/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A file of settings, held against its schema.
 *
 * GKeyFile reads the values. It stops at the first line it does not understand
 * and tells no line numbers, so the lines are looked at here first: where each
 * setting stands is noted, lines that are none are faults, and GKeyFile gets the
 * text with these left empty. So all faults of a file are told at once.
 *
 * Settings with faults have their default afterwards, so that everything can be
 * looked at; whoever passes a list of faults decides whether to go on.
 */

#include "settingsfile.h"
#include "plainfile.h"

#include <string.h>

/* raw: as it stands in the file */
typedef struct {
  guint line;
  gchar *value;
} Entry;

struct _AnprSettings {
  const AnprSchema *schema;
  gchar *path;
  GHashTable *entries; /* "group\nkey": Entry */
  GPtrArray *open_keys;
};

typedef struct {
  AnprSettings *settings;
  GPtrArray *faults;
  GHashTable *groups; /* those seen */
  gchar *group;       /* NULL if its lines are passed over */
} Scan;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->value);
  g_free (entry);
}

static void
fault_free (gpointer data)
{
  AnprSettingFault *fault = data;

  g_free (fault->file);
  g_free (fault->message);
  g_free (fault);
}

/**
 * anpr_setting_faults_new:
 *
 * Returns: (transfer full) (element-type AnprSettingFault): no faults
 */
GPtrArray *
anpr_setting_faults_new (void)
{
  return g_ptr_array_new_with_free_func (fault_free);
}

/**
 * anpr_setting_faults_add:
 * @faults: (element-type AnprSettingFault): where it is added, unless there are
 *     %ANPR_SETTINGS_MAX_FAULTS
 * @file: where it is
 * @line: from 1, 0 if it is in no line
 * @code: what kind
 * @format: what is wrong; control characters in it become "?"
 */
void
anpr_setting_faults_add (GPtrArray *faults, const gchar *file, guint line,
    AnprError code, const gchar *format, ...)
{
  AnprSettingFault *fault;
  va_list arguments;

  if (faults->len >= ANPR_SETTINGS_MAX_FAULTS)
    return;
  fault = g_new0 (AnprSettingFault, 1);
  fault->file = g_strdup (file);
  fault->line = line;
  fault->code = code;
  va_start (arguments, format);
  fault->message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  for (gchar *at = fault->message; *at; at++) {
    if (g_ascii_iscntrl (*at))
      *at = '?';
  }
  g_ptr_array_add (faults, fault);
}

/**
 * anpr_setting_fault_place:
 * @fault: a fault
 *
 * Returns: (transfer full): file and line, or the file if it is in no line
 */
gchar *
anpr_setting_fault_place (const AnprSettingFault *fault)
{
  return fault->line ? g_strdup_printf ("%s:%u", fault->file, fault->line)
                     : g_strdup (fault->file);
}

/**
 * anpr_setting_fault_to_string:
 * @fault: a fault
 *
 * Returns: (transfer full): it as one line: file, line, code, what, what to do
 */
gchar *
anpr_setting_fault_to_string (const AnprSettingFault *fault)
{
  g_autofree gchar *place = anpr_setting_fault_place (fault);
  gboolean stops = g_str_has_suffix (fault->message, ".")
                   || g_str_has_suffix (fault->message, "?");

  return g_strdup_printf ("%s: %s: %s%s %s", place,
      anpr_error_code_name (fault->code), fault->message, stops ? "" : ".",
      anpr_error_code_advice (fault->code));
}

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const AnprSettingFault *first = *(const AnprSettingFault *const *) a;
  const AnprSettingFault *second = *(const AnprSettingFault *const *) b;

  return strcmp (first->file, second->file)
             ? strcmp (first->file, second->file)
             : (gint) first->line - (gint) second->line;
}

/**
 * anpr_setting_faults_sort:
 * @faults: (element-type AnprSettingFault): faults, put in order of files and
 *     lines
 */
void
anpr_setting_faults_sort (GPtrArray *faults)
{
  g_ptr_array_sort (faults, compare_places);
}

static gchar *
entry_key (const gchar *group, const gchar *key)
{
  return g_strconcat (group, "\n", key, NULL);
}

static const Entry *
find_entry (const AnprSettings *settings, const gchar *group, const gchar *key)
{
  g_autofree gchar *name = entry_key (group, key);

  return g_hash_table_lookup (settings->entries, name);
}

static void
add_unknown (Scan *scan, guint line, gchar *what, gchar *suggestion)
{
  anpr_setting_faults_add (scan->faults, scan->settings->path, line,
      ANPR_ERROR_CONFIG_UNKNOWN, "there is no %s%s%s%s", what,
      suggestion ? "; is " : "", suggestion ? suggestion : "",
      suggestion ? " meant?" : "");
  g_free (what);
  g_free (suggestion);
}

/* Returns whether the line is one that GKeyFile may see */
static gboolean
scan_group (Scan *scan, guint number, const gchar *line)
{
  const gchar *end = strchr (line, ']');
  g_autofree gchar *group = end ? g_strndup (line + 1, end - line - 1) : NULL;

  g_clear_pointer (&scan->group, g_free);
  if (!end || end[1] || !*group || strchr (group, '[')) {
    anpr_setting_faults_add (scan->faults, scan->settings->path, number,
        ANPR_ERROR_CONFIG_LINE, "\"%s\" is no [section]", line);
    return FALSE;
  }
  if (!anpr_schema_has_group (scan->settings->schema, group)) {
    add_unknown (scan, number, g_strdup_printf ("section [%s]", group),
        anpr_schema_suggest_group (scan->settings->schema, group));
    return FALSE;
  }
  if (!g_hash_table_add (scan->groups, g_strdup (group)))
    anpr_setting_faults_add (scan->faults, scan->settings->path, number,
        ANPR_ERROR_CONFIG_CONFLICT, "section [%s] begins a second time", group);
  scan->group = g_steal_pointer (&group);
  return TRUE;
}

/* Returns whether the setting is known, or of the file's own choice */
static gboolean
scan_known (Scan *scan, guint number, const gchar *key)
{
  const AnprSchema *schema = scan->settings->schema;

  if (g_strcmp0 (schema->open_group, scan->group) == 0) {
    g_ptr_array_add (scan->settings->open_keys, g_strdup (key));
    return TRUE;
  }
  if (anpr_schema_find (schema, scan->group, key))
    return TRUE;
  add_unknown (scan, number,
      g_strdup_printf ("setting \"%s\" in [%s]", key, scan->group),
      anpr_schema_suggest_key (schema, scan->group, key));
  return FALSE;
}

static gboolean
scan_setting (Scan *scan, guint number, const gchar *line)
{
  const gchar *equals = strchr (line, '=');
  g_autofree gchar *key =
      equals ? g_strchomp (g_strndup (line, equals - line)) : NULL;
  Entry *entry;

  if (!equals || !*key || strpbrk (key, "[]")) {
    anpr_setting_faults_add (scan->faults, scan->settings->path, number,
        ANPR_ERROR_CONFIG_LINE, "\"%s\" is neither [section] nor key=value",
        line);
    return FALSE;
  }
  if (!scan->group)
    return FALSE; /* of a section that was refused, or of none */
  if (find_entry (scan->settings, scan->group, key)) {
    anpr_setting_faults_add (scan->faults, scan->settings->path, number,
        ANPR_ERROR_CONFIG_CONFLICT,
        "%s is given twice in [%s], first in line %u", key, scan->group,
        find_entry (scan->settings, scan->group, key)->line);
    return FALSE;
  }
  if (!scan_known (scan, number, key))
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->line = number;
  g_hash_table_insert (
      scan->settings->entries, entry_key (scan->group, key), entry);
  return TRUE;
}

static gboolean
scan_line (Scan *scan, guint number, const gchar *line)
{
  if (!*line || *line == '#')
    return TRUE;
  if (*line == '[')
    return scan_group (scan, number, line);
  if (!scan->group && g_hash_table_size (scan->groups) == 0
      && strchr (line, '=')) {
    anpr_setting_faults_add (scan->faults, scan->settings->path, number,
        ANPR_ERROR_CONFIG_LINE, "\"%s\" stands before the first [section]",
        line);
    return FALSE;
  }
  return scan_setting (scan, number, line);
}

/* Gives the text without lines that are wrong */
static gchar *
scan_text (AnprSettings *settings, const gchar *text, GPtrArray *faults)
{
  g_autoptr (GHashTable) groups =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = { settings, faults, groups, NULL };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    g_autofree gchar *line = g_strstrip (g_strdup (lines[i]));

    if (!scan_line (&scan, i + 1, line))
      *lines[i] = '\0';
  }
  g_free (scan.group);
  return g_strjoinv ("\n", lines);
}

static void
take_value (AnprSettings *settings, GKeyFile *file, const gchar *group,
    const gchar *key, GPtrArray *faults)
{
  Entry *entry = (Entry *) find_entry (settings, group, key);
  const AnprSetting *setting = anpr_schema_find (settings->schema, group, key);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *value = g_key_file_get_string (file, group, key, &error);
  g_autofree gchar *wrong = NULL;

  /* of a wrong escape it tells, and gives the value all the same */
  if (!value || error) {
    anpr_setting_faults_add (faults, settings->path, entry->line,
        ANPR_ERROR_CONFIG_VALUE, "the value of %s cannot be read", key);
    return;
  }
  g_strstrip (value);
  wrong = setting ? anpr_setting_check (setting, value) : NULL;
  if (wrong)
    anpr_setting_faults_add (faults, settings->path, entry->line,
        ANPR_ERROR_CONFIG_VALUE, "%s", wrong);
  else
    entry->value = g_steal_pointer (&value);
}

static void
take_values (AnprSettings *settings, GKeyFile *file, GPtrArray *faults)
{
  const AnprSchema *schema = settings->schema;

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];
    const Entry *entry = find_entry (settings, setting->group, setting->key);

    if (entry)
      take_value (settings, file, setting->group, setting->key, faults);
    if (!setting->fallback && (!entry || (entry->value && !*entry->value)))
      anpr_setting_faults_add (faults, settings->path, entry ? entry->line : 0,
          ANPR_ERROR_CONFIG_MISSING, "%s in [%s] is missing: %s", setting->key,
          setting->group, setting->what);
  }
  for (guint i = 0; i < settings->open_keys->len; i++)
    take_value (settings, file, schema->open_group,
        g_ptr_array_index (settings->open_keys, i), faults);
}

/**
 * anpr_settings_parse:
 * @schema: what may stand in it
 * @path: where the text is from, for faults
 * @text: (array length=length): any bytes
 * @length: bytes
 * @faults: (element-type AnprSettingFault): where all faults are added
 *
 * Returns: (transfer full): the settings; those with faults, or all if the text
 *     cannot be read at all, have their default
 */
AnprSettings *
anpr_settings_parse (const AnprSchema *schema, const gchar *path,
    const gchar *text, gsize length, GPtrArray *faults)
{
  AnprSettings *settings = g_new0 (AnprSettings, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autofree gchar *copy = NULL, *clean = NULL;

  settings->schema = schema;
  settings->path = g_strdup (path);
  settings->entries =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  settings->open_keys = g_ptr_array_new_with_free_func (g_free);
  if (length > ANPR_SETTINGS_MAX_SIZE) {
    anpr_setting_faults_add (faults, path, 0, ANPR_ERROR_CONFIG_LINE,
        "larger than %d bytes", ANPR_SETTINGS_MAX_SIZE);
    return settings;
  }
  if (!g_utf8_validate_len (text, length, NULL)) {
    anpr_setting_faults_add (
        faults, path, 0, ANPR_ERROR_CONFIG_LINE, "not text in UTF-8");
    return settings;
  }
  copy = g_strndup (text, length);
  clean = scan_text (settings, copy, faults);
  if (*clean
      && !g_key_file_load_from_data (
          file, clean, strlen (clean), G_KEY_FILE_NONE, &error))
    anpr_setting_faults_add (
        faults, path, 0, ANPR_ERROR_CONFIG_LINE, "%s", error->message);
  take_values (settings, file, faults);
  return settings;
}

/**
 * anpr_settings_load:
 * @schema: what may stand in it
 * @path: a file
 * @faults: (element-type AnprSettingFault): where all faults are added
 *
 * Returns: (transfer full): as anpr_settings_parse()
 */
AnprSettings *
anpr_settings_load (
    const AnprSchema *schema, const gchar *path, GPtrArray *faults)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GPtrArray) what_follows = anpr_setting_faults_new ();
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  if (!anpr_plain_file_read (
          path, ANPR_SETTINGS_MAX_SIZE, &text, &length, &error)) {
    anpr_setting_faults_add (
        faults, path, 0, ANPR_ERROR_CONFIG_OPEN, "%s", error->message);
    return anpr_settings_parse (schema, path, "", 0, what_follows);
  }
  return anpr_settings_parse (schema, path, text, length, faults);
}

/**
 * anpr_settings_free:
 * @settings: (nullable) (transfer full): settings
 */
void
anpr_settings_free (AnprSettings *settings)
{
  if (!settings)
    return;
  g_free (settings->path);
  g_hash_table_unref (settings->entries);
  g_ptr_array_unref (settings->open_keys);
  g_free (settings);
}

static gboolean
holds_all_of (const AnprSettings *settings, const AnprSettings *other)
{
  GHashTableIter iter;
  gpointer name, data;

  g_hash_table_iter_init (&iter, other->entries);
  while (g_hash_table_iter_next (&iter, &name, &data)) {
    const Entry *entry = g_hash_table_lookup (settings->entries, name);

    if (!entry || g_strcmp0 (entry->value, ((Entry *) data)->value) != 0)
      return FALSE;
  }
  return TRUE;
}

/**
 * anpr_settings_equal:
 * @a: settings
 * @b: settings of the same schema
 *
 * Returns: whether the same is set in both, whatever comments, order and
 *     places are
 */
gboolean
anpr_settings_equal (const AnprSettings *a, const AnprSettings *b)
{
  return holds_all_of (a, b) && holds_all_of (b, a);
}

const AnprSchema *
anpr_settings_get_schema (const AnprSettings *settings)
{
  return settings->schema;
}

const gchar *
anpr_settings_get_path (const AnprSettings *settings)
{
  return settings->path;
}

/**
 * anpr_settings_has:
 * @settings: settings
 * @group: a section
 * @key: a setting in it
 *
 * Returns: whether it has a value that is not empty, be it the default
 */
gboolean
anpr_settings_has (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  return *anpr_settings_get (settings, group, key) != '\0';
}

/**
 * anpr_settings_get:
 * @settings: settings
 * @group: a section
 * @key: a setting in it
 *
 * Returns: (transfer none): its value, or its default; "" for none
 */
const gchar *
anpr_settings_get (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  const Entry *entry = find_entry (settings, group, key);
  const AnprSetting *setting;

  if (entry && entry->value && *entry->value)
    return entry->value;
  setting = anpr_schema_find (settings->schema, group, key);
  return setting && setting->fallback ? setting->fallback : "";
}

/**
 * anpr_settings_get_line:
 * @settings: settings
 * @group: a section
 * @key: a setting in it
 *
 * Returns: the line it stands in, 0 if it is not there
 */
guint
anpr_settings_get_line (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  const Entry *entry = find_entry (settings, group, key);

  return entry ? entry->line : 0;
}

guint64
anpr_settings_get_number (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  return g_ascii_strtoull (anpr_settings_get (settings, group, key), NULL, 10);
}

gdouble
anpr_settings_get_real (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  return g_ascii_strtod (anpr_settings_get (settings, group, key), NULL);
}

gboolean
anpr_settings_get_boolean (
    const AnprSettings *settings, const gchar *group, const gchar *key)
{
  return g_str_equal (anpr_settings_get (settings, group, key), "true");
}

/**
 * anpr_settings_get_path_value:
 * @settings: settings
 * @group: a section
 * @key: a setting in it that takes a path
 * @folder: what a relative path starts from
 *
 * Returns: (transfer full) (nullable): the path, %NULL for none
 */
gchar *
anpr_settings_get_path_value (const AnprSettings *settings, const gchar *group,
    const gchar *key, const gchar *folder)
{
  const gchar *value = anpr_settings_get (settings, group, key);

  return *value ? g_canonicalize_filename (value, folder) : NULL;
}

/**
 * anpr_settings_get_open_keys:
 * @settings: settings
 *
 * Returns: (transfer full): names in the section of the file's own choice
 */
gchar **
anpr_settings_get_open_keys (const AnprSettings *settings)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < settings->open_keys->len; i++)
    g_strv_builder_add (builder, g_ptr_array_index (settings->open_keys, i));
  return g_strv_builder_end (builder);
}

/* Whether a line begins the section */
static gboolean
begins_group (const gchar *line, const gchar *group)
{
  gsize length = strlen (group);

  return line[0] == '[' && strncmp (line + 1, group, length) == 0
         && line[1 + length] == ']';
}

/* Where a setting stands as a comment, "#key=", it becomes one: so it is set
 * where it is explained */
static gchar *
without_comment_sign (const gchar *text, const gchar *group, const gchar *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree gchar *comment = g_strconcat ("#", key, "=", NULL);
  gboolean within = FALSE;

  for (guint i = 0; lines[i]; i++) {
    if (lines[i][0] == '[')
      within = begins_group (lines[i], group);
    if (within && g_str_has_prefix (lines[i], comment)) {
      memmove (lines[i], lines[i] + 1, strlen (lines[i]));
      break;
    }
  }
  return g_strjoinv ("\n", lines);
}

/**
 * anpr_settings_change:
 * @text: a file of settings
 * @group: a section
 * @key: a setting in it
 * @value: (nullable): its new value, %NULL takes it out
 * @error: why the text cannot be read
 *
 * Returns: (transfer full) (nullable): the text with that setting changed and
 *     everything else, comments included, as it was
 */
gchar *
anpr_settings_change (const gchar *text, const gchar *group, const gchar *key,
    const gchar *value, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const GKeyFileFlags flags =
      G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS;
  g_autofree gchar *opened = NULL;

  if (*text
      && !g_key_file_load_from_data (file, text, strlen (text), flags, error))
    return NULL;
  if (value && !g_key_file_has_key (file, group, key, NULL)) {
    opened = without_comment_sign (text, group, key);
    if (*opened
        && !g_key_file_load_from_data (
            file, opened, strlen (opened), flags, error))
      return NULL;
  }
  if (value)
    g_key_file_set_string (file, group, key, value);
  else
    g_key_file_remove_key (file, group, key, NULL);
  return g_key_file_to_data (file, NULL, NULL);
}
