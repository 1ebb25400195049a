/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_HIT_H
#define ANPR_RECORD_HIT_H

#include <glib-object.h>
#include <json-glib/json-glib.h>
#include "direction.h"

G_BEGIN_DECLS

typedef enum {
  ANPR_GRADE_EXACT,
  ANPR_GRADE_CANDIDATE,
  ANPR_GRADE_LOOK_ALIKE,
  ANPR_GRADE_PATTERN,
} AnprGrade;

typedef enum {
  ANPR_COUNTRY_AGREE,
  ANPR_COUNTRY_UNKNOWN,
  ANPR_COUNTRY_CONFLICT,
} AnprCountryGrade;

/* A sign that stands otherwise in the list than it was read, each as UTF-8;
 * the confidences are the reader's, 0..1, in the one and in the other */
typedef struct {
  guint at;
  gchar read[8];
  gchar listed[8];
  gdouble read_confidence;
  gdouble listed_confidence;
} AnprHitSign;

/* One active list as it stood when a passage was compared with it */
typedef struct {
  gchar *list;
  gchar *version;
} AnprCompared;

#define ANPR_TYPE_HIT (anpr_hit_get_type ())
typedef struct _AnprHit AnprHit;

/**
 * AnprHit:
 * @id: UUIDv7
 * @list: list id
 * @version: list version
 * @entry: entry id in the list
 * @plate: plate as the list writes it
 * @authority: who is responsible for the list
 * @reference: the authority's reference for the entry
 * @category: such as "stolen"
 * @measure: what the list asks for, such as "stop with caution"
 * @warning: (nullable): warning markers
 * @reason: (nullable): handling text for the dispatcher
 * @priority: 0 is the most urgent
 * @purpose: J1, J2, J3 or B1
 * @grade: how the text matched
 * @matched: the text of the read that the entry was found by: its best one, or
 *     for grade candidate another that the reader holds possible
 * @likelihood: 0..1, what the reader thinks of that text, or for grade
 *     look-alike of the listed signs in it
 * @differing: positions (from 0) of the signs that differ, as text, "" if none
 * @country_grade: entry's country against the read's
 * @list_age: seconds from when the list was issued until the plate was seen, -1
 *     unknown
 * @stale: the list was too old then, so the hit is not actionable (R19)
 * @direction: of the vehicle, as far as it was known when the hit was found
 * @covert: shown to cleared users only, makes no sign on site
 * @late: delivered later than the bound
 *
 * A read found on a list. Always unverified: only a person's recorded decision
 * makes it actionable (R17), so there is no field and no function for it here.
 * Immutable once shared; reference counted.
 */
struct _AnprHit {
  gchar *id;
  gchar *list;
  gchar *version;
  gchar *entry;
  gchar *plate;
  gchar *authority;
  gchar *reference;
  gchar *category;
  gchar *measure;
  gchar *warning;
  gchar *reason;
  guint priority;
  gchar *purpose;
  AnprGrade grade;
  gchar *differing;
  AnprCountryGrade country_grade;
  gint64 list_age;
  gboolean stale;
  AnprDirection direction;
  gboolean covert;
  gboolean late;
  gchar *matched;
  gdouble likelihood;

  /*< private >*/
  GArray *signs;
};

GType anpr_hit_get_type (void) G_GNUC_CONST;
AnprHit *anpr_hit_new (void);
AnprHit *anpr_hit_ref (AnprHit *hit);
void anpr_hit_unref (AnprHit *hit);
void anpr_hit_add_sign (AnprHit *hit, const AnprHitSign *sign);
guint anpr_hit_get_n_signs (const AnprHit *hit);
const AnprHitSign *anpr_hit_get_sign (const AnprHit *hit, guint i);
JsonObject *anpr_hit_to_json (const AnprHit *hit, const gchar *passage_id);

AnprCompared *anpr_compared_new (const gchar *list, const gchar *version);
void anpr_compared_free (AnprCompared *compared);

const gchar *anpr_grade_to_string (AnprGrade grade);
const gchar *anpr_country_grade_to_string (AnprCountryGrade grade);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprHit, anpr_hit_unref)

G_END_DECLS

#endif
