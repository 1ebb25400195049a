/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How a passage travels through the elements.
 *
 * Plates of a vehicle point to one AnprPassage, which each element adds to. It
 * must be complete when it is kept, also when the last read comes after the
 * vehicle has gone, so it ends with a mark in the stream: platetrack (or, where
 * there is none, the first element that makes passages) sends a serialised
 * "closing" event behind the vehicle's last buffer. An element with work left
 * for the passage holds the event until that is done; the last element closes
 * the passage.
 *
 * Which element is the last one is asked downstream with a "wanted" query, so
 * that exactly one element posts `anpr-passage`, and in any chain: the one that
 * nobody downstream answers. anprsink also answers that it wants stills, which
 * are only made then.
 *
 * The query is asked when there is something to tell, a few times a vehicle,
 * so chains may be relinked while playing. Never call with a lock held.
 */

#include "gstanprpassing.h"
#include "../record/error.h"
#include "../record/jsonmember.h"

#define CLOSING "anpr-closing"
#define WANTED "anpr-wanted"

/**
 * gst_anpr_event_new_closing: (skip)
 * @passage: a passage whose vehicle is gone
 *
 * Returns: (transfer full): a serialised downstream event
 */
GstEvent *
gst_anpr_event_new_closing (AnprPassage *passage)
{
  return gst_event_new_custom (GST_EVENT_CUSTOM_DOWNSTREAM,
      gst_structure_new (CLOSING, "passage", ANPR_TYPE_PASSAGE, passage, NULL));
}

/**
 * gst_anpr_event_parse_closing: (skip)
 * @event: any event
 * @passage: (out) (transfer full): its passage
 *
 * Returns: whether @event is a closing event
 */
gboolean
gst_anpr_event_parse_closing (GstEvent *event, AnprPassage **passage)
{
  return GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_DOWNSTREAM
         && gst_event_has_name (event, CLOSING)
         && gst_structure_get (gst_event_get_structure (event), "passage",
             ANPR_TYPE_PASSAGE, passage, NULL);
}

/**
 * gst_anpr_pad_query_wanted: (skip)
 * @src_pad: (nullable): the element's source pad, %NULL for a sink
 * @wanted: (out): what elements downstream do and want
 */
void
gst_anpr_pad_query_wanted (GstPad *src_pad, GstAnprWanted *wanted)
{
  GstQuery *query;

  wanted->passages = wanted->stills = FALSE;
  if (!src_pad)
    return;
  query = gst_query_new_custom (
      GST_QUERY_CUSTOM, gst_structure_new (WANTED, "passages", G_TYPE_BOOLEAN,
                            FALSE, "stills", G_TYPE_BOOLEAN, FALSE, NULL));
  if (gst_pad_peer_query (src_pad, query))
    gst_structure_get (gst_query_get_structure (query), "passages",
        G_TYPE_BOOLEAN, &wanted->passages, "stills", G_TYPE_BOOLEAN,
        &wanted->stills, NULL);
  gst_query_unref (query);
}

/**
 * gst_anpr_query_answer_wanted: (skip)
 * @query: any query
 * @wanted: what this element and those downstream of it want
 *
 * Returns: whether @query was a "wanted" query and is answered
 */
gboolean
gst_anpr_query_answer_wanted (GstQuery *query, const GstAnprWanted *wanted)
{
  const GstStructure *asked;
  gboolean passages = FALSE, stills = FALSE;

  if (GST_QUERY_TYPE (query) != GST_QUERY_CUSTOM)
    return FALSE;
  asked = gst_query_get_structure (query);
  if (!asked || !gst_structure_has_name (asked, WANTED))
    return FALSE;
  /* a tee asks several branches with one query: add, do not replace */
  gst_structure_get (asked, "passages", G_TYPE_BOOLEAN, &passages, "stills",
      G_TYPE_BOOLEAN, &stills, NULL);
  gst_structure_set (gst_query_writable_structure (query), "passages",
      G_TYPE_BOOLEAN, passages || wanted->passages, "stills", G_TYPE_BOOLEAN,
      stills || wanted->stills, NULL);
  return TRUE;
}

/**
 * gst_anpr_structure_set_moment: (skip)
 * @structure: a message's structure
 * @moment: when what it tells was seen
 *
 * Sets timestamp (UTC, microseconds), stream-time and running-time
 * (nanoseconds), as every message of the elements has them.
 */
void
gst_anpr_structure_set_moment (
    GstStructure *structure, const AnprMoment *moment)
{
  gst_structure_set (structure, "timestamp", G_TYPE_INT64, moment->utc,
      "stream-time", G_TYPE_UINT64, moment->stream_time, "running-time",
      G_TYPE_UINT64, moment->running_time, NULL);
}

static GstStructure *
passage_structure (AnprPassage *passage, AnprPassageState state)
{
  g_autoptr (AnprRead) read = anpr_passage_get_read (passage);
  g_autoptr (JsonObject) object = anpr_passage_to_json (passage, NULL);
  g_autofree gchar *record = NULL;
  AnprMoment best;
  GstStructure *structure;
  const gchar *country = "";

  json_object_set_string_member (
      object, "state", anpr_passage_state_to_string (state));
  record = anpr_json_to_line (object);
  if (read && anpr_read_get_n_countries (read) > 0)
    country = anpr_read_get_country (read, 0)->code;
  structure = gst_structure_new ("anpr-passage", "id", G_TYPE_STRING,
      anpr_passage_get_id (passage), "state", G_TYPE_STRING,
      anpr_passage_state_to_string (state), "text", G_TYPE_STRING,
      read && read->text ? read->text : "", "confidence", G_TYPE_DOUBLE,
      read ? read->confidence : 0.0, "country", G_TYPE_STRING, country,
      "direction", G_TYPE_STRING,
      anpr_direction_to_string (anpr_passage_get_direction (passage)), "record",
      G_TYPE_STRING, record, "passage", ANPR_TYPE_PASSAGE, passage, NULL);
  anpr_passage_get_moments (passage, NULL, &best, NULL);
  gst_anpr_structure_set_moment (structure, &best);
  return structure;
}

/**
 * gst_anpr_element_tell_passage: (skip)
 * @element: an element
 * @src_pad: (nullable): its source pad, %NULL for a sink
 * @passage: a passage it has seen or closed
 *
 * Posts `anpr-passage` if the passage has news and no element downstream will.
 */
void
gst_anpr_element_tell_passage (
    GstElement *element, GstPad *src_pad, AnprPassage *passage)
{
  GstAnprWanted wanted;
  AnprPassageState state;

  if (!anpr_passage_has_news (passage))
    return;
  gst_anpr_pad_query_wanted (src_pad, &wanted);
  if (wanted.passages || !anpr_passage_take_news (passage, &state))
    return;
  gst_element_post_message (
      element, gst_message_new_element (
                   GST_OBJECT (element), passage_structure (passage, state)));
}

/**
 * gst_anpr_element_tell_frame: (skip)
 * @element: an element
 * @src_pad: (nullable): its source pad, %NULL for a sink
 * @buffer: a frame it has done its work on
 *
 * gst_anpr_element_tell_passage() for every passage of the frame.
 */
void
gst_anpr_element_tell_frame (
    GstElement *element, GstPad *src_pad, GstBuffer *buffer)
{
  GstAnprMeta *meta = gst_buffer_get_anpr_meta (buffer);

  for (guint i = 0; meta && i < meta->plates->len; i++) {
    AnprPlate *plate = gst_anpr_meta_get_plate (meta, i);

    if (plate->passage)
      gst_anpr_element_tell_passage (element, src_pad, plate->passage);
  }
}

/**
 * gst_anpr_element_warn: (skip)
 * @element: an element
 * @error: what went wrong
 * @consequence: what that means for the user, such as "proceeding without it"
 *
 * Posts a warning whose text begins with the stable code in brackets and whose
 * details carry it as field `code`.
 */
void
gst_anpr_element_warn (
    GstElement *element, const GError *error, const gchar *consequence)
{
  const gchar *code = anpr_error_name (error);

  GST_WARNING_OBJECT (element, "[%s] %s", code, error->message);
  gst_element_message_full_with_details (element, GST_MESSAGE_WARNING,
      GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED,
      g_strdup_printf ("[%s] %s; %s", code, error->message, consequence),
      g_strdup (error->domain == ANPR_ERROR
                    ? anpr_error_code_advice (error->code)
                    : ""),
      __FILE__, GST_FUNCTION, __LINE__,
      gst_structure_new ("details", "code", G_TYPE_STRING, code, NULL));
}

/**
 * gst_anpr_pad_is_live: (skip)
 * @sink_pad: an element's sink pad
 *
 * Returns: whether the stream comes from a live source, so that nobody may make
 *     it wait
 */
gboolean
gst_anpr_pad_is_live (GstPad *sink_pad)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (sink_pad, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);
  return live;
}
