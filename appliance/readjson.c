/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The objects that anprctl read prints; docs/anprctl.md names their fields. */

#include "readjson.h"

#include <math.h>

/* Members of a record's read that are printed, in this order, those it has */
static const gchar *const read_members[] = { "text", "confidence", "countries",
  "candidates", "second" };

/* Quarters of a pixel: finer than any detector, and exact in JSON */
static gdouble
to_quarters (gdouble pixels)
{
  return round (pixels * 4) / 4;
}

static JsonObject *
new_object (const gchar *path)
{
  JsonObject *object = json_object_new ();
  g_autofree gchar *name = g_utf8_make_valid (path, -1);

  json_object_set_string_member (object, "file", name);
  return object;
}

static void
set_read (JsonObject *object, const AnprRead *read)
{
  g_autoptr (JsonObject) all = json_object_new ();

  anpr_read_add_to_json (read, all);
  for (guint i = 0; i < G_N_ELEMENTS (read_members); i++)
    if (json_object_has_member (all, read_members[i]))
      json_object_set_member (object, read_members[i],
          json_object_dup_member (all, read_members[i]));
}

static JsonArray *
quad_to_json (const AnprQuad *quad)
{
  JsonArray *array = json_array_sized_new (8);

  for (guint i = 0; i < 4; i++) {
    json_array_add_double_element (array, to_quarters (quad->x[i]));
    json_array_add_double_element (array, to_quarters (quad->y[i]));
  }
  return array;
}

/**
 * anpr_plate_to_read_json:
 * @path: the file as given
 * @plate: a plate of a frame of it
 *
 * Returns: (transfer full): file, x, y, w, h, quad, detection_confidence, text,
 *     confidence, countries, candidates, second if another engine was asked,
 *     engine, ms
 */
JsonObject *
anpr_plate_to_read_json (const gchar *path, const AnprPlate *plate)
{
  JsonObject *object = new_object (path);
  const AnprRead *read = plate->read;

  json_object_set_double_member (object, "x", to_quarters (plate->box.x));
  json_object_set_double_member (object, "y", to_quarters (plate->box.y));
  json_object_set_double_member (object, "w", to_quarters (plate->box.width));
  json_object_set_double_member (object, "h", to_quarters (plate->box.height));
  json_object_set_array_member (object, "quad", quad_to_json (&plate->quad));
  json_object_set_double_member (
      object, "detection_confidence", round (plate->confidence * 1e4) / 1e4);
  set_read (object, read);
  if (read && read->engine)
    json_object_set_string_member (object, "engine", read->engine);
  else
    json_object_set_null_member (object, "engine");
  json_object_set_double_member (
      object, "ms", read ? round (read->duration / 100.0) / 10 : 0);
  return object;
}

static gdouble
to_seconds (guint64 stream_time)
{
  return stream_time == G_MAXUINT64 ? 0 : round (stream_time / 1e6) / 1e3;
}

/**
 * anpr_read_json_set_frame:
 * @object: of anpr_plate_to_read_json()
 * @frame: number of the frame in the file, from 0
 * @stream_time: of the frame, nanoseconds, G_MAXUINT64 unknown
 *
 * Adds frame and time_s.
 */
void
anpr_read_json_set_frame (
    JsonObject *object, guint64 frame, guint64 stream_time)
{
  json_object_set_int_member (object, "frame", (gint64) frame);
  json_object_set_double_member (object, "time_s", to_seconds (stream_time));
}

/**
 * anpr_passage_to_read_json:
 * @path: the file as given
 * @passage: a closed passage in it
 *
 * Returns: (transfer full): file, first_s, last_s, text, confidence, countries,
 *     candidates, second if another engine was asked, frames, direction
 */
JsonObject *
anpr_passage_to_read_json (const gchar *path, AnprPassage *passage)
{
  JsonObject *object = new_object (path);
  g_autoptr (AnprRead) read = anpr_passage_get_read (passage);
  AnprMoment first, last;

  anpr_passage_get_moments (passage, &first, NULL, &last);
  json_object_set_double_member (
      object, "first_s", to_seconds (first.stream_time));
  json_object_set_double_member (
      object, "last_s", to_seconds (last.stream_time));
  set_read (object, read);
  json_object_set_int_member (
      object, "frames", anpr_passage_get_n_frames (passage));
  json_object_set_string_member (object, "direction",
      anpr_direction_to_string (anpr_passage_get_direction (passage)));
  return object;
}
