/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Patterns of plate series. They are regular expressions of which only what
 * plates need is known, so that each is a short list of forms: a fixed number
 * of slots with the set of signs that each may hold. A key then fits if it has
 * the bits of one of the forms, which takes nanoseconds where an expression
 * takes a microsecond, without anything to lock.
 *
 *   ^(?=.*[A-Z])   at the start: some sign of the plate is one of these
 *   (?&NAME)       at the start: a code of the districts NAME
 *   A [A-C1]       a sign, a set of signs
 *   (?:AB|C)       either
 *   X? X{2} X{1,3} how often
 *   $              the end
 *
 * All of it means the same in PCRE2, which the tests compare it with. */

#include "platepattern.h"

#include <gio/gio.h>
#include <string.h>

#define N_LETTERS 26
#define N_DIGITS 10
#define N_UMLAUTS 3
#define N_SIGNS (N_LETTERS + N_DIGITS + N_UMLAUTS)
/* Ways to fill one pattern; far more than any series has */
#define MAX_FORMS 1024
#define MAX_REPEATS ANPR_PATTERN_SIGNS
/* Groups in groups; hostile patterns must not fill the stack */
#define MAX_DEPTH 4
#define N_PREFIXES ((N_SIGNS + 1) * (N_SIGNS + 1) * (N_SIGNS + 1))

struct _AnprDistricts {
  guint lengths; /* bit n: there are codes of n signs */
  AnprSignSet slots[ANPR_DISTRICT_SIGNS + 1][ANPR_DISTRICT_SIGNS];
  guint8 codes[(N_PREFIXES + 7) / 8];
};

typedef struct {
  const gchar *p;
  guint depth;
  AnprFindDistricts find;
  gpointer user_data;
  GError **error;
} Parser;

static GArray *parse_choices (Parser *parser);

/* In the order of code points, as ranges need it; -1 if c is none */
static gint
sign_number (gunichar c)
{
  static const gunichar umlauts[N_UMLAUTS] = { 0x00C4, 0x00D6, 0x00DC };

  if (c >= '0' && c <= '9')
    return (gint) (c - '0');
  if (c >= 'A' && c <= 'Z')
    return N_DIGITS + (gint) (c - 'A');
  for (gint i = 0; i < N_UMLAUTS; i++)
    if (umlauts[i] == c)
      return N_DIGITS + N_LETTERS + i;
  return -1;
}

/**
 * anpr_key_signs_set:
 * @signs: (out): what @key is made of
 * @key: (nullable): a plate key
 */
void
anpr_key_signs_set (AnprKeySigns *signs, const gchar *key)
{
  guint prefix = 0, n = 0;

  signs->n_signs = 0;
  memset (signs->prefixes, 0, sizeof signs->prefixes);
  for (const gchar *p = key; p && *p; p = g_utf8_next_char (p), n++) {
    gint number = sign_number (g_utf8_get_char_validated (p, -1));

    if (number < 0 || n == ANPR_PATTERN_SIGNS)
      return;
    signs->signs[n] = G_GUINT64_CONSTANT (1) << number;
    prefix = prefix * (N_SIGNS + 1) + (guint) number + 1;
    if (n < ANPR_DISTRICT_SIGNS)
      signs->prefixes[n] = prefix;
  }
  signs->n_signs = n;
}

static gboolean
has_code (const AnprDistricts *districts, guint code)
{
  return (districts->codes[code / 8] >> (code % 8)) & 1;
}

/**
 * anpr_districts_new:
 * @codes: district codes with a space between
 * @error: what is wrong with them
 *
 * Returns: (transfer full) (nullable): the codes
 */
AnprDistricts *
anpr_districts_new (const gchar *codes, GError **error)
{
  g_auto (GStrv) all = g_strsplit (codes, " ", -1);
  AnprDistricts *districts = g_new0 (AnprDistricts, 1);

  for (guint i = 0; all[i]; i++) {
    AnprKeySigns signs;
    guint code;

    anpr_key_signs_set (&signs, all[i]);
    if (signs.n_signs == 0 || signs.n_signs > ANPR_DISTRICT_SIGNS) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
          "\"%s\" is no district code", all[i]);
      g_free (districts);
      return NULL;
    }
    code = signs.prefixes[signs.n_signs - 1];
    districts->codes[code / 8] |= 1 << (code % 8);
    districts->lengths |= 1u << signs.n_signs;
    for (guint s = 0; s < signs.n_signs; s++)
      districts->slots[signs.n_signs][s] |= signs.signs[s];
  }
  return districts;
}

/**
 * anpr_districts_free:
 * @districts: (nullable): districts that no form points to any more
 */
void
anpr_districts_free (AnprDistricts *districts)
{
  g_free (districts);
}

static GArray *
forms_new (void)
{
  return g_array_new (FALSE, TRUE, sizeof (AnprPlateForm));
}

static GArray *
fail (Parser *parser, const gchar *message)
{
  if (*parser->error == NULL)
    g_set_error (parser->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
        "%s before \"%s\"", message, parser->p);
  return NULL;
}

static gboolean
skip (Parser *parser, const gchar *text)
{
  if (!g_str_has_prefix (parser->p, text))
    return FALSE;
  parser->p += strlen (text);
  return TRUE;
}

/* One sign; -1 if there is none */
static gint
parse_sign (Parser *parser)
{
  gint number = sign_number (g_utf8_get_char (parser->p));

  if (number >= 0)
    parser->p = g_utf8_next_char (parser->p);
  return number;
}

/* What is between [ and ], past ]; 0 if it is not a set of signs */
static AnprSignSet
parse_set (Parser *parser)
{
  AnprSignSet set = 0;

  while (!skip (parser, "]")) {
    gint first = parse_sign (parser);
    gint last = skip (parser, "-") ? parse_sign (parser) : first;

    if (first < 0 || last < first)
      return 0;
    for (gint i = first; i <= last; i++)
      set |= G_GUINT64_CONSTANT (1) << i;
  }
  return set;
}

static GArray *
make_slot (Parser *parser, AnprSignSet set)
{
  AnprPlateForm form = { .n_signs = 1, .slots = { set } };
  GArray *forms;

  if (set == 0)
    return fail (parser, "No sign or set of signs");
  forms = forms_new ();
  g_array_append_val (forms, form);
  return forms;
}

static GArray *
parse_atom (Parser *parser)
{
  gint number;

  if (skip (parser, "(?:")) {
    g_autoptr (GArray) inner = parse_choices (parser);

    if (inner && !skip (parser, ")"))
      return fail (parser, "No )");
    return g_steal_pointer (&inner);
  }
  if (skip (parser, "["))
    return make_slot (parser, parse_set (parser));
  number = parse_sign (parser);
  return make_slot (parser, number < 0 ? 0 : G_GUINT64_CONSTANT (1) << number);
}

/* Every form of first with every one of second behind it */
static GArray *
join (Parser *parser, const GArray *first, const GArray *second)
{
  g_autoptr (GArray) joined = forms_new ();

  if ((guint64) first->len * second->len > MAX_FORMS)
    return fail (parser, "Too many forms");
  for (guint i = 0; i < first->len; i++)
    for (guint j = 0; j < second->len; j++) {
      AnprPlateForm form = g_array_index (first, AnprPlateForm, i);
      const AnprPlateForm *end = &g_array_index (second, AnprPlateForm, j);

      if (form.n_signs + end->n_signs > ANPR_PATTERN_SIGNS)
        return fail (parser, "Too many signs");
      memcpy (form.slots + form.n_signs, end->slots,
          end->n_signs * sizeof (AnprSignSet));
      form.n_signs += end->n_signs;
      g_array_append_val (joined, form);
    }
  return g_steal_pointer (&joined);
}

/* How often the atom before is to stand, past what says so */
static gboolean
parse_repeats (Parser *parser, guint *least, guint *most)
{
  gchar *end = NULL;

  *least = *most = 1;
  if (skip (parser, "?")) {
    *least = 0;
    return TRUE;
  }
  if (!skip (parser, "{"))
    return TRUE;
  *least = *most = (guint) g_ascii_strtoull (parser->p, &end, 10);
  parser->p = end;
  if (skip (parser, ",")) {
    *most = (guint) g_ascii_strtoull (parser->p, &end, 10);
    parser->p = end;
  }
  return skip (parser, "}") && *least <= *most && *most >= 1
         && *most <= MAX_REPEATS;
}

static GArray *
repeat (Parser *parser, const GArray *atom, guint least, guint most)
{
  g_autoptr (GArray) all = forms_new ();
  g_autoptr (GArray) times = forms_new ();

  g_array_set_size (times, 1);
  for (guint n = 0;; n++) {
    GArray *more;

    if (n >= least)
      g_array_append_vals (all, times->data, times->len);
    if (n == most || all->len > MAX_FORMS)
      return g_steal_pointer (&all);
    more = join (parser, times, atom);
    if (!more)
      return NULL;
    g_array_unref (times);
    times = more;
  }
}

static GArray *
parse_repeated_atom (Parser *parser)
{
  g_autoptr (GArray) atom = parse_atom (parser);
  guint least, most;

  if (!atom)
    return NULL;
  if (!parse_repeats (parser, &least, &most))
    return fail (parser, "No number of repeats");
  if (least == 1 && most == 1)
    return g_steal_pointer (&atom);
  return repeat (parser, atom, least, most);
}

static gboolean
at_end_of_sequence (const Parser *parser)
{
  return strchr ("|)$", *parser->p) != NULL;
}

/* Takes forms */
static GArray *
parse_sequence (Parser *parser, GArray *forms)
{
  while (forms && !at_end_of_sequence (parser)) {
    g_autoptr (GArray) before = g_steal_pointer (&forms);
    g_autoptr (GArray) atom = parse_repeated_atom (parser);

    if (atom)
      forms = join (parser, before, atom);
  }
  return forms;
}

static GArray *
start_sequence (void)
{
  GArray *forms = forms_new ();

  return g_array_set_size (forms, 1);
}

static GArray *
parse_choices (Parser *parser)
{
  g_autoptr (GArray) all = forms_new ();

  if (++parser->depth > MAX_DEPTH)
    return fail (parser, "Too many groups in each other");
  do {
    g_autoptr (GArray) one = parse_sequence (parser, start_sequence ());

    if (!one)
      return NULL;
    g_array_append_vals (all, one->data, one->len);
    if (all->len > MAX_FORMS)
      return fail (parser, "Too many forms");
  } while (skip (parser, "|"));
  parser->depth--;
  return g_steal_pointer (&all);
}

/* A form for each length of code, with the name between (?& and ) */
static GArray *
parse_districts (Parser *parser)
{
  const gchar *end = strchr (parser->p, ')');
  g_autofree gchar *name = end ? g_strndup (parser->p, end - parser->p) : NULL;
  const AnprDistricts *districts =
      name ? parser->find (name, parser->user_data) : NULL;
  GArray *forms;

  if (!districts)
    return fail (parser, "No such districts");
  parser->p = end + 1;
  forms = forms_new ();
  for (guint n = 1; n <= ANPR_DISTRICT_SIGNS; n++) {
    AnprPlateForm form = { n, n, districts, 0, { 0 } };

    if (!(districts->lengths & (1u << n)))
      continue;
    memcpy (form.slots, districts->slots[n], n * sizeof (AnprSignSet));
    g_array_append_val (forms, form);
  }
  return forms;
}

/* Any of these lets a form be built that the table cannot hold or match */
static gboolean
check_forms (Parser *parser, const GArray *forms)
{
  if (strcmp (parser->p, "$") != 0) {
    fail (parser, "No end");
    return FALSE;
  }
  for (guint i = 0; i < forms->len; i++)
    if (g_array_index (forms, AnprPlateForm, i).n_signs == 0) {
      fail (parser, "Fits an empty plate");
      return FALSE;
    }
  return TRUE;
}

static GArray *
parse_all (Parser *parser)
{
  g_autoptr (GArray) forms = NULL;
  AnprSignSet must = 0;

  if (!skip (parser, "^"))
    return fail (parser, "No ^");
  if (skip (parser, "(?=.*[")) {
    must = parse_set (parser);
    if (must == 0 || !skip (parser, ")"))
      return fail (parser, "No set of signs to look for");
  }
  forms = parse_sequence (parser,
      skip (parser, "(?&") ? parse_districts (parser) : start_sequence ());
  if (!forms || !check_forms (parser, forms))
    return NULL;
  for (guint i = 0; i < forms->len; i++)
    g_array_index (forms, AnprPlateForm, i).must = must;
  return g_steal_pointer (&forms);
}

/**
 * anpr_plate_pattern_parse:
 * @pattern: a pattern, see the top of the file
 * @find: (scope call): finds the districts that it names; they must outlive
 *     what is returned
 * @user_data: for @find
 * @error: what is wrong with it, and where
 *
 * Returns: (transfer full) (nullable) (element-type AnprPlateForm): its forms
 */
GArray *
anpr_plate_pattern_parse (const gchar *pattern, AnprFindDistricts find,
    gpointer user_data, GError **error)
{
  GError *wrong = NULL;
  Parser parser = { pattern, 0, find, user_data, &wrong };
  GArray *forms;

  if (!g_utf8_validate (pattern, -1, NULL)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "Not UTF-8");
    return NULL;
  }
  forms = parse_all (&parser);
  if (!forms)
    g_propagate_error (error, wrong);
  return forms;
}

/**
 * anpr_plate_form_match:
 * @form: a form
 * @key: a key of as many signs
 *
 * Returns: whether @key fits @form
 */
gboolean
anpr_plate_form_match (const AnprPlateForm *form, const AnprKeySigns *key)
{
  AnprSignSet all = 0;

  for (guint i = 0; i < form->n_signs; i++) {
    if (!(form->slots[i] & key->signs[i]))
      return FALSE;
    all |= key->signs[i];
  }
  if (form->must && !(form->must & all))
    return FALSE;
  return !form->districts
         || has_code (form->districts, key->prefixes[form->n_district - 1]);
}
