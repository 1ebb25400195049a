/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_READ_H
#define ANPR_RECORD_READ_H

#include <glib-object.h>

G_BEGIN_DECLS

#define ANPR_MAX_CANDIDATES 10
#define ANPR_MAX_ALTERNATIVES 6
#define ANPR_MAX_COUNTRIES 8

/* AnprReadState: a vehicle whose plate could not be read, or that shows no
 * plate, is a passage all the same (R3). */
typedef enum {
  ANPR_READ_TEXT,
  ANPR_READ_NOT_READ,
  ANPR_READ_NO_PLATE,
} AnprReadState;

/* One whole-text reading; text is a plate key (platetext.h), confidence 0..1 */
typedef struct {
  gchar *text;
  gdouble confidence;
} AnprCandidate;

/* One sign as UTF-8, NUL terminated; confidence 0..1 */
typedef struct {
  gchar sign[8];
  gdouble confidence;
} AnprSign;

/* One character of the text with what else it may be, most likely first */
typedef struct {
  AnprSign best;
  guint n_alternatives;
  AnprSign alternatives[ANPR_MAX_ALTERNATIVES];
} AnprCharacter;

/* ISO 3166 alpha-2 code; score 0..1, the scores of one read sum to at most 1 */
typedef struct {
  gchar code[4];
  gdouble score;
} AnprCountry;

#define ANPR_TYPE_READ (anpr_read_get_type ())
typedef struct _AnprRead AnprRead;

/**
 * AnprRead:
 * @state: whether there is a text at all
 * @text: (nullable): the plate key, domain.md 5.1; %NULL unless @state is text
 * @raw: (nullable): as seen, with separators
 * @confidence: 0..1 that @text is right
 * @lines: text lines on the plate, 1 or 2; 0 unknown
 * @duration: time the reading took, microseconds
 * @engine: static string, "tesseract" or "ctc", or "ctc+tesseract" if both
 *     say @text
 * @second_engine: (nullable): static string, who else was asked; %NULL if
 *     nobody was
 * @second_text: (nullable): what that one says, a plate key
 * @second_confidence: 0..1, its own that @second_text is right
 *
 * What one look at one plate gave. Filled by its maker, immutable once shared;
 * reference counted, so threads may share it.
 */
struct _AnprRead {
  AnprReadState state;
  gchar *text;
  gchar *raw;
  gdouble confidence;
  guint lines;
  gint64 duration;
  const gchar *engine;
  const gchar *second_engine;
  gchar *second_text;
  gdouble second_confidence;

  /*< private >*/
  GArray *characters;
  GArray *candidates;
  GArray *countries;
};

void anpr_character_add_alternative (
    AnprCharacter *character, const AnprSign *sign);

GType anpr_read_get_type (void) G_GNUC_CONST;
AnprRead *anpr_read_new (AnprReadState state, const gchar *raw,
    gdouble confidence, const gchar *engine);
AnprRead *anpr_read_ref (AnprRead *read);
void anpr_read_unref (AnprRead *read);

void anpr_read_add_character (AnprRead *read, const AnprCharacter *character);
void anpr_read_add_candidate (
    AnprRead *read, const gchar *text, gdouble confidence);
void anpr_read_set_countries (
    AnprRead *read, const AnprCountry *countries, guint n);

void anpr_read_set_second (
    AnprRead *read, const gchar *engine, const gchar *text, gdouble confidence);

guint anpr_read_get_n_characters (const AnprRead *read);
const AnprCharacter *anpr_read_get_character (const AnprRead *read, guint i);
guint anpr_read_get_n_candidates (const AnprRead *read);
const AnprCandidate *anpr_read_get_candidate (const AnprRead *read, guint i);
guint anpr_read_get_n_countries (const AnprRead *read);
const AnprCountry *anpr_read_get_country (const AnprRead *read, guint i);

const gchar *anpr_read_state_to_string (AnprReadState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprRead, anpr_read_unref)

G_END_DECLS

#endif
