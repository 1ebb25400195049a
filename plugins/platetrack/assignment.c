/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which sighting belongs to which track, all of them at once.
 *
 * The assignment of the least sum of costs, by shortest augmenting paths with
 * potentials (the Hungarian method as in Jonker and Volgenant, "A shortest
 * augmenting path algorithm for dense and sparse linear assignment problems",
 * Computing 38, 1987). Rows are added one by one: a path of rows and columns is
 * found along which the pairs shift so that the new row gets a column at the
 * least cost; potentials keep all reduced costs positive.
 *
 * Equal costs go to the lower row and column, so the same input always gives
 * the same pairs. O(rows * rows * columns); no memory taken. */

#include "assignment.h"

#include <math.h>

/* Row and column 0 are the search's root; rows and columns count from 1 */
#define SIZE (ANPR_ASSIGNMENT_MAX + 1)

typedef struct {
  const gdouble *costs;
  guint n_rows;
  guint n_columns;
  gdouble row_potential[SIZE];
  gdouble column_potential[SIZE];
  guint row_of_column[SIZE]; /* 0 none */
  guint column_before[SIZE]; /* on the path to this column */
  gdouble distance[SIZE];
  gboolean reached[SIZE];
} Search;

/* Costs are never lower than 0 in the square that the search works on: where
 * there are more rows than columns, further columns pair with anything at the
 * cost of never */
static gdouble
cost_of (const Search *search, guint row, guint column, guint n_real)
{
  if (column > n_real)
    return ANPR_ASSIGNMENT_NEVER;
  return search->costs[(row - 1) * n_real + column - 1];
}

/* Goes on from the column last reached; returns the next one, the nearest */
static guint
reach_next (Search *search, guint column, guint n_real)
{
  guint row = search->row_of_column[column];
  gdouble least = INFINITY;
  guint nearest = 0;

  search->reached[column] = TRUE;
  for (guint k = 1; k <= search->n_columns; k++) {
    gdouble reduced;

    if (search->reached[k])
      continue;
    reduced = cost_of (search, row, k, n_real) - search->row_potential[row]
              - search->column_potential[k];
    if (reduced < search->distance[k]) {
      search->distance[k] = reduced;
      search->column_before[k] = column;
    }
    if (search->distance[k] < least) {
      least = search->distance[k];
      nearest = k;
    }
  }
  for (guint k = 0; k <= search->n_columns; k++) {
    if (search->reached[k]) {
      search->row_potential[search->row_of_column[k]] += least;
      search->column_potential[k] -= least;
    } else {
      search->distance[k] -= least;
    }
  }
  return nearest;
}

static void
add_row (Search *search, guint row, guint n_real)
{
  guint column = 0;

  search->row_of_column[0] = row;
  for (guint k = 0; k <= search->n_columns; k++) {
    search->distance[k] = INFINITY;
    search->reached[k] = FALSE;
  }
  do
    column = reach_next (search, column, n_real);
  while (search->row_of_column[column] != 0);
  while (column != 0) {
    guint before = search->column_before[column];

    search->row_of_column[column] = search->row_of_column[before];
    column = before;
  }
}

/**
 * anpr_assignment_solve: (skip)
 * @costs: (array): row by row, 0 or more each; %ANPR_ASSIGNMENT_NEVER or more
 *     for what is never paired
 * @n_rows: at most %ANPR_ASSIGNMENT_MAX
 * @n_columns: the same
 * @column_of_row: (out) (array length=n_rows): the column each row is paired
 *     with, -1 for none
 *
 * Pairs as many rows with columns as can be, at the least sum of costs.
 */
void
anpr_assignment_solve (
    const gdouble *costs, guint n_rows, guint n_columns, gint *column_of_row)
{
  Search search = { costs, n_rows, MAX (n_rows, n_columns) };

  g_return_if_fail (
      n_rows <= ANPR_ASSIGNMENT_MAX && n_columns <= ANPR_ASSIGNMENT_MAX);
  for (guint row = 1; row <= n_rows; row++)
    add_row (&search, row, n_columns);
  for (guint row = 0; row < n_rows; row++)
    column_of_row[row] = -1;
  for (guint column = 1; column <= n_columns; column++) {
    guint row = search.row_of_column[column];

    if (row != 0
        && costs[(row - 1) * n_columns + column - 1] < ANPR_ASSIGNMENT_NEVER)
      column_of_row[row - 1] = column - 1;
  }
}
