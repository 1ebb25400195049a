/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/**
 * SECTION:element-hitmatch
 * @title: hitmatch
 * @short_description: compares every passage with the hit lists
 *
 * Compares what was read of each vehicle with official lists of plates and
 * tells about hits at once. It looks at #GstAnprMeta only, so it takes any
 * caps, in place, and hands every buffer on as it came: also behind an encoder.
 *
 * ## Example
 * |[
 * gst-launch-1.0 -m filesrc location=sample.mp4 ! decodebin ! platedetect ! platetrack ! plateocr ! hitmatch lists=list.csv ! fakesink
 * ]|
 *
 * docs/lists.md describes the lists.
 *
 * ## What is compared
 *
 * The voted text of a passage, whenever it changes, and once more before the
 * passage is closed: every passage leaves this element with the ids and
 * versions of the lists it was compared with, also one that was not read.
 * Without platetrack a plate may have a read and no passage; its hits are
 * posted and kept nowhere, and the same text is compared again only after it
 * was out of sight for 10 seconds.
 *
 * ## Lists
 *
 * Files are read when the element starts, when one of them changes, is added or
 * removed (within 5 seconds), and when `lists` is set: then in a thread of its
 * own, and the new set takes over at the next buffer, whole. A list with a fault
 * is refused whole and told by a warning with its stable code; the other lists
 * go on, and so does the version of the refused one that was in force. Without
 * any list every passage is compared with nothing, and its record says so.
 *
 * Signatures are verified when `anprctl lists load` accepts a list into a
 * folder; a folder of `*.csv` is taken as it is.
 *
 * A list that was issued longer ago than `stale-warning` is told by a warning
 * (`ANPR-LIST-AGED`), and again when it is older than `stale-after`
 * (`ANPR-LIST-STALE`): from then on its hits are marked `stale`, and nobody may
 * act on them. When a list was issued it says itself; else its validity's begin
 * counts.
 *
 * ## Redis
 *
 * With `redis` set, lists are looked up in Redis, where single entries can be
 * added and withdrawn at any time, on a thread of its own: one round trip a
 * read, with `deadline`. If Redis is away, late or empty, reads are compared
 * with the lists from files at once, which is told once by a warning
 * (`ANPR-REDIS-AWAY`), as is its return (`ANPR-REDIS-BACK`). A list that Redis
 * does not have, or has in an older version, is compared from its file anyway.
 * A text that stays in view is compared again every two seconds, and the last
 * one before the passage is closed.
 *
 * Hits also go to the stream `anpr:hits` of `hits-redis`, or else of `redis`:
 * each once, and later, marked so, if that server is away. docs/redis.md has
 * keys, fields and how to set it up.
 *
 * A live stream waits for Redis only when a passage ends, two deadlines and 0.2
 * seconds at most; other streams wait for each comparison, so that the same
 * input gives the same records. 256 comparisons may wait; from 32 on lists
 * without an entry of priority 50 or more urgent are left out of the lookup
 * (`ANPR-HITS-SHED`), and beyond 256 reads are compared with the lists from
 * files.
 *
 * ## Messages
 *
 * `anpr-hit`, once for each passage and list entry, and once for each entry
 * within `repeat` seconds:
 *
 * - `id` (string): UUIDv7 of the hit
 * - `passage` (string): id of the passage, "" if the plate has none
 * - `text` (string): the plate key that was read
 * - `list`, `version`, `entry`, `plate` (string): the entry that was hit, its
 *   plate as the list writes it
 * - `authority`, `reference`, `category`, `measure`, `warning`, `reason`
 *   (string): what the list says of it, "" if nothing
 * - `priority` (uint): 0 is the most urgent, 100 the least
 * - `purpose` (string): J1, J2, J3 or B1
 * - `grade` (string): "exact"; "candidate" for another text that the reader holds
 *   possible; "look-alike" for another writing of an umlaut or signs that look
 *   alike; "pattern"
 * - `differing` (string): positions in `text`, from 0, of differing signs, such
 *   as "1,2"
 * - `matched` (string), `likelihood` (double): the text that found the entry, and
 *   what the reader thinks of it, 0..1
 * - `country-grade` (string): "agree", "unknown" or "conflict"; a conflict is
 *   never actionable
 * - `list-age` (int64): seconds since the list was issued
 * - `stale` (boolean): the list is older than `stale-after`: not actionable
 * - `direction` (string): of the vehicle, "in", "out" or "unknown", as far as it
 *   is known when the hit is found
 * - `covert` (boolean): for cleared users only; makes no sign on site
 * - `late` (boolean): always %FALSE on the bus
 * - `state` (string): always "unverified": only a person's recorded decision
 *   makes a hit actionable
 * - `position` (string): of the property
 * - `hit` (string): the same as one line of JSON
 * - `timestamp` (int64): UTC of the read, microseconds since 1970
 * - `stream-time`, `running-time` (uint64): of the read, nanoseconds
 *
 * `anpr-hit-repeat`, instead of it, if the entry was hit within `repeat` seconds
 * before; the same fields and:
 *
 * - `first` (string): id of that hit
 * - `count` (uint): hits since then, this one included
 *
 * `anpr-lists`, each time lists were loaded from files:
 *
 * - `lists` (uint), `entries` (uint64): what is in force from the next buffer
 * - `refused` (uint): faults, each with a warning of its own
 *
 * `anpr-passage`, as every element posts it, if no element downstream does.
 *
 * ## Statistics
 *
 * - `passages` (uint64): passages that ended
 * - `compared` (uint64): comparisons made
 * - `hits`, `repeats` (uint64): hits posted, and repeats of these
 * - `covert` (uint64): of `hits`, those of covert entries
 * - `lists` (uint), `entries` (uint64), `refused` (uint): of the lists in force
 * - `list-age` (int64): of the oldest of them, seconds; with Redis in use, of its
 *   lists; 0 without a list
 * - `lookup-time`, `lookup-time-max` (uint64): of one comparison, mean and
 *   longest, nanoseconds; with Redis, of the lookups it answered
 * - `delivered`, `delivered-late`, `undelivered` (uint64), `waiting` (uint): hits
 *   for the stream: taken by Redis, these late, given up, not taken yet
 *
 * With Redis also:
 *
 * - `redis` (boolean): whether it is in use now
 * - `from-redis`, `from-files`, `crowded` (uint64): comparisons by what they were
 *   made with; the last are those of the others that found no room
 * - `shed` (uint64): comparisons that left out a list in overload
 * - `losses` (uint64): times that Redis went away
 *
 * Latency: none. Threads: one that watches the files of lists; with Redis
 * three more, that compare, connect and deliver. Memory for
 * passages: at most 1024 are remembered. A comparison is a binary search a
 * list, 2 microseconds with 6 million entries.
 *
 * Since: 0.1
 */
/* This file is what GStreamer sees of it; what is compared when, and on which
 * thread, is hitmatcher.c's, what is told of hits gsthitalert.c's.
 *
 * Threads. The matcher is there from start to stop; properties reach it under the
 * object lock. The streaming thread takes over the newest lists at a buffer or
 * closing event. No lock is held while a message is posted or a query sent.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthitmatch.h"
#include "gsthitalert.h"
#include "hitmatcher.h"
#include "../meta/gstanprmeta.h"
#include "../meta/gstanprpassing.h"
#include "../record/error.h"
#include "../record/passage.h"

GST_DEBUG_CATEGORY_STATIC (hit_match_debug);
#define GST_CAT_DEFAULT hit_match_debug

#define DEFAULT_LISTS NULL
#define DEFAULT_POSITION NULL
#define DEFAULT_REDIS NULL
#define DEFAULT_HITS_REDIS NULL
#define DEFAULT_DEADLINE 50
#define MAX_DEADLINE 1000
#define DEFAULT_REPEAT 60
#define MAX_REPEAT 86400
#define DEFAULT_STALE_WARNING (24 * 3600)
#define DEFAULT_STALE_AFTER (48 * 3600)
#define MAX_STALE (366 * 24 * 3600)

enum {
  PROP_0,
  PROP_LISTS,
  PROP_POSITION,
  PROP_REDIS,
  PROP_HITS_REDIS,
  PROP_DEADLINE,
  PROP_REPEAT,
  PROP_STALE_WARNING,
  PROP_STALE_AFTER,
  PROP_STATS,
};

struct _GstHitMatch {
  GstBaseTransform parent;

  /* object lock */
  gchar *path;
  gchar *redis;
  gchar *hits_redis;
  guint deadline;
  guint stale_warning;
  guint stale_after;
  AnprHitMatcher *matcher;  /* NULL while stopped; set by start and stop only */
  AnprHitMatcherStats last; /* of the matcher before, for stats while stopped */

  /* a lock of its own */
  GstHitAlerts *alerts;
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE (
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE (
    "src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_TYPE (GstHitMatch, gst_hit_match, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (
    hitmatch, "hitmatch", GST_RANK_NONE, GST_TYPE_HIT_MATCH)

static void gst_hit_match_finalize (GObject *object);
static void gst_hit_match_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec);
static void gst_hit_match_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec);
static gboolean gst_hit_match_start (GstBaseTransform *trans);
static gboolean gst_hit_match_stop (GstBaseTransform *trans);
static GstStateChangeReturn gst_hit_match_change_state (
    GstElement *element, GstStateChange change);
static gboolean gst_hit_match_query (
    GstBaseTransform *trans, GstPadDirection direction, GstQuery *query);
static gboolean gst_hit_match_sink_event (
    GstBaseTransform *trans, GstEvent *event);
static GstFlowReturn gst_hit_match_transform_ip (
    GstBaseTransform *trans, GstBuffer *buffer);

static void
gst_hit_match_class_init (GstHitMatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *transform_class = GST_BASE_TRANSFORM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (hit_match_debug, "hitmatch", 0, "hit lists");

  object_class->finalize = gst_hit_match_finalize;
  object_class->set_property = gst_hit_match_set_property;
  object_class->get_property = gst_hit_match_get_property;

  g_object_class_install_property (object_class, PROP_LISTS,
      g_param_spec_string ("lists", "Lists",
          "File with a hit list, or folder whose *.csv are hit lists; set it "
          "again to read them again.",
          DEFAULT_LISTS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_POSITION,
      g_param_spec_string ("position", "Position",
          "Name of the camera's permitted place, for the messages.",
          DEFAULT_POSITION,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_REDIS,
      g_param_spec_string ("redis", "Redis",
          "Redis server with the lists: unix:///path/to/socket or "
          "redis://USER@HOST, docs/redis.md; none: the lists from files alone.",
          DEFAULT_REDIS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_HITS_REDIS,
      g_param_spec_string ("hits-redis", "Redis for hits",
          "Redis server that takes hits, if another than redis= names: a "
          "replica takes none.",
          DEFAULT_HITS_REDIS,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_DEADLINE,
      g_param_spec_uint ("deadline", "Deadline",
          "Time that Redis has for a read, milliseconds; then the lists from "
          "files are used.",
          1, MAX_DEADLINE, DEFAULT_DEADLINE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_REPEAT,
      g_param_spec_uint ("repeat", "Repeat",
          "Time after an alert in which the same entry gives no new one, but "
          "is counted, seconds; 0: every passage alarms.",
          0, MAX_REPEAT, DEFAULT_REPEAT,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STALE_WARNING,
      g_param_spec_uint ("stale-warning", "Stale warning",
          "Age of a list, since it was issued, at which a warning is posted, "
          "seconds.",
          1, MAX_STALE, DEFAULT_STALE_WARNING,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STALE_AFTER,
      g_param_spec_uint ("stale-after", "Stale after",
          "Age of a list, since it was issued, from which on its hits are "
          "marked stale and are not actionable, seconds.",
          1, MAX_STALE, DEFAULT_STALE_AFTER,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
              | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counts of passages, comparisons, hits and lists, and the time a "
          "comparison takes in nanoseconds.",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Hit list matcher",
      "Filter/Analyzer/Video",
      "Compares number plates with hit lists and posts hits", "gst-anpr");

  element_class->change_state = GST_DEBUG_FUNCPTR (gst_hit_match_change_state);
  transform_class->start = GST_DEBUG_FUNCPTR (gst_hit_match_start);
  transform_class->stop = GST_DEBUG_FUNCPTR (gst_hit_match_stop);
  transform_class->query = GST_DEBUG_FUNCPTR (gst_hit_match_query);
  transform_class->sink_event = GST_DEBUG_FUNCPTR (gst_hit_match_sink_event);
  transform_class->transform_ip =
      GST_DEBUG_FUNCPTR (gst_hit_match_transform_ip);
  /* hits go to the passages that plates point to, so buffers stay as they are
   * and need not even be writable */
  transform_class->transform_ip_on_passthrough = TRUE;
}

static void
gst_hit_match_init (GstHitMatch *self)
{
  self->path = g_strdup (DEFAULT_LISTS);
  self->redis = g_strdup (DEFAULT_REDIS);
  self->hits_redis = g_strdup (DEFAULT_HITS_REDIS);
  self->deadline = DEFAULT_DEADLINE;
  self->stale_warning = DEFAULT_STALE_WARNING;
  self->stale_after = DEFAULT_STALE_AFTER;
  self->alerts = gst_hit_alerts_new (GST_ELEMENT (self));
  gst_hit_alerts_set_position (self->alerts, DEFAULT_POSITION);
  gst_hit_alerts_set_window (self->alerts, DEFAULT_REPEAT);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}

static void
gst_hit_match_finalize (GObject *object)
{
  GstHitMatch *self = GST_HIT_MATCH (object);

  g_free (self->path);
  g_free (self->redis);
  g_free (self->hits_redis);
  gst_hit_alerts_free (self->alerts);
  G_OBJECT_CLASS (gst_hit_match_parent_class)->finalize (object);
}

/* --- lists from files ------------------------------------------------------------ */

static void
post_lists (GstHitMatch *self, const AnprHitLists *lists)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("anpr-lists", "lists", G_TYPE_UINT,
              anpr_hit_lists_get_n_lists (lists), "entries", G_TYPE_UINT64,
              anpr_hit_lists_get_n_entries (lists), "refused", G_TYPE_UINT,
              anpr_hit_lists_get_n_refused (lists), NULL)));
}

static void
on_loaded (const AnprHitLists *lists, const GPtrArray *errors, gpointer data)
{
  GstHitMatch *self = data;

  for (guint i = 0; i < errors->len; i++)
    gst_anpr_element_warn (GST_ELEMENT (self), g_ptr_array_index (errors, i),
        "refused; the other lists, and the version of it that was in force, "
        "go on");
  GST_INFO_OBJECT (self, "%u lists with %" G_GUINT64_FORMAT " entries",
      anpr_hit_lists_get_n_lists (lists), anpr_hit_lists_get_n_entries (lists));
  post_lists (self, lists);
}

static const gchar *
get_consequence (const GError *error)
{
  switch (error->code) {
    case ANPR_ERROR_LIST_AGED:
      return "its hits are marked stale when it is older than stale-after";
    case ANPR_ERROR_LIST_STALE:
      return "its hits are marked stale and are not actionable";
    case ANPR_ERROR_REDIS_AWAY:
      return "reads are compared with the lists from files until it answers";
    case ANPR_ERROR_REDIS_BACK:
      return "reads are compared with its lists from now on";
    case ANPR_ERROR_REDIS_DATA:
      return "the list's file stands in for it, if there is one";
    default:
      return "going on";
  }
}

static void
on_fault (const GError *error, gpointer data)
{
  gst_anpr_element_warn (GST_ELEMENT (data), error, get_consequence (error));
}

/* Call with the object lock held */
static AnprListAges
get_ages (GstHitMatch *self)
{
  return (AnprListAges){ self->stale_warning * G_TIME_SPAN_SECOND,
    self->stale_after * G_TIME_SPAN_SECOND };
}

static void
set_path (GstHitMatch *self, const gchar *path)
{
  GST_OBJECT_LOCK (self);
  g_free (self->path);
  self->path = g_strdup (path);
  if (self->matcher)
    anpr_hit_matcher_set_path (self->matcher, path);
  GST_OBJECT_UNLOCK (self);
}

static void
set_age (GstHitMatch *self, guint *age, guint seconds)
{
  GST_OBJECT_LOCK (self);
  *age = seconds;
  if (self->matcher) {
    AnprListAges ages = get_ages (self);

    anpr_hit_matcher_set_ages (self->matcher, &ages);
  }
  GST_OBJECT_UNLOCK (self);
}

/* --- properties --------------------------------------------------------- */

static void
set_text (GstHitMatch *self, gchar **text, const GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_free (*text);
  *text = g_value_dup_string (value);
  GST_OBJECT_UNLOCK (self);
}

static void
get_text (GstHitMatch *self, gchar *const *text, GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_value_set_string (value, *text);
  GST_OBJECT_UNLOCK (self);
}

static void
get_number (GstHitMatch *self, const guint *number, GValue *value)
{
  GST_OBJECT_LOCK (self);
  g_value_set_uint (value, *number);
  GST_OBJECT_UNLOCK (self);
}

static void
set_deadline (GstHitMatch *self, guint deadline)
{
  GST_OBJECT_LOCK (self);
  self->deadline = deadline;
  if (self->matcher)
    anpr_hit_matcher_set_deadline (self->matcher, deadline);
  GST_OBJECT_UNLOCK (self);
}

/* Call with the object lock held */
static void
add_redis_stats (GstHitMatch *self, GstStructure *structure)
{
  AnprComparerStats stats;

  if (!self->matcher
      || !anpr_hit_matcher_get_redis_stats (self->matcher, &stats))
    return;
  gst_structure_set (structure, "redis", G_TYPE_BOOLEAN, stats.in_use,
      "compared", G_TYPE_UINT64, stats.compared, "from-redis", G_TYPE_UINT64,
      stats.from_redis, "from-files", G_TYPE_UINT64, stats.from_files,
      "crowded", G_TYPE_UINT64, stats.crowded, "shed", G_TYPE_UINT64,
      stats.shed, "losses", G_TYPE_UINT64, stats.losses, "lookup-time",
      G_TYPE_UINT64, stats.redis_time * 1000 / MAX (stats.from_redis, 1),
      "lookup-time-max", G_TYPE_UINT64, stats.redis_time_max * 1000, NULL);
  if (stats.in_use && stats.list_age >= 0)
    gst_structure_set (structure, "list-age", G_TYPE_INT64,
        stats.list_age / G_USEC_PER_SEC, NULL);
}

/* Call with the object lock held. Nothing is in force while stopped. */
static void
add_list_stats (GstHitMatch *self, GstStructure *structure)
{
  g_autoptr (AnprHitLists) lists = NULL;

  lists = self->matcher ? anpr_hit_matcher_get_lists (self->matcher)
                        : anpr_hit_lists_new_empty ();
  gst_structure_set (structure, "lists", G_TYPE_UINT,
      anpr_hit_lists_get_n_lists (lists), "entries", G_TYPE_UINT64,
      anpr_hit_lists_get_n_entries (lists), "refused", G_TYPE_UINT,
      anpr_hit_lists_get_n_refused (lists), "list-age", G_TYPE_INT64,
      anpr_hit_lists_get_age (lists, g_get_real_time ()) / G_USEC_PER_SEC,
      NULL);
}

static GstStructure *
make_stats (GstHitMatch *self)
{
  AnprHitMatcherStats stats;
  GstStructure *structure;

  GST_OBJECT_LOCK (self);
  stats = self->last;
  if (self->matcher)
    anpr_hit_matcher_get_stats (self->matcher, &stats);
  structure = gst_structure_new ("hitmatch-stats", "passages", G_TYPE_UINT64,
      stats.passages, "compared", G_TYPE_UINT64, stats.compared, "lookup-time",
      G_TYPE_UINT64, (guint64) stats.lookup_time / MAX (stats.compared, 1),
      "lookup-time-max", G_TYPE_UINT64, (guint64) stats.lookup_time_max, NULL);
  add_list_stats (self, structure);
  add_redis_stats (self, structure);
  GST_OBJECT_UNLOCK (self);
  gst_hit_alerts_add_stats (self->alerts, structure);
  return structure;
}

static void
gst_hit_match_set_property (
    GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GstHitMatch *self = GST_HIT_MATCH (object);

  switch (id) {
    case PROP_LISTS:
      set_path (self, g_value_get_string (value));
      break;
    case PROP_POSITION:
      gst_hit_alerts_set_position (self->alerts, g_value_get_string (value));
      break;
    case PROP_REDIS:
      set_text (self, &self->redis, value);
      break;
    case PROP_HITS_REDIS:
      set_text (self, &self->hits_redis, value);
      break;
    case PROP_DEADLINE:
      set_deadline (self, g_value_get_uint (value));
      break;
    case PROP_REPEAT:
      gst_hit_alerts_set_window (self->alerts, g_value_get_uint (value));
      break;
    case PROP_STALE_WARNING:
      set_age (self, &self->stale_warning, g_value_get_uint (value));
      break;
    case PROP_STALE_AFTER:
      set_age (self, &self->stale_after, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
gst_hit_match_get_property (
    GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GstHitMatch *self = GST_HIT_MATCH (object);

  switch (id) {
    case PROP_LISTS:
      get_text (self, &self->path, value);
      break;
    case PROP_POSITION:
      g_value_take_string (value, gst_hit_alerts_get_position (self->alerts));
      break;
    case PROP_REDIS:
      get_text (self, &self->redis, value);
      break;
    case PROP_HITS_REDIS:
      get_text (self, &self->hits_redis, value);
      break;
    case PROP_DEADLINE:
      get_number (self, &self->deadline, value);
      break;
    case PROP_REPEAT:
      g_value_set_uint (value, gst_hit_alerts_get_window (self->alerts));
      break;
    case PROP_STALE_WARNING:
      get_number (self, &self->stale_warning, value);
      break;
    case PROP_STALE_AFTER:
      get_number (self, &self->stale_after, value);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

/* --- life cycle --------------------------------------------------------- */

static void
on_hit (const AnprComparison *comparison, AnprHit *hit, gpointer data)
{
  GstHitMatch *self = data;
  AnprPassage *passage = comparison->passage;

  /* covert entries leave no sign on site, a log neither */
  if (!hit->covert)
    GST_INFO_OBJECT (self, "hit %s on list %s", hit->id, hit->list);
  gst_hit_alerts_tell (self->alerts, hit,
      passage ? anpr_passage_get_id (passage) : NULL, comparison->read->text,
      &comparison->moment, comparison->utc);
}

/* Returns FALSE if there is an address that is none; NULL is no address */
static gboolean
parse_address (
    GstHitMatch *self, gchar *const *property, AnprRedisAddress **address)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *uri = NULL;

  GST_OBJECT_LOCK (self);
  uri = g_strdup (*property);
  GST_OBJECT_UNLOCK (self);
  *address = NULL;
  if (!uri || !uri[0])
    return TRUE;
  *address = anpr_redis_address_parse (uri, &error);
  if (*address)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
      ("[%s] %s", anpr_error_name (error), error->message), (NULL));
  return FALSE;
}

static void
drop_lists (GstElement *element, gpointer lists)
{
  anpr_hit_lists_unref (lists);
}

static void
let_go (AnprHitLists *lists, gpointer data)
{
  gst_element_call_async (GST_ELEMENT (data), drop_lists, lists, NULL);
}

/* Reads the lists and waits for Redis, so without the lock; what was set
 * meanwhile is set again */
static void
make_matcher (GstHitMatch *self, const AnprRedisAddress *address)
{
  const AnprHitMatcherListener listener = { on_hit, on_loaded, on_fault, let_go,
    self };
  AnprHitMatcherSettings settings = { .address = address };
  g_autofree gchar *path = NULL;
  AnprHitMatcher *matcher;

  GST_OBJECT_LOCK (self);
  settings.path = path = g_strdup (self->path);
  settings.ages = get_ages (self);
  settings.deadline = self->deadline;
  GST_OBJECT_UNLOCK (self);
  matcher = anpr_hit_matcher_new (&settings, &listener);
  GST_OBJECT_LOCK (self);
  if (g_strcmp0 (path, self->path) != 0)
    anpr_hit_matcher_set_path (matcher, self->path);
  settings.ages = get_ages (self);
  anpr_hit_matcher_set_ages (matcher, &settings.ages);
  anpr_hit_matcher_set_deadline (matcher, self->deadline);
  self->matcher = matcher;
  GST_OBJECT_UNLOCK (self);
}

/* A fault in a list is a warning: the position goes on with the others */
static gboolean
gst_hit_match_start (GstBaseTransform *trans)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  g_autoptr (AnprRedisAddress) address = NULL, hits_address = NULL;

  if (!parse_address (self, &self->redis, &address)
      || !parse_address (self, &self->hits_redis, &hits_address))
    return FALSE;
  gst_hit_alerts_start (self->alerts, hits_address ? hits_address : address);
  make_matcher (self, address);
  return TRUE;
}

/* What still waits is compared and told before the rest is taken down */
static gboolean
gst_hit_match_stop (GstBaseTransform *trans)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  AnprHitMatcher *matcher;

  GST_OBJECT_LOCK (self);
  matcher = g_steal_pointer (&self->matcher);
  if (matcher)
    anpr_hit_matcher_get_stats (matcher, &self->last);
  GST_OBJECT_UNLOCK (self);
  anpr_hit_matcher_free (matcher);
  gst_hit_alerts_stop (self->alerts);
  return TRUE;
}

/* Hits that wait for Redis outlive a stream, not the element */
static GstStateChangeReturn
gst_hit_match_change_state (GstElement *element, GstStateChange change)
{
  GstStateChangeReturn result = GST_ELEMENT_CLASS (gst_hit_match_parent_class)
                                    ->change_state (element, change);

  if (change == GST_STATE_CHANGE_READY_TO_NULL)
    gst_hit_alerts_end (GST_HIT_MATCH (element)->alerts);
  return result;
}

static gboolean
gst_hit_match_query (
    GstBaseTransform *trans, GstPadDirection direction, GstQuery *query)
{
  if (direction == GST_PAD_SINK && GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM) {
    GstAnprWanted wanted;

    gst_anpr_pad_query_wanted (GST_BASE_TRANSFORM_SRC_PAD (trans), &wanted);
    wanted.passages = TRUE;
    if (gst_anpr_query_answer_wanted (query, &wanted))
      return TRUE;
  }
  return GST_BASE_TRANSFORM_CLASS (gst_hit_match_parent_class)
      ->query (trans, direction, query);
}

/* --- comparing, on the streaming thread --------------------------------- */

static void
end_passage (GstHitMatch *self, AnprPassage *passage)
{
  GstPad *src_pad = GST_BASE_TRANSFORM_SRC_PAD (self);
  g_autofree gchar *position = gst_hit_alerts_get_position (self->alerts);
  GstAnprWanted wanted;

  anpr_hit_matcher_take_newest (self->matcher);
  anpr_hit_matcher_end_passage (self->matcher, passage, position);
  gst_anpr_pad_query_wanted (src_pad, &wanted);
  if (wanted.passages)
    return;
  anpr_passage_close (passage);
  gst_anpr_element_tell_passage (GST_ELEMENT (self), src_pad, passage);
}

static void
compare_plates (GstHitMatch *self, GstAnprMeta *meta)
{
  g_autofree gchar *position = gst_hit_alerts_get_position (self->alerts);

  for (guint i = 0; i < gst_anpr_meta_get_n_plates (meta); i++) {
    AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    if (plate->passage)
      anpr_hit_matcher_see_passage (self->matcher, plate->passage, position);
    else if (plate->read)
      anpr_hit_matcher_see_read (
          self->matcher, plate->read, &meta->moment, position);
  }
}

static gboolean
gst_hit_match_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  g_autoptr (AnprPassage) passage = NULL;

  if (gst_anpr_event_parse_closing (event, &passage))
    end_passage (self, passage);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    anpr_hit_matcher_set_live (self->matcher,
        gst_anpr_pad_is_live (GST_BASE_TRANSFORM_SINK_PAD (trans)));
  else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    anpr_hit_matcher_drain (self->matcher);
  return GST_BASE_TRANSFORM_CLASS (gst_hit_match_parent_class)
      ->sink_event (trans, event);
}

static GstFlowReturn
gst_hit_match_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  anpr_hit_matcher_take_newest (self->matcher);
  if (meta)
    compare_plates (self, meta);
  gst_anpr_element_tell_frame (
      GST_ELEMENT (self), GST_BASE_TRANSFORM_SRC_PAD (trans), buffer);
  return GST_FLOW_OK;
}
