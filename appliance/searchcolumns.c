/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What the tables of anprctl search show of their rows, and under which heading;
 * other formats have all fields. */

#include "searchcolumns.h"

const AnprSearchColumn anpr_search_passage_columns[] = { { "seen", "TIME" },
  { "position", "POSITION" }, { "direction", "DIRECTION" }, { "lane", "LANE" },
  { "plate", "PLATE" }, { "country", "COUNTRY" },
  { "confidence", "CONFIDENCE" }, { "match", "MATCH" },
  { "passage", "PASSAGE" }, { NULL } };
const AnprSearchColumn anpr_search_series_columns[] = { { "plate", "PLATE" },
  { "country", "COUNTRY" }, { "facts", "FACTS" }, { "base_rate", "BASE RATE" },
  { "expected", "EXPECTED" }, { "commuter", "COMMUTER" }, { "seen", "SEEN" },
  { NULL } };
const AnprSearchColumn anpr_search_convoy_columns[] = { { "plate", "PLATE" },
  { "country", "COUNTRY" }, { "times", "TOGETHER" }, { "days", "DAYS" },
  { "places", "PLACES" }, { "mean_gap", "SECONDS BEHIND" },
  { "passages", "OF PASSAGES" }, { "share", "SHARE" }, { "last_seen", "LAST" },
  { NULL } };
const AnprSearchColumn anpr_search_impossible_columns[] = {
  { "plate", "PLATE" }, { "seen", "TIME" }, { "position", "POSITION" },
  { "next_seen", "THEN" }, { "next_position", "AT" }, { "km", "KM" },
  { "kmh", "KM/H" }, { "cause", "LIKELY" }, { "passage", "PASSAGE" },
  { "next_passage", "NEXT PASSAGE" }, { NULL }
};
const AnprSearchColumn anpr_search_hit_columns[] = { { "priority", "PRIORITY" },
  { "seen", "TIME" }, { "position", "POSITION" }, { "direction", "DIRECTION" },
  { "plate", "PLATE" }, { "listed", "LISTED" }, { "list", "LIST" },
  { "measure", "MEASURE" }, { "warning", "WARNING" }, { "grade", "GRADE" },
  { "country_grade", "COUNTRY" }, { "state", "STATE" },
  { "actionable", "ACTIONABLE" }, { "obstacle", "OBSTACLE" },
  { "passage", "PASSAGE" }, { "hit", "HIT" }, { NULL } };
const AnprSearchColumn anpr_search_decision_columns[] = {
  { "number", "DECISION" }, { "considered", "CONSIDERED" },
  { "actionable", "ACTIONABLE" }, { "obstacle", "OBSTACLE" },
  { "notice", "NOTICE" }, { "suppression", "SUPPRESSION" },
  { "silent_review", "SILENT REVIEW" }, { NULL }
};
const AnprSearchColumn anpr_search_suppression_columns[] = {
  { "number", "NUMBER" }, { "state", "STATE" }, { "list", "LIST" },
  { "entry", "ENTRY" }, { "plate", "PLATE" }, { "position", "POSITION" },
  { "cause", "CAUSE" }, { "proposed_by", "PROPOSED BY" },
  { "decided_by", "DECIDED BY" }, { "valid_until", "UNTIL" }, { NULL }
};
const AnprSearchColumn anpr_search_approval_columns[] = {
  { "valid_until", "IN FORCE UNTIL" }, { NULL }
};
const AnprSearchColumn anpr_search_review_columns[] = { { "state", "STATE" },
  { NULL } };
const AnprSearchColumn anpr_search_notice_columns[] = { { "number", "NUMBER" },
  { "made", "MADE" }, { "authority", "AUTHORITY" }, { "contact", "CONTACT" },
  { "list", "LIST" }, { "entry", "ENTRY" }, { "notice", "NOTICE" },
  { "sent", "SENT" }, { NULL } };
const AnprSearchColumn anpr_search_precision_columns[] = { { "list", "LIST" },
  { "day", "DAY" }, { "confirmed", "CONFIRMED" }, { "rejected", "REJECTED" },
  { "undecided", "UNDECIDED" }, { "precision", "PRECISION" },
  { "median_seconds", "SECONDS TO DECIDE" }, { "silent", "SILENT REVIEW" },
  { NULL } };
const AnprSearchColumn anpr_search_anomaly_columns[] = { { "kind", "KIND" },
  { "login", "LOGIN" }, { "person", "PERSON" }, { "n", "N" },
  { "about", "ABOUT" }, { "entries", "LOG ENTRIES" }, { NULL } };

const AnprSearchColumn anpr_search_count_columns[] = { { "plates", "PLATES" },
  { "commuters", "OF THESE COMMUTERS" }, { NULL } };
