/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_TEST_FOLDER_H
#define ANPR_TEST_FOLDER_H

#include <glib.h>

G_BEGIN_DECLS

gchar *test_folder_new (void);
void test_folder_free (gchar *folder);

G_END_DECLS

#endif
