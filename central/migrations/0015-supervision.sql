-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- What takes a second person, what goes to the authorities of lists, and what
-- supervisors read: suppressions, silent reviews, correction notices, precision,
-- the register for publication, and the anomalies of a day.
--
-- Nothing here tells of passages, so one step is enough: what is read is logged in
-- the same transaction. Plates are told where suppressions, notices and questions
-- name them, of controllers that authorise the login; covert ones to cleared logins
-- only. A supervisor of the register sees all, and changes nothing.

-- --- a second person -------------------------------------------------------

-- Whether this login may know of something of a controller
CREATE FUNCTION anpr_data.may_see(of_controller smallint, is_covert boolean)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN pg_has_role(session_user, 'anpr_supervisor', 'MEMBER') OR EXISTS (
  SELECT FROM anpr_data.authorisation a
  WHERE a.login = session_user AND a.controller = of_controller
    AND a.valid_until > clock_timestamp() AND (a.covert OR NOT is_covert));

-- Refuses to let one person, under whatever logins, be both of two
CREATE FUNCTION anpr_data.check_second_person(first text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF first = session_user OR anpr_data.person_of(session_user) IS NULL
     OR anpr_data.person_of(session_user) = anpr_data.person_of(first) THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-SECOND',
      'this takes another person than the one who proposed it');
  END IF;
END
$$;

-- Approves or refuses a suppression that another person proposed by a rejection.
CREATE FUNCTION anpr.approve_suppression(number bigint, approve boolean,
  OUT valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  s anpr_data.suppression;
BEGIN
  SELECT t.* INTO s FROM anpr_data.suppression t
  WHERE t.number = approve_suppression.number
    AND anpr_data.may_see(t.controller, t.covert) FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-UNKNOWN',
      'there is no such suppression for this login');
  END IF;
  IF s.approved IS NOT NULL OR s.valid_until <= clock_timestamp() THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-SECOND',
      'this suppression is decided on, or over');
  END IF;
  PERFORM anpr_data.check_second_person(s.proposed_by);
  UPDATE anpr_data.suppression t SET decided_by = session_user,
    decided_at = clock_timestamp(), approved = coalesce(approve, false)
  WHERE t.number = s.number;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'approve_suppression', jsonb_build_object('number', s.number,
      'approved', coalesce(approve, false), 'valid_until', s.valid_until));
  valid_until := CASE WHEN approve THEN s.valid_until END;
END
$$;

-- The suppressions of the register, newest first: those proposed, in force and over.
CREATE FUNCTION anpr.suppressions()
RETURNS TABLE (number bigint, list text, entry text, plate text, "position" text,
  cause text, state text, proposed_by text, proposed_at timestamptz,
  decided_by text, decided_at timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM anpr_data.append_log('login:' || session_user, 'consultation', 'done',
    'suppressions', '{}');
  RETURN QUERY
  SELECT s.number, s.list, s.entry, s.plate, p.name, s.cause,
    CASE WHEN NOT s.approved THEN 'refused'
      WHEN s.valid_until <= clock_timestamp() THEN 'over'
      WHEN s.approved THEN 'in force' ELSE 'proposed' END,
    s.proposed_by, s.proposed_at, s.decided_by, s.decided_at, s.valid_until
  FROM anpr_data.suppression s
  LEFT JOIN anpr_data.position p ON p.number = s.position
  WHERE anpr_data.may_see(s.controller, s.covert)
  ORDER BY s.number DESC LIMIT 10000;
END
$$;

-- Ends the silent review of a list: proposed by the first who calls it, ended by
-- another person.
CREATE FUNCTION anpr.end_review(list text, reason text, OUT state text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  r anpr_data.silent_review;
BEGIN
  SELECT t.* INTO r FROM anpr_data.silent_review t
  WHERE t.list = end_review.list AND t.ended IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-UNKNOWN',
      'this list is not in silent review');
  END IF;
  IF r.end_proposed_by IS NULL THEN
    IF length(btrim(reason)) NOT BETWEEN 15 AND 2000 OR reason IS NULL THEN
      PERFORM anpr_data.refuse_decision('ANPR-HIT-SECOND',
        'say in 15 to 2000 characters what was corrected in this list');
    END IF;
    UPDATE anpr_data.silent_review t SET end_proposed_by = session_user,
      end_proposed_at = clock_timestamp(), end_reason = end_review.reason
    WHERE t.number = r.number;
    state := 'proposed';
  ELSE
    PERFORM anpr_data.check_second_person(r.end_proposed_by);
    UPDATE anpr_data.silent_review t SET ended_by = session_user,
      ended = clock_timestamp() WHERE t.number = r.number;
    state := 'ended';
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'end_review', jsonb_build_object('list', r.list, 'state', state));
END
$$;

-- --- correction notices ----------------------------------------------------

-- What the authorities of lists have to be told, oldest first
CREATE FUNCTION anpr.notices(unsent boolean DEFAULT true)
RETURNS TABLE (number bigint, made timestamptz, list text, entry text,
  authority text, contact text, notice jsonb, sent timestamptz, sent_by text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  PERFORM anpr_data.append_log('login:' || session_user, 'disclosure', 'done',
    'notices', jsonb_build_object('unsent', unsent));
  RETURN QUERY
  SELECT n.number, n.made, n.list, n.entry, n.authority, n.contact, n.notice,
    n.sent, n.sent_by
  FROM anpr_data.correction_notice n
  WHERE anpr_data.may_see(n.controller, n.covert)
    AND (n.sent IS NULL OR NOT coalesce(notices.unsent, true))
  ORDER BY n.number LIMIT 10000;
END
$$;

CREATE FUNCTION anpr.notice_sent(number bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  UPDATE anpr_data.correction_notice n
  SET sent = clock_timestamp(), sent_by = session_user
  WHERE n.number = notice_sent.number AND n.sent IS NULL
    AND anpr_data.may_see(n.controller, n.covert);
  IF NOT FOUND THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-UNKNOWN',
      'there is no such notice to be sent for this login');
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'disclosure', 'done',
    'notice_sent', jsonb_build_object('number', notice_sent.number));
END
$$;

-- --- precision -------------------------------------------------------------

-- Of each list and local day of decision: confirmed of all decided (R20). The last
-- decision on a hit counts. At most 400 days.
CREATE FUNCTION anpr.precision(since date, until date)
RETURNS TABLE (list text, day date, confirmed bigint, rejected bigint,
  undecided bigint, "precision" float8, median_seconds float8, silent boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
#variable_conflict use_column
BEGIN
  IF since IS NULL OR until IS NULL OR until < since OR until - since > 400 THEN
    PERFORM anpr_data.refuse_question('give at most 400 days, first day first');
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'consultation', 'done',
    'precision', jsonb_build_object('from', since, 'to', until));
  RETURN QUERY
  SELECT t.list, t.day, count(*) FILTER (WHERE t.verdict = 'confirm'),
    count(*) FILTER (WHERE t.verdict = 'reject'),
    count(*) FILTER (WHERE t.verdict = 'undecided'),
    count(*) FILTER (WHERE t.verdict = 'confirm')
      / nullif(count(*) FILTER (WHERE t.verdict <> 'undecided'), 0)::float8,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY t.considered_ms / 1000.0::float8),
    EXISTS (SELECT FROM anpr_data.silent_review r
      WHERE r.list = t.list AND r.ended IS NULL)
  FROM (
    SELECT DISTINCT ON (d.passage, d.hit) h.list, d.verdict, d.considered_ms,
      (d.decided AT TIME ZONE 'Europe/Brussels')::date AS day
    FROM anpr_data.decision d
    JOIN anpr_data.hit h ON h.passage = d.passage AND h.id = d.hit
    ORDER BY d.passage, d.hit, d.number DESC) AS t
  WHERE t.day BETWEEN since AND until
  GROUP BY t.list, t.day ORDER BY t.list, t.day;
END
$$;

-- --- the register, for publication -----------------------------------------

-- R40: positions, decisions, purposes, periods, retention, impact analyses, and how
-- many suppressions and silent reviews there are; no plate, no entry, no person.
CREATE FUNCTION anpr.register_export() RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET IntervalStyle = 'postgres'
AS $$
BEGIN
  PERFORM anpr_data.append_log('login:' || session_user, 'disclosure', 'done',
    'register_export', '{}');
  RETURN jsonb_build_object(
    'schema', 'anpr.register/1', 'at', clock_timestamp(),
    'purposes', (SELECT jsonb_object_agg(p.code, p.meaning)
      FROM anpr_data.purpose p),
    'controllers', (SELECT jsonb_agg(jsonb_build_object('name', c.name,
      'contact', c.contact) ORDER BY c.number) FROM anpr_data.controller c),
    'positions', (SELECT jsonb_agg(jsonb_build_object('name', p.name,
        'controller', c.name, 'place', p.place, 'latitude', p.latitude,
        'longitude', p.longitude,
        'retention', (SELECT jsonb_object_agg(t.purpose, jsonb_build_object(
          'passages', t.passages::text, 'stills', t.stills::text))
          FROM anpr_data.terms() t WHERE t.position = p.number),
        'permissions', (SELECT jsonb_agg(jsonb_build_object(
          'decision', m.decision, 'place', m.place, 'purposes', m.purposes,
          'camera_type', m.camera_type,
          'impact_assessment', m.impact_assessment,
          'valid_from', m.valid_from, 'valid_until', m.valid_until)
          ORDER BY m.valid_from) FROM anpr_data.permission m
          WHERE m.position = p.number)) ORDER BY p.number)
      FROM anpr_data.position p
      JOIN anpr_data.controller c ON c.number = p.controller),
    'lists', (SELECT jsonb_agg(DISTINCT jsonb_build_object('list', l.list,
      'authority', l.authority, 'category', l.category, 'purpose', l.purpose))
      FROM anpr_data.list l),
    'suppressions', (SELECT jsonb_agg(jsonb_build_object('list', s.list,
        'in_force', s.in_force, 'proposed', s.proposed) ORDER BY s.list)
      FROM (SELECT u.list, count(*) FILTER (WHERE u.approved) AS in_force,
              count(*) FILTER (WHERE u.approved IS NULL) AS proposed
            FROM anpr_data.suppression u
            WHERE u.valid_until > clock_timestamp() AND NOT u.covert
            GROUP BY u.list) AS s),
    'silent_reviews', (SELECT jsonb_agg(jsonb_build_object('list', r.list,
      'since', r.begun)) FROM anpr_data.silent_review r WHERE r.ended IS NULL));
END
$$;

-- --- anomalies -------------------------------------------------------------

SET LOCAL ROLE anpr_owner;

-- What was asked with reasons on a local day and in the month before it, from the
-- log, with the rows of the answer; NULL if there is none.
CREATE FUNCTION anpr_data.questions(day date,
  OUT login text, OUT number bigint, OUT of_day boolean, OUT at timestamptz,
  OUT outcome text, OUT case_reference text, OUT justification text,
  OUT plate text, OUT fault text, OUT rows bigint)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  WITH entry AS MATERIALIZED (
    SELECT l.* FROM anpr_data.access_log l
    WHERE l.at >= (day - 30)::timestamp AT TIME ZONE 'Europe/Brussels'
      AND l.at < (day + 1)::timestamp AT TIME ZONE 'Europe/Brussels'
      AND l.chain LIKE 'login:%'
      AND (l.details ? 'what' OR l.details ? 'answered')),
  answer AS (
    SELECT e.login, (e.details ->> 'answered')::bigint AS number,
      sum((e.details ->> 'rows')::bigint)::bigint AS rows
    FROM entry e WHERE e.details ? 'answered' GROUP BY 1, 2)
  SELECT e.login, e.number, (e.at AT TIME ZONE 'Europe/Brussels')::date = day,
    e.at, e.outcome, e.case_reference, e.justification,
    nullif(anpr_data.plate_key(e.details #>> '{what,plate}'), ''),
    split_part(e.details ->> 'refusal', ':', 1), a.rows
  FROM entry e
  LEFT JOIN answer a ON a.login = e.login AND a.number = e.number
  WHERE e.details ? 'what';
END;

-- What a supervisor should look at of one local day (R43). entries are numbers in
-- the login's chain of the log, the first 100.
--   vague reason      refused reasons, or one reason for several cases in a month
--   repeated plate    one plate three times or more in a week by one login, with
--                     several case references or where one was refused
--   mass search       50 questions, 30 plates or 20,000 rows
--   refused           five refusals or more
--   no answer         three tickets or more whose answer was never recorded: unused,
--                     or rolled back after reading
CREATE FUNCTION anpr_data.anomalies_of(day date)
RETURNS TABLE (kind text, login text, person text, n bigint, about jsonb,
  entries bigint[])
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  WITH q AS MATERIALIZED (SELECT * FROM anpr_data.questions(day)),
  found AS (
    SELECT 'vague reason' AS kind, q.login, count(*) AS n,
      jsonb_build_object('refused', count(*)) AS about,
      array_agg(q.number ORDER BY q.number) AS entries
    FROM q WHERE q.of_day AND q.fault = 'ANPR-ASK-REASON' GROUP BY q.login
    UNION ALL
    SELECT 'vague reason', q.login, count(*), jsonb_build_object(
        'justification', left(q.justification, 200),
        'cases', count(DISTINCT q.case_reference)),
      array_agg(q.number ORDER BY q.number)
    FROM q WHERE q.outcome = 'done' AND q.justification IS NOT NULL
    GROUP BY q.login, q.justification
    HAVING bool_or(q.of_day) AND count(DISTINCT q.case_reference) >= 2
    UNION ALL
    SELECT 'repeated plate', q.login, count(*), jsonb_build_object(
        'plate', q.plate, 'cases', count(DISTINCT q.case_reference),
        'without_case', count(*) FILTER (WHERE q.fault = 'ANPR-ASK-CASE')),
      array_agg(q.number ORDER BY q.number)
    FROM q WHERE q.plate IS NOT NULL
      AND q.at >= (day - 6)::timestamp AT TIME ZONE 'Europe/Brussels'
    GROUP BY q.login, q.plate
    HAVING bool_or(q.of_day) AND count(*) >= 3
      AND (count(DISTINCT q.case_reference) >= 2
        OR bool_or(q.fault = 'ANPR-ASK-CASE'))
    UNION ALL
    SELECT 'mass search', q.login, count(*),
      jsonb_build_object('plates', count(DISTINCT q.plate),
        'rows', coalesce(sum(q.rows), 0)),
      array_agg(q.number ORDER BY q.number)
    FROM q WHERE q.of_day GROUP BY q.login
    HAVING count(*) >= 50 OR count(DISTINCT q.plate) >= 30
      OR sum(q.rows) >= 20000
    UNION ALL
    SELECT 'refused', q.login, count(*),
      jsonb_build_object('codes', jsonb_agg(DISTINCT q.fault)),
      array_agg(q.number ORDER BY q.number)
    FROM q WHERE q.of_day AND q.outcome = 'refused' GROUP BY q.login
    HAVING count(*) >= 5
    UNION ALL
    SELECT 'no answer', q.login, count(*), '{}',
      array_agg(q.number ORDER BY q.number)
    FROM q WHERE q.of_day AND q.outcome = 'done' AND q.rows IS NULL
    GROUP BY q.login HAVING count(*) >= 3)
  SELECT f.kind, f.login, l.person, f.n, f.about, f.entries[1:100]
  FROM found f LEFT JOIN anpr_data.login l ON l.name = f.login
  ORDER BY f.kind, f.n DESC, f.login;
END;

CREATE FUNCTION anpr.anomalies(day date)
RETURNS TABLE (kind text, login text, person text, n bigint, about jsonb,
  entries bigint[])
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
AS $$
BEGIN
  IF day IS NULL OR NOT isfinite(day) THEN
    PERFORM anpr_data.refuse_question('give a day');
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'consultation', 'done',
    'anomalies', jsonb_build_object('day', day));
  RETURN QUERY SELECT * FROM anpr_data.anomalies_of(day);
END
$$;

RESET ROLE;
ALTER FUNCTION anpr.approve_suppression(bigint, boolean) OWNER TO anpr_decider;
ALTER FUNCTION anpr.suppressions() OWNER TO anpr_decider;
ALTER FUNCTION anpr.end_review(text, text) OWNER TO anpr_decider;
ALTER FUNCTION anpr.notices(boolean) OWNER TO anpr_decider;
ALTER FUNCTION anpr.notice_sent(bigint) OWNER TO anpr_decider;
ALTER FUNCTION anpr.precision(date, date) OWNER TO anpr_decider;
ALTER FUNCTION anpr.register_export() OWNER TO anpr_owner;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.approve_suppression, anpr.end_review,
  anpr.notice_sent TO anpr_dispatcher;
GRANT EXECUTE ON FUNCTION anpr.suppressions, anpr.notices, anpr.precision
  TO anpr_dispatcher, anpr_supervisor;
GRANT EXECUTE ON FUNCTION anpr.register_export TO anpr_supervisor, anpr_admin;
GRANT EXECUTE ON FUNCTION anpr.anomalies TO anpr_supervisor;
GRANT EXECUTE ON FUNCTION anpr_data.may_see, anpr_data.check_second_person,
  anpr_data.refuse_question TO anpr_decider;
