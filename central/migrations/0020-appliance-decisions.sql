-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Decisions that people made on the page of an appliance, where hits are seen first:
-- anpr.ingest_decisions(), beside anpr.ingest() the other function that appliances'
-- logins may call. Read the heads of 0005 and 0014 first.
--
-- Who decided is a person the appliance knows and this database does not. So such a
-- decision stands under a name that no login has, USER@LOGIN: the user of the page
-- at the login that brought it, which is session_user. An appliance thus speaks for
-- people of its own page only. Its decision further
--   - is about a hit of a position that the login delivers for, in a passage that
--     has been delivered: until then the answer is "waiting";
--   - never stands in for what a login of this database has settled: the page did
--     not show that. It is refused then, and the refusal is in the log;
--   - has the time and the seconds that the appliance tells, but no time to come;
--   - counts as any other after that: the last one on a hit counts, once, in the
--     precision of its list on the day it was made (R20); a rejection makes a notice
--     and proposes a suppression (R21). That has to be approved by another person,
--     and who an appliance's user is, is known only if the register has a login of
--     that name (which need not be able to log in).
--
-- The same decision, by the id that the appliance gave it, is kept once.

SET LOCAL ROLE anpr_owner;

-- Of decisions that came from an appliance: its id there, the device that saw the
-- passage, and what makes its text known again.
ALTER TABLE anpr_data.decision
  ADD COLUMN brought uuid,
  ADD COLUMN device text,
  ADD COLUMN digest bytea,
  ADD CONSTRAINT decision_brought_whole
    CHECK (num_nonnulls(brought, device, digest) IN (0, 3)),
  -- the page of an appliance knows one cause more
  DROP CONSTRAINT decision_check,
  ADD CONSTRAINT decision_check CHECK ((verdict = 'reject') = (cause <> '')
    AND (cause IN ('', 'misread', 'wrong country', 'stale', 'wrong vehicle')
      OR cause = 'other' AND brought IS NOT NULL));
CREATE UNIQUE INDEX decision_brought ON anpr_data.decision (passage, hit, brought)
  WHERE brought IS NOT NULL;

-- A decision on its way; n counts in the batch.
CREATE TYPE anpr_data.brought_decision AS (
  n int,
  outcome text,                       -- kept, already, waiting, refused; NULL not known yet
  reason text,
  id uuid,
  hit uuid,
  passage uuid,
  position_name text,
  user_name text,
  verdict text,
  cause text,
  note text,
  considered_ms int,
  decided timestamptz,
  digest bytea
);

RESET ROLE;
CREATE POLICY decider ON anpr_data.record FOR SELECT TO anpr_decider USING (true);
GRANT SELECT (passage, record) ON anpr_data.record TO anpr_decider;
GRANT SELECT ON anpr_data.delivery, anpr_data.stray TO anpr_decider;
GRANT USAGE ON TYPE anpr_data.brought_decision TO anpr_decider;

-- --- what every decision does ----------------------------------------------

-- Now told who proposes, which was always session_user.
DROP FUNCTION anpr_data.propose_suppression(anpr_data.hit, text, text, interval);

-- A misread says something about this position, anything else about the entry.
CREATE FUNCTION anpr_data.propose_suppression(h anpr_data.hit, read_plate text,
  cause text, term interval, proposer text)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  INSERT INTO anpr_data.suppression (list, entry, plate, position, controller,
    covert, cause, hit, passage, proposed_by, valid_until)
  SELECT h.list, h.entry, read_plate,
    CASE WHEN propose_suppression.cause = 'misread' THEN h.position END,
    p.controller, h.covert, propose_suppression.cause, h.id, h.passage,
    proposer, clock_timestamp() + term
  FROM anpr_data.position p
  WHERE p.number = h.position AND read_plate IS NOT NULL
  RETURNING number;
END;

-- One decision on a hit at a time, until the transaction ends
CREATE FUNCTION anpr_data.lock_hit(hit uuid) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('anpr_data.decision '
    || hit::text, 0));
END
$$;

-- Writes @d down, which says who decided what and when, with all that comes of it
-- and its entry in the log: that of @function, with @more in it.
CREATE FUNCTION anpr_data.settle(h anpr_data.hit, d anpr_data.decision,
  term interval, function text, more jsonb, OUT number int, OUT actionable boolean,
  OUT obstacle text, OUT notice bigint, OUT suppression bigint,
  OUT silent_review boolean)
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  read_plate text := (SELECT p.plate FROM anpr_data.passage p
    WHERE p.id = h.passage AND p.seen = h.seen);
BEGIN
  PERFORM anpr_data.lock_hit(h.id);
  number := 1 + coalesce((SELECT max(e.number) FROM anpr_data.decision e
    WHERE e.passage = h.passage AND e.hit = h.id), 0);
  d.passage := h.passage;
  d.hit := h.id;
  d.number := settle.number;
  d.seen := h.seen;
  d.position := h.position;
  INSERT INTO anpr_data.decision SELECT d.*;
  -- what an earlier rejection of this hit proposed or had approved is over
  UPDATE anpr_data.suppression s
  SET valid_until = greatest(clock_timestamp(),
    s.proposed_at + interval '1 microsecond')
  WHERE s.hit = h.id AND s.passage = h.passage
    AND s.valid_until > clock_timestamp();
  IF d.verdict = 'reject' THEN
    notice := anpr_data.make_notice(h, read_plate, d.cause, d.note);
    suppression := anpr_data.propose_suppression(h, read_plate, d.cause, term,
      d.login);
  END IF;
  obstacle := anpr_data.obstacle(h);
  actionable := d.verdict = 'confirm' AND obstacle = '';
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    settle.function, jsonb_strip_nulls(jsonb_build_object('passage', h.passage,
      'hit', h.id, 'number', settle.number, 'verdict', d.verdict,
      'cause', nullif(d.cause, ''), 'considered_ms', d.considered_ms,
      'notice', settle.notice, 'suppression', settle.suppression) || more),
    nullif(h.purpose, ''));
  silent_review := anpr_data.review_list(h.list);
END
$$;

-- As it was in 0014, but for what is in settle() now.
CREATE OR REPLACE FUNCTION anpr.decide(passage uuid, hit uuid, verdict text,
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
  d anpr_data.decision;
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
  PERFORM anpr_data.lock_hit(h.id);
  d.decided := clock_timestamp();
  considered := d.decided - looked.opened;
  d.login := session_user;
  d.verdict := decide.verdict;
  d.cause := coalesce(decide.cause, '');
  d.considered_ms := least(extract(epoch FROM considered) * 1000, 2147483647);
  d.note := coalesce(decide.note, '');
  SELECT s.number, s.actionable, s.obstacle, s.notice, s.suppression,
    s.silent_review
  INTO number, actionable, obstacle, notice, suppression, silent_review
  FROM anpr_data.settle(h, d, term, 'decide', '{}') AS s;
END
$$;

-- As it was in 0015; and where nobody knows who the first person is, nobody knows
-- that the second is another one.
CREATE OR REPLACE FUNCTION anpr_data.check_second_person(first text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF first = session_user OR anpr_data.person_of(session_user) IS NULL
     OR anpr_data.person_of(session_user) = anpr_data.person_of(first) THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-SECOND',
      'this takes another person than the one who proposed it');
  END IF;
  IF anpr_data.person_of(first) IS NULL THEN
    PERFORM anpr_data.refuse_decision('ANPR-HIT-SECOND', format('the register does '
      'not tell who %s is, who proposed this: it needs a login of that name', first));
  END IF;
END
$$;

-- --- reading a decision ----------------------------------------------------

-- Columns of @r into @d; raises data_exception where they are not as they should be.
CREATE FUNCTION anpr_data.read_decision_columns(d anpr_data.brought_decision,
  r jsonb)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  given text := anpr_data.text_of(r, 'reason', 40);
BEGIN
  d.id := anpr_data.id_of(r, 'id');
  d.hit := anpr_data.id_of(r, 'hit');
  d.passage := anpr_data.id_of(r, 'passage');
  d.position_name := anpr_data.text_of(r, 'position', 200);
  d.user_name := anpr_data.text_of(r, 'user', 64);
  d.decided := anpr_data.time_of(r, 'utc');
  d.verdict := CASE r ->> 'decision' WHEN 'confirmed' THEN 'confirm'
    WHEN 'rejected' THEN 'reject' WHEN 'undecided' THEN 'undecided' END;
  IF d.verdict IS NULL OR d.user_name !~ '^[a-z][a-z0-9._-]*$'
     OR anpr_data.time_in_id(d.passage) IS NULL
     OR jsonb_typeof(r -> 'seconds') IS DISTINCT FROM 'number'
     OR NOT (r ->> 'seconds')::numeric BETWEEN 0 AND 604800 THEN
    RAISE data_exception USING MESSAGE = 'decision, user, passage or seconds';
  END IF;
  IF given NOT IN ('', 'misread', 'wrong country', 'stale', 'wrong vehicle', 'other')
     OR d.verdict = 'reject' AND given = ''
     OR d.verdict = 'confirm' AND given <> '' THEN
    RAISE data_exception USING MESSAGE = 'the reason is none of this decision';
  END IF;
  -- only a rejection has a cause here; why somebody could not tell is a remark
  d.cause := CASE WHEN d.verdict = 'reject' THEN given ELSE '' END;
  d.note := CASE WHEN d.verdict = 'reject' THEN '' ELSE given END;
  d.considered_ms := round((r ->> 'seconds')::numeric * 1000);
  RETURN d;
END
$$;

-- One line as a decision, or refused with what is wrong.
CREATE FUNCTION anpr_data.read_decision(line text, n int)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  d anpr_data.brought_decision;
  parsed jsonb;
BEGIN
  d.n := n;
  IF line IS NULL OR octet_length(line) > 4096 THEN
    RAISE data_exception USING MESSAGE = 'it is no line of a fair length';
  END IF;
  parsed := line;
  IF parsed ->> 'schema' IS DISTINCT FROM 'anpr.decision/1' THEN
    RAISE data_exception USING MESSAGE = 'its schema is not anpr.decision/1';
  END IF;
  d.digest := sha256(convert_to(line, 'UTF8'));
  RETURN anpr_data.read_decision_columns(d, parsed);
EXCEPTION
  WHEN data_exception OR program_limit_exceeded THEN
    d := NULL;
    d.n := n;
    d.outcome := 'refused';
    d.reason := left('unreadable: ' || SQLERRM, 300);
    RETURN d;
END
$$;

-- --- taking it -------------------------------------------------------------

-- @d with what is known of it now
CREATE FUNCTION anpr_data.judged(d anpr_data.brought_decision, outcome text,
  reason text)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  d.outcome := judged.outcome;
  d.reason := judged.reason;
  RETURN d;
END
$$;

-- Whether a passage is there, with hits or without: looked for on the days around
-- its id's time, and among strays.
CREATE FUNCTION anpr_data.has_passage(passage uuid, of_position smallint)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  at timestamptz := anpr_data.time_in_id(passage);
BEGIN
  RETURN EXISTS (SELECT FROM anpr_data.passage p
      WHERE p.id = has_passage.passage AND p.position = of_position
        AND p.seen >= at - interval '1 day' AND p.seen < at + interval '1 day')
    OR EXISTS (SELECT FROM anpr_data.stray s
      WHERE s.passage = has_passage.passage AND s.position = of_position);
END
$$;

-- What is to be said of a decision whose hit is not here
CREATE FUNCTION anpr_data.judge_without_hit(d anpr_data.brought_decision,
  of_position smallint)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  kept timestamptz := (SELECT k.passages[of_position]
    FROM anpr_data.kept_from(anpr_data.present()) AS k);
BEGIN
  IF anpr_data.has_passage(d.passage, of_position) THEN
    RETURN anpr_data.judged(d, 'refused', 'its passage has no such hit');
  END IF;
  IF anpr_data.time_in_id(d.passage) < kept - interval '1 day' THEN
    RETURN anpr_data.judged(d, 'refused', 'its passage is past its term');
  END IF;
  RETURN anpr_data.judged(d, 'waiting', 'its passage has not come yet');
END
$$;

-- Why a decision on a hit that is here is not kept; NULL if it is
CREATE FUNCTION anpr_data.brought_fault(d anpr_data.brought_decision,
  h anpr_data.hit, told jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  before anpr_data.decision;
BEGIN
  SELECT e.* INTO before FROM anpr_data.decision e
  WHERE e.passage = h.passage AND e.hit = h.id ORDER BY e.number DESC LIMIT 1;
  RETURN CASE
    WHEN before.verdict <> 'undecided' AND before.brought IS NULL
      THEN 'the centre has decided already'
    WHEN d.verdict = 'confirm' AND coalesce(told -> 'images', '[]') = '[]'
      THEN 'there is no picture to confirm this hit on' END;
END
$$;

-- Keeps @d, on a hit whose passage's record is @told.
CREATE FUNCTION anpr_data.keep_decision(d anpr_data.brought_decision,
  h anpr_data.hit, told jsonb)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  e anpr_data.decision;
BEGIN
  e.decided := least(d.decided, clock_timestamp());
  e.login := d.user_name || '@' || session_user;
  e.verdict := d.verdict;
  e.cause := d.cause;
  e.considered_ms := d.considered_ms;
  e.note := d.note;
  e.brought := d.id;
  e.device := left(coalesce(told ->> 'device', ''), 200);
  e.digest := d.digest;
  PERFORM anpr_data.settle(h, e, (SELECT s.suppressed FROM anpr_data.hit_setting s),
    'ingest_decisions', jsonb_build_object('decision', d.id, 'by', e.login,
      'device', e.device, 'position', d.position_name, 'decided', d.decided));
  RETURN anpr_data.judged(d, 'kept', NULL);
END
$$;

-- Takes one decision.
CREATE FUNCTION anpr_data.take_decision(d anpr_data.brought_decision)
RETURNS anpr_data.brought_decision
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  of_position smallint := (SELECT p.number FROM anpr_data.position p
    WHERE p.name = d.position_name);
  h anpr_data.hit;
  before anpr_data.decision;
  told jsonb;
  fault text;
BEGIN
  IF of_position IS NULL THEN
    RETURN anpr_data.judged(d, 'refused', 'position unknown');
  END IF;
  IF NOT EXISTS (SELECT FROM anpr_data.delivery y
      WHERE y.login = session_user AND y.position = of_position) THEN
    RETURN anpr_data.judged(d, 'refused', 'no permission for this login');
  END IF;
  SELECT t.* INTO h FROM anpr_data.hit t
  WHERE t.passage = d.passage AND t.id = d.hit AND t.position = of_position;
  IF NOT FOUND THEN
    RETURN anpr_data.judge_without_hit(d, of_position);
  END IF;
  PERFORM anpr_data.lock_hit(h.id);
  SELECT e.* INTO before FROM anpr_data.decision e
  WHERE e.passage = d.passage AND e.hit = d.hit AND e.brought = d.id;
  IF FOUND AND before.digest = d.digest THEN
    RETURN anpr_data.judged(d, 'already', NULL);
  ELSIF FOUND THEN
    RETURN anpr_data.judged(d, 'refused', 'other content under this id');
  END IF;
  told := (SELECT r.record::jsonb FROM anpr_data.record r
    WHERE r.passage = d.passage);
  fault := anpr_data.brought_fault(d, h, told);
  IF fault IS NOT NULL THEN
    RETURN anpr_data.judged(d, 'refused', fault);
  END IF;
  RETURN anpr_data.keep_decision(d, h, told);
END
$$;

-- Locks the hits of a batch, in one order for all who bring some, and no others than
-- those the login has delivered.
CREATE FUNCTION anpr_data.lock_hits(batch anpr_data.brought_decision[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  PERFORM anpr_data.lock_hit(l.id) FROM (
    SELECT DISTINCT h.id FROM unnest(batch) AS d
    JOIN anpr_data.position p ON p.name = d.position_name
    JOIN anpr_data.delivery y ON y.position = p.number AND y.login = session_user
    JOIN anpr_data.hit h ON h.passage = d.passage AND h.id = d.hit
      AND h.position = p.number
    WHERE d.outcome IS NULL ORDER BY h.id) AS l;
END
$$;

-- What was refused of a batch is one entry of the login's chain, with the first 20.
CREATE FUNCTION anpr_data.log_refused_decisions(batch anpr_data.brought_decision[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  n bigint := (SELECT count(*) FROM unnest(batch) AS d WHERE d.outcome = 'refused');
BEGIN
  IF n = 0 THEN
    RETURN;
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'refused',
    'ingest_decisions', jsonb_build_object('refused', n, 'decisions', (
      SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('decision', f.id,
        'passage', f.passage, 'hit', f.hit, 'position', f.position_name,
        'verdict', f.verdict, 'by', f.user_name || '@' || session_user,
        'decided', f.decided, 'reason', f.reason)) ORDER BY f.n)
      FROM (SELECT d.* FROM unnest(batch) AS d WHERE d.outcome = 'refused'
        ORDER BY d.n LIMIT 20) AS f)));
END
$$;

-- Keeps decisions made at an appliance. @decisions: lines of anpr.decision/1
-- (docs/forwarding.md), at most 1000, those on one hit in the order they were made.
-- Gives an outcome for each, in their order:
--   kept     it counts now
--   already  it was there before, with the same content
--   waiting  its passage is not there yet: to be brought again
--   refused  it will not be kept, for this reason
-- Nothing in a decision makes the call fail. One transaction.
CREATE FUNCTION anpr.ingest_decisions(decisions text[])
RETURNS TABLE (decision uuid, outcome text, reason text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET jit = off
AS $$
DECLARE
  batch anpr_data.brought_decision[];
BEGIN
  IF decisions IS NULL OR cardinality(decisions) > 1000 THEN
    RAISE EXCEPTION 'at most 1000 decisions'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  batch := ARRAY(SELECT anpr_data.read_decision(l.line, l.n::int)
    FROM unnest(decisions) WITH ORDINALITY AS l (line, n) ORDER BY l.n);
  PERFORM anpr_data.lock_hits(batch);
  FOR i IN 1 .. cardinality(batch) LOOP
    IF batch[i].outcome IS NULL THEN
      batch[i] := anpr_data.take_decision(batch[i]);
    END IF;
  END LOOP;
  PERFORM anpr_data.log_refused_decisions(batch);
  RETURN QUERY SELECT d.id, d.outcome, d.reason FROM unnest(batch) AS d
    ORDER BY d.n;
END
$$;

-- --- rights ----------------------------------------------------------------

ALTER FUNCTION anpr.ingest_decisions(text[]) OWNER TO anpr_decider;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr_data.propose_suppression, anpr_data.lock_hit,
  anpr_data.settle, anpr_data.read_decision_columns, anpr_data.read_decision,
  anpr_data.judged, anpr_data.has_passage, anpr_data.judge_without_hit,
  anpr_data.brought_fault, anpr_data.keep_decision, anpr_data.take_decision,
  anpr_data.lock_hits,
  anpr_data.log_refused_decisions, anpr_data.text_of, anpr_data.time_of,
  anpr_data.id_of, anpr_data.time_in_id, anpr_data.kept_from, anpr_data.present
  TO anpr_decider;
GRANT EXECUTE ON FUNCTION anpr.ingest_decisions TO anpr_appliance;
