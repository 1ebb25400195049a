/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
/* A hit list: its index (listimage.c), mapped.
 *
 * Immutable, so threads share it without a lock, reference counted. It costs
 * its process nothing but address space and the list's own few texts: what is
 * looked at lies in the kernel's cache, for all processes once.
 *
 * Numbers that come from the file are looked at before they are used. What looks
 * things up in it is hitfind.c.
 */

#include "hitlist.h"
#include "listimage.h"
#include "../record/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct _AnprHitList {
  AnprHitListHeader header;
  AnprListImage image;
};

static gchar *
text_or_null (const gchar *text)
{
  return text[0] ? g_strdup (text) : NULL;
}

static void
take_header (AnprHitListHeader *header, const AnprListImage *image)
{
  const AnprListValues *values = image->values;

  header->file = g_strdup (image->texts[ANPR_LIST_TEXT_FILE]);
  header->id = g_strdup (image->texts[ANPR_LIST_TEXT_ID]);
  header->authority = g_strdup (image->texts[ANPR_LIST_TEXT_AUTHORITY]);
  header->category = g_strdup (image->texts[ANPR_LIST_TEXT_CATEGORY]);
  header->version = g_strdup (image->texts[ANPR_LIST_TEXT_VERSION]);
  header->contact = text_or_null (image->texts[ANPR_LIST_TEXT_CONTACT]);
  header->signer = text_or_null (image->texts[ANPR_LIST_TEXT_SIGNER]);
  header->purpose = values->purpose;
  header->priority = values->priority;
  header->valid_from = values->valid_from;
  header->valid_until = values->valid_until;
  header->issued = values->issued;
  header->accepted = values->accepted;
  header->modes = values->modes;
  header->look_alike_signs = values->look_alike_signs;
}

/**
 * anpr_hit_list_open_fd: (skip)
 * @fd: an index file; may be closed afterwards
 * @fault: (out): what is wrong, if something is
 *
 * Returns: (transfer full) (nullable): the list, %NULL if the file is damaged
 */
AnprHitList *
anpr_hit_list_open_fd (int fd, const gchar **fault)
{
  AnprListImage image;
  AnprHitList *list;

  *fault = anpr_list_image_open (&image, fd);
  if (*fault)
    return NULL;
  list = g_atomic_rc_box_new0 (AnprHitList);
  list->image = image;
  take_header (&list->header, &image);
  return list;
}

/**
 * anpr_hit_list_open: (skip)
 * @file: name of an index file
 * @error: of domain %ANPR_ERROR
 *
 * Reads a file from disk: never on a streaming thread.
 *
 * Returns: (transfer full) (nullable): the list, %NULL if it is refused
 */
AnprHitList *
anpr_hit_list_open (const gchar *file, GError **error)
{
  int fd = open (file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  AnprError code = fd < 0 ? ANPR_ERROR_LIST_OPEN : ANPR_ERROR_LIST_INDEX;
  const gchar *fault = fd < 0 ? g_strerror (errno) : NULL;
  g_autofree gchar *name = NULL;
  AnprHitList *list = NULL;

  if (fd >= 0) {
    list = anpr_hit_list_open_fd (fd, &fault);
    close (fd);
  }
  if (list)
    return list;
  name = g_filename_display_name (file);
  g_set_error (error, ANPR_ERROR, code, "%s: %s", name, fault);
  return NULL;
}

/**
 * anpr_hit_list_ref: (skip)
 * @list: a list
 *
 * Returns: (transfer full): @list
 */
AnprHitList *
anpr_hit_list_ref (AnprHitList *list)
{
  return g_atomic_rc_box_acquire (list);
}

/**
 * anpr_hit_list_header_clear: (skip)
 * @header: its texts are freed
 */
void
anpr_hit_list_header_clear (AnprHitListHeader *header)
{
  g_clear_pointer (&header->file, g_free);
  g_clear_pointer (&header->id, g_free);
  g_clear_pointer (&header->authority, g_free);
  g_clear_pointer (&header->category, g_free);
  g_clear_pointer (&header->version, g_free);
  g_clear_pointer (&header->contact, g_free);
  g_clear_pointer (&header->signer, g_free);
}

static void
hit_list_clear (AnprHitList *list)
{
  anpr_hit_list_header_clear (&list->header);
  anpr_list_image_close (&list->image);
}

/**
 * anpr_hit_list_unref: (skip)
 * @list: (transfer full): a list
 */
void
anpr_hit_list_unref (AnprHitList *list)
{
  g_atomic_rc_box_release_full (list, (GDestroyNotify) hit_list_clear);
}

/**
 * anpr_hit_list_get_header: (skip)
 * @list: a list
 *
 * Returns: (transfer none): what its # lines say
 */
const AnprHitListHeader *
anpr_hit_list_get_header (const AnprHitList *list)
{
  return &list->header;
}

/**
 * anpr_hit_list_get_n_entries: (skip)
 * @list: a list
 *
 * Returns: its entries, valid now or not
 */
guint
anpr_hit_list_get_n_entries (const AnprHitList *list)
{
  return (guint) list->image.n_rows;
}

/**
 * anpr_hit_list_is_active: (skip)
 * @list: a list
 * @utc: microseconds since 1970
 *
 * Returns: whether the list is valid at @utc
 */
gboolean
anpr_hit_list_is_active (const AnprHitList *list, gint64 utc)
{
  return utc >= list->header.valid_from && utc < list->header.valid_until;
}

/**
 * anpr_hit_list_get_keys: (skip)
 * @list: a list
 *
 * Returns: (transfer none): the short keys of its entries
 */
const AnprKeyTable *
anpr_hit_list_get_keys (const AnprHitList *list)
{
  return &list->image.keys;
}

/**
 * anpr_hit_list_get_folds: (skip)
 * @list: a list
 *
 * Returns: (transfer none): folded keys of its look-alike entries (alike.h)
 */
const AnprKeyTable *
anpr_hit_list_get_folds (const AnprHitList *list)
{
  return &list->image.folds;
}

/**
 * anpr_hit_list_get_patterns: (skip)
 * @list: a list
 * @n: (out): how many
 *
 * Returns: (transfer none): its patterns
 */
const AnprListPattern *
anpr_hit_list_get_patterns (const AnprHitList *list, gsize *n)
{
  *n = list->image.n_patterns;
  return list->image.patterns;
}

/**
 * anpr_hit_list_get_entry: (skip)
 * @list: a list
 * @i: which entry, in the order of the file
 * @entry: (out): the entry
 */
void
anpr_hit_list_get_entry (const AnprHitList *list, guint i, AnprHitEntry *entry)
{
  const AnprListRow *row;

  g_return_if_fail (i < anpr_hit_list_get_n_entries (list));
  row = &list->image.rows[i];
  *entry = (AnprHitEntry){
    .valid_from = row->valid_from,
    .valid_until = row->valid_until,
    .purpose = MIN (row->purpose, ANPR_N_PURPOSES - 1),
    .priority = row->priority,
    .covert = row->covert != 0,
    .country = { row->country[0], row->country[1], '\0' },
    .match = MIN (row->match, ANPR_N_LIST_MATCHES - 1),
    .hours = row->hours,
  };
}

/**
 * anpr_hit_list_get_text: (skip)
 * @list: a list
 * @i: which entry, in the order of the file
 * @text: which text
 *
 * Returns: (transfer none) (nullable): the text, %NULL if the entry has none
 */
const gchar *
anpr_hit_list_get_text (const AnprHitList *list, guint i, AnprHitText text)
{
  const AnprListImage *image = &list->image;

  g_return_val_if_fail (i < anpr_hit_list_get_n_entries (list), NULL);
  if (image->rows[i].text >= image->text_length)
    return NULL;
  for (const gchar *p = image->text + image->rows[i].text; *p;
       p += strlen (p) + 1)
    if (*p == (gchar) (text + 1))
      return p + 1;
  return NULL;
}

static const gchar *const purposes[ANPR_N_PURPOSES] = {
  [ANPR_PURPOSE_J1] = "J1",
  [ANPR_PURPOSE_J2] = "J2",
  [ANPR_PURPOSE_J3] = "J3",
  [ANPR_PURPOSE_B1] = "B1",
};

const gchar *
anpr_purpose_to_string (AnprPurpose purpose)
{
  return purposes[purpose];
}

/**
 * anpr_purpose_from_string: (skip)
 * @name: any text
 * @purpose: (out): the purpose of that name
 *
 * Returns: whether the law knows it
 */
gboolean
anpr_purpose_from_string (const gchar *name, AnprPurpose *purpose)
{
  for (guint i = 0; i < ANPR_N_PURPOSES; i++)
    if (strcmp (purposes[i], name) == 0) {
      *purpose = i;
      return TRUE;
    }
  return FALSE;
}

static const gchar *const matches[ANPR_N_LIST_MATCHES] = {
  [ANPR_LIST_MATCH_EXACT] = "exact",
  [ANPR_LIST_MATCH_LOOK_ALIKE] = "look-alike",
  [ANPR_LIST_MATCH_PATTERN] = "pattern",
};

const gchar *
anpr_list_match_to_string (AnprListMatch match)
{
  return matches[match];
}

/**
 * anpr_list_match_from_string: (skip)
 * @name: any text
 * @match: (out): the mode of that name
 *
 * Returns: whether there is one
 */
gboolean
anpr_list_match_from_string (const gchar *name, AnprListMatch *match)
{
  for (guint i = 0; i < ANPR_N_LIST_MATCHES; i++)
    if (strcmp (matches[i], name) == 0) {
      *match = i;
      return TRUE;
    }
  return FALSE;
}
