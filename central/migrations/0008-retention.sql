-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Retention (R31 to R35). What may be read is bounded by its term to the
-- microsecond, whether or not it has been erased (0004); this is how it goes away.
--
-- anprctl central retain runs the steps, each a transaction of its own, so it may
-- be killed between any two and simply runs again:
--   1. anpr_data.advance_clock()   how late it is, by two clocks;
--      anpr_data.end_old_transactions(), which would hold the next step up
--   2. anpr_data.due_partitions()  days that are over in all terms, as commands:
--      DETACH ... CONCURRENTLY, which stops no delivery, cannot be in a function
--   3. anpr_data.drop_detached()   counts, drops and logs a day's rows at once
--   4. anpr_data.erase_expired()   rows of the day that is half over, of shorter
--      terms, and of tables without partitions
--   5. anpr_data.prepare_partitions() the days to come
--
-- The clock of retention goes only forward, and only as far as two sources agree:
-- this server's clock, and either the time that has passed by a clock nobody can
-- set (since the machine was started) or the newest passage an appliance saw by a
-- synchronised clock. A clock set back extends nothing: what is read is bounded by
-- the same mark. A clock set forward erases nothing early.

SET LOCAL ROLE anpr_owner;

-- Up to where rows of a position have been erased
CREATE TABLE anpr_data.erased (
  position smallint PRIMARY KEY REFERENCES anpr_data.position,
  passages timestamptz NOT NULL DEFAULT '-infinity',
  stills timestamptz NOT NULL DEFAULT '-infinity'
);

-- Moves the mark. @boot names the machine's start, @uptime is how long ago it was.
CREATE FUNCTION anpr_data.advance_clock(boot text, uptime interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  s anpr_data.retention_state;
  told timestamptz := (SELECT max(c.last_seen) FROM anpr_data.position_chain c);
  passed interval;
BEGIN
  SELECT * INTO s FROM anpr_data.retention_state FOR UPDATE;
  passed := greatest(interval '0',
    CASE WHEN s.boot = advance_clock.boot
      THEN advance_clock.uptime - s.uptime ELSE advance_clock.uptime END);
  UPDATE anpr_data.retention_state t SET
    clock = CASE WHEN s.clock IS NULL
      THEN least(clock_timestamp(), coalesce(told, clock_timestamp()))
      ELSE greatest(s.clock,
        least(clock_timestamp(), greatest(s.clock + passed, told))) END,
    boot = advance_clock.boot, uptime = advance_clock.uptime
  RETURNING t.clock INTO s.clock;
  RETURN s.clock;
END
$$;

-- --- whole days ------------------------------------------------------------

-- The day of a partition's name, NULL for other names.
CREATE FUNCTION anpr_data.partition_day(name text)
RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN to_date(substring(name FROM '^(?:passage|still)_([0-9]{8})$'), 'YYYYMMDD');

-- Partitions, and what were ones, whose day is over for all positions.
CREATE FUNCTION anpr_data.due_partitions(at timestamptz,
  OUT name text, OUT command text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  WITH kept AS (
    SELECT coalesce(min(p), '-infinity') AS passages,
           coalesce(min(s), '-infinity') AS stills
    FROM anpr_data.kept_from(at) AS k, unnest(k.passages, k.stills) AS u (p, s))
  SELECT c.relname::text, CASE
      WHEN i.inhrelid IS NULL THEN NULL
      WHEN i.inhdetachpending THEN format(
        'ALTER TABLE anpr_data.%I DETACH PARTITION anpr_data.%I FINALIZE',
        p.relname, c.relname)
      ELSE format(
        'ALTER TABLE anpr_data.%I DETACH PARTITION anpr_data.%I CONCURRENTLY',
        p.relname, c.relname) END
  FROM pg_class c
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_class p ON p.oid = i.inhparent, kept k
  WHERE c.relnamespace = 'anpr_data'::regnamespace AND c.relkind = 'r'
    AND anpr_data.partition_day(c.relname) IS NOT NULL
    AND (anpr_data.partition_day(c.relname) + 1)::timestamp AT TIME ZONE 'UTC'
      <= CASE WHEN c.relname LIKE 'still%' THEN k.stills ELSE k.passages END
  ORDER BY anpr_data.partition_day(c.relname), c.relname;
END;

-- Drops what was detached, and says so in the log. Gives the rows.
CREATE FUNCTION anpr_data.drop_detached(name text)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  n bigint;
BEGIN
  IF anpr_data.partition_day(name) IS NULL OR NOT EXISTS (
      SELECT FROM pg_class c WHERE c.relname = drop_detached.name
        AND c.relnamespace = 'anpr_data'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)) THEN
    RAISE EXCEPTION '% is no detached partition', name
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  EXECUTE format('ALTER TABLE anpr_data.%I NO FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('SELECT count(*) FROM anpr_data.%I', name) INTO n;
  EXECUTE format('DROP TABLE anpr_data.%I', name);
  PERFORM anpr_data.append_log('retention', 'erasure', 'done', 'retain',
    jsonb_build_object('table', split_part(name, '_', 1), 'rows', n,
      'day', anpr_data.partition_day(name)));
  RETURN n;
END
$$;

-- Ends sessions of users whose transaction is older than @age: as long as one
-- lasts, what it has read cannot be dropped, and nobody may hold up erasure. For the
-- superuser. Gives their logins.
CREATE FUNCTION anpr_data.end_old_transactions(age interval)
RETURNS SETOF text
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN QUERY
  WITH old AS MATERIALIZED (
    SELECT a.pid, a.usename FROM pg_stat_activity a
    JOIN pg_roles r ON r.oid = a.usesysid
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
      AND NOT r.rolsuper AND a.xact_start < clock_timestamp() - age)
  SELECT o.usename::text FROM old o WHERE pg_terminate_backend(o.pid, 1000);
END
$$;

CREATE FUNCTION anpr_data.prepare_partitions()
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
  PERFORM anpr_data.make_partitions(parent, ARRAY(
    SELECT today + n FROM generate_series(0, 3) AS n))
  FROM unnest(ARRAY['passage', 'still']) AS parent;
  PERFORM anpr_data.make_log_partition(extract(year FROM today)::int + n)
  FROM generate_series(0, 2) AS n;
END
$$;

-- --- rows ------------------------------------------------------------------

-- Erases passages or stills of @positions, seen from @since to before @until.
CREATE FUNCTION anpr_data.erase_rows(of_stills boolean, positions smallint[],
  since timestamptz, until timestamptz)
RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  n bigint;
BEGIN
  IF of_stills THEN
    DELETE FROM anpr_data.still s
    WHERE s.position = ANY (positions) AND s.seen >= since AND s.seen < until;
  ELSE
    DELETE FROM anpr_data.passage p
    WHERE p.position = ANY (positions) AND p.seen >= since AND p.seen < until;
  END IF;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END
$$;

-- One part of what has expired at @at, which is the same for all parts: positions that share their term, for at
-- most @span of time. Gives whether there may be more, and logs what it erased.
CREATE FUNCTION anpr_data.erase_expired(at timestamptz,
  span interval DEFAULT '1 day')
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  oldest timestamptz := (SELECT min(anpr_data.partition_day(c.relname))::timestamp
    AT TIME ZONE 'UTC' FROM pg_class c
    WHERE c.relnamespace = 'anpr_data'::regnamespace AND c.relkind = 'r');
  part record;
  until timestamptz;
  n bigint;
BEGIN
  IF oldest IS NULL THEN
    RETURN false;
  END IF;
  INSERT INTO anpr_data.erased (position)
  SELECT p.number FROM anpr_data.position p ON CONFLICT DO NOTHING;
  SELECT w.of_stills, w.since, w.kept, array_agg(w.position) AS positions INTO part
  FROM (
    SELECT s AS of_stills, e.position, greatest(CASE WHEN s THEN e.stills
        ELSE e.passages END, oldest) AS since,
      (CASE WHEN s THEN k.stills ELSE k.passages END)[e.position] AS kept
    FROM anpr_data.kept_from(at) k, anpr_data.erased e,
      unnest(ARRAY[true, false]) AS s) AS w
  WHERE w.kept > w.since AND isfinite(w.kept)
  GROUP BY w.of_stills, w.since, w.kept ORDER BY w.since LIMIT 1;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  until := least(part.kept, part.since + span);
  n := anpr_data.erase_rows(part.of_stills, part.positions, part.since, until);
  UPDATE anpr_data.erased e SET
    stills = CASE WHEN part.of_stills THEN until ELSE e.stills END,
    passages = CASE WHEN part.of_stills THEN e.passages ELSE until END
  WHERE e.position = ANY (part.positions);
  IF n > 0 THEN
    PERFORM anpr_data.append_log('retention', 'erasure', 'done', 'retain',
      jsonb_build_object('table', CASE WHEN part.of_stills THEN 'still'
        ELSE 'passage' END, 'rows', n, 'from', part.since, 'to', until,
        'positions', to_jsonb(part.positions)));
  END IF;
  RETURN true;
END
$$;

-- What has no partitions, and is small: hits and what belongs to them, sets of
-- lists nobody used since, suppressions and notices that are over, tickets, and
-- the log's own years.
CREATE FUNCTION anpr_data.erase_rest(at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  kept timestamptz[] := (SELECT passages FROM anpr_data.kept_from(at));
  oldest timestamptz := (SELECT min(k) FROM unnest(kept) AS k);
  newest timestamptz := (SELECT max(k) FROM unnest(kept) AS k WHERE isfinite(k));
  name text;
  n bigint;
  year int;
BEGIN
  FOREACH name IN ARRAY ARRAY['record', 'hit', 'decision', 'opening',
      'further_plate', 'stray'] LOOP
    EXECUTE format('DELETE FROM anpr_data.%I WHERE seen < $1 '
      'AND seen < ($2)[position]', name) USING newest, kept;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
      PERFORM anpr_data.append_log('retention', 'erasure', 'done', 'retain',
        jsonb_build_object('table', name, 'rows', n, 'to', newest));
    END IF;
  END LOOP;
  DELETE FROM anpr_data.ticket t WHERE t.valid_until < at;
  DELETE FROM anpr_data.counted_series c WHERE c.counted < at - interval '1 day';
  DELETE FROM anpr_data.correction_notice c WHERE c.seen < oldest;
  DELETE FROM anpr_data.suppression s WHERE s.valid_until < at;
  DELETE FROM anpr_data.compared c WHERE c.last_used < oldest;
  DELETE FROM anpr_data.list l WHERE l.last_used < oldest;
  FOR year IN
    SELECT substring(c.relname FROM '^access_log_([0-9]{4})$')::int
    FROM pg_class c WHERE c.relnamespace = 'anpr_data'::regnamespace
      AND c.relkind = 'r' AND c.relname ~ '^access_log_[0-9]{4}$'
      AND make_timestamptz(substring(c.relname FROM '[0-9]{4}$')::int + 1, 1, 1, 0,
        0, 0, 'UTC') <= at - (SELECT s.log FROM anpr_data.setting s) ORDER BY 1
  LOOP
    EXECUTE format('INSERT INTO anpr_data.log_floor AS f '
      'SELECT DISTINCT ON (chain) chain, number, hash FROM anpr_data.%I '
      'ORDER BY chain, number DESC ON CONFLICT (chain) DO UPDATE SET '
      'number = excluded.number, hash = excluded.hash', 'access_log_' || year);
    EXECUTE format('DROP TABLE anpr_data.%I', 'access_log_' || year);
    PERFORM anpr_data.append_log('retention', 'erasure', 'done', 'retain',
      jsonb_build_object('table', 'access_log', 'year', year));
  END LOOP;
  UPDATE anpr_data.retention_state s SET last_run = clock_timestamp();
END
$$;

-- --- the log, sealed and checked -------------------------------------------

-- Ends of all chains as one line of JSON, to be kept where nobody who can change
-- this database can change it (R37). The seal itself is an entry, too.
CREATE FUNCTION anpr.seal()
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  heads jsonb;
BEGIN
  PERFORM anpr_data.log_collection(c.position) FROM anpr_data.position_chain c
  WHERE c.pending_since IS NOT NULL ORDER BY c.position;
  heads := (SELECT jsonb_agg(jsonb_build_array(h.chain, h.number,
      encode(h.hash, 'hex')) ORDER BY h.chain)
    FROM anpr_data.log_head h WHERE h.chain <> 'seal');
  PERFORM anpr_data.append_log('seal', 'seal', 'done', 'seal', jsonb_build_object(
    'chains', jsonb_array_length(heads),
    'sha256', encode(sha256(convert_to(heads::text, 'UTF8')), 'hex')));
  RETURN (SELECT jsonb_build_object('schema', 'anpr.seal/1',
      'at', to_char(clock_timestamp() AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'heads', coalesce(heads, '[]') || jsonb_build_array(jsonb_build_array(
        h.chain, h.number, encode(h.hash, 'hex'))))::text
    FROM anpr_data.log_head h WHERE h.chain = 'seal');
END
$$;

-- What does not hold in the log: entries that were altered, are missing, or do
-- not lead to the heads.
CREATE FUNCTION anpr.verify_log()
RETURNS TABLE (chain text, number bigint, fault text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT l.chain, l.number, CASE
      WHEN l.hash <> l.right_hash THEN 'altered'
      WHEN l.number <> l.before + 1 THEN 'an entry is missing before this one'
      ELSE 'not linked to the entry before it' END
  FROM (
    SELECT e.chain, e.number, e.hash, e.previous, anpr_data.log_hash(e) AS right_hash,
      coalesce(lag(e.number) OVER w, f.number, 0) AS before,
      coalesce(lag(e.hash) OVER w, f.hash) AS hash_before
    FROM anpr_data.access_log e LEFT JOIN anpr_data.log_floor f USING (chain)
    WINDOW w AS (PARTITION BY e.chain ORDER BY e.number)) AS l
  WHERE l.hash <> l.right_hash OR l.number <> l.before + 1
    OR l.previous IS DISTINCT FROM l.hash_before;
  RETURN QUERY
  SELECT h.chain, h.number, 'the chain does not end here'
  FROM anpr_data.log_head h
  WHERE NOT EXISTS (SELECT FROM anpr_data.access_log e
      WHERE e.chain = h.chain AND e.number = h.number AND e.hash = h.hash)
    AND NOT EXISTS (SELECT FROM anpr_data.log_floor f
      WHERE f.chain = h.chain AND f.number = h.number AND f.hash = h.hash)
    OR EXISTS (SELECT FROM anpr_data.access_log e
      WHERE e.chain = h.chain AND e.number > h.number);
  RETURN QUERY
  SELECT e.chain, max(e.number), 'the chain has no head'
  FROM anpr_data.access_log e
  WHERE NOT EXISTS (SELECT FROM anpr_data.log_head h WHERE h.chain = e.chain)
  GROUP BY e.chain;
END
$$;

-- The same for what was sealed: entries that are not there as they were then.
CREATE FUNCTION anpr.verify_seal(seal jsonb)
RETURNS TABLE (chain text, number bigint, fault text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT s.chain, s.number, 'the sealed entry is not there'
  FROM (SELECT h.head ->> 0 AS chain, (h.head ->> 1)::bigint AS number,
          h.head ->> 2 AS hash
        FROM jsonb_array_elements(seal -> 'heads') AS h (head)) AS s
  WHERE NOT EXISTS (SELECT FROM anpr_data.access_log e
      WHERE e.chain = s.chain AND e.number = s.number
        AND encode(e.hash, 'hex') = s.hash)
    AND NOT EXISTS (SELECT FROM anpr_data.log_floor f
      WHERE f.chain = s.chain AND f.number >= s.number);
END;

-- The log, for who supervises; that it was read is an entry of it (R39).
CREATE FUNCTION anpr.read_log(since timestamptz, until timestamptz)
RETURNS SETOF anpr_data.access_log
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  PERFORM anpr_data.append_log('login:' || session_user, 'consultation', 'done',
    'read_log', jsonb_build_object('from', since, 'to', until));
  RETURN QUERY SELECT * FROM anpr_data.access_log l
  WHERE l.at >= since AND l.at < until ORDER BY l.at, l.chain, l.number;
END
$$;

-- Numbers that have not come, up to the latest one, of the present spool of each
-- position, and how many links were broken.
CREATE FUNCTION anpr.gaps()
RETURNS TABLE ("position" text, generation int, missing_from bigint,
  missing_to bigint, broken_links bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT p.name, c.generation, g.before + 1, g.first - 1, c.link_faults
  FROM anpr_data.position_chain c JOIN anpr_data.position p ON p.number = c.position
  JOIN (SELECT r.position, r.generation, r.first, coalesce(lag(r.last) OVER (
          PARTITION BY r.position, r.generation ORDER BY r.first), 0) AS before
        FROM anpr_data.delivered_range r) g
    ON g.position = c.position AND g.generation = c.generation
  WHERE g.first > g.before + 1 ORDER BY 1, 3;
END;

-- --- rights ----------------------------------------------------------------

-- What runs as the tables' owner sees expired rows only.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['passage', 'further_plate', 'record', 'hit',
      'decision'] LOOP
    EXECUTE format('CREATE POLICY keeper ON anpr_data.%I TO anpr_owner USING '
      '(seen < ((SELECT (anpr_data.kept_from(anpr_data.present())).passages)'
      '::timestamptz[])[position]) WITH CHECK (false)', name);
  END LOOP;
END
$$;
CREATE POLICY keeper ON anpr_data.still TO anpr_owner USING
  (seen < ((SELECT (anpr_data.kept_from(anpr_data.present())).stills)
    ::timestamptz[])[position]) WITH CHECK (false);

RESET ROLE;
GRANT EXECUTE ON FUNCTION anpr_data.log_collection TO anpr_owner;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.seal, anpr.verify_log, anpr.verify_seal
  TO anpr_supervisor, anpr_admin;
GRANT EXECUTE ON FUNCTION anpr.read_log, anpr.gaps TO anpr_supervisor;
GRANT EXECUTE ON FUNCTION anpr.gaps TO anpr_admin;
