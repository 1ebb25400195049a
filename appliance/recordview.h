/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_VIEW_H
#define ANPR_RECORD_VIEW_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _AnprRecordView AnprRecordView;

/**
 * AnprRecordView:
 * @object: the whole record
 * @id: of the passage
 * @position: camera place, "" unknown
 * @sequence: number at the position, 0 not kept
 * @first_seen: UTC, ISO 8601
 * @best_seen: UTC of the best shot
 * @last_seen: UTC
 * @direction: "in", "out" or "unknown"
 * @state: "read", "not read" or "no plate"
 * @text: plate key, "" if there is none
 * @raw: as seen, with separators
 * @country: likeliest country, "" unknown
 * @country_score: 0..1 that it is
 * @confidence: 0..1 that @text is right
 * @frames: the vehicle was seen in
 * @countries: (nullable): objects with code and score
 * @candidates: (nullable): objects with text and confidence
 * @hits: (nullable): objects, hits
 * @compared: (nullable): objects with list and version
 *
 * A record as its readers want it. What a record lacks is "", 0 or %NULL.
 */
struct _AnprRecordView {
  JsonObject *object;
  const gchar *id;
  const gchar *position;
  gint64 sequence;
  const gchar *first_seen;
  const gchar *best_seen;
  const gchar *last_seen;
  const gchar *direction;
  const gchar *state;
  const gchar *text;
  const gchar *raw;
  const gchar *country;
  gdouble country_score;
  gdouble confidence;
  gint64 frames;
  JsonArray *countries;
  JsonArray *candidates;
  JsonArray *hits;
  JsonArray *compared;
};

AnprRecordView *anpr_record_view_parse (const gchar *line, GError **error);
void anpr_record_view_free (AnprRecordView *view);
guint anpr_record_view_count_hits (
    const AnprRecordView *view, gboolean with_covert);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRecordView, anpr_record_view_free)

G_END_DECLS

#endif
