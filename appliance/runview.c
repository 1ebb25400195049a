/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What the user of anprctl run sees of the elements' messages: a hit at once, a
 * passage when it is complete. */

#include "runview.h"
#include "console.h"
#include "recordtext.h"
#include "../plugins/record/clock.h"
#include "../plugins/record/jsonmember.h"

static void
show_passage (AnprRunView *view, const GstStructure *message)
{
  g_autoptr (AnprRecordView) passage = NULL;
  g_autofree gchar *line = NULL;
  const gchar *record = gst_structure_get_string (message, "record");

  if (g_strcmp0 (gst_structure_get_string (message, "state"), "lost") != 0
      || !record)
    return;
  passage = anpr_record_view_parse (record, NULL);
  if (!passage)
    return;
  if (view->position && !*passage->position)
    passage->position = view->position;
  line = anpr_record_text_passage (passage, view->show_covert);
  anpr_console_print (line);
  view->n_passages++;
}

static void
show_hit (AnprRunView *view, const GstStructure *message)
{
  const gchar *text = gst_structure_get_string (message, "hit");
  const gchar *plate = gst_structure_get_string (message, "text");
  g_autoptr (JsonNode) node = text ? json_from_string (text, NULL) : NULL;
  g_autofree gchar *utc = NULL, *line = NULL;
  gint64 timestamp = 0;
  JsonObject *hit;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return;
  hit = json_node_get_object (node);
  if (anpr_json_boolean (hit, "covert") && !view->show_covert)
    return;
  gst_structure_get_int64 (message, "timestamp", &timestamp);
  utc = anpr_utc_to_string (timestamp);
  line = anpr_record_text_hit (
      hit, plate ? plate : "", utc ? utc : "", view->position);
  anpr_console_print (line);
  view->n_hits++;
}

/* Why it does not keep is told by a warning */
static void
show_sink_state (AnprRunView *view, const GstStructure *message)
{
  const gchar *state = gst_structure_get_string (message, "state");
  gboolean keeping = g_strcmp0 (state, "keeping") == 0;

  if (keeping && view->not_keeping)
    anpr_console_note ("Passages are kept again.");
  view->not_keeping = !keeping;
}

static const struct {
  const gchar *name;
  void (*show) (AnprRunView *view, const GstStructure *message);
} shown_messages[] = {
  { "anpr-passage", show_passage },
  { "anpr-hit", show_hit },
  { "anpr-sink-state", show_sink_state },
};

/**
 * anpr_run_view_show:
 * @view: a view
 * @message: of an element message
 *
 * Prints it if it is one the user should see.
 */
void
anpr_run_view_show (AnprRunView *view, const GstStructure *message)
{
  for (guint i = 0; message && i < G_N_ELEMENTS (shown_messages); i++) {
    if (gst_structure_has_name (message, shown_messages[i].name))
      shown_messages[i].show (view, message);
  }
}

/**
 * anpr_run_view_progress:
 * @view: a view
 * @pipeline: what plays
 * @n_frames: looked at by now
 *
 * Returns: (transfer full): how far it is: percent where the end is known, time,
 *     counts
 */
gchar *
anpr_run_view_progress (
    const AnprRunView *view, GstElement *pipeline, guint64 n_frames)
{
  gint64 now = -1, whole = -1;
  GString *text = g_string_new (NULL);

  gst_element_query_position (pipeline, GST_FORMAT_TIME, &now);
  gst_element_query_duration (pipeline, GST_FORMAT_TIME, &whole);
  if (now >= 0 && whole > 0)
    g_string_append_printf (
        text, "%d %%  ", (gint) (100 * MIN (now, whole) / whole));
  if (now >= 0)
    g_string_append_printf (text, "%d:%02d  ", (gint) (now / GST_SECOND / 60),
        (gint) (now / GST_SECOND % 60));
  g_string_append_printf (text,
      "%" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
      " passages, %" G_GUINT64_FORMAT " hits",
      n_frames, view->n_passages, view->n_hits);
  return g_string_free (text, FALSE);
}
