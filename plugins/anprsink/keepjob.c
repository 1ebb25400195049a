/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A passage on its way into the spool, and its stills as JPEGs. A job belongs to
 * the writer; its images are touched by one thread at a time. */

#include "keepjob.h"

#include "stilljpeg.h"

static const gchar *const kinds[ANPR_KEEP_N_KINDS] = { "plate", "vehicle" };

static guint64
stills_size (AnprPassage *passage)
{
  g_autoptr (AnprStill) plate = NULL;
  g_autoptr (AnprStill) vehicle = NULL;

  anpr_passage_get_stills (passage, &plate, &vehicle);
  return (plate ? anpr_still_size (plate) : 0)
         + (vehicle ? anpr_still_size (vehicle) : 0);
}

/**
 * anpr_keep_job_new: (skip)
 * @passage: closed
 *
 * Returns: (transfer full): a job
 */
AnprKeepJob *
anpr_keep_job_new (AnprPassage *passage)
{
  AnprKeepJob *job = g_new0 (AnprKeepJob, 1);

  job->passage = anpr_passage_ref (passage);
  job->hit = anpr_passage_has_hits (passage);
  job->bytes = stills_size (passage);
  return job;
}

/**
 * anpr_keep_job_free: (skip)
 * @job: (transfer full): a job
 */
void
anpr_keep_job_free (AnprKeepJob *job)
{
  anpr_passage_unref (job->passage);
  for (guint i = 0; i < job->n_images; i++)
    g_bytes_unref (job->images[i].jpeg);
  g_free (job);
}

/**
 * anpr_keep_job_encode: (skip)
 * @job: a job
 * @error: why the last one failed
 *
 * Makes JPEGs of the stills, once.
 *
 * Returns: how many stills could not be made one
 */
guint
anpr_keep_job_encode (AnprKeepJob *job, GError **error)
{
  g_autoptr (AnprStill) plate = NULL;
  g_autoptr (AnprStill) vehicle = NULL;
  const AnprStill *stills[ANPR_KEEP_N_KINDS];
  guint n_failed = 0;

  if (job->encoded || !anpr_still_jpeg_is_available ())
    return 0;
  job->encoded = TRUE;
  anpr_passage_get_stills (job->passage, &plate, &vehicle);
  stills[ANPR_KEEP_PLATE] = plate;
  stills[ANPR_KEEP_VEHICLE] = vehicle;
  for (guint i = 0; i < ANPR_KEEP_N_KINDS; i++) {
    GError *reason = NULL;
    GBytes *jpeg = stills[i] ? anpr_still_to_jpeg (stills[i], &reason) : NULL;

    if (jpeg)
      job->images[job->n_images++] = (AnprSpoolImage){ kinds[i], jpeg };
    if (!reason)
      continue;
    n_failed++;
    g_clear_error (error);
    g_propagate_error (error, reason);
  }
  return n_failed;
}
