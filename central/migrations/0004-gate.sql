-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- The gate: nobody reads a passage without having said why, and without that
-- having been written down for good (R22 to R25, R29, R36).
--
-- Asking takes two steps, because what a function writes vanishes when its
-- caller rolls back after having read its rows:
--
-- 1. anpr.ask(...) checks the question and writes it to the log, also when it is
--    refused; that is a row, never an error, so the entry stays. What is granted
--    gets a ticket.
-- 2. anpr.FUNCTION(ticket) answers the question that the ticket holds; it takes
--    no other arguments, so what was logged is what is answered. It begins with
--    anpr_data.begin_query(), which accepts a ticket of the same login, once,
--    within five minutes, and only if another transaction wrote it, which thus
--    has been committed, and if that is on the disk.
--
-- Behind that stands row-level security: anpr_reader, as which these functions
-- run, sees of each position what came after a moment that begin_query() put
-- into the ticket, and nothing at all without a ticket that this transaction
-- began. The moment is that of the position's term for the purpose, of the month
-- where that is the limit, or of the question, whichever is later.
--
-- A login is session_user: SET ROLE does not change it.

SET LOCAL ROLE anpr_owner;

-- What may be asked, by whom, and as what it is logged. Migrations add rows.
CREATE TABLE anpr_data.query_function (
  name text PRIMARY KEY,
  roles text[] NOT NULL CHECK (roles <@ ARRAY['anpr_investigator',
    'anpr_dispatcher', 'anpr_supervisor'] AND cardinality(roles) > 0),
  action text NOT NULL
    CHECK (action IN ('consultation', 'disclosure', 'combination'))
);

-- Words that alone say nothing about why somebody asks (R43)
CREATE TABLE anpr_data.vague_word (word text PRIMARY KEY);
INSERT INTO anpr_data.vague_word
SELECT DISTINCT word FROM regexp_split_to_table(
  'investigation investigate research inquiry enquiry search searching check '
  'checking checked control verification verify test testing tests police case '
  'file dossier work working information info needed need necessary required '
  'request requested question various several see same idem ditto routine urgent '
  'reason reasons official internal duty task order please because asked want '
  'looking look into plate plates vehicle vehicles car cars camera cameras anpr '
  'the and for with from this that about some something anything more '
  'onderzoek onderzoeken opzoeking opzoeken opsporing controle nazicht verificatie '
  'politie zaak werk informatie inlichtingen nodig noodzakelijk vraag diverse zie '
  'zelfde dringend reden redenen dienst opdracht bevel voertuig voertuigen auto '
  'nummerplaat nummerplaten plaat voor met van het een dit dat over omdat '
  'enquete enquête recherche recherches contrôle vérification affaire travail '
  'renseignement renseignements nécessaire demande divers voir même raison service '
  'mission ordre véhicule véhicules voiture plaque plaques pour avec dans des les '
  'une cette '
  'ermittlung ermittlungen suche kontrolle prüfung polizei akte arbeit auskunft '
  'fahrzeug kennzeichen und der die das für mit', '\s+') AS word;

CREATE TABLE anpr_data.ticket (
  ticket uuid PRIMARY KEY,
  login text NOT NULL,
  function text NOT NULL,
  purpose text NOT NULL,
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  what jsonb NOT NULL,
  controllers smallint[] NOT NULL,
  covert boolean NOT NULL,            -- cleared for covert hits
  beyond_month boolean NOT NULL,      -- with a prosecutor's decision
  log_number bigint NOT NULL,         -- of the login's chain
  asked_in xid8 NOT NULL,
  valid_until timestamptz NOT NULL,
  used_at timestamptz,
  answered_in xid8,
  visible timestamptz[],              -- from when, by position
  visible_stills timestamptz[]
);
CREATE INDEX ticket_login ON anpr_data.ticket (login);
CREATE INDEX ticket_answered ON anpr_data.ticket (answered_in)
  WHERE answered_in IS NOT NULL;

-- --- what is wrong with a question -----------------------------------------

-- NULL if it says why: at least 15 characters, and three different words that
-- are no vague ones, no parts of the reference and of three letters or more.
CREATE FUNCTION anpr_data.justification_fault(
  justification text, case_reference text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN CASE
  WHEN justification IS NULL OR length(btrim(justification)) < 15
    THEN 'say in at least 15 characters why this is needed'
  WHEN length(justification) > 2000
    THEN 'say in at most 2000 characters why this is needed'
  WHEN (SELECT count(DISTINCT word) FROM regexp_split_to_table(
      lower(justification), '[^[:alnum:]]+') AS word
    WHERE length(word) >= 3 AND word !~ '^[0-9]+$'
      AND word NOT IN (SELECT v.word FROM anpr_data.vague_word v)
      AND position(word IN lower(coalesce(case_reference, ''))) = 0) < 3
    THEN 'say why this is needed in words of the case, such as what happened '
      'and what the vehicle has to do with it'
  END;

-- NULL if complete: reference, date, scope and issuer of the written decision
CREATE FUNCTION anpr_data.prosecutor_fault(decision jsonb, at timestamptz)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  field text;
  given date;
BEGIN
  IF jsonb_typeof(decision) IS DISTINCT FROM 'object' THEN
    RETURN 'the prosecutor''s written decision is missing';
  END IF;
  FOREACH field IN ARRAY ARRAY['reference', 'date', 'scope', 'issuer'] LOOP
    IF jsonb_typeof(decision -> field) IS DISTINCT FROM 'string'
       OR length(btrim(decision ->> field)) NOT BETWEEN 3 AND 500 THEN
      RETURN format('the prosecutor''s decision lacks its %s', field);
    END IF;
  END LOOP;
  IF decision ->> 'date' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
    RETURN 'the date of the prosecutor''s decision has the form 2026-01-31';
  END IF;
  given := make_date(left(decision ->> 'date', 4)::int,
    substr(decision ->> 'date', 6, 2)::int, right(decision ->> 'date', 2)::int);
  IF given > (at AT TIME ZONE 'Europe/Brussels')::date
     OR given < (at AT TIME ZONE 'Europe/Brussels')::date - 365 THEN
    RETURN 'the prosecutor''s decision is of the future, or older than a year';
  END IF;
  RETURN NULL;
EXCEPTION WHEN datetime_field_overflow THEN
  RETURN 'the prosecutor''s decision has a date that no calendar has';
END
$$;

-- NULL if @purpose may ask for this window at the moment @at (R24).
CREATE FUNCTION anpr_data.window_fault(at timestamptz, purpose text,
  window_from timestamptz, window_to timestamptz, prosecutor jsonb)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN CASE
  WHEN window_from IS NULL OR window_to IS NULL
    OR NOT isfinite(window_from) OR NOT isfinite(window_to)
    OR window_from >= window_to
    THEN 'ANPR-ASK-WINDOW: give a window of time with a beginning before its end'
  WHEN window_from < anpr_data.oldest_within(at, interval '12 months')
    THEN 'ANPR-ASK-WINDOW: nothing is kept for more than 12 months'
  WHEN window_from >= anpr_data.oldest_within_month(at) THEN NULL
  WHEN purpose = 'B1'
    THEN 'ANPR-ASK-WINDOW: B1 sees the first month only, now that is from '
      || to_char(anpr_data.oldest_within_month(at) AT TIME ZONE 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  ELSE 'ANPR-ASK-PROSECUTOR: beyond the first month: '
    || anpr_data.prosecutor_fault(prosecutor, at)
  END;

-- The first thing wrong with a question, as CODE: text; NULL if none is.
CREATE FUNCTION anpr_data.question_fault(at timestamptz, function text,
  purpose text, case_reference text, justification text,
  window_from timestamptz, window_to timestamptz, what jsonb, prosecutor jsonb)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  pattern text;
  fault text;
BEGIN
  SELECT c.case_pattern INTO pattern
  FROM anpr_data.login l JOIN anpr_data.controller c ON c.number = l.controller
  WHERE l.name = session_user;
  IF NOT FOUND THEN
    RETURN 'ANPR-ASK-LOGIN: this login is not in the register';
  END IF;
  IF NOT EXISTS (SELECT FROM anpr_data.query_function f
      WHERE f.name = question_fault.function AND EXISTS (
        SELECT FROM unnest(f.roles) AS r
        WHERE pg_has_role(session_user, r, 'MEMBER'))) THEN
    RETURN 'ANPR-ASK-FUNCTION: there is no such function for this login''s role';
  END IF;
  IF NOT EXISTS (SELECT FROM anpr_data.purpose p
      WHERE p.code = question_fault.purpose) THEN
    RETURN 'ANPR-ASK-PURPOSE: the purpose is one of J1, J2, J3, B1';
  END IF;
  IF case_reference IS NULL OR length(case_reference) > 100
     OR NOT case_reference ~ ('^(?:' || pattern || ')$') THEN
    RETURN 'ANPR-ASK-CASE: the case reference has the form ' || pattern;
  END IF;
  fault := anpr_data.justification_fault(justification, case_reference);
  IF fault IS NOT NULL THEN
    RETURN 'ANPR-ASK-REASON: ' || fault;
  END IF;
  IF jsonb_typeof(what) IS DISTINCT FROM 'object'
     OR octet_length(what::text) > 16384 THEN
    RETURN 'ANPR-ASK-QUESTION: the question is a JSON object of at most 16 KiB';
  END IF;
  RETURN anpr_data.window_fault(at, purpose, window_from, window_to, prosecutor);
END
$$;

-- The controllers a question concerns: those named in "controllers" of @what, else
-- all that authorise this login; NULL if one named does not.
CREATE FUNCTION anpr_data.asked_controllers(what jsonb, at timestamptz,
  OUT controllers smallint[], OUT covert boolean)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  SELECT array_agg(a.controller ORDER BY a.controller), bool_and(a.covert)
  INTO controllers, covert
  FROM anpr_data.authorisation a
  JOIN anpr_data.controller c ON c.number = a.controller
  WHERE a.login = session_user AND a.valid_until > at
    AND (NOT what ? 'controllers' OR what -> 'controllers' ? c.name);
  IF what ? 'controllers' AND (jsonb_typeof(what -> 'controllers') <> 'array'
      OR jsonb_array_length(what -> 'controllers')
        IS DISTINCT FROM cardinality(controllers)) THEN
    controllers := NULL;
  END IF;
END
$$;

-- --- asking and answering --------------------------------------------------

-- Texts of a refused question are logged as they are, but not without end.
CREATE FUNCTION anpr_data.logged_question(window_from timestamptz,
  window_to timestamptz, what jsonb, prosecutor jsonb, controllers smallint[],
  fault text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN jsonb_strip_nulls(jsonb_build_object(
  'from', window_from::text, 'to', window_to::text,
  'what', CASE WHEN octet_length(what::text) > 16384
    THEN to_jsonb(left(what::text, 2000)) ELSE what END,
  'prosecutor', CASE WHEN octet_length(prosecutor::text) > 16384
    THEN to_jsonb(left(prosecutor::text, 2000)) ELSE prosecutor END,
  'controllers', to_jsonb(controllers), 'refusal', fault));

-- Asks. @function: what is to answer; @what: its arguments. Gives a ticket for
-- anpr.FUNCTION(ticket), or why there is none. Either is in the log as soon as
-- the caller commits, and before that the ticket is worth nothing.
CREATE FUNCTION anpr.ask(function text, purpose text, case_reference text,
  justification text, window_from timestamptz, window_to timestamptz,
  what jsonb DEFAULT '{}', prosecutor jsonb DEFAULT NULL,
  OUT ticket uuid, OUT valid_until timestamptz, OUT code text, OUT refusal text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
AS $$
#variable_conflict use_variable
DECLARE
  at timestamptz := anpr_data.present();
  fault text;
  controllers smallint[];
  covert boolean;
  logged bigint;
BEGIN
  fault := anpr_data.question_fault(at, ask.function, ask.purpose,
    ask.case_reference, ask.justification, ask.window_from, ask.window_to,
    ask.what, ask.prosecutor);
  IF fault IS NULL THEN
    SELECT a.controllers, a.covert INTO controllers, covert
    FROM anpr_data.asked_controllers(ask.what, at) a;
    IF controllers IS NULL THEN
      fault := 'ANPR-ASK-CONTROLLER: not authorised by each controller asked for';
    END IF;
  END IF;
  logged := anpr_data.append_log('login:' || session_user,
    coalesce((SELECT f.action FROM anpr_data.query_function f
      WHERE f.name = ask.function), 'consultation'),
    CASE WHEN fault IS NULL THEN 'done' ELSE 'refused' END,
    coalesce(left(ask.function, 200), ''),
    anpr_data.logged_question(ask.window_from, ask.window_to, ask.what,
      ask.prosecutor, controllers, fault),
    left(ask.purpose, 200), left(ask.case_reference, 200),
    left(ask.justification, 2000));
  IF fault IS NOT NULL THEN
    code := split_part(fault, ': ', 1);
    refusal := substr(fault, length(code) + 3);
    RETURN;
  END IF;
  DELETE FROM anpr_data.ticket t
  WHERE t.login = session_user AND t.valid_until < at;
  INSERT INTO anpr_data.ticket AS t (ticket, login, function, purpose,
    window_from, window_to, what, controllers, covert, beyond_month, log_number,
    asked_in, valid_until)
  VALUES (gen_random_uuid(), session_user, ask.function, ask.purpose,
    ask.window_from, ask.window_to, ask.what, controllers, covert,
    ask.window_from < anpr_data.oldest_within_month(at), logged,
    pg_current_xact_id(), at + interval '5 minutes')
  RETURNING t.ticket, t.valid_until INTO ask.ticket, ask.valid_until;
END
$$;

-- From when passages, and stills, of each position may be seen under a ticket;
-- infinity: not at all. A position is seen for a purpose from when on it was
-- permitted for that purpose (R1). Without a purpose, as for hits that wait (0014),
-- it is seen for whatever it is permitted for.
CREATE FUNCTION anpr_data.visible_under(asked anpr_data.ticket, at timestamptz,
  OUT passages timestamptz[], OUT stills timestamptz[])
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  least_for_all timestamptz := greatest(asked.window_from,
    CASE WHEN NOT asked.beyond_month
      THEN anpr_data.oldest_within_month(at) END);
BEGIN
  SELECT array_agg(CASE WHEN t.position IS NULL OR m.since IS NULL THEN 'infinity'
      ELSE greatest(least_for_all, t.passages, m.since) END ORDER BY n),
    array_agg(CASE WHEN t.position IS NULL OR m.since IS NULL THEN 'infinity'
      ELSE greatest(least_for_all, t.stills, m.since) END ORDER BY n)
  INTO passages, stills
  FROM generate_series(1,
    (SELECT max(number) FROM anpr_data.position)::int) AS n
  LEFT JOIN anpr_data.position p
    ON p.number = n AND p.controller = ANY (asked.controllers)
  LEFT JOIN (
    SELECT o.position, min(o.passages) AS passages, min(o.stills) AS stills
    FROM anpr_data.oldest_by_terms(at) o
    WHERE asked.purpose IN (o.purpose, '') GROUP BY o.position) t
    ON t.position = p.number
  LEFT JOIN (
    SELECT e.position, min(e.valid_from) AS since FROM anpr_data.permission e
    WHERE asked.purpose = '' OR asked.purpose = ANY (e.purposes)
    GROUP BY e.position) m
    ON m.position = p.number;
END
$$;

-- Waits until all that was written before is on the disk. A session can turn off
-- synchronous_commit and read before its log entry is safe from a crash; the WAL
-- writer flushes such a commit within three times its delay, so the wait is
-- bounded by that. Without other writers nothing is ever waited for.
CREATE FUNCTION anpr_data.await_disk()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  written pg_lsn := pg_current_wal_insert_lsn();
  until timestamptz := clock_timestamp() + interval '100 ms'
    + 3 * current_setting('wal_writer_delay')::interval;
BEGIN
  WHILE pg_current_wal_flush_lsn() < written AND clock_timestamp() < until LOOP
    PERFORM pg_sleep(0.001);
  END LOOP;
END
$$;

-- Begins to answer: each function that reads passages calls this first. Gives the
-- ticket; raises insufficient_privilege if it is not good for @function, now.
CREATE FUNCTION anpr_data.begin_query(ticket uuid, function text)
RETURNS anpr_data.ticket
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  at timestamptz := anpr_data.present();
  asked anpr_data.ticket;
BEGIN
  -- before anything is written here: that would be waited for, too
  PERFORM anpr_data.await_disk();
  UPDATE anpr_data.ticket t SET answered_in = NULL
  WHERE t.answered_in = pg_current_xact_id();
  UPDATE anpr_data.ticket t
  SET used_at = at, answered_in = pg_current_xact_id()
  WHERE t.ticket = begin_query.ticket AND t.login = session_user
    AND t.function = begin_query.function AND t.used_at IS NULL
    AND t.valid_until > at AND t.asked_in <> pg_current_xact_id()
  RETURNING * INTO asked;
  IF NOT FOUND THEN
    RAISE EXCEPTION '[ANPR-ASK-TICKET] no such ticket of this login for this '
      'function: ask with anpr.ask(), commit, and use the ticket once within '
      'five minutes' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT v.passages, v.stills INTO asked.visible, asked.visible_stills
  FROM anpr_data.visible_under(asked, at) AS v;
  UPDATE anpr_data.ticket t
  SET visible = asked.visible, visible_stills = asked.visible_stills
  WHERE t.ticket = asked.ticket;
  RETURN asked;
END
$$;

-- What the ticket that this transaction began lets be seen; nothing without one.
CREATE FUNCTION anpr_data.visible_from()
RETURNS timestamptz[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN coalesce((SELECT t.visible FROM anpr_data.ticket t
    WHERE t.answered_in = pg_current_xact_id_if_assigned()
      AND t.login = session_user), '{}');
END
$$;

-- The same for stills, whose terms are shorter.
CREATE FUNCTION anpr_data.stills_visible_from()
RETURNS timestamptz[]
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN coalesce((SELECT t.visible_stills FROM anpr_data.ticket t
    WHERE t.answered_in = pg_current_xact_id_if_assigned()
      AND t.login = session_user), '{}');
END
$$;

-- --- row-level security ----------------------------------------------------

RESET ROLE;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['passage', 'further_plate', 'still', 'record',
      'hit', 'decision'] LOOP
    EXECUTE format('ALTER TABLE anpr_data.%I ENABLE ROW LEVEL SECURITY, '
      'FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('GRANT SELECT ON anpr_data.%I TO anpr_reader', name);
    EXECUTE format('CREATE POLICY reader ON anpr_data.%I FOR SELECT TO anpr_reader '
      'USING (seen >= ((SELECT anpr_data.%I())::timestamptz[])[position])', name,
      CASE name WHEN 'still' THEN 'stills_visible_from' ELSE 'visible_from' END);
  END LOOP;
END
$$;
GRANT SELECT ON anpr_data.position, anpr_data.controller, anpr_data.compared,
  anpr_data.list, anpr_data.setting TO anpr_reader;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.ask
  TO anpr_investigator, anpr_dispatcher, anpr_supervisor;
GRANT EXECUTE ON FUNCTION anpr_data.begin_query, anpr_data.visible_from,
  anpr_data.stills_visible_from
  TO anpr_reader;
