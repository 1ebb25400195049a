/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Which of our codes a fault of PostgreSQL is.
 *
 * What decides is the SQLSTATE the server gave. When connecting, libpq gives it
 * in the text only (verbosity "verbose"), and faults of TLS on our side have
 * none: they are told by libpq's and OpenSSL's texts, which are in English here
 * because the connection sets the thread's language. "SSL SYSCALL" is a line
 * that broke while TLS was on, not a fault of TLS. */

#include "centralfault.h"

#include <string.h>

#define MAX_MESSAGE 500

/* The longest prefix that fits decides */
static const struct {
  const gchar *prefix;
  AnprError code;
} states[] = {
  { "08", ANPR_ERROR_CENTRAL_AWAY },      /* connection */
  { "28", ANPR_ERROR_CENTRAL_LOGIN },     /* authorisation */
  { "3D000", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such database */
  { "3F000", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such schema */
  { "40", ANPR_ERROR_CENTRAL_AWAY },      /* rolled back, try again */
  { "42501", ANPR_ERROR_CENTRAL_LOGIN },  /* privilege */
  { "42883", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such function */
  { "42P01", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such table */
  { "42703", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such column */
  { "42704", ANPR_ERROR_CENTRAL_SCHEMA }, /* no such type */
  { "25006", ANPR_ERROR_CENTRAL_AWAY },   /* read only: a standby */
  { "53", ANPR_ERROR_CENTRAL_AWAY },      /* memory, connections */
  { "53100", ANPR_ERROR_CENTRAL_FULL },   /* disk */
  { "54", ANPR_ERROR_CENTRAL_REFUSED },   /* limits of one statement */
  { "55", ANPR_ERROR_CENTRAL_AWAY },      /* lock, object in use */
  { "57", ANPR_ERROR_CENTRAL_AWAY },      /* shutdown, timeout */
  { "58", ANPR_ERROR_CENTRAL_AWAY },      /* the server's system */
  { "F0", ANPR_ERROR_CENTRAL_AWAY },      /* configuration file */
  { "XX", ANPR_ERROR_CENTRAL_AWAY },      /* internal, corrupt */
};

/**
 * anpr_central_fault_of_sqlstate: (skip)
 * @sqlstate: five characters, or "" for none
 *
 * Returns: the code; what is not about server, rights or schema is about the
 *     data: %ANPR_ERROR_CENTRAL_REFUSED
 */
AnprError
anpr_central_fault_of_sqlstate (const gchar *sqlstate)
{
  AnprError code = ANPR_ERROR_CENTRAL_REFUSED;
  gsize best = 0;

  if (!sqlstate[0])
    return ANPR_ERROR_CENTRAL_AWAY;
  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    gsize length = strlen (states[i].prefix);

    if (length > best && g_str_has_prefix (sqlstate, states[i].prefix)) {
      code = states[i].code;
      best = length;
    }
  }
  return code;
}

/* In "FATAL:  28P01: password authentication failed" the five characters */
static gboolean
find_sqlstate (const gchar *message, gchar sqlstate[ANPR_SQLSTATE_SIZE])
{
  static const gchar *const severities[] = {
    "FATAL:  ", "PANIC:  ", "ERROR:  "
  };

  for (guint i = 0; i < G_N_ELEMENTS (severities); i++) {
    const gchar *at = strstr (message, severities[i]);

    if (at) {
      g_strlcpy (sqlstate, at + strlen (severities[i]), ANPR_SQLSTATE_SIZE);
      return strlen (sqlstate) == ANPR_SQLSTATE_SIZE - 1;
    }
  }
  return FALSE;
}

static gboolean
is_about_tls (const gchar *message)
{
  static const gchar *const words[] = { "SSL", "certificate", "private key" };

  if (strstr (message, "SSL SYSCALL"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (strstr (message, words[i]))
      return TRUE;
  }
  return FALSE;
}

/**
 * anpr_central_fault_of_connecting: (skip)
 * @message: of libpq, verbose and in English
 * @sqlstate: (out): the server's, "" if it came to none
 *
 * Returns: the code
 */
AnprError
anpr_central_fault_of_connecting (
    const gchar *message, gchar sqlstate[ANPR_SQLSTATE_SIZE])
{
  if (find_sqlstate (message, sqlstate)) {
    if (g_str_has_prefix (sqlstate, "28") && strstr (message, "certificate"))
      return ANPR_ERROR_CENTRAL_TLS;
    return anpr_central_fault_of_sqlstate (sqlstate)
                   == ANPR_ERROR_CENTRAL_REFUSED
               ? ANPR_ERROR_CENTRAL_LOGIN
               : anpr_central_fault_of_sqlstate (sqlstate);
  }
  sqlstate[0] = '\0';
  if (is_about_tls (message))
    return ANPR_ERROR_CENTRAL_TLS;
  /* libpq found that there is none to offer, or that it was refused */
  if (strstr (message, "no password supplied")
      || strstr (message, "authentication"))
    return ANPR_ERROR_CENTRAL_LOGIN;
  return ANPR_ERROR_CENTRAL_AWAY;
}

/**
 * anpr_central_fault_clean: (skip)
 * @message: of libpq
 *
 * Returns: (transfer full): its first line as valid UTF-8, at most 500 bytes
 */
gchar *
anpr_central_fault_clean (const gchar *message)
{
  g_autofree gchar *line = g_strndup (message, strcspn (message, "\r\n"));
  gchar *clean;

  if (strlen (line) > MAX_MESSAGE)
    line[MAX_MESSAGE] = '\0';
  clean = g_utf8_make_valid (line, -1);
  return g_strchomp (clean);
}
