/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* What stands in Redis, and addresses of it, without a server. All plates are
 * invented. */

#include <gst/check/gstcheck.h>
#include <glib/gstdio.h>

#include "plugins/hitmatch/hitlistparser.h"
#include "plugins/hitmatch/redisaddress.h"
#include "plugins/hitmatch/redisentry.h"
#include "plugins/hitmatch/redislookup.h"
#include "plugins/hitmatch/redisstore.h"
#include "plugins/hitmatch/repeatmemory.h"
#include "plugins/record/error.h"
#include "plugins/record/passwordfile.h"

#define HEADER                                                                 \
  "# list: local\n# authority: Zone\n# category: stolen\n# purpose: J1\n"      \
  "# version: 7\n# valid-from: 2020-01-01T00:00:00Z\n"                         \
  "# valid-until: 2999-01-01T00:00:00Z\n"

static AnprHitList *
parse_list (const gchar *more, const gchar *lines)
{
  g_autofree gchar *text = g_strconcat (HEADER, more, lines, NULL);
  g_autoptr (AnprHitListParser) parser = anpr_hit_list_parser_new ("list", 0);
  AnprHitList *list;

  fail_unless (anpr_hit_list_parser_feed (parser, text, strlen (text), NULL));
  list = anpr_hit_list_parser_finish (parser, NULL);
  fail_unless (list != NULL);
  return list;
}

/* A list like that of parse_list(), as Redis has it */
static AnprRedisList *
make_list (const AnprHitList *like)
{
  gchar *values[ANPR_N_REDIS_HEADERS];
  g_autofree gchar *fault = NULL;
  AnprRedisList *list;

  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++)
    values[i] =
        anpr_redis_header_get_value (anpr_hit_list_get_header (like), i);
  list = anpr_redis_list_new (
      "local", (const gchar *const *) values, NULL, &fault);
  fail_unless (list != NULL, "%s", fault);
  for (guint i = 0; i < ANPR_N_REDIS_HEADERS; i++)
    g_free (values[i]);
  return list;
}

static AnprHitList *
parse_entries (
    const AnprHitList *like, const gchar *text, gsize length, gchar **fault)
{
  g_autoptr (AnprHitList) plain = NULL;
  g_autoptr (AnprRedisList) list = NULL;

  if (!like)
    like = plain = parse_list ("", "entry,plate,valid-until\n");
  list = make_list (like);
  if (!anpr_redis_list_add (list, text, length, fault))
    return NULL;
  return anpr_redis_list_finish (list, fault);
}

static void
check_same_entry (const AnprHitList *one, guint i, const AnprHitList *other)
{
  AnprHitEntry a, b;

  anpr_hit_list_get_entry (one, i, &a);
  anpr_hit_list_get_entry (other, 0, &b);
  fail_unless_equals_int64 (a.valid_from, b.valid_from);
  fail_unless_equals_int64 (a.valid_until, b.valid_until);
  fail_unless_equals_int (a.purpose, b.purpose);
  fail_unless_equals_int (a.priority, b.priority);
  fail_unless_equals_int (a.covert, b.covert);
  fail_unless_equals_string (a.country, b.country);
  fail_unless_equals_int (a.match, b.match);
  fail_unless_equals_int (a.hours.days, b.hours.days);
  fail_unless_equals_int (a.hours.from, b.hours.from);
  fail_unless_equals_int (a.hours.until, b.hours.until);
  for (guint text = 0; text < ANPR_N_HIT_TEXTS; text++)
    fail_unless_equals_string (anpr_hit_list_get_text (one, i, text),
        anpr_hit_list_get_text (other, 0, text));
}

GST_START_TEST (an_entry_comes_back_as_it_was)
{
  g_autoptr (AnprHitList) list = parse_list (
      "# match: look-alike, pattern\n# look-alike-signs: 2\n",
      "entry,plate,valid-until,valid-from,country,role,category,reason,purpose,"
      "legal-basis,measure,priority,warning,handling,covert,authority,"
      "reference,"
      "validator,validated,contact,make,model,colour,class,note,created,"
      "created-by,changed,changed-by,match,hours\n"
      "E1,1-XQZ-001,2998-01-01T00:00:00Z,2021-02-03T04:05:06Z,BE,vehicle,"
      "wanted,"
      "\"a \"\"b\"\", c\\d\te/f\",J3,law,stop,3,armed,careful,yes,A,R-1,V,"
      "2021-01-01T00:00:00Z,call,m,n,red,car,Ä,2021-01-01T00:00:00Z,x,"
      "2021-01-02T00:00:00Z,y,exact,1-5 22:00-06:00\n"
      "E2,XQ-1,2998-01-01T00:00:00Z,,,,,,,,,,,,"
      ",,,,,,,,,,,,,,,,\n"
      "E3,XQ-?0*,2998-01-01T00:00:00Z,,,,,,,,,,"
      ",,,,,V,2021-01-01T00:00:00Z,,,,,,,,,,,pattern,07:00-08:00\n");

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GString) text = g_string_new ("[");
    g_autoptr (AnprHitList) back = NULL;
    g_autofree gchar *fault = NULL;

    anpr_redis_entry_append (text, list, i);
    g_string_append_c (text, ']');
    back = parse_entries (list, text->str, text->len, &fault);
    fail_unless (back != NULL, "%s: %s", text->str, fault);
    fail_unless_equals_int (anpr_hit_list_get_n_entries (back), 1);
    check_same_entry (list, i, back);
  }
}
GST_END_TEST;

GST_START_TEST (what_is_no_array_of_entries_is_refused)
{
  static const gchar *const texts[] = { "", "[", "{}", "[{}]", "[{}", "null",
    "[[[[[[[[", "[1]", "[{\"entry\":1}]", "[{\"entry\":\"E\"}]", "[] x", "[,]",
    "[{\"entry\":\"E\",\"plate\":\"XQ1\",\"valid-until\":\"never\"}]",
    "[{\"entry\":\"E\",\"plate\":\"-\",\"valid-until\":\"2998-01-01T00:00:"
    "00Z\"}]",
    "[{\"entry\":\"\",\"plate\":\"X\",\"valid-until\":\"2998-01-01T00:00:00Z\"}"
    "]",
    "[{\"entry\":\"E\",\"plate\":\"X\",\"valid-until\":\"2998-01-01T00:00:"
    "00Z\","
    "\"hours\":\"sometimes\"}]",
    "[{\"entry\":\"E\",\"plate\":\"X\",\"valid-until\":\"2998-01-01T00:00:"
    "00Z\","
    "\"unheard-of\":\"x\"}]",
    "[{\"entry\":\"E\",\"entry\":\"E\",\"plate\":\"X\",\"valid-until\":"
    "\"2998-01-01T00:00:00Z\"}]",
    "[{\"entry\":\"\\u0007\",\"plate\":\"X\",\"valid-until\":"
    "\"2998-01-01T00:00:00Z\"}]",
    "[{\"entry\":\"E", "[{\"entry\":\"E\\", "[{\"entry\":\"\\ud800\"}]",
    "[{\"entry\":\"\\u12", "[{\"entry\":\"\xff\"}]", "[,{}]", "[{,}]" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree gchar *fault = NULL;
    g_autoptr (AnprHitList) list =
        parse_entries (NULL, texts[i], strlen (texts[i]), &fault);

    fail_unless (list == NULL, "%s", texts[i]);
    fail_unless (fault != NULL);
  }
}
GST_END_TEST;

GST_START_TEST (entries_are_bounded)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autofree gchar *fault = NULL;
  g_autofree gchar *huge = g_strnfill (ANPR_REDIS_MAX_ENTRIES_TEXT + 1, ' ');

  for (guint i = 0; i < 9000; i++)
    g_string_append_printf (text,
        "%s{\"entry\":\"E%u\",\"plate\":\"X%u\",\"valid-until\":"
        "\"2998-01-01T00:00:00Z\"}",
        i ? "," : "", i, i);
  g_string_append_c (text, ']');
  fail_unless (parse_entries (NULL, text->str, text->len, &fault) == NULL);
  fail_unless (strstr (fault, "more ") != NULL);
  g_clear_pointer (&fault, g_free);
  fail_unless (parse_entries (NULL, huge, strlen (huge), &fault) == NULL);
  g_clear_pointer (&fault, g_free);
  fail_unless (parse_entries (NULL, "[]\0", 3, &fault) == NULL);
}
GST_END_TEST;

GST_START_TEST (the_same_entry_counts_once)
{
  const gchar *text =
      "[{\"entry\":\"E\",\"plate\":\"XQ1\",\"valid-until\":"
      "\"2998-01-01T00:00:00Z\"},{\"entry\":\"E\",\"plate\":\"XQ1\","
      "\"valid-until\":\"2998-01-01T00:00:00Z\"}]";
  g_autofree gchar *fault = NULL;
  g_autoptr (AnprHitList) list =
      parse_entries (NULL, text, strlen (text), &fault);

  fail_unless_equals_int (anpr_hit_list_get_n_entries (list), 1);
}
GST_END_TEST;

GST_START_TEST (a_header_comes_back_as_it_was)
{
  g_autoptr (AnprHitList) list =
      parse_list ("# match: look-alike\n# look-alike-signs: 2\n# priority: 7\n",
          "entry,plate,valid-until\n");
  const AnprHitListHeader *header = anpr_hit_list_get_header (list), *back;
  g_autoptr (AnprRedisList) made = make_list (list);
  g_autoptr (AnprHitList) parsed = NULL;
  g_autofree gchar *fault = NULL;
  const gchar *none[ANPR_N_REDIS_HEADERS] = { NULL };

  parsed = anpr_redis_list_finish (made, &fault);
  fail_unless (parsed != NULL, "%s", fault);
  back = anpr_hit_list_get_header (parsed);
  fail_unless_equals_string (back->id, "local");
  fail_unless_equals_string (back->authority, "Zone");
  fail_unless_equals_string (back->version, "7");
  fail_unless_equals_int64 (back->valid_from, header->valid_from);
  fail_unless_equals_int64 (back->valid_until, header->valid_until);
  fail_unless_equals_int (back->priority, header->priority);
  fail_unless_equals_int (back->modes, header->modes);
  fail_unless_equals_int (back->look_alike_signs, header->look_alike_signs);
  fail_unless (anpr_redis_list_new ("local", none, NULL, &fault) == NULL);
}
GST_END_TEST;

GST_START_TEST (columns_make_an_entry_or_say_why_not)
{
  g_autoptr (AnprHitList) list = parse_list ("", "entry,plate,valid-until\n");
  const AnprHitListHeader *header = anpr_hit_list_get_header (list);
  const gchar *good[] = { "entry=E", "plate=1-xqz-001",
    "valid-until=2998-01-01T00:00:00Z", "reason=", "priority=3", NULL };
  const gchar *bad[][5] = { { "entry=E", "plate=X", NULL },
    { "entry=E", "plate=X", "valid-until=tomorrow", NULL },
    { "entry=E", "plate=X?", "valid-until=2998-01-01T00:00:00Z", NULL },
    { "entry=E", "plate=X", "valid-until=2998-01-01T00:00:00Z", "colour",
        NULL },
    { "entry=E", "plate=X", "valid-until=2998-01-01T00:00:00Z", "reason=a\nb",
        NULL } };

  for (guint i = 0; i < 1 + G_N_ELEMENTS (bad); i++) {
    g_auto (AnprRedisEntry) entry = { 0 };
    g_autofree gchar *fault = NULL;
    gboolean taken = anpr_redis_entry_take (
        &entry, header, i == 0 ? good : bad[i - 1], &fault);

    fail_unless (taken == (i == 0), "%u", i);
    fail_unless (taken == (fault == NULL));
    if (!taken)
      continue;
    fail_unless_equals_string (entry.fields[0], "1XQZ001");
    fail_unless_equals_int (entry.n_fields, 1);
    fail_unless_equals_int (entry.priority, 3);
  }
}
GST_END_TEST;

/* What an entry is kept under and what a read is looked for under meet */
GST_START_TEST (names_of_entries_and_reads_meet)
{
  static const struct {
    const gchar *plate, *read;
  } pairs[] = { { "BÖ-XQ 1", "BOXQ1" }, { "BO-XQ 1", "BÖXQ1" },
    { "BOE-XQ 1", "BÖXQ1" }, { "1-XQZ-001", "1XQZ001" },
    { "1-XQZ-008", "1XQZO0B" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    AnprRedisField kept[ANPR_REDIS_MAX_ENTRY_FIELDS];
    AnprRedisField asked[ANPR_REDIS_MAX_READ_FIELDS];
    g_autoptr (AnprRead) read =
        anpr_read_new (ANPR_READ_TEXT, pairs[i].read, 0.9, "test");
    guint n_kept = anpr_redis_plate_fields (pairs[i].plate, kept);
    guint n_asked = anpr_redis_read_fields (read, asked);
    gboolean met = FALSE;

    for (guint k = 0; k < n_kept * n_asked; k++)
      met |= strcmp (kept[k % n_kept], asked[k / n_kept]) == 0;
    fail_unless (met, "%s %s", pairs[i].plate, pairs[i].read);
  }
}
GST_END_TEST;

GST_START_TEST (versions_are_ordered_by_their_numbers)
{
  static const struct {
    const gchar *low, *high;
  } pairs[] = { { "7", "8" }, { "9", "10" }, { "2026.9.1", "2026.11.1" },
    { "7", "7.1" }, { "7+9", "8" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    fail_unless (anpr_redis_compare_versions (pairs[i].low, pairs[i].high) < 0);
    fail_unless (anpr_redis_compare_versions (pairs[i].high, pairs[i].low) > 0);
  }
  fail_unless_equals_int (anpr_redis_compare_versions ("7+3", "7"), 0);
}
GST_END_TEST;

GST_START_TEST (an_answer_of_any_shape_is_survived)
{
  static const gchar *const replies[] = { "+OK\r\n", ":1\r\n", "*0\r\n",
    "*-1\r\n", "$-1\r\n", "*1\r\n$1\r\nx\r\n", "*1\r\n*0\r\n",
    "*1\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n",
    "*1\r\n*4\r\n$1\r\na\r\n$5\r\nfound\r\n*0\r\n*0\r\n",
    "*1\r\n*4\r\n$1\r\na\r\n$5\r\nfound\r\n*1\r\n$-1\r\n*1\r\n:1\r\n",
    "*1\r\n*4\r\n$1\r\na\r\n$7\r\ndamaged\r\n*0\r\n*0\r\n",
    "*1\r\n*4\r\n$2\r\na\0\r\n$5\r\nfound\r\n*0\r\n*0\r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++) {
    redisReader *reader = redisReaderCreate ();
    gsize length = i == G_N_ELEMENTS (replies) - 1 ? 35 : strlen (replies[i]);
    void *reply = NULL;
    g_autoptr (AnprRedisCache) cache = anpr_redis_cache_new ();

    fail_unless (redisReaderFeed (reader, replies[i], length) == REDIS_OK);
    fail_unless (redisReaderGetReply (reader, &reply) == REDIS_OK && reply);
    {
      g_autoptr (AnprRedisAnswer) answer =
          anpr_redis_answer_parse (reply, cache);

      fail_unless_equals_int (answer->lists->len, 0);
      fail_unless ((answer->damaged > 0) == (answer->fault != NULL));
      fail_unless (answer->damaged > 0 || i == 2);
    }
    freeReplyObject (reply);
    redisReaderFree (reader);
  }
}
GST_END_TEST;

GST_START_TEST (addresses_are_taken_apart)
{
  g_autoptr (AnprRedisAddress) socket = anpr_redis_address_parse (
      "unix://reader@/run/redis.sock?database=2&password-file=/etc/p", NULL);
  g_autoptr (AnprRedisAddress) host =
      anpr_redis_address_parse ("redis://[::1]:7000/3", NULL);
  g_autofree gchar *shown = anpr_redis_address_to_string (host);

  fail_unless_equals_string (socket->socket, "/run/redis.sock");
  fail_unless_equals_string (socket->user, "reader");
  fail_unless_equals_string (socket->password_file, "/etc/p");
  fail_unless_equals_int (socket->database, 2);
  fail_unless_equals_string (host->host, "::1");
  fail_unless_equals_int (host->port, 7000);
  fail_unless_equals_int (host->database, 3);
  fail_unless_equals_string (shown, "::1:7000");
}
GST_END_TEST;

GST_START_TEST (what_is_no_address_is_refused_and_not_shown)
{
  static const gchar *const uris[] = { "", "host", "http://host", "redis://",
    "unix://", "unix:///", "unix://host/path", "redis://host/x",
    "redis://user:secret@host", "redis://host?tls=secret",
    "unix:///a?database=secret" };

  for (guint i = 0; i < G_N_ELEMENTS (uris); i++) {
    g_autoptr (GError) error = NULL;

    fail_unless (anpr_redis_address_parse (uris[i], &error) == NULL, uris[i]);
    fail_unless_equals_string (anpr_error_name (error), "ANPR-REDIS-ADDRESS");
    fail_unless (strstr (error->message, "secret") == NULL);
  }
}
GST_END_TEST;

GST_START_TEST (a_password_comes_from_a_file_that_others_cannot_read)
{
  g_autofree gchar *folder = g_dir_make_tmp ("anpr-password-XXXXXX", NULL);
  g_autofree gchar *file = g_build_filename (folder, "password", NULL);
  g_autofree gchar *uri =
      g_strdup_printf ("redis://host?password-file=%s", file);
  g_autoptr (AnprRedisAddress) address = anpr_redis_address_parse (uri, NULL);
  gchar *password;

  fail_unless (!anpr_redis_address_read_password (address, &password, NULL));
  fail_unless (g_file_set_contents (file, "s3cret\n", -1, NULL));
  g_chmod (file, 0644);
  fail_unless (!anpr_redis_address_read_password (address, &password, NULL));
  g_chmod (file, 0600);
  fail_unless (anpr_redis_address_read_password (address, &password, NULL));
  fail_unless_equals_string (password, "s3cret");
  anpr_password_free (password);
  g_remove (file);
  g_rmdir (folder);
}
GST_END_TEST;

GST_START_TEST (an_alert_stands_for_those_that_follow)
{
  g_autoptr (AnprRepeatMemory) memory = anpr_repeat_memory_new ();
  g_autoptr (AnprHit) hit = anpr_hit_new ();
  gchar *repeats;

  hit->list = g_strdup ("a");
  hit->entry = g_strdup ("E");
  fail_unless_equals_int (
      anpr_repeat_memory_count (memory, hit, 100, 60, &repeats), 1);
  fail_unless (repeats == NULL);
  for (guint i = 2; i < 5; i++) {
    fail_unless_equals_int (
        anpr_repeat_memory_count (memory, hit, 110, 60, &repeats), i);
    fail_unless_equals_string (repeats, hit->id);
    g_free (repeats);
  }
  fail_unless_equals_int (
      anpr_repeat_memory_count (memory, hit, 160, 60, &repeats), 1);
  fail_unless (repeats == NULL);
  fail_unless_equals_int (
      anpr_repeat_memory_count (memory, hit, 160, 0, &repeats), 1);
}
GST_END_TEST;

GST_START_TEST (alerts_that_are_remembered_are_bounded)
{
  g_autoptr (AnprRepeatMemory) memory = anpr_repeat_memory_new ();
  gchar *repeats;

  for (guint i = 0; i < 3 * ANPR_REPEAT_MEMORY_MAX; i++) {
    g_autoptr (AnprHit) hit = anpr_hit_new ();

    hit->list = g_strdup ("a");
    hit->entry = g_strdup_printf ("E%u", i);
    fail_unless_equals_int (
        anpr_repeat_memory_count (memory, hit, 0, 60, &repeats), 1);
    fail_unless_equals_int (
        anpr_repeat_memory_count (memory, hit, 0, 60, &repeats), 2);
    g_free (repeats);
  }
}
GST_END_TEST;

static Suite *
redisentry_suite (void)
{
  Suite *suite = suite_create ("redisentry");
  TCase *tcase = tcase_create ("store");

  suite_add_tcase (suite, tcase);
  tcase_add_test (tcase, an_entry_comes_back_as_it_was);
  tcase_add_test (tcase, what_is_no_array_of_entries_is_refused);
  tcase_add_test (tcase, entries_are_bounded);
  tcase_add_test (tcase, the_same_entry_counts_once);
  tcase_add_test (tcase, a_header_comes_back_as_it_was);
  tcase_add_test (tcase, columns_make_an_entry_or_say_why_not);
  tcase_add_test (tcase, names_of_entries_and_reads_meet);
  tcase_add_test (tcase, versions_are_ordered_by_their_numbers);
  tcase_add_test (tcase, an_answer_of_any_shape_is_survived);
  tcase_add_test (tcase, addresses_are_taken_apart);
  tcase_add_test (tcase, what_is_no_address_is_refused_and_not_shown);
  tcase_add_test (tcase, a_password_comes_from_a_file_that_others_cannot_read);
  tcase_add_test (tcase, an_alert_stands_for_those_that_follow);
  tcase_add_test (tcase, alerts_that_are_remembered_are_bounded);
  return suite;
}

GST_CHECK_MAIN (redisentry);
