/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef BENCH_SIGN_POOLS_H
#define BENCH_SIGN_POOLS_H

#include "../../plugins/hitmatch/shortkey.h"
#include "../../plugins/record/read.h"

G_BEGIN_DECLS

/* What a reader made of real signs, by what they truly were: arrays of
 * AnprCharacter */
typedef struct {
  GArray *right[ANPR_SHORT_KEY_N_SIGNS];
  GArray *wrong[ANPR_SHORT_KEY_N_SIGNS];
  guint n_reads;
  guint n_right;
  guint n_wrong;
} SignPools;

void sign_pools_init (SignPools *pools);
void sign_pools_clear (SignPools *pools);
gboolean sign_pools_read (SignPools *pools, const gchar *table, GError **error);
AnprRead *sign_pools_draw (
    const SignPools *pools, const gchar *text, gboolean misread, GRand *rand);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SignPools, sign_pools_clear)

G_END_DECLS

#endif
