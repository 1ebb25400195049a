/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What a camera's elements have counted, over all its connections.
 *
 * Their stats begin at zero with each connection, but for those of anprsink,
 * which goes on. What they add is summed here: the last of one connection must
 * have been taken before the next one begins, and the sums be told that it has.
 *
 * Threads: one caller.
 */

#include "camerasums.h"

enum {
  DETECT,
  OCR,
  MATCH,
  SINK,
  N_ELEMENTS,
};

/* Two of one field are added up, or taken off: a covert hit leaves no trace in what
 * everybody sees */
static const struct {
  guint element;
  const gchar *stat;
  gsize field;
  gboolean taken_off;
} summed[] = {
  { DETECT, "detections", G_STRUCT_OFFSET (AnprCameraStatus, looked_at) },
  { DETECT, "plates", G_STRUCT_OFFSET (AnprCameraStatus, detections) },
  { OCR, "reads", G_STRUCT_OFFSET (AnprCameraStatus, reads) },
  { MATCH, "hits", G_STRUCT_OFFSET (AnprCameraStatus, hits) },
  { MATCH, "covert", G_STRUCT_OFFSET (AnprCameraStatus, hits), TRUE },
  { SINK, "passages", G_STRUCT_OFFSET (AnprCameraStatus, passages) },
  { SINK, "kept", G_STRUCT_OFFSET (AnprCameraStatus, kept) },
  { SINK, "not-kept", G_STRUCT_OFFSET (AnprCameraStatus, not_kept) },
  { SINK, "dropped", G_STRUCT_OFFSET (AnprCameraStatus, not_kept) },
};

/* As they are now */
static const struct {
  guint element;
  const gchar *stat;
  gsize field;
} told[] = {
  { MATCH, "lists", G_STRUCT_OFFSET (AnprCameraStatus, list_count) },
  { MATCH, "entries", G_STRUCT_OFFSET (AnprCameraStatus, list_entries) },
  { SINK, "waiting", G_STRUCT_OFFSET (AnprCameraStatus, waiting) },
  { SINK, "bytes", G_STRUCT_OFFSET (AnprCameraStatus, spool_bytes) },
};

typedef struct {
  guint64 last;
  guint64 sum;
} Sum;

struct _AnprCameraSums {
  GstElement *elements[N_ELEMENTS]; /* NULL for none */
  GstStructure *stats[N_ELEMENTS];
  Sum sums[G_N_ELEMENTS (summed)];
};

/**
 * anpr_camera_sums_new:
 * @elements: of a new pipeline
 *
 * Returns: (transfer full): what sums their numbers up
 */
AnprCameraSums *
anpr_camera_sums_new (const AnprCameraElements *elements)
{
  AnprCameraSums *sums = g_new0 (AnprCameraSums, 1);
  GstElement *const all[N_ELEMENTS] = {
    [DETECT] = elements->detect,
    [OCR] = elements->ocr,
    [MATCH] = elements->match,
    [SINK] = elements->sink,
  };

  for (guint i = 0; i < N_ELEMENTS; i++)
    sums->elements[i] = all[i] ? gst_object_ref (all[i]) : NULL;
  return sums;
}

void
anpr_camera_sums_free (AnprCameraSums *sums)
{
  if (!sums)
    return;
  for (guint i = 0; i < N_ELEMENTS; i++) {
    gst_clear_object (&sums->elements[i]);
    gst_clear_structure (&sums->stats[i]);
  }
  g_free (sums);
}

static guint64
get_number (const GstStructure *stats, const gchar *name)
{
  const GValue *value = stats ? gst_structure_get_value (stats, name) : NULL;
  guint64 number = 0;

  if (value && G_VALUE_HOLDS_UINT64 (value))
    number = g_value_get_uint64 (value);
  else if (value && G_VALUE_HOLDS_UINT (value))
    number = g_value_get_uint (value);
  return number;
}

/**
 * anpr_camera_sums_update:
 * @sums: sums
 *
 * Takes what the elements have counted by now.
 */
void
anpr_camera_sums_update (AnprCameraSums *sums)
{
  for (guint i = 0; i < N_ELEMENTS; i++) {
    gst_clear_structure (&sums->stats[i]);
    if (sums->elements[i])
      g_object_get (sums->elements[i], "stats", &sums->stats[i], NULL);
  }
  for (guint i = 0; i < G_N_ELEMENTS (summed); i++) {
    Sum *sum = &sums->sums[i];
    guint64 now = get_number (sums->stats[summed[i].element], summed[i].stat);

    sum->sum += now >= sum->last ? now - sum->last : now;
    sum->last = now;
  }
}

/**
 * anpr_camera_sums_begin:
 * @sums: sums, updated when the connection before had ended
 *
 * The elements have begun to count anew.
 */
void
anpr_camera_sums_begin (AnprCameraSums *sums)
{
  for (guint i = 0; i < G_N_ELEMENTS (summed); i++) {
    if (summed[i].element != SINK)
      sums->sums[i].last = 0;
  }
}

static gboolean
is_keeping (const GstStructure *stats)
{
  return stats
         && g_strcmp0 (gst_structure_get_string (stats, "state"), "keeping")
                == 0;
}

/**
 * anpr_camera_sums_keeps:
 * @sums: sums
 *
 * Returns: whether passages are kept in a spool that works now
 */
gboolean
anpr_camera_sums_keeps (AnprCameraSums *sums)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (sums->elements[SINK], "stats", &stats, NULL);
  return is_keeping (stats);
}

static guint64 *
get_field (AnprCameraStatus *status, gsize field)
{
  return (guint64 *) ((gchar *) status + field);
}

/**
 * anpr_camera_sums_get_status:
 * @sums: sums
 * @status: (inout): what is known of plates, lists and keeping is set
 */
void
anpr_camera_sums_get_status (AnprCameraSums *sums, AnprCameraStatus *status)
{
  anpr_camera_sums_update (sums);
  for (guint i = 0; i < G_N_ELEMENTS (summed); i++)
    *get_field (status, summed[i].field) = 0;
  for (guint i = 0; i < G_N_ELEMENTS (summed); i++)
    *get_field (status, summed[i].field) +=
        summed[i].taken_off ? -sums->sums[i].sum : sums->sums[i].sum;
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    *get_field (status, told[i].field) =
        get_number (sums->stats[told[i].element], told[i].stat);
  status->keeping = is_keeping (sums->stats[SINK]);
}
