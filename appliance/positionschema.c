/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a position's file may hold. */

#include "position.h"

#define PURPOSES "J1|J2|J3|B1"
#define LONG_TEXT 200

static const AnprSetting settings[] = {
  { "position", "name", ANPR_SETTING_TEXT, "",
      "Name for people; the file's name if there is none.", .most = 80 },
  { "position", "place", ANPR_SETTING_TEXT, NULL,
      "Where the camera stands: road, number or kilometre, municipality.",
      .most = LONG_TEXT },
  { "position", "latitude", ANPR_SETTING_REAL, NULL,
      "Where the camera stands, degrees north, WGS 84.", -90, 90 },
  { "position", "longitude", ANPR_SETTING_REAL, NULL,
      "Where the camera stands, degrees east, WGS 84.", -180, 180 },
  { "position", "lane", ANPR_SETTING_TEXT, "",
      "The lane it sees, as records should tell it.", .most = 40,
      .element = "anprsink", .property = "lane" },
  { "position", "enabled", ANPR_SETTING_BOOLEAN, "true",
      "Whether the camera runs; false keeps the file and stops the camera." },

  { "source", "uri", ANPR_SETTING_URI, "",
      "Address of the camera's stream, as the pipeline's uri parameter." },
  { "source", "transport", ANPR_SETTING_CHOICE, "tcp",
      "How RTSP brings pictures: tcp loses nothing and passes firewalls, udp "
      "is "
      "for cameras that know no other.",
      .choices = "tcp|udp", .element = "rtspsrc", .property = "protocols" },
  { "source", "credentials", ANPR_SETTING_PATH, "",
      "File of mode 0600 with user and password of the camera, or the name of "
      "a "
      "systemd credential." },
  { "source", "stall-timeout", ANPR_SETTING_NUMBER, "5",
      "Seconds without a picture after which the camera is connected anew.", 1,
      600 },
  { "source", "at-end", ANPR_SETTING_CHOICE, "again",
      "What to do when the stream ends by itself: begin again, or stop, for "
      "films.",
      .choices = "again|stop" },

  { "pipeline", "name", ANPR_SETTING_TEXT, "rtsp",
      "One of the ready pipelines, anprctl pipeline list, or the path of one "
      "of "
      "your own. Its parameters stand in [parameters].",
      .most = LONG_TEXT },

  { "detection", "include", ANPR_SETTING_POLYGONS, "",
      "Where plates are looked for; the whole picture if not given.",
      .element = "platedetect", .property = "include" },
  { "detection", "exclude", ANPR_SETTING_POLYGONS, "",
      "Where no plate is looked for: car parks, burnt-in clocks, pavements.",
      .element = "platedetect", .property = "exclude" },
  { "detection", "min-plate-width", ANPR_SETTING_NUMBER, "",
      "Width of the narrowest plate to find, pixels; larger is faster.", 16,
      8192, .element = "platedetect", .property = "min-plate-width",
      .usual = "40" },
  { "detection", "threshold", ANPR_SETTING_REAL, "",
      "Least confidence of a plate; lower finds more, and more of what is "
      "none.",
      0, 1, .element = "platedetect", .property = "threshold", .usual = "0.4" },
  { "detection", "direction-line", ANPR_SETTING_LINE, "",
      "Line across the lane; a vehicle that crosses it from its left to its "
      "right travels in.",
      .element = "platetrack", .property = "direction-line" },

  { "reading", "engine", ANPR_SETTING_CHOICE, "auto", "What reads the plates.",
      .choices = "auto|ctc|tesseract|both", .element = "plateocr",
      .property = "engine" },
  { "reading", "countries", ANPR_SETTING_TEXT, "",
      "Countries to expect, such as BE,NL,FR, likeliest first.", .most = 100,
      .element = "plateocr", .property = "countries" },
  { "reading", "min-confidence", ANPR_SETTING_REAL, "",
      "What a frame gives with lower confidence counts as not read.", 0, 1,
      .element = "plateocr", .property = "min-confidence", .usual = "0.15" },

  { "lists", "path", ANPR_SETTING_PATH, "",
      "Hit list, or folder of hit lists, to compare with.",
      .element = "hitmatch", .property = "lists" },
  { "lists", "redis", ANPR_SETTING_REDIS, "",
      "Redis server with the lists, docs/redis.md.", .element = "hitmatch",
      .property = "redis" },
  { "lists", "hits-redis", ANPR_SETTING_REDIS, "",
      "Redis server that takes hits, if it is another.", .element = "hitmatch",
      .property = "hits-redis" },
  { "lists", "repeat", ANPR_SETTING_NUMBER, "",
      "Seconds in which the same entry alarms once.", 0, 86400,
      .element = "hitmatch", .property = "repeat", .usual = "60" },

  { "spool", "size", ANPR_SETTING_NUMBER, "4096",
      "Most room its passages and pictures take on the disk, MiB.", 16,
      1048576 },
  { "spool", "retention", ANPR_SETTING_NUMBER, "",
      "Days after which a passage is erased here, delivered or not.", 1, 365,
      .element = "anprsink", .property = "retention", .usual = "30" },
  { "spool", "keep-delivered", ANPR_SETTING_NUMBER, "",
      "Days after which a passage that the centre has is erased here.", 0, 365,
      .element = "anprsink", .property = "keep-delivered", .usual = "7" },
  { "spool", "images", ANPR_SETTING_BOOLEAN, "true",
      "Keep a picture of plate and vehicle with each passage.",
      .element = "anprsink", .property = "images" },

  { "permission", "decision", ANPR_SETTING_TEXT, "",
      "Reference of the decision that permits this camera.",
      .most = LONG_TEXT },
  { "permission", "place", ANPR_SETTING_TEXT, "",
      "The place it permits, in the words of [position].", .most = LONG_TEXT },
  { "permission", "latitude", ANPR_SETTING_REAL, "",
      "The place it permits, degrees north.", -90, 90 },
  { "permission", "longitude", ANPR_SETTING_REAL, "",
      "The place it permits, degrees east.", -180, 180 },
  { "permission", "purposes", ANPR_SETTING_CHOICES, "", "Purposes it permits.",
      .choices = PURPOSES },
  { "permission", "camera-type", ANPR_SETTING_TEXT, "",
      "Type of camera it permits.", .most = LONG_TEXT },
  { "permission", "valid-from", ANPR_SETTING_MOMENT, "",
      "First day or moment of the permission." },
  { "permission", "valid-until", ANPR_SETTING_MOMENT, "",
      "Last day of the permission, or the moment it ends." },
  { "permission", "impact-analysis", ANPR_SETTING_TEXT, "",
      "Reference of the impact analysis.", .most = LONG_TEXT },
  { "permission", "controller", ANPR_SETTING_TEXT, "",
      "Who answers for the data: the chief of police of the zone.",
      .most = LONG_TEXT },
};

/**
 * anpr_position_get_schema:
 *
 * Returns: (transfer none): what a position's file may hold
 */
const AnprSchema *
anpr_position_get_schema (void)
{
  static const AnprSchema schema = { settings, G_N_ELEMENTS (settings),
    "parameters" };

  return &schema;
}
