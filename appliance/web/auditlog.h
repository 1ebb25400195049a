/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_WEB_AUDIT_LOG_H
#define ANPR_WEB_AUDIT_LOG_H

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Of the state folder */
#define ANPR_AUDIT_FOLDER "audit"
/* A file of the log is closed at this size, bytes, and the oldest go */
#define ANPR_AUDIT_MAX_FILE (4 * 1024 * 1024)
#define ANPR_AUDIT_MAX_FILES 64
/* Longest entry, bytes */
#define ANPR_AUDIT_MAX_ENTRY (16 * 1024)

typedef struct _AnprAuditLog AnprAuditLog;

/**
 * AnprAuditEntry:
 * @user: (nullable): who; %NULL before anybody has signed in
 * @address: where from
 * @what: such as "position-changed"; docs/page-api.md lists them
 * @object: (nullable): which one
 * @details: (nullable) (transfer none): more; no secret
 */
typedef struct {
  const gchar *user;
  const gchar *address;
  const gchar *what;
  const gchar *object;
  JsonNode *details;
} AnprAuditEntry;

/**
 * AnprAuditSeal:
 * @number: of an entry
 * @hash: (nullable): of that entry; %NULL for none
 *
 * Where the log ended at a time, which is kept elsewhere.
 */
typedef struct {
  guint64 number;
  gchar *hash;
} AnprAuditSeal;

AnprAuditLog *anpr_audit_log_open (const gchar *folder, GError **error);
void anpr_audit_log_free (AnprAuditLog *log);
void anpr_audit_log_set_max_file (AnprAuditLog *log, gsize bytes);
gboolean anpr_audit_log_add (
    AnprAuditLog *log, const AnprAuditEntry *entry, GError **error);
GPtrArray *anpr_audit_log_read (AnprAuditLog *log, guint n, GError **error);
AnprAuditSeal anpr_audit_log_get_seal (AnprAuditLog *log);
gboolean anpr_audit_log_verify (const gchar *folder,
    const AnprAuditSeal *expected, guint64 *n_entries, AnprAuditSeal *end,
    gchar **fault, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprAuditLog, anpr_audit_log_free)

G_END_DECLS

#endif
