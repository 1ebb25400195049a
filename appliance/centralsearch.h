/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_CENTRAL_SEARCH_H
#define ANPR_CENTRAL_SEARCH_H

#include <json-glib/json-glib.h>
#include "../plugins/anprsink/centralconnection.h"

G_BEGIN_DECLS

/**
 * AnprCentralQuestion:
 * @function: what is to answer
 * @purpose: (nullable): J1, J2, J3 or B1
 * @case_reference: (nullable): as the controller numbers its cases
 * @justification: (nullable): why, in words
 * @from: the window's first moment, ISO 8601 with its offset
 * @to: its end
 * @what: what is asked, a JSON object
 * @prosecutor: (nullable): the written decision, a JSON object
 *
 * A question to the central database; what is missing or wrong is for the
 * database to say, which writes it down.
 */
typedef struct {
  const gchar *function;
  const gchar *purpose;
  const gchar *case_reference;
  const gchar *justification;
  const gchar *from;
  const gchar *to;
  JsonObject *what;
  JsonObject *prosecutor;
} AnprCentralQuestion;

AnprCentralConnection *anpr_central_search_connect (
    const gchar *address, guint timeout, GError **error);
gchar *anpr_central_search_ask (AnprCentralConnection *connection,
    const AnprCentralQuestion *question, guint timeout, GError **error);
JsonArray *anpr_central_search_rows (AnprCentralConnection *connection,
    const gchar *call, const gchar *const *arguments, guint timeout,
    GError **error);
void anpr_central_search_fault (const gchar *subject, const GError *error);

G_END_DECLS

#endif
