/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What "anprctl lists" does with lists in Redis: a table of actions, each of
 * which takes a connection and the arguments behind its name. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "redislists.h"
#include "console.h"
#include "../plugins/hitmatch/acceptedlists.h"
#include "../plugins/hitmatch/redislookup.h"
#include "../plugins/hitmatch/redisstore.h"

#include <string.h>

/* For connecting and for one short answer, milliseconds */
#define TIMEOUT 10000

gchar *anprctl_redis_uri;
static const gchar *trusted_keys;

static void
show_progress (guint64 done, guint64 total, gpointer file)
{
  static gint64 shown;
  gint64 now = g_get_monotonic_time ();
  g_autofree gchar *text = NULL;

  if (!anpr_console_has_status () || now - shown < 100000)
    return;
  shown = now;
  text = g_strdup_printf ("%s: %u %% of %" G_GUINT64_FORMAT " plates",
      (const gchar *) file, (guint) (100 * done / total), total);
  anpr_console_status (text);
}

/* What all appliances will compare with has been signed by somebody who is
 * trusted: now, or when it was accepted */
static AnprHitList *
open_list (const gchar *file, GError **error)
{
  const AnprListSource source = {
    .file = file, .keys = trusted_keys, .now = g_get_real_time ()
  };

  if (g_str_has_suffix (file, ANPR_HIT_LIST_INDEX_SUFFIX))
    return anpr_hit_list_load (file, source.now, NULL, error);
  if (trusted_keys)
    return anpr_list_verify (&source, error);
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_LIST_SIGNATURE,
      "no folder of trusted keys, --keys, to verify the list by");
  return NULL;
}

static gboolean
publish_file (
    AnprRedisConnection *connection, const gchar *file, GError **error)
{
  g_autofree gchar *name = g_filename_display_name (file);
  g_autofree gchar *line = NULL;
  g_autoptr (AnprHitList) list = open_list (file, error);
  const AnprHitListHeader *header;
  gboolean done;

  if (!list)
    return FALSE;
  done =
      anpr_redis_publish (connection, list, NULL, show_progress, name, error);
  anpr_console_status (NULL);
  if (!done)
    return FALSE;
  header = anpr_hit_list_get_header (list);
  line = g_strdup_printf ("%s: version %s with %u entries is in force",
      header->id, header->version, anpr_hit_list_get_n_entries (list));
  anpr_console_print (line);
  return TRUE;
}

static gboolean
publish (AnprRedisConnection *connection, gchar **arguments, GError **error)
{
  gboolean all = TRUE;

  for (guint i = 0; arguments[i]; i++) {
    g_autoptr (GError) fault = NULL;

    if (publish_file (connection, arguments[i], &fault))
      continue;
    anpr_console_error (arguments[i], fault);
    all = FALSE;
  }
  return all;
}

static void
print_list (const AnprHitListHeader *header, gint64 now)
{
  g_autofree gchar *authority = anpr_console_clean (header->authority);
  const gchar *note = "";
  g_autofree gchar *line = NULL;

  if (now < header->valid_from)
    note = ", not valid yet";
  else if (now >= header->valid_until)
    note = ", not valid any more";
  line =
      g_strdup_printf ("%s: version %s, %s, %s%s", header->id, header->version,
          authority, anpr_purpose_to_string (header->purpose), note);
  anpr_console_print (line);
}

static gboolean
show_published (
    AnprRedisConnection *connection, gchar **arguments, GError **error)
{
  g_autoptr (AnprRedisCache) cache = anpr_redis_cache_new ();
  g_autoptr (AnprRedisAnswer) answer = anpr_redis_lookup (connection, cache,
      NULL, ANPR_REDIS_ALL_PRIORITIES, anpr_redis_deadline (TIMEOUT), error);

  if (!answer)
    return FALSE;
  for (guint i = 0; i < answer->lists->len; i++)
    print_list (anpr_hit_list_get_header (g_ptr_array_index (answer->lists, i)),
        g_get_real_time ());
  for (guint i = 0; i < answer->removed->len; i++) {
    g_autofree gchar *id =
        anpr_console_clean (g_ptr_array_index (answer->removed, i));
    g_autofree gchar *line = g_strdup_printf ("%s: out of use", id);

    anpr_console_print (line);
  }
  if (answer->damaged == 0)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_REDIS_DATA, "%s", answer->fault);
  return FALSE;
}

static gboolean
add (AnprRedisConnection *connection, gchar **arguments, GError **error)
{
  g_autofree gchar *version = NULL, *line = NULL;

  if (!anpr_redis_add (connection, arguments[0],
          (const gchar *const *) arguments + 1, &version, error))
    return FALSE;
  line = g_strdup_printf ("%s: version %s", arguments[0], version);
  anpr_console_print (line);
  return TRUE;
}

static gboolean
withdraw (AnprRedisConnection *connection, gchar **arguments, GError **error)
{
  g_autofree gchar *version = NULL, *line = NULL;
  guint n;

  if (!anpr_redis_withdraw (connection, arguments[0], arguments[1],
          arguments[2], &n, &version, error))
    return FALSE;
  if (n == 0) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_REDIS_REFUSED,
        "the list has no such entry");
    return FALSE;
  }
  line = g_strdup_printf ("%s: version %s, %u %s withdrawn", arguments[0],
      version, n, n == 1 ? "entry" : "entries");
  anpr_console_print (line);
  return TRUE;
}

static gboolean
unpublish (AnprRedisConnection *connection, gchar **arguments, GError **error)
{
  g_autofree gchar *line = NULL;

  if (!anpr_redis_remove (connection, arguments[0], error))
    return FALSE;
  line = g_strdup_printf ("%s: out of use", arguments[0]);
  anpr_console_print (line);
  return TRUE;
}

static const struct {
  const gchar *name;
  guint min_arguments;
  guint max_arguments;
  gboolean (*run) (
      AnprRedisConnection *connection, gchar **arguments, GError **error);
} actions[] = {
  { "publish", 1, G_MAXUINT, publish },
  { "published", 0, 0, show_published },
  { "add", 2, G_MAXUINT, add },
  { "withdraw", 2, 3, withdraw },
  { "unpublish", 1, 1, unpublish },
};

static AnprRedisConnection *
open_connection (GError **error)
{
  const gchar *uri =
      anprctl_redis_uri ? anprctl_redis_uri : g_getenv ("ANPR_REDIS");
  g_autoptr (AnprRedisAddress) address = anpr_redis_address_parse (uri, error);

  return address ? anpr_redis_connection_new (address, TIMEOUT, error) : NULL;
}

static AnprctlStatus
run_action (guint i, gchar **arguments)
{
  g_autoptr (AnprRedisConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  guint n = g_strv_length (arguments) - 1;

  if (n < actions[i].min_arguments || n > actions[i].max_arguments)
    return anprctl_usage ("wrong number of arguments for %s", arguments[0]);
  if (!anprctl_redis_uri && !g_getenv ("ANPR_REDIS"))
    return anprctl_usage ("give the Redis server with --redis");
  connection = open_connection (&error);
  if (connection && actions[i].run (connection, arguments + 1, &error))
    return ANPRCTL_DONE;
  if (error)
    anpr_console_error (arguments[0], error);
  return ANPRCTL_FAILED;
}

/**
 * anprctl_redis_lists_run:
 * @arguments: an action and its arguments
 * @keys: (nullable): folder of trusted public keys
 * @status: (out): the exit status, if the action is one of these
 *
 * Returns: whether it is
 */
gboolean
anprctl_redis_lists_run (
    gchar **arguments, const gchar *keys, AnprctlStatus *status)
{
  trusted_keys = keys;
  for (guint i = 0; arguments[0] && i < G_N_ELEMENTS (actions); i++)
    if (strcmp (arguments[0], actions[i].name) == 0) {
      *status = run_action (i, arguments);
      return TRUE;
    }
  return FALSE;
}
