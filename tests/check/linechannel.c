/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Lines over a real socket: whole, in order, bounded, and none lost at the end. */

#include "linechannel.h"

#include <gst/check/gstcheck.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  AnprLineChannel *channel;
  gint other;
  GPtrArray *lines;
  gboolean ended;
  gboolean free_at_first;
} Fixture;

static void
on_line (const gchar *line, gsize length, gpointer data)
{
  Fixture *fixture = data;

  fail_if (fixture->ended);
  if (!line) {
    fixture->ended = TRUE;
    return;
  }
  fail_unless_equals_uint64 (length, strlen (line));
  g_ptr_array_add (fixture->lines, g_strdup (line));
  if (fixture->free_at_first)
    g_clear_pointer (&fixture->channel, anpr_line_channel_free);
}

static void
set_up (Fixture *fixture)
{
  gint pair[2];

  *fixture = (Fixture){ 0 };
  fail_if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair));
  fixture->other = pair[1];
  fixture->lines = g_ptr_array_new_with_free_func (g_free);
  fixture->channel = anpr_line_channel_new (pair[0], on_line, fixture);
}

static void
tear_down (Fixture *fixture)
{
  g_clear_pointer (&fixture->channel, anpr_line_channel_free);
  if (fixture->other >= 0)
    close (fixture->other);
  g_ptr_array_unref (fixture->lines);
}

static void
say (Fixture *fixture, const gchar *text)
{
  fail_unless_equals_int64 (
      write (fixture->other, text, strlen (text)), strlen (text));
}

/* As much as a process says that closes all it has open: more than is read at
 * once, less than the socket takes */
static guint
say_much (Fixture *fixture)
{
  const guint n = 60;
  g_autofree gchar *filling = g_strnfill (1000, 'x');

  for (guint i = 0; i < n; i++) {
    g_autofree gchar *line = g_strdup_printf ("%u %s\n", i, filling);

    say (fixture, line);
  }
  return n;
}

static void
expect_much (const Fixture *fixture, guint n)
{
  fail_unless_equals_int (fixture->lines->len, n);
  for (guint i = 0; i < n; i++)
    fail_unless_equals_uint64 (
        g_ascii_strtoull (g_ptr_array_index (fixture->lines, i), NULL, 10), i);
}

static void
end_other (Fixture *fixture)
{
  close (fixture->other);
  fixture->other = -1;
}

GST_START_TEST (test_lines_come_whole_and_the_end_once)
{
  Fixture fixture;
  guint n;

  set_up (&fixture);
  say (&fixture, "one\ntw");
  while (fixture.lines->len < 1)
    g_main_context_iteration (NULL, TRUE);
  say (&fixture, "o\n\nhalf");
  end_other (&fixture);
  while (!fixture.ended)
    g_main_context_iteration (NULL, TRUE);
  n = fixture.lines->len;
  fail_unless_equals_int (n, 3);
  fail_unless_equals_string (g_ptr_array_index (fixture.lines, 1), "two");
  fail_unless_equals_string (g_ptr_array_index (fixture.lines, 2), "");
  fail_if (anpr_line_channel_send (fixture.channel, "anybody?"));
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_rest_is_read_when_the_other_side_has_ended)
{
  Fixture fixture;
  guint n;

  set_up (&fixture);
  n = say_much (&fixture);
  end_other (&fixture);
  anpr_line_channel_read_rest (fixture.channel);
  expect_much (&fixture, n);
  /* all is said, and nothing comes from the main loop any more */
  anpr_line_channel_read_rest (fixture.channel);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  expect_much (&fixture, n);
  fail_if (fixture.ended);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_rest_does_not_wait_for_another_holder_of_the_socket)
{
  Fixture fixture;
  guint n;

  set_up (&fixture);
  n = say_much (&fixture);
  anpr_line_channel_read_rest (fixture.channel);
  expect_much (&fixture, n);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_channel_may_be_freed_by_a_line_of_the_rest)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.free_at_first = TRUE;
  (void) say_much (&fixture);
  end_other (&fixture);
  anpr_line_channel_read_rest (fixture.channel);
  fail_unless_equals_int (fixture.lines->len, 1);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_too_long_a_line_ends_the_channel)
{
  Fixture fixture;
  g_autofree gchar *part = g_strnfill (ANPR_LINE_CHANNEL_MAX_LINE / 8, 'x');

  set_up (&fixture);
  while (!fixture.ended) {
    /* the socket may be full, or closed */
    (void) !send (
        fixture.other, part, strlen (part), MSG_DONTWAIT | MSG_NOSIGNAL);
    while (g_main_context_iteration (NULL, FALSE))
      ;
  }
  fail_unless_equals_int (fixture.lines->len, 0);
  tear_down (&fixture);
}

GST_END_TEST;

GST_START_TEST (test_what_the_other_side_does_not_take_is_refused)
{
  Fixture fixture;
  g_autofree gchar *line = g_strnfill (100 * 1000, 'x');
  guint n = 0;

  set_up (&fixture);
  while (anpr_line_channel_send (fixture.channel, line))
    fail_unless (++n < 100);
  fail_unless (n >= 10);
  fail_if (anpr_line_channel_flush (fixture.channel, 1));
  tear_down (&fixture);
}

GST_END_TEST;

static Suite *
linechannel_suite (void)
{
  Suite *suite = suite_create ("linechannel");
  TCase *lines = tcase_create ("lines");

  suite_add_tcase (suite, lines);
  tcase_add_test (lines, test_lines_come_whole_and_the_end_once);
  tcase_add_test (lines, test_rest_is_read_when_the_other_side_has_ended);
  tcase_add_test (
      lines, test_rest_does_not_wait_for_another_holder_of_the_socket);
  tcase_add_test (lines, test_channel_may_be_freed_by_a_line_of_the_rest);
  tcase_add_test (lines, test_too_long_a_line_ends_the_channel);
  tcase_add_test (lines, test_what_the_other_side_does_not_take_is_refused);
  return suite;
}

GST_CHECK_MAIN (linechannel);
