/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_PLATETRACK_ASSIGNMENT_H
#define ANPR_PLATETRACK_ASSIGNMENT_H

#include <glib.h>

G_BEGIN_DECLS

/* Most rows and most columns */
#define ANPR_ASSIGNMENT_MAX 128

/* What is never paired */
#define ANPR_ASSIGNMENT_NEVER 1e6

void anpr_assignment_solve (
    const gdouble *costs, guint n_rows, guint n_columns, gint *column_of_row);

G_END_DECLS

#endif
