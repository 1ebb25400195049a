/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Facts of a series as people type them: POSITION[,POSITION…]@FROM/TO, such as
 * "kennedylaan,tunnel@2026-03-03 01:30/2026-03-03 02:15". TO may be a time of the
 * same day alone: "@2026-03-03 01:30/02:15". A position's name may have an @ in
 * it, but no comma. */

#include "searchfacts.h"
#include "localtime.h"
#include "../plugins/record/error.h"

#include <string.h>

static JsonObject *
refuse (const gchar *text, const gchar *reason, GError **error)
{
  g_set_error (
      error, ANPR_ERROR, ANPR_ERROR_PROPERTY, "fact \"%s\": %s", text, reason);
  return NULL;
}

/* "02:15" behind the day of @from, anything else as it is */
static gchar *
complete_time (const gchar *to, const gchar *from)
{
  if (strlen (to) < 5 || to[2] != ':' || strlen (from) < 10)
    return g_strdup (to);
  return g_strdup_printf ("%.10s %s", from, to);
}

static gboolean
set_time (JsonObject *fact, const gchar *name, const gchar *text,
    GTimeZone *zone, GError **error)
{
  g_autoptr (GDateTime) time = anpr_local_time_parse (text, zone, error);
  g_autofree gchar *utc = time ? anpr_local_time_to_utc (time) : NULL;

  if (utc)
    json_object_set_string_member (fact, name, utc);
  return utc != NULL;
}

static JsonArray *
take_positions (const gchar *text)
{
  g_auto (GStrv) names = g_strsplit (text, ",", -1);
  JsonArray *positions = json_array_new ();

  for (gchar **name = names; *name; name++) {
    g_autofree gchar *valid = g_utf8_make_valid (g_strstrip (*name), -1);

    json_array_add_string_element (positions, valid);
  }
  return positions;
}

static JsonObject *
parse_one (const gchar *text, GTimeZone *zone, GError **error)
{
  const gchar *at = strrchr (text, '@');
  const gchar *slash = at ? strchr (at, '/') : NULL;
  g_autoptr (JsonObject) fact = json_object_new ();
  g_autofree gchar *names = NULL, *from = NULL, *to = NULL;

  if (!at || at == text || !slash)
    return refuse (text, "has not the form POSITION@FROM/TO", error);
  names = g_strndup (text, (gsize) (at - text));
  from = g_strstrip (g_strndup (at + 1, (gsize) (slash - at - 1)));
  to = complete_time (slash + 1, from);
  json_object_set_array_member (fact, "positions", take_positions (names));
  if (!set_time (fact, "from", from, zone, error)
      || !set_time (fact, "to", to, zone, error))
    return NULL;
  return g_steal_pointer (&fact);
}

/**
 * anpr_search_facts_parse:
 * @texts: (nullable): facts as typed
 * @zone: of local times
 * @error: %ANPR_ERROR_PROPERTY, with what is wrong
 *
 * Returns: (transfer full) (nullable): the facts as the database takes them
 */
JsonArray *
anpr_search_facts_parse (gchar **texts, GTimeZone *zone, GError **error)
{
  g_autoptr (JsonArray) facts = json_array_new ();

  for (; texts && *texts; texts++) {
    JsonObject *fact = parse_one (*texts, zone, error);

    if (!fact)
      return NULL;
    json_array_add_object_element (facts, fact);
  }
  return g_steal_pointer (&facts);
}
