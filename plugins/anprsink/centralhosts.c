/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which servers there are to try, in order.
 *
 * libpq resolves host names with a call that blocks for as long as the system's
 * resolver likes, so names are resolved here, each time anew: a name may have
 * moved. All names are asked at once and whatever has not answered at the
 * deadline counts as not found. The calling thread waits in a main context of
 * its own; it is GLib's resolver threads that may hang, and they are left to it.
 */

#include "centralhosts.h"
#include "../record/error.h"

#include <string.h>

/* Of one address, and of one name */
#define MAX_HOSTS 8
#define MAX_NUMBERS 8

typedef struct {
  guint n_open;
  gboolean late;
} Waiting;

typedef struct {
  Waiting *waiting;
  AnprCentralHost *host; /* not owned */
  GList *found;          /* of GInetAddress */
  GError *error;
} Lookup;

static void
host_free (AnprCentralHost *host)
{
  g_free (host->name);
  g_free (host->number);
  g_free (host->port);
  g_free (host);
}

static void
lookup_free (Lookup *lookup)
{
  g_resolver_free_addresses (lookup->found);
  g_clear_error (&lookup->error);
  g_free (lookup);
}

static AnprCentralHost *
host_new (const gchar *name, const gchar *number, const gchar *port)
{
  AnprCentralHost *host = g_new0 (AnprCentralHost, 1);

  host->name = name && name[0] ? g_strdup (name) : NULL;
  host->number = number && number[0] ? g_strdup (number) : NULL;
  host->port = port && port[0] ? g_strdup (port) : NULL;
  return host;
}

/**
 * anpr_central_host_to_string: (skip)
 * @host: a host
 *
 * Returns: (transfer full): for messages
 */
gchar *
anpr_central_host_to_string (const AnprCentralHost *host)
{
  if (!host->name && !host->number)
    return g_strdup ("the local socket");
  return g_strdup_printf ("%s:%s", host->name ? host->name : host->number,
      host->port ? host->port : "5432");
}

static gboolean
needs_lookup (const AnprCentralHost *host)
{
  return host->name && !host->number && !strchr ("/@", host->name[0]);
}

static const gchar *
at (gchar **list, guint i)
{
  return i < g_strv_length (list) ? list[i] : NULL;
}

static gchar **
split (GHashTable *settings, const gchar *keyword)
{
  const gchar *value = g_hash_table_lookup (settings, keyword);

  return g_strsplit (value ? value : "", ",", MAX_HOSTS + 1);
}

/* As libpq pairs the lists: as many ports as hosts, or one for all. */
static GPtrArray *
configured_hosts (GHashTable *settings, GError **error)
{
  g_auto (GStrv) names = split (settings, "host");
  g_auto (GStrv) numbers = split (settings, "hostaddr");
  g_auto (GStrv) ports = split (settings, "port");
  guint n_names = g_strv_length (names), n_numbers = g_strv_length (numbers);
  guint n_ports = g_strv_length (ports);
  guint n = MAX (1, MAX (n_names, n_numbers));
  g_autoptr (GPtrArray) hosts =
      g_ptr_array_new_with_free_func ((GDestroyNotify) host_free);

  if (n > MAX_HOSTS || (n_names && n_numbers && n_names != n_numbers)
      || (n_ports > 1 && n_ports != n)) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_ADDRESS,
        "Address of the central database: at most %d hosts, with as many "
        "addresses and one port, or as many",
        MAX_HOSTS);
    return NULL;
  }
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (hosts, host_new (at (names, i), at (numbers, i),
                                at (ports, n_ports == 1 ? 0 : i)));
  return g_steal_pointer (&hosts);
}

static void
take_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Lookup *lookup = user_data;

  lookup->found = g_resolver_lookup_by_name_finish (
      G_RESOLVER (source), result, &lookup->error);
  lookup->waiting->n_open--;
}

static gboolean
note_late (gpointer user_data)
{
  ((Waiting *) user_data)->late = TRUE;
  return G_SOURCE_REMOVE;
}

static void
pass_on_cancel (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

/* Until all have answered; at the deadline the rest is cancelled, which answers
 * at once. */
static void
wait_for_answers (GMainContext *context, Waiting *waiting, gint64 deadline,
    GCancellable *lookups)
{
  gint64 left = MAX (0, deadline - g_get_monotonic_time ());
  GSource *timer = g_timeout_source_new ((guint) (left / 1000 + 1));

  g_source_set_callback (timer, note_late, waiting, NULL);
  (void) g_source_attach (timer, context);
  while (waiting->n_open > 0) {
    (void) g_main_context_iteration (context, TRUE);
    if (waiting->late)
      g_cancellable_cancel (lookups);
  }
  g_source_destroy (timer);
  g_source_unref (timer);
}

static void
look_up (GPtrArray *lookups, gint64 deadline, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  Waiting waiting = { lookups->len, FALSE };
  gulong handler = 0;

  g_main_context_push_thread_default (context);
  for (guint i = 0; i < lookups->len; i++) {
    Lookup *lookup = lookups->pdata[i];

    lookup->waiting = &waiting;
    g_resolver_lookup_by_name_async (
        resolver, lookup->host->name, inner, take_answer, lookup);
  }
  if (cancellable)
    handler = g_cancellable_connect (
        cancellable, G_CALLBACK (pass_on_cancel), inner, NULL);
  wait_for_answers (context, &waiting, deadline, inner);
  if (cancellable)
    g_cancellable_disconnect (cancellable, handler);
  g_main_context_pop_thread_default (context);
}

static void
add_found (GPtrArray *hosts, const Lookup *lookup)
{
  guint n = 0;

  for (GList *item = lookup->found; item && n < MAX_NUMBERS;
       item = item->next, n++) {
    g_autofree gchar *number = g_inet_address_to_string (item->data);

    g_ptr_array_add (
        hosts, host_new (lookup->host->name, number, lookup->host->port));
  }
}

static const Lookup *
find_lookup (GPtrArray *lookups, const AnprCentralHost *host)
{
  for (guint i = 0; i < lookups->len; i++) {
    const Lookup *lookup = lookups->pdata[i];

    if (lookup->host == host)
      return lookup;
  }
  return NULL;
}

static void
set_not_found (GPtrArray *lookups, GCancellable *cancellable, GError **error)
{
  const Lookup *lookup = lookups->pdata[0];

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_AWAY,
      "The host \"%s\" is not found: %s", lookup->host->name,
      g_error_matches (lookup->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
          ? "no answer from the name server"
          : lookup->error->message);
}

/**
 * anpr_central_find_hosts: (skip)
 * @settings: of libpq
 * @deadline: on the monotonic clock, for name servers
 * @cancellable: (nullable): ends the wait, from any thread
 * @error: %ANPR_ERROR_CENTRAL_ADDRESS, %ANPR_ERROR_CENTRAL_AWAY, or
 *     %G_IO_ERROR_CANCELLED
 *
 * Names that are not found are left out while others are.
 *
 * Returns: (transfer full) (nullable) (element-type AnprCentralHost): in the
 *     order they are to be tried, at least one
 */
GPtrArray *
anpr_central_find_hosts (GHashTable *settings, gint64 deadline,
    GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) configured = configured_hosts (settings, error);
  g_autoptr (GPtrArray) hosts =
      g_ptr_array_new_with_free_func ((GDestroyNotify) host_free);
  g_autoptr (GPtrArray) lookups =
      g_ptr_array_new_with_free_func ((GDestroyNotify) lookup_free);

  if (!configured)
    return NULL;
  for (guint i = 0; i < configured->len; i++) {
    AnprCentralHost *host = configured->pdata[i];

    if (needs_lookup (host)) {
      Lookup *lookup = g_new0 (Lookup, 1);

      lookup->host = host;
      g_ptr_array_add (lookups, lookup);
    }
  }
  if (lookups->len > 0)
    look_up (lookups, deadline, cancellable);
  for (guint i = 0; i < configured->len; i++) {
    AnprCentralHost *host = configured->pdata[i];
    const Lookup *lookup = find_lookup (lookups, host);

    if (lookup)
      add_found (hosts, lookup);
    else
      g_ptr_array_add (hosts, host_new (host->name, host->number, host->port));
  }
  if (hosts->len == 0) {
    set_not_found (lookups, cancellable, error);
    return NULL;
  }
  return g_steal_pointer (&hosts);
}
