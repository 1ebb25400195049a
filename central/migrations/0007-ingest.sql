-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Numbers and links of what was delivered, its log, and anpr.ingest() itself.

-- Numbers of new records that are not linked to the one before or behind them, of
-- those that are known. The first of a spool has nothing before it.
CREATE FUNCTION anpr_data.broken_links(batch anpr_data.delivered[],
  of_position smallint, of_generation int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN (SELECT coalesce(array_agg(n.sequence ORDER BY n.sequence), '{}')
  FROM (
    SELECT d.sequence, d.previous, d.hash,
      lag(d.sequence) OVER w AS sequence_before, lag(d.hash) OVER w AS hash_before
    FROM unnest(batch) AS d
    WHERE d.outcome = 'kept' AND d.position = of_position
    WINDOW w AS (ORDER BY d.sequence)) AS n
  LEFT JOIN anpr_data.delivered_range b ON b.position = of_position
    AND b.generation = of_generation AND b.last = n.sequence - 1
  LEFT JOIN anpr_data.delivered_range a ON a.position = of_position
    AND a.generation = of_generation AND a.first = n.sequence + 1
  WHERE (n.sequence = 1) <> (n.previous IS NULL)
    OR n.sequence_before = n.sequence - 1 AND n.hash_before IS DISTINCT FROM n.previous
    OR b.last_hash IS DISTINCT FROM n.previous AND b.last_hash IS NOT NULL
    OR a.first IS NOT NULL AND a.first_previous IS DISTINCT FROM n.hash);
END
$$;

-- Adds new records' numbers to the ranges that have come.
CREATE FUNCTION anpr_data.add_numbers(batch anpr_data.delivered[],
  of_position smallint, of_generation int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  WITH new AS (
    SELECT d.sequence, d.previous, d.hash FROM unnest(batch) AS d
    WHERE d.outcome = 'kept' AND d.position = of_position),
  taken AS (
    DELETE FROM anpr_data.delivered_range r
    WHERE r.position = of_position AND r.generation = of_generation
      AND r.last >= (SELECT min(n.sequence) - 1 FROM new n)
      AND r.first <= (SELECT max(n.sequence) + 1 FROM new n)
    RETURNING r.first, r.last, r.first_previous, r.last_hash),
  piece AS (
    SELECT n.sequence AS first, n.sequence AS last, n.previous AS first_previous,
      n.hash AS last_hash FROM new n
    UNION ALL SELECT t.* FROM taken t),
  begun AS (
    SELECT p.*, p.first > lag(p.last) OVER (ORDER BY p.first) + 1
      OR lag(p.last) OVER (ORDER BY p.first) IS NULL AS begins
    FROM piece p),
  run AS (
    SELECT b.*, count(*) FILTER (WHERE b.begins) OVER (ORDER BY b.first) AS number
    FROM begun b)
  INSERT INTO anpr_data.delivered_range
  SELECT of_position, of_generation, min(r.first), max(r.last),
    (array_agg(r.first_previous ORDER BY r.first))[1],
    (array_agg(r.last_hash ORDER BY r.first DESC))[1]
  FROM run r GROUP BY r.number;
END
$$;

-- Writes what is pending of a position into the log.
CREATE FUNCTION anpr_data.log_collection(of_position smallint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  c anpr_data.position_chain;
  name text := (SELECT p.name FROM anpr_data.position p
    WHERE p.number = of_position);
BEGIN
  SELECT * INTO c FROM anpr_data.position_chain p
  WHERE p.position = of_position FOR UPDATE;
  IF c.pending_since IS NULL THEN
    RETURN;
  END IF;
  PERFORM anpr_data.append_log('position:' || name, 'collection',
    CASE WHEN isempty(c.pending_numbers) THEN 'refused' ELSE 'done' END, 'ingest',
    jsonb_strip_nulls(jsonb_build_object('position', name,
      'delivered_by', c.pending_login, 'since', c.pending_since,
      'generation', c.generation, 'numbers', c.pending_numbers::text,
      'broken_links', to_jsonb(nullif(c.pending_faults, '{}')),
      'refused', nullif(c.pending_refused, 0), 'reason', c.pending_reason)));
  UPDATE anpr_data.position_chain p SET pending_since = NULL,
    pending_login = NULL, pending_numbers = '{}', pending_faults = '{}',
    pending_refused = 0, pending_reason = NULL
  WHERE p.position = of_position;
END
$$;

-- Numbers, links and log of one position, whose row the caller has locked.
CREATE FUNCTION anpr_data.account(batch anpr_data.delivered[], of_position smallint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  c anpr_data.position_chain;
  numbers int8multirange;
  faults bigint[];
BEGIN
  SELECT * INTO c FROM anpr_data.position_chain p WHERE p.position = of_position;
  SELECT coalesce(range_agg(int8range(d.sequence, d.sequence, '[]')), '{}')
  INTO numbers FROM unnest(batch) AS d
  WHERE d.outcome = 'kept' AND d.position = of_position;
  -- numbers that have come, with other content: the spool has begun anew
  IF EXISTS (SELECT FROM anpr_data.delivered_range r
      WHERE r.position = of_position AND r.generation = c.generation
        AND numbers && int8range(r.first, r.last, '[]')) THEN
    PERFORM anpr_data.log_collection(of_position);
    c.generation := c.generation + 1;
    c.pending_since := NULL;
  END IF;
  IF c.pending_login <> session_user
     OR c.pending_since < clock_timestamp() - interval '1 hour' THEN
    PERFORM anpr_data.log_collection(of_position);
  END IF;
  faults := anpr_data.broken_links(batch, of_position, c.generation);
  PERFORM anpr_data.add_numbers(batch, of_position, c.generation)
  WHERE NOT isempty(numbers);
  UPDATE anpr_data.position_chain p SET generation = c.generation,
    kept = p.kept + t.kept, link_faults = p.link_faults + cardinality(faults),
    last_seen = greatest(p.last_seen, t.last_seen),
    last_received = clock_timestamp(),
    pending_since = coalesce(p.pending_since, clock_timestamp()),
    pending_login = session_user, pending_numbers = p.pending_numbers + numbers,
    pending_faults = (p.pending_faults || faults)[1:20],
    pending_refused = p.pending_refused + t.refused,
    pending_reason = coalesce(p.pending_reason, t.reason)
  FROM (SELECT count(*) FILTER (WHERE d.outcome = 'kept') AS kept,
          count(*) FILTER (WHERE d.outcome = 'refused') AS refused,
          min(d.reason) FILTER (WHERE d.outcome = 'refused') AS reason,
          max(d.seen) FILTER (WHERE d.outcome = 'kept' AND d.synchronised)
            AS last_seen
        FROM unnest(batch) AS d WHERE d.position = of_position) AS t
  WHERE p.position = of_position AND (t.kept > 0 OR t.refused > 0);
END
$$;

-- Locks the rows of a batch's positions, in one order for all.
CREATE FUNCTION anpr_data.lock_positions(batch anpr_data.delivered[])
RETURNS smallint[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  positions smallint[] := ARRAY(
    SELECT DISTINCT d.position FROM unnest(batch) AS d
    WHERE d.position IS NOT NULL
      AND d.reason IS DISTINCT FROM 'no permission for this login' ORDER BY 1);
BEGIN
  INSERT INTO anpr_data.position_chain (position)
  SELECT unnest(positions) ON CONFLICT DO NOTHING;
  PERFORM FROM anpr_data.position_chain p
  WHERE p.position = ANY (positions) ORDER BY p.position FOR UPDATE;
  RETURN positions;
END
$$;

-- What cannot be put down to a position the login may deliver is an entry of the
-- login's own chain.
CREATE FUNCTION anpr_data.log_strangers(batch anpr_data.delivered[],
  positions smallint[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  refused bigint;
  reason text;
BEGIN
  SELECT count(*), min(d.reason) INTO refused, reason FROM unnest(batch) AS d
  WHERE d.position IS NULL OR d.position <> ALL (positions);
  IF refused > 0 THEN
    PERFORM anpr_data.append_log('login:' || session_user, 'collection', 'refused',
      'ingest', jsonb_build_object('refused', refused, 'reason', reason));
  END IF;
END
$$;

-- Keeps what an appliance delivers. @records: lines of anpr.passage/1 as the spool
-- has them, at most 10000; @still_...: for stills of these, passage, kind and
-- JPEG. Gives an outcome for each record, in their order:
--   kept     it is there now; reason may tell of a still that was not kept
--   already  it was there before, with the same content
--   refused  it is not there, for this reason, and the same text never will be
-- Nothing in a record makes the call fail. One transaction.
CREATE FUNCTION anpr.ingest(records text[], still_passages uuid[] DEFAULT '{}',
  still_kinds text[] DEFAULT '{}', still_jpegs bytea[] DEFAULT '{}')
RETURNS TABLE (passage uuid, outcome text, reason text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
AS $$
DECLARE
  batch anpr_data.delivered[];
  positions smallint[];
BEGIN
  IF records IS NULL OR cardinality(records) > 10000
     OR cardinality(still_passages) IS DISTINCT FROM cardinality(still_kinds)
     OR cardinality(still_passages) IS DISTINCT FROM cardinality(still_jpegs) THEN
    RAISE EXCEPTION 'at most 10000 records, and as many kinds and JPEGs as ids'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  batch := ARRAY(SELECT anpr_data.read_record(r.line, r.n::int)
    FROM unnest(records) WITH ORDINALITY AS r (line, n) ORDER BY r.n);
  batch := anpr_data.admit(batch);
  positions := anpr_data.lock_positions(batch);
  batch := anpr_data.recognise(batch);
  PERFORM anpr_data.keep_lists(batch);
  batch := anpr_data.keep_passages(batch);
  PERFORM anpr_data.keep_hits(batch, records);
  batch := anpr_data.keep_stills(batch, still_passages, still_kinds, still_jpegs);
  PERFORM anpr_data.account(batch, p) FROM unnest(positions) AS p;
  PERFORM anpr_data.log_strangers(batch, positions);
  RETURN QUERY SELECT d.id, d.outcome, d.reason FROM unnest(batch) AS d
    ORDER BY d.n;
END
$$;

-- --- rights ----------------------------------------------------------------

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['passage', 'further_plate', 'still', 'record',
      'hit'] LOOP
    EXECUTE format('CREATE POLICY writer ON anpr_data.%I FOR INSERT TO anpr_writer '
      'WITH CHECK (true)', name);
    EXECUTE format('CREATE POLICY writer_again ON anpr_data.%I FOR SELECT '
      'TO anpr_writer USING (true)', name);
    EXECUTE format('GRANT INSERT ON anpr_data.%I TO anpr_writer', name);
  END LOOP;
END
$$;
-- to know ids again; no plates, no pictures
GRANT SELECT (id, seen, position, hash) ON anpr_data.passage TO anpr_writer;
GRANT SELECT (passage) ON anpr_data.record TO anpr_writer;
GRANT SELECT (passage, id) ON anpr_data.hit TO anpr_writer;
GRANT SELECT (passage, number) ON anpr_data.further_plate TO anpr_writer;
GRANT SELECT (passage, seen, kind) ON anpr_data.still TO anpr_writer;
GRANT SELECT, INSERT ON anpr_data.stray TO anpr_writer;
GRANT SELECT, INSERT, UPDATE ON anpr_data.compared, anpr_data.list,
  anpr_data.position_chain TO anpr_writer;
GRANT SELECT, INSERT, DELETE ON anpr_data.delivered_range TO anpr_writer;
GRANT SELECT ON anpr_data.position, anpr_data.permission, anpr_data.delivery,
  anpr_data.setting TO anpr_writer;
GRANT USAGE ON TYPE anpr_data.delivered TO anpr_writer;

GRANT CREATE ON SCHEMA anpr TO anpr_writer;
ALTER FUNCTION anpr.ingest OWNER TO anpr_writer;
REVOKE CREATE ON SCHEMA anpr FROM anpr_writer;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr_data.text_of, anpr_data.number_of,
  anpr_data.share_of, anpr_data.time_of, anpr_data.digest_of, anpr_data.id_of,
  anpr_data.time_in_id, anpr_data.candidates_of, anpr_data.read_plate,
  anpr_data.read_hit, anpr_data.read_hits, anpr_data.read_columns,
  anpr_data.read_record, anpr_data.kept_from, anpr_data.partition_name,
  anpr_data.found, anpr_data.noted, anpr_data.admit, anpr_data.recognise,
  anpr_data.prepare_days, anpr_data.keep_lists, anpr_data.keep_passages,
  anpr_data.keep_hits, anpr_data.keep_stills, anpr_data.broken_links,
  anpr_data.add_numbers, anpr_data.log_collection, anpr_data.account,
  anpr_data.lock_positions, anpr_data.log_strangers TO anpr_writer;
GRANT EXECUTE ON FUNCTION anpr.ingest TO anpr_appliance;
