/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_DECISIONS_H
#define ANPR_WEB_DECISIONS_H

#include <glib.h>

G_BEGIN_DECLS

/* Of the state folder */
#define ANPR_DECISIONS_FILE "decisions.sqlite"
/* Decisions are kept at least until this many newer ones are there */
#define ANPR_DECISIONS_MAX 500000

/* AnprVerdict: what a person decided about a hit, on its picture (R17) */
typedef enum {
  ANPR_VERDICT_CONFIRMED,
  ANPR_VERDICT_REJECTED,
  ANPR_VERDICT_UNDECIDED,
  ANPR_N_VERDICTS,
} AnprVerdict;

/**
 * AnprDecision:
 * @number: from 1, in the order they were recorded; set when it is recorded
 * @id: UUIDv7; set when it is recorded
 * @hit: id of the hit
 * @passage: id of its passage
 * @position: where
 * @list: of the hit
 * @version: of the list
 * @verdict: what was decided
 * @reason: (nullable): why it was rejected, one of anpr_decision_reasons
 * @seconds: how long it took them
 * @user: who
 * @utc: when, microseconds since 1970
 * @covert: the hit is; not recorded
 *
 * There is no plate in it: it may stay longer than the passage.
 */
typedef struct {
  gint64 number;
  gchar *id;
  gchar *hit;
  gchar *passage;
  gchar *position;
  gchar *list;
  gchar *version;
  AnprVerdict verdict;
  gchar *reason;
  gdouble seconds;
  gchar *user;
  gint64 utc;
  gboolean covert;
} AnprDecision;

/**
 * AnprDecisionBacklog:
 * @waiting: decisions the centre has not answered for good
 * @oldest_utc: when the oldest of them was made, microseconds since 1970; 0 if
 *     none waits
 * @newest: number of the newest of them, 0 if none waits
 * @refused: decisions the centre has refused
 */
typedef struct {
  guint64 waiting;
  gint64 oldest_utc;
  gint64 newest;
  guint64 refused;
} AnprDecisionBacklog;

typedef struct _AnprDecisions AnprDecisions;

extern const gchar *const anpr_decision_reasons[];

const gchar *anpr_verdict_to_string (AnprVerdict verdict);
gboolean anpr_verdict_from_string (const gchar *name, AnprVerdict *verdict);
void anpr_decision_free (AnprDecision *decision);

AnprDecisions *anpr_decisions_open (const gchar *path, GError **error);
void anpr_decisions_close (AnprDecisions *decisions);
gboolean anpr_decisions_add (AnprDecisions *decisions, AnprDecision *decision,
    const gchar *instead_of, GError **error);
AnprDecision *anpr_decisions_find (
    AnprDecisions *decisions, const gchar *hit, GError **error);
GPtrArray *anpr_decisions_get_undelivered (
    AnprDecisions *decisions, gint64 after, guint max, GError **error);
gboolean anpr_decisions_acknowledge (
    AnprDecisions *decisions, gint64 number, GError **error);
gboolean anpr_decisions_refuse (AnprDecisions *decisions, gint64 number,
    const gchar *reason, GError **error);
gboolean anpr_decisions_retry_refused (
    AnprDecisions *decisions, guint *n, GError **error);
gboolean anpr_decisions_get_backlog (
    AnprDecisions *decisions, AnprDecisionBacklog *backlog, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprDecision, anpr_decision_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprDecisions, anpr_decisions_close)

G_END_DECLS

#endif
