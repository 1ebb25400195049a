/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Runs the network over views of a picture and tells which plates it saw.
 *
 * The network's one output has a cell for each 8 x 8 pixels of its input, 16
 * channels each:
 *
 *   0      score, as logit
 *   1, 2   the plate's middle, in cells from the middle of this one
 *   3, 4   the logarithms of width / 32 and height / 8
 *   5..12  the corners, x and y in turn, in widths and heights from the corners
 *          of the upright box
 *   13..   unused
 *
 * Every cell near a plate's middle tells of it. Of those the likeliest is kept;
 * those nearly the same as it draw it towards them, by their scores, since
 * their errors are not the same.
 *
 * One network is run at all sizes, one after the other. One thread at a time. */

#include "platenetwork.h"
#include "../inference/network.h"
#include "../record/error.h"
#include <math.h>
#include <stdlib.h>

/* Input pixels of a cell, channels of a cell */
#define CELL 8
#define N_CHANNELS 16

/* Plates are told as parts of this size, and of so many times it at most */
#define BASE_WIDTH 32
#define BASE_HEIGHT 8
#define MAX_LOG_SIZE 4

/* Boxes that overlap so much are one plate: in parts of both together, or of
 * the smaller one */
#define SAME_PLATE 0.3
#define SAME_PLATE_WITHIN 0.6

/* Those that overlap so much draw the best one towards them */
#define NEARLY_SAME 0.6

/* Cells of the largest size: no more plates than these */
#define MAX_CELLS (640 / CELL * 384 / CELL)

const AnprNetworkSize anpr_network_sizes[ANPR_N_NETWORK_SIZES] = {
  [ANPR_NETWORK_KNOWN] = { 96, 64 },
  [ANPR_NETWORK_CLOSE] = { 160, 96 },
  [ANPR_NETWORK_MEDIUM] = { 320, 192 },
  [ANPR_NETWORK_VEHICLE] = { 480, 288 },
  [ANPR_NETWORK_LARGE] = { 640, 384 },
};

struct _AnprPlateNetwork {
  AnprNetwork *network;
  AnprViewRoom room;
  AnprDetection cells[MAX_CELLS];
};

static gboolean
check_size (AnprNetwork *network, const AnprNetworkSize *size, GError **error)
{
  guint width, height, channels;

  if (!anpr_network_resize (network, size->width, size->height, error))
    return FALSE;
  if (anpr_network_output (network, 1, &width, &height, &channels)
      && width == size->width / CELL && height == size->height / CELL
      && channels == N_CHANNELS)
    return TRUE;
  g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
      "the model's output is not that of a plate detector");
  return FALSE;
}

/**
 * anpr_plate_network_new: (skip)
 * @model: a detector's model
 * @error: %ANPR_ERROR_MODEL_FILE
 *
 * Returns: (transfer full) (nullable): the network, NULL if the model is none
 *     that finds plates in luma
 */
AnprPlateNetwork *
anpr_plate_network_new (AnprModel *model, GError **error)
{
  const AnprNetworkSize *largest = &anpr_network_sizes[ANPR_NETWORK_LARGE];
  g_autoptr (AnprPlateNetwork) network = NULL;

  if (model->input_channels != 1) {
    g_set_error (error, ANPR_ERROR, ANPR_ERROR_MODEL_FILE,
        "the model wants %u channels, not luma alone", model->input_channels);
    return NULL;
  }
  network = g_new0 (AnprPlateNetwork, 1);
  network->network =
      anpr_network_new (model, largest->width, largest->height, error);
  if (!network->network)
    return NULL;
  for (guint i = 0; i < ANPR_N_NETWORK_SIZES; i++)
    if (!check_size (network->network, &anpr_network_sizes[i], error))
      return NULL;
  return g_steal_pointer (&network);
}

/**
 * anpr_plate_network_free: (skip)
 * @network: (nullable) (transfer full): a network
 */
void
anpr_plate_network_free (AnprPlateNetwork *network)
{
  if (!network)
    return;
  anpr_network_free (network->network);
  g_free (network);
}

static gdouble
size_of (gfloat logarithm, gdouble base)
{
  return base * exp (CLAMP (logarithm, -MAX_LOG_SIZE, MAX_LOG_SIZE));
}

static void
decode_cell (const gfloat *cell, guint column, guint row, const AnprView *view,
    AnprDetection *plate)
{
  static const gdouble side_x[4] = { -0.5, 0.5, 0.5, -0.5 };
  static const gdouble side_y[4] = { -0.5, -0.5, 0.5, 0.5 };
  gdouble x = view->x + (column + 0.5 + cell[1]) * CELL * view->scale;
  gdouble y = view->y + (row + 0.5 + cell[2]) * CELL * view->scale;
  gdouble width = size_of (cell[3], BASE_WIDTH) * view->scale;
  gdouble height = size_of (cell[4], BASE_HEIGHT) * view->scale;

  plate->score = 1 / (1 + exp (-cell[0]));
  plate->box = (AnprBox){ x - width / 2, y - height / 2, width, height };
  for (guint corner = 0; corner < 4; corner++) {
    plate->quad.x[corner] = x + width * (side_x[corner] + cell[5 + 2 * corner]);
    plate->quad.y[corner] =
        y + height * (side_y[corner] + cell[6 + 2 * corner]);
  }
}

/* A network of odd weights may tell anything, what is no number included */
static gboolean
is_sound (const AnprDetection *plate, const AnprLuma *luma)
{
  gdouble x = plate->box.x + plate->box.width / 2;
  gdouble y = plate->box.y + plate->box.height / 2;

  for (guint corner = 0; corner < 4; corner++)
    if (!isfinite (plate->quad.x[corner]) || !isfinite (plate->quad.y[corner]))
      return FALSE;
  return x >= 0 && x <= luma->width && y >= 0 && y <= luma->height;
}

/* The plates of which cells tell whose score is @least_score at least; a score
 * that is no number never is */
static guint
decode (AnprPlateNetwork *network, const AnprLuma *luma, const AnprView *view,
    gdouble least_score)
{
  gdouble least = CLAMP (least_score, 1e-6, 1 - 1e-6);
  gfloat least_logit = log (least / (1 - least));
  guint width, height, channels, n = 0;
  const gfloat *cell =
      anpr_network_output (network->network, 1, &width, &height, &channels);

  for (guint row = 0; row < height; row++) {
    for (guint column = 0; column < width; column++, cell += channels) {
      if (!(cell[0] >= least_logit))
        continue;
      decode_cell (cell, column, row, view, &network->cells[n]);
      n += is_sound (&network->cells[n], luma);
    }
  }
  return n;
}

static gint
compare_detections (gconstpointer a, gconstpointer b)
{
  const AnprDetection *one = a, *other = b;

  if (one->score != other->score)
    return one->score > other->score ? -1 : 1;
  if (one->box.y != other->box.y)
    return one->box.y < other->box.y ? -1 : 1;
  return (one->box.x > other->box.x) - (one->box.x < other->box.x);
}

/**
 * anpr_detections_are_same: (skip)
 * @one: a plate
 * @other: another
 *
 * Returns: whether both overlap so much that they are the same plate
 */
gboolean
anpr_detections_are_same (const AnprDetection *one, const AnprDetection *other)
{
  return anpr_box_iou (&one->box, &other->box) >= SAME_PLATE
         || anpr_box_cover (&one->box, &other->box) >= SAME_PLATE_WITHIN;
}

static void
add_weighted (AnprDetection *sum, const AnprDetection *plate, gdouble weight)
{
  sum->box.x += weight * plate->box.x;
  sum->box.y += weight * plate->box.y;
  sum->box.width += weight * plate->box.width;
  sum->box.height += weight * plate->box.height;
  for (guint corner = 0; corner < 4; corner++) {
    sum->quad.x[corner] += weight * plate->quad.x[corner];
    sum->quad.y[corner] += weight * plate->quad.y[corner];
  }
}

/* The mean of cell @best and all nearly the same, weighted by score */
static void
draw_together (
    const AnprDetection *cells, guint n_cells, guint best, AnprDetection *plate)
{
  AnprDetection sum = { .score = cells[best].score };
  gdouble total = 0;

  *plate = (AnprDetection){ .score = cells[best].score };
  for (guint i = best; i < n_cells; i++) {
    if (anpr_box_iou (&cells[i].box, &cells[best].box) < NEARLY_SAME)
      continue;
    add_weighted (&sum, &cells[i], cells[i].score);
    total += cells[i].score;
  }
  add_weighted (plate, &sum, 1 / total);
}

static guint
keep_best (const AnprDetection *cells, guint n_cells, AnprDetection *plates,
    guint n_plates)
{
  guint n_kept = 0;

  for (guint i = 0; i < n_cells && n_kept < n_plates; i++) {
    gboolean taken = FALSE;

    for (guint k = 0; k < n_kept && !taken; k++)
      taken = anpr_detections_are_same (&plates[k], &cells[i]);
    if (!taken)
      draw_together (cells, n_cells, i, &plates[n_kept++]);
  }
  return n_kept;
}

/**
 * anpr_plate_network_look: (skip)
 * @network: a network
 * @luma: the picture
 * @view: the part to look at, of one of %anpr_network_sizes
 * @least_score: of a plate, 0..1
 * @plates: (out) (array length=n_plates): plates in pixels of the picture,
 *     best first; may reach outside it
 * @n_plates: room in @plates
 *
 * Returns: how many plates were seen
 */
guint
anpr_plate_network_look (AnprPlateNetwork *network, const AnprLuma *luma,
    const AnprView *view, gdouble least_score, AnprDetection *plates,
    guint n_plates)
{
  AnprNetwork *run = network->network;
  guint n_cells;

  g_return_val_if_fail (
      view->width / CELL * view->height / CELL <= MAX_CELLS, 0);

  if (!anpr_network_resize (run, view->width, view->height, NULL))
    return 0;
  anpr_view_cut (view, luma, &network->room, anpr_network_input (run));
  if (!anpr_network_run (run))
    return 0;
  n_cells = decode (network, luma, view, least_score);
  qsort (network->cells, n_cells, sizeof (AnprDetection), compare_detections);
  return keep_best (network->cells, n_cells, plates, n_plates);
}
