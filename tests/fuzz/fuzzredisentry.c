/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What Redis holds for a plate, of any bytes. It is taken or refused with a
 * reason; what is taken keeps the bounds of a list, and written again it is
 * taken again, as the same entries. */

#include "fuzz.h"
#include "plugins/hitmatch/redisentry.h"

#include <string.h>

static const gchar *const header[ANPR_N_REDIS_HEADERS] = { "Zone", "stolen",
  "J1", "exact,look-alike,pattern", "2", "50", "7", "2020-01-01T00:00:00Z",
  "2999-01-01T00:00:00Z", NULL };

static AnprHitList *
parse (const gchar *text, gsize length)
{
  g_autofree gchar *fault = NULL;
  g_autoptr (AnprRedisList) list =
      anpr_redis_list_new ("local", header, NULL, &fault);
  AnprHitList *made;

  g_assert_nonnull (list);
  if (!anpr_redis_list_add (list, text, length, &fault)) {
    g_assert (fault && g_utf8_validate (fault, -1, NULL));
    return NULL;
  }
  g_assert_null (fault);
  made = anpr_redis_list_finish (list, &fault);
  g_assert ((made == NULL) == (fault != NULL));
  return made;
}

static void
check_entry (const AnprHitList *list, guint i)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (AnprHitList) again = NULL;
  AnprHitEntry before, after;

  anpr_redis_entry_append (text, list, i);
  g_string_append_c (text, ']');
  again = parse (text->str, text->len);
  g_assert (again && anpr_hit_list_get_n_entries (again) == 1);
  anpr_hit_list_get_entry (list, i, &before);
  anpr_hit_list_get_entry (again, 0, &after);
  g_assert (before.valid_until == after.valid_until
            && before.valid_from == after.valid_from
            && before.priority == after.priority
            && before.purpose == after.purpose && before.covert == after.covert
            && before.match == after.match
            && before.hours.days == after.hours.days
            && before.hours.from == after.hours.from
            && before.hours.until == after.hours.until);
  g_assert_cmpstr (before.country, ==, after.country);
  for (guint which = 0; which < ANPR_N_HIT_TEXTS; which++)
    g_assert_cmpstr (anpr_hit_list_get_text (list, i, which), ==,
        anpr_hit_list_get_text (again, 0, which));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (AnprHitList) list = parse ((const gchar *) data, size);

  for (guint i = 0; list && i < anpr_hit_list_get_n_entries (list); i++)
    check_entry (list, i);
  return 0;
}
