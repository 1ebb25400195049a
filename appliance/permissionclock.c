/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The time that permissions are judged by (R1): never earlier than what has surely
 * passed, so that setting the system's clock back makes no ended permission valid
 * again.
 *
 * It is the system's clock, or steady time (record/steadyclock.c) if that is later.
 * Steady time is remembered in one file of the state folder. A clock that is wrongly
 * ahead ends permissions while it is, as it must, and no longer: steady time does
 * not follow it. Where the first time ever seen was wrong itself, the first one that
 * a time service confirms takes its place; after that it only grows.
 *
 * The file is replaced once a minute by a thread that does nothing else, since
 * writing through to the disk blocks. One that cannot be read or
 * understood counts as none: time begins at the system's clock then, and that is
 * told in the log.
 *
 * Main thread only.
 */

#include "permissionclock.h"
#include "log.h"

#include <gio/gio.h>
#include <string.h>

#define GROUP "clock"

struct _AnprPermissionClock {
  gchar *path;
  AnprSteadyRead read;
  gpointer user_data;
  gboolean known; /* there is a note */
  AnprSteadyNote note;
  gchar *boot; /* of the note */
  gchar *sure_boot;
  GThread *saver;
  gint saving;      /* atomic: it is at work */
  gboolean unsaved; /* the note is not on its way to the file */
};

/* --- the file ------------------------------------------------------------- */

static gint64
get_number (GKeyFile *file, const gchar *key, gboolean *good)
{
  g_autoptr (GError) error = NULL;
  gint64 number = g_key_file_get_int64 (file, GROUP, key, &error);

  *good &= !error && number >= 0;
  return number;
}

static gchar *
get_text (GKeyFile *file, const gchar *key, gboolean *good)
{
  gchar *text = g_key_file_get_string (file, GROUP, key, NULL);

  *good &= text != NULL;
  return text ? text : g_strdup ("");
}

static void
take_texts (AnprPermissionClock *clock, gchar *boot, gchar *sure_boot)
{
  g_free (clock->boot);
  g_free (clock->sure_boot);
  clock->note.boot = clock->boot = boot;
  clock->note.sure_boot = clock->sure_boot = sure_boot;
}

/* Whether there is one that can be understood */
static gboolean
load (AnprPermissionClock *clock, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gboolean good = TRUE;

  if (!g_key_file_load_from_file (file, clock->path, G_KEY_FILE_NONE, error))
    return FALSE;
  clock->note.time = get_number (file, "time", &good);
  clock->note.elapsed = get_number (file, "elapsed", &good);
  clock->note.sure_time = get_number (file, "sure-time", &good);
  clock->note.sure_utc = get_number (file, "sure-utc", &good);
  take_texts (clock, get_text (file, "boot", &good),
      get_text (file, "sure-boot", &good));
  if (!good)
    g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
        "\"%s\" cannot be understood", clock->path);
  clock->known = good;
  return good;
}

static gchar *
print (const AnprSteadyNote *note)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_int64 (file, GROUP, "time", note->time);
  g_key_file_set_string (file, GROUP, "boot", note->boot);
  g_key_file_set_int64 (file, GROUP, "elapsed", note->elapsed);
  g_key_file_set_int64 (file, GROUP, "sure-time", note->sure_time);
  g_key_file_set_int64 (file, GROUP, "sure-utc", note->sure_utc);
  g_key_file_set_string (file, GROUP, "sure-boot", note->sure_boot);
  return g_key_file_to_data (file, NULL, NULL);
}

typedef struct {
  gchar *path;
  gchar *text;
  gint *at_work;
} Saving;

/* A disk that is full or broken is told of by the spools */
static gpointer
save (gpointer data)
{
  Saving *saving = data;

  (void) g_file_set_contents_full (saving->path, saving->text, -1,
      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, NULL);
  g_atomic_int_set (saving->at_work, FALSE);
  g_free (saving->path);
  g_free (saving->text);
  g_free (saving);
  return NULL;
}

/* Not while the disk still hangs over the one before: there is another a minute
 * later, or at the end */
static void
begin_saving (AnprPermissionClock *clock)
{
  Saving *saving;

  clock->unsaved = g_atomic_int_get (&clock->saving);
  if (clock->unsaved)
    return;
  g_clear_pointer (&clock->saver, g_thread_join);
  saving = g_new0 (Saving, 1);
  saving->path = g_strdup (clock->path);
  saving->text = print (&clock->note);
  saving->at_work = &clock->saving;
  g_atomic_int_set (&clock->saving, TRUE);
  clock->saver = g_thread_new ("anpr-clock", save, saving);
}

/* --- time ----------------------------------------------------------------- */

static gboolean
is_confirmed (const AnprPermissionClock *clock)
{
  return clock->known && *clock->note.sure_boot != '\0';
}

static gint64
go_on (const AnprPermissionClock *clock, const AnprSteadyReading *now)
{
  if (!clock->known || (now->synchronised && !is_confirmed (clock)))
    return now->utc;
  return anpr_steady_clock_go_on (&clock->note, now);
}

static void
note (AnprPermissionClock *clock, const AnprSteadyReading *now, gint64 time)
{
  gchar *sure_boot = g_strdup (now->synchronised ? now->boot
                               : clock->known    ? clock->note.sure_boot
                                                 : "");

  if (now->synchronised) {
    clock->note.sure_time = time;
    clock->note.sure_utc = now->utc;
  }
  clock->note.time = time;
  clock->note.elapsed = now->elapsed;
  take_texts (clock, g_strdup (now->boot), sure_boot);
  clock->known = TRUE;
}

/**
 * anpr_permission_clock_new:
 * @path: of the file that remembers it
 * @read: (nullable): what to read instead of this host's clocks, for tests
 * @user_data: for @read
 *
 * Blocks for the disk.
 *
 * Returns: (transfer full): a clock
 */
AnprPermissionClock *
anpr_permission_clock_new (
    const gchar *path, AnprSteadyRead read, gpointer user_data)
{
  AnprPermissionClock *clock = g_new0 (AnprPermissionClock, 1);
  g_autoptr (GError) error = NULL;

  clock->path = g_strdup (path);
  clock->read = read ? read : anpr_steady_clock_read;
  clock->user_data = user_data;
  if (!load (clock, &error))
    anpr_log_note (NULL,
        "what time has passed is not known (%s): permissions are judged by the "
        "system's clock from now on",
        g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
            ? "nothing is remembered, as after installing"
            : error->message);
  return clock;
}

/**
 * anpr_permission_clock_free:
 * @clock: (nullable) (transfer full): a clock; waits for what is being written
 */
void
anpr_permission_clock_free (AnprPermissionClock *clock)
{
  if (!clock)
    return;
  g_clear_pointer (&clock->saver, g_thread_join);
  if (clock->unsaved)
    begin_saving (clock);
  g_clear_pointer (&clock->saver, g_thread_join);
  take_texts (clock, NULL, NULL);
  g_free (clock->path);
  g_free (clock);
}

/**
 * anpr_permission_clock_now:
 * @clock: a clock
 *
 * Returns: the time to judge by, microseconds since 1970
 */
gint64
anpr_permission_clock_now (AnprPermissionClock *clock)
{
  AnprSteadyReading now;
  gint64 time;

  clock->read (&now, clock->user_data);
  time = go_on (clock, &now);
  if (!clock->known || anpr_steady_clock_is_due (&clock->note, &now)) {
    note (clock, &now, time);
    begin_saving (clock);
  }
  return MAX (now.utc, time);
}

/**
 * anpr_permission_clock_peek:
 * @path: of the file of an appliance
 *
 * Only reads.
 *
 * Returns: the time that appliance judges by; the system's clock if the file
 *     cannot be read
 */
gint64
anpr_permission_clock_peek (const gchar *path)
{
  AnprPermissionClock clock = { .path = (gchar *) path };
  AnprSteadyReading now;
  gint64 time;

  anpr_steady_clock_read (&now, NULL);
  (void) load (&clock, NULL);
  time = MAX (now.utc, go_on (&clock, &now));
  take_texts (&clock, NULL, NULL);
  return time;
}
