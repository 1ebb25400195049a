-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- The steps of anpr.ingest(), whose design is at the head of 0005. A step takes a
-- batch and gives it back with what it found out, or keeps a part of it.

-- @d with its position and, unless it has one already, its outcome.
CREATE FUNCTION anpr_data.found(d anpr_data.delivered, number smallint,
  outcome text, reason text)
RETURNS anpr_data.delivered
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  d.position := number;
  IF d.outcome IS NULL THEN
    d.outcome := outcome;
    d.reason := reason;
  END IF;
  RETURN d;
END
$$;

-- @d with something to tell of it, whatever its outcome.
CREATE FUNCTION anpr_data.noted(d anpr_data.delivered, note text)
RETURNS anpr_data.delivered
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  d.reason := note;
  RETURN d;
END
$$;

-- Which position, whether the login may deliver it, whether it was permitted then.
CREATE FUNCTION anpr_data.admit(batch anpr_data.delivered[])
RETURNS anpr_data.delivered[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  at timestamptz := anpr_data.present();
  ahead timestamptz := clock_timestamp() + (SELECT clock_ahead FROM anpr_data.setting);
  kept timestamptz[] := (SELECT passages FROM anpr_data.kept_from(at));
BEGIN
  RETURN (
    SELECT array_agg(anpr_data.found(d, p.number,
        CASE WHEN r.reason IS NOT NULL THEN 'refused' END, r.reason) ORDER BY d.n)
    FROM unnest(batch) AS d
    LEFT JOIN anpr_data.position p ON p.name = d.position_name
    CROSS JOIN LATERAL (SELECT CASE
      WHEN p.number IS NULL THEN 'position unknown'
      WHEN NOT EXISTS (SELECT FROM anpr_data.delivery y
          WHERE y.login = session_user AND y.position = p.number)
        THEN 'no permission for this login'
      WHEN d.seen > ahead THEN 'seen in the future'
      WHEN d.seen < kept[p.number] THEN 'past its term'
      WHEN NOT EXISTS (SELECT FROM anpr_data.permission m
          WHERE m.position = p.number AND d.seen >= m.valid_from
            AND d.seen < m.valid_until)
        THEN 'position not permitted at that time' END AS reason) AS r);
END
$$;

-- Which ids are there already: those of the days around the times the ids tell,
-- those of strays, and those earlier in the batch. A number twice in the batch is
-- refused the second time.
CREATE FUNCTION anpr_data.recognise(batch anpr_data.delivered[])
RETURNS anpr_data.delivered[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  ids uuid[];
  lower timestamptz;
  upper timestamptz;
BEGIN
  SELECT array_agg(d.id), min(d.id_time) - interval '1 day',
         max(d.id_time) + interval '1 day'
  INTO ids, lower, upper
  FROM unnest(batch) AS d WHERE d.outcome IS NULL;
  RETURN (
    WITH one AS (
      SELECT d.n, d.id, d.position, d.sequence, substr(d.hash, 1, 16) AS hash
      FROM unnest(batch) AS d WHERE d.outcome IS NULL),
    there AS (
      SELECT p.id, p.position, p.hash, 0 AS n FROM anpr_data.passage p
      WHERE p.id = ANY (ids) AND p.seen >= lower AND p.seen < upper
      UNION ALL
      SELECT s.passage, s.position, s.hash, 0 FROM anpr_data.stray s
      WHERE s.passage = ANY (ids)
      UNION ALL
      (SELECT DISTINCT ON (o.id) o.id, o.position, o.hash, o.n
       FROM one o ORDER BY o.id, o.n)),
    judged AS (
      SELECT o.n, bool_or(t.n < o.n) AS there,
        bool_or((t.position, t.hash) <> (o.position, o.hash)) AS other,
        row_number() OVER (PARTITION BY o.position, o.sequence,
          bool_or(t.n < o.n) ORDER BY o.n) > 1 AS number_again
      FROM one o JOIN there t ON t.id = o.id
      GROUP BY o.n, o.position, o.sequence)
    SELECT array_agg(anpr_data.found(d, d.position, CASE
        WHEN j.other THEN 'refused'
        WHEN j.there THEN 'already'
        WHEN j.number_again THEN 'refused' END, CASE
        WHEN j.other THEN 'other content under this id'
        WHEN j.there THEN NULL
        WHEN j.number_again THEN 'other content under this number' END) ORDER BY d.n)
    FROM unnest(batch) AS d LEFT JOIN judged j ON j.n = d.n);
END
$$;

-- --- keeping ---------------------------------------------------------------

-- Makes the partitions of @parent that are missing for @days.
CREATE FUNCTION anpr_data.prepare_days(parent text, days date[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  missing date[] := ARRAY(
    SELECT DISTINCT day FROM unnest(days) AS day WHERE to_regclass(
      'anpr_data.' || anpr_data.partition_name(parent, day)) IS NULL);
BEGIN
  IF cardinality(missing) > 0 THEN
    PERFORM anpr_data.make_partitions(parent, missing);
  END IF;
END
$$;

-- Sets of lists that were compared, and lists that were named. Rows are changed
-- once an hour at most, so deliveries do not wait for each other's.
CREATE FUNCTION anpr_data.keep_lists(batch anpr_data.delivered[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO anpr_data.compared AS c (sha256, lists, last_used)
  SELECT sha256(convert_to(d.compared::text, 'UTF8')), d.compared,
         clock_timestamp()
  FROM unnest(batch) AS d WHERE d.outcome IS NULL
  GROUP BY d.compared ORDER BY 1
  ON CONFLICT (sha256) DO UPDATE SET last_used = excluded.last_used
  WHERE c.last_used < excluded.last_used - interval '1 hour';

  INSERT INTO anpr_data.list AS l (list, version, authority, category, purpose,
    first_used, last_used)
  SELECT DISTINCT ON (u.list, u.version) u.list, u.version, u.authority,
    u.category, u.purpose, clock_timestamp(), clock_timestamp()
  FROM (
    SELECT h.list, h.version, h.authority, h.category, h.purpose
    FROM unnest(batch) AS d, unnest(d.hits) AS h WHERE d.outcome IS NULL
    UNION ALL
    SELECT left(e ->> 'list', 200), left(coalesce(e ->> 'version', ''), 200),
      '', '', ''
    FROM (SELECT DISTINCT d.compared FROM unnest(batch) AS d
          WHERE d.outcome IS NULL) AS s,
      jsonb_array_elements(s.compared) AS e WHERE e ->> 'list' <> '') AS u
  ORDER BY u.list, u.version, u.authority DESC
  ON CONFLICT (list, version) DO UPDATE SET last_used = excluded.last_used,
    authority = CASE WHEN excluded.authority <> '' THEN excluded.authority
      ELSE l.authority END,
    category = CASE WHEN excluded.category <> '' THEN excluded.category
      ELSE l.category END,
    purpose = CASE WHEN excluded.purpose <> '' THEN excluded.purpose
      ELSE l.purpose END
  WHERE l.last_used < excluded.last_used - interval '1 hour'
    OR l.authority = '' AND excluded.authority <> '';
END
$$;

-- New passages' rows; who else kept the same id at the same moment was first.
CREATE FUNCTION anpr_data.keep_passages(batch anpr_data.delivered[])
RETURNS anpr_data.delivered[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  kept uuid[];
BEGIN
  PERFORM anpr_data.prepare_days('passage', ARRAY(
    SELECT DISTINCT (d.seen AT TIME ZONE 'UTC')::date
    FROM unnest(batch) AS d WHERE d.outcome IS NULL));
  WITH put AS (
    INSERT INTO anpr_data.passage (id, seen, sequence, first_offset, last_offset,
      compared, position, confidence, direction, state, clock, synchronised,
      country, plate, candidates, lane, hash)
    SELECT d.id, d.seen, d.sequence, d.first_offset, d.last_offset, c.number,
      d.position, d.confidence, d.direction, d.state, d.clock, d.synchronised,
      d.country, d.plate, d.candidates, d.lane, substr(d.hash, 1, 16)
    FROM unnest(batch) AS d
    JOIN anpr_data.compared c
      ON c.sha256 = sha256(convert_to(d.compared::text, 'UTF8'))
    WHERE d.outcome IS NULL ORDER BY d.n
    ON CONFLICT DO NOTHING RETURNING id)
  SELECT array_agg(id) INTO kept FROM put;
  batch := (
    SELECT array_agg(anpr_data.found(d, d.position,
        CASE WHEN k.id IS NULL THEN 'refused' ELSE 'kept' END,
        CASE WHEN k.id IS NULL THEN 'other content under this id' END)
      ORDER BY d.n)
    FROM unnest(batch) AS d LEFT JOIN unnest(kept) AS k (id) ON k.id = d.id);
  INSERT INTO anpr_data.stray
  SELECT d.id, d.seen, d.position, substr(d.hash, 1, 16) FROM unnest(batch) AS d
  WHERE d.outcome = 'kept' AND (d.id_time IS NULL OR d.seen NOT BETWEEN
    d.id_time - interval '1 day' AND d.id_time + interval '23 hours')
  ON CONFLICT DO NOTHING;
  RETURN batch;
END
$$;

-- What comes with some passages only: hits with the whole record, further plates.
CREATE FUNCTION anpr_data.keep_hits(batch anpr_data.delivered[], records text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO anpr_data.record
  SELECT d.id, d.seen, d.position, records[d.n] FROM unnest(batch) AS d
  WHERE d.outcome = 'kept' AND cardinality(d.hits) > 0
  ON CONFLICT DO NOTHING;

  INSERT INTO anpr_data.hit
  SELECT h.id, d.id, d.seen, clock_timestamp(), d.position, h.priority, h.covert,
    h.late OR clock_timestamp() - d.seen > s.late_after, h.list_age, h.list,
    h.version, h.entry, h.plate, h.authority, h.reference, h.category, h.measure,
    h.warning, h.reason, h.purpose, h.grade, h.country_grade, h.details
  FROM unnest(batch) AS d, unnest(d.hits) AS h, anpr_data.setting s
  WHERE d.outcome = 'kept'
  ON CONFLICT DO NOTHING;

  INSERT INTO anpr_data.further_plate
  SELECT d.id, f.n, d.seen, d.position,
    CASE WHEN jsonb_typeof(f.plate -> 'confidence') = 'number'
      THEN round(least(greatest((f.plate ->> 'confidence')::numeric, 0), 1) * 10000)
      ELSE 0 END,
    left(coalesce(f.plate ->> 'role', ''), 20),
    coalesce(substring(f.plate #>> '{countries,0,code}' FROM '^[A-Z]{1,3}$'), ''),
    f.plate ->> 'text'
  FROM unnest(batch) AS d,
    jsonb_array_elements(d.further) WITH ORDINALITY AS f (plate, n)
  WHERE d.outcome = 'kept' AND f.plate ->> 'text' ~ '^[0-9A-ZÄÖÜ]{1,32}$'
  ON CONFLICT DO NOTHING;
END
$$;

-- Stills whose hash stands in their record. What is wrong with one is told with
-- its passage, which is kept all the same.
CREATE FUNCTION anpr_data.keep_stills(batch anpr_data.delivered[],
  passages uuid[], kinds text[], jpegs bytea[])
RETURNS anpr_data.delivered[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  kept timestamptz[];
  wrong uuid[];
BEGIN
  IF cardinality(passages) = 0 THEN
    RETURN batch;
  END IF;
  kept := (SELECT k.stills FROM anpr_data.kept_from(anpr_data.present()) AS k);
  PERFORM anpr_data.prepare_days('still', ARRAY(
    SELECT DISTINCT (d.seen AT TIME ZONE 'UTC')::date FROM unnest(batch) AS d
    WHERE d.id = ANY (passages) AND d.outcome IN ('kept', 'already')
      AND d.seen >= kept[d.position]));
  WITH offered AS MATERIALIZED (
    SELECT d.id, d.seen, d.position, s.kind, s.jpeg,
      coalesce(s.kind IN ('plate', 'vehicle')
        AND octet_length(s.jpeg) <= 8388608 AND substr(s.jpeg, 1, 3) = '\xffd8ff'
        AND d.images @> jsonb_build_array(jsonb_build_object('kind', s.kind,
          'sha256', encode(sha256(s.jpeg), 'hex'))), false) AS right
    FROM unnest(passages, kinds, jpegs) AS s (passage, kind, jpeg)
    JOIN unnest(batch) AS d
      ON d.id = s.passage AND d.outcome IN ('kept', 'already')),
  put AS (
    INSERT INTO anpr_data.still (passage, seen, position, kind, jpeg)
    SELECT o.id, o.seen, o.position, o.kind, o.jpeg FROM offered o
    WHERE o.right AND o.seen >= kept[o.position]
    ON CONFLICT DO NOTHING)
  SELECT array_agg(o.id) INTO wrong FROM offered o WHERE NOT o.right;
  IF wrong IS NULL THEN
    RETURN batch;
  END IF;
  RETURN (
    SELECT array_agg(CASE
        WHEN d.id = ANY (wrong) AND d.outcome IN ('kept', 'already')
        THEN anpr_data.noted(d, 'a still was not kept: its record tells another')
        ELSE d END ORDER BY d.n)
    FROM unnest(batch) AS d);
END
$$;
