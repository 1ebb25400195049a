/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "appliance/framecount.h"

#include <gst/check/gstcheck.h>

#define SENDER 0x1234

static void
take_packets (AnprFrameCount *count, guint first, guint n)
{
  for (guint i = 0; i < n; i++)
    anpr_frame_count_packet (count, SENDER, (guint16) (first + i));
}

GST_START_TEST (test_packets_in_order_are_none_lost)
{
  AnprFrameCount count = { 0 };

  take_packets (&count, 65530, 20);
  g_assert_cmpuint (count.packets_lost, ==, 0);
}

GST_END_TEST

GST_START_TEST (test_packets_that_are_missing_are_counted)
{
  AnprFrameCount count = { 0 };

  take_packets (&count, 65530, 4);
  take_packets (&count, 65530 + 4 + 5, 10);
  take_packets (&count, 65530 + 4 + 5 + 10 + 1, 1);
  g_assert_cmpuint (count.packets_lost, ==, 6);
}

GST_END_TEST

GST_START_TEST (test_a_packet_that_comes_twice_or_late_is_none_lost)
{
  AnprFrameCount count = { 0 };

  take_packets (&count, 100, 5);
  take_packets (&count, 103, 5);
  g_assert_cmpuint (count.packets_lost, ==, 0);
}

GST_END_TEST

GST_START_TEST (test_another_sender_or_connection_begins_anew)
{
  AnprFrameCount count = { 0 };

  take_packets (&count, 100, 5);
  anpr_frame_count_packet (&count, SENDER + 1, 9000);
  anpr_frame_count_packet (&count, SENDER + 1, 9001);
  anpr_frame_count_connect (&count);
  anpr_frame_count_packet (&count, SENDER + 1, 20000);
  g_assert_cmpuint (count.packets_lost, ==, 0);
  anpr_frame_count_packet (&count, SENDER + 1, 20002);
  g_assert_cmpuint (count.packets_lost, ==, 1);
}

GST_END_TEST

GST_START_TEST (test_a_frame_that_arrives_tells_of_those_left_out)
{
  AnprFrameCount count = { 0 };

  for (guint64 time = 0; time < 10; time++)
    anpr_frame_count_decoded (&count, time);
  anpr_frame_count_arrived (&count, 0);
  anpr_frame_count_arrived (&count, 1);
  g_assert_cmpuint (count.dropped, ==, 0);
  anpr_frame_count_arrived (&count, 5);
  g_assert_cmpuint (count.dropped, ==, 3);
  anpr_frame_count_arrived (&count, 9);
  g_assert_cmpuint (count.dropped, ==, 6);
  g_assert_cmpuint (count.decoded, ==, 10);
  g_assert_cmpuint (count.arrived, ==, 4);
}

GST_END_TEST

GST_START_TEST (test_what_was_under_way_in_another_connection_is_none_dropped)
{
  AnprFrameCount count = { 0 };

  for (guint64 time = 0; time < 10; time++)
    anpr_frame_count_decoded (&count, time);
  anpr_frame_count_connect (&count);
  anpr_frame_count_decoded (&count, 7);
  anpr_frame_count_arrived (&count, 7);
  g_assert_cmpuint (count.dropped, ==, 0);
}

GST_END_TEST

GST_START_TEST (
    test_frames_that_never_arrive_are_counted_when_they_are_too_many)
{
  AnprFrameCount count = { 0 };

  for (guint64 time = 0; time < ANPR_FRAME_COUNT_UNDER_WAY + 100; time++)
    anpr_frame_count_decoded (&count, time);
  anpr_frame_count_arrived (&count, 12345); /* of another time */
  g_assert_cmpuint (count.dropped, ==, 100);
  anpr_frame_count_arrived (&count, ANPR_FRAME_COUNT_UNDER_WAY + 99);
  g_assert_cmpuint (count.dropped, ==, ANPR_FRAME_COUNT_UNDER_WAY + 99);
}

GST_END_TEST

static Suite *
framecount_suite (void)
{
  Suite *suite = suite_create ("framecount");
  TCase *cases = tcase_create ("general");

  suite_add_tcase (suite, cases);
  tcase_add_test (cases, test_packets_in_order_are_none_lost);
  tcase_add_test (cases, test_packets_that_are_missing_are_counted);
  tcase_add_test (cases, test_a_packet_that_comes_twice_or_late_is_none_lost);
  tcase_add_test (cases, test_another_sender_or_connection_begins_anew);
  tcase_add_test (cases, test_a_frame_that_arrives_tells_of_those_left_out);
  tcase_add_test (
      cases, test_what_was_under_way_in_another_connection_is_none_dropped);
  tcase_add_test (
      cases, test_frames_that_never_arrive_are_counted_when_they_are_too_many);
  return suite;
}

GST_CHECK_MAIN (framecount);
