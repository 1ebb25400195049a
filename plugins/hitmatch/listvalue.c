/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* The values a hit list is written with, docs/lists.md. Each function takes one
 * NUL-terminated value and says whether it is one; nothing is guessed. */

#include "listvalue.h"

#include <string.h>

#define MAX_IDENTIFIER 64
#define MAX_VERSION 64
#define MAX_SHOWN 32

/* Reads exactly n digits */
static gboolean
take_digits (const gchar **p, guint n, gint *number)
{
  *number = 0;
  for (; n > 0; n--, (*p)++) {
    if (!g_ascii_isdigit (**p))
      return FALSE;
    *number = *number * 10 + (**p - '0');
  }
  return TRUE;
}

static gboolean
take_sign (const gchar **p, gchar sign)
{
  if (**p != sign)
    return FALSE;
  (*p)++;
  return TRUE;
}

/* Days since 1970-01-01 in the Gregorian calendar. A year is counted from March
 * so that the leap day is its last; 153 days are five months from there. */
static gint64
count_days (gint year, gint month, gint day)
{
  gint64 y = month <= 2 ? year - 1 : year;
  gint64 m = month <= 2 ? month + 9 : month - 3;

  return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1
         - 719468;
}

static gboolean
is_day (gint year, gint month, gint day)
{
  return year >= 1970 && month >= 1 && month <= 12 && day >= 1
         && day <= g_date_get_days_in_month (month, (GDateYear) year);
}

/**
 * anpr_list_value_date: (skip)
 * @text: such as "2026-11-23T18:30:00Z"; no other form is taken
 * @utc: (out): microseconds since 1970
 *
 * By hand and not by #GDateTime, because a list has millions of them.
 *
 * Returns: whether @text is a time from 1970 to 9999
 */
gboolean
anpr_list_value_date (const gchar *text, gint64 *utc)
{
  const gchar *p = text;
  gint year, month, day, hour, minute, second;

  if (!take_digits (&p, 4, &year) || !take_sign (&p, '-')
      || !take_digits (&p, 2, &month) || !take_sign (&p, '-')
      || !take_digits (&p, 2, &day) || !take_sign (&p, 'T')
      || !take_digits (&p, 2, &hour) || !take_sign (&p, ':')
      || !take_digits (&p, 2, &minute) || !take_sign (&p, ':')
      || !take_digits (&p, 2, &second) || strcmp (p, "Z") != 0)
    return FALSE;
  if (!is_day (year, month, day) || hour > 23 || minute > 59 || second > 59)
    return FALSE;
  *utc = (count_days (year, month, day) * 86400 + hour * 3600 + minute * 60
             + second)
         * G_USEC_PER_SEC;
  return TRUE;
}

/**
 * anpr_list_value_priority: (skip)
 * @text: "0" to "100", in digits only
 * @priority: (out): its value
 */
gboolean
anpr_list_value_priority (const gchar *text, guint *priority)
{
  gsize length = strlen (text);
  const gchar *p = text;
  gint number;

  if (length == 0 || length > 3 || !take_digits (&p, (guint) length, &number)
      || number > ANPR_LIST_LOWEST_PRIORITY)
    return FALSE;
  *priority = (guint) number;
  return TRUE;
}

/**
 * anpr_list_value_truth: (skip)
 * @text: "yes", "no" or empty, which is no
 * @truth: (out): its value
 */
gboolean
anpr_list_value_truth (const gchar *text, gboolean *truth)
{
  *truth = strcmp (text, "yes") == 0;
  return *truth || strcmp (text, "no") == 0 || text[0] == '\0';
}

/**
 * anpr_list_value_country: (skip)
 * @text: two capital letters, or empty for unknown; "UK" is taken for GB
 * @country: (out): ISO 3166 alpha-2
 */
gboolean
anpr_list_value_country (const gchar *text, gchar country[3])
{
  memset (country, 0, 3);
  if (text[0] == '\0')
    return TRUE;
  if (!g_ascii_isupper (text[0]) || !g_ascii_isupper (text[1]) || text[2])
    return FALSE;
  memcpy (country, strcmp (text, "UK") == 0 ? "GB" : text, 2);
  return TRUE;
}

/**
 * anpr_list_value_modes: (skip)
 * @text: names of modes with commas between them
 * @modes: (out): their set; exact is always in it
 */
gboolean
anpr_list_value_modes (const gchar *text, guint *modes)
{
  g_auto (GStrv) names = g_strsplit (text, ",", ANPR_N_LIST_MATCHES);
  AnprListMatch match;

  *modes = 1 << ANPR_LIST_MATCH_EXACT;
  for (guint i = 0; names[i]; i++) {
    if (!anpr_list_match_from_string (g_strstrip (names[i]), &match))
      return FALSE;
    *modes |= 1 << match;
  }
  return names[0] != NULL;
}

static gboolean
take_time (const gchar **p, guint16 *minutes)
{
  gint hour, minute;

  if (!take_digits (p, 2, &hour) || !take_sign (p, ':')
      || !take_digits (p, 2, &minute))
    return FALSE;
  *minutes = (guint16) (hour * 60 + minute);
  return minute <= 59 && *minutes <= 24 * 60;
}

/* Days before a space: numbers and ranges of them, commas between */
static gboolean
take_days (const gchar **p, guint16 *days)
{
  do {
    gint first, last;

    if (!take_digits (p, 1, &first))
      return FALSE;
    last = first;
    if (take_sign (p, '-') && !take_digits (p, 1, &last))
      return FALSE;
    if (first < 1 || last > 7 || first > last)
      return FALSE;
    for (gint day = first; day <= last; day++)
      *days |= (guint16) (1 << (day - 1));
  } while (take_sign (p, ','));
  return take_sign (p, ' ');
}

/**
 * anpr_list_value_hours: (skip)
 * @text: such as "06:00-22:00" or "1-5,7 22:00-06:00", or empty for always
 * @hours: (out): the hours
 */
gboolean
anpr_list_value_hours (const gchar *text, AnprHours *hours)
{
  const gchar *p = text;

  *hours = (AnprHours){ 0 };
  if (text[0] == '\0')
    return TRUE;
  if (!strchr (text, ' '))
    hours->days = 0x7f;
  else if (!take_days (&p, &hours->days))
    return FALSE;
  return take_time (&p, &hours->from) && take_sign (&p, '-')
         && take_time (&p, &hours->until) && *p == '\0'
         && hours->from != hours->until && hours->from < 24 * 60;
}

/**
 * anpr_list_value_version: (skip)
 * @text: numbers with dots between them, at most 64 bytes
 */
gboolean
anpr_list_value_version (const gchar *text)
{
  gboolean after_digit = FALSE;

  for (const gchar *p = text; *p; p++) {
    if (g_ascii_isdigit (*p))
      after_digit = TRUE;
    else if (*p == '.' && after_digit)
      after_digit = FALSE;
    else
      return FALSE;
  }
  return after_digit && strlen (text) <= MAX_VERSION;
}

/* Compares two numbers of any length in digits */
static gint
compare_numbers (const gchar **a, const gchar **b)
{
  gsize n_a, n_b;
  gint order;

  *a += strspn (*a, "0");
  *b += strspn (*b, "0");
  n_a = strspn (*a, "0123456789");
  n_b = strspn (*b, "0123456789");
  order = n_a == n_b ? strncmp (*a, *b, n_a) : (n_a < n_b ? -1 : 1);
  *a += n_a;
  *b += n_b;
  return order;
}

/**
 * anpr_list_value_compare_versions: (skip)
 * @a: a version
 * @b: another
 *
 * Number by number: 2.10 is higher than 2.9, and 2.9.1 than 2.9.
 *
 * Returns: below, at or above 0 as @a is lower than, the same as or higher than
 *     @b
 */
gint
anpr_list_value_compare_versions (const gchar *a, const gchar *b)
{
  while (*a && *b) {
    gint order = compare_numbers (&a, &b);

    if (order != 0)
      return order;
    a += *a == '.';
    b += *b == '.';
  }
  return (*a != '\0') - (*b != '\0');
}

/**
 * anpr_list_value_identifier: (skip)
 * @text: letters, digits, dot, underscore, hyphen, at most 64 bytes, no dot at
 *     the start: the id becomes part of names elsewhere
 */
gboolean
anpr_list_value_identifier (const gchar *text)
{
  for (const gchar *p = text; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("._-", *p))
      return FALSE;
  return text[0] && text[0] != '.' && strlen (text) <= MAX_IDENTIFIER;
}

/**
 * anpr_list_value_shorten: (skip)
 * @text: UTF-8 of any length, from a file
 *
 * Returns: (transfer full): what of it is shown in a message: whole characters
 */
gchar *
anpr_list_value_shorten (const gchar *text)
{
  return g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_SHOWN));
}
