/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The parts of forwarding that need no server. */

#include <gst/check/gstcheck.h>
#include <string.h>

#include "plugins/anprsink/backoff.h"
#include "plugins/anprsink/centralarray.h"
#include "plugins/anprsink/centralfault.h"

GST_START_TEST (test_a_pause_is_drawn_below_a_bound_that_doubles)
{
  for (guint attempt = 1; attempt < 100; attempt++) {
    gint64 longest = anpr_backoff_pause (attempt, 1);
    gint64 bound = MIN (((gint64) G_USEC_PER_SEC / 2) << MIN (attempt - 1, 20),
        ANPR_BACKOFF_MAX);

    fail_unless_equals_int64 (longest, bound);
    fail_unless_equals_int64 (
        anpr_backoff_pause (attempt, 0), ANPR_BACKOFF_MIN);
    fail_unless_equals_int64 (anpr_backoff_pause (attempt, 0.5), bound / 2);
  }
  fail_unless_equals_int64 (
      anpr_backoff_pause (G_MAXUINT, 1), ANPR_BACKOFF_MAX);
}
GST_END_TEST

GST_START_TEST (test_an_array_has_the_form_that_postgresql_reads)
{
  g_autoptr (AnprCentralArray) array =
      anpr_central_array_new (ANPR_CENTRAL_TEXTS);
  static const guint8 form[] = { 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 25, 0, 0, 0,
    2, 0, 0, 0, 1, 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0 };
  AnprCentralParameter parameter;

  anpr_central_array_add_text (array, "ab");
  anpr_central_array_add_text (array, "");
  parameter = anpr_central_array_end (array);
  fail_unless_equals_int (parameter.type, 1009);
  fail_unless (parameter.binary);
  fail_unless_equals_uint64 (parameter.length, sizeof form);
  fail_unless (memcmp (parameter.value, form, sizeof form) == 0);
}
GST_END_TEST

GST_START_TEST (test_an_empty_array_has_no_dimension)
{
  g_autoptr (AnprCentralArray) array =
      anpr_central_array_new (ANPR_CENTRAL_BYTES);
  static const guint8 form[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 17 };
  AnprCentralParameter parameter = anpr_central_array_end (array);

  fail_unless_equals_uint64 (parameter.length, sizeof form);
  fail_unless (memcmp (parameter.value, form, sizeof form) == 0);
}
GST_END_TEST

GST_START_TEST (test_what_is_no_uuid_is_not_sent_as_one)
{
  static const gchar *const wrong[] = { "", "x",
    "01a214ec-8800-714e-aad9-67bba22bc30",
    "01a214ec-8800-714e-aad9-67bba22bc30g",
    "01a214ec88-00-714e-aad9-67bba22bc305" };
  g_autoptr (AnprCentralArray) array =
      anpr_central_array_new (ANPR_CENTRAL_UUIDS);
  static const guint8 bytes[] = { 0x01, 0xa2, 0x14, 0xec, 0x88, 0x00, 0x71,
    0x4e, 0xaa, 0xd9, 0x67, 0xbb, 0xa2, 0x2b, 0xc3, 0x05 };
  AnprCentralParameter parameter;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    fail_if (anpr_central_array_add_uuid (array, wrong[i]), "%s", wrong[i]);
  fail_unless (anpr_central_array_add_uuid (
      array, "01a214ec-8800-714e-AAD9-67bba22bc305"));
  parameter = anpr_central_array_end (array);
  fail_unless_equals_uint64 (parameter.length, 20 + 4 + sizeof bytes);
  fail_unless (memcmp (parameter.value + 24, bytes, sizeof bytes) == 0);
}
GST_END_TEST

GST_START_TEST (test_faults_of_a_server_have_the_code_of_who_can_help)
{
  static const struct {
    const gchar *sqlstate;
    AnprError code;
  } cases[] = {
    { "", ANPR_ERROR_CENTRAL_AWAY },
    { "08006", ANPR_ERROR_CENTRAL_AWAY },
    { "28P01", ANPR_ERROR_CENTRAL_LOGIN },
    { "42501", ANPR_ERROR_CENTRAL_LOGIN },
    { "42883", ANPR_ERROR_CENTRAL_SCHEMA },
    { "3F000", ANPR_ERROR_CENTRAL_SCHEMA },
    { "53100", ANPR_ERROR_CENTRAL_FULL },
    { "53300", ANPR_ERROR_CENTRAL_AWAY },
    { "40001", ANPR_ERROR_CENTRAL_AWAY },
    { "57014", ANPR_ERROR_CENTRAL_AWAY },
    { "25006", ANPR_ERROR_CENTRAL_AWAY },
    { "22021", ANPR_ERROR_CENTRAL_REFUSED },
    { "23514", ANPR_ERROR_CENTRAL_REFUSED },
    { "P0001", ANPR_ERROR_CENTRAL_REFUSED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fail_unless_equals_int (
        anpr_central_fault_of_sqlstate (cases[i].sqlstate), cases[i].code);
}
GST_END_TEST

GST_START_TEST (test_faults_of_connecting_are_told_apart)
{
  static const struct {
    const gchar *message;
    AnprError code;
    const gchar *sqlstate;
  } cases[] = {
    { "FATAL:  28P01: password authentication failed for user \"a\"\n",
        ANPR_ERROR_CENTRAL_LOGIN, "28P01" },
    { "FATAL:  28000: connection requires a valid client certificate\n",
        ANPR_ERROR_CENTRAL_TLS, "28000" },
    { "FATAL:  57P03: the database system is starting up\n",
        ANPR_ERROR_CENTRAL_AWAY, "57P03" },
    { "FATAL:  3D000: database \"a\" does not exist\n",
        ANPR_ERROR_CENTRAL_SCHEMA, "3D000" },
    { "SSL error: certificate verify failed\n", ANPR_ERROR_CENTRAL_TLS, "" },
    { "SSL SYSCALL error: EOF detected\n", ANPR_ERROR_CENTRAL_AWAY, "" },
    { "root certificate file \"/x\" does not exist\n", ANPR_ERROR_CENTRAL_TLS,
        "" },
    { "Connection refused\n\tIs the server running?", ANPR_ERROR_CENTRAL_AWAY,
        "" },
    { "fe_sendauth: no password supplied\n", ANPR_ERROR_CENTRAL_LOGIN, "" },
    { "FATAL:  28", ANPR_ERROR_CENTRAL_AWAY, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar sqlstate[ANPR_SQLSTATE_SIZE];

    fail_unless_equals_int (
        anpr_central_fault_of_connecting (cases[i].message, sqlstate),
        cases[i].code);
    fail_unless_equals_string (sqlstate, cases[i].sqlstate);
  }
}
GST_END_TEST

GST_START_TEST (test_a_text_of_a_server_is_one_bounded_line)
{
  g_autofree gchar *huge = g_strnfill (100000, 'x');
  g_autofree gchar *cut = anpr_central_fault_clean (huge);
  g_autofree gchar *line = anpr_central_fault_clean ("one \r\ntwo\n");
  g_autofree gchar *valid = anpr_central_fault_clean ("a\xff"
                                                      "b");

  fail_unless_equals_uint64 (strlen (cut), 500);
  fail_unless_equals_string (line, "one");
  fail_unless (g_utf8_validate (valid, -1, NULL));
}
GST_END_TEST

static Suite *
central_suite (void)
{
  Suite *suite = suite_create ("central");
  TCase *tc = tcase_create ("parts");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_a_pause_is_drawn_below_a_bound_that_doubles);
  tcase_add_test (tc, test_an_array_has_the_form_that_postgresql_reads);
  tcase_add_test (tc, test_an_empty_array_has_no_dimension);
  tcase_add_test (tc, test_what_is_no_uuid_is_not_sent_as_one);
  tcase_add_test (tc, test_faults_of_a_server_have_the_code_of_who_can_help);
  tcase_add_test (tc, test_faults_of_connecting_are_told_apart);
  tcase_add_test (tc, test_a_text_of_a_server_is_one_bounded_line);
  return suite;
}

GST_CHECK_MAIN (central);
