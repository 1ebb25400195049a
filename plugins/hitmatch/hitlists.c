/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The lists of a position: one file, or every list of a folder.
 *
 * A folder holds lists as they are written, *.csv, which nobody has signed; or
 * accepted ones, whose indexes anprctl lists load made when it had verified
 * them. Never both: beside accepted lists a *.csv is refused, so that nobody
 * gets a list into force by laying it there.
 *
 * A set is made whole and never changed, so a running comparison sees either
 * the set before or the set after: threads swap one pointer.
 *
 * Loading goes file by file in the order of their names. A broken file leaves
 * the others alone, and the list it held in the set before stays in force until
 * its own end of validity. If not one list is good, the whole set before stays:
 * a folder that cannot be read for a moment must not silence a position. A file
 * that is gone takes its list with it.
 */

#include "hitlists.h"
#include "hitlistparser.h"
#include "../record/error.h"
#include "../record/folder.h"

#include <errno.h>
#include <string.h>

/* A list and the file it came from, which tells it from the others on reload */
typedef struct {
  gchar *file;
  AnprHitList *list;
} Source;

struct _AnprHitLists {
  GPtrArray *sources;
  guint64 n_entries;
  guint n_refused;
};

typedef struct {
  AnprHitLists *lists;
  AnprHitLists *before;
  gint64 now;
  GCancellable *cancellable;
  GPtrArray *errors;
} Loading;

static void
source_free (Source *source)
{
  g_free (source->file);
  anpr_hit_list_unref (source->list);
  g_free (source);
}

/**
 * anpr_hit_lists_new_empty: (skip)
 *
 * Returns: (transfer full): a set without a list
 */
AnprHitLists *
anpr_hit_lists_new_empty (void)
{
  AnprHitLists *lists = g_atomic_rc_box_new0 (AnprHitLists);

  lists->sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify) source_free);
  return lists;
}

/**
 * anpr_hit_lists_ref: (skip)
 * @lists: a set of lists
 *
 * Returns: (transfer full): @lists
 */
AnprHitLists *
anpr_hit_lists_ref (AnprHitLists *lists)
{
  return g_atomic_rc_box_acquire (lists);
}

static void
lists_clear (AnprHitLists *lists)
{
  g_ptr_array_unref (lists->sources);
}

/**
 * anpr_hit_lists_unref: (skip)
 * @lists: (transfer full): a set of lists
 */
void
anpr_hit_lists_unref (AnprHitLists *lists)
{
  g_atomic_rc_box_release_full (lists, (GDestroyNotify) lists_clear);
}

/**
 * anpr_hit_lists_new_from: (skip)
 * @lists: (element-type AnprHitList): sealed lists, of different ids
 *
 * Returns: (transfer full): a set of them, in their order
 */
AnprHitLists *
anpr_hit_lists_new_from (GPtrArray *lists)
{
  AnprHitLists *set = anpr_hit_lists_new_empty ();

  for (guint i = 0; i < lists->len; i++) {
    Source *source = g_new0 (Source, 1);

    source->list = anpr_hit_list_ref (g_ptr_array_index (lists, i));
    g_ptr_array_add (set->sources, source);
    set->n_entries += anpr_hit_list_get_n_entries (source->list);
  }
  return set;
}

static const Source *
get_source (const AnprHitLists *lists, guint i)
{
  return g_ptr_array_index (lists->sources, i);
}

static const Source *
find_by_file (const AnprHitLists *lists, const gchar *file)
{
  for (guint i = 0; i < lists->sources->len; i++)
    if (strcmp (get_source (lists, i)->file, file) == 0)
      return get_source (lists, i);
  return NULL;
}

static const Source *
find_by_id (const AnprHitLists *lists, const gchar *id)
{
  for (guint i = 0; i < lists->sources->len; i++) {
    const Source *source = get_source (lists, i);

    if (strcmp (anpr_hit_list_get_header (source->list)->id, id) == 0)
      return source;
  }
  return NULL;
}

static void
add_error (Loading *loading, GError *error)
{
  g_ptr_array_add (loading->errors, error);
  loading->lists->n_refused++;
}

static gboolean
check_room (Loading *loading, const AnprHitList *list, GError **error)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  const Source *same = find_by_id (loading->lists, header->id);

  if (same)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_HEADER,
        "%s: list \"%s\" is also in %s", header->file, header->id,
        anpr_hit_list_get_header (same->list)->file);
  else if (loading->lists->n_entries + anpr_hit_list_get_n_entries (list)
           > ANPR_HIT_LISTS_MAX_ENTRIES)
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_BOUND,
        "%s: all lists together have more than %d entries", header->file,
        ANPR_HIT_LISTS_MAX_ENTRIES);
  else
    return TRUE;
  return FALSE;
}

static gboolean
add_list (
    Loading *loading, const gchar *file, AnprHitList *list, GError **error)
{
  Source *source;

  if (!check_room (loading, list, error))
    return FALSE;
  source = g_new0 (Source, 1);
  source->file = g_strdup (file);
  source->list = anpr_hit_list_ref (list);
  g_ptr_array_add (loading->lists->sources, source);
  loading->lists->n_entries += anpr_hit_list_get_n_entries (list);
  return TRUE;
}

static void
keep_list_before (Loading *loading, const gchar *file)
{
  const Source *source =
      loading->before ? find_by_file (loading->before, file) : NULL;

  if (!source
      || anpr_hit_list_get_header (source->list)->valid_until <= loading->now)
    return;
  /* no room for it is told by the error that is on its way */
  (void) add_list (loading, file, source->list, NULL);
}

static void
load_file (Loading *loading, const gchar *file)
{
  g_autoptr (AnprHitList) list = NULL;
  GError *error = NULL;

  list = anpr_hit_list_load (file, loading->now, loading->cancellable, &error);
  if (list && add_list (loading, file, list, &error))
    return;
  add_error (loading, error);
  keep_list_before (loading, file);
}

static gboolean
is_index (const gchar *name)
{
  return g_str_has_suffix (name, ANPR_HIT_LIST_INDEX_SUFFIX);
}

/**
 * anpr_hit_lists_is_list_file: (skip)
 * @name: of a file in a folder of lists
 *
 * Returns: whether it is read as a list
 */
gboolean
anpr_hit_lists_is_list_file (const gchar *name)
{
  return name[0] != '.' && (is_index (name) || g_str_has_suffix (name, ".csv"));
}

static GPtrArray *
find_files (GDir *dir, const gchar *folder, gboolean *has_accepted)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  *has_accepted = FALSE;
  while ((name = g_dir_read_name (dir))) {
    if (!anpr_hit_lists_is_list_file (name))
      continue;
    g_ptr_array_add (files, g_build_filename (folder, name, NULL));
    *has_accepted |= is_index (name);
  }
  g_ptr_array_sort (files, anpr_folder_compare_names);
  return files;
}

static void
load_one_of (Loading *loading, const gchar *file, gboolean has_accepted)
{
  g_autofree gchar *display = NULL;

  if (g_cancellable_is_cancelled (loading->cancellable))
    return;
  if (!has_accepted || is_index (file)) {
    load_file (loading, file);
    return;
  }
  display = g_filename_display_name (file);
  add_error (loading,
      g_error_new (ANPR_ERROR, ANPR_ERROR_LIST_SIGNATURE,
          "%s: the list is not signed and the folder holds accepted lists",
          display));
}

static void
load_folder (Loading *loading, const gchar *folder)
{
  g_autofree gchar *display = g_filename_display_name (folder);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (GError) reason = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &reason);
  gboolean has_accepted;

  if (!dir) {
    add_error (loading,
        g_error_new (ANPR_ERROR, ANPR_ERROR_LIST_OPEN, "%s", reason->message));
    return;
  }
  files = find_files (dir, folder, &has_accepted);
  for (guint i = 0; i < MIN (files->len, ANPR_HIT_LISTS_MAX); i++)
    load_one_of (loading, g_ptr_array_index (files, i), has_accepted);
  if (files->len == 0)
    add_error (loading, g_error_new (ANPR_ERROR, ANPR_ERROR_LIST_OPEN,
                            "%s: the folder has no list", display));
  if (files->len > ANPR_HIT_LISTS_MAX)
    add_error (loading, g_error_new (ANPR_ERROR, ANPR_ERROR_LIST_BOUND,
                            "%s: %u lists, the last %u are left out", display,
                            files->len, files->len - ANPR_HIT_LISTS_MAX));
}

static void
keep_all_before (Loading *loading)
{
  for (guint i = 0; i < loading->before->sources->len; i++)
    keep_list_before (loading, get_source (loading->before, i)->file);
}

/**
 * anpr_hit_lists_load: (skip)
 * @path: (nullable): a list file or a folder of them, %NULL or "" for no list
 * @before: (nullable): the set in force, whose lists stand in for broken ones
 * @now: UTC, microseconds since 1970
 * @cancellable: (nullable): gives up early; the result is then of no use
 * @errors: (out) (transfer full) (element-type GError): what is refused and why
 *
 * Reads files from disk: never on a streaming thread.
 *
 * Returns: (transfer full): the new set, empty in the worst case
 */
AnprHitLists *
anpr_hit_lists_load (const gchar *path, AnprHitLists *before, gint64 now,
    GCancellable *cancellable, GPtrArray **errors)
{
  Loading loading = { anpr_hit_lists_new_empty (), before, now, cancellable,
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free) };

  if (path && path[0]) {
    if (g_file_test (path, G_FILE_TEST_IS_DIR))
      load_folder (&loading, path);
    else
      load_file (&loading, path);
    if (before && loading.lists->sources->len == 0)
      keep_all_before (&loading);
  }
  *errors = loading.errors;
  return loading.lists;
}

guint
anpr_hit_lists_get_n_lists (const AnprHitLists *lists)
{
  return lists->sources->len;
}

/**
 * anpr_hit_lists_get_list: (skip)
 * @lists: a set of lists
 * @i: which, in the order of the file names
 *
 * Returns: (transfer none): the list, living as long as @lists
 */
const AnprHitList *
anpr_hit_lists_get_list (const AnprHitLists *lists, guint i)
{
  g_return_val_if_fail (i < lists->sources->len, NULL);
  return get_source (lists, i)->list;
}

guint64
anpr_hit_lists_get_n_entries (const AnprHitLists *lists)
{
  return lists->n_entries;
}

/**
 * anpr_hit_lists_get_age: (skip)
 * @lists: a set of lists
 * @utc: now, microseconds since 1970
 *
 * Returns: how long ago the oldest one in force was issued, microseconds; 0 if
 *     none is in force
 */
gint64
anpr_hit_lists_get_age (const AnprHitLists *lists, gint64 utc)
{
  gint64 age = 0;

  for (guint i = 0; i < lists->sources->len; i++) {
    const AnprHitList *list = get_source (lists, i)->list;

    if (anpr_hit_list_is_active (list, utc))
      age = MAX (age, utc - anpr_hit_list_get_header (list)->issued);
  }
  return age;
}

/**
 * anpr_hit_lists_get_n_refused: (skip)
 * @lists: a set of lists
 *
 * Returns: how many errors its loading gave
 */
guint
anpr_hit_lists_get_n_refused (const AnprHitLists *lists)
{
  return lists->n_refused;
}
