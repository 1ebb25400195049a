/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef ANPR_RECORD_PASSAGE_H
#define ANPR_RECORD_PASSAGE_H

#include <glib-object.h>
#include <json-glib/json-glib.h>
#include "clock.h"
#include "direction.h"
#include "geometry.h"
#include "hit.h"
#include "read.h"
#include "still.h"

G_BEGIN_DECLS

#define ANPR_PASSAGE_SCHEMA "anpr.passage/1"

/* Hits kept on one passage; a vehicle on more lists than that is told by the
 * most urgent ones */
#define ANPR_PASSAGE_MAX_HITS 16

typedef enum {
  ANPR_PASSAGE_NEW,
  ANPR_PASSAGE_UPDATE,
  ANPR_PASSAGE_LOST,
} AnprPassageState;

/**
 * AnprKeeping:
 * @device: (nullable): name of the appliance
 * @position: (nullable): permitted camera place
 * @lane: (nullable): lane at the position
 * @sequence: gap-free number at the position, 0 not kept yet
 * @images: (nullable): JSON array of kind, sha256, bytes
 * @previous_hash: (nullable): hash of the record before it, hexadecimal
 * @hash: (nullable): hash of this record, hexadecimal
 *
 * What only the one who keeps a passage knows of it.
 */
typedef struct {
  const gchar *device;
  const gchar *position;
  const gchar *lane;
  guint64 sequence;
  JsonArray *images;
  const gchar *previous_hash;
  const gchar *hash;
} AnprKeeping;

#define ANPR_TYPE_PASSAGE (anpr_passage_get_type ())
typedef struct _AnprPassage AnprPassage;

GType anpr_passage_get_type (void) G_GNUC_CONST;
AnprPassage *anpr_passage_new (const AnprMoment *moment);
AnprPassage *anpr_passage_ref (AnprPassage *passage);
void anpr_passage_unref (AnprPassage *passage);

const gchar *anpr_passage_get_id (const AnprPassage *passage);
gboolean anpr_passage_is_same (
    const AnprPassage *passage, const AnprPassage *other);
void anpr_passage_see (AnprPassage *passage, const AnprMoment *moment,
    const AnprBox *box, gdouble confidence);
gboolean anpr_passage_is_vehicle (AnprPassage *passage);
gboolean anpr_passage_add_read (AnprPassage *passage, AnprRead *read,
    const AnprMoment *moment, const AnprBox *box);
void anpr_passage_set_stills (
    AnprPassage *passage, AnprStill *plate, AnprStill *vehicle);
void anpr_passage_set_scenery (AnprPassage *passage);
void anpr_passage_set_direction (AnprPassage *passage, AnprDirection direction);
gboolean anpr_passage_add_hit (AnprPassage *passage, AnprHit *hit);
void anpr_passage_set_compared (AnprPassage *passage, GPtrArray *compared);
void anpr_passage_close (AnprPassage *passage);

AnprRead *anpr_passage_get_read (AnprPassage *passage);
gboolean anpr_passage_take_new_text (AnprPassage *passage);
gboolean anpr_passage_wants_read (AnprPassage *passage, const AnprBox *box);
gboolean anpr_passage_has_text (AnprPassage *passage);
gboolean anpr_passage_has_hits (AnprPassage *passage);
GPtrArray *anpr_passage_get_hits (AnprPassage *passage);
void anpr_passage_get_stills (
    AnprPassage *passage, AnprStill **plate, AnprStill **vehicle);
void anpr_passage_get_moments (AnprPassage *passage, AnprMoment *first,
    AnprMoment *best, AnprMoment *last);
AnprDirection anpr_passage_get_direction (AnprPassage *passage);
guint anpr_passage_get_n_frames (AnprPassage *passage);
gboolean anpr_passage_has_news (AnprPassage *passage);
gboolean anpr_passage_take_news (AnprPassage *passage, AnprPassageState *state);
JsonObject *anpr_passage_to_json (
    AnprPassage *passage, const AnprKeeping *keeping);

void anpr_read_add_to_json (const AnprRead *read, JsonObject *object);

const gchar *anpr_passage_state_to_string (AnprPassageState state);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnprPassage, anpr_passage_unref)

G_END_DECLS

#endif
