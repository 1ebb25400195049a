/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Migrations of the central database: plain SQL files, applied in order.
 *
 * All that are pending are one transaction, under an advisory lock, so a
 * database has a schema of some version whole or not at all, and two that
 * migrate take turns. What was applied is in anpr_data.migration with its
 * checksum: a file that was changed afterwards, or a database of a newer version,
 * is refused before anything is done.
 */

#include "centralmigrations.h"

#include "../plugins/record/error.h"

#include <string.h>

/* Milliseconds: for one migration, and for everything else */
#define APPLY_TIMEOUT 600000
#define QUERY_TIMEOUT 60000

/* Largest file; ours have a few dozen kilobytes */
#define MAX_FILE (4 << 20)

/* "ANPR" and a number of ours for pg_advisory_xact_lock() */
#define LOCK "SELECT pg_advisory_xact_lock (1095651410, 1)"

static void
migration_free (AnprMigration *migration)
{
  g_free (migration->name);
  g_free (migration->sha256);
  g_free (migration->sql);
  g_free (migration);
}

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const AnprMigration *first = *(const AnprMigration *const *) a;
  const AnprMigration *second = *(const AnprMigration *const *) b;

  return first->number < second->number ? -1 : first->number > second->number;
}

static AnprMigration *
find_number (GPtrArray *migrations, guint number)
{
  for (guint i = 0; i < migrations->len; i++) {
    AnprMigration *migration = migrations->pdata[i];

    if (migration->number == number)
      return migration;
  }
  return NULL;
}

static void set_fault (GError **error, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static void
set_fault (GError **error, const gchar *format, ...)
{
  g_autofree gchar *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, ANPR_ERROR, ANPR_ERROR_CENTRAL_MIGRATION, text);
}

/* --- files --- */

/* The number of "0007-name.sql", 0 for other names */
static guint
number_of (const gchar *name)
{
  guint number = 0;

  for (guint i = 0; i < 4; i++) {
    if (!g_ascii_isdigit (name[i]))
      return 0;
    number = number * 10 + (guint) g_ascii_digit_value (name[i]);
  }
  return name[4] == '-' && g_str_has_suffix (name, ".sql") ? number : 0;
}

static AnprMigration *
load_file (const gchar *folder, const gchar *name, GError **error)
{
  g_autofree gchar *path = g_build_filename (folder, name, NULL);
  g_autofree gchar *sql = NULL;
  g_autoptr (GError) reason = NULL;
  AnprMigration *migration;
  gsize length;

  if (!g_file_get_contents (path, &sql, &length, &reason)) {
    set_fault (error, "%s", reason->message);
    return NULL;
  }
  if (length > MAX_FILE || !g_utf8_validate (sql, (gssize) length, NULL)) {
    set_fault (error, "%s is no SQL in UTF-8", path);
    return NULL;
  }
  migration = g_new0 (AnprMigration, 1);
  migration->number = number_of (name);
  migration->name = g_strdup (name);
  migration->sha256 = g_compute_checksum_for_data (
      G_CHECKSUM_SHA256, (const guchar *) sql, length);
  migration->sql = g_steal_pointer (&sql);
  return migration;
}

/**
 * anpr_migrations_load:
 * @folder: where the files are
 * @error: of domain %ANPR_ERROR, code %ANPR_ERROR_CENTRAL_MIGRATION
 *
 * Returns: (transfer full) (element-type AnprMigration) (nullable): all of them
 *     in order, at least one; no number twice
 */
GPtrArray *
anpr_migrations_load (const gchar *folder, GError **error)
{
  g_autoptr (GPtrArray) files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) migration_free);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &reason);
  const gchar *name;

  if (!dir) {
    set_fault (error, "%s", reason->message);
    return NULL;
  }
  while ((name = g_dir_read_name (dir))) {
    AnprMigration *migration;

    if (number_of (name) == 0)
      continue;
    migration = load_file (folder, name, error);
    if (!migration)
      return NULL;
    if (find_number (files, migration->number)) {
      set_fault (error, "%s: two migrations have the number %u", folder,
          migration->number);
      migration_free (migration);
      return NULL;
    }
    g_ptr_array_add (files, migration);
  }
  if (files->len == 0) {
    set_fault (error, "%s holds no migrations", folder);
    return NULL;
  }
  g_ptr_array_sort (files, compare_numbers);
  return g_steal_pointer (&files);
}

/* --- what a database has --- */

/**
 * anpr_migrations_applied:
 * @connection: to the database
 * @error: as of anpr_central_query()
 *
 * Returns: (transfer full) (element-type AnprMigration) (nullable): those that
 *     were applied, in order; none of an empty database
 */
GPtrArray *
anpr_migrations_applied (AnprCentralConnection *connection, GError **error)
{
  g_autoptr (GPtrArray) applied =
      g_ptr_array_new_with_free_func ((GDestroyNotify) migration_free);
  g_autoptr (PGresult) there = anpr_central_query (connection,
      "SELECT 1 FROM pg_class WHERE oid = to_regclass ('anpr_data.migration')",
      NULL, 0, QUERY_TIMEOUT, NULL, error);
  g_autoptr (PGresult) rows = NULL;

  if (!there)
    return NULL;
  if (PQntuples (there) == 0)
    return g_steal_pointer (&applied);
  rows = anpr_central_query (connection,
      "SELECT number, name, sha256 FROM anpr_data.migration ORDER BY number",
      NULL, 0, QUERY_TIMEOUT, NULL, error);
  if (!rows)
    return NULL;
  for (int i = 0; i < PQntuples (rows); i++) {
    AnprMigration *migration = g_new0 (AnprMigration, 1);

    migration->number =
        (guint) g_ascii_strtoull (PQgetvalue (rows, i, 0), NULL, 10);
    migration->name = g_strdup (PQgetvalue (rows, i, 1));
    migration->sha256 = g_strdup (PQgetvalue (rows, i, 2));
    g_ptr_array_add (applied, migration);
  }
  return g_steal_pointer (&applied);
}

/**
 * anpr_migrations_pending:
 * @files: (element-type AnprMigration): of this version
 * @applied: (element-type AnprMigration): of the database
 * @error: %ANPR_ERROR_CENTRAL_MIGRATION: one that was applied is another now, or
 *     is not known to this version
 *
 * Returns: (transfer container) (element-type AnprMigration) (nullable): those of
 *     @files that are still to be applied, in order; borrowed from @files
 */
GPtrArray *
anpr_migrations_pending (GPtrArray *files, GPtrArray *applied, GError **error)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  for (guint i = 0; i < applied->len; i++) {
    const AnprMigration *done = applied->pdata[i];
    const AnprMigration *file = find_number (files, done->number);

    if (!file) {
      set_fault (error, "the database has %s, which this version does not know",
          done->name);
      return NULL;
    }
    if (!g_str_equal (file->sha256, done->sha256)) {
      set_fault (error, "%s is not as it was when it was applied as %s",
          file->name, done->name);
      return NULL;
    }
  }
  for (guint i = 0; i < files->len; i++) {
    AnprMigration *file = files->pdata[i];

    if (!find_number (applied, file->number))
      g_ptr_array_add (pending, file);
  }
  return g_steal_pointer (&pending);
}

/* --- applying --- */

static gboolean
is_fit (AnprCentralConnection *connection, GError **error)
{
  g_autoptr (PGresult) row = anpr_central_query (connection,
      "SELECT current_setting ('server_version_num')::int >= 150000, "
      "current_setting ('server_encoding') = 'UTF8', "
      "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)",
      NULL, 0, QUERY_TIMEOUT, NULL, error);
  static const gchar *const faults[] = {
    "the server is older than PostgreSQL 15",
    "the database's encoding is not UTF8",
    "only a superuser of the server can make the roles",
  };

  if (!row)
    return FALSE;
  for (int i = 0; i < PQnfields (row); i++) {
    if (g_str_equal (PQgetvalue (row, 0, i), "t"))
      continue;
    set_fault (error, "%s", faults[i]);
    return FALSE;
  }
  return TRUE;
}

static gboolean
apply_one (AnprCentralConnection *connection, const AnprMigration *migration,
    GError **error)
{
  const AnprCentralParameter values[] = {
    { 0, migration->name, 0, FALSE },
    { 0, migration->sha256, 0, FALSE },
  };
  g_autoptr (PGresult) noted = NULL;

  if (!anpr_central_execute (
          connection, migration->sql, APPLY_TIMEOUT, NULL, error)) {
    g_prefix_error (error, "%s: ", migration->name);
    return FALSE;
  }
  if (!anpr_central_execute (connection, "RESET ROLE; RESET search_path",
          QUERY_TIMEOUT, NULL, error))
    return FALSE;
  noted = anpr_central_query (connection,
      "INSERT INTO anpr_data.migration (number, name, sha256) "
      "VALUES (left ($1, 4)::int, $1, $2)",
      values, G_N_ELEMENTS (values), QUERY_TIMEOUT, NULL, error);
  return noted != NULL;
}

static gboolean
apply_pending (AnprCentralConnection *connection, GPtrArray *files,
    gboolean empty, guint *n, GError **error)
{
  g_autoptr (GPtrArray) applied = anpr_migrations_applied (connection, error);
  g_autoptr (GPtrArray) pending = NULL;

  if (!applied)
    return FALSE;
  if (empty && applied->len > 0) {
    set_fault (error, "the database is not empty: use anprctl central migrate");
    return FALSE;
  }
  if (!empty && applied->len == 0) {
    set_fault (error, "the database is empty: use anprctl central init");
    return FALSE;
  }
  pending = anpr_migrations_pending (files, applied, error);
  if (!pending)
    return FALSE;
  for (guint i = 0; i < pending->len; i++)
    if (!apply_one (connection, pending->pdata[i], error))
      return FALSE;
  *n = pending->len;
  return TRUE;
}

/**
 * anpr_migrations_apply:
 * @connection: to the database, as a superuser; of no more use after a failure
 * @files: (element-type AnprMigration): of this version
 * @empty: whether the database has to be empty, else it must not
 * @n: (out): how many were applied
 * @error: %ANPR_ERROR_CENTRAL_MIGRATION, or as of anpr_central_query()
 *
 * Returns: whether the database has all of @files now; if not it is as before
 */
gboolean
anpr_migrations_apply (AnprCentralConnection *connection, GPtrArray *files,
    gboolean empty, guint *n, GError **error)
{
  return is_fit (connection, error)
         && anpr_central_execute (connection,
             "BEGIN; SET LOCAL lock_timeout = '30s'; " LOCK, QUERY_TIMEOUT,
             NULL, error)
         && apply_pending (connection, files, empty, n, error)
         && anpr_central_execute (
             connection, "COMMIT", QUERY_TIMEOUT, NULL, error);
}
