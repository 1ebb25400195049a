/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The page's own files. They are in the program (GResource), so no path leads to
 * a file of the disk but the two of Leaflet, which Debian's libjs-leaflet brings;
 * these are named here, one by one.
 */

#include "pagefiles.h"
#include "pageresource.h"

#include <string.h>

#define RESOURCES "/gst-anpr/page"
#define LEAFLET "/usr/share/javascript/leaflet/"

static const struct {
  const gchar *suffix;
  const gchar *type;
} types[] = {
  { ".html", "text/html; charset=utf-8" },
  { ".css", "text/css; charset=utf-8" },
  { ".js", "text/javascript; charset=utf-8" },
  { ".json", "application/json; charset=utf-8" },
  { ".svg", "image/svg+xml" },
  { ".png", "image/png" },
};

static const struct {
  const gchar *path;
  const gchar *file;
} others[] = {
  { "/leaflet/leaflet.css", LEAFLET "leaflet.css" },
  { "/leaflet/leaflet.esm.min.js", LEAFLET "leaflet.esm.min.js" },
  { "/leaflet/images/layers.png", LEAFLET "images/layers.png" },
  { "/leaflet/images/layers-2x.png", LEAFLET "images/layers-2x.png" },
  { "/leaflet/images/marker-icon.png", LEAFLET "images/marker-icon.png" },
  { "/leaflet/images/marker-shadow.png", LEAFLET "images/marker-shadow.png" },
};

static const gchar *
get_type (const gchar *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_str_has_suffix (path, types[i].suffix))
      return types[i].type;
  }
  return NULL;
}

static GBytes *
read_other (const gchar *path)
{
  gchar *text;
  gsize length;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    if (g_str_equal (path, others[i].path)
        && g_file_get_contents (others[i].file, &text, &length, NULL))
      return g_bytes_new_take (text, length);
  }
  return NULL;
}

/**
 * anpr_page_files_get:
 * @path: of a request, plain
 * @known_tag: (nullable): of what the browser has already
 * @answer: gets the file, or that it has not changed, or that there is none
 */
void
anpr_page_files_get (
    const gchar *path, const gchar *known_tag, AnprAnswer *answer)
{
  const gchar *name = g_str_equal (path, "/") ? "/index.html" : path;
  g_autofree gchar *resource = g_strconcat (RESOURCES, name, NULL);
  g_autoptr (GBytes) content = g_resource_lookup_data (
      anpr_page_get_resource (), resource, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  const gchar *type = get_type (name);

  if (!content)
    content = read_other (name);
  if (!content || !type) {
    anpr_answer_set_fault (
        answer, ANPR_ERROR_WEB_MISSING, "There is no such page");
    return;
  }
  answer->keep = TRUE;
  answer->tag = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, content);
  answer->tag[32] = '\0';
  if (g_strcmp0 (answer->tag, known_tag) == 0) {
    answer->status = SOUP_STATUS_NOT_MODIFIED;
    return;
  }
  answer->status = SOUP_STATUS_OK;
  answer->type = type;
  answer->body = g_steal_pointer (&content);
}
