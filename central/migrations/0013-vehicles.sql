-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Vehicles that travel together, and plates that are faster than any vehicle.

SET LOCAL ROLE anpr_owner;

INSERT INTO anpr_data.query_function VALUES
  ('convoy', '{anpr_investigator}', 'combination'),
  ('impossible', '{anpr_investigator}', 'combination');

-- Great-circle distance in kilometres between two places in degrees: the haversine
-- formula (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68, 1984,
-- page 159) on the mean radius of the Earth, 6371.0088 km (H. Moritz, "Geodetic
-- Reference System 1980", Journal of Geodesy 74, 2000). Within 0.6 % of the
-- ellipsoid's, and never more than a road.
CREATE FUNCTION anpr_data.distance_km(latitude_a float8, longitude_a float8,
  latitude_b float8, longitude_b float8)
RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN 2 * 6371.0088 * asin(least(1, sqrt(
  sin(radians(latitude_b - latitude_a) / 2) ^ 2
  + cos(radians(latitude_a)) * cos(radians(latitude_b))
    * sin(radians(longitude_b - longitude_a) / 2) ^ 2)));

-- --- travelling together ---------------------------------------------------

-- Another plate near one passage of the plate that is asked about; gap: seconds it
-- came later, negative before.
CREATE TYPE anpr_data.meeting AS (
  passage int,
  plate text,
  country text,
  "position" smallint,
  seen timestamptz,
  gap float8
);

-- Which plates passed the same place in the same direction, up to @seconds apart.
-- Bounds are computed before: what computes is not asked before row-level security,
-- so it would not lead to the rows.
CREATE FUNCTION anpr_data.meetings(answer anpr_data.found[], key text,
  seconds float8)
RETURNS SETOF anpr_data.meeting
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_indexscan = off
AS $$
BEGIN
  RETURN QUERY
  SELECT f.n::int, q.plate, q.country, f.position, f.seen,
    extract(epoch FROM q.seen - f.seen)::float8
  FROM (
    SELECT u.n, u.seen, u.position, u.direction,
      u.seen - seconds * interval '1 second' AS since,
      u.seen + seconds * interval '1 second' AS until
    FROM unnest(answer) WITH ORDINALITY AS u (id, seen, first_offset, last_offset,
      "position", confidence, direction, state, synchronised, country, plate, role,
      lane, n) OFFSET 0) AS f
  CROSS JOIN LATERAL (
    SELECT p.plate, p.country, p.seen FROM anpr_data.passage p
    WHERE p.seen >= f.since AND p.seen <= f.until AND p.position = f.position
      AND (p.direction = f.direction OR 'u' IN (p.direction, f.direction))
    OFFSET 0) AS q
  WHERE q.plate <> key;
END
$$;

-- How often each of some plates passed anywhere in a window
CREATE FUNCTION anpr_data.count_passages(keys text[], positions smallint[],
  since timestamptz, before timestamptz, OUT plate text, OUT passages bigint)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT k, q.n FROM unnest(keys) AS k CROSS JOIN LATERAL (
    SELECT count(*) AS n FROM anpr_data.passage p
    WHERE p.plate = k AND p.seen >= since AND p.seen < before
      AND p.position = ANY (positions)) AS q;
END
$$;

RESET ROLE;

-- Plates that passed together with one plate, at least so many times. share: of all
-- passages of the other plate in the window, which part was together; it tells a
-- companion from who drives there anyway. The 100 that were together most often are
-- counted.
-- what: {"plate", "seconds": 5 to 900, 120, "at_least": 2 to 100, 3,
--        "positions": [names], "limit": 1 to 100}
CREATE FUNCTION anpr.convoy(ticket uuid)
RETURNS TABLE (plate text, country text, times int, days int, places int,
  mean_gap float8, passages bigint, share float8, first_seen timestamptz,
  last_seen timestamptz, cut boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(convoy.ticket, 'convoy');
  what jsonb := asked.what;
  key text := anpr_data.plate_key(anpr_data.asked_text(what, 'plate', NULL));
  seconds float8 := anpr_data.asked_number(what, 'seconds', 120, 5, 900);
  at_least int := anpr_data.asked_number(what, 'at_least', 3, 2, 100);
  n int := anpr_data.asked_number(what, 'limit', 50, 1, 100);
  positions smallint[] := anpr_data.asked_positions(asked, what);
  answer anpr_data.found[];
  companions jsonb;
BEGIN
  PERFORM anpr_data.check_fields(what,
    ARRAY['plate', 'seconds', 'at_least', 'positions', 'limit']);
  IF key = '' THEN
    PERFORM anpr_data.refuse_question('"plate" has no letter and no digit');
  END IF;
  answer := ARRAY(SELECT f FROM anpr_data.find_plate(key, positions,
    asked.window_from, asked.window_to, 1001) AS f);
  IF cardinality(answer) > 1000 THEN
    PERFORM anpr_data.refuse_question('the plate passed more than 1000 times: '
      'ask for a shorter time, or fewer positions');
  END IF;
  companions := (
    SELECT jsonb_object_agg(c.plate, to_jsonb(c)) FROM (
      SELECT m.plate, max(m.country) AS country,
        count(DISTINCT m.passage) AS times,
        count(DISTINCT (m.seen AT TIME ZONE 'Europe/Brussels')::date) AS days,
        count(DISTINCT m.position) AS places, avg(m.gap) AS mean_gap,
        min(m.seen) AS first_seen, max(m.seen) AS last_seen
      FROM anpr_data.meetings(answer, key, seconds) AS m
      GROUP BY m.plate HAVING count(DISTINCT m.passage) >= at_least
      ORDER BY 3 DESC, 1 LIMIT 100) AS c);
  companions := coalesce(companions, '{}');
  PERFORM anpr_data.log_answer(asked,
    (SELECT count(*) FROM jsonb_object_keys(companions)), n);
  RETURN QUERY
  SELECT c.plate, c.country, c.times, c.days, c.places, c.mean_gap, p.passages,
    c.times / p.passages::float8, c.first_seen, c.last_seen, count(*) OVER () > n
  FROM anpr_data.count_passages(ARRAY(SELECT jsonb_object_keys(companions)),
    positions, asked.window_from, asked.window_to) AS p
  CROSS JOIN LATERAL jsonb_to_record(companions -> p.plate) AS c (plate text,
    country text, times int, days int, places int, mean_gap float8,
    first_seen timestamptz, last_seen timestamptz)
  ORDER BY c.times * c.times / p.passages::float8 DESC, c.plate LIMIT n;
END
$$;

-- --- impossible travel -----------------------------------------------------

-- Passages of one plate one after another, at two positions, faster than "speed"
-- (R50): two vehicles with the same plate, or a plate that was misread. The speed
-- is the least possible: the straight distance, in the time between best shots and
-- 2 s more for the clocks, 60 s where one was not synchronised.
-- what: {"plate": one plate, or none: all, of at most a day,
--        "speed": km/h, 50 to 1000, 200, "positions": [names], "limit": 1 to 10000}
CREATE FUNCTION anpr.impossible(ticket uuid)
RETURNS TABLE (plate text, passage uuid, seen timestamptz, "position" text,
  confidence float8, country text, next_passage uuid, next_seen timestamptz,
  next_position text, next_confidence float8, next_country text, km float8,
  seconds float8, kmh float8, synchronised boolean, cause text, latitude float8,
  longitude float8, next_latitude float8, next_longitude float8, cut boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(impossible.ticket, 'impossible');
  what jsonb := asked.what;
  key text := anpr_data.plate_key(anpr_data.asked_text(what, 'plate', ''));
  speed float8 := anpr_data.asked_number(what, 'speed', 200, 50, 1000);
  n int := anpr_data.asked_number(what, 'limit', 1000, 1, 10000);
  positions smallint[] := anpr_data.asked_positions(asked, what);
  pairs jsonb;
BEGIN
  PERFORM anpr_data.check_fields(what,
    ARRAY['plate', 'speed', 'positions', 'limit']);
  IF key = '' AND asked.window_to - asked.window_from > interval '1 day' THEN
    PERFORM anpr_data.refuse_question(
      'all plates are compared over at most one day: give "plate" for more');
  END IF;
  pairs := (
    SELECT jsonb_agg(to_jsonb(s) ORDER BY s.next_seen) FROM (
      SELECT t.* FROM (
        SELECT m.plate, m.id, m.seen, p.name AS position, m.confidence, m.country,
          m.next_id, m.next_seen, q.name AS next_position, m.next_confidence,
          m.next_country, p.latitude, p.longitude, q.latitude AS next_latitude,
          q.longitude AS next_longitude, m.synchronised,
          anpr_data.distance_km(p.latitude, p.longitude, q.latitude, q.longitude)
            AS km,
          extract(epoch FROM m.next_seen - m.seen)::float8 AS seconds
        FROM anpr_data.moves(key, positions, asked.window_from, asked.window_to)
          AS m
        JOIN anpr_data.position p ON p.number = m.position
        JOIN anpr_data.position q ON q.number = m.next_position) AS t
      WHERE t.km * 3600 > speed
        * (t.seconds + CASE WHEN t.synchronised THEN 2 ELSE 60 END)
      ORDER BY t.next_seen LIMIT n + 1) AS s);
  pairs := coalesce(pairs, '[]');
  PERFORM anpr_data.log_answer(asked, jsonb_array_length(pairs), n);
  RETURN QUERY
  SELECT s.plate, s.id, s.seen, s.position, s.confidence / 10000.0::float8,
    s.country, s.next_id, s.next_seen, s.next_position,
    s.next_confidence / 10000.0::float8, s.next_country, s.km, s.seconds,
    s.km * 3600 / (s.seconds + CASE WHEN s.synchronised THEN 2 ELSE 60 END),
    s.synchronised, CASE WHEN least(s.confidence, s.next_confidence) < 9000
      THEN 'misread' ELSE 'clone or misread' END,
    s.latitude, s.longitude, s.next_latitude, s.next_longitude,
    jsonb_array_length(pairs) > n
  FROM jsonb_to_recordset(pairs) AS s (plate text, id uuid, seen timestamptz,
    "position" text, confidence int, country text, next_id uuid,
    next_seen timestamptz, next_position text, next_confidence int,
    next_country text, latitude float8, longitude float8, next_latitude float8,
    next_longitude float8, synchronised boolean, km float8, seconds float8)
  ORDER BY s.next_seen LIMIT n;
END
$$;

SET LOCAL ROLE anpr_owner;

-- Passages that follow each other at different positions, of one plate, or of all
-- where @key is empty
CREATE FUNCTION anpr_data.moves(key text, positions smallint[],
  since timestamptz, before timestamptz,
  OUT plate text, OUT id uuid, OUT seen timestamptz, OUT "position" smallint,
  OUT confidence smallint, OUT country text, OUT next_id uuid,
  OUT next_seen timestamptz, OUT next_position smallint,
  OUT next_confidence smallint, OUT next_country text, OUT synchronised boolean)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT m.plate, m.id, m.seen, m.position, m.confidence, m.country, m.next_id,
    m.next_seen, m.next_position, m.next_confidence, m.next_country, m.both
  FROM (
    SELECT f.plate, f.id, f.seen, f.position, f.confidence, f.country,
      lead(f.id) OVER w AS next_id, lead(f.seen) OVER w AS next_seen,
      lead(f.position) OVER w AS next_position,
      lead(f.confidence) OVER w AS next_confidence,
      lead(f.country) OVER w AS next_country,
      f.synchronised AND lead(f.synchronised) OVER w AS both
    FROM (
      SELECT p.* FROM anpr_data.find_plate(key, positions, since, before, 100000)
        AS p WHERE key <> ''
      UNION ALL
      SELECT p.* FROM anpr_data.find_at(positions, since, before, '', NULL,
        2000000) AS p WHERE key = '' AND p.plate IS NOT NULL) AS f
    WINDOW w AS (PARTITION BY f.plate ORDER BY f.seen, f.id)) AS m
  WHERE m.next_position <> m.position;
END;

RESET ROLE;
ALTER FUNCTION anpr.convoy(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.impossible(uuid) OWNER TO anpr_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.convoy, anpr.impossible TO anpr_investigator;
GRANT EXECUTE ON FUNCTION anpr_data.distance_km, anpr_data.meetings,
  anpr_data.count_passages, anpr_data.moves TO anpr_reader;
