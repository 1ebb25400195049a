/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Looking a read up in Redis: one round trip.
 *
 * A script on the server goes through all lists. It runs as a whole, so that
 * a list is seen as it was before a swap or after it, and of all lists at one
 * moment; and nothing is remembered here that could be out of date. It only
 * reads, so it also runs on a replica.
 *
 * Entries are asked for under every writing of the text and of the read's
 * other candidates, and under what they look like. That is more than may hit:
 * what comes back is made into small lists, and hitcompare.c decides, as it does
 * for lists from files. A list's patterns are fetched when its hash says that
 * they changed, and kept.
 *
 * A generation that lacks its mark "#" is not all there: it was evicted,
 * deleted or overwritten. Such a list is damaged, as is one with a header or an
 * entry that a list file could not hold; the others go on, and for this one its
 * file stands in. A list that was taken out of use is known as removed, so that
 * its file does not.
 */

#include "redislookup.h"
#include "redisentry.h"
#include "redisstore.h"
#include "../record/error.h"

#include <string.h>

#define HEADERS                                                                \
  "'authority','category','purpose','match','look-alike-signs','priority',"    \
  "'version','valid-from','valid-until','issued','contact'"

static const gchar script[] =
    "local out,limit={},tonumber(ARGV[1])\n"
    "local ids=redis.call('SMEMBERS','anpr:lists')\n"
    "table.sort(ids)\n"
    "for _,id in ipairs(ids) do\n"
    " local key,state,found='anpr:list:'..id,'damaged',{}\n"
    " local head=redis.pcall('HMGET',key,'generation','changes','urgency',"
    "'removed','patterns'," HEADERS ")\n"
    " if head.err then head={}\n"
    " elseif head[4] then state='removed'\n"
    " elseif (tonumber(head[3] or 0) or 0)>limit then state='shed'\n"
    " elseif head[1] then\n"
    "  local all=redis.pcall('HMGET',key..':'..head[1],'#',unpack(ARGV,2))\n"
    "  if not all.err and all[1] then\n"
    "   state='found'\n"
    "   for i=2,#all do if all[i] then found[#found+1]=all[i] end end\n"
    "  end\n"
    " end\n"
    " out[#out+1]={id,state,head,found}\n"
    "end\n"
    "return out\n";

/* Parts of what the script tells of a list */
enum { PART_ID, PART_STATE, PART_HEAD, PART_FOUND, N_PARTS };

/* Fields of a list's hash before those of its header */
enum {
  HEAD_GENERATION,
  HEAD_CHANGES,
  HEAD_URGENCY,
  HEAD_REMOVED,
  HEAD_PATTERNS,
  HEAD_FIRST,
};

#define N_HEAD (HEAD_FIRST + ANPR_N_REDIS_HEADERS)

/* --- what comes back ---------------------------------------------------- */

static const gchar *
get_string (const redisReply *reply)
{
  return reply->type == REDIS_REPLY_STRING
                 && !memchr (reply->str, 0, reply->len)
             ? reply->str
             : NULL;
}

static const redisReply *
get_array (const redisReply *reply, gsize i)
{
  const redisReply *part = reply->element[i];

  return part->type == REDIS_REPLY_ARRAY ? part : NULL;
}

static gboolean
is_list (const redisReply *reply)
{
  return reply->type == REDIS_REPLY_ARRAY && reply->elements == N_PARTS
         && get_string (reply->element[PART_ID])
         && get_string (reply->element[PART_STATE])
         && get_array (reply, PART_HEAD) && get_array (reply, PART_FOUND);
}

static void
set_damaged (AnprRedisAnswer *answer, const gchar *id, const gchar *fault)
{
  g_autofree gchar *shown = g_utf8_make_valid (id, MIN (strlen (id), 64));

  answer->damaged++;
  g_free (answer->fault);
  answer->fault = g_strdup_printf ("list \"%s\" in Redis: %s", shown, fault);
}

/* "7+3" is version 7 with three single changes since */
static gchar *
make_version (const redisReply *head)
{
  const gchar *version =
      get_string (head->element[HEAD_FIRST + ANPR_REDIS_HEADER_VERSION]);
  const gchar *changes = get_string (head->element[HEAD_CHANGES]);
  guint64 n = 0;

  if (!version || !changes
      || !g_ascii_string_to_unsigned (changes, 10, 1, G_MAXUINT32, &n, NULL))
    return NULL;
  return g_strdup_printf ("%s+%" G_GUINT64_FORMAT, version, n);
}

static AnprRedisList *
parse_head (const gchar *id, const redisReply *head, gchar **fault)
{
  const gchar *values[ANPR_N_REDIS_HEADERS];
  g_autofree gchar *version = NULL;

  if (head->elements != N_HEAD) {
    *fault = g_strdup ("not a hash");
    return NULL;
  }
  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++)
    values[i] = get_string (head->element[HEAD_FIRST + i]);
  version = make_version (head);
  return anpr_redis_list_new (id, values, version, fault);
}

static gboolean
add_found (AnprRedisList *list, const redisReply *found, gchar **fault)
{
  for (gsize i = 0; i < found->elements; i++) {
    const redisReply *text = found->element[i];

    if (text->type != REDIS_REPLY_STRING) {
      *fault = g_strdup ("an entry is not a text");
      return FALSE;
    }
    if (!anpr_redis_list_add (list, text->str, text->len, fault))
      return FALSE;
  }
  return TRUE;
}

/* --- lists from one lookup to the next ------------------------------------ */

/* What a list's hash said, the patterns it had then, and the list made of both
 * for reads that are not on it */
typedef struct {
  gchar *said;
  gchar *patterns;
  AnprHitList *list;
} Cached;

struct _AnprRedisCache {
  GHashTable *lists; /* by id; owns ids and Cached */
};

static void
cached_free (Cached *cached)
{
  g_free (cached->said);
  g_free (cached->patterns);
  anpr_hit_list_unref (cached->list);
  g_free (cached);
}

/**
 * anpr_redis_cache_new: (skip)
 *
 * Most reads are on no list, so most lists come back without an entry, and the
 * same ones each time: they are made once. Used by one thread.
 *
 * Returns: (transfer full): a cache of no list
 */
AnprRedisCache *
anpr_redis_cache_new (void)
{
  AnprRedisCache *cache = g_new0 (AnprRedisCache, 1);

  cache->lists = g_hash_table_new_full (
      g_str_hash, g_str_equal, g_free, (GDestroyNotify) cached_free);
  return cache;
}

/**
 * anpr_redis_cache_free: (skip)
 * @cache: (nullable) (transfer full): a cache
 */
void
anpr_redis_cache_free (AnprRedisCache *cache)
{
  if (!cache)
    return;
  g_hash_table_unref (cache->lists);
  g_free (cache);
}

/* All that the head says, so that two that differ are never taken for one */
static GString *
describe_head (const redisReply *head)
{
  GString *said = g_string_sized_new (256);

  for (gsize i = 0; i < head->elements; i++) {
    const gchar *text = get_string (head->element[i]);

    if (text)
      g_string_append_printf (said, "%zu:%s", strlen (text), text);
    g_string_append_c (said, ';');
  }
  return said;
}

static AnprHitList *
make_list (const gchar *id, const redisReply *head, const gchar *patterns,
    const redisReply *found, gchar **fault)
{
  g_autoptr (AnprRedisList) list = parse_head (id, head, fault);

  if (!list
      || (patterns
          && !anpr_redis_list_add (list, patterns, strlen (patterns), fault))
      || (found && !add_found (list, found, fault)))
    return NULL;
  return anpr_redis_list_finish (list, fault);
}

/* Where an answer comes from, for what has to be asked in addition; without a
 * connection nothing can be */
typedef struct {
  AnprRedisConnection *connection;
  AnprRedisCache *cache;
  gint64 deadline;
} Source;

static gboolean
has_patterns (const redisReply *head)
{
  return head->elements == N_HEAD && get_string (head->element[HEAD_PATTERNS]);
}

/* The list may have been swapped since: then its generation is gone */
static gboolean
fetch_patterns (Source *source, const gchar *id, const redisReply *head,
    gchar **patterns, gchar **fault)
{
  g_autofree gchar *key = g_strconcat (
      "anpr:list:", id, ":", get_string (head->element[HEAD_GENERATION]), NULL);
  const gchar *arguments[] = { "HMGET", key, ANPR_REDIS_PATTERNS };
  g_autoptr (redisReply) reply = NULL;

  if (source->connection) {
    anpr_redis_send (source->connection, G_N_ELEMENTS (arguments), arguments);
    reply = anpr_redis_receive (source->connection, source->deadline, NULL);
  }
  if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1)
    *patterns = g_strdup (get_string (reply->element[0]));
  if (*patterns)
    return TRUE;
  *fault = g_strdup ("its patterns are not there");
  return FALSE;
}

static Cached *
make_cached (Source *source, const gchar *id, const redisReply *head,
    const gchar *said, gchar **fault)
{
  g_autofree gchar *patterns = NULL;
  AnprHitList *list;
  Cached *cached;

  if (has_patterns (head)
      && !fetch_patterns (source, id, head, &patterns, fault))
    return NULL;
  list = make_list (id, head, patterns, NULL, fault);
  if (!list)
    return NULL;
  if (g_hash_table_size (source->cache->lists) >= ANPR_HIT_LISTS_MAX)
    g_hash_table_remove_all (source->cache->lists);
  cached = g_new0 (Cached, 1);
  cached->said = g_strdup (said);
  cached->patterns = g_steal_pointer (&patterns);
  cached->list = list;
  g_hash_table_replace (source->cache->lists, g_strdup (id), cached);
  return cached;
}

static AnprHitList *
get_list (Source *source, const gchar *id, const redisReply *head,
    const redisReply *found, gchar **fault)
{
  g_autoptr (GString) said = describe_head (head);
  Cached *cached = g_hash_table_lookup (source->cache->lists, id);

  if (!cached || strcmp (cached->said, said->str) != 0)
    cached = make_cached (source, id, head, said->str, fault);
  if (!cached)
    return NULL;
  if (found->elements == 0)
    return anpr_hit_list_ref (cached->list);
  return make_list (id, head, cached->patterns, found, fault);
}

/* --- the whole answer ---------------------------------------------------- */

static void
take_found (AnprRedisAnswer *answer, const redisReply *reply, Source *source)
{
  const gchar *id = get_string (reply->element[PART_ID]);
  g_autofree gchar *fault = NULL;
  AnprHitList *list = get_list (source, id, get_array (reply, PART_HEAD),
      get_array (reply, PART_FOUND), &fault);

  if (list)
    g_ptr_array_add (answer->lists, list);
  else
    set_damaged (answer, id, fault);
}

static void
take_list (AnprRedisAnswer *answer, const redisReply *reply, Source *source)
{
  const gchar *id, *state;

  if (!is_list (reply)) {
    set_damaged (answer, "", "not what the lookup gives");
    return;
  }
  id = get_string (reply->element[PART_ID]);
  state = get_string (reply->element[PART_STATE]);
  if (strcmp (state, "found") == 0)
    take_found (answer, reply, source);
  else if (strcmp (state, "removed") == 0)
    g_ptr_array_add (answer->removed, g_strdup (id));
  else if (strcmp (state, "shed") == 0)
    answer->shed++;
  else
    set_damaged (answer, id, "its entries are not all there");
}

static AnprRedisAnswer *
parse_answer (const redisReply *reply, Source *source)
{
  AnprRedisAnswer *answer = g_new0 (AnprRedisAnswer, 1);

  answer->lists =
      g_ptr_array_new_with_free_func ((GDestroyNotify) anpr_hit_list_unref);
  answer->removed = g_ptr_array_new_with_free_func (g_free);
  if (reply->type != REDIS_REPLY_ARRAY) {
    set_damaged (answer, "", "not what the lookup gives");
    return answer;
  }
  for (gsize i = 0; i < MIN (reply->elements, ANPR_HIT_LISTS_MAX); i++)
    take_list (answer, reply->element[i], source);
  if (reply->elements > ANPR_HIT_LISTS_MAX)
    set_damaged (answer, "", "one of more lists than there may be");
  return answer;
}

/**
 * anpr_redis_answer_parse: (skip)
 * @reply: to the lookup; of any content
 * @cache: lists of lookups before
 *
 * Returns: (transfer full): what it says
 */
AnprRedisAnswer *
anpr_redis_answer_parse (const redisReply *reply, AnprRedisCache *cache)
{
  Source source = { NULL, cache, 0 };

  return parse_answer (reply, &source);
}

/**
 * anpr_redis_answer_free: (skip)
 * @answer: (nullable) (transfer full): an answer
 */
void
anpr_redis_answer_free (AnprRedisAnswer *answer)
{
  if (!answer)
    return;
  g_ptr_array_unref (answer->lists);
  g_ptr_array_unref (answer->removed);
  g_free (answer->fault);
  g_free (answer);
}

/**
 * anpr_redis_lookup: (skip)
 * @connection: a connection without commands in line
 * @cache: lists of lookups before
 * @read: (nullable): what was read
 * @priority: lists whose most urgent entry is less urgent than this are left out
 * @deadline: on the monotonic clock
 * @error: of domain %ANPR_ERROR
 *
 * Returns: (transfer full): what Redis knows of it, %NULL if it did not answer
 *     or knows of no list at all
 */
AnprRedisAnswer *
anpr_redis_lookup (AnprRedisConnection *connection, AnprRedisCache *cache,
    const AnprRead *read, guint priority, gint64 deadline, GError **error)
{
  const gchar *arguments[4 + ANPR_REDIS_MAX_READ_FIELDS] = { "EVAL_RO", script,
    "0" };
  AnprRedisField fields[ANPR_REDIS_MAX_READ_FIELDS];
  guint n_fields = anpr_redis_read_fields (read, fields), n = 3;
  Source source = { connection, cache, deadline };
  g_autoptr (redisReply) reply = NULL;
  gchar limit[12];

  g_snprintf (limit, sizeof limit, "%u", priority);
  arguments[n++] = limit;
  for (guint i = 0; i < n_fields; i++)
    arguments[n++] = fields[i];
  anpr_redis_send (connection, n, arguments);
  reply = anpr_redis_receive (connection, deadline, error);
  if (!reply)
    return NULL;
  if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 0) {
    g_set_error (
        error, ANPR_ERROR, ANPR_ERROR_REDIS_AWAY, "Redis holds no list at all");
    return NULL;
  }
  return parse_answer (reply, &source);
}

/* --- with lists from files ---------------------------------------------- */

/* Whether Redis has the list, in this version or a later one */
static gboolean
is_superseded (const AnprRedisAnswer *answer, const AnprHitListHeader *file)
{
  for (guint i = 0; i < answer->lists->len; i++) {
    const AnprHitListHeader *header =
        anpr_hit_list_get_header (g_ptr_array_index (answer->lists, i));

    if (strcmp (header->id, file->id) == 0)
      return anpr_redis_compare_versions (header->version, file->version) >= 0;
  }
  return g_ptr_array_find_with_equal_func (
      answer->removed, file->id, g_str_equal, NULL);
}

static gboolean
has_newer (const AnprHitLists *files, const AnprHitListHeader *header)
{
  for (guint i = 0; i < anpr_hit_lists_get_n_lists (files); i++) {
    const AnprHitListHeader *file =
        anpr_hit_list_get_header (anpr_hit_lists_get_list (files, i));

    if (strcmp (header->id, file->id) == 0)
      return anpr_redis_compare_versions (header->version, file->version) < 0;
  }
  return FALSE;
}

/**
 * anpr_redis_answer_join: (skip)
 * @answer: what Redis knows of a read
 * @files: the lists from files
 *
 * A list comes from Redis, or from its file if Redis does not have it, left it
 * out, or has an older version; the file's own lists never hide one of Redis.
 *
 * Returns: (transfer full): the lists to compare with
 */
AnprHitLists *
anpr_redis_answer_join (
    const AnprRedisAnswer *answer, const AnprHitLists *files)
{
  g_autoptr (GPtrArray) lists = g_ptr_array_new ();

  for (guint i = 0; i < answer->lists->len; i++) {
    AnprHitList *list = g_ptr_array_index (answer->lists, i);

    if (!has_newer (files, anpr_hit_list_get_header (list)))
      g_ptr_array_add (lists, list);
  }
  for (guint i = 0; i < anpr_hit_lists_get_n_lists (files); i++) {
    const AnprHitList *list = anpr_hit_lists_get_list (files, i);

    if (!is_superseded (answer, anpr_hit_list_get_header (list)))
      g_ptr_array_add (lists, (gpointer) list);
  }
  return anpr_hit_lists_new_from (lists);
}
