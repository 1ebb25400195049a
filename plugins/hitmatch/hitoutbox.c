/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Hits on their way to the stream anpr:hits, for dispatchers.
 *
 * Threads. Anyone puts a hit in and goes on; one thread delivers, in order, up
 * to 32 in a round trip, over a connection of its own: the server that takes
 * hits need not be the one with the lists, since a replica takes none.
 *
 * Once. What a server was sent and did not answer for may have arrived, so it
 * is sent again, and the server is asked, in one step with adding, whether it
 * has a mark with the hit's id: anpr:hit:<id>, for eight days. So each hit is
 * in the stream once, however often a link fails.
 *
 * Bounds. While no server answers hits wait in memory, 10 000 at most; beyond
 * that the oldest of the least urgent gives way and is counted. They are all
 * in their passages' records, too. Attempts are 0.1 to 5 s apart. A hit that
 * waited longer than two seconds is marked late.
 *
 * End. What still waits when the outbox is freed has one second.
 *
 * Nothing of a hit is logged or said here: entries may be covert.
 */

#include "hitoutbox.h"
#include "redisconnection.h"
#include "../record/error.h"
#include "../record/jsonmember.h"
#include "../record/passage.h"

#define BATCH 32
#define TIMEOUT 1000 /* of a round trip, and of connecting, milliseconds */
#define MIN_PAUSE (100 * G_TIME_SPAN_MILLISECOND)
#define MAX_PAUSE (5 * G_TIME_SPAN_SECOND)
#define LAST_TIME G_TIME_SPAN_SECOND
#define MARK_SECONDS "691200"

/* A connection may have been closed for idleness: only the next failure says
 * that the server is away */
#define TELLING_FAILURES 2

static const gchar script[] =
    "if redis.call('SET',KEYS[1],'','NX','EX',ARGV[1]) then\n"
    " return redis.call('XADD',KEYS[2],'MAXLEN','~',ARGV[2],'*',"
    "unpack(ARGV,3))\n"
    "end\n"
    "return false\n";

typedef struct {
  AnprHit *hit;
  gchar *passage;
  gchar *text;
  gchar *position;
  gchar *first;
  guint count;
  gint64 utc;
  gint64 put;
} Item;

struct _AnprHitOutbox {
  AnprRedisAddress *address;
  AnprHitOutboxFault fault;
  gpointer user_data;
  GThread *thread;

  /* the thread */
  AnprRedisConnection *connection;
  guint failures;
  gboolean told;

  GMutex lock;
  GCond wake;
  GQueue items;
  guint n_under_way; /* first of the items, that must stay */
  gboolean stop;
  gint64 stop_at;
  gboolean full;
  AnprHitOutboxStats stats;
};

/* --- one hit ------------------------------------------------------------ */

static Item *
item_new (const AnprHitNote *note)
{
  Item *item = g_new0 (Item, 1);

  item->hit = anpr_hit_ref (note->hit);
  item->passage = g_strdup (note->passage);
  item->text = g_strdup (note->text);
  item->position = g_strdup (note->position);
  item->first = g_strdup (note->first);
  item->count = note->count;
  item->utc = note->utc;
  item->put = g_get_monotonic_time ();
  return item;
}

static void
item_free (Item *item)
{
  anpr_hit_unref (item->hit);
  g_free (item->passage);
  g_free (item->text);
  g_free (item->position);
  g_free (item->first);
  g_free (item);
}

static gboolean
is_late (const Item *item)
{
  return g_get_monotonic_time () - item->put > ANPR_HIT_LATE_TIME;
}

static void
add_field (GPtrArray *arguments, const gchar *name, const gchar *value)
{
  g_ptr_array_add (arguments, g_strdup (name));
  g_ptr_array_add (arguments, g_strdup (value ? value : ""));
}

static void
add_number (GPtrArray *arguments, const gchar *name, gint64 value)
{
  g_ptr_array_add (arguments, g_strdup (name));
  g_ptr_array_add (arguments, g_strdup_printf ("%" G_GINT64_FORMAT, value));
}

static void
add_record (GPtrArray *arguments, const Item *item, gboolean late)
{
  g_autoptr (JsonObject) object = anpr_hit_to_json (item->hit, item->passage);

  json_object_set_boolean_member (object, "late", late);
  g_ptr_array_add (arguments, g_strdup ("hit"));
  g_ptr_array_add (arguments, anpr_json_to_line (object));
}

/* What of a hit one can select by stands beside the whole of it */
static void
add_fields (GPtrArray *arguments, const Item *item)
{
  const AnprHit *hit = item->hit;
  gboolean late = is_late (item);

  add_field (arguments, "kind", item->first ? "repeat" : "hit");
  add_field (arguments, "id", hit->id);
  add_field (arguments, "first", item->first ? item->first : hit->id);
  add_number (arguments, "count", item->count);
  add_field (arguments, "passage", item->passage);
  add_field (arguments, "position", item->position);
  add_field (arguments, "text", item->text);
  add_field (arguments, "list", hit->list);
  add_number (arguments, "priority", hit->priority);
  add_field (arguments, "covert", hit->covert ? "1" : "0");
  add_field (arguments, "stale", hit->stale ? "1" : "0");
  add_field (arguments, "direction", anpr_direction_to_string (hit->direction));
  add_field (arguments, "late", late ? "1" : "0");
  add_number (arguments, "timestamp", item->utc);
  add_record (arguments, item, late);
}

static void
send_item (AnprRedisConnection *connection, const Item *item)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (arguments, g_strdup ("EVAL"));
  g_ptr_array_add (arguments, g_strdup (script));
  g_ptr_array_add (arguments, g_strdup ("2"));
  g_ptr_array_add (arguments, g_strconcat ("anpr:hit:", item->hit->id, NULL));
  g_ptr_array_add (arguments, g_strdup (ANPR_HITS_STREAM));
  g_ptr_array_add (arguments, g_strdup (MARK_SECONDS));
  g_ptr_array_add (arguments, g_strdup (ANPR_HITS_STREAM_LENGTH));
  add_fields (arguments, item);
  anpr_redis_send (
      connection, arguments->len, (const gchar *const *) arguments->pdata);
}

/* --- the thread --------------------------------------------------------- */

/* Puts the first items in line. Returns how many. */
static guint
send_batch (AnprHitOutbox *outbox)
{
  GList *link;
  guint n = 0;

  g_mutex_lock (&outbox->lock);
  for (link = outbox->items.head; link && n < BATCH; link = link->next) {
    send_item (outbox->connection, link->data);
    n++;
  }
  outbox->n_under_way = n;
  g_mutex_unlock (&outbox->lock);
  return n;
}

static void
take_delivered (AnprHitOutbox *outbox)
{
  Item *item;

  g_mutex_lock (&outbox->lock);
  item = g_queue_pop_head (&outbox->items);
  outbox->n_under_way--;
  outbox->stats.delivered++;
  outbox->stats.late += is_late (item);
  outbox->full = FALSE;
  g_mutex_unlock (&outbox->lock);
  item_free (item);
}

static gboolean
deliver (AnprHitOutbox *outbox, GError **error)
{
  guint n;

  if (!outbox->connection)
    outbox->connection =
        anpr_redis_connection_new (outbox->address, TIMEOUT, error);
  if (!outbox->connection)
    return FALSE;
  n = send_batch (outbox);
  for (guint i = 0; i < n; i++) {
    g_autoptr (redisReply) reply = anpr_redis_receive (
        outbox->connection, anpr_redis_deadline (TIMEOUT), error);

    if (!reply)
      return FALSE;
    take_delivered (outbox);
  }
  return TRUE;
}

static void
note_success (AnprHitOutbox *outbox)
{
  g_autoptr (GError) error = NULL;

  outbox->failures = 0;
  if (!outbox->told)
    return;
  outbox->told = FALSE;
  error = g_error_new (
      ANPR_ERROR, ANPR_ERROR_REDIS_BACK, "hits that waited are delivered");
  outbox->fault (error, outbox->user_data);
}

static void
note_failure (AnprHitOutbox *outbox, const GError *error)
{
  g_autoptr (GError) told = NULL;

  g_clear_pointer (&outbox->connection, anpr_redis_connection_free);
  outbox->failures++;
  if (outbox->told || outbox->failures < TELLING_FAILURES)
    return;
  outbox->told = TRUE;
  told =
      g_error_new (error->domain, error->code, "hits wait: %s", error->message);
  outbox->fault (told, outbox->user_data);
}

static gint64
get_pause (const AnprHitOutbox *outbox)
{
  if (outbox->failures < TELLING_FAILURES)
    return 0;
  return MIN (
      MIN_PAUSE << MIN (outbox->failures - TELLING_FAILURES, 10), MAX_PAUSE);
}

/* Waits after a failure, and less if the outbox ends. Call with the lock held. */
static void
wait_a_while (AnprHitOutbox *outbox, gint64 pause)
{
  gint64 end = g_get_monotonic_time () + pause;

  while (!outbox->stop && g_cond_wait_until (&outbox->wake, &outbox->lock, end))
    ;
  if (outbox->stop && outbox->items.length > 0 && pause > 0)
    (void) g_cond_wait_until (&outbox->wake, &outbox->lock,
        MIN (end, g_get_monotonic_time () + MIN_PAUSE));
}

/* Waits for something to do. Returns FALSE at the end. Call with the lock held. */
static gboolean
wait_for_items (AnprHitOutbox *outbox)
{
  while (outbox->items.length == 0 && !outbox->stop)
    g_cond_wait (&outbox->wake, &outbox->lock);
  return outbox->items.length > 0
         && (!outbox->stop || g_get_monotonic_time () < outbox->stop_at);
}

static gpointer
run (gpointer data)
{
  AnprHitOutbox *outbox = data;

  g_mutex_lock (&outbox->lock);
  while (wait_for_items (outbox)) {
    g_autoptr (GError) error = NULL;

    g_mutex_unlock (&outbox->lock);
    if (deliver (outbox, &error))
      note_success (outbox);
    else
      note_failure (outbox, error);
    g_mutex_lock (&outbox->lock);
    outbox->n_under_way = 0;
    wait_a_while (outbox, get_pause (outbox));
  }
  g_mutex_unlock (&outbox->lock);
  return NULL;
}

/* --- for everyone ------------------------------------------------------- */

/**
 * anpr_hit_outbox_new: (skip)
 * @address: of the server that takes hits
 * @fault: is told when the server is away and when it is back
 * @user_data: for @fault
 *
 * Returns: (transfer full): an outbox, its thread running
 */
AnprHitOutbox *
anpr_hit_outbox_new (const AnprRedisAddress *address, AnprHitOutboxFault fault,
    gpointer user_data)
{
  AnprHitOutbox *outbox = g_new0 (AnprHitOutbox, 1);

  outbox->address = anpr_redis_address_copy (address);
  outbox->fault = fault;
  outbox->user_data = user_data;
  g_mutex_init (&outbox->lock);
  g_cond_init (&outbox->wake);
  g_queue_init (&outbox->items);
  outbox->thread = g_thread_new ("hitmatch-deliver", run, outbox);
  return outbox;
}

/**
 * anpr_hit_outbox_goes_to: (skip)
 * @outbox: (nullable): an outbox
 * @address: of a server
 *
 * Returns: whether it delivers to that server, with the same account
 */
gboolean
anpr_hit_outbox_goes_to (
    const AnprHitOutbox *outbox, const AnprRedisAddress *address)
{
  const AnprRedisAddress *own = outbox ? outbox->address : NULL;

  return own && g_strcmp0 (own->socket, address->socket) == 0
         && g_strcmp0 (own->host, address->host) == 0
         && own->port == address->port && own->database == address->database
         && g_strcmp0 (own->user, address->user) == 0
         && g_strcmp0 (own->password_file, address->password_file) == 0;
}

static void
tell_dropped (AnprHitOutbox *outbox, guint n)
{
  g_autoptr (GError) error = g_error_new (ANPR_ERROR,
      ANPR_ERROR_HITS_UNDELIVERED, "%u hits were not delivered to Redis", n);

  outbox->fault (error, outbox->user_data);
}

/**
 * anpr_hit_outbox_free: (skip)
 * @outbox: (nullable) (transfer full): what waits has a second to be delivered
 */
void
anpr_hit_outbox_free (AnprHitOutbox *outbox)
{
  if (!outbox)
    return;
  g_mutex_lock (&outbox->lock);
  outbox->stop = TRUE;
  outbox->stop_at = g_get_monotonic_time () + LAST_TIME;
  g_cond_signal (&outbox->wake);
  g_mutex_unlock (&outbox->lock);
  g_thread_join (outbox->thread);
  if (outbox->items.length > 0)
    tell_dropped (outbox, outbox->items.length);
  g_queue_clear_full (&outbox->items, (GDestroyNotify) item_free);
  anpr_redis_connection_free (outbox->connection);
  anpr_redis_address_free (outbox->address);
  g_mutex_clear (&outbox->lock);
  g_cond_clear (&outbox->wake);
  g_free (outbox);
}

/* The oldest of the least urgent; those under way stay where they are */
static GList *
find_least_urgent (AnprHitOutbox *outbox)
{
  GList *found = NULL;
  guint i = 0;

  for (GList *link = outbox->items.head; link; link = link->next, i++) {
    const Item *item = link->data, *least = found ? found->data : NULL;

    if (i >= outbox->n_under_way
        && (!least || item->hit->priority > least->hit->priority))
      found = link;
  }
  return found;
}

/* Call with the lock held. Returns whether the first drop must be told. */
static gboolean
make_room (AnprHitOutbox *outbox)
{
  GList *link;
  gboolean news = !outbox->full;

  if (outbox->items.length <= ANPR_HIT_OUTBOX_MAX)
    return FALSE;
  link = find_least_urgent (outbox);
  item_free (link->data);
  g_queue_delete_link (&outbox->items, link);
  outbox->stats.dropped++;
  outbox->full = TRUE;
  return news;
}

/**
 * anpr_hit_outbox_put: (skip)
 * @outbox: an outbox
 * @note: copied
 *
 * Threads: any. Does not wait for anything.
 */
void
anpr_hit_outbox_put (AnprHitOutbox *outbox, const AnprHitNote *note)
{
  Item *item = item_new (note);
  gboolean news;

  g_mutex_lock (&outbox->lock);
  g_queue_push_tail (&outbox->items, item);
  news = make_room (outbox);
  g_cond_signal (&outbox->wake);
  g_mutex_unlock (&outbox->lock);
  if (news)
    tell_dropped (outbox, 1);
}

/**
 * anpr_hit_outbox_get_stats: (skip)
 * @outbox: an outbox
 * @stats: (out): its counts
 */
void
anpr_hit_outbox_get_stats (AnprHitOutbox *outbox, AnprHitOutboxStats *stats)
{
  g_mutex_lock (&outbox->lock);
  *stats = outbox->stats;
  stats->waiting = outbox->items.length;
  g_mutex_unlock (&outbox->lock);
}
