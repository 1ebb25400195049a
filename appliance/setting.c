/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Settings: what a configuration may hold, as tables.
 *
 * A schema says of each setting where it stands, what it takes and what it is.
 * Checking, help and documentation read it, so that these cannot tell different
 * things. Everything here is a function of its arguments; no file is touched.
 */

#include "setting.h"
#include "../plugins/hitmatch/redisaddress.h"
#include "../plugins/platedetect/polygon.h"
#include "../plugins/platetrack/platepath.h"

#include <string.h>

/* Names longer than this are not compared, characters */
#define MAX_COMPARED 64

/* Gives what is wrong with a value, NULL if nothing is */
typedef gchar *(*CheckFunc) (const AnprSetting *setting, const gchar *value);

/* What a person who approves a text would not see, or see in another order */
static gboolean
hides (gunichar sign)
{
  GUnicodeType type = g_unichar_type (sign);

  return g_unichar_iscntrl (sign) || type == G_UNICODE_FORMAT
         || type == G_UNICODE_LINE_SEPARATOR
         || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

static gchar *
check_text (const AnprSetting *setting, const gchar *value)
{
  if (setting->most > 0 && g_utf8_strlen (value, -1) > setting->most)
    return g_strdup_printf ("is longer than %.0f characters", setting->most);
  for (const gchar *at = value; *at; at = g_utf8_next_char (at)) {
    if (hides (g_utf8_get_char (at)))
      return g_strdup ("has control characters, or such as do not show");
  }
  return NULL;
}

static gchar *
check_name (const AnprSetting *setting, const gchar *value)
{
  gboolean right = strlen (value) <= MAX_COMPARED
                   && g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9._-]*$",
                       value, G_REGEX_DOLLAR_ENDONLY, 0);

  return right ? NULL : g_strdup ("is no name");
}

static gchar *
check_boolean (const AnprSetting *setting, const gchar *value)
{
  return g_str_equal (value, "true") || g_str_equal (value, "false")
             ? NULL
             : g_strdup ("is neither true nor false");
}

static gchar *
check_range (const AnprSetting *setting, gdouble number)
{
  if (number >= setting->least && number <= setting->most)
    return NULL;
  return g_strdup_printf (
      "is not within %.10g and %.10g", setting->least, setting->most);
}

static gchar *
check_number (const AnprSetting *setting, const gchar *value)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &number, NULL))
    return g_strdup ("is no whole number");
  return check_range (setting, number);
}

static gchar *
check_real (const AnprSetting *setting, const gchar *value)
{
  gchar *end;
  gdouble number = g_ascii_strtod (value, &end);

  if (end == value || *end || value[strspn (value, "+-.0123456789eE")])
    return g_strdup ("is no number");
  return check_range (setting, number);
}

static gboolean
is_choice (const AnprSetting *setting, const gchar *value)
{
  g_auto (GStrv) choices = g_strsplit (setting->choices, "|", -1);

  return g_strv_contains ((const gchar *const *) choices, value);
}

static gchar *
check_choice (const AnprSetting *setting, const gchar *value)
{
  return is_choice (setting, value) ? NULL : g_strdup ("is none of these");
}

static gchar *
check_choices (const AnprSetting *setting, const gchar *value)
{
  g_auto (GStrv) words = g_strsplit (value, " ", -1);

  for (guint i = 0; words[i]; i++) {
    if (*words[i] && !is_choice (setting, words[i]))
      return g_strdup_printf ("has \"%s\", which is none of these", words[i]);
  }
  return NULL;
}

static gchar *
check_path (const AnprSetting *setting, const gchar *value)
{
  return strpbrk (value, "\"\\\n")
             ? g_strdup ("has quotation marks, backslashes or line ends")
             : NULL;
}

static gchar *
check_uri (const AnprSetting *setting, const gchar *value)
{
  g_autoptr (GUri) uri = g_uri_parse (
      value, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_PARSE_RELAXED, NULL);

  if (strpbrk (value, " \"\\") || !strstr (value, "://") || !uri)
    return g_strdup ("is no address");
  if (g_uri_get_userinfo (uri))
    return g_strdup ("has a user or password in it, which belong in the file "
                     "that credentials= names");
  return NULL;
}

static gchar *
check_redis (const AnprSetting *setting, const gchar *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprRedisAddress) address =
      anpr_redis_address_parse (value, &error);

  return address ? NULL : g_strdup_printf ("is wrong: %s", error->message);
}

static gchar *
check_polygons (const AnprSetting *setting, const gchar *value)
{
  g_autofree AnprPolygons *polygons = g_new0 (AnprPolygons, 1);
  g_autoptr (GError) error = NULL;

  return anpr_polygons_parse (value, polygons, &error)
             ? NULL
             : g_strdup_printf ("is wrong: %s", error->message);
}

static gchar *
check_line (const AnprSetting *setting, const gchar *value)
{
  AnprDirectionLine line;

  return anpr_direction_line_parse (value, &line) ? NULL
                                                  : g_strdup ("is no line");
}

static gchar *
check_moment (const AnprSetting *setting, const gchar *value)
{
  gint64 utc;

  return anpr_moment_parse (value, FALSE, &utc) ? NULL
                                                : g_strdup ("is no date");
}

static const struct {
  const gchar *form;
  CheckFunc check;
} types[ANPR_N_SETTING_TYPES] = {
  [ANPR_SETTING_TEXT] = { "words", check_text },
  [ANPR_SETTING_NAME] = { "letters, digits and . _ -", check_name },
  [ANPR_SETTING_BOOLEAN] = { "true or false", check_boolean },
  [ANPR_SETTING_NUMBER] = { "a whole number", check_number },
  [ANPR_SETTING_REAL] = { "a number", check_real },
  [ANPR_SETTING_CHOICE] = { "one of", check_choice },
  [ANPR_SETTING_CHOICES] = { "one or more of", check_choices },
  [ANPR_SETTING_PATH] = { "a file or folder", check_path },
  [ANPR_SETTING_URI] = { "an address without user and password", check_uri },
  [ANPR_SETTING_REDIS] = { "address of a Redis server", check_redis },
  [ANPR_SETTING_POLYGONS] = { "polygons \"x,y x,y x,y; ...\" in parts of the "
                              "picture, 0 to 1",
      check_polygons },
  [ANPR_SETTING_LINE] = { "a line \"x1,y1 x2,y2\" in parts of the picture, 0 "
                          "to 1",
      check_line },
  [ANPR_SETTING_MOMENT] = { "a day such as 2026-07-01, or a moment such as "
                            "2026-07-01T12:00:00Z",
      check_moment },
};

/**
 * anpr_setting_get_form:
 * @setting: a row of a schema
 *
 * Returns: (transfer full): what it takes, in words
 */
gchar *
anpr_setting_get_form (const AnprSetting *setting)
{
  const gchar *form = types[setting->type].form;
  g_auto (GStrv) choices = NULL;
  g_autofree gchar *names = NULL;

  switch (setting->type) {
    case ANPR_SETTING_NUMBER:
    case ANPR_SETTING_REAL:
      return g_strdup_printf (
          "%s from %.10g to %.10g", form, setting->least, setting->most);
    case ANPR_SETTING_CHOICE:
    case ANPR_SETTING_CHOICES:
      choices = g_strsplit (setting->choices, "|", -1);
      names = g_strjoinv (", ", choices);
      return g_strdup_printf ("%s %s", form, names);
    default:
      return g_strdup (form);
  }
}

/**
 * anpr_setting_check:
 * @setting: a row of a schema
 * @value: valid UTF-8; "" is no value and always right
 *
 * Returns: (transfer full) (nullable): what is wrong with it and what it should
 *     be, %NULL if it is right
 */
gchar *
anpr_setting_check (const AnprSetting *setting, const gchar *value)
{
  g_autofree gchar *wrong = NULL, *form = NULL;

  if (!*value)
    return NULL;
  if (strlen (value) > ANPR_SETTING_MAX_VALUE)
    return g_strdup_printf (
        "%s is longer than %d bytes", setting->key, ANPR_SETTING_MAX_VALUE);
  wrong = types[setting->type].check (setting, value);
  if (!wrong)
    return NULL;
  form = anpr_setting_get_form (setting);
  /* an address may hold a password, which no message should repeat */
  if (setting->type == ANPR_SETTING_URI || setting->type == ANPR_SETTING_REDIS)
    return g_strdup_printf (
        "the value of %s %s; it takes %s", setting->key, wrong, form);
  return g_strdup_printf (
      "%s=%s %s; it takes %s", setting->key, value, wrong, form);
}

/**
 * anpr_moment_parse:
 * @text: a day or a moment as ISO 8601 writes it; without a zone it is local
 * @end_of_day: of a day its end is meant, not its beginning
 * @utc: (out): microseconds since 1970
 *
 * Returns: whether it is one
 */
gboolean
anpr_moment_parse (const gchar *text, gboolean end_of_day, gint64 *utc)
{
  gboolean day = g_regex_match_simple (
      "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text, G_REGEX_DOLLAR_ENDONLY, 0);
  g_autofree gchar *whole =
      day ? g_strconcat (text, "T00:00:00", NULL) : g_strdup (text);
  g_autoptr (GTimeZone) local = g_time_zone_new_local ();
  g_autoptr (GDateTime) moment = g_date_time_new_from_iso8601 (whole, local);
  g_autoptr (GDateTime) next =
      moment && day && end_of_day ? g_date_time_add_days (moment, 1) : NULL;

  if (!moment || (day && end_of_day && !next))
    return FALSE;
  if (!next)
    next = g_date_time_ref (moment);
  *utc = g_date_time_to_unix (next) * G_USEC_PER_SEC
         + g_date_time_get_microsecond (next);
  return TRUE;
}

/**
 * anpr_edit_distance:
 * @a: a name
 * @b: another
 *
 * Returns: bytes to insert, delete, change or swap with the next one to make one
 *     of the other; G_MAXUINT for names longer than 64 bytes
 */
guint
anpr_edit_distance (const gchar *a, const gchar *b)
{
  guint rows[3][MAX_COMPARED + 1];
  guint n_a = strlen (a), n_b = strlen (b);
  guint *before = rows[0], *last = rows[1], *now = rows[2];

  if (n_a > MAX_COMPARED || n_b > MAX_COMPARED)
    return G_MAXUINT;
  for (guint j = 0; j <= n_b; j++)
    last[j] = j;
  for (guint i = 1; i <= n_a; i++) {
    guint *free_row = before;

    now[0] = i;
    for (guint j = 1; j <= n_b; j++) {
      guint changed = last[j - 1] + (a[i - 1] != b[j - 1]);

      now[j] = MIN (changed, MIN (last[j], now[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = MIN (now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
    now = free_row;
  }
  return last[n_b];
}

/* Whether a name is so near that it was probably meant, nearer than the best */
static gboolean
take_nearer (const gchar *name, const gchar *candidate, guint *best)
{
  guint distance = anpr_edit_distance (name, candidate);
  guint most = MAX (1, MIN (strlen (name), strlen (candidate)) / 3);

  if (distance > most || distance >= *best)
    return FALSE;
  *best = distance;
  return TRUE;
}

/**
 * anpr_schema_find:
 * @schema: a schema
 * @group: a section
 * @key: a name there
 *
 * Returns: (transfer none) (nullable): its row
 */
const AnprSetting *
anpr_schema_find (
    const AnprSchema *schema, const gchar *group, const gchar *key)
{
  for (guint i = 0; i < schema->n_settings; i++) {
    if (g_str_equal (schema->settings[i].group, group)
        && g_str_equal (schema->settings[i].key, key))
      return &schema->settings[i];
  }
  return NULL;
}

/**
 * anpr_schema_has_group:
 * @schema: a schema
 * @group: the name of a section
 *
 * Returns: whether there is that section
 */
gboolean
anpr_schema_has_group (const AnprSchema *schema, const gchar *group)
{
  if (g_strcmp0 (schema->open_group, group) == 0)
    return TRUE;
  for (guint i = 0; i < schema->n_settings; i++) {
    if (g_str_equal (schema->settings[i].group, group))
      return TRUE;
  }
  return FALSE;
}

/**
 * anpr_schema_suggest_group:
 * @schema: a schema
 * @group: a section it does not have
 *
 * Returns: (transfer full) (nullable): the section that was probably meant
 */
gchar *
anpr_schema_suggest_group (const AnprSchema *schema, const gchar *group)
{
  guint best = G_MAXUINT;
  const gchar *found = NULL;

  for (guint i = 0; i < schema->n_settings; i++) {
    if (take_nearer (group, schema->settings[i].group, &best))
      found = schema->settings[i].group;
  }
  if (schema->open_group && take_nearer (group, schema->open_group, &best))
    found = schema->open_group;
  return found ? g_strdup_printf ("[%s]", found) : NULL;
}

/**
 * anpr_schema_suggest_key:
 * @schema: a schema
 * @group: one of its sections
 * @key: a name it does not have
 *
 * Returns: (transfer full) (nullable): the setting that was probably meant, with
 *     its section if that is another one
 */
gchar *
anpr_schema_suggest_key (
    const AnprSchema *schema, const gchar *group, const gchar *key)
{
  guint best = G_MAXUINT;
  const AnprSetting *found = NULL;

  for (guint i = 0; i < schema->n_settings; i++) {
    if (g_str_equal (schema->settings[i].group, group)
        && take_nearer (key, schema->settings[i].key, &best))
      found = &schema->settings[i];
  }
  if (found)
    return g_strdup (found->key);
  for (guint i = 0; i < schema->n_settings && !found; i++) {
    if (g_str_equal (schema->settings[i].key, key))
      found = &schema->settings[i];
  }
  return found ? g_strdup_printf ("%s in [%s]", found->key, found->group)
               : NULL;
}

/**
 * anpr_setting_get_default:
 * @setting: a setting
 *
 * Returns: (transfer none): what counts if no value is given, for people; "" if
 *     nothing does
 */
const gchar *
anpr_setting_get_default (const AnprSetting *setting)
{
  if (setting->fallback && *setting->fallback)
    return setting->fallback;
  return setting->usual ? setting->usual : "";
}

static void
append_description (GString *text, const AnprSetting *setting)
{
  g_autofree gchar *form = anpr_setting_get_form (setting);

  g_string_append_printf (text, "| `%s` | %s | ", setting->key, form);
  if (!setting->fallback)
    g_string_append (text, "must be given");
  else if (*anpr_setting_get_default (setting))
    g_string_append_printf (text, "`%s`", anpr_setting_get_default (setting));
  g_string_append_printf (text, " | %s |\n", setting->what);
}

/**
 * anpr_schema_describe:
 * @schema: a schema
 *
 * Returns: (transfer full): its settings as tables in Markdown
 */
gchar *
anpr_schema_describe (const AnprSchema *schema)
{
  GString *text = g_string_new (NULL);
  const gchar *group = "";

  for (guint i = 0; i < schema->n_settings; i++) {
    const AnprSetting *setting = &schema->settings[i];

    if (!g_str_equal (group, setting->group))
      g_string_append_printf (text,
          "%s### `[%s]`\n\n| setting | takes | default | what it is |\n"
          "| --- | --- | --- | --- |\n",
          i ? "\n" : "", setting->group);
    group = setting->group;
    append_description (text, setting);
  }
  return g_string_free (text, FALSE);
}
