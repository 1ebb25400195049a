/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_HITMATCH_HIT_LIST_H
#define ANPR_HITMATCH_HIT_LIST_H

#include <glib.h>
#include "keytable.h"
#include "listpattern.h"
#include "shortkey.h"

G_BEGIN_DECLS

#define ANPR_HIT_LIST_MAX_ENTRIES 6000000

/* Text of all entries together, bytes; places in it are 32-bit numbers */
#define ANPR_HIT_LIST_MAX_TEXT (G_GUINT64_CONSTANT (1) << 31)

/* Entries that one plate, in all its writings, may have in one list */
#define ANPR_HIT_LIST_MAX_SAME_PLATE 64

/* Entries of one list that look alike, and patterns: for a mass list both would
 * be a flood of false hits (R14, domain.md 4.3) */
#define ANPR_HIT_LIST_MAX_LOOK_ALIKES 20000
#define ANPR_HIT_LIST_MAX_PATTERNS 1000

/* Look-alike entries whose signs are all of the same classes */
#define ANPR_HIT_LIST_MAX_SAME_FOLD 512

/* Texts of an entry that are kept as the list writes them */
typedef enum {
  ANPR_HIT_TEXT_ENTRY,
  ANPR_HIT_TEXT_PLATE,
  ANPR_HIT_TEXT_ROLE,
  ANPR_HIT_TEXT_CATEGORY,
  ANPR_HIT_TEXT_REASON,
  ANPR_HIT_TEXT_LEGAL_BASIS,
  ANPR_HIT_TEXT_MEASURE,
  ANPR_HIT_TEXT_WARNING,
  ANPR_HIT_TEXT_HANDLING,
  ANPR_HIT_TEXT_AUTHORITY,
  ANPR_HIT_TEXT_REFERENCE,
  ANPR_HIT_TEXT_VALIDATOR,
  ANPR_HIT_TEXT_VALIDATED,
  ANPR_HIT_TEXT_CONTACT,
  ANPR_HIT_TEXT_MAKE,
  ANPR_HIT_TEXT_MODEL,
  ANPR_HIT_TEXT_COLOUR,
  ANPR_HIT_TEXT_CLASS,
  ANPR_HIT_TEXT_NOTE,
  ANPR_HIT_TEXT_CREATED,
  ANPR_HIT_TEXT_CREATED_BY,
  ANPR_HIT_TEXT_CHANGED,
  ANPR_HIT_TEXT_CHANGED_BY,
  ANPR_HIT_TEXT_AREA,
  ANPR_N_HIT_TEXTS,
} AnprHitText;

/* The purposes the law knows (R23); there is no other */
typedef enum {
  ANPR_PURPOSE_J1,
  ANPR_PURPOSE_J2,
  ANPR_PURPOSE_J3,
  ANPR_PURPOSE_B1,
  ANPR_N_PURPOSES,
} AnprPurpose;

/* How an entry is compared; also a bit of what a list allows */
typedef enum {
  ANPR_LIST_MATCH_EXACT,
  ANPR_LIST_MATCH_LOOK_ALIKE,
  ANPR_LIST_MATCH_PATTERN,
  ANPR_N_LIST_MATCHES,
} AnprListMatch;

/* Hours in which an entry counts, by the clock at the site: minutes since
 * midnight, and bits of days, Monday first. Without days it always counts.
 * Hours that end before they begin go on into the next day. */
typedef struct {
  guint16 from;
  guint16 until;
  guint16 days;
} AnprHours;

/* AnprHitListHeader: what the # lines of a list say.
 *
 * file                     the file it came from, UTF-8, for people
 * id, authority, category, version, contact
 *                          texts, never NULL but for contact
 * purpose, priority        of entries that name none; 0 is the most urgent
 * valid_from, valid_until  UTC, microseconds since 1970
 * issued                   when the authority made this version, UTC; where the
 *                          list does not say, when its validity began
 * modes                    set of 1 << AnprListMatch that entries may have
 * look_alike_signs         most signs that may differ, 1 or 2
 * signer                   name of the key that signed it; NULL not signed
 * accepted                 when it was accepted, UTC; 0 not
 */
typedef struct {
  gchar *file;
  gchar *id;
  gchar *authority;
  gchar *category;
  gchar *version;
  gchar *contact;
  AnprPurpose purpose;
  guint priority;
  gint64 valid_from;
  gint64 valid_until;
  gint64 issued;
  guint modes;
  guint look_alike_signs;
  gchar *signer;
  gint64 accepted;
} AnprHitListHeader;

/* What an entry has beside its texts; country is "" if unknown */
typedef struct {
  gint64 valid_from;
  gint64 valid_until;
  AnprPurpose purpose;
  guint priority;
  gboolean covert;
  gchar country[3];
  AnprListMatch match;
  AnprHours hours;
} AnprHitEntry;

typedef struct _AnprHitList AnprHitList;

AnprHitList *anpr_hit_list_open_fd (int fd, const gchar **fault);
AnprHitList *anpr_hit_list_open (const gchar *file, GError **error);
AnprHitList *anpr_hit_list_ref (AnprHitList *list);
void anpr_hit_list_unref (AnprHitList *list);

const AnprHitListHeader *anpr_hit_list_get_header (const AnprHitList *list);
guint anpr_hit_list_get_n_entries (const AnprHitList *list);
gboolean anpr_hit_list_is_active (const AnprHitList *list, gint64 utc);
const AnprKeyTable *anpr_hit_list_get_keys (const AnprHitList *list);
const AnprKeyTable *anpr_hit_list_get_folds (const AnprHitList *list);
const AnprListPattern *anpr_hit_list_get_patterns (
    const AnprHitList *list, gsize *n);
void anpr_hit_list_get_entry (
    const AnprHitList *list, guint i, AnprHitEntry *entry);
const gchar *anpr_hit_list_get_text (
    const AnprHitList *list, guint i, AnprHitText text);

const gchar *anpr_purpose_to_string (AnprPurpose purpose);
gboolean anpr_purpose_from_string (const gchar *name, AnprPurpose *purpose);
const gchar *anpr_list_match_to_string (AnprListMatch match);
gboolean anpr_list_match_from_string (const gchar *name, AnprListMatch *match);
void anpr_hit_list_header_clear (AnprHitListHeader *header);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHitList, anpr_hit_list_unref)

G_END_DECLS

#endif
