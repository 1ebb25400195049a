/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Decisions about hits, as the page records them, for tests of what brings them to
 * the centre:
 *
 *   decisionfeed FILE
 *
 * Each line of standard input is a decision: hit, passage, position, user, when in
 * microseconds since 1970, confirmed, rejected or undecided, and its reason or
 * nothing, between tabs. Prints its id when it is recorded. One about a hit that is
 * decided already stands in for that.
 */

#include "appliance/web/decisions.h"

#include <stdio.h>
#include <string.h>

static gboolean
record (AnprDecisions *decisions, gchar **fields, GError **error)
{
  g_autoptr (AnprDecision) decision = g_new0 (AnprDecision, 1);
  g_autoptr (AnprDecision) last =
      anpr_decisions_find (decisions, fields[0], NULL);

  decision->hit = g_strdup (fields[0]);
  decision->passage = g_strdup (fields[1]);
  decision->position = g_strdup (fields[2]);
  decision->user = g_strdup (fields[3]);
  decision->utc = g_ascii_strtoll (fields[4], NULL, 10);
  decision->list = g_strdup ("stolen");
  decision->version = g_strdup ("1");
  decision->seconds = 4.25;
  if (!anpr_verdict_from_string (fields[5], &decision->verdict))
    return FALSE;
  decision->reason = *fields[6] ? g_strdup (fields[6]) : NULL;
  if (!anpr_decisions_add (decisions, decision, last ? last->id : NULL, error))
    return FALSE;
  printf ("%s\n", decision->id);
  fflush (stdout);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprDecisions) decisions =
      argc == 2 ? anpr_decisions_open (argv[1], &error) : NULL;
  gchar line[4096];
  gboolean good = decisions != NULL;

  while (good && fgets (line, sizeof line, stdin)) {
    g_auto (GStrv) fields = g_strsplit (g_strchomp (line), "\t", -1);

    /* an empty reason is chomped off with its tab */
    good = g_strv_length (fields) >= 6;
    if (good && !fields[6]) {
      fields = g_renew (gchar *, fields, 8);
      fields[6] = g_strdup ("");
      fields[7] = NULL;
    }
    good = good && record (decisions, fields, &error);
  }
  if (!good)
    fprintf (stderr, "%s\n", error ? error->message : "wrong arguments");
  return good ? 0 : 1;
}
