/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* How a forwarder's numbers are told. Apart from it because they are told in
 * builds without libpq too. */

#include "forwarder.h"

/**
 * anpr_forwarder_get_oldest_age: (skip)
 * @stats: of a forwarder
 *
 * Returns: age of the oldest passage that waits, microseconds, 0 if none does
 */
gint64
anpr_forwarder_get_oldest_age (const AnprForwarderStats *stats)
{
  return stats->oldest_utc == 0
             ? 0
             : MAX (0, g_get_real_time () - stats->oldest_utc);
}

/**
 * anpr_forwarder_state_to_string: (skip)
 * @state: a state
 *
 * Returns: as messages have it
 */
const gchar *
anpr_forwarder_state_to_string (AnprForwarderState state)
{
  static const gchar *const names[] = {
    [ANPR_FORWARDER_OFF] = "off",
    [ANPR_FORWARDER_CONNECTING] = "connecting",
    [ANPR_FORWARDER_DELIVERING] = "delivering",
    [ANPR_FORWARDER_WAITING] = "waiting",
  };

  return names[state];
}
