/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Notices positions' files that are changed outside the page, by an editor or
 * anprctl: writes each change to the log, with the hash of the file, and knows
 * which positions have something that takes two persons (R41) and that two persons
 * have not seen (positionseen.c). No lane is stopped for it.
 *
 * It looks every other second, in a worker, and reads files when one of them is
 * another than it was. The page takes the lock `editing` while it changes a file
 * and notes that; so does a look, which thus never takes the page's own change for
 * one from outside. What is changed while nothing runs is noticed at the start. A
 * change that cannot be logged is noticed again by the next look.
 *
 * One look at a time; its result comes to the main thread.
 */

#include "positionwatch.h"
#include "filesign.h"
#include "positionedit.h"
#include "positionseen.h"
#include "../configuration.h"
#include "../log.h"
#include "../plainfile.h"
#include "../../plugins/record/clock.h"
#include "../../plugins/record/folder.h"

#include <glib/gstdio.h>
#include <pwd.h>
#include <string.h>

typedef struct {
  AnprPositionWatch *watch;
  GHashTable *unseen; /* ids */
  gboolean changed;
} Look;

struct _AnprPositionWatch {
  AnprFleet *fleet;
  gchar *positions;
  gchar *copies;
  AnprAuditLog *log;
  GMutex *editing;
  AnprWorkers *disk;
  GHashTable *unseen; /* ids */
  guint timer;
  gboolean looking;
  gboolean again; /* something was changed during the look */
  gboolean stopped;

  /* of the look */
  gchar *signature; /* files as they were read last */
  gboolean told;    /* that they cannot be logged */
};

static void
look_free (Look *look)
{
  g_hash_table_unref (look->unseen);
  g_free (look);
}

/* --- in the worker -------------------------------------------------------- */

/* Ids of files that may be a position's */
static GPtrArray *
find_positions (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);
  const gchar *name;

  while (dir && (name = g_dir_read_name (dir))
         && ids->len < ANPR_CONFIGURATION_MAX_POSITIONS) {
    g_autofree gchar *id = NULL;

    if (!g_str_has_suffix (name, ANPR_POSITION_SUFFIX))
      continue;
    id = g_strndup (name, strlen (name) - strlen (ANPR_POSITION_SUFFIX));
    if (anpr_position_is_id (id))
      g_ptr_array_add (ids, g_steal_pointer (&id));
  }
  g_ptr_array_sort (ids, anpr_folder_compare_names);
  return ids;
}

static gchar *
file_of (const gchar *folder, const gchar *name, const gchar *suffix)
{
  return g_strdup_printf ("%s/%s%s", folder, name, suffix);
}

/* Files and what two persons have seen of them; what the log knows is written by
 * looks themselves */
static gchar *
sign_all (const AnprPositionWatch *watch, GPtrArray *ids)
{
  GString *signature = g_string_new (NULL);

  for (guint i = 0; i < ids->len; i++) {
    const gchar *id = g_ptr_array_index (ids, i);
    g_autofree gchar *path =
        file_of (watch->positions, id, ANPR_POSITION_SUFFIX);
    g_autofree gchar *seen = file_of (watch->copies, id, ".seen");

    anpr_file_sign (signature, path);
    anpr_file_sign (signature, seen);
  }
  return g_string_free (signature, FALSE);
}

static gchar *
read_text (const gchar *path)
{
  g_autofree gchar *content = NULL;
  gsize length;

  if (!anpr_plain_file_read (
          path, ANPR_SETTINGS_MAX_SIZE, &content, &length, NULL))
    return NULL;
  return g_utf8_make_valid (
      content, (gssize) MIN (length, ANPR_SETTINGS_MAX_SIZE));
}

static void
set_hash (JsonObject *object, const gchar *name, const gchar *text)
{
  g_autofree gchar *hash =
      text ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1) : NULL;

  if (hash)
    json_object_set_string_member (object, name, hash);
  else
    json_object_set_null_member (object, name);
}

/* Whose file it is and when it was changed: all that the system remembers */
static void
set_origin (JsonObject *object, const gchar *path)
{
  GStatBuf status;
  g_autofree gchar *modified = NULL;
  struct passwd entry, *owner = NULL;
  gchar buffer[4096];

  if (g_stat (path, &status) != 0)
    return;
  modified = anpr_utc_to_string (
      status.st_mtim.tv_sec * G_USEC_PER_SEC + status.st_mtim.tv_nsec / 1000);
  json_object_set_string_member (object, "modified", modified);
  if (getpwuid_r (status.st_uid, &entry, buffer, sizeof buffer, &owner) == 0
      && owner)
    json_object_set_string_member (object, "owner", owner->pw_name);
}

/* @before: nothing if the log knows of none; @text: nothing if it is gone */
static gboolean
write_log (AnprPositionWatch *watch, const gchar *id, const gchar *before,
    const gchar *text)
{
  g_autofree gchar *path = file_of (watch->positions, id, ANPR_POSITION_SUFFIX);
  g_autoptr (JsonNode) details = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  const AnprAuditEntry entry = { NULL, "file",
    text ? "position-changed-outside" : "position-removed-outside", id,
    details };
  g_autoptr (GError) error = NULL;

  set_hash (object, "sha256_before", before);
  set_hash (object, "sha256", text);
  if (text) {
    set_origin (object, path);
    json_object_set_array_member (object, "changes",
        anpr_position_edit_compare (before ? before : "", text));
  }
  json_node_take_object (details, object);
  if (anpr_audit_log_add (watch->log, &entry, &error)) {
    watch->told = FALSE;
    return TRUE;
  }
  if (!watch->told)
    anpr_log_fault (id, anpr_error_name (error), error->message,
        anpr_error_code_advice (error->code));
  watch->told = TRUE;
  return FALSE;
}

/* Whether all of it is written down */
static gboolean
note_position (Look *look, const gchar *id)
{
  AnprPositionWatch *watch = look->watch;
  g_autofree gchar *path = file_of (watch->positions, id, ANPR_POSITION_SUFFIX);
  g_autofree gchar *text = read_text (path);
  g_autofree gchar *noted = anpr_position_seen_get_noted (watch->copies, id);
  g_autoptr (JsonArray) unseen = NULL;

  if (!text)
    return TRUE; /* gone in this very moment */
  unseen = anpr_position_seen_compare (watch->copies, id, text);
  if (unseen)
    g_hash_table_add (look->unseen, g_strdup (id));
  return g_strcmp0 (noted, text) == 0
         || (write_log (watch, id, noted, text)
             && anpr_position_seen_note (watch->copies, id, text, NULL));
}

static gboolean
note_removed (Look *look, GPtrArray *ids)
{
  g_autoptr (GPtrArray) noted = anpr_position_seen_list (look->watch->copies);
  gboolean done = TRUE;

  for (guint i = 0; i < noted->len; i++) {
    const gchar *id = g_ptr_array_index (noted, i);
    g_autofree gchar *before = NULL;

    if (g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
      continue;
    before = anpr_position_seen_get_noted (look->watch->copies, id);
    if (write_log (look->watch, id, before, NULL))
      anpr_position_seen_forget (look->watch->copies, id);
    else
      done = FALSE;
  }
  return done;
}

/* A folder that cannot be read is not one whose files are gone */
static gboolean
can_read (const gchar *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);

  return dir != NULL;
}

static void
look_at_files (Look *look)
{
  AnprPositionWatch *watch = look->watch;
  g_autoptr (GPtrArray) ids = find_positions (watch->positions);
  g_autofree gchar *signature = sign_all (watch, ids);
  gboolean done = TRUE;

  look->changed = g_strcmp0 (signature, watch->signature) != 0;
  if (!look->changed)
    return;
  g_clear_pointer (&watch->signature, g_free);
  for (guint i = 0; i < ids->len; i++)
    done &= note_position (look, g_ptr_array_index (ids, i));
  done &= note_removed (look, ids);
  if (done)
    watch->signature = g_steal_pointer (&signature);
}

static void
look (gpointer data)
{
  Look *look = data;

  g_mutex_lock (look->watch->editing);
  if (can_read (look->watch->positions))
    look_at_files (look);
  g_mutex_unlock (look->watch->editing);
}

/* --- on the main thread --------------------------------------------------- */

static void
tell_changes (AnprPositionWatch *watch, GHashTable *before)
{
  guint n = anpr_fleet_get_n_cameras (watch->fleet);

  for (guint i = 0; i < n; i++) {
    AnprCamera *camera = (AnprCamera *) anpr_fleet_get_camera (watch->fleet, i);

    if (g_hash_table_contains (before, camera->id)
        != g_hash_table_contains (watch->unseen, camera->id))
      anpr_fleet_changed (watch->fleet, camera);
  }
}

static void
end_look (gpointer data)
{
  Look *look = data;
  AnprPositionWatch *watch = look->watch;

  watch->looking = FALSE;
  if (look->changed) {
    g_autoptr (GHashTable) before = watch->unseen;

    watch->unseen = g_hash_table_ref (look->unseen);
    tell_changes (watch, before);
  }
  look_free (look);
  if (watch->again)
    anpr_position_watch_look (watch);
}

/**
 * anpr_position_watch_look:
 * @watch: a watch; looks now, because the page changed something
 */
void
anpr_position_watch_look (AnprPositionWatch *watch)
{
  Look *next;

  watch->again = watch->looking;
  if (watch->looking || watch->stopped)
    return;
  next = g_new0 (Look, 1);
  next->watch = watch;
  next->unseen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  watch->looking = anpr_workers_do (watch->disk, look, end_look, next);
  if (!watch->looking)
    look_free (next); /* it is much too busy; the next time, then */
}

static gboolean
on_time (gpointer data)
{
  AnprPositionWatch *watch = data;

  if (!watch->looking)
    anpr_position_watch_look (watch);
  return G_SOURCE_CONTINUE;
}

/**
 * anpr_position_watch_new:
 * @fleet: which is told when a position's mark becomes another
 * @positions: folder of the positions' files
 * @copies: folder for what is known of them
 * @log: (transfer none): for what it notices
 * @editing: (transfer none): held by who changes these files on the page
 * @disk: (transfer none): looks
 *
 * Returns: (transfer full): a watch that has begun
 */
AnprPositionWatch *
anpr_position_watch_new (AnprFleet *fleet, const gchar *positions,
    const gchar *copies, AnprAuditLog *log, GMutex *editing, AnprWorkers *disk)
{
  AnprPositionWatch *watch = g_new0 (AnprPositionWatch, 1);

  watch->fleet = g_object_ref (fleet);
  watch->positions = g_strdup (positions);
  watch->copies = g_strdup (copies);
  watch->log = log;
  watch->editing = editing;
  watch->disk = disk;
  watch->unseen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  watch->timer =
      g_timeout_add_seconds (ANPR_POSITION_WATCH_INTERVAL, on_time, watch);
  anpr_position_watch_look (watch);
  return watch;
}

/**
 * anpr_position_watch_stop:
 * @watch: (nullable): a watch; looks no more
 */
void
anpr_position_watch_stop (AnprPositionWatch *watch)
{
  if (!watch || watch->stopped)
    return;
  g_source_remove (watch->timer);
  watch->stopped = TRUE;
}

/**
 * anpr_position_watch_free:
 * @watch: (nullable) (transfer full): a watch; its last look is over
 */
void
anpr_position_watch_free (AnprPositionWatch *watch)
{
  if (!watch)
    return;
  anpr_position_watch_stop (watch);
  g_hash_table_unref (watch->unseen);
  g_object_unref (watch->fleet);
  g_free (watch->positions);
  g_free (watch->copies);
  g_free (watch->signature);
  g_free (watch);
}

/**
 * anpr_position_watch_is_unseen:
 * @watch: a watch
 * @id: of a position
 *
 * Returns: whether something that takes two persons was changed outside the page
 *     and has not been acknowledged by two
 */
gboolean
anpr_position_watch_is_unseen (AnprPositionWatch *watch, const gchar *id)
{
  return g_hash_table_contains (watch->unseen, id);
}
