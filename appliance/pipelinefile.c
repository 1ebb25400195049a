/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* Pipeline files: a pipeline in gst-launch syntax with parameters.
 *
 *     # SPDX-License-Identifier: ...            (skipped)
 *     # What it does, in one line.
 *     #
 *     # More about it, any number of lines.
 *     #
 *     # file (path): the video to read
 *     # spool (path): where the passages are kept; a description may go on
 *     #   in lines that are indented
 *     filesrc location=${file} ! decodebin ! ...
 *     anprsink location=${spool:-spool.sqlite}
 *
 * The body is words between white space. A word may end in one parameter,
 * ${name} or ${name:-default}, alone or behind "="; nothing can then be
 * smuggled out of its place by a value. A word whose value is empty is left
 * out. Every parameter used must be described, and every one described used.
 *
 * Quoting: a printed line is right in a shell line behind gst-launch-1.0 and for
 * gst_parse_launch(). That works because both agree on what stands within
 * double quotes, except for double quotes and backslashes themselves, which are
 * therefore refused in values.
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "pipelinefile.h"
#include "plainfile.h"
#include "../plugins/record/error.h"

#include <string.h>

struct _AnprPipelineFile {
  gchar *summary;
  gchar *description;
  GPtrArray *parameters;
  GPtrArray *words;
};

/* text, then the value of the parameter if there is one */
typedef struct {
  gchar *text;
  const AnprPipelineParameter *parameter;
} Word;

static const struct {
  const gchar *name;
  const gchar *pattern;
  const gchar *form;
} kinds[ANPR_PIPELINE_N_KINDS] = {
  [ANPR_PIPELINE_KIND_PATH] = { "path", "^.+$", "a file name" },
  [ANPR_PIPELINE_KIND_URI] = { "uri", "^[a-z][a-z0-9+.-]*://[^ ]+$",
      "an address such as rtsp://camera.example/stream" },
  [ANPR_PIPELINE_KIND_NAME] = { "name", "^[\\w .:/+-]+$",
      "letters, digits, spaces and . : / + - _" },
  [ANPR_PIPELINE_KIND_ELEMENT] = { "element",
      "^[a-z][a-zA-Z0-9_-]*( [a-z][a-z0-9-]*=[a-zA-Z0-9_./:@%+-]+)*$",
      "a GStreamer element with its properties, such as fakesink sync=true" },
  [ANPR_PIPELINE_KIND_NUMBER] = { "number", "^[0-9]{1,18}$", "a whole number" },
  [ANPR_PIPELINE_KIND_FRACTION] = { "fraction", "^[0-9]{1,9}/[1-9][0-9]{0,8}$",
      "a fraction such as 25/1" },
};

const gchar *
anpr_pipeline_kind_to_string (AnprPipelineKind kind)
{
  g_return_val_if_fail ((guint) kind < ANPR_PIPELINE_N_KINDS, "");
  return kinds[kind].name;
}

static void
parameter_free (AnprPipelineParameter *parameter)
{
  g_free (parameter->name);
  g_free (parameter->description);
  g_free (parameter->fallback);
  g_free (parameter);
}

static void
word_free (Word *word)
{
  g_free (word->text);
  g_free (word);
}

/**
 * anpr_pipeline_file_free:
 * @file: (nullable) (transfer full): a pipeline file
 */
void
anpr_pipeline_file_free (AnprPipelineFile *file)
{
  if (!file)
    return;
  g_free (file->summary);
  g_free (file->description);
  g_ptr_array_unref (file->parameters);
  g_ptr_array_unref (file->words);
  g_free (file);
}

static AnprPipelineParameter *
find_parameter (const AnprPipelineFile *file, const gchar *name, gsize length)
{
  for (guint i = 0; i < file->parameters->len; i++) {
    AnprPipelineParameter *parameter = g_ptr_array_index (file->parameters, i);

    if (strlen (parameter->name) == length
        && strncmp (parameter->name, name, length) == 0)
      return parameter;
  }
  return NULL;
}

static gboolean fail (GError **error, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error)
    *error = g_error_new_valist (
        ANPR_ERROR, ANPR_ERROR_PIPELINE_PARAMETER, format, arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
find_kind (const gchar *name, gsize length, AnprPipelineKind *kind)
{
  for (guint i = 0; i < ANPR_PIPELINE_N_KINDS; i++) {
    if (strlen (kinds[i].name) == length
        && strncmp (kinds[i].name, name, length) == 0) {
      *kind = i;
      return TRUE;
    }
  }
  return FALSE;
}

static gsize
name_length (const gchar *text)
{
  if (!g_ascii_islower (*text))
    return 0;
  return strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

/* "name (kind): description"; anything else is text about the pipeline */
static gboolean
parse_parameter (AnprPipelineFile *file, const gchar *line,
    AnprPipelineParameter **parameter, GError **error)
{
  gsize name = name_length (line), kind_length;
  const gchar *kind_name = line + name + 2;
  AnprPipelineKind kind;

  if (name == 0 || !g_str_has_prefix (line + name, " ("))
    return TRUE;
  kind_length = strcspn (kind_name, ")");
  if (!g_str_has_prefix (kind_name + kind_length, "): "))
    return TRUE;
  if (name > ANPR_PIPELINE_FILE_MAX_NAME
      || !find_kind (kind_name, kind_length, &kind))
    return fail (error, "\"%s\" is not the description of a parameter", line);
  if (find_parameter (file, line, name))
    return fail (
        error, "parameter \"%.*s\" is described twice", (int) name, line);
  if (file->parameters->len >= ANPR_PIPELINE_FILE_MAX_PARAMETERS)
    return fail (
        error, "more than %d parameters", ANPR_PIPELINE_FILE_MAX_PARAMETERS);

  *parameter = g_new0 (AnprPipelineParameter, 1);
  (*parameter)->name = g_strndup (line, name);
  (*parameter)->kind = kind;
  (*parameter)->description = g_strdup (kind_name + kind_length + 3);
  g_ptr_array_add (file->parameters, *parameter);
  return TRUE;
}

static void
append_text (gchar **text, const gchar *more, gchar separator)
{
  gchar *joined = **text ? g_strdup_printf ("%s%c%s", *text, separator, more)
                         : g_strdup (more);

  g_free (*text);
  *text = g_strstrip (joined);
}

/* open: the parameter whose description may go on in this line */
static gboolean
parse_comment (AnprPipelineFile *file, const gchar *line,
    AnprPipelineParameter **open, GError **error)
{
  AnprPipelineParameter *parameter = NULL;

  if (g_str_has_prefix (line, "SPDX-"))
    return TRUE;
  if (*open && g_str_has_prefix (line, "  ")) {
    append_text (&(*open)->description, line + 2, ' ');
    return TRUE;
  }
  if (!parse_parameter (file, line, &parameter, error))
    return FALSE;
  *open = parameter;
  if (parameter)
    return TRUE;
  if (!*file->summary)
    append_text (&file->summary, line, ' ');
  else
    append_text (&file->description, line, '\n');
  return TRUE;
}

static gboolean
check_value (
    const AnprPipelineParameter *parameter, const gchar *value, GError **error)
{
  if (strlen (value) > ANPR_PIPELINE_FILE_MAX_VALUE)
    return fail (error, "the value of \"%s\" is longer than %d bytes",
        parameter->name, ANPR_PIPELINE_FILE_MAX_VALUE);
  if (!g_utf8_validate (value, -1, NULL))
    return fail (error, "the value of \"%s\" is not UTF-8", parameter->name);
  for (const gchar *at = value; *at; at++) {
    if (g_ascii_iscntrl (*at) || *at == '"' || *at == '\\')
      return fail (error,
          "the value of \"%s\" may not have quotation marks, backslashes or "
          "control characters",
          parameter->name);
  }
  if (!g_regex_match_simple (
          kinds[parameter->kind].pattern, value, G_REGEX_DOLLAR_ENDONLY, 0))
    return fail (error, "\"%s\" must be %s, not \"%s\"", parameter->name,
        kinds[parameter->kind].form, value);
  return TRUE;
}

/* placeholder: behind "${" */
static gboolean
parse_placeholder (AnprPipelineFile *file, Word *word, const gchar *placeholder,
    GError **error)
{
  gsize length = name_length (placeholder);
  const gchar *rest = placeholder + length;
  AnprPipelineParameter *parameter = find_parameter (file, placeholder, length);
  g_autofree gchar *fallback = NULL;

  if (g_str_has_prefix (rest, ":-")) {
    fallback = g_strndup (rest + 2, strcspn (rest + 2, "}"));
    rest += 2 + strlen (fallback);
  }
  if (length == 0 || strcmp (rest, "}") != 0)
    return fail (
        error, "a word must end behind ${name}, as ${%s does not", placeholder);
  if (!parameter)
    return fail (error, "parameter \"%.*s\" is not described", (int) length,
        placeholder);
  if (fallback && *fallback && !check_value (parameter, fallback, error))
    return FALSE;
  if (word->text[0] && !g_str_has_suffix (word->text, "="))
    return fail (error,
        "parameter \"%s\" must stand alone or behind =", parameter->name);
  if (g_strcmp0 (parameter->fallback, fallback) != 0 && parameter->fallback)
    return fail (error, "parameter \"%s\" has two defaults", parameter->name);
  if (!parameter->fallback)
    parameter->fallback = g_steal_pointer (&fallback);
  word->parameter = parameter;
  return TRUE;
}

static gboolean
parse_word (AnprPipelineFile *file, const gchar *text, GError **error)
{
  const gchar *placeholder = strstr (text, "${");
  Word *word = g_new0 (Word, 1);

  g_ptr_array_add (file->words, word);
  if (!placeholder) {
    word->text = g_strdup (text);
    return TRUE;
  }
  word->text = g_strndup (text, placeholder - text);
  return parse_placeholder (file, word, placeholder + 2, error);
}

static gboolean
parse_body (AnprPipelineFile *file, const gchar *body, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (body, " \t\r\n", -1);

  for (guint i = 0; words[i]; i++) {
    if (*words[i] && !parse_word (file, words[i], error))
      return FALSE;
  }
  if (file->words->len == 0)
    return fail (error, "there is no pipeline in it");
  return TRUE;
}

static gboolean
check_all_used (const AnprPipelineFile *file, GError **error)
{
  for (guint i = 0; i < file->parameters->len; i++) {
    const AnprPipelineParameter *parameter =
        g_ptr_array_index (file->parameters, i);
    gboolean used = FALSE;

    for (guint j = 0; j < file->words->len && !used; j++)
      used =
          ((Word *) g_ptr_array_index (file->words, j))->parameter == parameter;
    if (!used)
      return fail (
          error, "parameter \"%s\" is described but not used", parameter->name);
  }
  return TRUE;
}

/* Gives where the body begins, NULL on error */
static const gchar *
parse_header (AnprPipelineFile *file, const gchar *text, GError **error)
{
  AnprPipelineParameter *open = NULL;

  while (*text == '#' || *text == '\n') {
    gsize length = strcspn (text, "\n");
    g_autofree gchar *line = NULL;

    if (*text == '#') {
      const gchar *from = text + (length > 1 && text[1] == ' ' ? 2 : 1);

      line = g_strchomp (g_strndup (from, text + length - from));
      if (!parse_comment (file, line, &open, error))
        return NULL;
    }
    text += length + (text[length] == '\n');
  }
  return text;
}

/**
 * anpr_pipeline_file_parse:
 * @text: (array length=length): the file's content
 * @length: bytes
 * @error: why it is refused
 *
 * Returns: (transfer full) (nullable): the pipeline file
 */
AnprPipelineFile *
anpr_pipeline_file_parse (const gchar *text, gsize length, GError **error)
{
  g_autoptr (AnprPipelineFile) file = g_new0 (AnprPipelineFile, 1);
  g_autofree gchar *copy = NULL;
  const gchar *body;

  file->summary = g_strdup ("");
  file->description = g_strdup ("");
  file->parameters =
      g_ptr_array_new_with_free_func ((GDestroyNotify) parameter_free);
  file->words = g_ptr_array_new_with_free_func ((GDestroyNotify) word_free);
  if (length > ANPR_PIPELINE_FILE_MAX_SIZE) {
    fail (error, "larger than %d bytes", ANPR_PIPELINE_FILE_MAX_SIZE);
    return NULL;
  }
  if (!g_utf8_validate_len (text, length, NULL)) {
    fail (error, "not text in UTF-8");
    return NULL;
  }
  copy = g_strndup (text, length);
  body = parse_header (file, copy, error);
  if (!body || !parse_body (file, body, error) || !check_all_used (file, error))
    return NULL;
  return g_steal_pointer (&file);
}

/**
 * anpr_pipeline_file_load:
 * @path: a pipeline file
 * @error: why it is refused, with its path
 *
 * Returns: (transfer full) (nullable): the pipeline file
 */
AnprPipelineFile *
anpr_pipeline_file_load (const gchar *path, GError **error)
{
  g_autofree gchar *text = NULL;
  g_autoptr (GError) read_error = NULL;
  AnprPipelineFile *file;
  gsize length;

  if (!anpr_plain_file_read (
          path, ANPR_PIPELINE_FILE_MAX_SIZE, &text, &length, &read_error)) {
    g_set_error_literal (
        error, ANPR_ERROR, ANPR_ERROR_PIPELINE_NAME, read_error->message);
    return NULL;
  }
  file = anpr_pipeline_file_parse (text, length, error);
  if (!file)
    g_prefix_error (error, "%s: ", path);
  return file;
}

/**
 * anpr_pipeline_file_get_folder:
 *
 * Returns: (transfer none): where the ready pipelines are: ANPR_PIPELINES, or
 *     where they were installed
 */
const gchar *
anpr_pipeline_file_get_folder (void)
{
  const gchar *folder = g_getenv ("ANPR_PIPELINES");

  return folder && *folder ? folder : ANPR_DATA_DIR "/pipelines";
}

/**
 * anpr_pipeline_file_find:
 * @name: of a ready pipeline; with a "/" in it, path of a pipeline file
 * @folder: (nullable): what a relative path starts from, %NULL for the working
 *     folder
 * @error: why it is refused, with its path
 *
 * Returns: (transfer full) (nullable): the pipeline file
 */
AnprPipelineFile *
anpr_pipeline_file_find (const gchar *name, const gchar *folder, GError **error)
{
  g_autofree gchar *file = g_strconcat (name, ANPR_PIPELINE_FILE_SUFFIX, NULL);
  g_autofree gchar *path =
      strchr (name, '/')
          ? g_canonicalize_filename (name, folder)
          : g_build_filename (anpr_pipeline_file_get_folder (), file, NULL);

  return anpr_pipeline_file_load (path, error);
}

/**
 * anpr_pipeline_file_get_summary:
 * @file: a pipeline file
 *
 * Returns: (transfer none): what it does, one line
 */
const gchar *
anpr_pipeline_file_get_summary (const AnprPipelineFile *file)
{
  return file->summary;
}

/**
 * anpr_pipeline_file_get_description:
 * @file: a pipeline file
 *
 * Returns: (transfer none): more about it, may be ""
 */
const gchar *
anpr_pipeline_file_get_description (const AnprPipelineFile *file)
{
  return file->description;
}

guint
anpr_pipeline_file_get_n_parameters (const AnprPipelineFile *file)
{
  return file->parameters->len;
}

/**
 * anpr_pipeline_file_get_parameter:
 * @file: a pipeline file
 * @i: which
 *
 * Returns: (transfer none): the parameter, owned by @file
 */
const AnprPipelineParameter *
anpr_pipeline_file_get_parameter (const AnprPipelineFile *file, guint i)
{
  g_return_val_if_fail (i < file->parameters->len, NULL);
  return g_ptr_array_index (file->parameters, i);
}

static gboolean
fail_unknown (
    const AnprPipelineFile *file, const gchar *assignment, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < file->parameters->len; i++)
    g_string_append_printf (names, "%s%s", i ? ", " : "",
        anpr_pipeline_file_get_parameter (file, i)->name);
  return fail (error, "\"%s\" is not NAME=VALUE of a parameter; there %s %s",
      assignment, file->parameters->len == 1 ? "is" : "are",
      names->len ? names->str : "none");
}

/* values: parameter -> value, borrowed from assignments */
static gboolean
take_assignments (const AnprPipelineFile *file, const gchar *const *assignments,
    GHashTable *values, GError **error)
{
  for (guint i = 0; assignments && assignments[i]; i++) {
    const gchar *equals = strchr (assignments[i], '=');
    AnprPipelineParameter *parameter =
        equals ? find_parameter (file, assignments[i], equals - assignments[i])
               : NULL;

    if (!parameter)
      return fail_unknown (file, assignments[i], error);
    if (!check_value (parameter, equals + 1, error))
      return FALSE;
    if (!g_hash_table_insert (values, parameter, (gpointer) (equals + 1)))
      return fail (error, "parameter \"%s\" is given twice", parameter->name);
  }
  return TRUE;
}

static gboolean
check_all_given (
    const AnprPipelineFile *file, GHashTable *values, GError **error)
{
  for (guint i = 0; i < file->parameters->len; i++) {
    const AnprPipelineParameter *parameter =
        g_ptr_array_index (file->parameters, i);

    if (!parameter->fallback && !g_hash_table_contains (values, parameter))
      return fail (error, "parameter \"%s\" is missing: %s", parameter->name,
          parameter->description);
  }
  return TRUE;
}

static void
append_value (GString *line, const gchar *value)
{
  static const gchar plain[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+-";

  if (value[strspn (value, plain)] == '\0') {
    g_string_append (line, value);
    return;
  }
  g_string_append_c (line, '"');
  for (; *value; value++) {
    if (strchr ("$`'", *value))
      g_string_append_c (line, '\\');
    g_string_append_c (line, *value);
  }
  g_string_append_c (line, '"');
}

static void
append_word (GString *line, const Word *word, GHashTable *values)
{
  const gchar *value = NULL;

  if (word->parameter) {
    value = g_hash_table_lookup (values, word->parameter);
    if (!value)
      value = word->parameter->fallback;
    if (!*value)
      return;
  }
  if (line->len)
    g_string_append_c (line, ' ');
  g_string_append (line, word->text);
  /* an element is words of its own, whose form has been checked */
  if (value && word->parameter->kind == ANPR_PIPELINE_KIND_ELEMENT)
    g_string_append (line, value);
  else if (value)
    append_value (line, value);
}

/**
 * anpr_pipeline_file_print:
 * @file: a pipeline file
 * @assignments: (nullable) (array zero-terminated=1): "name=value" each
 * @error: which parameter is unknown, missing or has a value it cannot take
 *
 * Returns: (transfer full) (nullable): the pipeline as one line, quoted
 */
gchar *
anpr_pipeline_file_print (const AnprPipelineFile *file,
    const gchar *const *assignments, GError **error)
{
  g_autoptr (GHashTable) values = g_hash_table_new (NULL, NULL);
  GString *line;

  if (!take_assignments (file, assignments, values, error)
      || !check_all_given (file, values, error))
    return NULL;
  line = g_string_new (NULL);
  for (guint i = 0; i < file->words->len; i++)
    append_word (line, g_ptr_array_index (file->words, i), values);
  return g_string_free (line, FALSE);
}
