/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PLATEPATTERN_H
#define ANPR_RECORD_PLATEPATTERN_H

#include <glib.h>

G_BEGIN_DECLS

/* Longest plate that a pattern can describe, in signs */
#define ANPR_PATTERN_SIGNS 12
/* Longest district code, in signs */
#define ANPR_DISTRICT_SIGNS 3

/* A set of plate signs, one bit each */
typedef guint64 AnprSignSet;

/* A plate key as the bits of its signs; n_signs 0: no key, or one too long */
typedef struct {
  guint n_signs;
  AnprSignSet signs[ANPR_PATTERN_SIGNS];
  /* numbers of the codes that its first 1, 2, 3 signs make */
  guint prefixes[ANPR_DISTRICT_SIGNS];
} AnprKeySigns;

typedef struct _AnprDistricts AnprDistricts;

/* One way to fill a pattern: a set of signs for each slot. Of the plate some
 * sign is in must; its first n_district signs are a code of districts. */
typedef struct {
  guint n_signs;
  guint n_district;
  const AnprDistricts *districts;
  AnprSignSet must;
  AnprSignSet slots[ANPR_PATTERN_SIGNS];
} AnprPlateForm;

/* Finds the districts that a pattern names; NULL if there are none */
typedef const AnprDistricts *(*AnprFindDistricts) (
    const gchar *name, gpointer user_data);

AnprDistricts *anpr_districts_new (const gchar *codes, GError **error);
void anpr_districts_free (AnprDistricts *districts);

GArray *anpr_plate_pattern_parse (const gchar *pattern, AnprFindDistricts find,
    gpointer user_data, GError **error);
void anpr_key_signs_set (AnprKeySigns *signs, const gchar *key);
gboolean anpr_plate_form_match (
    const AnprPlateForm *form, const AnprKeySigns *key);

G_END_DECLS

#endif
