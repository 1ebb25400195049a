-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Questions about passages: of a plate, at a place, and their pictures.
--
-- Each anpr.FUNCTION(ticket) takes everything from the ticket (0004-gate.sql): the
-- window of time, and in "what" the fields that stand above it. Rows are in order
-- of time; of more than "limit" rows the earliest come, with "cut" set in each of
-- them, and a question from the last one's time on gives more.
--
-- Functions that read run as anpr_reader, behind row-level security, with plans
-- that are made once a session: planning for each day of a year takes longer than
-- reading. A window of some weeks is planned for its own days each time, which also
-- makes a session's first question quick. So that one plan suits every question,
-- each function allows its one good way to the rows: by the plate's index, or by the
-- blocks of a time. OFFSET 0 keeps the planner from turning a join round and reading
-- all passages for each of a few.

SET LOCAL ROLE anpr_owner;

INSERT INTO anpr_data.query_function VALUES
  ('plate', '{anpr_investigator}', 'consultation'),
  ('place', '{anpr_investigator}', 'consultation'),
  ('images', '{anpr_investigator}', 'disclosure');

-- A passage with the one of its plates that a question is about.
CREATE TYPE anpr_data.found AS (
  id uuid,
  seen timestamptz,
  first_offset int,
  last_offset int,
  "position" smallint,
  confidence smallint,
  direction "char",
  state "char",
  synchronised boolean,
  country text,
  plate text,
  role text,
  lane text
);

-- What is told of a passage. Times are moments; confidence is from 0 to 1;
-- latitude and longitude are degrees in WGS 84.
CREATE TYPE anpr.sighting AS (
  passage uuid,
  seen timestamptz,                   -- the best shot
  first_seen timestamptz,
  last_seen timestamptz,
  "position" text,
  place text,
  latitude float8,
  longitude float8,
  controller text,
  direction text,                     -- in, out, unknown
  lane text,
  state text,                         -- read, not read, no plate
  plate text,                         -- NULL not read
  role text,                          -- vehicle, trailer
  country text,                       -- likeliest, empty if unknown
  confidence float8,
  match text,                         -- exact, look-alike, pattern, NULL no plate asked
  synchronised boolean,               -- whether the clock was
  cut boolean                         -- whether there are more than these
);

-- --- helpers ---------------------------------------------------------------

-- What the answer was, beside what was asked: of which entry, how many rows, of how
-- many at most.
CREATE FUNCTION anpr_data.log_answer(asked anpr_data.ticket, n bigint,
  most int DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  PERFORM anpr_data.append_log('login:' || session_user,
    coalesce((SELECT f.action FROM anpr_data.query_function f
      WHERE f.name = asked.function), 'disclosure'), 'done', asked.function,
    jsonb_strip_nulls(jsonb_build_object('answered', asked.log_number,
      'rows', least(n, most), 'limit', most)), asked.purpose);
END
$$;

-- Numbers of the positions named in "positions" of @what; all that the ticket's
-- controllers have where none is named.
CREATE FUNCTION anpr_data.asked_positions(asked anpr_data.ticket, what jsonb)
RETURNS smallint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  names jsonb := what -> 'positions';
  numbers smallint[];
  unknown text;
BEGIN
  IF coalesce(jsonb_typeof(names), 'null') = 'null' THEN
    RETURN ARRAY(SELECT number FROM anpr_data.position
      WHERE controller = ANY (asked.controllers) ORDER BY number);
  END IF;
  IF jsonb_typeof(names) <> 'array'
     OR jsonb_array_length(names) NOT BETWEEN 1 AND 1000 THEN
    PERFORM anpr_data.refuse_question('"positions" is a list of 1 to 1000 names');
  END IF;
  SELECT left(n.name, 200) INTO unknown
  FROM jsonb_array_elements_text(names) AS n (name)
  WHERE NOT EXISTS (SELECT FROM anpr_data.position p
    WHERE p.name = n.name AND p.controller = ANY (asked.controllers))
  LIMIT 1;
  IF FOUND THEN
    PERFORM anpr_data.refuse_question(format('there is no position "%s" that this '
      'question may be about', unknown));
  END IF;
  RETURN ARRAY(SELECT p.number FROM anpr_data.position p
    WHERE names ? p.name ORDER BY p.number);
END
$$;

CREATE FUNCTION anpr_data.asked_direction(what jsonb) RETURNS "char"
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  direction text := anpr_data.asked_text(what, 'direction', '');
BEGIN
  IF direction NOT IN ('', 'in', 'out', 'unknown') THEN
    PERFORM anpr_data.refuse_question('"direction" is in, out or unknown');
  END IF;
  RETURN left(direction, 1);
END
$$;

-- A pattern whose beginning is long enough for the window: without two signs to
-- begin with, every passage of the window is looked at.
CREATE FUNCTION anpr_data.asked_pattern(pattern text, reach interval)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  pattern_like text := anpr_data.plate_like(pattern);
BEGIN
  IF pattern_like IS NULL THEN
    PERFORM anpr_data.refuse_question('the pattern is longer than any plate');
  END IF;
  IF length(translate(pattern_like, '_%', '')) < 2 THEN
    PERFORM anpr_data.refuse_question(
      'a pattern has at least two letters or digits');
  END IF;
  IF length(anpr_data.like_beginning(pattern_like)) < 2
     AND reach > interval '31 days' THEN
    PERFORM anpr_data.refuse_question('a pattern that does not begin with two '
      'letters or digits is looked for in at most 31 days');
  END IF;
  RETURN pattern_like;
END
$$;

-- --- the ways to the rows --------------------------------------------------

-- Passages of one plate: anpr.plate() has the same, and tells them at once
CREATE FUNCTION anpr_data.find_plate(key text, positions smallint[],
  since timestamptz, before timestamptz, n int)
RETURNS SETOF anpr_data.found
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
  RETURN QUERY
  SELECT p.id, p.seen, p.first_offset, p.last_offset, p.position, p.confidence,
    p.direction, p.state, p.synchronised, p.country, p.plate, 'vehicle', p.lane
  FROM anpr_data.passage p
  WHERE p.plate = key AND p.seen >= since AND p.seen < before
    AND p.position = ANY (positions)
  ORDER BY p.seen LIMIT n;
END
$$;

-- Passages of any of many different plates, each looked for by itself
CREATE FUNCTION anpr_data.find_plates(keys text[], positions smallint[],
  since timestamptz, before timestamptz, n int)
RETURNS SETOF anpr_data.found
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
BEGIN
  RETURN QUERY
  SELECT q.* FROM unnest(keys) AS k CROSS JOIN LATERAL (
    SELECT p.id, p.seen, p.first_offset, p.last_offset, p.position, p.confidence,
      p.direction, p.state, p.synchronised, p.country, p.plate, 'vehicle', p.lane
    FROM anpr_data.passage p
    WHERE p.plate = k AND p.seen >= since AND p.seen < before
      AND p.position = ANY (positions) OFFSET 0) AS q
  ORDER BY q.seen LIMIT n;
END
$$;

-- Passages whose plate is like a pattern. LIKE may not be asked before row-level
-- security has been, so the pattern's beginning is given beside it.
CREATE FUNCTION anpr_data.find_pattern(pattern text, positions smallint[],
  since timestamptz, before timestamptz, n int)
RETURNS SETOF anpr_data.found
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
DECLARE
  beginning text := anpr_data.like_beginning(pattern);
BEGIN
  RETURN QUERY
  SELECT p.id, p.seen, p.first_offset, p.last_offset, p.position, p.confidence,
    p.direction, p.state, p.synchronised, p.country, p.plate, 'vehicle', p.lane
  FROM anpr_data.passage p
  WHERE p.plate >= beginning AND p.plate < beginning || chr(1114111)
    AND p.plate LIKE pattern AND p.seen >= since AND p.seen < before
    AND p.position = ANY (positions)
  ORDER BY p.seen LIMIT n;
END
$$;

-- Second plates, such as trailers' (R6): any of @keys, or like @pattern. There are
-- few, so passages are only looked at if there is one.
CREATE FUNCTION anpr_data.find_further(keys text[], pattern text,
  positions smallint[], since timestamptz, before timestamptz, n int)
RETURNS SETOF anpr_data.found
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
AS $$
DECLARE
  further anpr_data.further_plate[];
BEGIN
  further := ARRAY(
    SELECT f FROM anpr_data.further_plate f
    WHERE (f.plate = ANY (keys) OR f.plate LIKE pattern)
      AND f.seen >= since AND f.seen < before AND f.position = ANY (positions)
    ORDER BY f.seen LIMIT n);
  IF further = '{}' THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT q.* FROM unnest(further) AS f CROSS JOIN LATERAL (
    SELECT p.id, p.seen, p.first_offset, p.last_offset, p.position, f.confidence,
      p.direction, p.state, p.synchronised, f.country, f.plate, f.role, p.lane
    FROM anpr_data.passage p
    WHERE p.id = f.passage AND p.seen = f.seen OFFSET 0) AS q;
END
$$;

-- Passages of a time, by the blocks they lie in; @direction "" is any, @pattern
-- NULL is any plate and none.
CREATE FUNCTION anpr_data.find_at(positions smallint[], since timestamptz,
  before timestamptz, asked_direction "char", pattern text, n int)
RETURNS SETOF anpr_data.found
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_custom_plan
SET jit = off
SET enable_seqscan = off
SET enable_indexscan = off
AS $$
BEGIN
  RETURN QUERY
  SELECT p.id, p.seen, p.first_offset, p.last_offset, p.position, p.confidence,
    p.direction, p.state, p.synchronised, p.country, p.plate, 'vehicle', p.lane
  FROM anpr_data.passage p
  WHERE p.seen >= since AND p.seen < before AND p.position = ANY (positions)
    AND (asked_direction = '' OR p.direction = asked_direction)
    AND (pattern IS NULL OR p.plate LIKE pattern)
  ORDER BY p.seen, p.position LIMIT n;
END
$$;

-- What is told of what was found
CREATE FUNCTION anpr_data.tell(answer anpr_data.found[], match_key text,
  match text, n int)
RETURNS SETOF anpr.sighting
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
BEGIN
  RETURN QUERY
  SELECT f.id, f.seen, f.seen + f.first_offset * interval '1 millisecond',
    f.seen + f.last_offset * interval '1 millisecond', p.name, p.place,
    p.latitude, p.longitude, c.name,
    CASE f.direction WHEN 'i' THEN 'in' WHEN 'o' THEN 'out' ELSE 'unknown' END,
    f.lane,
    CASE f.state WHEN 'r' THEN 'read' WHEN 'n' THEN 'not read' ELSE 'no plate' END,
    f.plate, f.role, f.country,
    f.confidence / 10000.0::float8,
    CASE WHEN f.plate = match_key THEN 'exact' ELSE match END, f.synchronised,
    cardinality(answer) > n
  FROM (SELECT * FROM unnest(answer) AS u
        ORDER BY u.seen, u.position, u.id, u.role LIMIT n) AS f
  JOIN anpr_data.position p ON p.number = f.position
  JOIN anpr_data.controller c ON c.number = p.controller
  ORDER BY f.seen, p.number, f.id, f.role;
END
$$;

-- Passages of plates like one, and of trailers
CREATE FUNCTION anpr_data.tell_plates(asked anpr_data.ticket, match text,
  plate text, key text, positions smallint[], n int)
RETURNS SETOF anpr.sighting
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET enable_nestloop = on
AS $$
DECLARE
  changes int := anpr_data.asked_number(asked.what, 'changes', 1, 1, 2);
  since timestamptz := asked.window_from;
  before timestamptz := asked.window_to;
  keys text[] := ARRAY[key];
  pattern text;
  answer anpr_data.found[];
BEGIN
  IF match = 'exact' THEN
    answer := ARRAY(SELECT f FROM anpr_data.find_plate(key, positions, since,
      before, n + 1) AS f);
  ELSIF match = 'look-alike' THEN
    IF length(key) NOT BETWEEN 3 AND 12 THEN
      PERFORM anpr_data.refuse_question(
        'look-alikes are tried of plates of 3 to 12 signs');
    END IF;
    keys := anpr_data.look_alikes(key, changes);
    answer := ARRAY(SELECT f FROM anpr_data.find_plates(keys, positions, since,
      before, n + 1) AS f);
  ELSE
    keys := NULL;
    key := NULL;
    pattern := anpr_data.asked_pattern(plate, before - since);
    IF length(anpr_data.like_beginning(pattern)) < 2 THEN
      answer := ARRAY(SELECT f FROM anpr_data.find_at(positions, since, before, '',
        pattern, n + 1) AS f);
    ELSE
      answer := ARRAY(SELECT f FROM anpr_data.find_pattern(pattern, positions,
        since, before, n + 1) AS f);
    END IF;
  END IF;
  answer := answer || ARRAY(SELECT f FROM anpr_data.find_further(keys, pattern,
    positions, since, before, n + 1) AS f);
  PERFORM anpr_data.log_answer(asked, cardinality(answer), n);
  RETURN QUERY SELECT * FROM anpr_data.tell(answer, key, match, n);
END
$$;

RESET ROLE;

-- --- passages of a plate ---------------------------------------------------

-- what: {"plate": "1-ABC-123", "match": "exact" | "look-alike" | "pattern",
--        "changes": 1 | 2, "positions": [names], "limit": 1 to 10000}
-- A pattern has ? for one sign and * for any number of them.
--
-- An exact plate is what is asked most and has to be quick: it has a way of its own,
-- in which a row is made once.
CREATE FUNCTION anpr.plate(ticket uuid)
RETURNS SETOF anpr.sighting
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_nestloop = off
AS $$
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(plate.ticket, 'plate');
  what jsonb := asked.what;
  match text := anpr_data.asked_text(what, 'match', 'exact');
  plate text := anpr_data.asked_text(what, 'plate', NULL);
  key text := anpr_data.plate_key(plate);
  n int := anpr_data.asked_number(what, 'limit', 1000, 1, 10000);
  positions smallint[] := anpr_data.asked_positions(asked, what);
  since timestamptz := asked.window_from;
  before timestamptz := asked.window_to;
  told bigint;
BEGIN
  PERFORM anpr_data.check_fields(what,
    ARRAY['plate', 'match', 'changes', 'positions', 'limit']);
  IF match NOT IN ('exact', 'look-alike', 'pattern') THEN
    PERFORM anpr_data.refuse_question(
      '"match" is exact, look-alike or pattern');
  END IF;
  IF key = '' THEN
    PERFORM anpr_data.refuse_question('"plate" has no letter and no digit');
  END IF;
  IF match <> 'exact' OR EXISTS (SELECT FROM anpr_data.further_plate f
      WHERE f.plate = key) THEN
    RETURN QUERY SELECT * FROM anpr_data.tell_plates(asked, match, plate, key,
      positions, n);
    RETURN;
  END IF;
  IF before - since <= interval '45 days' THEN
    PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
  END IF;
  RETURN QUERY
  SELECT q.id, q.seen, q.seen + q.first_offset * interval '1 millisecond',
    q.seen + q.last_offset * interval '1 millisecond', o.name, o.place,
    o.latitude, o.longitude, c.name,
    CASE q.direction WHEN 'i' THEN 'in' WHEN 'o' THEN 'out' ELSE 'unknown' END,
    q.lane,
    CASE q.state WHEN 'r' THEN 'read' WHEN 'n' THEN 'not read' ELSE 'no plate' END,
    q.plate, 'vehicle', q.country,
    q.confidence / 10000.0::float8, 'exact', q.synchronised,
    count(*) OVER () > n
  FROM (SELECT p.* FROM anpr_data.passage p
        WHERE p.plate = key AND p.seen >= since AND p.seen < before
          AND p.position = ANY (positions)
        ORDER BY p.seen LIMIT n + 1) AS q
  JOIN anpr_data.position o ON o.number = q.position
  JOIN anpr_data.controller c ON c.number = o.controller
  ORDER BY q.seen, q.position LIMIT n;
  GET DIAGNOSTICS told = ROW_COUNT;
  PERFORM anpr_data.log_answer(asked, told, n);
END
$$;

-- --- passages at a place ---------------------------------------------------

-- what: {"positions": [names], "direction": "in" | "out" | "unknown",
--        "plate": pattern, "limit": 1 to 10000}; at most seven days
CREATE FUNCTION anpr.place(ticket uuid)
RETURNS SETOF anpr.sighting
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(place.ticket, 'place');
  what jsonb := asked.what;
  n int := anpr_data.asked_number(what, 'limit', 1000, 1, 10000);
  direction "char" := anpr_data.asked_direction(what);
  plate text := anpr_data.asked_text(what, 'plate', '');
  pattern text;
  answer anpr_data.found[];
BEGIN
  PERFORM anpr_data.check_fields(what,
    ARRAY['positions', 'direction', 'plate', 'limit']);
  IF NOT what ? 'positions' THEN
    PERFORM anpr_data.refuse_question('"positions" is missing');
  END IF;
  IF asked.window_to - asked.window_from > interval '7 days' THEN
    PERFORM anpr_data.refuse_question(
      'what passed a place is told of at most seven days');
  END IF;
  IF plate <> '' THEN
    pattern := anpr_data.asked_pattern(plate, interval '0');
  END IF;
  answer := ARRAY(SELECT f FROM anpr_data.find_at(
    anpr_data.asked_positions(asked, what), asked.window_from, asked.window_to,
    direction, pattern, n + 1) AS f);
  PERFORM anpr_data.log_answer(asked, cardinality(answer), n);
  RETURN QUERY SELECT * FROM anpr_data.tell(answer, NULL,
    CASE WHEN pattern IS NOT NULL THEN 'pattern' END, n);
END
$$;

-- --- pictures --------------------------------------------------------------

-- what: {"passages": [1 to 20 ids]}. Asked for and logged apart from passages
-- (R30); the window has to hold the passages.
CREATE FUNCTION anpr.images(ticket uuid)
RETURNS TABLE (passage uuid, kind text, jpeg bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(images.ticket, 'images');
  ids uuid[];
  told bigint;
BEGIN
  PERFORM anpr_data.check_fields(asked.what, ARRAY['passages']);
  ids := anpr_data.asked_ids(asked.what, 'passages', 20);
  RETURN QUERY
  SELECT s.passage, s.kind, s.jpeg FROM anpr_data.still s
  WHERE s.passage = ANY (ids) AND s.seen >= asked.window_from
    AND s.seen < asked.window_to
  ORDER BY s.passage, s.kind;
  GET DIAGNOSTICS told = ROW_COUNT;
  PERFORM anpr_data.log_answer(asked, told);
END
$$;

ALTER FUNCTION anpr.plate(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.place(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.images(uuid) OWNER TO anpr_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.plate, anpr.place, anpr.images
  TO anpr_investigator;
GRANT SELECT ON anpr_data.look_alike TO anpr_reader;
GRANT EXECUTE ON FUNCTION anpr_data.plate_signs,
  anpr_data.plate_key, anpr_data.plate_like, anpr_data.like_beginning,
  anpr_data.replace_one, anpr_data.look_alikes, anpr_data.refuse_question,
  anpr_data.check_fields, anpr_data.asked_text, anpr_data.asked_number,
  anpr_data.asked_moment, anpr_data.asked_ids, anpr_data.asked_positions,
  anpr_data.asked_direction, anpr_data.asked_pattern, anpr_data.log_answer,
  anpr_data.find_plate, anpr_data.find_plates, anpr_data.find_pattern,
  anpr_data.find_further, anpr_data.find_at, anpr_data.tell,
  anpr_data.tell_plates TO anpr_reader;
