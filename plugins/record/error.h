/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_ERROR_H
#define ANPR_RECORD_ERROR_H

#include <glib.h>

G_BEGIN_DECLS

#define ANPR_ERROR (anpr_error_quark ())
GQuark anpr_error_quark (void);

/* Every fault a user can meet. The code's name (anpr_error_code_name) is an
 * interface: it stands in messages, logs and docs/errors.md and never changes
 * its meaning. */
typedef enum {
  ANPR_ERROR_INPUT_OPEN,
  ANPR_ERROR_INPUT_FORMAT,
  ANPR_ERROR_INPUT_TRUNCATED,
  ANPR_ERROR_READER_DATA,
  ANPR_ERROR_READER_ENGINE,
  ANPR_ERROR_MODEL_FILE,
  ANPR_ERROR_LIST_OPEN,
  ANPR_ERROR_LIST_HEADER,
  ANPR_ERROR_LIST_LINE,
  ANPR_ERROR_LIST_DATE,
  ANPR_ERROR_LIST_BOUND,
  ANPR_ERROR_LIST_INDEX,
  ANPR_ERROR_LIST_KEY,
  ANPR_ERROR_LIST_SIGNATURE,
  ANPR_ERROR_LIST_OLDER,
  ANPR_ERROR_LIST_STORE,
  ANPR_ERROR_SPOOL_OPEN,
  ANPR_ERROR_SPOOL_WRITE,
  ANPR_ERROR_SPOOL_FULL,
  ANPR_ERROR_SPOOL_SCHEMA,
  ANPR_ERROR_SPOOL_OVERLOAD,
  ANPR_ERROR_SPOOL_KEY,
  ANPR_ERROR_SPOOL_DAMAGED,
  ANPR_ERROR_SPOOL_EXPIRED,
  ANPR_ERROR_SPOOL_CHAIN,
  ANPR_ERROR_STILL,
  ANPR_ERROR_OUTPUT,
  ANPR_ERROR_REDIS_ADDRESS,
  ANPR_ERROR_REDIS_AWAY,
  ANPR_ERROR_REDIS_BACK,
  ANPR_ERROR_REDIS_DATA,
  ANPR_ERROR_REDIS_REFUSED,
  ANPR_ERROR_HITS_SHED,
  ANPR_ERROR_HITS_UNDELIVERED,
  ANPR_ERROR_PIPELINE_NAME,
  ANPR_ERROR_PIPELINE_PARAMETER,
  ANPR_ERROR_PROPERTY,
  ANPR_ERROR_CLOCK_STEP,
  ANPR_ERROR_CLOCK_CAMERA,
  ANPR_N_ERRORS,
} AnprError;

const gchar *anpr_error_code_name (AnprError code);
const gchar *anpr_error_code_advice (AnprError code);
const gchar *anpr_error_name (const GError *error);

G_END_DECLS

#endif
