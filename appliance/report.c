/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The report: pages of HTML that need nothing but themselves. Pictures are data
 * URIs, there is no script, and a policy in the page forbids whatever a
 * template would let slip. Templates are in report/, in the program. */

#include "report.h"
#include "html.h"
#include "recordtext.h"
#include "reportresource.h"
#include "../plugins/record/jsonmember.h"

#include <gio/gio.h>

/* Most texts shown of each list in a record */
#define MAX_SHOWN 5

static gchar *
load_template (const gchar *name)
{
  g_autofree gchar *path = g_strconcat ("/gst-anpr/report/", name, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (
      anpr_report_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  gsize size;
  const gchar *text = g_bytes_get_data (bytes, &size);

  return g_strndup (text, size);
}

/**
 * anpr_report_counts_init:
 * @counts: (out caller-allocates): nothing counted
 */
void
anpr_report_counts_init (AnprReportCounts *counts)
{
  *counts = (AnprReportCounts){
    .positions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .first = g_strdup (""),
    .last = g_strdup (""),
  };
}

/**
 * anpr_report_counts_clear:
 * @counts: of anpr_report_counts_init()
 */
void
anpr_report_counts_clear (AnprReportCounts *counts)
{
  g_clear_pointer (&counts->positions, g_hash_table_unref);
  g_clear_pointer (&counts->first, g_free);
  g_clear_pointer (&counts->last, g_free);
}

/**
 * anpr_report_counts_add:
 * @counts: counts
 * @view: a passage of the report
 * @with_covert: covert hits are shown
 */
void
anpr_report_counts_add (
    AnprReportCounts *counts, const AnprRecordView *view, gboolean with_covert)
{
  const gchar *time = view->best_seen;

  counts->passages++;
  if (*view->text)
    counts->read++;
  else
    counts->not_read++;
  if (anpr_record_view_count_hits (view, with_covert) > 0)
    counts->with_hits++;
  g_hash_table_add (counts->positions, g_strdup (view->position));
  if (*time && (!*counts->first || g_strcmp0 (time, counts->first) < 0)) {
    g_free (counts->first);
    counts->first = g_strdup (time);
  }
  if (g_strcmp0 (time, counts->last) > 0) {
    g_free (counts->last);
    counts->last = g_strdup (time);
  }
}

static gchar *
picture_html (GBytes *jpeg, const gchar *class, const gchar *what)
{
  g_autofree gchar *data = NULL;
  gsize size;
  const guint8 *bytes;

  if (!jpeg)
    return g_strdup ("");
  bytes = g_bytes_get_data (jpeg, &size);
  data = g_base64_encode (bytes, size);
  return anpr_html_fill (
      "<img class=\"{{class}}\" alt=\"{{what}}\" loading=\"lazy\" "
      "src=\"data:image/jpeg;base64,{{{data}}}\">",
      "class", class, "what", what, "data", data, NULL);
}

static gboolean
is_country_code (const gchar *code)
{
  return g_ascii_isupper (code[0]) && g_ascii_isupper (code[1]) && !code[2];
}

static gchar *
plate_html (const AnprRecordView *view)
{
  g_autofree gchar *text = anpr_record_text_plate (view);
  const gchar *country =
      is_country_code (view->country) && view->country_score >= 0.5
          ? view->country
          : "";

  if (!*view->text)
    return anpr_html_fill ("<span class=\"plate none\"><span "
                           "class=\"text\">{{text}}</span></span>",
        "text", text, NULL);
  if (!*country)
    return anpr_html_fill ("<span class=\"plate\"><span "
                           "class=\"text\">{{text}}</span></span>",
        "text", text, NULL);
  return anpr_html_fill (
      "<span class=\"plate {{country}}\"><span class=\"band\">{{country}}"
      "</span><span class=\"text\">{{text}}</span></span>",
      "country", country, "text", text, NULL);
}

static gchar *
hits_html (const AnprRecordView *view, gboolean with_covert)
{
  g_autofree gchar *template = load_template ("hit.html");
  GString *html = g_string_new (NULL);

  for (guint i = 0; i < anpr_json_length (view->hits); i++) {
    JsonObject *hit = anpr_json_element (view->hits, i);
    gboolean covert = anpr_json_boolean (hit, "covert");
    g_autofree gchar *reason = anpr_record_text_reason (hit);
    g_autofree gchar *source = anpr_record_text_source (hit);
    g_autofree gchar *grade = anpr_record_text_grade (hit);
    g_autofree gchar *filled = NULL;

    if (covert && !with_covert)
      continue;
    filled = anpr_html_fill (template, "reason", reason, "source", source,
        "grade", grade, "covert", covert ? "; COVERT: no sign on site" : "",
        "unverified", "Unverified: decide on the picture.", NULL);
    g_string_append (html, filled);
  }
  return g_string_free (html, FALSE);
}

/* "BE 92 %, LU 5 %", of objects with a text and a rate */
static gchar *
rates_text (JsonArray *array, guint from, const gchar *name, const gchar *rate)
{
  GString *text = g_string_new (NULL);
  guint n = MIN (anpr_json_length (array), from + MAX_SHOWN);

  for (guint i = from; i < n; i++) {
    JsonObject *object = anpr_json_element (array, i);
    g_autofree gchar *percent =
        anpr_record_text_rate (anpr_json_number (object, rate));

    g_string_append_printf (text, "%s%s %s", text->len ? ", " : "",
        anpr_json_string (object, name), percent);
  }
  if (text->len == 0)
    g_string_append (text, "–");
  return g_string_free (text, FALSE);
}

static gchar *
compared_text (JsonArray *compared)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < anpr_json_length (compared); i++) {
    JsonObject *object = anpr_json_element (compared, i);

    g_string_append_printf (text, "%s%s (version %s)", text->len ? ", " : "",
        anpr_json_string (object, "list"),
        anpr_json_string (object, "version"));
  }
  if (text->len == 0)
    g_string_append (text, "with no list");
  return g_string_free (text, FALSE);
}

static gchar *
time_html (const gchar *utc)
{
  g_autofree gchar *text = anpr_record_text_time (utc);

  return anpr_html_fill ("<time datetime=\"{{utc}}\">{{text}}</time>", "utc",
      utc, "text", text, NULL);
}

static gdouble
seconds_between (const gchar *first, const gchar *last)
{
  g_autoptr (GDateTime) from = g_date_time_new_from_iso8601 (first, NULL);
  g_autoptr (GDateTime) to = g_date_time_new_from_iso8601 (last, NULL);

  return from && to ? g_date_time_difference (to, from) / 1e6 : 0;
}

static gchar *
confidence_html (const AnprRecordView *view)
{
  g_autofree gchar *rate = anpr_record_text_rate (view->confidence);
  g_autofree gchar *width =
      g_strdup_printf ("%d", (gint) (CLAMP (view->confidence, 0, 1) * 100));

  if (!*view->text)
    return g_strdup ("–");
  return anpr_html_fill ("<span class=\"sure\" aria-hidden=\"true\"><span "
                         "style=\"width:{{width}}%\"></span></span>{{rate}}",
      "width", width, "rate", rate, NULL);
}

static const gchar *
direction_html (const AnprRecordView *view)
{
  static const struct {
    const gchar *direction;
    const gchar *html;
  } directions[] = {
    { "in", "<span class=\"arrow\" aria-hidden=\"true\">↓</span> in" },
    { "out", "<span class=\"arrow\" aria-hidden=\"true\">↑</span> out" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++) {
    if (g_str_equal (view->direction, directions[i].direction))
      return directions[i].html;
  }
  return "unknown";
}

/**
 * anpr_report_passage:
 * @view: a passage
 * @plate: (nullable): JPEG of its plate
 * @vehicle: (nullable): JPEG of the vehicle
 * @with_covert: show covert hits
 *
 * Returns: (transfer full): it as HTML
 */
gchar *
anpr_report_passage (const AnprRecordView *view, GBytes *plate, GBytes *vehicle,
    gboolean with_covert)
{
  g_autofree gchar *template = load_template ("passage.html");
  g_autofree gchar *text = anpr_record_text_plate (view);
  g_autofree gchar *label = g_strdup_printf ("Passage of %s", text);
  g_autofree gchar *record = g_strdup_printf (
      "number %" G_GINT64_FORMAT ", %s", view->sequence, view->id);
  g_autofree gchar *span = g_strdup_printf ("%.1f s, %" G_GINT64_FORMAT " %s",
      seconds_between (view->first_seen, view->last_seen), view->frames,
      view->frames == 1 ? "frame" : "frames");
  g_autofree gchar *shown_plate = plate_html (view);
  g_autofree gchar *hits = hits_html (view, with_covert);
  g_autofree gchar *time = time_html (view->best_seen);
  g_autofree gchar *confidence = confidence_html (view);
  g_autofree gchar *countries =
      rates_text (view->countries, 0, "code", "score");
  g_autofree gchar *candidates =
      rates_text (view->candidates, 1, "text", "confidence");
  g_autofree gchar *compared = compared_text (view->compared);
  g_autofree gchar *still =
      picture_html (plate, "still", "The plate, as it was read");
  g_autofree gchar *car = vehicle ? picture_html (vehicle, "vehicle",
                              "The vehicle, without its occupants")
                                  : g_strdup ("<p class=\"none\">No picture of "
                                              "the vehicle</p>");

  return anpr_html_fill (template, "class", *hits ? " has-hit" : "", "label",
      label, "vehicle", car, "still", still, "plate", shown_plate, "hits", hits,
      "time", time, "span", span, "position",
      *view->position ? view->position : "unknown", "direction",
      direction_html (view), "confidence", confidence, "countries", countries,
      "candidates", candidates, "compared", compared, "record", record, NULL);
}

static void
append_count (GString *html, guint64 n, const gchar *what, const gchar *class)
{
  g_autofree gchar *number = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  g_autofree gchar *item =
      anpr_html_fill ("<li class=\"{{class}}\"><b>{{n}}</b> {{what}}</li>\n",
          "class", class, "n", number, "what", what, NULL);

  g_string_append (html, item);
}

static gchar *
counts_html (const AnprReportCounts *counts)
{
  GString *html = g_string_new (NULL);
  guint positions = g_hash_table_size (counts->positions);

  append_count (html, counts->passages,
      counts->passages == 1 ? "passage" : "passages", "count");
  append_count (html, counts->with_hits, "with a hit",
      counts->with_hits ? "count alarm" : "count");
  append_count (html, counts->read, "read", "count");
  append_count (html, counts->not_read, "not read", "count");
  append_count (
      html, positions, positions == 1 ? "position" : "positions", "count");
  return g_string_free (html, FALSE);
}

static gchar *
range_text (const AnprReportCounts *counts)
{
  g_autofree gchar *first = NULL, *last = NULL;

  if (counts->passages == 0)
    return g_strdup ("");
  if (!*counts->first)
    return g_strdup ("No passage has a known time.");
  first = anpr_record_text_time (counts->first);
  last = anpr_record_text_time (counts->last);
  return g_strdup_printf ("From %s to %s, local time.", first, last);
}

/* Links to the pages beside this one, and the first and last */
static gchar *
pages_html (guint page, guint n_pages)
{
  GString *html;
  const struct {
    const gchar *name;
    guint page;
  } links[] = {
    { "First", 1 },
    { "Previous", page - 1 },
    { "Next", page + 1 },
    { "Last", n_pages },
  };

  if (n_pages <= 1)
    return g_strdup ("");
  html = g_string_new (NULL);
  g_string_append_printf (html,
      "<nav class=\"pages\" aria-label=\"Pages\"><span>Page %u of %u, at most "
      "%d passages each</span>",
      page, n_pages, ANPR_REPORT_PAGE_PASSAGES);
  for (guint i = 0; i < G_N_ELEMENTS (links); i++) {
    g_autofree gchar *name = anpr_report_page_name (links[i].page);

    if (links[i].page >= 1 && links[i].page <= n_pages && links[i].page != page)
      g_string_append_printf (
          html, " <a href=\"%s\">%s</a>", name, links[i].name);
  }
  g_string_append (html, "</nav>");
  return g_string_free (html, FALSE);
}

static gchar *
section_html (const gchar *class, const gchar *heading, const gchar *passages)
{
  if (!*passages)
    return g_strdup ("");
  return anpr_html_fill ("<section class=\"{{class}}\"><h2>{{heading}}</h2>"
                         "<div class=\"grid\">\n{{{passages}}}</div></section>",
      "class", class, "heading", heading, "passages", passages, NULL);
}

/**
 * anpr_report_page_name:
 * @page: from 1
 *
 * Returns: (transfer full): its file's name
 */
gchar *
anpr_report_page_name (guint page)
{
  return page <= 1 ? g_strdup ("index.html")
                   : g_strdup_printf ("page-%u.html", page);
}

/**
 * anpr_report_page:
 * @counts: of the whole report
 * @hits: HTML of the page's passages with a hit
 * @passages: HTML of its other passages
 * @page: from 1
 * @n_pages: pages of the report
 *
 * Returns: (transfer full): the page
 */
gchar *
anpr_report_page (const AnprReportCounts *counts, const gchar *hits,
    const gchar *passages, guint page, guint n_pages)
{
  g_autofree gchar *template = load_template ("page.html");
  g_autofree gchar *style = load_template ("report.css");
  g_autofree gchar *range = range_text (counts);
  g_autofree gchar *shown_counts = counts_html (counts);
  g_autofree gchar *pages = pages_html (page, n_pages);
  g_autofree gchar *hit_section = section_html ("hits", "Hits", hits);
  g_autofree gchar *section = section_html ("others",
      *hits || counts->with_hits ? "Other passages" : "Passages", passages);

  if (counts->passages == 0) {
    g_free (section);
    section = g_strdup (
        "<p class=\"empty\"><b>No passages</b>No vehicle with a plate "
        "was seen, or none that was asked for.</p>");
  }
  return anpr_html_fill (template, "title", "Number plate passages", "style",
      style, "range", range, "counts", shown_counts, "pages", pages, "hits",
      hit_section, "passages", section, NULL);
}
