/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_FIND_H
#define ANPR_HITMATCH_HIT_FIND_H

#include "alike.h"
#include "hitlist.h"
#include "listarea.h"
#include "../record/hit.h"

G_BEGIN_DECLS

/* A candidate less likely than this is what the reader does not believe */
#define ANPR_HIT_LEAST_CANDIDATE 0.1

/* Folded keys looked for in one list: the read's own, and those of signs the
 * reader names that look like nothing it read */
#define ANPR_HIT_MAX_FOLDS 8

/* An entry that a read found. matched: the text of the read that did, living as
 * long as the read; likelihood: what the reader thinks of it. */
typedef struct {
  const AnprHitList *list;
  guint entry;
  guint priority;
  AnprGrade grade;
  AnprCountryGrade country_grade;
  const gchar *matched;
  gdouble likelihood;
} AnprHitFound;

/* A text to look for as it is: the read's own or a candidate, in its own writing
 * or, indirect, with its umlauts written otherwise */
typedef struct {
  guint64 packed;
  const gchar *matched;
  gdouble likelihood;
  AnprGrade grade;
  gboolean indirect;
} AnprHitWanted;

#define ANPR_HIT_MAX_WANTED (3 * (1 + ANPR_MAX_CANDIDATES))

/* What of a read is looked for: made once for all lists. place: where it was read; any_time: also entries
 * that are not valid at utc, or not there, to be set by who wants to tell about them; writings:
 * of its text, umlauts; wanted: all that is looked for as it is. */
typedef struct {
  const AnprRead *read;
  gint64 utc;
  AnprHitPlace place;
  gboolean any_time;
  gboolean is_plate;
  AnprAlikeRead alike;
  guint n_writings;
  AnprKeySigns writings[3];
  guint n_folds;
  guint64 folds[ANPR_HIT_MAX_FOLDS];
  guint n_wanted;
  AnprHitWanted wanted[ANPR_HIT_MAX_WANTED];
} AnprHitQuery;

void anpr_hit_query_init (AnprHitQuery *query, const AnprRead *read, gint64 utc,
    const AnprHitPlace *place);
void anpr_hit_query_expect (
    const AnprHitQuery *query, const AnprHitList *list, gboolean soon);
void anpr_hit_query_find (
    const AnprHitQuery *query, const AnprHitList *list, GArray *found);
gboolean anpr_hours_hold (const AnprHours *hours, gint64 utc);
AnprCountryGrade anpr_country_grade (
    const AnprRead *read, const gchar *country);

G_END_DECLS

#endif
