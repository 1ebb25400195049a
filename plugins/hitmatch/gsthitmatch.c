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
 * Files are read when the element starts, and when `lists` is set while it
 * runs: then in a thread of its own, and the new set takes over at the next
 * buffer, whole. A list with a fault is refused whole and told by a warning
 * with its stable code; the other lists go on, and so does the version of the
 * refused one that was in force. Without any list every passage is compared
 * with nothing, and its record says so.
 *
 * This version works from files. It does not check signatures and does not use
 * Redis.
 *
 * ## Messages
 *
 * `anpr-hit`, once for each passage and list entry:
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
 * - `grade` (string): "exact", or "look-alike" for another writing of an umlaut
 * - `differing` (string): positions in `text`, from 0, of differing signs, such
 *   as "1,2"
 * - `country-grade` (string): "agree", "unknown" or "conflict"; a conflict is
 *   never actionable
 * - `list-age` (int64): seconds since the list's validity began
 * - `covert` (boolean): for cleared users only; makes no sign on site
 * - `late` (boolean): always %FALSE on the bus
 * - `state` (string): always "unverified": only a person's recorded decision
 *   makes a hit actionable
 * - `position` (string): of the property
 * - `hit` (string): the same as one line of JSON
 * - `timestamp` (int64): UTC of the read, microseconds since 1970
 * - `stream-time`, `running-time` (uint64): of the read, nanoseconds
 *
 * `anpr-lists`, each time lists were loaded:
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
 * - `hits` (uint64): hits posted
 * - `lists` (uint), `entries` (uint64), `refused` (uint): of the lists in force
 * - `lookup-time`, `lookup-time-max` (uint64): of one comparison, mean and
 *   longest, nanoseconds
 *
 * Latency: none. Threads: one, only while lists are loaded anew. Memory for
 * passages: at most 1024 are remembered. A comparison is a binary search a
 * list, 2 microseconds with 6 million entries.
 *
 * Since: 0.1
 */
/* Threads. The streaming thread alone uses self->lists, generation and memory.
 * self->newest is the set loaded last, under the object lock with everything
 * else; the streaming thread takes it over at a buffer or closing event. Sets
 * are immutable, so nothing else needs a lock. No lock is held while a message
 * is posted or a query sent. Letting go of a large set takes milliseconds, so
 * that happens on another thread too.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsthitmatch.h"
#include "gsthitstructure.h"
#include "comparememory.h"
#include "hitcompare.h"
#include "hitlists.h"
#include "../meta/gstanprmeta.h"
#include "../meta/gstanprpassing.h"
#include "../record/passage.h"

GST_DEBUG_CATEGORY_STATIC (hit_match_debug);
#define GST_CAT_DEFAULT hit_match_debug

#define DEFAULT_LISTS NULL
#define DEFAULT_POSITION NULL

enum {
  PROP_0,
  PROP_LISTS,
  PROP_POSITION,
  PROP_STATS,
};

typedef struct {
  guint64 passages;
  guint64 compared;
  guint64 hits;
  GstClockTime lookup_time;
  GstClockTime lookup_time_max;
} Stats;

struct _GstHitMatch {
  GstBaseTransform parent;

  /* object lock */
  gchar *path;
  gchar *position;
  gboolean started;
  gboolean path_changed;
  gboolean loading;
  GThread *loader;
  GCancellable *cancellable;
  AnprHitLists *newest;
  Stats stats;

  /* streaming thread */
  AnprHitLists *lists;
  guint generation;
  AnprCompareMemory *memory;
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
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Counts of passages, comparisons, hits and lists, and the time a "
          "comparison takes in nanoseconds.",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Hit list matcher",
      "Filter/Analyzer/Video",
      "Compares number plates with hit lists and posts hits",
      "The gst-anpr authors");

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
  self->position = g_strdup (DEFAULT_POSITION);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}

static void
gst_hit_match_finalize (GObject *object)
{
  GstHitMatch *self = GST_HIT_MATCH (object);

  g_free (self->path);
  g_free (self->position);
  G_OBJECT_CLASS (gst_hit_match_parent_class)->finalize (object);
}

/* --- loading ------------------------------------------------------------ */

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
tell_loaded (
    GstHitMatch *self, const AnprHitLists *lists, const GPtrArray *errors)
{
  for (guint i = 0; i < errors->len; i++)
    gst_anpr_element_warn (GST_ELEMENT (self), g_ptr_array_index (errors, i),
        "refused; the other lists, and the version of it that was in force, "
        "go on");
  GST_INFO_OBJECT (self, "%u lists with %" G_GUINT64_FORMAT " entries",
      anpr_hit_lists_get_n_lists (lists), anpr_hit_lists_get_n_entries (lists));
  post_lists (self, lists);
}

/* Loads the lists as the property says now, unless the element stops */
static void
load_lists (GstHitMatch *self)
{
  g_autoptr (AnprHitLists) before = NULL, lists = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GPtrArray) errors = NULL;
  g_autofree gchar *path = NULL;
  gboolean started;

  GST_OBJECT_LOCK (self);
  self->path_changed = FALSE;
  path = g_strdup (self->path);
  before = self->newest ? anpr_hit_lists_ref (self->newest) : NULL;
  cancellable = g_object_ref (self->cancellable);
  GST_OBJECT_UNLOCK (self);

  lists = anpr_hit_lists_load (
      path, before, g_get_real_time (), cancellable, &errors);

  GST_OBJECT_LOCK (self);
  started = self->started;
  if (started) {
    g_clear_pointer (&self->newest, anpr_hit_lists_unref);
    self->newest = anpr_hit_lists_ref (lists);
  }
  GST_OBJECT_UNLOCK (self);
  if (started)
    tell_loaded (self, lists, errors);
}

static gpointer
run_loader (gpointer data)
{
  GstHitMatch *self = data;
  gboolean again;

  do {
    load_lists (self);
    GST_OBJECT_LOCK (self);
    again = self->started && self->path_changed;
    self->loading = again;
    GST_OBJECT_UNLOCK (self);
  } while (again);
  return NULL;
}

static void
set_path (GstHitMatch *self, const gchar *path)
{
  GThread *finished = NULL;

  GST_OBJECT_LOCK (self);
  g_free (self->path);
  self->path = g_strdup (path);
  self->path_changed = TRUE;
  if (self->started && !self->loading) {
    finished = self->loader;
    self->loading = TRUE;
    self->loader = g_thread_new ("hitmatch-lists", run_loader, self);
  }
  GST_OBJECT_UNLOCK (self);
  if (finished)
    g_thread_join (finished);
}

/* --- properties --------------------------------------------------------- */

static void
set_position (GstHitMatch *self, const gchar *position)
{
  GST_OBJECT_LOCK (self);
  g_free (self->position);
  self->position = g_strdup (position);
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
make_stats (GstHitMatch *self)
{
  const AnprHitLists *lists;
  const Stats *stats = &self->stats;
  GstStructure *structure;

  GST_OBJECT_LOCK (self);
  lists = self->newest;
  structure = gst_structure_new ("hitmatch-stats", "passages", G_TYPE_UINT64,
      stats->passages, "compared", G_TYPE_UINT64, stats->compared, "hits",
      G_TYPE_UINT64, stats->hits, "lists", G_TYPE_UINT,
      lists ? anpr_hit_lists_get_n_lists (lists) : 0, "entries", G_TYPE_UINT64,
      lists ? anpr_hit_lists_get_n_entries (lists) : G_GUINT64_CONSTANT (0),
      "refused", G_TYPE_UINT, lists ? anpr_hit_lists_get_n_refused (lists) : 0,
      "lookup-time", G_TYPE_UINT64,
      stats->lookup_time / MAX (stats->compared, 1), "lookup-time-max",
      G_TYPE_UINT64, stats->lookup_time_max, NULL);
  GST_OBJECT_UNLOCK (self);
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
      set_position (self, g_value_get_string (value));
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
      GST_OBJECT_LOCK (self);
      g_value_set_string (value, self->path);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_POSITION:
      GST_OBJECT_LOCK (self);
      g_value_set_string (value, self->position);
      GST_OBJECT_UNLOCK (self);
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

/* A fault in a list is a warning: the position goes on with the others */
static gboolean
gst_hit_match_start (GstBaseTransform *trans)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);

  self->memory = anpr_compare_memory_new ();
  GST_OBJECT_LOCK (self);
  self->cancellable = g_cancellable_new ();
  self->stats = (Stats){ 0 };
  self->started = TRUE;
  self->loading = TRUE;
  GST_OBJECT_UNLOCK (self);
  (void) run_loader (self);
  return TRUE;
}

static gboolean
gst_hit_match_stop (GstBaseTransform *trans)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  GThread *loader;

  GST_OBJECT_LOCK (self);
  self->started = FALSE;
  g_cancellable_cancel (self->cancellable);
  loader = g_steal_pointer (&self->loader);
  GST_OBJECT_UNLOCK (self);
  if (loader)
    g_thread_join (loader);

  GST_OBJECT_LOCK (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->newest, anpr_hit_lists_unref);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&self->lists, anpr_hit_lists_unref);
  g_clear_pointer (&self->memory, anpr_compare_memory_free);
  return TRUE;
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
let_go (GstElement *element, gpointer lists)
{
  anpr_hit_lists_unref (lists);
}

static void
take_newest_lists (GstHitMatch *self)
{
  AnprHitLists *before = NULL;

  GST_OBJECT_LOCK (self);
  if (self->newest != self->lists) {
    before = self->lists;
    self->lists = anpr_hit_lists_ref (self->newest);
    self->generation++;
  }
  GST_OBJECT_UNLOCK (self);
  if (before)
    gst_element_call_async (GST_ELEMENT (self), let_go, before, NULL);
}

static void
post_hit (GstHitMatch *self, const AnprHit *hit, const gchar *passage_id,
    const gchar *text, const AnprMoment *moment)
{
  g_autofree gchar *position = NULL;

  GST_OBJECT_LOCK (self);
  position = g_strdup (self->position);
  self->stats.hits++;
  GST_OBJECT_UNLOCK (self);
  GST_INFO_OBJECT (self, "hit %s on list %s", hit->id, hit->list);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_hit_structure_new (hit, passage_id, text, position, moment)));
}

static GPtrArray *
compare (
    GstHitMatch *self, const AnprRead *read, gint64 utc, GPtrArray **compared)
{
  GstClockTime start = gst_util_get_timestamp (), time;
  GPtrArray *hits = anpr_hit_lists_compare (self->lists, read, utc, compared);

  time = gst_util_get_timestamp () - start;
  GST_OBJECT_LOCK (self);
  self->stats.compared++;
  self->stats.lookup_time += time;
  self->stats.lookup_time_max = MAX (self->stats.lookup_time_max, time);
  GST_OBJECT_UNLOCK (self);
  return hits;
}

/* Lists and entries count if they are valid when the plate was seen, whatever
 * date the camera believes it is; where nobody knows when that was, now */
static gint64
utc_of (const AnprMoment *moment)
{
  gint64 utc = anpr_moment_get_checked_utc (moment);

  return utc > 0 ? utc : g_get_real_time ();
}

static void
compare_passage (GstHitMatch *self, AnprPassage *passage)
{
  g_autoptr (AnprRead) read = anpr_passage_get_read (passage);
  g_autoptr (GPtrArray) compared = NULL, hits = NULL;
  const gchar *id = anpr_passage_get_id (passage);
  const gchar *text = read ? read->text : NULL;
  AnprMoment best, last;

  anpr_passage_get_moments (passage, NULL, &best, &last);
  if (!anpr_compare_memory_is_new (
          self->memory, id, text, self->generation, utc_of (&last)))
    return;
  hits = compare (self, read, utc_of (&best), &compared);
  anpr_passage_set_compared (passage, compared);
  for (guint i = 0; i < hits->len; i++)
    if (anpr_passage_add_hit (passage, g_ptr_array_index (hits, i)))
      post_hit (self, g_ptr_array_index (hits, i), id, text, &best);
}

/* A read of nobody's passage: nothing but the hits comes of it */
static void
compare_read (GstHitMatch *self, const AnprRead *read, const AnprMoment *moment)
{
  g_autoptr (GPtrArray) compared = NULL, hits = NULL;
  gint64 utc = utc_of (moment);

  if (!read->text
      || !anpr_compare_memory_is_new (
          self->memory, read->text, read->text, self->generation, utc))
    return;
  hits = compare (self, read, utc, &compared);
  for (guint i = 0; i < hits->len; i++)
    post_hit (self, g_ptr_array_index (hits, i), NULL, read->text, moment);
}

/* Every passage ends here compared, whatever came before (R9) */
static void
end_passage (GstHitMatch *self, AnprPassage *passage)
{
  GstPad *src_pad = GST_BASE_TRANSFORM_SRC_PAD (self);
  GstAnprWanted wanted;

  take_newest_lists (self);
  compare_passage (self, passage);
  anpr_compare_memory_forget (self->memory, anpr_passage_get_id (passage));
  GST_OBJECT_LOCK (self);
  self->stats.passages++;
  GST_OBJECT_UNLOCK (self);

  gst_anpr_pad_query_wanted (src_pad, &wanted);
  if (wanted.passages)
    return;
  anpr_passage_close (passage);
  gst_anpr_element_tell_passage (GST_ELEMENT (self), src_pad, passage);
}

static gboolean
gst_hit_match_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  g_autoptr (AnprPassage) passage = NULL;

  if (gst_anpr_event_parse_closing (event, &passage))
    end_passage (GST_HIT_MATCH (trans), passage);
  return GST_BASE_TRANSFORM_CLASS (gst_hit_match_parent_class)
      ->sink_event (trans, event);
}

static GstFlowReturn
gst_hit_match_transform_ip (GstBaseTransform *trans, GstBuffer *buffer)
{
  GstHitMatch *self = GST_HIT_MATCH (trans);
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  take_newest_lists (self);
  for (guint i = 0; meta && i < gst_anpr_meta_get_n_plates (meta); i++) {
    AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    if (plate->passage)
      compare_passage (self, plate->passage);
    else if (plate->read)
      compare_read (self, plate->read, &meta->moment);
  }
  gst_anpr_element_tell_frame (
      GST_ELEMENT (self), GST_BASE_TRANSFORM_SRC_PAD (trans), buffer);
  return GST_FLOW_OK;
}
