/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_SEARCH_COLUMNS_H
#define ANPR_SEARCH_COLUMNS_H

#include "searchresult.h"

G_BEGIN_DECLS

extern const AnprSearchColumn anpr_search_passage_columns[];
extern const AnprSearchColumn anpr_search_series_columns[];
extern const AnprSearchColumn anpr_search_convoy_columns[];
extern const AnprSearchColumn anpr_search_impossible_columns[];
extern const AnprSearchColumn anpr_search_hit_columns[];
extern const AnprSearchColumn anpr_search_decision_columns[];
extern const AnprSearchColumn anpr_search_suppression_columns[];
extern const AnprSearchColumn anpr_search_approval_columns[];
extern const AnprSearchColumn anpr_search_review_columns[];
extern const AnprSearchColumn anpr_search_notice_columns[];
extern const AnprSearchColumn anpr_search_precision_columns[];
extern const AnprSearchColumn anpr_search_anomaly_columns[];
extern const AnprSearchColumn anpr_search_count_columns[];

G_END_DECLS

#endif
