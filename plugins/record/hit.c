/* gst-anpr: number plate recognition for GStreamer
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "hit.h"
#include "identifier.h"
#include "jsonmember.h"

#include <math.h>

G_DEFINE_BOXED_TYPE (AnprHit, anpr_hit, anpr_hit_ref, anpr_hit_unref)

static void
hit_clear (AnprHit *hit)
{
  g_free (hit->id);
  g_free (hit->list);
  g_free (hit->version);
  g_free (hit->entry);
  g_free (hit->plate);
  g_free (hit->authority);
  g_free (hit->reference);
  g_free (hit->category);
  g_free (hit->measure);
  g_free (hit->warning);
  g_free (hit->reason);
  g_free (hit->purpose);
  g_free (hit->differing);
  g_free (hit->matched);
  g_array_unref (hit->signs);
}

/**
 * anpr_hit_new:
 *
 * Returns: (transfer full): a hit with a new id and nothing else
 */
AnprHit *
anpr_hit_new (void)
{
  AnprHit *hit = g_atomic_rc_box_new0 (AnprHit);

  hit->id = anpr_identifier_new ();
  hit->list_age = -1;
  hit->signs = g_array_new (FALSE, FALSE, sizeof (AnprHitSign));
  return hit;
}

/**
 * anpr_hit_ref:
 * @hit: a hit
 *
 * Returns: (transfer full): @hit
 */
AnprHit *
anpr_hit_ref (AnprHit *hit)
{
  return g_atomic_rc_box_acquire (hit);
}

/**
 * anpr_hit_unref:
 * @hit: (transfer full): a hit
 */
void
anpr_hit_unref (AnprHit *hit)
{
  g_atomic_rc_box_release_full (hit, (GDestroyNotify) hit_clear);
}

/**
 * anpr_hit_add_sign: (skip)
 * @hit: a hit that is not shared yet
 * @sign: a sign that differs
 */
void
anpr_hit_add_sign (AnprHit *hit, const AnprHitSign *sign)
{
  g_array_append_val (hit->signs, *sign);
}

/**
 * anpr_hit_get_n_signs:
 * @hit: a hit
 *
 * Returns: how many signs the read and the list have otherwise, as far as they
 *     can be told one by one
 */
guint
anpr_hit_get_n_signs (const AnprHit *hit)
{
  return hit->signs->len;
}

/**
 * anpr_hit_get_sign: (skip)
 * @hit: a hit
 * @i: which
 *
 * Returns: (transfer none): the sign
 */
const AnprHitSign *
anpr_hit_get_sign (const AnprHit *hit, guint i)
{
  g_return_val_if_fail (i < hit->signs->len, NULL);
  return &g_array_index (hit->signs, AnprHitSign, i);
}

/* Four digits behind the point say all there is to say of a confidence */
static void
set_rate (JsonObject *object, const gchar *name, gdouble value)
{
  json_object_set_double_member (object, name, round (value * 1e4) / 1e4);
}

static JsonArray *
make_signs (const AnprHit *hit)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < hit->signs->len; i++) {
    const AnprHitSign *sign = anpr_hit_get_sign (hit, i);
    JsonObject *object = json_object_new ();

    json_object_set_int_member (object, "at", sign->at);
    json_object_set_string_member (object, "read", sign->read);
    json_object_set_string_member (object, "listed", sign->listed);
    set_rate (object, "read_confidence", sign->read_confidence);
    set_rate (object, "listed_confidence", sign->listed_confidence);
    json_array_add_object_element (array, object);
  }
  return array;
}

/**
 * anpr_hit_to_json:
 * @hit: a hit
 * @passage_id: the passage it belongs to
 *
 * Returns: (transfer full): the hit as design.md 4.3 writes it
 */
JsonObject *
anpr_hit_to_json (const AnprHit *hit, const gchar *passage_id)
{
  JsonObject *object = json_object_new ();

  anpr_json_set_text (object, "id", hit->id);
  anpr_json_set_text (object, "passage", passage_id);
  anpr_json_set_text (object, "list", hit->list);
  anpr_json_set_text (object, "version", hit->version);
  anpr_json_set_text (object, "entry", hit->entry);
  anpr_json_set_text (object, "plate", hit->plate);
  anpr_json_set_text (object, "authority", hit->authority);
  anpr_json_set_text (object, "reference", hit->reference);
  anpr_json_set_text (object, "category", hit->category);
  anpr_json_set_text (object, "measure", hit->measure);
  anpr_json_set_text (object, "warning", hit->warning);
  anpr_json_set_text (object, "reason", hit->reason);
  json_object_set_int_member (object, "priority", hit->priority);
  anpr_json_set_text (object, "purpose", hit->purpose);
  anpr_json_set_text (object, "grade", anpr_grade_to_string (hit->grade));
  anpr_json_set_text (
      object, "differing", hit->differing ? hit->differing : "");
  anpr_json_set_text (object, "matched", hit->matched ? hit->matched : "");
  set_rate (object, "likelihood", hit->likelihood);
  json_object_set_array_member (object, "signs", make_signs (hit));
  anpr_json_set_text (object, "country_grade",
      anpr_country_grade_to_string (hit->country_grade));
  json_object_set_int_member (object, "list_age_s", hit->list_age);
  json_object_set_boolean_member (object, "stale", hit->stale);
  anpr_json_set_text (
      object, "direction", anpr_direction_to_string (hit->direction));
  json_object_set_boolean_member (object, "covert", hit->covert);
  json_object_set_boolean_member (object, "late", hit->late);
  anpr_json_set_text (object, "state", "unverified");
  return object;
}

/**
 * anpr_compared_new: (skip)
 */
AnprCompared *
anpr_compared_new (const gchar *list, const gchar *version)
{
  AnprCompared *compared = g_new0 (AnprCompared, 1);

  compared->list = g_strdup (list);
  compared->version = g_strdup (version);
  return compared;
}

/**
 * anpr_compared_free: (skip)
 */
void
anpr_compared_free (AnprCompared *compared)
{
  if (!compared)
    return;
  g_free (compared->list);
  g_free (compared->version);
  g_free (compared);
}

const gchar *
anpr_grade_to_string (AnprGrade grade)
{
  static const gchar *const names[] = {
    [ANPR_GRADE_EXACT] = "exact",
    [ANPR_GRADE_CANDIDATE] = "candidate",
    [ANPR_GRADE_LOOK_ALIKE] = "look-alike",
    [ANPR_GRADE_PATTERN] = "pattern",
  };

  return names[grade];
}

const gchar *
anpr_country_grade_to_string (AnprCountryGrade grade)
{
  static const gchar *const names[] = {
    [ANPR_COUNTRY_AGREE] = "agree",
    [ANPR_COUNTRY_UNKNOWN] = "unknown",
    [ANPR_COUNTRY_CONFLICT] = "conflict",
  };

  return names[grade];
}
