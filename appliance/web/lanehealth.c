/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The health of a lane, held against its own past (R51).
 *
 * Nobody sets thresholds for a lane: each learns what is usual for it.
 *
 * - Picture. Contrast below an absolute bound for half a minute: dark, covered or
 *   blinded. No baseline is needed, so it works from the first minute on.
 * - Sharpness. Per hour of the day, because night pictures differ from those of
 *   the day: a running mean over about two weeks. Half of it for half a minute
 *   is a warning. A picture that is bad teaches nothing, or a dirty lens would
 *   become the usual one.
 * - Not read. The last 100 vehicles against the running share over some
 *   thousands. Three standard errors and five hundredths above is a warning,
 *   half of all and twice the usual is bad.
 * - Passages. Per hour of the week, a running mean of the hours when the lane
 *   saw; an hour that never was is judged by the same hour of other days.
 *   Judged at the end of each hour and, once nothing at all came for long, in
 *   between: when so few would come less than once in a thousand hours, even if
 *   only half as many as usual were expected. That is late on quiet lanes, and
 *   right on holidays more often than not.
 *
 * Hours are of UTC, so a week's pattern is an hour off for some days after the
 * clocks change. What was learnt survives a restart (anpr_lane_health_write()).
 * There is no clock here and no file: every sample tells when it was taken. Time
 * that goes backward, or forward by more than some minutes, begins a new hour and
 * judges nothing of the one that was cut.
 */

#include "lanehealth.h"

#include <math.h>
#include <string.h>

#define HOUR (G_TIME_SPAN_HOUR)
/* 1 January 1970 was a Thursday */
#define HOURS_TO_MONDAY (3 * 24)
/* A gap in the samples over which nothing is said, microseconds */
#define MAX_GAP (5 * 60 * G_TIME_SPAN_SECOND)
/* A camera that is away no longer is as if it had not been away */
#define MAX_BLINK (10 * G_TIME_SPAN_SECOND)

/* Below this standard deviation of luma no plate can be seen; a foggy road has
 * 15 or more, a covered lens 1 or 2, noise of a dark camera 3 to 6 */
#define LEAST_CONTRAST 8.0
#define LEAST_BRIGHTNESS 12.0
#define MOST_BRIGHTNESS 243.0

#define SHARPNESS_SHARE 0.5
#define SHARPNESS_SAMPLES 600 /* of the hour, before it is judged */
#define SHARPNESS_MEMORY (14 * 3600.0)

#define NOT_READ_MEMORY 2000.0
#define NOT_READ_LEARNT 200.0
#define NOT_READ_LEAST 30

#define HOURS_MEMORY 6.0
#define LEAST_EXPECTED 4.0
#define RARE 1e-3

/* A running mean: weight is how many samples it stands for, bounded */
typedef struct {
  gdouble mean;
  gdouble weight;
} Mean;

struct _AnprLaneHealth {
  Mean sharpness[24];
  Mean not_read;
  Mean passages[ANPR_HEALTH_HOURS];

  AnprLaneSample last; /* with the lane seen */
  gboolean has_last;
  gboolean blinked; /* since then it was not seen for a moment */

  gint64 hour;            /* number of the hour that is counted, since 1970 */
  gint64 hour_seen;       /* microseconds of it that the lane saw */
  guint64 hour_passed;    /* vehicles in it */
  gint64 quiet_since;     /* the last vehicle, or since when the lane sees */
  gdouble quiet_expected; /* vehicles that were to be expected since */

  guint8 window[ANPR_HEALTH_WINDOW]; /* the last vehicles: 1 not read */
  guint n_window, at_window;

  guint8 minute_counts[60]; /* vehicles by minute, bounded, for the page */
  gint64 minute;

  gint64 began[ANPR_N_HEALTH_KINDS]; /* of what may become a finding, 0 none */
  AnprHealthFinding findings[ANPR_N_HEALTH_KINDS];
};

static const gchar *const kind_names[ANPR_N_HEALTH_KINDS] = {
  [ANPR_HEALTH_PICTURE] = "picture",
  [ANPR_HEALTH_SHARPNESS] = "sharpness",
  [ANPR_HEALTH_NOT_READ] = "not-read",
  [ANPR_HEALTH_PASSAGES] = "passages",
};

static const gchar *const level_names[ANPR_N_HEALTH_LEVELS] = {
  [ANPR_HEALTH_GOOD] = "good",
  [ANPR_HEALTH_WARNING] = "warning",
  [ANPR_HEALTH_BAD] = "bad",
};

const gchar *
anpr_health_kind_to_string (AnprHealthKind kind)
{
  return (guint) kind < ANPR_N_HEALTH_KINDS ? kind_names[kind] : "";
}

const gchar *
anpr_health_level_to_string (AnprHealthLevel level)
{
  return (guint) level < ANPR_N_HEALTH_LEVELS ? level_names[level] : "";
}

/**
 * anpr_lane_health_new:
 *
 * Returns: (transfer full): of a lane nothing is known of
 */
AnprLaneHealth *
anpr_lane_health_new (void)
{
  return g_new0 (AnprLaneHealth, 1);
}

/**
 * anpr_lane_health_free:
 * @health: (nullable) (transfer full): of a lane
 */
void
anpr_lane_health_free (AnprLaneHealth *health)
{
  if (!health)
    return;
  for (guint i = 0; i < ANPR_N_HEALTH_KINDS; i++)
    g_free (health->findings[i].message);
  g_free (health);
}

static void
learn (Mean *mean, gdouble value, gdouble memory)
{
  mean->weight = MIN (mean->weight + 1, memory);
  mean->mean += (value - mean->mean) / mean->weight;
}

/* Takes a finding; the message is the caller's no more. Returns whether it is
 * another level than before */
static gboolean
find (AnprLaneHealth *health, AnprHealthKind kind, AnprHealthLevel level,
    gint64 utc, gchar *message)
{
  AnprHealthFinding *finding = &health->findings[kind];
  gboolean other = finding->level != level;

  if (other)
    finding->since = utc;
  finding->level = level;
  g_free (finding->message);
  finding->message = message;
  return other;
}

static gboolean
set_good (AnprLaneHealth *health, AnprHealthKind kind, gint64 utc)
{
  health->began[kind] = 0;
  return find (health, kind, ANPR_HEALTH_GOOD, utc, NULL);
}

/* Whether something has been so for long enough */
static gboolean
has_lasted (AnprLaneHealth *health, AnprHealthKind kind, gint64 utc)
{
  if (!health->began[kind])
    health->began[kind] = utc;
  return utc - health->began[kind] >= ANPR_HEALTH_PICTURE_TIME;
}

/* --- picture and sharpness ------------------------------------------------ */

static gchar *
judge_picture (const AnprLaneSample *sample)
{
  if (sample->brightness < LEAST_BRIGHTNESS)
    return g_strdup_printf ("The picture is dark (brightness %.0f of 255): "
                            "covered lens, or no light at night",
        sample->brightness);
  if (sample->brightness > MOST_BRIGHTNESS)
    return g_strdup_printf ("The picture is white (brightness %.0f of 255): "
                            "light shines into the camera",
        sample->brightness);
  if (sample->contrast < LEAST_CONTRAST)
    return g_strdup_printf ("There is nothing to see in the picture (contrast "
                            "%.1f, at least %.0f is needed): blocked or very "
                            "dirty lens, or thick fog",
        sample->contrast, LEAST_CONTRAST);
  return NULL;
}

static gboolean
check_picture (
    AnprLaneHealth *health, const AnprLaneSample *sample, gboolean *bad)
{
  g_autofree gchar *message = judge_picture (sample);

  *bad = message != NULL;
  if (!message)
    return set_good (health, ANPR_HEALTH_PICTURE, sample->utc);
  if (!has_lasted (health, ANPR_HEALTH_PICTURE, sample->utc))
    return FALSE;
  return find (health, ANPR_HEALTH_PICTURE, ANPR_HEALTH_BAD, sample->utc,
      g_steal_pointer (&message));
}

static gboolean
check_sharpness (
    AnprLaneHealth *health, const AnprLaneSample *sample, gboolean picture_bad)
{
  Mean *usual = &health->sharpness[sample->utc / HOUR % 24];
  gboolean low = usual->weight >= SHARPNESS_SAMPLES
                 && sample->sharpness < SHARPNESS_SHARE * usual->mean;

  if (picture_bad)
    return FALSE; /* told of already, and teaches nothing */
  if (!low) {
    learn (usual, sample->sharpness, SHARPNESS_MEMORY);
    return set_good (health, ANPR_HEALTH_SHARPNESS, sample->utc);
  }
  if (!has_lasted (health, ANPR_HEALTH_SHARPNESS, sample->utc))
    return FALSE;
  return find (health, ANPR_HEALTH_SHARPNESS, ANPR_HEALTH_WARNING, sample->utc,
      g_strdup_printf (
          "The picture is less sharp than usual at this hour (%.2f "
          "instead of %.2f): dirty or wet lens, focus, or the "
          "camera was moved",
          sample->sharpness, usual->mean));
}

/* --- vehicles without a text ---------------------------------------------- */

static void
take_vehicles (AnprLaneHealth *health, guint64 passages, guint64 not_read)
{
  /* a sample holds a second; more than a window's worth says no more */
  passages = MIN (passages, ANPR_HEALTH_WINDOW);
  for (guint64 i = 0; i < passages; i++) {
    guint8 missed = i < not_read;

    health->window[health->at_window] = missed;
    health->at_window = (health->at_window + 1) % ANPR_HEALTH_WINDOW;
    health->n_window = MIN (health->n_window + 1, ANPR_HEALTH_WINDOW);
    if (health->findings[ANPR_HEALTH_NOT_READ].level == ANPR_HEALTH_GOOD
        && health->findings[ANPR_HEALTH_PICTURE].level == ANPR_HEALTH_GOOD)
      learn (&health->not_read, missed, NOT_READ_MEMORY);
  }
}

static guint
count_missed (const AnprLaneHealth *health)
{
  guint n = 0;

  for (guint i = 0; i < health->n_window; i++)
    n += health->window[i];
  return n;
}

static AnprHealthLevel
judge_not_read (const AnprLaneHealth *health, gdouble share)
{
  gdouble usual = health->not_read.mean;
  gdouble error = sqrt (MAX (usual * (1 - usual), 0.01) / health->n_window);

  if (health->n_window < NOT_READ_LEAST
      || health->not_read.weight < NOT_READ_LEARNT
      || share < usual + MAX (3 * error, 0.05))
    return ANPR_HEALTH_GOOD;
  return share >= 0.5 && share >= 2 * usual ? ANPR_HEALTH_BAD
                                            : ANPR_HEALTH_WARNING;
}

static gboolean
check_not_read (AnprLaneHealth *health, gint64 utc)
{
  gdouble share =
      health->n_window ? (gdouble) count_missed (health) / health->n_window : 0;
  AnprHealthLevel level = judge_not_read (health, share);

  if (level == ANPR_HEALTH_GOOD)
    return set_good (health, ANPR_HEALTH_NOT_READ, utc);
  return find (health, ANPR_HEALTH_NOT_READ, level, utc,
      g_strdup_printf (
          "%.0f %% of the last %u vehicles could not be read, usually %.0f %%",
          100 * share, health->n_window, 100 * health->not_read.mean));
}

/* --- vehicles an hour ----------------------------------------------------- */

static guint
hour_of_week (gint64 hour)
{
  return (guint) ((hour + HOURS_TO_MONDAY) % ANPR_HEALTH_HOURS);
}

/* Vehicles that usually come in that hour, negative if nobody knows */
static gdouble
get_expected (const AnprLaneHealth *health, gint64 hour)
{
  guint of_week = hour_of_week (hour);
  gdouble sum = 0, weight = 0;

  if (health->passages[of_week].weight >= 2)
    return health->passages[of_week].mean;
  for (guint day = 0; day < 7; day++) {
    const Mean *mean = &health->passages[day * 24 + of_week % 24];

    sum += mean->mean * mean->weight;
    weight += mean->weight;
  }
  return weight >= 3 ? sum / weight : -1;
}

/* Probability of at most n events where so many are expected (Poisson) */
static gdouble
get_tail (guint64 n, gdouble expected)
{
  gdouble sum = 0;

  for (guint64 i = 0; i <= n; i++)
    sum += exp (i * log (expected) - expected - lgamma (i + 1.0));
  return MIN (sum, 1);
}

static gboolean
is_few (guint64 n, gdouble expected)
{
  return expected >= LEAST_EXPECTED && n < expected / 2
         && get_tail (n, expected / 2) < RARE;
}

/* An hour is over: judges and learns it */
static gboolean
end_hour (AnprLaneHealth *health, gint64 utc)
{
  gdouble share = (gdouble) health->hour_seen / HOUR;
  gdouble expected = get_expected (health, health->hour);
  guint64 n = health->hour_passed;
  gboolean changed = FALSE;

  if (share < 0.9)
    return FALSE; /* it was not watched */
  if (is_few (n, expected))
    return find (health, ANPR_HEALTH_PASSAGES,
        n == 0 ? ANPR_HEALTH_BAD : ANPR_HEALTH_WARNING, utc,
        g_strdup_printf ("%" G_GUINT64_FORMAT
                         " vehicles in the last hour, usually %.0f",
            n, expected));
  changed = set_good (health, ANPR_HEALTH_PASSAGES, utc);
  learn (&health->passages[hour_of_week (health->hour)], n, HOURS_MEMORY);
  return changed;
}

static gboolean
check_quiet (AnprLaneHealth *health, gint64 utc, gint64 elapsed)
{
  gdouble expected = get_expected (health, utc / HOUR);

  health->quiet_expected += MAX (expected, 0) * elapsed / HOUR;
  if (!is_few (0, health->quiet_expected))
    return FALSE;
  return find (health, ANPR_HEALTH_PASSAGES, ANPR_HEALTH_BAD, utc,
      g_strdup_printf ("No vehicle for %.0f minutes, usually %.0f in that time",
          (gdouble) (utc - health->quiet_since) / HOUR * 60,
          health->quiet_expected));
}

static gboolean
take_quiet_end (AnprLaneHealth *health, gint64 utc)
{
  gboolean was_quiet = is_few (0, health->quiet_expected);

  health->quiet_since = utc;
  health->quiet_expected = 0;
  return was_quiet && set_good (health, ANPR_HEALTH_PASSAGES, utc);
}

static void
begin_hour (AnprLaneHealth *health, gint64 utc)
{
  health->hour = utc / HOUR;
  health->hour_seen = 0;
  health->hour_passed = 0;
}

static void
count_minute (AnprLaneHealth *health, gint64 utc, guint64 passages)
{
  gint64 minute = utc / (60 * G_TIME_SPAN_SECOND);
  gint64 forward = minute - health->minute;

  if (forward < 0 || forward >= 60)
    memset (health->minute_counts, 0, sizeof health->minute_counts);
  for (gint64 i = 1; i <= forward && i < 60; i++)
    health->minute_counts[(health->minute + i) % 60] = 0;
  health->minute = minute;
  health->minute_counts[minute % 60] =
      MIN (health->minute_counts[minute % 60] + passages, G_MAXUINT8);
}

static gboolean
check_passages (
    AnprLaneHealth *health, gint64 utc, gint64 elapsed, guint64 passages)
{
  gboolean changed = FALSE;

  if (utc / HOUR != health->hour) {
    changed = end_hour (health, utc);
    begin_hour (health, utc);
  }
  health->hour_seen += elapsed;
  health->hour_passed += passages;
  count_minute (health, utc, passages);
  if (passages > 0)
    return take_quiet_end (health, utc) || changed;
  return check_quiet (health, utc, elapsed) || changed;
}

/* --- samples -------------------------------------------------------------- */

/* After a gap, a step of the clock, or while nothing is seen: nothing that
 * lasted goes on lasting */
static void
begin_anew (AnprLaneHealth *health, const AnprLaneSample *sample)
{
  memset (health->began, 0, sizeof health->began);
  begin_hour (health, sample->utc);
  health->quiet_since = sample->utc;
  health->quiet_expected = 0;
  health->last = *sample;
  health->has_last = TRUE;
  health->blinked = FALSE;
}

/**
 * anpr_lane_health_add:
 * @health: of a lane
 * @sample: how it is; about every second
 *
 * Returns: whether a finding changed its level
 */
gboolean
anpr_lane_health_add (AnprLaneHealth *health, const AnprLaneSample *sample)
{
  gint64 elapsed = sample->utc - health->last.utc;
  guint64 passages, not_read;
  gboolean changed = FALSE, picture_bad;

  if (!sample->seeing) {
    health->blinked = TRUE;
    return FALSE;
  }
  if (!health->has_last || elapsed <= 0
      || elapsed > (health->blinked ? MAX_BLINK : MAX_GAP)
      || sample->passages < health->last.passages
      || sample->not_read < health->last.not_read) {
    begin_anew (health, sample);
    return FALSE;
  }
  health->blinked = FALSE;
  passages = sample->passages - health->last.passages;
  not_read = MIN (sample->not_read - health->last.not_read, passages);
  health->last = *sample;
  if (sample->measured) {
    changed |= check_picture (health, sample, &picture_bad);
    changed |= check_sharpness (health, sample, picture_bad);
  }
  if (passages > 0) {
    take_vehicles (health, passages, not_read);
    changed |= check_not_read (health, sample->utc);
  }
  changed |= check_passages (health, sample->utc, elapsed, passages);
  return changed;
}

/**
 * anpr_lane_health_get:
 * @health: of a lane
 * @kind: what
 *
 * Returns: (transfer none): how that is; valid until the next sample
 */
const AnprHealthFinding *
anpr_lane_health_get (const AnprLaneHealth *health, AnprHealthKind kind)
{
  return &health->findings[kind];
}

/**
 * anpr_lane_health_get_passages_hour:
 * @health: of a lane
 *
 * Returns: vehicles in the last 60 minutes, at most 255 of each minute
 */
gdouble
anpr_lane_health_get_passages_hour (const AnprLaneHealth *health)
{
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (health->minute_counts); i++)
    n += health->minute_counts[i];
  return n;
}

/**
 * anpr_lane_health_get_not_read_share:
 * @health: of a lane
 *
 * Returns: share of the last %ANPR_HEALTH_WINDOW vehicles without a text, 0..1;
 *     -1 if there were none
 */
gdouble
anpr_lane_health_get_not_read_share (const AnprLaneHealth *health)
{
  return health->n_window ? (gdouble) count_missed (health) / health->n_window
                          : -1;
}

/* --- keeping what was learnt ---------------------------------------------- */

static void
write_means (
    JsonBuilder *builder, const gchar *name, const Mean *means, guint n)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++) {
    json_builder_add_double_value (builder, means[i].mean);
    json_builder_add_double_value (builder, means[i].weight);
  }
  json_builder_end_array (builder);
}

static gboolean
read_means (
    JsonObject *object, const gchar *name, Mean *means, guint n, gdouble memory)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *array =
      node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!array || json_array_get_length (array) != 2 * n)
    return FALSE;
  for (guint i = 0; i < 2 * n; i++) {
    JsonNode *value = json_array_get_element (array, i);
    gdouble number =
        JSON_NODE_HOLDS_VALUE (value) ? json_node_get_double (value) : -1;

    if (!isfinite (number) || number < 0)
      return FALSE;
    if (i % 2 == 0)
      means[i / 2].mean = number;
    else
      means[i / 2].weight = MIN (number, memory);
  }
  return TRUE;
}

/**
 * anpr_lane_health_write:
 * @health: of a lane
 * @builder: within an object, to which what was learnt is added
 */
void
anpr_lane_health_write (const AnprLaneHealth *health, JsonBuilder *builder)
{
  write_means (builder, "sharpness", health->sharpness, 24);
  write_means (builder, "not_read", &health->not_read, 1);
  write_means (builder, "passages", health->passages, ANPR_HEALTH_HOURS);
}

/**
 * anpr_lane_health_read:
 * @health: (inout): of a lane nothing is known of
 * @object: as anpr_lane_health_write() makes it
 *
 * Returns: whether it could be understood; if not, nothing is known afterwards
 */
gboolean
anpr_lane_health_read (AnprLaneHealth *health, JsonObject *object)
{
  AnprLaneHealth read = { 0 };

  if (!read_means (object, "sharpness", read.sharpness, 24, SHARPNESS_MEMORY)
      || !read_means (object, "not_read", &read.not_read, 1, NOT_READ_MEMORY)
      || !read_means (
          object, "passages", read.passages, ANPR_HEALTH_HOURS, HOURS_MEMORY))
    return FALSE;
  memcpy (health->sharpness, read.sharpness, sizeof read.sharpness);
  health->not_read = read.not_read;
  memcpy (health->passages, read.passages, sizeof read.passages);
  return TRUE;
}
