/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Positions' files of any bytes: taken, or refused with faults that have a place
 * and a reason of one line. What is taken without a fault stays so when it is
 * written with a setting changed. */

#include "fuzz.h"
#include "appliance/position.h"

#include <string.h>

static guint
count_lines (const guint8 *data, size_t size)
{
  guint n = 1;

  for (size_t i = 0; i < size; i++)
    n += data[i] == '\n';
  return n;
}

static void
check_faults (const GPtrArray *faults, guint n_lines)
{
  for (guint i = 0; i < faults->len; i++) {
    const AnprSettingFault *fault = g_ptr_array_index (faults, i);
    g_autofree gchar *text = anpr_setting_fault_to_string (fault);

    g_assert (fault->line <= n_lines && *fault->message);
    g_assert (g_utf8_validate (text, -1, NULL));
    g_assert (strpbrk (text, "\r\n") == NULL);
  }
}

static void
check_permission (const AnprPosition *position)
{
  AnprPermissionState state =
      anpr_permission_judge (&position->permission, g_get_real_time ());
  g_autofree gchar *reason =
      anpr_permission_explain (&position->permission, state);

  g_assert (reason);
  if (state == ANPR_PERMISSION_VALID)
    g_assert (
        *position->permission.decision && *position->permission.controller);
}

static void
check_change (const gchar *text)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autofree gchar *changed =
      anpr_settings_change (text, "position", "name", "other", NULL);
  g_autoptr (AnprPosition) position = NULL;

  if (!changed)
    return;
  position =
      anpr_position_parse ("fuzz", "fuzz", changed, strlen (changed), faults);
  if (strlen (changed) <= ANPR_SETTINGS_MAX_SIZE)
    g_assert (faults->len == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GPtrArray) faults = anpr_setting_faults_new ();
  g_autoptr (AnprPosition) position =
      anpr_position_parse ("fuzz", "fuzz", (const gchar *) data, size, faults);
  g_autofree gchar *text = NULL;

  check_faults (faults, count_lines (data, size));
  check_permission (position);
  if (faults->len > 0)
    return 0;
  text = g_strndup ((const gchar *) data, size);
  check_change (text);
  return 0;
}
