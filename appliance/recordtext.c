/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Records in words, for terminals and pages. Texts of lists and plates are
 * clean when they leave here; escaping for HTML is its writer's. */

#include "recordtext.h"
#include "console.h"
#include "../plugins/record/jsonmember.h"

#include <math.h>

/**
 * anpr_record_text_plate:
 * @view: a record
 *
 * Returns: (transfer full): the plate as it was seen, with separators, or in
 *     words why there is none
 */
gchar *
anpr_record_text_plate (const AnprRecordView *view)
{
  if (!*view->text)
    return anpr_console_clean (
        g_str_equal (view->state, "no plate") ? view->state : "not read");
  return anpr_console_clean (*view->raw ? view->raw : view->text);
}

/**
 * anpr_record_text_time:
 * @utc: ISO 8601
 *
 * Returns: (transfer full): date and time here, "unknown time" if @utc is none
 */
gchar *
anpr_record_text_time (const gchar *utc)
{
  g_autoptr (GDateTime) there = g_date_time_new_from_iso8601 (utc, NULL);
  g_autoptr (GDateTime) here = there ? g_date_time_to_local (there) : NULL;

  return here ? g_date_time_format (here, "%Y-%m-%d %H:%M:%S")
              : g_strdup ("unknown time");
}

/**
 * anpr_record_text_rate:
 * @rate: 0..1
 *
 * Returns: (transfer full): it in percent; never 100 % for less than that
 */
gchar *
anpr_record_text_rate (gdouble rate)
{
  return g_strdup_printf ("%d %%", (gint) floor (rate * 100 + 1e-9));
}

static gchar *
pad (const gchar *text, glong width)
{
  glong length = g_utf8_strlen (text, -1);
  g_autofree gchar *space = g_strnfill (MAX (width - length, 0), ' ');

  return g_strconcat (text, space, NULL);
}

static void
append_styled (GString *line, AnprStyle style, const gchar *text, glong width)
{
  g_autofree gchar *clean = anpr_console_clean (text);
  g_autofree gchar *padded = pad (clean, width);
  g_autofree gchar *styled = anpr_console_styled (style, padded);

  g_string_append_printf (line, "%s%s", line->len ? "  " : "", styled);
}

static void
append_hits (GString *line, const AnprRecordView *view, gboolean with_covert)
{
  for (guint i = 0; i < anpr_json_length (view->hits); i++) {
    JsonObject *hit = anpr_json_element (view->hits, i);
    g_autofree gchar *reason = NULL, *text = NULL;

    if (anpr_json_boolean (hit, "covert") && !with_covert)
      continue;
    reason = anpr_record_text_reason (hit);
    text = g_strconcat ("HIT ", reason, NULL);
    append_styled (line, ANPR_STYLE_WARNING, text, 0);
  }
}

/**
 * anpr_record_text_passage:
 * @view: a record
 * @with_covert: show hits that make no sign on site, too
 *
 * Returns: (transfer full): the passage in one line: time, position, plate,
 *     country, confidence, direction, hits
 */
gchar *
anpr_record_text_passage (const AnprRecordView *view, gboolean with_covert)
{
  GString *line = g_string_new (NULL);
  g_autofree gchar *time = anpr_record_text_time (view->best_seen);
  g_autofree gchar *plate = anpr_record_text_plate (view);
  g_autofree gchar *rate = anpr_record_text_rate (view->confidence);
  g_autofree gchar *country =
      g_strconcat (view->country, view->country_score >= 0.5 ? "" : "?", NULL);
  gboolean is_read = *view->text != '\0';

  append_styled (line, ANPR_STYLE_FAINT, time, 19);
  if (*view->position)
    append_styled (line, ANPR_STYLE_PLAIN, view->position, 12);
  append_styled (
      line, is_read ? ANPR_STYLE_PLATE : ANPR_STYLE_FAINT, plate, 12);
  append_styled (line, ANPR_STYLE_PLAIN, country, 3);
  append_styled (line, ANPR_STYLE_PLAIN, is_read ? rate : "-", 5);
  append_styled (line, ANPR_STYLE_PLAIN, view->direction, 7);
  append_hits (line, view, with_covert);
  return g_string_free (line, FALSE);
}

static const gchar *
first_of (JsonObject *object, const gchar *name, const gchar *other)
{
  const gchar *text = anpr_json_string (object, name);

  return *text ? text : anpr_json_string (object, other);
}

/**
 * anpr_record_text_reason:
 * @hit: a hit
 *
 * Returns: (transfer full): what the list asks for and why
 */
gchar *
anpr_record_text_reason (JsonObject *hit)
{
  const gchar *measure = anpr_json_string (hit, "measure");
  const gchar *warning = anpr_json_string (hit, "warning");
  const gchar *reason = first_of (hit, "reason", "category");
  g_autofree gchar *text =
      g_strconcat (measure, *measure && *reason ? ": " : "", reason,
          *warning ? "; caution: " : "", warning, NULL);

  return anpr_console_clean (text);
}

/**
 * anpr_record_text_source:
 * @hit: a hit
 *
 * Returns: (transfer full): the list, its version, authority and entry
 */
gchar *
anpr_record_text_source (JsonObject *hit)
{
  const gchar *authority = anpr_json_string (hit, "authority");
  const gchar *entry = anpr_json_string (hit, "entry");
  const gchar *reference = anpr_json_string (hit, "reference");
  g_autofree gchar *text = g_strconcat ("list ", anpr_json_string (hit, "list"),
      ", version ", anpr_json_string (hit, "version"), *entry ? ", entry " : "",
      entry, *authority ? ", " : "", authority,
      *reference ? ", reference " : "", reference, NULL);

  return anpr_console_clean (text);
}

/* ", sign 3 read 8 (60 %) and listed B (30 %)" for each sign that differs */
static gchar *
text_signs (JsonObject *hit)
{
  JsonArray *signs = anpr_json_array (hit, "signs");
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < anpr_json_length (signs); i++) {
    JsonObject *sign = anpr_json_element (signs, i);

    g_string_append_printf (text,
        ", sign %.0f read %s (%.0f %%) and listed %s (%.0f %%)",
        anpr_json_number (sign, "at") + 1, anpr_json_string (sign, "read"),
        anpr_json_number (sign, "read_confidence") * 100,
        anpr_json_string (sign, "listed"),
        anpr_json_number (sign, "listed_confidence") * 100);
  }
  return g_string_free (text, FALSE);
}

/**
 * anpr_record_text_grade:
 * @hit: a hit
 *
 * Returns: (transfer full): how text and country match the entry, which signs
 *     differ and what the reader thought of them; whether the list is too old
 */
gchar *
anpr_record_text_grade (JsonObject *hit)
{
  const gchar *country = anpr_json_string (hit, "country_grade");
  g_autofree gchar *signs = text_signs (hit);
  g_autofree gchar *text = g_strconcat (anpr_json_string (hit, "grade"),
      " text", signs, ", country ",
      g_str_equal (country, "conflict") ? "in CONFLICT: not actionable"
      : g_str_equal (country, "agree")  ? "agrees"
                                        : "unknown",
      anpr_json_boolean (hit, "stale") ? ", list STALE: not actionable" : "",
      NULL);

  return anpr_console_clean (text);
}

/**
 * anpr_record_text_hit:
 * @hit: a hit
 * @text: the plate that was read
 * @utc: when, ISO 8601
 * @position: (nullable): where
 *
 * Returns: (transfer full): the hit in two lines
 */
gchar *
anpr_record_text_hit (
    JsonObject *hit, const gchar *text, const gchar *utc, const gchar *position)
{
  g_autofree gchar *plate = anpr_console_clean (text);
  g_autofree gchar *mark = g_strdup_printf (" HIT  %s ", plate);
  g_autofree gchar *styled = anpr_console_styled (ANPR_STYLE_HIT, mark);
  g_autofree gchar *reason = anpr_record_text_reason (hit);
  g_autofree gchar *source = anpr_record_text_source (hit);
  g_autofree gchar *grade = anpr_record_text_grade (hit);
  g_autofree gchar *time = anpr_record_text_time (utc);
  g_autofree gchar *place = anpr_console_clean (position ? position : "");

  return g_strdup_printf (
      "%s  %s\n     %s  %s%s%s; %s; " ANPR_RECORD_UNVERIFIED, styled, reason,
      time, place, *place ? "  " : "", source, grade);
}
