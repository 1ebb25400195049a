/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lists in Redis, from the side of those who publish them.
 *
 *   anpr:lists               set of list ids
 *   anpr:list:<id>           hash: generation, urgency, changes, entries, and
 *                            the header under the names of the list file
 *   anpr:list:<id>:<gen>     hash: plate key -> JSON array of entries; the
 *                            field "#" is there when all the others are
 *   anpr:changes             stream of what was done to which list
 *
 * A new version is loaded under a generation of its own, beside the one in
 * force, in pieces of some hundred plates. That key expires unless it is put
 * in force, so an interrupted load leaves nothing behind. Then one transaction
 * marks it whole, keeps it, points the list at it and unlinks the one before:
 * a reader sees the one or the other, a crash leaves the one or the other.
 * Only a higher version takes the place of a sound one. Two who load the same
 * list at once are told apart by WATCH: the second is refused.
 *
 * Single entries are added and withdrawn by a script on the server, in one
 * step, in the generation that is in force; a version counts them: 7+3. The
 * next version is whole in itself and knows nothing of them.
 *
 * A list that is removed stays known as removed, so that an appliance's file
 * of it is not taken for what Redis has lost.
 *
 * Blocking; for tools, never for a streaming thread.
 */

#include "redisstore.h"
#include "listvalue.h"
#include "redisentry.h"
#include "../record/error.h"
#include "../record/identifier.h"

#include <stdlib.h>
#include <string.h>

/* Plates in one command, and commands whose answers may be outstanding: those
 * of two chunks, so that the server works while the next one is written */
#define CHUNK 256
#define OUTSTANDING 8

/* For one answer, milliseconds: a server that writes to disk may pause */
#define TIMEOUT 30000

#define CHANGES_LENGTH "10000"
#define LISTS "anpr:lists"
#define CHANGES "anpr:changes"

/* One entry under one of the names of its plate */
typedef struct {
  guint64 order; /* of the name: those of one name stand together */
  guint32 entry;
  guint32 field;
} Place;

typedef struct {
  AnprRedisConnection *connection;
  const AnprHitList *list;
  GCancellable *cancellable;
  AnprRedisProgress progress;
  gpointer user_data;

  gchar *key;        /* of the list */
  gchar *generation; /* key of the one that is loaded */
  gchar *name;       /* of that generation */
  guint urgency;
  guint64 n_plates;
  guint n_patterns;
  guint outstanding;
} Load;

static gint64
get_deadline (void)
{
  return anpr_redis_deadline (TIMEOUT);
}

static gboolean refuse (GError **error, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const gchar *format, ...)
{
  g_autofree gchar *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_REDIS_REFUSED, reason);
  return FALSE;
}

static const gchar *
get_text (const redisReply *reply, gsize i)
{
  if (reply->type != REDIS_REPLY_ARRAY || i >= reply->elements
      || reply->element[i]->type != REDIS_REPLY_STRING)
    return NULL;
  return reply->element[i]->str;
}

/**
 * anpr_redis_compare_versions: (skip)
 * @a: a version: numbers with dots, single changes behind a '+'
 * @b: another
 *
 * Returns: below 0, 0 or above 0 as @a is lower, the same or higher; single
 *     changes do not count
 */
gint
anpr_redis_compare_versions (const gchar *a, const gchar *b)
{
  for (;;) {
    gchar *end_a, *end_b;
    guint64 left = g_ascii_strtoull (a, &end_a, 10);
    guint64 right = g_ascii_strtoull (b, &end_b, 10);

    if (left != right)
      return left < right ? -1 : 1;
    if (*end_a != '.' || *end_b != '.')
      return (*end_a == '.') - (*end_b == '.');
    a = end_a + 1;
    b = end_b + 1;
  }
}

/* --- loading ------------------------------------------------------------ */

static gint
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *left = a, *right = b;

  if (left->order != right->order)
    return left->order < right->order ? -1 : 1;
  return left->entry < right->entry ? -1 : left->entry > right->entry;
}

/* A number for each name: that of a plate key as it is, which is below 40^12,
 * and those of what looks alike and of patterns above all of these */
static guint64
get_order (const gchar *field)
{
  const guint64 above = G_GUINT64_CONSTANT (1) << 63;

  if (field[0] == '~')
    return above | g_ascii_strtoull (field + 1, NULL, 16);
  return field[0] == '?' ? G_MAXUINT64 : anpr_short_key_pack (field);
}

static GArray *
find_places (const AnprHitList *list)
{
  guint n_entries = anpr_hit_list_get_n_entries (list);
  GArray *places = g_array_sized_new (FALSE, FALSE, sizeof (Place), n_entries);

  for (guint i = 0; i < n_entries; i++) {
    AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS];
    guint n = anpr_redis_entry_fields (list, i, fields);

    for (guint k = 0; k < n; k++) {
      Place place = { get_order (fields[k]), i, k };

      g_array_append_val (places, place);
    }
  }
  /* qsort sorts in place, what g_array_sort() does for half as much again */
  if (places->len > 0)
    qsort (places->data, places->len, sizeof (Place), compare_places);
  return places;
}

static guint
find_urgency (const AnprHitList *list)
{
  guint urgency = ANPR_LIST_LOWEST_PRIORITY;

  for (guint i = 0; i < anpr_hit_list_get_n_entries (list); i++) {
    AnprHitEntry entry;

    anpr_hit_list_get_entry (list, i, &entry);
    urgency = MIN (urgency, entry.priority);
  }
  return urgency;
}

/* Appends field and value of the plate at places[i]. Returns the place behind
 * the plate's last. */
static guint
add_plate (Load *load, const GArray *places, guint i, GPtrArray *command)
{
  const Place *first = &g_array_index (places, Place, i);
  AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS];
  GString *value = g_string_new ("[");

  (void) anpr_redis_entry_fields (load->list, first->entry, fields);
  for (; i < places->len; i++) {
    const Place *place = &g_array_index (places, Place, i);

    if (place->order != first->order)
      break;
    if (value->len > 1)
      g_string_append_c (value, ',');
    anpr_redis_entry_append (value, load->list, place->entry);
    load->n_patterns += place->order == G_MAXUINT64;
  }
  g_string_append_c (value, ']');
  g_ptr_array_add (command, g_strdup (fields[first->field]));
  g_ptr_array_add (command, g_string_free (value, FALSE));
  return i;
}

static gboolean
receive_one (Load *load, GError **error)
{
  g_autoptr (redisReply) reply =
      anpr_redis_receive (load->connection, get_deadline (), error);

  load->outstanding--;
  return reply != NULL;
}

static gboolean
send_counted (
    Load *load, guint n, const gchar *const *arguments, GError **error)
{
  anpr_redis_send (load->connection, n, arguments);
  load->outstanding++;
  return load->outstanding <= OUTSTANDING || receive_one (load, error);
}

/* In one step, so that no moment leaves a key that does not expire */
static gboolean
send_chunk (Load *load, const GPtrArray *command, GError **error)
{
  g_autofree gchar *seconds = g_strdup_printf ("%d", ANPR_REDIS_LOAD_SECONDS);
  const gchar *begin[] = { "MULTI" }, *end[] = { "EXEC" };
  const gchar *expire[] = { "EXPIRE", load->generation, seconds };

  return send_counted (load, 1, begin, error)
         && send_counted (
             load, command->len, (const gchar *const *) command->pdata, error)
         && send_counted (load, G_N_ELEMENTS (expire), expire, error)
         && send_counted (load, 1, end, error);
}

static gboolean
load_chunk (Load *load, const GArray *places, guint *i, GError **error)
{
  g_autoptr (GPtrArray) command = g_ptr_array_new_full (2 + 2 * CHUNK, g_free);

  if (g_cancellable_set_error_if_cancelled (load->cancellable, error))
    return FALSE;
  g_ptr_array_add (command, g_strdup ("HSET"));
  g_ptr_array_add (command, g_strdup (load->generation));
  for (guint n = 0; n < CHUNK && *i < places->len; n++) {
    *i = add_plate (load, places, *i, command);
    load->n_plates++;
  }
  if (load->progress)
    load->progress (*i, places->len, load->user_data);
  return send_chunk (load, command, error);
}

static gboolean
load_entries (Load *load, GError **error)
{
  g_autoptr (GArray) places = find_places (load->list);
  guint i = 0;

  while (i < places->len)
    if (!load_chunk (load, places, &i, error))
      return FALSE;
  while (load->outstanding > 0)
    if (!receive_one (load, error))
      return FALSE;
  return TRUE;
}

/* --- putting in force --------------------------------------------------- */

/* Whether the generation in force is all there */
static gboolean
is_whole (Load *load, const gchar *name, gboolean *whole, GError **error)
{
  g_autofree gchar *key = g_strconcat (load->key, ":", name, NULL);
  g_autoptr (redisReply) reply = anpr_redis_call (
      load->connection, get_deadline (), error, "HEXISTS", key, "#", NULL);

  *whole = reply && reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
  return reply != NULL;
}

/* Whether the list may take the place of what is there; before: the name of
 * the generation in force, if any */
static gboolean
check_before (Load *load, gchar **before, GError **error)
{
  const gchar *version = anpr_hit_list_get_header (load->list)->version;
  const gchar *old_version, *generation;
  gboolean whole;
  g_autoptr (redisReply) reply =
      anpr_redis_call (load->connection, get_deadline (), error, "HMGET",
          load->key, "generation", "version", NULL);

  *before = NULL;
  if (!reply)
    return FALSE;
  generation = get_text (reply, 0);
  old_version = get_text (reply, 1);
  if (!generation)
    return TRUE;
  *before = g_strdup (generation);
  if (!is_whole (load, generation, &whole, error))
    return FALSE;
  if (!whole || !old_version
      || anpr_redis_compare_versions (version, old_version) > 0)
    return TRUE;
  return refuse (error,
      "list \"%s\": version %s is in force, and %s is not higher",
      anpr_hit_list_get_header (load->list)->id, old_version, version);
}

static gboolean
check_loaded (Load *load, GError **error)
{
  g_autoptr (redisReply) reply = anpr_redis_call (
      load->connection, get_deadline (), error, "HLEN", load->generation, NULL);

  if (!reply)
    return FALSE;
  if (reply->type == REDIS_REPLY_INTEGER
      && (guint64) reply->integer == load->n_plates)
    return TRUE;
  return refuse (error, "what was loaded is not all there: the server evicts "
                        "keys, or somebody else removed it");
}

static void send_strings (Load *load, ...) G_GNUC_NULL_TERMINATED;

static void
send_strings (Load *load, ...)
{
  const gchar *arguments[16], *argument;
  va_list list;
  guint n = 0;

  va_start (list, load);
  while ((argument = va_arg (list, const gchar *)) && n < 16)
    arguments[n++] = argument;
  va_end (list);
  anpr_redis_send (load->connection, n, arguments);
  load->outstanding++;
}

static void
send_header (Load *load)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (load->list);
  g_autofree gchar *entries =
      g_strdup_printf ("%u", anpr_hit_list_get_n_entries (load->list));
  g_autofree gchar *urgency = g_strdup_printf ("%u", load->urgency);

  send_strings (load, "DEL", load->key, NULL);
  send_strings (load, "HSET", load->key, "generation", load->name, "entries",
      entries, "urgency", urgency, NULL);
  if (load->n_patterns > 0) {
    g_autofree gchar *patterns = g_strdup_printf ("%u", load->n_patterns);

    send_strings (load, "HSET", load->key, "patterns", patterns, NULL);
  }
  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++) {
    g_autofree gchar *value = anpr_redis_header_get_value (header, i);

    if (value)
      send_strings (
          load, "HSET", load->key, anpr_redis_header_get_name (i), value, NULL);
  }
}

static void
send_transaction (Load *load, const gchar *before)
{
  const AnprHitListHeader *header = anpr_hit_list_get_header (load->list);

  send_strings (load, "MULTI", NULL);
  send_strings (load, "HSET", load->generation, "#", header->version, NULL);
  send_strings (load, "PERSIST", load->generation, NULL);
  send_header (load);
  send_strings (load, "SADD", LISTS, header->id, NULL);
  if (before) {
    g_autofree gchar *key = g_strconcat (load->key, ":", before, NULL);

    send_strings (load, "UNLINK", key, NULL);
  }
  send_strings (load, "XADD", CHANGES, "MAXLEN", "~", CHANGES_LENGTH, "*",
      "action", "publish", "list", header->id, "version", header->version,
      NULL);
  send_strings (load, "EXEC", NULL);
}

static gboolean
check_executed (const redisReply *reply, GError **error)
{
  if (reply->type != REDIS_REPLY_ARRAY)
    return refuse (error, "somebody else changed the list at the same time");
  for (gsize i = 0; i < reply->elements; i++)
    if (reply->element[i]->type == REDIS_REPLY_ERROR)
      return refuse (error, "%s", reply->element[i]->str);
  return TRUE;
}

static gboolean
put_in_force (Load *load, GError **error)
{
  g_autoptr (redisReply) watched = NULL;
  g_autoptr (redisReply) executed = NULL;
  g_autofree gchar *before = NULL;

  watched = anpr_redis_call (load->connection, get_deadline (), error, "WATCH",
      load->key, load->generation, NULL);
  if (!watched || !check_before (load, &before, error)
      || !check_loaded (load, error))
    return FALSE;
  send_transaction (load, before);
  while (load->outstanding > 1)
    if (!receive_one (load, error))
      return FALSE;
  load->outstanding = 0;
  executed = anpr_redis_receive (load->connection, get_deadline (), error);
  return executed && check_executed (executed, error);
}

static gboolean
load_and_put_in_force (Load *load, GError **error)
{
  g_autofree gchar *before = NULL;

  return check_before (load, &before, error) && load_entries (load, error)
         && put_in_force (load, error);
}

/* What is left of a load that failed would disappear by itself, but large
 * lists had better not be in memory twice for that long */
static void
clean_up (Load *load)
{
  g_autoptr (redisReply) reply = NULL;

  while (load->outstanding > 0)
    if (!receive_one (load, NULL))
      return;
  reply = anpr_redis_call (load->connection, get_deadline (), NULL, "UNLINK",
      load->generation, NULL);
}

/**
 * anpr_redis_publish: (skip)
 * @connection: as a user that may write the keys of lists
 * @list: a sealed list
 * @cancellable: (nullable): gives up early; nothing is changed then
 * @progress: (nullable): is told how far it is
 * @user_data: for @progress
 * @error: of domain %ANPR_ERROR
 *
 * Returns: whether @list is in force now; if not, what was stays
 */
gboolean
anpr_redis_publish (AnprRedisConnection *connection, const AnprHitList *list,
    GCancellable *cancellable, AnprRedisProgress progress, gpointer user_data,
    GError **error)
{
  Load load = { connection, list, cancellable, progress, user_data };
  gboolean done;

  load.name = anpr_identifier_new ();
  load.key =
      g_strconcat ("anpr:list:", anpr_hit_list_get_header (list)->id, NULL);
  load.generation = g_strconcat (load.key, ":", load.name, NULL);
  load.urgency = find_urgency (list);
  done = load_and_put_in_force (&load, error);
  if (!done)
    clean_up (&load);
  g_free (load.name);
  g_free (load.key);
  g_free (load.generation);
  return done;
}

/* --- single entries ----------------------------------------------------- */

/* ARGV: list, action, plate key, entry to add or "", its priority, number of
 * ids to take out, the ids, the fields. Returns the version, or an error. */
static const gchar change_script[] =
    "local key='anpr:list:'..ARGV[1]\n"
    "local h=redis.call('HMGET',key,'generation','version','urgency')\n"
    "if not h[1] then return redis.error_reply('there is no such list') end\n"
    "local all=key..':'..h[1]\n"
    "if redis.call('HEXISTS',all,'#')==0 then\n"
    " return redis.error_reply('the list is not all there; publish it again')\n"
    "end\n"
    "local out,n={},tonumber(ARGV[6])\n"
    "for i=7,6+n do out[ARGV[i]]=true end\n"
    "local new,n_patterns={},nil\n"
    "for i=7+n,#ARGV do\n"
    " local list,old={},redis.call('HGET',all,ARGV[i])\n"
    " for _,e in ipairs(old and cjson.decode(old) or {}) do\n"
    "  if not out[e.entry] then list[#list+1]=cjson.encode(e) end\n"
    " end\n"
    " if ARGV[4]~='' then list[#list+1]=ARGV[4] end\n"
    " local kind=string.sub(ARGV[i],1,1)\n"
    " if #list>(kind=='?' and 1000 or kind=='~' and 512 or 64) then\n"
    "  return redis.error_reply('too many entries for the plate')\n"
    " end\n"
    " if kind=='?' then n_patterns=#list end\n"
    " new[ARGV[i]]=#list>0 and '['..table.concat(list,',')..']' or ''\n"
    "end\n"
    "for field,text in pairs(new) do\n"
    " if text~='' then redis.call('HSET',all,field,text)\n"
    " else redis.call('HDEL',all,field) end\n"
    "end\n"
    "if n_patterns==0 then redis.call('HDEL',key,'patterns')\n"
    "elseif n_patterns then redis.call('HSET',key,'patterns',n_patterns) end\n"
    "local urgency=tonumber(h[3] or 0) or 0\n"
    "if ARGV[4]~='' and tonumber(ARGV[5])<urgency then\n"
    " redis.call('HSET',key,'urgency',ARGV[5])\n"
    "end\n"
    "local version=h[2]..'+'..redis.call('HINCRBY',key,'changes',1)\n"
    "redis.call('XADD','anpr:changes','MAXLEN','~','10000','*','action',"
    "ARGV[2],'list',ARGV[1],'version',version,'plate',ARGV[3],"
    "'entry',ARGV[4],'taken-out',table.concat(ARGV,' ',7,6+n))\n"
    "return version\n";

/* plate: for those who read of the change; text: the entry to add or "" */
typedef struct {
  const gchar *list;
  const gchar *action;
  const gchar *plate;
  const gchar *text;
  guint priority;
  const gchar *const *ids;
  AnprRedisField *fields;
  guint n_fields;
} Change;

/* The script, or a part of it that fails, is told by its own words */
static gboolean
make_change (AnprRedisConnection *connection, const Change *change,
    gchar **version, GError **error)
{
  guint n_ids = g_strv_length ((gchar **) change->ids);
  g_autofree gchar *priority = g_strdup_printf ("%u", change->priority);
  g_autofree gchar *number = g_strdup_printf ("%u", n_ids);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (redisReply) reply = NULL;
  const gchar *fixed[] = { "EVAL", change_script, "0", change->list,
    change->action, change->plate, change->text, priority, number };

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (arguments, (gpointer) fixed[i]);
  for (guint i = 0; i < n_ids; i++)
    g_ptr_array_add (arguments, (gpointer) change->ids[i]);
  for (guint i = 0; i < change->n_fields; i++)
    g_ptr_array_add (arguments, change->fields[i]);
  anpr_redis_send (
      connection, arguments->len, (const gchar *const *) arguments->pdata);
  reply = anpr_redis_receive (connection, get_deadline (), error);
  if (!reply)
    return FALSE;
  if (reply->type != REDIS_REPLY_STRING)
    return refuse (error, "the server did not say what it changed");
  *version = g_strdup (reply->str);
  return TRUE;
}

static AnprRedisList *
parse_header (const gchar *id, const redisReply *reply, GError **error)
{
  const gchar *values[ANPR_N_REDIS_HEADERS];
  g_autofree gchar *fault = NULL;
  AnprRedisList *list;

  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++)
    values[i] = get_text (reply, 1 + i);
  list = anpr_redis_list_new (id, values, NULL, &fault);
  if (!list)
    refuse (error, "list \"%s\": %s", id, fault);
  return list;
}

/* The list's header, in a list without entries; generation: key of the one in
 * force */
static AnprRedisList *
get_list (AnprRedisConnection *connection, const gchar *id, gchar **generation,
    GError **error)
{
  g_autofree gchar *key = g_strconcat ("anpr:list:", id, NULL);
  const gchar *arguments[3 + ANPR_N_REDIS_HEADERS] = { "HMGET", key,
    "generation" };
  g_autoptr (redisReply) reply = NULL;

  if (!anpr_list_value_identifier (id)) {
    refuse (error, "\"%s\" is not the id of a list", id);
    return NULL;
  }
  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++)
    arguments[3 + i] = anpr_redis_header_get_name (i);
  anpr_redis_send (connection, G_N_ELEMENTS (arguments), arguments);
  reply = anpr_redis_receive (connection, get_deadline (), error);
  if (!reply)
    return NULL;
  if (!get_text (reply, 0)) {
    refuse (error, "there is no list \"%s\" in Redis", id);
    return NULL;
  }
  *generation = g_strconcat (key, ":", get_text (reply, 0), NULL);
  return parse_header (id, reply, error);
}

/**
 * anpr_redis_add: (skip)
 * @connection: as a user that may write the keys of lists
 * @list: id of a list that is in force
 * @columns: (array zero-terminated=1): the entry, NAME=VALUE each
 * @version: (out) (transfer full): of the list now, such as "7+3"
 * @error: of domain %ANPR_ERROR
 *
 * Adds an entry, or takes the place of the one with its id and plate. The next
 * read is compared with it.
 *
 * Returns: whether it is in the list
 */
gboolean
anpr_redis_add (AnprRedisConnection *connection, const gchar *list,
    const gchar *const *columns, gchar **version, GError **error)
{
  g_autofree gchar *generation = NULL, *fault = NULL;
  g_autoptr (AnprRedisList) header =
      get_list (connection, list, &generation, error);
  g_auto (AnprRedisEntry) entry = { 0 };
  const gchar *ids[] = { NULL, NULL };
  Change change = { .list = list, .action = "add", .ids = ids };

  if (!header)
    return FALSE;
  if (!anpr_redis_entry_take (
          &entry, anpr_redis_list_get_header (header), columns, &fault))
    return refuse (error, "%s", fault);
  ids[0] = entry.id;
  change.plate = entry.fields[0];
  change.text = entry.text->str;
  change.priority = entry.priority;
  change.fields = entry.fields;
  change.n_fields = entry.n_fields;
  return make_change (connection, &change, version, error);
}

/* Whether two plates are the same, as written for people or read; patterns are
 * if they are written the same */
static gboolean
is_same_plate (const gchar *one, const gchar *other)
{
  AnprRedisField a[ANPR_REDIS_MAX_ENTRY_FIELDS];
  AnprRedisField b[ANPR_REDIS_MAX_ENTRY_FIELDS];

  if (anpr_redis_plate_fields (one, a) == 0
      || anpr_redis_plate_fields (other, b) == 0 || strcmp (a[0], b[0]) != 0)
    return FALSE;
  return strcmp (a[0], ANPR_REDIS_PATTERNS) != 0 || strcmp (one, other) == 0;
}

/* Ids of the entries with this very plate, all or the one */
static GPtrArray *
find_ids (const AnprHitList *list, const gchar *plate, const gchar *entry)
{
  GPtrArray *ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < anpr_hit_list_get_n_entries (list); i++) {
    const gchar *id = anpr_hit_list_get_text (list, i, ANPR_HIT_TEXT_ENTRY);
    const gchar *own = anpr_hit_list_get_text (list, i, ANPR_HIT_TEXT_PLATE);

    if (is_same_plate (own, plate) && (!entry || strcmp (entry, id) == 0))
      g_ptr_array_add (ids, g_strdup (id));
  }
  return ids;
}

/* The list's entries that are kept under a name */
static AnprHitList *
get_entries (AnprRedisConnection *connection, const gchar *generation,
    const gchar *field, AnprRedisList *list, GError **error)
{
  g_autofree gchar *fault = NULL;
  g_autoptr (redisReply) reply = anpr_redis_call (
      connection, get_deadline (), error, "HGET", generation, field, NULL);
  AnprHitList *found = NULL;

  if (!reply)
    return NULL;
  if (reply->type != REDIS_REPLY_STRING
      || anpr_redis_list_add (list, reply->str, reply->len, &fault))
    found = anpr_redis_list_finish (list, &fault);
  if (!found)
    refuse (error, "entries of that plate: %s", fault);
  return found;
}

/**
 * anpr_redis_withdraw: (skip)
 * @connection: as a user that may write the keys of lists
 * @list: id of a list that is in force
 * @plate: a plate, as anyone writes it
 * @entry: (nullable): id of the entry, %NULL for all of the plate
 * @n: (out): entries that were taken out
 * @version: (out) (transfer full): of the list now, %NULL if none was
 * @error: of domain %ANPR_ERROR
 *
 * The next read is not compared with them any more.
 *
 * Returns: whether they are out; also if there were none
 */
gboolean
anpr_redis_withdraw (AnprRedisConnection *connection, const gchar *list,
    const gchar *plate, const gchar *entry, guint *n, gchar **version,
    GError **error)
{
  g_autofree gchar *generation = NULL;
  g_autoptr (AnprRedisList) header =
      get_list (connection, list, &generation, error);
  AnprRedisField fields[ANPR_REDIS_MAX_ENTRY_FIELDS];
  Change change = { .list = list,
    .action = "withdraw",
    .text = "",
    .priority = ANPR_LIST_LOWEST_PRIORITY,
    .fields = fields };
  g_autoptr (AnprHitList) found = NULL;
  g_autoptr (GPtrArray) ids = NULL;

  *n = 0;
  *version = NULL;
  if (!header)
    return FALSE;
  change.n_fields = anpr_redis_plate_fields (plate, fields);
  if (change.n_fields == 0)
    return refuse (error, "that is no plate");
  found = get_entries (connection, generation, fields[0], header, error);
  if (!found)
    return FALSE;
  ids = find_ids (found, plate, entry);
  *n = ids->len;
  if (ids->len == 0)
    return TRUE;
  g_ptr_array_add (ids, NULL);
  change.plate = fields[0];
  change.ids = (const gchar *const *) ids->pdata;
  return make_change (connection, &change, version, error);
}

/**
 * anpr_redis_remove: (skip)
 * @connection: as a user that may write the keys of lists
 * @list: id of a list that is in force
 * @error: of domain %ANPR_ERROR
 *
 * Takes a list out of use, on all appliances that use this Redis or a replica
 * of it, also where they have it as a file.
 *
 * Returns: whether it is out of use
 */
gboolean
anpr_redis_remove (
    AnprRedisConnection *connection, const gchar *list, GError **error)
{
  static const gchar script[] =
      "local key='anpr:list:'..ARGV[1]\n"
      "local h=redis.call('HMGET',key,'generation','version')\n"
      "redis.call('HSET',key,'removed','1')\n"
      "redis.call('HDEL',key,'generation','changes','patterns')\n"
      "if h[1] then redis.call('UNLINK',key..':'..h[1]) end\n"
      "redis.call('XADD','anpr:changes','MAXLEN','~','10000','*','action',"
      "'remove','list',ARGV[1],'version',h[2] or '')\n"
      "return 'removed'\n";
  g_autofree gchar *generation = NULL;
  g_autoptr (AnprRedisList) header =
      get_list (connection, list, &generation, error);
  g_autoptr (redisReply) reply = NULL;

  if (!header)
    return FALSE;
  reply = anpr_redis_call (
      connection, get_deadline (), error, "EVAL", script, "0", list, NULL);
  return reply != NULL;
}
