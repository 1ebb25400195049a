/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lists grow old: what is to be told of it, once for each version of a list and
 * each of the two ages. */

#include "listfreshness.h"
#include "../record/error.h"

typedef enum {
  LEVEL_FRESH,
  LEVEL_AGED,
  LEVEL_STALE,
} Level;

struct _AnprListFreshness {
  GHashTable *told; /* id and version of a list -> Level */
};

/**
 * anpr_list_freshness_new: (skip)
 *
 * Returns: (transfer full): for one thread; nothing was told yet
 */
AnprListFreshness *
anpr_list_freshness_new (void)
{
  AnprListFreshness *freshness = g_new0 (AnprListFreshness, 1);

  freshness->told =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return freshness;
}

void
anpr_list_freshness_free (AnprListFreshness *freshness)
{
  g_hash_table_unref (freshness->told);
  g_free (freshness);
}

static Level
get_level (gint64 age, const AnprListAges *ages)
{
  if (age >= ages->stale)
    return LEVEL_STALE;
  return age >= ages->warning ? LEVEL_AGED : LEVEL_FRESH;
}

static GError *
make_error (const AnprHitListHeader *header, gint64 age, Level level)
{
  AnprError code =
      level == LEVEL_STALE ? ANPR_ERROR_LIST_STALE : ANPR_ERROR_LIST_AGED;

  return g_error_new (ANPR_ERROR, code,
      "%s: list \"%s\", version %s, was issued %" G_GINT64_FORMAT " hours ago",
      header->file, header->id, header->version, age / G_TIME_SPAN_HOUR);
}

/**
 * anpr_list_freshness_check: (skip)
 * @freshness: what was told
 * @lists: the lists in force; what was told of others is forgotten
 * @utc: now, microseconds since 1970
 * @ages: the bounds
 *
 * Returns: (transfer full) (element-type GError): what is to be told now: of
 *     each list that became %ANPR_ERROR_LIST_AGED or %ANPR_ERROR_LIST_STALE
 */
GPtrArray *
anpr_list_freshness_check (AnprListFreshness *freshness,
    const AnprHitLists *lists, gint64 utc, const AnprListAges *ages)
{
  GPtrArray *errors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  GHashTable *told =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < anpr_hit_lists_get_n_lists (lists); i++) {
    const AnprHitList *list = anpr_hit_lists_get_list (lists, i);
    const AnprHitListHeader *header = anpr_hit_list_get_header (list);
    g_autofree gchar *name =
        g_strdup_printf ("%s %s", header->id, header->version);
    Level before =
        GPOINTER_TO_UINT (g_hash_table_lookup (freshness->told, name));
    gint64 age = utc - header->issued;
    Level level = anpr_hit_list_is_active (list, utc) ? get_level (age, ages)
                                                      : LEVEL_FRESH;

    if (level > before)
      g_ptr_array_add (errors, make_error (header, age, level));
    g_hash_table_insert (
        told, g_steal_pointer (&name), GUINT_TO_POINTER (MAX (level, before)));
  }
  g_hash_table_unref (freshness->told);
  freshness->told = told;
  return errors;
}
