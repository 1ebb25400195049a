-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Hits and what people decide about them (R15 to R21, R41).
--
-- A hit is a hint. It is acted on only after a person has looked at its pictures and
-- confirmed it, and that is written down: nothing here or elsewhere makes a hit
-- actionable but a row in anpr_data.decision that anpr.decide() wrote for a
-- dispatcher who had opened the pictures. Where country or age of the list speak
-- against it, not even that does.
--
--   anpr.attend()         hands out what waits, no case needed: the lists say why
--   anpr.hits(ticket)     tells hits, after attend(), or after ask() of older ones
--   anpr.open_hit()       asks for a hit's pictures; the time to decide begins
--   anpr.hit_images(t.)   tells them
--   anpr.decide()         a decision; the last one counts, all stay
--
-- What is told needs two steps, as in 0004-gate.sql. Whoever decides sees nothing by
-- it, so that is one step, and runs as anpr_decider.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anpr_decider') THEN
    CREATE ROLE anpr_decider;
  END IF;
  ALTER ROLE anpr_decider NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE
    NOCREATEDB NOREPLICATION;
END
$$;

SET LOCAL ROLE anpr_owner;

INSERT INTO anpr_data.query_function VALUES
  ('hits', '{anpr_dispatcher,anpr_investigator}', 'consultation');

CREATE TABLE anpr_data.hit_setting (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  -- hits by lists older than this are marked stale and never actionable (R19)
  stale_after interval NOT NULL DEFAULT '48 hours'
    CHECK (stale_after BETWEEN interval '1 hour' AND interval '31 days'),
  -- what waits for a dispatcher, at most
  attended interval NOT NULL DEFAULT '48 hours'
    CHECK (attended BETWEEN interval '1 hour' AND interval '31 days'),
  -- below this precision over the last so many decisions a list goes to silent
  -- review (R20)
  precision_floor float8 NOT NULL DEFAULT 0.1
    CHECK (precision_floor BETWEEN 0 AND 1),
  precision_over int NOT NULL DEFAULT 50
    CHECK (precision_over BETWEEN 50 AND 10000),
  suppressed interval NOT NULL DEFAULT '7 days'
    CHECK (suppressed BETWEEN interval '1 hour' AND interval '12 months')
);
INSERT INTO anpr_data.hit_setting DEFAULT VALUES;

-- Who is told of wrong entries, and a floor of its own. Hits tell neither.
CREATE TABLE anpr_data.list_setting (
  list text PRIMARY KEY CHECK (length(list) BETWEEN 1 AND 200),
  contact text NOT NULL CHECK (length(contact) BETWEEN 3 AND 500),
  precision_floor float8 CHECK (precision_floor BETWEEN 0 AND 1)
);

-- Two kinds of changes of the register (0009)
CREATE FUNCTION anpr_data.change_hits(change jsonb) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF change ->> 'kind' = 'hit-setting' THEN
    UPDATE anpr_data.hit_setting s SET
      stale_after = coalesce((change ->> 'stale_after')::interval, s.stale_after),
      attended = coalesce((change ->> 'attended')::interval, s.attended),
      precision_floor = coalesce((change ->> 'precision_floor')::float8,
        s.precision_floor),
      precision_over = coalesce((change ->> 'precision_over')::int,
        s.precision_over),
      suppressed = coalesce((change ->> 'suppressed')::interval, s.suppressed);
    RETURN;
  END IF;
  INSERT INTO anpr_data.list_setting VALUES (anpr_data.field_of(change, 'list'),
    anpr_data.field_of(change, 'contact'),
    (change ->> 'precision_floor')::float8)
  ON CONFLICT (list) DO UPDATE SET contact = excluded.contact,
    precision_floor = excluded.precision_floor;
END
$$;

-- Who opened a hit's pictures, when, and how many there were; NULL not shown yet.
-- By passage.
CREATE TABLE anpr_data.opening (
  passage uuid NOT NULL,
  hit uuid NOT NULL,
  login text NOT NULL,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  opened timestamptz NOT NULL,
  pictures int,
  PRIMARY KEY (passage, hit, login)
);
CREATE INDEX opening_seen ON anpr_data.opening (seen);

-- Lists whose hits are kept and decided on but no longer call anybody, and since
-- when. Two persons end it.
CREATE TABLE anpr_data.silent_review (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list text NOT NULL,
  begun timestamptz NOT NULL DEFAULT clock_timestamp(),
  confirmed int NOT NULL,
  decided int NOT NULL,
  precision_floor float8 NOT NULL,
  end_reason text CHECK (length(end_reason) BETWEEN 15 AND 2000),
  end_proposed_by text,
  end_proposed_at timestamptz,
  ended_by text,
  ended timestamptz,
  CHECK (ended_by <> end_proposed_by)
);
CREATE UNIQUE INDEX silent_review_open ON anpr_data.silent_review (list)
  WHERE ended IS NULL;

RESET ROLE;
CREATE POLICY decider ON anpr_data.hit FOR SELECT TO anpr_decider USING (true);
CREATE POLICY decider ON anpr_data.passage FOR SELECT TO anpr_decider USING (true);
CREATE POLICY decider ON anpr_data.decision TO anpr_decider
  USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA anpr_data TO anpr_decider;
-- taken from everybody in 0001
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO anpr_decider;
GRANT SELECT ON anpr_data.hit, anpr_data.passage, anpr_data.hit_setting,
  anpr_data.login, anpr_data.authorisation, anpr_data.position,
  anpr_data.controller, anpr_data.list_setting, anpr_data.query_function
  TO anpr_decider;
GRANT SELECT, INSERT ON anpr_data.decision TO anpr_decider;
GRANT SELECT, INSERT, UPDATE ON anpr_data.opening, anpr_data.suppression,
  anpr_data.correction_notice, anpr_data.silent_review TO anpr_decider;
GRANT SELECT, INSERT, DELETE ON anpr_data.ticket TO anpr_decider;
GRANT SELECT ON anpr_data.hit_setting, anpr_data.suppression,
  anpr_data.silent_review TO anpr_reader;
GRANT SELECT, UPDATE (pictures) ON anpr_data.opening TO anpr_reader;

-- --- helpers ---------------------------------------------------------------

CREATE FUNCTION anpr_data.refuse_decision(code text, reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '[%] %', code, reason USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Who is behind a login: two logins of one person are not two persons
CREATE FUNCTION anpr_data.person_of(login text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN (SELECT l.person FROM anpr_data.login l WHERE l.name = login);

-- A hit this login may handle: its controller authorises it, and it is cleared for
-- covert ones. The same refusal for none and for one that may not be known of.
CREATE FUNCTION anpr_data.own_hit(passage uuid, hit uuid) RETURNS anpr_data.hit
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  result anpr_data.hit;
BEGIN
  SELECT h.* INTO result FROM anpr_data.hit h
  JOIN anpr_data.position p ON p.number = h.position
  JOIN anpr_data.authorisation a ON a.controller = p.controller
  WHERE h.passage = own_hit.passage AND h.id = own_hit.hit
    AND a.login = session_user AND a.valid_until > clock_timestamp()
    AND (a.covert OR NOT h.covert);
  IF NOT FOUND THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-UNKNOWN',
      'there is no such hit for this login');
  END IF;
  RETURN result;
END
$$;

-- Whether a hit is suppressed now, and until when. As its read, not as listed.
CREATE FUNCTION anpr_data.suppressed_until(h anpr_data.hit, read_plate text,
  at timestamptz)
RETURNS timestamptz
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN (SELECT max(s.valid_until) FROM anpr_data.suppression s
  WHERE s.plate = read_plate AND s.list = h.list AND s.entry = h.entry
    AND (s.position IS NULL OR s.position = h.position)
    AND s.approved AND s.valid_until > at);

-- Why a confirmed hit must not be acted on, empty if nothing speaks against it
CREATE FUNCTION anpr_data.obstacle(h anpr_data.hit) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN concat_ws(', ',
  CASE WHEN h.country_grade = 'conflict' THEN 'country conflict' END,
  CASE WHEN h.list_age * interval '1 second'
    > (SELECT s.stale_after FROM anpr_data.hit_setting s) THEN 'stale list' END);

-- A ticket for what a dispatcher's duty lets be told without a case reference.
CREATE FUNCTION anpr_data.hand_ticket(function text, hit_purpose text,
  since timestamptz, before timestamptz, what jsonb, action text)
RETURNS uuid
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  at timestamptz := clock_timestamp();
  logged bigint;
  result uuid;
  granted smallint[];
  cleared boolean;
BEGIN
  SELECT array_agg(a.controller ORDER BY a.controller), bool_and(a.covert)
  INTO granted, cleared
  FROM anpr_data.authorisation a
  WHERE a.login = session_user AND a.valid_until > at;
  IF granted IS NULL THEN
    PERFORM anpr_data.refuse_decision('ANPR-ASK-CONTROLLER',
      'no controller authorises this login');
  END IF;
  logged := anpr_data.append_log('login:' || session_user, action, 'done',
    function, jsonb_build_object('from', since, 'to', before, 'duty', what,
      'controllers', granted), hit_purpose);
  DELETE FROM anpr_data.ticket t
  WHERE t.login = session_user AND t.valid_until < at;
  INSERT INTO anpr_data.ticket AS t (ticket, login, function, purpose,
    window_from, window_to, what, controllers, covert, beyond_month, log_number,
    asked_in, valid_until)
  VALUES (gen_random_uuid(), session_user, function,
    coalesce(hit_purpose, ''), since, before, what, granted, cleared,
    false, logged, pg_current_xact_id(), at + interval '5 minutes')
  RETURNING t.ticket INTO result;
  RETURN result;
END
$$;

-- --- what waits ------------------------------------------------------------

-- Hits that nobody has settled yet, of the last two days: the lists that made them
-- say why they are told, so no case reference is asked for.
CREATE FUNCTION anpr.attend(OUT ticket uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
AS $$
BEGIN
  ticket := anpr_data.hand_ticket('hits', NULL, clock_timestamp()
      - (SELECT s.attended FROM anpr_data.hit_setting s),
    clock_timestamp() + interval '1 day', '{"state": "open"}', 'consultation');
END
$$;

-- The most urgent first. what: {"state": "open" | "all", "list": one, "silent": whether
-- those of lists in silent review, too, "suppressed": the same, "limit": 1 to 10000}
CREATE FUNCTION anpr.hits(ticket uuid)
RETURNS TABLE (hit uuid, passage uuid, seen timestamptz, received timestamptz,
  "position" text, place text, latitude float8, longitude float8, direction text,
  plate text, listed text, country text, confidence float8, list text,
  version text, entry text, authority text, reference text, category text,
  measure text, warning text, reason text, priority int, purpose text, grade text,
  differing text, country_grade text, list_age_s int, late boolean, covert boolean,
  state text, cause text, decided_by text, decided timestamptz,
  actionable boolean, obstacle text, suppressed_until timestamptz,
  silent boolean, cut boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(hits.ticket, 'hits');
  what jsonb := asked.what;
  n int := anpr_data.asked_number(what, 'limit', 1000, 1, 10000);
  wanted text := anpr_data.asked_text(what, 'state', 'open');
  of_list text := anpr_data.asked_text(what, 'list', '');
  with_silent boolean := coalesce(what -> 'silent' = 'true', false);
  with_suppressed boolean := coalesce(what -> 'suppressed' = 'true', false);
  at timestamptz := clock_timestamp();
  total bigint;
BEGIN
  PERFORM anpr_data.check_fields(what,
    ARRAY['state', 'list', 'silent', 'suppressed', 'limit']);
  IF wanted NOT IN ('open', 'all') THEN
    PERFORM anpr_data.refuse_question('"state" is open or all');
  END IF;
  RETURN QUERY
  SELECT h.id, h.passage, h.seen, h.received, p.name, p.place, p.latitude,
    p.longitude, CASE r.direction WHEN 'i' THEN 'in' WHEN 'o' THEN 'out'
      ELSE 'unknown' END, r.plate, h.plate, r.country,
    r.confidence / 10000.0::float8, h.list, h.version, h.entry, h.authority,
    h.reference, h.category, h.measure, h.warning, h.reason, h.priority::int,
    h.purpose, h.grade, h.details ->> 'differing', h.country_grade, h.list_age,
    h.late, h.covert, CASE d.verdict WHEN 'confirm' THEN 'confirmed'
      WHEN 'reject' THEN 'rejected' WHEN 'undecided' THEN 'undecided'
      ELSE 'unverified' END, coalesce(d.cause, ''), d.login, d.decided,
    coalesce(d.verdict = 'confirm' AND o.obstacle = '', false), o.obstacle,
    s.suppressed, v.list IS NOT NULL, count(*) OVER () > n
  FROM anpr_data.hit h
  JOIN anpr_data.position p ON p.number = h.position
  JOIN anpr_data.passage r ON r.id = h.passage AND r.seen = h.seen
  LEFT JOIN LATERAL (
    SELECT d.* FROM anpr_data.decision d
    WHERE d.passage = h.passage AND d.hit = h.id
    ORDER BY d.number DESC LIMIT 1) AS d ON true
  LEFT JOIN anpr_data.silent_review v ON v.list = h.list AND v.ended IS NULL
  CROSS JOIN LATERAL (SELECT anpr_data.obstacle(h) AS obstacle) AS o
  CROSS JOIN LATERAL (
    SELECT anpr_data.suppressed_until(h, r.plate, at) AS suppressed) AS s
  WHERE h.seen >= asked.window_from AND h.seen < asked.window_to
    -- the same again: it tells the planner which days to look into
    AND r.seen >= asked.window_from AND r.seen < asked.window_to
    AND p.controller = ANY (asked.controllers)
    AND (asked.covert OR NOT h.covert)
    AND (of_list = '' OR h.list = of_list)
    AND (wanted = 'all' OR coalesce(d.verdict, 'undecided') = 'undecided')
    AND (with_silent OR v.list IS NULL)
    AND (with_suppressed OR s.suppressed IS NULL)
  ORDER BY h.priority, h.seen DESC, h.id LIMIT n;
  GET DIAGNOSTICS total = ROW_COUNT;
  PERFORM anpr_data.log_answer(asked, total, n);
END
$$;

-- --- pictures of a hit -----------------------------------------------------

-- Asks for the pictures of a hit; the time to decide begins now, if it has not.
CREATE FUNCTION anpr.open_hit(passage uuid, hit uuid, OUT ticket uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
  h anpr_data.hit := anpr_data.own_hit(open_hit.passage, open_hit.hit);
BEGIN
  INSERT INTO anpr_data.opening AS o VALUES
    (h.passage, h.id, session_user, h.seen, h.position, clock_timestamp(), NULL)
  ON CONFLICT (passage, hit, login) DO NOTHING;
  ticket := anpr_data.hand_ticket('hit_images', h.purpose, h.seen,
    h.seen + interval '1 microsecond',
    jsonb_build_object('passage', h.passage, 'hit', h.id), 'disclosure');
END
$$;

CREATE FUNCTION anpr.hit_images(ticket uuid)
RETURNS TABLE (kind text, jpeg bytea)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(hit_images.ticket, 'hit_images');
  of_passage uuid := asked.what ->> 'passage';
  told int;
BEGIN
  RETURN QUERY
  SELECT s.kind, s.jpeg FROM anpr_data.still s
  WHERE s.passage = of_passage AND s.seen = asked.window_from ORDER BY s.kind;
  GET DIAGNOSTICS told = ROW_COUNT;
  UPDATE anpr_data.opening o SET pictures = told
  WHERE o.passage = of_passage AND o.hit = (asked.what ->> 'hit')::uuid
    AND o.login = session_user;
  PERFORM anpr_data.log_answer(asked, told);
END
$$;

-- --- decisions -------------------------------------------------------------

-- After a rejection: what the list's contact should know (R21)
CREATE FUNCTION anpr_data.make_notice(h anpr_data.hit, read_plate text, cause text,
  note text)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  INSERT INTO anpr_data.correction_notice (controller, covert, list, entry,
    authority, contact, hit, passage, seen, notice)
  SELECT p.controller, h.covert, h.list, h.entry, h.authority,
    coalesce((SELECT l.contact FROM anpr_data.list_setting l
      WHERE l.list = h.list), ''),
    h.id, h.passage, h.seen, jsonb_build_object('list', h.list,
      'version', h.version, 'entry', h.entry, 'reference', h.reference,
      'listed', h.plate, 'read', read_plate, 'seen', h.seen, 'place', p.place,
      'cause', make_notice.cause, 'note', make_notice.note)
  FROM anpr_data.position p WHERE p.number = h.position
  RETURNING number;
END;

-- A misread says something about this position, anything else about the entry.
CREATE FUNCTION anpr_data.propose_suppression(h anpr_data.hit, read_plate text,
  cause text, term interval)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  INSERT INTO anpr_data.suppression (list, entry, plate, position, controller,
    covert, cause, hit, passage, proposed_by, valid_until)
  SELECT h.list, h.entry, read_plate,
    CASE WHEN propose_suppression.cause = 'misread' THEN h.position END,
    p.controller, h.covert, propose_suppression.cause, h.id, h.passage,
    session_user, clock_timestamp() + term
  FROM anpr_data.position p
  WHERE p.number = h.position AND read_plate IS NOT NULL
  RETURNING number;
END;

-- Sends a list to silent review if too few of its last decided hits were right.
CREATE FUNCTION anpr_data.review_list(of_list text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  setting anpr_data.hit_setting := (SELECT s FROM anpr_data.hit_setting s);
  since timestamptz := (SELECT max(r.ended) FROM anpr_data.silent_review r
    WHERE r.list = of_list);
  right_ones int;
  all_ones int;
  least_share float8 := coalesce((SELECT l.precision_floor
    FROM anpr_data.list_setting l WHERE l.list = of_list),
    setting.precision_floor);
BEGIN
  SELECT count(*) FILTER (WHERE u.verdict = 'confirm'), count(*)
  INTO right_ones, all_ones
  FROM (
    SELECT t.verdict FROM (
      SELECT DISTINCT ON (d.passage, d.hit) d.verdict, d.decided
      FROM anpr_data.decision d
      JOIN anpr_data.hit h ON h.passage = d.passage AND h.id = d.hit
      WHERE h.list = of_list AND d.decided > coalesce(since, '-infinity')
      ORDER BY d.passage, d.hit, d.number DESC) AS t
    WHERE t.verdict <> 'undecided'
    ORDER BY t.decided DESC LIMIT setting.precision_over) AS u;
  IF all_ones < setting.precision_over
     OR right_ones >= least_share * all_ones THEN
    RETURN false;
  END IF;
  INSERT INTO anpr_data.silent_review (list, confirmed, decided, precision_floor)
  VALUES (of_list, right_ones, all_ones, least_share)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'silent_review', jsonb_build_object('list', of_list, 'confirmed', right_ones,
      'decided', all_ones, 'floor', least_share));
  RETURN true;
END
$$;

-- What a decision may not be made of
CREATE FUNCTION anpr_data.check_decision(h anpr_data.hit, verdict text, cause text,
  note text, looked anpr_data.opening)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF verdict IS NULL OR verdict NOT IN ('confirm', 'reject', 'undecided') THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-VERDICT',
      'a decision is confirm, reject or undecided');
  END IF;
  IF verdict = 'reject' AND coalesce(cause, '') NOT IN ('misread',
      'wrong country', 'stale', 'wrong vehicle') THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-VERDICT', 'a hit is rejected '
      'because of misread, wrong country, stale or wrong vehicle');
  END IF;
  IF verdict <> 'reject' AND coalesce(cause, '') <> '' THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-VERDICT',
      'only a rejection has a cause');
  END IF;
  IF length(note) > 2000 THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-VERDICT',
      'a note has at most 2000 characters');
  END IF;
  IF looked.pictures IS NULL THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-LOOK', 'look at the pictures of '
      'the hit first, with anpr.open_hit() and anpr.hit_images()');
  END IF;
  IF verdict = 'confirm' AND looked.pictures = 0 THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-LOOK', 'there is no picture of '
      'this hit: it can be rejected or left undecided');
  END IF;
END
$$;

-- Decides on a hit whose pictures this login has looked at. A rejection makes a
-- correction notice and proposes a suppression, of @suppress or the usual term.
-- considered: from opening the pictures until now.
CREATE FUNCTION anpr.decide(passage uuid, hit uuid, verdict text,
  cause text DEFAULT '', note text DEFAULT '', suppress interval DEFAULT NULL,
  OUT number int, OUT considered interval, OUT actionable boolean,
  OUT obstacle text, OUT notice bigint, OUT suppression bigint,
  OUT silent_review boolean)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET jit = off
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  h anpr_data.hit := anpr_data.own_hit(decide.passage, decide.hit);
  looked anpr_data.opening;
  read_plate text := (SELECT p.plate FROM anpr_data.passage p
    WHERE p.id = h.passage AND p.seen = h.seen);
  term interval := coalesce(decide.suppress,
    (SELECT s.suppressed FROM anpr_data.hit_setting s));
BEGIN
  SELECT o.* INTO looked FROM anpr_data.opening o
  WHERE o.passage = h.passage AND o.hit = h.id AND o.login = session_user;
  PERFORM anpr_data.check_decision(h, decide.verdict, decide.cause, decide.note,
    looked);
  IF term NOT BETWEEN interval '1 hour' AND interval '12 months' THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-VERDICT',
      'a suppression lasts from one hour to twelve months');
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('anpr_data.decision '
    || h.id::text, 0));
  number := 1 + coalesce((SELECT max(d.number) FROM anpr_data.decision d
    WHERE d.passage = h.passage AND d.hit = h.id), 0);
  considered := clock_timestamp() - looked.opened;
  INSERT INTO anpr_data.decision (passage, hit, number, seen, position, login,
    verdict, cause, considered_ms, note)
  VALUES (h.passage, h.id, decide.number, h.seen, h.position, session_user,
    decide.verdict, coalesce(decide.cause, ''),
    least(extract(epoch FROM considered) * 1000, 2147483647),
    coalesce(decide.note, ''));
  -- what an earlier rejection of this hit proposed or had approved is over
  UPDATE anpr_data.suppression s
  SET valid_until = greatest(clock_timestamp(),
    s.proposed_at + interval '1 microsecond')
  WHERE s.hit = h.id AND s.passage = h.passage
    AND s.valid_until > clock_timestamp();
  IF decide.verdict = 'reject' THEN
    notice := anpr_data.make_notice(h, read_plate, decide.cause,
      coalesce(decide.note, ''));
    suppression := anpr_data.propose_suppression(h, read_plate, decide.cause, term);
  END IF;
  obstacle := anpr_data.obstacle(h);
  actionable := decide.verdict = 'confirm' AND obstacle = '';
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'decide', jsonb_strip_nulls(jsonb_build_object('passage', h.passage,
      'hit', h.id, 'number', number, 'verdict', decide.verdict,
      'cause', nullif(decide.cause, ''), 'considered_ms',
      (extract(epoch FROM considered) * 1000)::bigint, 'notice', notice,
      'suppression', suppression)), nullif(h.purpose, ''));
  silent_review := anpr_data.review_list(h.list);
END
$$;

ALTER FUNCTION anpr.hits(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.hit_images(uuid) OWNER TO anpr_reader;
ALTER FUNCTION anpr.attend() OWNER TO anpr_decider;
ALTER FUNCTION anpr.open_hit(uuid, uuid) OWNER TO anpr_decider;
ALTER FUNCTION anpr.decide(uuid, uuid, text, text, text, interval)
  OWNER TO anpr_decider;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.attend, anpr.open_hit, anpr.hit_images, anpr.decide
  TO anpr_dispatcher;
GRANT EXECUTE ON FUNCTION anpr.hits TO anpr_dispatcher, anpr_investigator;
GRANT EXECUTE ON FUNCTION anpr_data.obstacle, anpr_data.suppressed_until
  TO anpr_reader, anpr_decider;
GRANT EXECUTE ON FUNCTION anpr_data.refuse_decision, anpr_data.person_of,
  anpr_data.own_hit, anpr_data.hand_ticket, anpr_data.make_notice,
  anpr_data.propose_suppression, anpr_data.review_list, anpr_data.check_decision,
  anpr_data.append_log TO anpr_decider;
