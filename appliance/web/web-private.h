/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_PRIVATE_H
#define ANPR_WEB_PRIVATE_H

#include "account.h"
#include "answer.h"
#include "attempts.h"
#include "auditlog.h"
#include "decisions.h"
#include "door.h"
#include "events.h"
#include "firsttoken.h"
#include "lanewatch.h"
#include "passagestore.h"
#include "positionwatch.h"
#include "requesttext.h"
#include "session.h"
#include "storagewatch.h"
#include "web.h"
#include "worker.h"

G_BEGIN_DECLS

/* A larger body of a request is refused, bytes */
#define ANPR_WEB_MAX_BODY (128 * 1024)
/* A technician sees passages that are not older, microseconds */
#define ANPR_WEB_RECENT (15 * 60 * G_TIME_SPAN_SECOND)

struct _AnprWeb {
  AnprFleet *fleet;
  gchar *folder; /* of anprd.conf */
  gchar *positions;
  gchar *seen; /* copies of the positions' files, positionseen.c */
  gchar *state;
  gchar *key;        /* of the spools, NULL for none */
  gchar *address;    /* as people enter it */
  gchar *host_names; /* that may stand in a Host header, beside addresses */
  gchar *metrics_token;

  SoupServer *server;
  AnprDoor *door;
  AnprWorkers *disk;
  AnprWorkers *passwords;
  AnprAccounts *accounts;
  AnprSessions *sessions;
  AnprAttempts *attempts;
  AnprFirstToken first_token;
  AnprAuditLog *log;
  AnprDecisions *decisions;
  AnprEvents *events;
  AnprLaneWatch *lanes;
  AnprStorageWatch *storage;
  AnprPositionWatch *files;
  GMutex editing; /* one change of positions at a time */

  GHashTable *changed; /* ids of positions the pages are to be told of */
  guint changes_timer;
  guint seal_timer;

  guint64 n_signed_in;
  guint64 n_sign_ins_failed;
};

/* Roles that a route is for, as a set of 1 << AnprRole */
#define ANPR_FOR(role) (1u << ANPR_ROLE_##role)
#define ANPR_FOR_ALL                                                           \
  (ANPR_FOR (TECHNICIAN) | ANPR_FOR (DISPATCHER) | ANPR_FOR (SUPERVISOR))
/* A route that decides by itself who may use it */
#define ANPR_FOR_ANYBODY 0

typedef struct _AnprRequest AnprRequest;

/**
 * AnprHandler:
 * @request: a request that was let through; its answer is set at once, or by
 *     anpr_request_work()
 */
typedef void (*AnprHandler) (AnprRequest *request);

/**
 * AnprRoute:
 * @method: of HTTP
 * @path: parts, where "*" is any name; the first is the request's @object, the
 *     second its @part
 * @roles: who may use it
 * @handler: does it
 * @logged: it leaves an entry in the log, so there is a bound to how often
 */
typedef struct {
  const gchar *method;
  const gchar *path;
  guint roles;
  AnprHandler handler;
  gboolean logged;
} AnprRoute;

/**
 * AnprRequest:
 * @web: the server
 * @message: of libsoup; main thread only
 * @object: (nullable): what its path names
 * @part: (nullable): which part of it
 * @query: of its address
 * @body: (nullable): its JSON
 * @account: (nullable): who asks
 * @session: number of their session
 * @csrf: (nullable): of that session
 * @address: where from
 * @answer: what it gets
 * @data: of the handler
 * @free_data: (nullable): frees it
 *
 * One request, from when it is let through until it is answered. While a worker
 * has it, nobody else touches it.
 */
struct _AnprRequest {
  AnprWeb *web;
  SoupServerMessage *message;
  gchar *object;
  gchar *part;
  GHashTable *query;
  JsonObject *body;
  AnprAccount *account;
  guint64 session;
  gchar *csrf;
  gchar *address;
  AnprAnswer answer;
  gpointer data;
  GDestroyNotify free_data;

  /*< private >*/
  AnprHandler work;
  AnprHandler then;
  gboolean paused;
  gboolean streaming; /* the answer is a stream, which has begun */
};

void anpr_request_work (AnprRequest *request, AnprWorkers *workers,
    AnprHandler work, AnprHandler then);
const gchar *anpr_request_get (AnprRequest *request, const gchar *parameter);
guint anpr_request_get_limit (AnprRequest *request, guint usual, guint most);
gboolean anpr_request_log (AnprRequest *request, const gchar *what,
    const gchar *object, JsonNode *details, GError **error);
gboolean anpr_request_log_texts (AnprRequest *request, const gchar *what,
    const gchar *object, ...) G_GNUC_NULL_TERMINATED;
gchar *anpr_web_cookie_name (AnprWeb *web);
AnprViewer anpr_account_get_viewer (const AnprAccount *account);

void anpr_web_take_requests (AnprWeb *web);
gboolean anpr_web_ask_session (
    guint64 number, AnprViewer *viewer, gpointer data);
void anpr_web_watch_fleet (AnprWeb *web);
void anpr_web_send_decision (AnprWeb *web, const AnprDecision *decision);
void anpr_position_view (
    AnprWeb *web, const AnprCamera *camera, JsonBuilder *builder);
void anpr_decision_view (const AnprDecision *decision, JsonBuilder *builder);
gboolean anpr_web_is_up (AnprWeb *web);
AnprPassageStore *anpr_web_get_store (AnprWeb *web, const gchar *position);

extern const AnprRoute anpr_session_routes[];
extern const AnprRoute anpr_account_routes[];
extern const AnprRoute anpr_position_routes[];
extern const AnprRoute anpr_passage_routes[];
extern const AnprRoute anpr_hit_routes[];
extern const AnprRoute anpr_other_routes[];

G_END_DECLS

#endif
