/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Errors and warnings of a pipeline's bus in words for its user.
 *
 * Elements of this project begin their text with a stable code. What other
 * elements say is put under a code of its own kind, and explained where their
 * words help nobody. Functions of their arguments only.
 */

#include "fault.h"
#include "../plugins/record/error.h"

#include <string.h>

/* The elements of this project begin their text with the code in brackets */
static gboolean
take_own_code (const gchar *text, AnprFault *fault)
{
  const gchar *end = strstr (text, "] ");

  if (!g_str_has_prefix (text, "[ANPR-") || !end)
    return FALSE;
  fault->code = g_strndup (text + 1, end - text - 1);
  fault->message = g_strdup (end + 2);
  fault->advice = g_strdup (anpr_error_advice_of_name (fault->code));
  return TRUE;
}

/* What sources of GStreamer say of these in general words helps nobody */
static const gchar *
explain_input (const GError *error)
{
  if (g_error_matches (
          error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE))
    return "Nothing answers at that address, or its name is not known.";
  if (g_error_matches (
          error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED))
    return "It refuses the user or the password.";
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    return "There is nothing of that name: the address' path, or the file.";
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_READ))
    return "What comes from there cannot be read.";
  return error->message;
}

static void
parse_error (AnprFault *fault, const GError *error)
{
  AnprError code = error->domain == GST_RESOURCE_ERROR
                       ? ANPR_ERROR_INPUT_OPEN
                       : ANPR_ERROR_INPUT_FORMAT;

  if (take_own_code (error->message, fault))
    return;
  if (!fault->of_input) {
    fault->message = g_strdup (error->message);
    fault->code = g_strdup (g_quark_to_string (error->domain));
    return;
  }
  fault->refused = g_error_matches (
      error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  fault->message = g_strdup (explain_input (error));
  fault->code = g_strdup (anpr_error_code_name (code));
  fault->advice = g_strdup (anpr_error_code_advice (code));
}

/**
 * anpr_fault_parse:
 * @message: from a bus
 * @of_input: whether it is about the input
 * @fault: (out caller-allocates): it in words, if it is one; free with
 *     anpr_fault_clear()
 *
 * Returns: whether @message is an error or warning
 */
gboolean
anpr_fault_parse (GstMessage *message, gboolean of_input, AnprFault *fault)
{
  g_autoptr (GError) error = NULL;

  memset (fault, 0, sizeof *fault);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error (message, &error, NULL);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    gst_message_parse_warning (message, &error, NULL);
  else
    return FALSE;
  fault->fatal = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
  fault->of_input = of_input;
  parse_error (fault, error);
  return TRUE;
}

/**
 * anpr_fault_clear:
 * @fault: filled by anpr_fault_parse(), or all zero
 */
void
anpr_fault_clear (AnprFault *fault)
{
  g_clear_pointer (&fault->code, g_free);
  g_clear_pointer (&fault->message, g_free);
  g_clear_pointer (&fault->advice, g_free);
}
