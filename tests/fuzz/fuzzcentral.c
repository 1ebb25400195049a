/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* An address of the central database, and what a server says: taken or refused
 * with a reason. An address that is taken has no password, whichever way it is
 * written. */

#include "fuzz.h"
#include "plugins/anprsink/centraladdress.h"
#include "plugins/anprsink/centralfault.h"

#include <libpq-fe.h>
#include <string.h>

static gboolean
has_password (const gchar *uri)
{
  PQconninfoOption *options = PQconninfoParse (uri, NULL);
  gboolean has = FALSE;

  for (PQconninfoOption *option = options; option && option->keyword; option++)
    has |= option->val && g_str_has_suffix (option->keyword, "password");
  PQconninfoFree (options);
  return has;
}

static void
try_address (const gchar *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AnprCentralAddress) address =
      anpr_central_address_parse (text, &error);
  g_autofree gchar *name = NULL;

  g_assert ((address == NULL) == (error != NULL));
  if (!address)
    return;
  g_assert (!address->uri != !address->service);
  g_assert (!address->uri || !has_password (address->uri));
  name = anpr_central_address_to_string (address);
  g_assert (name[0]);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree gchar *text = g_strndup ((const gchar *) data, size);
  g_autofree gchar *clean = anpr_central_fault_clean (text);
  gchar sqlstate[ANPR_SQLSTATE_SIZE];

  try_address (text);
  g_assert (g_utf8_validate (clean, -1, NULL));
  g_assert (!strpbrk (clean, "\r\n"));
  (void) anpr_central_fault_of_connecting (text, sqlstate);
  g_assert (strlen (sqlstate) < ANPR_SQLSTATE_SIZE);
  return 0;
}
