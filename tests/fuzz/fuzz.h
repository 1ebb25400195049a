/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_TESTS_FUZZ_H
#define ANPR_TESTS_FUZZ_H

#include <glib.h>

/* What every target defines: one input, of any bytes; aborts on a fault */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

#endif
