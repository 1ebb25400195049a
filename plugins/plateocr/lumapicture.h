/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_LUMAPICTURE_H
#define ANPR_PLATEOCR_LUMAPICTURE_H

#include <glib.h>

G_BEGIN_DECLS

/* AnprLumaPicture: a grey picture, 8 bit, rows without padding */
typedef struct {
  guint width;
  guint height;
  guint8 *luma;
} AnprLumaPicture;

/* AnprLumaPlane: somebody else's grey picture, only looked at */
typedef struct {
  const guint8 *luma;
  gsize stride;
  guint width;
  guint height;
} AnprLumaPlane;

/* AnprSampling: which part of a plane makes a picture. x, y, width, height:
 * the part, in pixels of the plane, may reach outside it; slope: rows down per
 * column right that its text line falls, taken out about the part's centre. */
typedef struct {
  gdouble x;
  gdouble y;
  gdouble width;
  gdouble height;
  gdouble slope;
} AnprSampling;

AnprLumaPicture *anpr_luma_picture_new (guint width, guint height, guint8 fill);
AnprLumaPicture *anpr_luma_picture_sample (const AnprLumaPlane *plane,
    const AnprSampling *sampling, guint width, guint height);
AnprLumaPlane anpr_luma_picture_get_plane (const AnprLumaPicture *picture);
guint8 anpr_luma_picture_get_percentile (
    const AnprLumaPicture *picture, gdouble middle, gdouble share);
void anpr_luma_picture_stretch (
    AnprLumaPicture *picture, guint8 black, guint8 white);
void anpr_luma_picture_flatten (AnprLumaPicture *picture, guint reach);
void anpr_luma_picture_invert (AnprLumaPicture *picture);
void anpr_luma_picture_free (AnprLumaPicture *picture);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprLumaPicture, anpr_luma_picture_free)

G_END_DECLS

#endif
