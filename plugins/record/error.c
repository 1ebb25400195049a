/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "error.h"

G_DEFINE_QUARK (anpr - error - quark, anpr_error)

static const struct {
  const gchar *name;
  const gchar *advice;
} codes[ANPR_N_ERRORS] = {
  [ANPR_ERROR_INPUT_OPEN] = { "ANPR-INPUT-OPEN",
      "Check that the file or camera exists and may be read." },
  [ANPR_ERROR_INPUT_FORMAT] = { "ANPR-INPUT-FORMAT",
      "Give a picture or video that GStreamer can decode." },
  [ANPR_ERROR_INPUT_TRUNCATED] = { "ANPR-INPUT-TRUNCATED",
      "The input ends early; what came before it was read." },
  [ANPR_ERROR_READER_DATA] = { "ANPR-READER-DATA",
      "Use the models that came with this version, or leave model= unset." },
  [ANPR_ERROR_READER_ENGINE] = { "ANPR-READER-ENGINE",
      "Choose an engine this build has: see gst-inspect-1.0 plateocr." },
  [ANPR_ERROR_MODEL_FILE] = { "ANPR-MODEL-FILE",
      "Use a model that came with this version, or leave model= unset." },
  [ANPR_ERROR_LIST_OPEN] = { "ANPR-LIST-OPEN",
      "Check that the list file exists and may be read." },
  [ANPR_ERROR_LIST_HEADER] = { "ANPR-LIST-HEADER",
      "Correct the # lines at the top of the list; docs/lists.md shows "
      "them." },
  [ANPR_ERROR_LIST_LINE] = { "ANPR-LIST-LINE",
      "Correct the named line; the whole list is refused until then." },
  [ANPR_ERROR_LIST_DATE] = { "ANPR-LIST-DATE",
      "Ask the list's authority for one that is valid now." },
  [ANPR_ERROR_LIST_BOUND] = { "ANPR-LIST-BOUND",
      "The list is larger than this version takes; split it." },
  [ANPR_ERROR_LIST_INDEX] = { "ANPR-LIST-INDEX",
      "Load the list anew with anprctl lists load." },
  [ANPR_ERROR_LIST_KEY] = { "ANPR-LIST-KEY",
      "Give a key that anprctl lists keygen made; a secret one may be read by "
      "its owner only." },
  [ANPR_ERROR_LIST_SIGNATURE] = { "ANPR-LIST-SIGNATURE",
      "Ask the list's authority for the list with its signature; do not use "
      "this one." },
  [ANPR_ERROR_LIST_OLDER] = { "ANPR-LIST-OLDER",
      "Ask the list's authority for the newest version." },
  [ANPR_ERROR_LIST_STORE] = { "ANPR-LIST-STORE",
      "Check the folder of accepted lists, its owner and the free space." },
  [ANPR_ERROR_LIST_AGED] = { "ANPR-LIST-AGED",
      "Load the list's newest version; ask its authority if there is none." },
  [ANPR_ERROR_LIST_STALE] = { "ANPR-LIST-STALE",
      "Load the list's newest version; until then nobody may act on its "
      "hits." },
  [ANPR_ERROR_SPOOL_OPEN] = { "ANPR-SPOOL-OPEN",
      "Check the folder, its owner and the free space of location=." },
  [ANPR_ERROR_SPOOL_WRITE] = { "ANPR-SPOOL-WRITE",
      "Check the disk; reading goes on and keeping is tried again." },
  [ANPR_ERROR_SPOOL_FULL] = { "ANPR-SPOOL-FULL",
      "Deliver or export the spool, or raise max-size=." },
  [ANPR_ERROR_SPOOL_SCHEMA] = { "ANPR-SPOOL-SCHEMA",
      "The spool is of another version or another program; choose another "
      "location=." },
  [ANPR_ERROR_SPOOL_OVERLOAD] = { "ANPR-SPOOL-OVERLOAD",
      "Passages come faster than the disk takes them." },
  [ANPR_ERROR_SPOOL_KEY] = { "ANPR-SPOOL-KEY",
      "Give the key file the spool was made with, or choose another "
      "location=." },
  [ANPR_ERROR_SPOOL_DAMAGED] = { "ANPR-SPOOL-DAMAGED",
      "Check the disk; docs/spool.md tells what was set aside and how to look "
      "into it." },
  [ANPR_ERROR_SPOOL_EXPIRED] = { "ANPR-SPOOL-EXPIRED",
      "Restore the line to the centre; what was never delivered is erased at "
      "the retention limit." },
  [ANPR_ERROR_SPOOL_CHAIN] = { "ANPR-SPOOL-CHAIN",
      "Leave the file as it is and compare it with what the centre has; it was "
      "changed by something else." },
  [ANPR_ERROR_STILL] = { "ANPR-STILL",
      "A still could not be made; the passage is kept without it." },
  [ANPR_ERROR_OUTPUT] = { "ANPR-OUTPUT",
      "Check that the output folder or file can be written." },
  [ANPR_ERROR_REDIS_ADDRESS] = { "ANPR-REDIS-ADDRESS",
      "Correct the Redis address; docs/redis.md shows its forms." },
  [ANPR_ERROR_REDIS_AWAY] = { "ANPR-REDIS-AWAY",
      "Look after the Redis server; it is used again by itself when it "
      "answers." },
  [ANPR_ERROR_REDIS_BACK] = { "ANPR-REDIS-BACK",
      "Nothing: what ANPR-REDIS-AWAY said is over." },
  [ANPR_ERROR_REDIS_DATA] = { "ANPR-REDIS-DATA",
      "Publish the named list again; until then its file is used, if there is "
      "one." },
  [ANPR_ERROR_REDIS_REFUSED] = { "ANPR-REDIS-REFUSED",
      "Correct what is named; what was in force stays." },
  [ANPR_ERROR_HITS_SHED] = { "ANPR-HITS-SHED",
      "Give this position a faster Redis, or fewer cameras a machine." },
  [ANPR_ERROR_HITS_UNDELIVERED] = { "ANPR-HITS-UNDELIVERED",
      "Look after the Redis server that takes hits; passages hold them all." },
  [ANPR_ERROR_CENTRAL_ADDRESS] = { "ANPR-CENTRAL-ADDRESS",
      "Correct the address of the central database; docs/forwarding.md shows "
      "its forms." },
  [ANPR_ERROR_CENTRAL_AWAY] = { "ANPR-CENTRAL-AWAY",
      "Look after the central database or the line to it; it is tried again by "
      "itself." },
  [ANPR_ERROR_CENTRAL_TLS] = { "ANPR-CENTRAL-TLS",
      "Check certificates and host name on both sides; docs/forwarding.md "
      "shows how." },
  [ANPR_ERROR_CENTRAL_LOGIN] = { "ANPR-CENTRAL-LOGIN",
      "Correct this login or its rights at the central database." },
  [ANPR_ERROR_CENTRAL_SCHEMA] = { "ANPR-CENTRAL-SCHEMA",
      "Have anprctl central migrate run against the central database." },
  [ANPR_ERROR_CENTRAL_FULL] = { "ANPR-CENTRAL-FULL",
      "Make room on the central database's disk; nothing is lost here." },
  [ANPR_ERROR_CENTRAL_REFUSED] = { "ANPR-CENTRAL-REFUSED",
      "Correct what is named; the record is kept here and not sent again by "
      "itself." },
  [ANPR_ERROR_CENTRAL_MIGRATION] = { "ANPR-CENTRAL-MIGRATION",
      "Use the migrations that came with this version; anprctl central migrate "
      "applies new ones." },
  [ANPR_ERROR_CENTRAL_REGISTER] = { "ANPR-CENTRAL-REGISTER",
      "Correct the change; docs/central.md shows what a proposal holds." },
  [ANPR_ERROR_CENTRAL_GRANT] = { "ANPR-CENTRAL-GRANT",
      "Revoke the named right, and find out who granted it." },
  [ANPR_ERROR_CENTRAL_FUNCTION] = { "ANPR-CENTRAL-FUNCTION",
      "Restore the named function from its migration, and find out who changed "
      "it." },
  [ANPR_ERROR_CENTRAL_ROLE] = { "ANPR-CENTRAL-ROLE",
      "Take from the named role what it should not have." },
  [ANPR_ERROR_CENTRAL_SECURITY] = { "ANPR-CENTRAL-SECURITY",
      "Turn row-level security on again, for the owner too, and find out who "
      "turned it off." },
  [ANPR_ERROR_CENTRAL_LOG] = { "ANPR-CENTRAL-LOG",
      "Keep the database as it is and tell the supervisor: the log was "
      "altered." },
  [ANPR_ERROR_CENTRAL_SEAL] = { "ANPR-CENTRAL-SEAL",
      "Run anprctl central seal every hour, and keep its lines elsewhere." },
  [ANPR_ERROR_CENTRAL_PARTITION] = { "ANPR-CENTRAL-PARTITION",
      "Run anprctl central retain; it makes what is missing." },
  [ANPR_ERROR_CENTRAL_RETENTION] = { "ANPR-CENTRAL-RETENTION",
      "Run anprctl central retain every hour; see what it says." },
  [ANPR_ERROR_CENTRAL_CLOCK] = { "ANPR-CENTRAL-CLOCK",
      "Check the clocks of this server and of the appliances." },
  [ANPR_ERROR_CENTRAL_CHAIN] = { "ANPR-CENTRAL-CHAIN",
      "Look after the appliance of the named position: its spool holds what is "
      "missing." },
  [ANPR_ERROR_CENTRAL_SERVER] = { "ANPR-CENTRAL-SERVER",
      "Change the named setting in postgresql.conf, and restart the server." },
  [ANPR_ERROR_PIPELINE_NAME] = { "ANPR-PIPELINE-NAME",
      "anprctl pipeline list shows the names." },
  [ANPR_ERROR_PIPELINE_PARAMETER] = { "ANPR-PIPELINE-PARAMETER",
      "anprctl pipeline show NAME shows the parameters." },
  [ANPR_ERROR_CONFIG_OPEN] = { "ANPR-CONFIG-OPEN",
      "Check that the file or folder exists and that the user anprd runs as "
      "may read it." },
  [ANPR_ERROR_CONFIG_LINE] = { "ANPR-CONFIG-LINE",
      "Write [section] or key=value, or begin the line with # to make it a "
      "comment." },
  [ANPR_ERROR_CONFIG_UNKNOWN] = { "ANPR-CONFIG-UNKNOWN",
      "Correct the name; anprd --settings lists all of them." },
  [ANPR_ERROR_CONFIG_VALUE] = { "ANPR-CONFIG-VALUE",
      "Give a value as described; anprd --settings shows what each takes." },
  [ANPR_ERROR_CONFIG_MISSING] = { "ANPR-CONFIG-MISSING",
      "Add the setting; anprd --settings shows what it takes." },
  [ANPR_ERROR_CONFIG_CONFLICT] = { "ANPR-CONFIG-CONFLICT",
      "Keep one of the two and delete the other." },
  [ANPR_ERROR_PERMISSION_MISSING] = { "ANPR-PERMISSION-MISSING",
      "Complete [permission] from the written decision; without it nothing is "
      "processed." },
  [ANPR_ERROR_PERMISSION_EARLY] = { "ANPR-PERMISSION-EARLY",
      "Nothing: processing begins by itself when the permission does." },
  [ANPR_ERROR_PERMISSION_EXPIRED] = { "ANPR-PERMISSION-EXPIRED",
      "Enter the decision that prolongs the permission; until then nothing is "
      "processed." },
  [ANPR_ERROR_PERMISSION_PLACE] = { "ANPR-PERMISSION-PLACE",
      "Have the decision changed to the place where the camera stands, or put "
      "the camera back." },
  [ANPR_ERROR_SECRET] = { "ANPR-SECRET",
      "Give the file to the user anprd runs as, with mode 0600; "
      "docs/positions.md shows its form." },
  [ANPR_ERROR_CAMERA_AWAY] = { "ANPR-CAMERA-AWAY",
      "Check power, cable, address and password of the camera; it is tried "
      "again by itself." },
  [ANPR_ERROR_CAMERA_STALLED] = { "ANPR-CAMERA-STALLED",
      "Check the camera and the network to it; it is connected anew by "
      "itself." },
  [ANPR_ERROR_CAMERA_DIED] = { "ANPR-CAMERA-DIED",
      "Nothing at first: it is started again. If it goes on, report it with "
      "the log of that time." },
  [ANPR_ERROR_CAMERA_HUNG] = { "ANPR-CAMERA-HUNG",
      "Nothing at first: it is started again. If it goes on, report it with "
      "the log of that time." },
  [ANPR_ERROR_CAMERA_MEMORY] = { "ANPR-CAMERA-MEMORY",
      "Nothing at first: it is started again. If it goes on, raise max-memory= "
      "or lower the resolution." },
  [ANPR_ERROR_FORWARD_DIED] = { "ANPR-FORWARD-DIED",
      "Nothing at first: it is started again. If it goes on, run anprctl "
      "forward by hand to see what it says." },
  [ANPR_ERROR_WEB_LISTEN] = { "ANPR-WEB-LISTEN",
      "Correct address=, port= and certificate= in [page] of anprd.conf; "
      "cameras go on without the page." },
  [ANPR_ERROR_WEB_SIGN_IN] = { "ANPR-WEB-SIGN-IN",
      "Sign in; if the password is forgotten, a technician gives a new one." },
  [ANPR_ERROR_WEB_DELAY] = { "ANPR-WEB-DELAY",
      "Wait as long as it says; nothing is looked at before." },
  [ANPR_ERROR_WEB_TOKEN] = { "ANPR-WEB-TOKEN",
      "Enter the token of the log of anprd; restart anprd for a new one." },
  [ANPR_ERROR_WEB_ROLE] = { "ANPR-WEB-ROLE", "Ask somebody whose role it is." },
  [ANPR_ERROR_WEB_CSRF] = { "ANPR-WEB-CSRF", "Load the page anew." },
  [ANPR_ERROR_WEB_REQUEST] = { "ANPR-WEB-REQUEST",
      "Correct the request; docs/page-api.md shows its form." },
  [ANPR_ERROR_WEB_SIZE] = { "ANPR-WEB-SIZE",
      "Send less; docs/page-api.md tells the bounds." },
  [ANPR_ERROR_WEB_BUSY] = { "ANPR-WEB-BUSY", "Try again in a moment." },
  [ANPR_ERROR_WEB_MISSING] = { "ANPR-WEB-MISSING",
      "Check the address; what it names may have been removed." },
  [ANPR_ERROR_WEB_METHOD] = { "ANPR-WEB-METHOD",
      "Use one of the methods that docs/page-api.md shows." },
  [ANPR_ERROR_WEB_VERSION] = { "ANPR-WEB-VERSION",
      "Load the position anew: somebody else has changed it meanwhile." },
  [ANPR_ERROR_WEB_CONFLICT] = { "ANPR-WEB-CONFLICT",
      "Look at what is there now before changing it." },
  [ANPR_ERROR_WEB_FAULTS] = { "ANPR-WEB-FAULTS",
      "Correct what is named; nothing was changed." },
  [ANPR_ERROR_WEB_ACCOUNT] = { "ANPR-WEB-ACCOUNT",
      "Correct what is named; nothing was changed." },
  [ANPR_ERROR_WEB_LOG] = { "ANPR-WEB-LOG",
      "Check the disk of the state folder; nothing is done that cannot be "
      "recorded." },
  [ANPR_ERROR_WEB_APPROVAL] = { "ANPR-WEB-APPROVAL",
      "Have a second technician or supervisor enter name and password: this "
      "takes two." },
  [ANPR_ERROR_LANE_HEALTH] = { "ANPR-LANE-HEALTH",
      "Look at the picture: clean the lens, or remove what is in front of it; "
      "docs/health.md." },
  [ANPR_ERROR_PROPERTY] = { "ANPR-PROPERTY",
      "Correct the property's value; gst-inspect-1.0 shows its form." },
  [ANPR_ERROR_CLOCK_STEP] = { "ANPR-CLOCK-STEP",
      "Check this machine's time service; docs/time.md tells what records "
      "say." },
  [ANPR_ERROR_CLOCK_CAMERA] = { "ANPR-CLOCK-CAMERA",
      "Set the camera's clock, or the time server it asks." },
};

/**
 * anpr_error_code_name:
 * @code: a code
 *
 * Returns: its stable name, such as "ANPR-LIST-LINE"
 */
const gchar *
anpr_error_code_name (AnprError code)
{
  g_return_val_if_fail ((guint) code < ANPR_N_ERRORS, "ANPR-UNKNOWN");
  return codes[code].name;
}

/**
 * anpr_error_code_advice:
 * @code: a code
 *
 * Returns: what the user can do about it, one sentence
 */
const gchar *
anpr_error_code_advice (AnprError code)
{
  g_return_val_if_fail ((guint) code < ANPR_N_ERRORS, "");
  return codes[code].advice;
}

/**
 * anpr_error_code_find: (skip)
 * @name: a stable name, such as "ANPR-LIST-LINE"
 * @code: (out): the code of this name
 *
 * Returns: whether there is one
 */
gboolean
anpr_error_code_find (const gchar *name, AnprError *code)
{
  for (guint i = 0; i < ANPR_N_ERRORS; i++) {
    if (!g_str_equal (codes[i].name, name))
      continue;
    *code = (AnprError) i;
    return TRUE;
  }
  return FALSE;
}

/**
 * anpr_error_name:
 * @error: an error of any domain
 *
 * Returns: the stable name if it is one of ours, else the domain's name
 */
const gchar *
anpr_error_name (const GError *error)
{
  if (error->domain == ANPR_ERROR && (guint) error->code < ANPR_N_ERRORS)
    return codes[error->code].name;
  return g_quark_to_string (error->domain);
}

/**
 * anpr_error_find_name:
 * @name: perhaps the name of a code, from another process
 *
 * Returns: (transfer none): that code's name, or "ANPR-UNKNOWN"
 */
const gchar *
anpr_error_find_name (const gchar *name)
{
  for (guint i = 0; i < ANPR_N_ERRORS; i++) {
    if (g_str_equal (codes[i].name, name))
      return codes[i].name;
  }
  return "ANPR-UNKNOWN";
}

/**
 * anpr_error_advice_of_name:
 * @name: perhaps the name of a code
 *
 * Returns: (transfer none): what the user can do, "" if it is no code
 */
const gchar *
anpr_error_advice_of_name (const gchar *name)
{
  for (guint i = 0; i < ANPR_N_ERRORS; i++) {
    if (g_str_equal (codes[i].name, name))
      return codes[i].advice;
  }
  return "";
}
