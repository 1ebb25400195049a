/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Where an entry counts: at the positions that its area names.
 *
 *   kennedy-*            at any position whose name begins so
 *   gate-1/in gate-2     coming in at one, in any direction at another
 *   the name * with /out  anywhere, going out
 *
 * An entry with an area counts nowhere else: not where the position has no name,
 * and not while the direction that it asks for is not known. */

#include "listarea.h"

#include <string.h>

#define MAX_AREA 512

/* What may stand in a name beside letters and digits */
#define NAME_SIGNS "-_.*"

static AnprDirection
find_direction (const gchar *name)
{
  if (strcmp (name, "in") == 0)
    return ANPR_DIRECTION_IN;
  return strcmp (name, "out") == 0 ? ANPR_DIRECTION_OUT
                                   : ANPR_DIRECTION_UNKNOWN;
}

static gboolean
is_place (const gchar *text)
{
  const gchar *p = text;

  while (g_ascii_isalnum (*p) || (*p && strchr (NAME_SIGNS, *p)))
    p++;
  if (p == text)
    return FALSE;
  return *p == '\0'
         || (*p == '/' && find_direction (p + 1) != ANPR_DIRECTION_UNKNOWN);
}

/**
 * anpr_list_area_is_one: (skip)
 * @text: of the column, empty for everywhere
 *
 * Returns: whether it is an area
 */
gboolean
anpr_list_area_is_one (const gchar *text)
{
  g_auto (GStrv) places = NULL;
  gboolean any = FALSE;

  if (text[0] == '\0')
    return TRUE;
  if (strlen (text) > MAX_AREA)
    return FALSE;
  places = g_strsplit (text, " ", -1);
  for (guint i = 0; places[i]; i++) {
    if (places[i][0] && !is_place (places[i]))
      return FALSE;
    any = any || places[i][0];
  }
  return any;
}

/* @text is changed */
static gboolean
is_there (gchar *text, const AnprHitPlace *place)
{
  gchar *direction = strchr (text, '/');

  if (direction) {
    *direction++ = '\0';
    if (find_direction (direction) != place->direction)
      return FALSE;
  }
  if (strcmp (text, "*") == 0)
    return TRUE;
  return place->position && g_pattern_match_simple (text, place->position);
}

/**
 * anpr_list_area_holds: (skip)
 * @area: (nullable): of an entry
 * @place: where a vehicle passed
 *
 * Returns: whether the entry counts there
 */
gboolean
anpr_list_area_holds (const gchar *area, const AnprHitPlace *place)
{
  g_auto (GStrv) places = NULL;

  if (!area || area[0] == '\0')
    return TRUE;
  places = g_strsplit (area, " ", -1);
  for (guint i = 0; places[i]; i++)
    if (places[i][0] && is_there (places[i], place))
      return TRUE;
  return FALSE;
}
