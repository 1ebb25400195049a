/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The permission record of a position, and whether it holds now (R1).
 *
 * A permission names a place. The camera's own place, [position], must be that:
 * the same words, and within ANPR_PERMISSION_MAX_DISTANCE of its coordinates. So
 * whoever moves a camera and enters where it stands now stops it, until a
 * decision permits the new place.
 *
 * It holds from its first moment up to its last; a day counts from its beginning
 * to its end, local time.
 */

#include "permission.h"
#include "../plugins/record/clock.h"

#include <math.h>
#include <string.h>

#define GROUP "permission"
#define EARTH_RADIUS 6371000.0

static const gchar *const needed[] = { "decision", "place", "latitude",
  "longitude", "purposes", "camera-type", "valid-from", "valid-until",
  "impact-analysis", "controller" };

static const struct {
  AnprError code;
  const gchar *key;
} states[] = {
  [ANPR_PERMISSION_MISSING] = { ANPR_ERROR_PERMISSION_MISSING, NULL },
  [ANPR_PERMISSION_EARLY] = { ANPR_ERROR_PERMISSION_EARLY, "valid-from" },
  [ANPR_PERMISSION_EXPIRED] = { ANPR_ERROR_PERMISSION_EXPIRED, "valid-until" },
  [ANPR_PERMISSION_ELSEWHERE] = { ANPR_ERROR_PERMISSION_PLACE, "place" },
};

static const gchar *
get (const AnprSettings *settings, const gchar *key)
{
  return anpr_settings_get (settings, GROUP, key);
}

/* Words in small letters with single spaces */
static gchar *
plain_words (const gchar *text)
{
  g_autofree gchar *folded = g_utf8_casefold (text, -1);
  g_auto (GStrv) words = g_strsplit_set (folded, " \t", -1);
  GString *plain = g_string_new (NULL);

  for (guint i = 0; words[i]; i++) {
    if (*words[i])
      g_string_append_printf (plain, "%s%s", plain->len ? " " : "", words[i]);
  }
  return g_string_free (plain, FALSE);
}

static gdouble
radians (const AnprSettings *settings, const gchar *group, const gchar *key)
{
  return anpr_settings_get_real (settings, group, key) * G_PI / 180;
}

/* Metres between the two places; exact enough over a few kilometres */
static gdouble
distance (const AnprSettings *settings)
{
  gdouble latitude = radians (settings, GROUP, "latitude");
  gdouble north = radians (settings, "position", "latitude") - latitude;
  gdouble east = (radians (settings, "position", "longitude")
                     - radians (settings, GROUP, "longitude"))
                 * cos (latitude);

  return EARTH_RADIUS * hypot (north, east);
}

static gchar *
compare_places (const AnprSettings *settings)
{
  const gchar *stands = anpr_settings_get (settings, "position", "place");
  g_autofree gchar *permitted = plain_words (get (settings, "place"));
  g_autofree gchar *actual = plain_words (stands);
  gdouble metres = distance (settings);

  if (!g_str_equal (permitted, actual))
    return g_strdup_printf ("it is for \"%s\", the camera stands at \"%s\"",
        get (settings, "place"), stands);
  if (!(metres <= ANPR_PERMISSION_MAX_DISTANCE))
    return g_strdup_printf (
        "the camera stands %.0f m from the place it is for", metres);
  return NULL;
}

/**
 * anpr_permission_read:
 * @permission: (out caller-allocates): free with anpr_permission_clear()
 * @settings: of a position; must outlive @permission
 */
void
anpr_permission_read (AnprPermission *permission, const AnprSettings *settings)
{
  memset (permission, 0, sizeof *permission);
  permission->decision = get (settings, "decision");
  permission->place = get (settings, "place");
  permission->purposes = get (settings, "purposes");
  permission->camera_type = get (settings, "camera-type");
  permission->impact_analysis = get (settings, "impact-analysis");
  permission->controller = get (settings, "controller");
  for (guint i = 0; i < G_N_ELEMENTS (needed) && !permission->missing; i++) {
    if (!*get (settings, needed[i]))
      permission->missing = needed[i];
  }
  if (permission->missing)
    return;
  if (!anpr_moment_parse (
          get (settings, "valid-from"), FALSE, &permission->from_utc))
    permission->missing = "valid-from";
  if (!anpr_moment_parse (
          get (settings, "valid-until"), TRUE, &permission->until_utc))
    permission->missing = "valid-until";
  permission->elsewhere = compare_places (settings);
}

/**
 * anpr_permission_clear:
 * @permission: filled by anpr_permission_read(), or all zero
 */
void
anpr_permission_clear (AnprPermission *permission)
{
  g_clear_pointer (&permission->elsewhere, g_free);
}

/**
 * anpr_permission_judge:
 * @permission: a permission
 * @utc: now, microseconds since 1970
 *
 * Returns: whether it holds, or why not
 */
AnprPermissionState
anpr_permission_judge (const AnprPermission *permission, gint64 utc)
{
  if (permission->missing)
    return ANPR_PERMISSION_MISSING;
  if (permission->elsewhere)
    return ANPR_PERMISSION_ELSEWHERE;
  if (utc >= permission->until_utc)
    return ANPR_PERMISSION_EXPIRED;
  if (utc < permission->from_utc)
    return ANPR_PERMISSION_EARLY;
  return ANPR_PERMISSION_VALID;
}

/**
 * anpr_permission_get_code:
 * @state: any but %ANPR_PERMISSION_VALID
 *
 * Returns: the code to tell it with
 */
AnprError
anpr_permission_get_code (AnprPermissionState state)
{
  return states[state].code;
}

/**
 * anpr_permission_get_key:
 * @permission: a permission
 * @state: any but %ANPR_PERMISSION_VALID
 *
 * Returns: (transfer none): the setting in [permission] it is about
 */
const gchar *
anpr_permission_get_key (
    const AnprPermission *permission, AnprPermissionState state)
{
  return states[state].key ? states[state].key : permission->missing;
}

/**
 * anpr_permission_explain:
 * @permission: a permission
 * @state: what anpr_permission_judge() said, but %ANPR_PERMISSION_VALID
 *
 * Returns: (transfer full): why nothing may be processed
 */
gchar *
anpr_permission_explain (
    const AnprPermission *permission, AnprPermissionState state)
{
  g_autofree gchar *from = anpr_utc_to_string (permission->from_utc);
  g_autofree gchar *until = anpr_utc_to_string (permission->until_utc);

  switch (state) {
    case ANPR_PERMISSION_MISSING:
      return g_strdup_printf (
          "no valid permission: %s in [permission] is not given",
          permission->missing);
    case ANPR_PERMISSION_ELSEWHERE:
      return g_strdup_printf ("the permission %s is for another place: %s",
          permission->decision, permission->elsewhere);
    case ANPR_PERMISSION_EARLY:
      return g_strdup_printf ("the permission %s begins at %s",
          permission->decision, from ? from : "an unknown time");
    case ANPR_PERMISSION_EXPIRED:
      return g_strdup_printf ("the permission %s ended at %s",
          permission->decision, until ? until : "an unknown time");
    default:
      return g_strdup ("the permission holds");
  }
}
