/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATEOCR_LOOKALIKE_H
#define ANPR_PLATEOCR_LOOKALIKE_H

#include "../record/platetext.h"
#include "../record/read.h"

G_BEGIN_DECLS

#define ANPR_MAX_LOOK_ALIKES 5

/* A text that fits a common series; weight: that series', more than 1 for a
 * country to expect. score: weight by how alike the signs are, only to sort */
typedef struct {
  gchar text[2 * ANPR_PLATE_TEXT_MAX + 1];
  gdouble weight;
  gdouble score;
} AnprLookAlike;

gchar *anpr_look_alike_replace (const gchar *key, guint i, const gchar *sign);
gchar *anpr_look_alike_fitting (
    const gchar *key, const gchar *const *preferred);
guint anpr_look_alike_list (const gchar *key, const AnprCharacter *characters,
    guint n_characters, const gchar *const *preferred, AnprLookAlike *found,
    guint n_found);

G_END_DECLS

#endif
