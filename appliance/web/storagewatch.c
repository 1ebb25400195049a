/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Looks every 15 seconds, in a worker, at what the main thread must not wait for:
 * how much of each spool and of the decisions is not delivered, and which lists the
 * positions have.
 *
 * One look at a time. It gets names and paths, and gives back whole results that
 * take the place of the old ones on the main thread. A spool that cannot be read
 * has no figures, and its metrics are absent. Lists are read again only when a
 * file of theirs is another, for an index may be large, and only their heads are
 * remembered; that memory (`places`) is touched by the look alone.
 */

#include "storagewatch.h"
#include "filesign.h"
#include "passagestore.h"
#include "../../plugins/hitmatch/hitlists.h"

#include <string.h>

/* As hitmatch has them by default (R19), microseconds */
#define AGED (24 * G_TIME_SPAN_HOUR)
#define STALE (48 * G_TIME_SPAN_HOUR)

/* Lists at one path */
typedef struct {
  gchar *path;
  gchar *signature; /* of its files, as they were when it was read */
  GPtrArray *lists; /* of AnprListStatus */
  guint n_refused;
} Place;

typedef struct {
  AnprStorageWatch *watch;
  gchar **ids;
  gchar **paths; /* of lists */
  AnprStorageFigures *figures;
  AnprStorageFigures decided;
  GPtrArray *lists; /* of AnprListStatus, each id once */
  guint n_refused;
} Look;

struct _AnprStorageWatch {
  AnprFleet *fleet;
  gchar *folder;
  gchar *state;
  gchar *key;
  AnprDecisions *decisions;
  AnprWorkers *disk;
  GHashTable *figures; /* id -> AnprStorageFigures */
  AnprStorageFigures decided;
  GPtrArray *lists;
  guint n_refused;
  guint timer;
  gboolean looking;
  gboolean freed;

  GPtrArray *places; /* of the look */
};

static void
list_status_free (gpointer data)
{
  AnprListStatus *status = data;

  g_free (status->figures.id);
  g_free (status->figures.version);
  g_free (status->authority);
  g_free (status->category);
  g_free (status);
}

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->path);
  g_free (place->signature);
  g_ptr_array_unref (place->lists);
  g_free (place);
}

/* --- in the worker -------------------------------------------------------- */

static gdouble
get_lag (guint64 rows, gint64 oldest_utc)
{
  return rows && oldest_utc ? MAX ((g_get_real_time () - oldest_utc) / 1e6, 0)
                            : 0;
}

static void
look_at_decisions (AnprStorageFigures *figures, AnprDecisions *decisions)
{
  AnprDecisionBacklog backlog;

  figures->known = anpr_decisions_get_backlog (decisions, &backlog, NULL);
  if (!figures->known)
    return;
  figures->rows = backlog.waiting;
  figures->refused = backlog.refused;
  figures->lag = get_lag (backlog.waiting, backlog.oldest_utc);
}

static void
look_at_spool (AnprStorageFigures *figures, const gchar *path, const gchar *key)
{
  g_autoptr (AnprSpool) spool = NULL;
  AnprSpoolBacklog backlog = { 0 };

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    spool = anpr_web_open_spool (path, key, NULL);
  if (!spool || !anpr_spool_get_backlog (spool, &backlog, NULL))
    return;
  figures->known = TRUE;
  figures->rows = backlog.rows;
  figures->bytes = backlog.bytes;
  figures->refused = backlog.refused;
  figures->lag = get_lag (backlog.rows, backlog.oldest_utc);
}

static gchar *
sign_place (const gchar *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  GString *signature = g_string_new (NULL);
  const gchar *name;

  anpr_file_sign (signature, path);
  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree gchar *file = g_build_filename (path, name, NULL);

    if (anpr_hit_lists_is_list_file (name))
      anpr_file_sign (signature, file);
  }
  return g_string_free (signature, FALSE);
}

static AnprListStatus *
make_status (const AnprHitList *list)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  AnprListStatus *status = g_new0 (AnprListStatus, 1);

  status->figures.id = g_strdup (header->id);
  status->figures.version = g_strdup (header->version);
  status->figures.entries = anpr_hit_list_get_n_entries (list);
  status->authority = g_strdup (header->authority);
  status->category = g_strdup (header->category);
  status->issued = header->issued;
  status->valid_until = header->valid_until;
  return status;
}

static void
look_at_place (Place *place)
{
  gchar *signature = sign_place (place->path);
  g_autoptr (AnprHitLists) lists = NULL;
  GPtrArray *errors = NULL;

  if (g_strcmp0 (signature, place->signature) == 0) {
    g_free (signature);
    return;
  }
  g_free (place->signature);
  place->signature = signature;
  g_ptr_array_set_size (place->lists, 0);
  lists = anpr_hit_lists_load (
      place->path, NULL, g_get_real_time (), NULL, &errors);
  if (errors)
    g_ptr_array_unref (errors); /* the cameras tell of them */
  place->n_refused = lists ? anpr_hit_lists_get_n_refused (lists) : 0;
  for (guint i = 0; lists && i < anpr_hit_lists_get_n_lists (lists); i++)
    g_ptr_array_add (
        place->lists, make_status (anpr_hit_lists_get_list (lists, i)));
}

static Place *
find_place (GPtrArray *places, const gchar *path)
{
  for (guint i = 0; i < places->len; i++) {
    Place *place = g_ptr_array_index (places, i);

    if (g_str_equal (place->path, path))
      return place;
  }
  return NULL;
}

static Place *
get_place (GPtrArray *places, const gchar *path)
{
  Place *place = find_place (places, path);

  if (place)
    return place;
  place = g_new0 (Place, 1);
  place->path = g_strdup (path);
  place->lists = g_ptr_array_new_with_free_func (list_status_free);
  g_ptr_array_add (places, place);
  return place;
}

static void
forget_places (GPtrArray *places, const gchar *const *paths)
{
  for (guint i = places->len; i > 0; i--) {
    const Place *place = g_ptr_array_index (places, i - 1);

    if (!g_strv_contains (paths, place->path))
      g_ptr_array_remove_index (places, i - 1);
  }
}

static gboolean
has_list (GPtrArray *lists, const AnprListStatus *status)
{
  for (guint i = 0; i < lists->len; i++) {
    const AnprListStatus *other = g_ptr_array_index (lists, i);

    if (g_str_equal (other->figures.id, status->figures.id))
      return TRUE;
  }
  return FALSE;
}

static AnprListStatus *
copy_status (const AnprListStatus *status)
{
  AnprListStatus *copy = g_memdup2 (status, sizeof *status);

  copy->figures.id = g_strdup (status->figures.id);
  copy->figures.version = g_strdup (status->figures.version);
  copy->authority = g_strdup (status->authority);
  copy->category = g_strdup (status->category);
  return copy;
}

static void
look_at_lists (Look *look, const gchar *path)
{
  Place *place = get_place (look->watch->places, path);

  look_at_place (place);
  look->n_refused += place->n_refused;
  for (guint i = 0; i < place->lists->len; i++) {
    const AnprListStatus *status = g_ptr_array_index (place->lists, i);

    if (!has_list (look->lists, status))
      g_ptr_array_add (look->lists, copy_status (status));
  }
}

static void
look (gpointer data)
{
  Look *look = data;

  for (guint i = 0; look->ids[i]; i++) {
    g_autofree gchar *path =
        g_strdup_printf ("%s/%s.spool", look->watch->state, look->ids[i]);

    look_at_spool (&look->figures[i], path, look->watch->key);
  }
  look_at_decisions (&look->decided, look->watch->decisions);
  forget_places (look->watch->places, (const gchar *const *) look->paths);
  for (guint i = 0; look->paths[i]; i++)
    look_at_lists (look, look->paths[i]);
}

/* --- on the main thread --------------------------------------------------- */

static const gchar *
judge (const AnprListStatus *status, gint64 now)
{
  if (now >= status->valid_until)
    return "not-valid";
  if (now - status->issued >= STALE)
    return "stale";
  return now - status->issued >= AGED ? "aged" : "active";
}

static void
watch_finalize (AnprStorageWatch *watch)
{
  g_hash_table_unref (watch->figures);
  g_ptr_array_unref (watch->lists);
  g_ptr_array_unref (watch->places);
  g_object_unref (watch->fleet);
  g_free (watch->folder);
  g_free (watch->state);
  g_free (watch->key);
  g_free (watch);
}

static void
look_free (Look *look)
{
  g_strfreev (look->ids);
  g_strfreev (look->paths);
  g_free (look->figures);
  g_ptr_array_unref (look->lists);
  g_free (look);
}

static void
end_look (gpointer data)
{
  Look *look = data;
  AnprStorageWatch *watch = look->watch;

  watch->looking = FALSE;
  g_hash_table_remove_all (watch->figures);
  for (guint i = 0; look->ids[i]; i++)
    g_hash_table_insert (watch->figures, g_strdup (look->ids[i]),
        g_memdup2 (&look->figures[i], sizeof *look->figures));
  watch->decided = look->decided;
  g_ptr_array_unref (watch->lists);
  watch->lists = g_ptr_array_ref (look->lists);
  watch->n_refused = look->n_refused;
  look_free (look);
  if (watch->freed)
    watch_finalize (watch);
}

/* Paths of the positions' lists, each once */
static gchar **
get_paths (AnprStorageWatch *watch)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  guint n = anpr_fleet_get_n_cameras (watch->fleet);

  for (guint i = 0; i < n; i++) {
    const AnprCamera *camera = anpr_fleet_get_camera (watch->fleet, i);
    g_autofree gchar *path =
        camera->position ? anpr_settings_get_path_value (
            camera->position->settings, "lists", "path", watch->folder)
                         : NULL;

    if (path
        && !g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL))
      g_ptr_array_add (paths, g_steal_pointer (&path));
  }
  g_ptr_array_add (paths, NULL);
  return (gchar **) g_ptr_array_free (g_steal_pointer (&paths), FALSE);
}

static void
begin_look (AnprStorageWatch *watch)
{
  guint n = anpr_fleet_get_n_cameras (watch->fleet);
  Look *next = g_new0 (Look, 1);

  next->watch = watch;
  next->paths = get_paths (watch);
  next->ids = g_new0 (gchar *, n + 1);
  next->figures = g_new0 (AnprStorageFigures, n + 1);
  next->lists = g_ptr_array_new_with_free_func (list_status_free);
  for (guint i = 0; i < n; i++)
    next->ids[i] = g_strdup (anpr_fleet_get_camera (watch->fleet, i)->id);
  watch->looking = anpr_workers_do (watch->disk, look, end_look, next);
  if (!watch->looking)
    look_free (next); /* it is much too busy; the next time, then */
}

static gboolean
on_time (gpointer data)
{
  AnprStorageWatch *watch = data;

  if (!watch->looking)
    begin_look (watch);
  return G_SOURCE_CONTINUE;
}

static void
on_set_changed (AnprFleet *fleet, gpointer data)
{
  (void) on_time (data);
}

/**
 * anpr_storage_watch_new:
 * @fleet: whose spools and lists
 * @folder: of anprd.conf, that paths of lists start from
 * @state: folder with the spools
 * @key: (nullable): file or credential with their key
 * @decisions: (transfer none): the page's
 * @disk: (transfer none): looks
 *
 * Returns: (transfer full): a watch that has begun
 */
AnprStorageWatch *
anpr_storage_watch_new (AnprFleet *fleet, const gchar *folder,
    const gchar *state, const gchar *key, AnprDecisions *decisions,
    AnprWorkers *disk)
{
  AnprStorageWatch *watch = g_new0 (AnprStorageWatch, 1);

  watch->fleet = g_object_ref (fleet);
  watch->folder = g_strdup (folder);
  watch->state = g_strdup (state);
  watch->key = g_strdup (key);
  watch->decisions = decisions;
  watch->disk = disk;
  watch->figures =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  watch->lists = g_ptr_array_new_with_free_func (list_status_free);
  watch->places = g_ptr_array_new_with_free_func (place_free);
  watch->timer =
      g_timeout_add_seconds (ANPR_STORAGE_WATCH_INTERVAL, on_time, watch);
  g_signal_connect (fleet, "set-changed", G_CALLBACK (on_set_changed), watch);
  begin_look (watch);
  return watch;
}

/**
 * anpr_storage_watch_free:
 * @watch: (nullable) (transfer full): a watch
 */
void
anpr_storage_watch_free (AnprStorageWatch *watch)
{
  if (!watch)
    return;
  g_source_remove (watch->timer);
  g_signal_handlers_disconnect_by_data (watch->fleet, watch);
  watch->freed = TRUE;
  if (!watch->looking)
    watch_finalize (watch);
}

/**
 * anpr_storage_watch_find:
 * @watch: a watch
 * @id: of a position
 *
 * Returns: figures of its spool, not known if it was not looked at or cannot be
 *     read
 */
AnprStorageFigures
anpr_storage_watch_find (AnprStorageWatch *watch, const gchar *id)
{
  static const AnprStorageFigures unknown = { 0 };
  const AnprStorageFigures *figures = g_hash_table_lookup (watch->figures, id);

  return figures ? *figures : unknown;
}

/**
 * anpr_storage_watch_get_decisions:
 * @watch: a watch
 *
 * Returns: figures of the decisions about hits, without bytes
 */
AnprStorageFigures
anpr_storage_watch_get_decisions (AnprStorageWatch *watch)
{
  return watch->decided;
}

/**
 * anpr_storage_watch_get_lists:
 * @watch: a watch
 *
 * Returns: (transfer none) (element-type AnprListStatus): lists of all positions,
 *     each id once, with age and state as of now
 */
GPtrArray *
anpr_storage_watch_get_lists (AnprStorageWatch *watch)
{
  gint64 now = g_get_real_time ();

  for (guint i = 0; i < watch->lists->len; i++) {
    AnprListStatus *status = g_ptr_array_index (watch->lists, i);

    status->figures.age = (now - status->issued) / 1e6;
    status->state = judge (status, now);
  }
  return watch->lists;
}

/**
 * anpr_storage_watch_get_n_refused:
 * @watch: a watch
 *
 * Returns: files beside these lists that are not in force
 */
guint
anpr_storage_watch_get_n_refused (AnprStorageWatch *watch)
{
  return watch->n_refused;
}
