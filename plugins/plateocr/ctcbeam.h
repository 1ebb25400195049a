/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_CTCBEAM_H
#define ANPR_PLATEOCR_CTCBEAM_H

#include "readengine.h"

G_BEGIN_DECLS

/* Most steps, and most signs a step may show; besides these each step has two
 * labels, blank and separator, before the signs */
#define ANPR_CTC_MAX_STEPS 64
#define ANPR_CTC_MAX_SIGNS 62
#define ANPR_CTC_FIRST_SIGN 2

/* Bytes of a sign with its NUL */
#define ANPR_CTC_SIGN_SIZE 8

typedef struct _AnprCtcBeam AnprCtcBeam;

AnprCtcBeam *anpr_ctc_beam_new (
    const gchar (*signs)[ANPR_CTC_SIGN_SIZE], guint n_signs);
void anpr_ctc_beam_free (AnprCtcBeam *beam);
void anpr_ctc_beam_read (AnprCtcBeam *beam, const gfloat *logits, guint n_steps,
    AnprReading *reading);
gboolean anpr_ctc_beam_spell (
    AnprCtcBeam *beam, const gchar *text, AnprSpelling *spelling);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprCtcBeam, anpr_ctc_beam_free)

G_END_DECLS

#endif
