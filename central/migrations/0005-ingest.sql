-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- What appliances deliver: anpr.ingest(), the one function their logins may call.
--
-- A batch is taken as a whole: each step below works on all its records with one
-- statement a table. A record that cannot be kept is refused with its reason and
-- never fails the others; whatever stands in it, nothing but checked values gets
-- into a table. A record is read by read_record(), in whose subtransaction every
-- fault of its text ends. Everything is one transaction: the answer is true as
-- soon as the caller has committed.
--
-- Order: a position's row in position_chain is locked first, so deliveries of one
-- position take turns. Deliveries may come in any order, hits first; numbers that
-- have come are kept as ranges, and what is between them are the gaps.
--
-- The same id with the same hash is "already" there. An id is looked for around
-- the time that it tells, and in anpr_data.stray.

SET LOCAL ROLE anpr_owner;

-- What has come of a position. What is not in the access log yet is pending: an
-- entry a delivery would outweigh the passages, so it is one an hour, or when
-- another login delivers, and before the log is sealed.
CREATE TABLE anpr_data.position_chain (
  position smallint PRIMARY KEY REFERENCES anpr_data.position,
  generation int NOT NULL DEFAULT 1,  -- spools so far: a new one counts from 1
  kept bigint NOT NULL DEFAULT 0,
  link_faults bigint NOT NULL DEFAULT 0,
  last_seen timestamptz,              -- by a synchronised clock
  last_received timestamptz,
  pending_since timestamptz,          -- NULL: nothing is pending
  pending_login text,
  pending_numbers int8multirange NOT NULL DEFAULT '{}',
  pending_faults bigint[] NOT NULL DEFAULT '{}', -- at most 20
  pending_refused int NOT NULL DEFAULT 0,
  pending_reason text
);

-- Numbers without a gap that have come, and the hashes their ends are linked by.
CREATE TABLE anpr_data.delivered_range (
  position smallint NOT NULL REFERENCES anpr_data.position,
  generation int NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  first_previous bytea,
  last_hash bytea NOT NULL,
  PRIMARY KEY (position, generation, first)
);

-- A record on its way into the tables; n counts in the batch.
CREATE TYPE anpr_data.delivered AS (
  n int,
  outcome text,                       -- kept, already, refused; NULL not known yet
  reason text,
  id uuid,
  id_time timestamptz,                -- NULL if the id is no UUIDv7
  seen timestamptz,
  first_offset int,
  last_offset int,
  position_name text,
  "position" smallint,
  sequence bigint,
  previous bytea,
  hash bytea,
  confidence smallint,
  direction "char",
  state "char",
  clock "char",
  synchronised boolean,
  country text,
  plate text,
  candidates text,
  lane text,
  compared jsonb,
  images jsonb,
  further jsonb,                      -- plates behind the first
  hits anpr_data.hit[]
);

-- From when passages of a position are kept, by its number: that of the purpose
-- that keeps longest. Infinity: no such position.
CREATE FUNCTION anpr_data.kept_from(at timestamptz,
  OUT passages timestamptz[], OUT stills timestamptz[])
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  SELECT array_agg(coalesce(t.passages, 'infinity') ORDER BY n),
         array_agg(coalesce(t.stills, 'infinity') ORDER BY n)
  INTO passages, stills
  FROM generate_series(1,
    (SELECT max(number) FROM anpr_data.position)::int) AS n
  LEFT JOIN (
    SELECT position, min(passages) AS passages, min(stills) AS stills
    FROM anpr_data.oldest_by_terms(at) GROUP BY position) t ON t.position = n;
END
$$;

RESET ROLE;

-- --- reading a record ------------------------------------------------------

-- A text of @object, empty if null; raises data_exception for anything else.
CREATE FUNCTION anpr_data.text_of(object jsonb, name text, longest int)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  value text := object ->> name;
BEGIN
  IF value IS NULL THEN
    RETURN '';
  END IF;
  IF jsonb_typeof(object -> name) <> 'string' OR length(value) > longest THEN
    RAISE data_exception USING MESSAGE = name || ' is no text of a fair length';
  END IF;
  RETURN value;
END
$$;

-- A whole number of @object between bounds, else data_exception.
CREATE FUNCTION anpr_data.number_of(object jsonb, name text, lowest bigint,
  highest bigint)
RETURNS bigint
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(object -> name) IS DISTINCT FROM 'number'
     OR (object ->> name) !~ '^-?[0-9]{1,18}$'
     OR (object ->> name)::bigint NOT BETWEEN lowest AND highest THEN
    RAISE data_exception USING MESSAGE = name || ' is no such number';
  END IF;
  RETURN object ->> name;
END
$$;

-- A probability of @object as parts of 10000, else data_exception.
CREATE FUNCTION anpr_data.share_of(object jsonb, name text)
RETURNS smallint
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(object -> name) IS DISTINCT FROM 'number'
     OR NOT (object ->> name)::numeric BETWEEN 0 AND 1 THEN
    RAISE data_exception USING MESSAGE = name || ' is not between 0 and 1';
  END IF;
  RETURN round((object ->> name)::numeric * 10000);
END
$$;

-- A time as records have it, UTC with microseconds, else data_exception.
CREATE FUNCTION anpr_data.time_of(object jsonb, name text)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  value text := object ->> name;
BEGIN
  IF value IS NULL OR value !~
      '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$' THEN
    RAISE data_exception USING MESSAGE = name || ' is no time';
  END IF;
  RETURN (rtrim(value, 'Z') || '+00')::timestamptz;
END
$$;

-- A SHA-256 of @object, NULL if it is null, else data_exception.
CREATE FUNCTION anpr_data.digest_of(object jsonb, name text)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF (object ->> name) !~ '^[0-9a-f]{64}$' THEN
    RAISE data_exception USING MESSAGE = name || ' is no SHA-256';
  END IF;
  RETURN decode(object ->> name, 'hex');
END
$$;

-- A UUID of @object, else data_exception.
CREATE FUNCTION anpr_data.id_of(object jsonb, name text)
RETURNS uuid
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF coalesce(object ->> name, '') !~
      '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN
    RAISE data_exception USING MESSAGE = name || ' is no UUID';
  END IF;
  RETURN object ->> name;
END
$$;

-- The time in a UUIDv7 (RFC 9562, 5.7), NULL for other UUIDs.
CREATE FUNCTION anpr_data.time_in_id(id uuid)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF substr(id::text, 15, 1) <> '7' THEN
    RETURN NULL;
  END IF;
  RETURN to_timestamp(('x' || left(id::text, 8) || substr(id::text, 10, 4))::bit(48)
    ::bigint / 1000.0);
END
$$;

-- Other texts the plate may have, likeliest first: at most three of 1 % or more.
CREATE FUNCTION anpr_data.candidates_of(plate jsonb, best text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  others text := '';
  candidate jsonb;
  value text;
  percent int;
BEGIN
  FOR i IN 0 .. 3 LOOP
    candidate := plate -> 'candidates' -> i;
    EXIT WHEN candidate IS NULL;
    value := candidate ->> 'text';
    percent := round(anpr_data.share_of(candidate, 'confidence') / 100.0);
    IF value ~ '^[0-9A-ZÄÖÜ]{1,32}$' AND value IS DISTINCT FROM best
       AND percent >= 1 THEN
      others := others || ' ' || value || ':' || percent;
    END IF;
  END LOOP;
  RETURN ltrim(others);
END
$$;

-- The first plate's columns into @d.
CREATE FUNCTION anpr_data.read_plate(d anpr_data.delivered, plate jsonb)
RETURNS anpr_data.delivered
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  d.state := CASE plate ->> 'state' WHEN 'read' THEN 'r' WHEN 'not read' THEN 'n'
    WHEN 'no plate' THEN 'p' END;
  IF d.state IS NULL THEN
    RAISE data_exception USING MESSAGE = 'the state of the plate is unknown';
  END IF;
  d.confidence := anpr_data.share_of(plate, 'confidence');
  d.country := coalesce(
    substring(plate #>> '{countries,0,code}' FROM '^[A-Z]{1,3}$'), '');
  IF d.state = 'r' THEN
    d.plate := substring(plate ->> 'text' FROM '^[0-9A-ZÄÖÜ]{1,32}$');
    IF d.plate IS NULL THEN
      RAISE data_exception USING MESSAGE = 'the plate is no plate key';
    END IF;
  END IF;
  d.candidates := CASE WHEN jsonb_typeof(plate -> 'candidates') = 'array'
    THEN anpr_data.candidates_of(plate, d.plate) ELSE '' END;
  RETURN d;
END
$$;

-- A hit, with passage, seen and position still to be set.
CREATE FUNCTION anpr_data.read_hit(h jsonb)
RETURNS anpr_data.hit
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  hit anpr_data.hit;
BEGIN
  hit.id := anpr_data.id_of(h, 'id');
  hit.priority := anpr_data.number_of(h, 'priority', -32768, 32767);
  hit.list_age := CASE WHEN h ? 'list_age_s' THEN least(2147483647,
    anpr_data.number_of(h, 'list_age_s', -1, 99999999999)) ELSE -1 END;
  hit.covert := coalesce(jsonb_typeof(h -> 'covert') = 'boolean'
    AND (h -> 'covert')::boolean, true);
  hit.late := h -> 'late' = 'true';
  hit.list := anpr_data.text_of(h, 'list', 200);
  hit.version := anpr_data.text_of(h, 'version', 200);
  hit.entry := anpr_data.text_of(h, 'entry', 200);
  hit.plate := anpr_data.text_of(h, 'plate', 200);
  hit.authority := anpr_data.text_of(h, 'authority', 500);
  hit.reference := anpr_data.text_of(h, 'reference', 500);
  hit.category := anpr_data.text_of(h, 'category', 200);
  hit.measure := anpr_data.text_of(h, 'measure', 200);
  hit.warning := anpr_data.text_of(h, 'warning', 2000);
  hit.reason := anpr_data.text_of(h, 'reason', 2000);
  hit.purpose := anpr_data.text_of(h, 'purpose', 2);
  hit.grade := anpr_data.text_of(h, 'grade', 20);
  hit.country_grade := anpr_data.text_of(h, 'country_grade', 20);
  hit.details := h;
  IF hit.list = '' OR hit.purpose NOT IN ('J1', 'J2', 'J3', 'B1', '')
     OR hit.grade NOT IN ('exact', 'candidate', 'look-alike', 'pattern')
     OR hit.country_grade NOT IN ('agree', 'unknown', 'conflict') THEN
    RAISE data_exception USING MESSAGE = 'a hit has no list, or unknown grades';
  END IF;
  RETURN hit;
END
$$;

-- Hits of a record.
CREATE FUNCTION anpr_data.read_hits(hits jsonb)
RETURNS anpr_data.hit[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF jsonb_array_length(hits) > 200 THEN
    RAISE data_exception USING MESSAGE = 'more than 200 hits';
  END IF;
  RETURN ARRAY(SELECT anpr_data.read_hit(h) FROM jsonb_array_elements(hits) AS h);
END
$$;

-- A record's columns; raises data_exception where they are not as they should be.
CREATE FUNCTION anpr_data.read_columns(d anpr_data.delivered, r jsonb)
RETURNS anpr_data.delivered
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  first timestamptz := anpr_data.time_of(r, 'first_seen');
  last timestamptz := anpr_data.time_of(r, 'last_seen');
BEGIN
  d.id := anpr_data.id_of(r, 'id');
  d.id_time := anpr_data.time_in_id(d.id);
  d.seen := anpr_data.time_of(r, 'best_seen');
  IF NOT d.seen BETWEEN first AND last OR last - first > interval '10 days' THEN
    RAISE data_exception USING MESSAGE = 'first, best and last seen do not fit';
  END IF;
  d.first_offset := round(extract(epoch FROM first - d.seen) * 1000);
  d.last_offset := round(extract(epoch FROM last - d.seen) * 1000);
  d.position_name := anpr_data.text_of(r, 'position', 200);
  d.sequence := anpr_data.number_of(r, 'sequence', 1, 999999999999999999);
  d.previous := anpr_data.digest_of(r, 'previous_hash');
  d.direction := CASE r ->> 'direction' WHEN 'in' THEN 'i' WHEN 'out' THEN 'o'
    ELSE 'u' END;
  d.clock := CASE r #>> '{clock,source}' WHEN 'host' THEN 'h'
    WHEN 'camera' THEN 'c' WHEN 'file' THEN 'f' ELSE 'u' END;
  d.synchronised := coalesce(r #> '{clock,synchronised}' = 'true', false);
  d.lane := anpr_data.text_of(r, 'lane', 100);
  IF jsonb_typeof(r -> 'plates') <> 'array' OR NOT r -> 'plates' @? '$[0]'
     OR jsonb_array_length(r -> 'plates') > 4
     OR jsonb_typeof(r -> 'hits') <> 'array'
     OR jsonb_typeof(r -> 'compared') <> 'array'
     OR jsonb_typeof(r -> 'images') <> 'array'
     OR octet_length((r -> 'compared')::text) > 65536 THEN
    RAISE data_exception USING MESSAGE = 'plates, hits, compared or images';
  END IF;
  d := anpr_data.read_plate(d, r #> '{plates,0}');
  d.further := (r -> 'plates') - 0;
  d.compared := r -> 'compared';
  d.images := r -> 'images';
  d.hits := anpr_data.read_hits(r -> 'hits');
  RETURN d;
END
$$;

-- One line as a record whose hash is right, or refused with what is wrong. The
-- hash is over the line's bytes with the hash itself as null (docs/spool.md).
CREATE FUNCTION anpr_data.read_record(line text, n int)
RETURNS anpr_data.delivered
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  d anpr_data.delivered;
  parsed jsonb;
BEGIN
  d.n := n;
  IF line IS NULL OR octet_length(line) > 1048576
     OR right(line, 74) !~ '^"hash":"[0-9a-f]{64}"}$' THEN
    RAISE data_exception USING MESSAGE = 'it does not end with its hash';
  END IF;
  d.hash := decode(left(right(line, 66), 64), 'hex');
  IF sha256(convert_to(left(line, -74) || '"hash":null}', 'UTF8')) <> d.hash THEN
    RAISE data_exception USING MESSAGE = 'its hash is another';
  END IF;
  parsed := line;
  IF parsed ->> 'schema' IS DISTINCT FROM 'anpr.passage/1' THEN
    RAISE data_exception USING MESSAGE = 'its schema is not anpr.passage/1';
  END IF;
  RETURN anpr_data.read_columns(d, parsed);
EXCEPTION
  WHEN data_exception OR program_limit_exceeded THEN
    d := NULL;
    d.n := n;
    d.outcome := 'refused';
    d.reason := left('unreadable: ' || SQLERRM, 300);
    RETURN d;
END
$$;
