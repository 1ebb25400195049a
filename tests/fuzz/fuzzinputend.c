/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The ends of picture and video files of any bytes: an answer, soon, without
 * reading beyond them. */

#include "fuzz.h"
#include "appliance/inputfile.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  (void) anpr_input_data_ends_early (data, size);
  return 0;
}
