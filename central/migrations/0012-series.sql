-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Series of facts (R27): which plates were near at least k of n facts, each a place
-- and a time.
--
-- Most plates that were near several facts pass there every day. How usual that is
-- is measured at the facts' own places: of the same hours on other days of the same
-- kind, workdays or weekends, the share on which the plate passed there, too. That
-- is its base rate; above a bound the plate is flagged as a commuter, not left out.
--
-- Two calls: anpr.count_series() tells how many plates there are, and anpr.series()
-- tells them only to who was told that number for the same question within the hour.

SET LOCAL ROLE anpr_owner;

INSERT INTO anpr_data.query_function VALUES
  ('count_series', '{anpr_investigator}', 'combination'),
  ('series', '{anpr_investigator}', 'combination');

-- A fact, or another day's same hours (reference > 0)
CREATE TYPE anpr_data.fact AS (
  number int,
  reference int,
  positions smallint[],
  since timestamptz,
  before timestamptz
);

CREATE TYPE anpr_data.suspect AS (
  plate text,
  country text,
  facts int[],
  seen timestamptz[],                 -- first seen near each of them
  base_rate float8,                   -- NULL if there is nothing to compare with
  expected float8,
  commuter boolean
);

-- What was counted, so that plates come after their number. The digest is of the
-- whole question.
CREATE TABLE anpr_data.counted_series (
  login text NOT NULL,
  digest bytea NOT NULL,
  plates int NOT NULL,
  counted timestamptz NOT NULL,
  PRIMARY KEY (login, digest)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON anpr_data.counted_series TO anpr_reader;

-- Over how many other days a fact's hours are compared: 20, fewer if the facts are
-- long, so that no question reads more than some two weeks of traffic.
CREATE FUNCTION anpr_data.reference_days(facts anpr_data.fact[]) RETURNS int
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  hours float8 := (SELECT sum(extract(epoch FROM f.before - f.since)) / 3600
    FROM unnest(facts) AS f);
BEGIN
  RETURN greatest(2, least(20, floor(200 / hours)));
END
$$;

-- "facts" of a question: 2 to 20, each at most a day long and inside the window
CREATE FUNCTION anpr_data.asked_facts(asked anpr_data.ticket)
RETURNS anpr_data.fact[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  facts jsonb := asked.what -> 'facts';
  result anpr_data.fact[] := '{}';
  one jsonb;
  fact anpr_data.fact;
BEGIN
  IF jsonb_typeof(facts) IS DISTINCT FROM 'array'
     OR jsonb_array_length(facts) NOT BETWEEN 2 AND 20 THEN
    PERFORM anpr_data.refuse_question('"facts" is a list of 2 to 20 facts');
  END IF;
  FOR one IN SELECT * FROM jsonb_array_elements(facts) LOOP
    IF jsonb_typeof(one) <> 'object' OR NOT one ? 'positions' THEN
      PERFORM anpr_data.refuse_question(
        'a fact has "positions", "from" and "to"');
    END IF;
    PERFORM anpr_data.check_fields(one, ARRAY['positions', 'from', 'to']);
    fact := (cardinality(result) + 1, 0, anpr_data.asked_positions(asked, one),
      anpr_data.asked_moment(one -> 'from'), anpr_data.asked_moment(one -> 'to'));
    IF fact.since >= fact.before OR fact.before - fact.since > interval '1 day'
    THEN
      PERFORM anpr_data.refuse_question(format(
        'fact %s ends before it begins, or is longer than a day', fact.number));
    END IF;
    IF fact.since < asked.window_from OR fact.before > asked.window_to THEN
      PERFORM anpr_data.refuse_question(format(
        'fact %s is not inside the window that was asked for', fact.number));
    END IF;
    result := result || fact;
  END LOOP;
  IF (SELECT sum(f.before - f.since) FROM unnest(result) AS f)
      > interval '5 days' THEN
    PERFORM anpr_data.refuse_question('the facts are longer than 5 days together');
  END IF;
  RETURN result;
END
$$;

-- The same hours by the clock on other days of the same kind, the nearest ones, as
-- far as the ticket lets them be seen, and not while another fact is.
CREATE FUNCTION anpr_data.reference_windows(asked anpr_data.ticket,
  facts anpr_data.fact[])
RETURNS anpr_data.fact[]
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT coalesce(array_agg((d.number, d.rank, d.positions, d.since, d.before
    )::anpr_data.fact), '{}')
  FROM (
    SELECT f.number, f.positions, moved.since, moved.before,
      row_number() OVER (PARTITION BY f.number ORDER BY abs(n), n) AS rank
    FROM unnest(facts) AS f
    CROSS JOIN generate_series(-60, 60) AS n
    CROSS JOIN LATERAL (
      SELECT f.since AT TIME ZONE 'Europe/Brussels' AS since,
        f.before AT TIME ZONE 'Europe/Brussels' AS before) AS local
    CROSS JOIN LATERAL (
      SELECT (local.since + n * interval '1 day') AT TIME ZONE 'Europe/Brussels'
          AS since,
        (local.before + n * interval '1 day') AT TIME ZONE 'Europe/Brussels'
          AS before) AS moved
    WHERE n <> 0
      AND (extract(isodow FROM local.since) < 6)
        = (extract(isodow FROM local.since + n * interval '1 day') < 6)
      AND moved.since < moved.before
      AND moved.since >= asked.window_from AND moved.before <= asked.window_to
      AND moved.since >= ALL (SELECT asked.visible[p]
        FROM unnest(f.positions) AS p)
      AND NOT EXISTS (SELECT FROM unnest(facts) AS other
        WHERE other.since < moved.before AND other.before > moved.since)) AS d
  WHERE d.rank <= (SELECT anpr_data.reference_days(facts));
END;

-- Plates seen in many windows, by the blocks that their times lie in
CREATE FUNCTION anpr_data.plates_in(windows anpr_data.fact[],
  OUT number int, OUT reference int, OUT plate text, OUT country text,
  OUT seen timestamptz)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_generic_plan
SET jit = off
SET enable_seqscan = off
SET enable_indexscan = off
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT w.number, w.reference, q.plate, q.country, q.seen
  FROM unnest(windows) AS w CROSS JOIN LATERAL (
    SELECT p.plate, p.country, p.seen FROM anpr_data.passage p
    WHERE p.seen >= w.since AND p.seen < w.before
      AND p.position = ANY (w.positions) OFFSET 0) AS q
  WHERE q.plate IS NOT NULL;
END
$$;

-- Plates near at least so many of the facts: at most 10000, or the question is none
CREATE FUNCTION anpr_data.plates_near(facts anpr_data.fact[], at_least int)
RETURNS anpr_data.suspect[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
DECLARE
  result anpr_data.suspect[];
BEGIN
  result := ARRAY(
    SELECT (n.plate, max(n.country), array_agg(n.number ORDER BY n.number),
      array_agg(n.seen ORDER BY n.number), NULL, NULL, NULL)::anpr_data.suspect
    FROM (SELECT i.plate, i.number, min(i.seen) AS seen, max(i.country) AS country
          FROM anpr_data.plates_in(facts) AS i GROUP BY i.plate, i.number) AS n
    GROUP BY n.plate HAVING count(*) >= at_least
    LIMIT 10001);
  IF cardinality(result) > 10000 THEN
    PERFORM anpr_data.refuse_question('more than 10000 plates were near so many '
      'of the facts: give more facts, or shorter ones');
  END IF;
  RETURN result;
END
$$;

-- @suspects with their base rates from the reference windows
CREATE FUNCTION anpr_data.with_base_rates(suspects anpr_data.suspect[],
  windows anpr_data.fact[], commuter_above float8)
RETURNS SETOF anpr_data.suspect
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH days AS (
    SELECT w.number, count(*)::float8 AS n FROM unnest(windows) AS w
    GROUP BY w.number),
  rate AS (
    SELECT u.plate, u.number, count(*) / d.n AS rate
    FROM (SELECT DISTINCT i.plate, i.number, i.reference
          FROM anpr_data.plates_in(windows) AS i) AS u
    JOIN days d ON d.number = u.number
    GROUP BY u.plate, u.number, d.n),
  told AS (
    SELECT s.plate, s.country, s.facts, s.seen,
      (SELECT sum(r.rate) / count(*) FROM days d
       LEFT JOIN rate r ON r.plate = s.plate AND r.number = d.number
       WHERE d.number = ANY (s.facts)) AS sum_rate,
      (SELECT count(*) FROM days d WHERE d.number = ANY (s.facts)) AS n_days,
      (SELECT sum(r.rate) FROM rate r WHERE r.plate = s.plate) AS expected
    FROM unnest(suspects) AS s)
  SELECT t.plate, t.country, t.facts, t.seen,
    CASE WHEN t.n_days > 0 THEN coalesce(t.sum_rate, 0) END,
    CASE WHEN t.n_days > 0 THEN coalesce(t.expected, 0) END,
    coalesce(t.n_days > 0 AND t.sum_rate > commuter_above, false)
  FROM told t;
END
$$;

-- All of a series: what both calls have in common
CREATE FUNCTION anpr_data.find_series(asked anpr_data.ticket)
RETURNS anpr_data.suspect[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  facts anpr_data.fact[] := anpr_data.asked_facts(asked);
  at_least int := anpr_data.asked_number(asked.what, 'at_least',
    cardinality(facts), 2, cardinality(facts));
  commuter_above float8 := anpr_data.asked_number(asked.what, 'commuter_above',
    0.2, 0, 1);
  suspects anpr_data.suspect[];
BEGIN
  suspects := anpr_data.plates_near(facts, at_least);
  IF suspects = '{}' THEN
    RETURN suspects;
  END IF;
  RETURN ARRAY(SELECT s FROM anpr_data.with_base_rates(suspects,
      anpr_data.reference_windows(asked, facts), commuter_above) AS s
    ORDER BY s.commuter, cardinality(s.facts) DESC, s.base_rate, s.plate);
END
$$;

-- The window is no part of it: facts are inside, and "now" moves between the calls.
CREATE FUNCTION anpr_data.series_digest(asked anpr_data.ticket) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN sha256(convert_to(jsonb_build_array(asked.purpose, asked.controllers,
  asked.what - 'counted' - 'limit')::text, 'UTF8'));

RESET ROLE;

-- what: {"facts": [{"positions": [names], "from": time, "to": time}, 2 to 20],
--        "at_least": 2 to all of them, "commuter_above": base rate, 0.2}
CREATE FUNCTION anpr.count_series(ticket uuid,
  OUT plates int, OUT commuters int)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  asked anpr_data.ticket :=
    anpr_data.begin_query(count_series.ticket, 'count_series');
  suspects anpr_data.suspect[];
BEGIN
  PERFORM anpr_data.check_fields(asked.what,
    ARRAY['facts', 'at_least', 'commuter_above']);
  suspects := anpr_data.find_series(asked);
  plates := cardinality(suspects);
  commuters := (SELECT count(*) FROM unnest(suspects) AS s WHERE s.commuter);
  DELETE FROM anpr_data.counted_series c
  WHERE c.login = session_user AND c.counted < now() - interval '1 hour';
  INSERT INTO anpr_data.counted_series AS c
  VALUES (session_user, anpr_data.series_digest(asked), plates, now())
  ON CONFLICT (login, digest) DO UPDATE
  SET plates = excluded.plates, counted = excluded.counted;
  PERFORM anpr_data.log_answer(asked, plates);
END
$$;

-- what: the same, and {"counted": the number told, "limit": 1 to 10000}
CREATE FUNCTION anpr.series(ticket uuid)
RETURNS TABLE (plate text, country text, facts int[], seen timestamptz[],
  base_rate float8, expected float8, commuter boolean, cut boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(series.ticket, 'series');
  n int := anpr_data.asked_number(asked.what, 'limit', 1000, 1, 10000);
  told int := anpr_data.asked_number(asked.what, 'counted', NULL, 0, 10000);
  suspects anpr_data.suspect[];
BEGIN
  PERFORM anpr_data.check_fields(asked.what,
    ARRAY['facts', 'at_least', 'commuter_above', 'counted', 'limit']);
  IF told IS NULL OR NOT EXISTS (
      SELECT FROM anpr_data.counted_series c
      WHERE c.login = session_user AND c.digest = anpr_data.series_digest(asked)
        AND c.plates = told AND c.counted > now() - interval '1 hour')
  THEN
    PERFORM anpr_data.refuse_question('plates come after their number: ask for '
      'count_series first, and give what it told as "counted"');
  END IF;
  suspects := anpr_data.find_series(asked);
  PERFORM anpr_data.log_answer(asked, cardinality(suspects), n);
  RETURN QUERY
  SELECT s.plate, s.country, s.facts, s.seen, s.base_rate, s.expected, s.commuter,
    cardinality(suspects) > n
  FROM unnest(suspects[1:n]) AS s;
END
$$;

ALTER FUNCTION anpr.count_series(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.series(uuid) OWNER TO anpr_reader;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.count_series, anpr.series TO anpr_investigator;
GRANT EXECUTE ON FUNCTION anpr_data.reference_days, anpr_data.asked_facts,
  anpr_data.reference_windows, anpr_data.plates_in, anpr_data.plates_near,
  anpr_data.with_base_rates, anpr_data.find_series, anpr_data.series_digest
  TO anpr_reader;
