-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Roles, schemas, and the register: what may be recorded where, kept how long,
-- and asked by whom.
--
-- Two kinds of roles, none can log in. Users' logins are members of one of the
-- first; functions run as one of the second and so can do no more than it can:
--   anpr_appliance     delivers passages             anpr_owner   owns tables, keeps terms
--   anpr_dispatcher    decides on hits               anpr_writer  runs anpr.ingest
--   anpr_investigator  asks within the law           anpr_reader  runs what is asked
--   anpr_supervisor    reads logs and register       anpr_logger  appends to the log
--   anpr_admin         register; no passages
-- Tables are in the schema anpr_data, which no login may use. Functions for
-- logins are in the schema anpr. Every function has a fixed search_path.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['anpr_appliance', 'anpr_dispatcher',
      'anpr_investigator', 'anpr_supervisor', 'anpr_admin', 'anpr_owner',
      'anpr_writer', 'anpr_reader', 'anpr_logger'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I', name);
    END IF;
    EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE '
      'NOCREATEDB NOREPLICATION', name);
  END LOOP;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO anpr_appliance, '
    'anpr_dispatcher, anpr_investigator, anpr_supervisor, anpr_admin',
    current_database());
  -- who forgets a transaction; who means it is ended by retention (0008)
  EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = '
    '''60s''', current_database());
END
$$;

-- What everybody may call by default, and could stop others with or fill the disk:
-- locks of the application's own, large objects, messages in the WAL.
DO $$
DECLARE
  name regprocedure;
BEGIN
  FOR name IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~
      '^(pg_(try_)?advisory_|lo_|lowrite$|loread$|pg_logical_emit_message$)'
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
  END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION pg_advisory_xact_lock(bigint) TO anpr_owner;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA anpr_data AUTHORIZATION anpr_owner;
CREATE SCHEMA anpr AUTHORIZATION anpr_owner;
GRANT USAGE ON SCHEMA anpr TO anpr_appliance, anpr_dispatcher,
  anpr_investigator, anpr_supervisor, anpr_admin;
GRANT USAGE ON SCHEMA anpr_data TO anpr_writer, anpr_reader, anpr_logger;

SET LOCAL ROLE anpr_owner;

-- --- terms -----------------------------------------------------------------

-- How long something is kept: 1 to 12 calendar months, or 1 to 365 days. Twelve
-- months is the law's most (R31); no other value can be entered.
CREATE DOMAIN anpr_data.term AS interval CHECK (
  VALUE = make_interval(months => (extract(year FROM VALUE) * 12
    + extract(month FROM VALUE))::int) AND VALUE
    BETWEEN interval '1 month' AND interval '12 months'
  OR VALUE = make_interval(days => extract(day FROM VALUE)::int) AND VALUE
    BETWEEN interval '1 day' AND interval '365 days');

-- The same for logs: whole years, never less than data's longest term (R38).
CREATE DOMAIN anpr_data.log_term AS interval CHECK (
  VALUE = make_interval(years => extract(year FROM VALUE)::int)
  AND VALUE BETWEEN interval '1 year' AND interval '100 years');

-- The oldest moment that is still inside its term at the local time @at, when
-- that and all that came after it are to be inside: adding months clamps to the
-- end of a month, so 30 January 01:00 can end before 29 January 23:00 does. The
-- days around @at less the term are tried one by one; the last that ends counts.
CREATE FUNCTION anpr_data.oldest_local(at timestamp, term interval)
RETURNS timestamp
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  today timestamp := date_trunc('day', at);
  day timestamp := date_trunc('day', at - term) - interval '4 days';
  last timestamp := day + interval '8 days';
  oldest timestamp;
BEGIN
  WHILE day <= last AND (day + term)::date <= today::date LOOP
    oldest := day + CASE WHEN (day + term)::date < today::date
      THEN interval '1 day' ELSE at - today + interval '1 microsecond' END;
    day := day + interval '1 day';
  END LOOP;
  RETURN oldest;
END
$$;

-- The same in UTC and in Belgium, whichever ends first. A passage at exactly this
-- moment is inside, one a microsecond before it is not.
CREATE FUNCTION anpr_data.oldest_within(at timestamptz, term interval)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN greatest(
    anpr_data.oldest_local(at AT TIME ZONE 'UTC', term) AT TIME ZONE 'UTC',
    anpr_data.oldest_local(at AT TIME ZONE 'Europe/Brussels', term)
      AT TIME ZONE 'Europe/Brussels');
END
$$;

-- "One month": the shorter of 30 days and a calendar month (R25).
CREATE FUNCTION anpr_data.oldest_within_month(at timestamptz)
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN greatest(anpr_data.oldest_within(at, interval '30 days'),
    anpr_data.oldest_within(at, interval '1 month'));
END
$$;

-- --- migrations and settings -----------------------------------------------

CREATE TABLE anpr_data.migration (
  number int PRIMARY KEY,
  name text NOT NULL,
  sha256 text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE anpr_data.setting (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  passages anpr_data.term NOT NULL DEFAULT '3 months',
  stills anpr_data.term NOT NULL DEFAULT '1 month',
  log anpr_data.log_term NOT NULL DEFAULT '10 years',
  -- a hit that comes later than this after its best shot is marked late (R47)
  late_after interval NOT NULL DEFAULT '60 seconds'
    CHECK (late_after BETWEEN interval '5 seconds' AND interval '1 day'),
  -- how far an appliance's clock may be ahead of this server's
  clock_ahead interval NOT NULL DEFAULT '10 minutes'
    CHECK (clock_ahead BETWEEN interval '0' AND interval '1 day')
);
INSERT INTO anpr_data.setting DEFAULT VALUES;

-- What retention knows of the time: see 0008.
CREATE TABLE anpr_data.retention_state (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  clock timestamptz,                  -- as late as it surely is
  boot text,                          -- the machine's start that uptime counts from
  uptime interval,
  last_run timestamptz
);
INSERT INTO anpr_data.retention_state DEFAULT VALUES;

-- Now, for whatever ends: never before the mark of retention.
CREATE FUNCTION anpr_data.present()
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN greatest(clock_timestamp(),
    (SELECT s.clock FROM anpr_data.retention_state s));
END
$$;

-- --- the register ----------------------------------------------------------

CREATE TABLE anpr_data.purpose (code text PRIMARY KEY, meaning text NOT NULL);
INSERT INTO anpr_data.purpose VALUES
  ('J1', 'offences and sentences'),
  ('J2', 'traffic-police offences'),
  ('J3', 'worrying disappearance with imminent danger'),
  ('B1', 'administrative police, for the categories named by law');
ALTER TABLE anpr_data.purpose
  ADD CHECK (code IN ('J1', 'J2', 'J3', 'B1'));

-- Zones: a chief of police each, with the pattern of its case references (R22).
CREATE TABLE anpr_data.controller (
  number smallint PRIMARY KEY CHECK (number > 0),
  name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  -- a regular expression for the whole reference; one that takes anything is none
  case_pattern text NOT NULL CHECK (length(case_pattern) BETWEEN 3 AND 200
    AND NOT '' ~ ('^(?:' || case_pattern || ')$')
    AND NOT 'anything at all' ~ ('^(?:' || case_pattern || ')$')),
  contact text NOT NULL DEFAULT ''
);

-- Numbers are small and without large gaps: arrays are indexed by them.
CREATE TABLE anpr_data.position (
  number smallint PRIMARY KEY CHECK (number BETWEEN 1 AND 10000),
  name text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 200),
  controller smallint NOT NULL REFERENCES anpr_data.controller,
  place text NOT NULL CHECK (length(place) BETWEEN 1 AND 500),
  latitude float8 NOT NULL CHECK (latitude BETWEEN -90 AND 90),
  longitude float8 NOT NULL CHECK (longitude BETWEEN -180 AND 180)
);

-- R1, R40. A position delivers only what was seen within one of its permissions.
CREATE TABLE anpr_data.permission (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  position smallint NOT NULL REFERENCES anpr_data.position,
  decision text NOT NULL CHECK (length(decision) BETWEEN 3 AND 200),
  place text NOT NULL,
  purposes text[] NOT NULL CHECK (cardinality(purposes) > 0
    AND purposes <@ ARRAY['J1', 'J2', 'J3', 'B1']),
  camera_type text NOT NULL CHECK (length(camera_type) BETWEEN 3 AND 200),
  impact_assessment text NOT NULL
    CHECK (length(impact_assessment) BETWEEN 3 AND 200),
  valid_from timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  UNIQUE (position, decision, valid_from),
  CHECK (valid_until > valid_from)
);

-- Shorter terms; the most particular one counts. Stills never outlive passages.
CREATE TABLE anpr_data.retention (
  position smallint REFERENCES anpr_data.position,
  purpose text REFERENCES anpr_data.purpose,
  passages anpr_data.term NOT NULL,
  stills anpr_data.term NOT NULL,
  UNIQUE NULLS NOT DISTINCT (position, purpose),
  CHECK (position IS NOT NULL OR purpose IS NOT NULL)
);

-- Who may log in, and for whom. Case references have the pattern of the login's
-- own controller; an investigator sees positions of controllers that authorise
-- the login (R29); an appliance delivers for positions that name it.
CREATE TABLE anpr_data.login (
  name text PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 63),
  person text NOT NULL CHECK (length(person) BETWEEN 1 AND 200),
  controller smallint NOT NULL REFERENCES anpr_data.controller,
  UNIQUE (name, person)
);
CREATE TABLE anpr_data.authorisation (
  login text NOT NULL REFERENCES anpr_data.login,
  controller smallint NOT NULL REFERENCES anpr_data.controller,
  valid_until timestamptz NOT NULL,
  covert boolean NOT NULL DEFAULT false, -- cleared for covert entries
  PRIMARY KEY (login, controller)
);
CREATE TABLE anpr_data.delivery (
  login text NOT NULL REFERENCES anpr_data.login,
  position smallint NOT NULL REFERENCES anpr_data.position,
  PRIMARY KEY (login, position)
);

-- A change of the register, made by one person and approved by another (R41).
CREATE TABLE anpr_data.proposal (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  change jsonb NOT NULL,
  reason text NOT NULL,
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by text,
  decided_at timestamptz,
  approved boolean,
  CHECK (decided_by <> proposed_by)
);

-- How long passages, and stills, of a position are kept for a purpose.
CREATE FUNCTION anpr_data.terms(
  OUT "position" smallint, OUT purpose text,
  OUT passages interval, OUT stills interval)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT DISTINCT ON (p.number, u.code) p.number, u.code,
    t.passages::interval, t.stills::interval
  FROM anpr_data.position p CROSS JOIN anpr_data.purpose u JOIN (
    SELECT r.position, r.purpose, r.passages, r.stills,
      (r.position IS NOT NULL)::int * 2 + (r.purpose IS NOT NULL)::int AS rank
    FROM anpr_data.retention r
    UNION ALL SELECT NULL, NULL, s.passages, s.stills, 0
    FROM anpr_data.setting s) t
  ON coalesce(t.position, p.number) = p.number
    AND coalesce(t.purpose, u.code) = u.code
  ORDER BY p.number, u.code, t.rank DESC;
END
$$;

-- From when passages and stills are kept by these terms; stills never longer. Each
-- term is worked out once (by its text: a month equals 30 days as an interval).
CREATE FUNCTION anpr_data.oldest_by_terms(at timestamptz,
  OUT "position" smallint, OUT purpose text,
  OUT passages timestamptz, OUT stills timestamptz)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH t AS MATERIALIZED (SELECT * FROM anpr_data.terms()),
  o AS MATERIALIZED (
    SELECT d.term, anpr_data.oldest_within(at, d.term::interval) AS oldest
    FROM (SELECT t.passages::text AS term FROM t
          UNION SELECT t.stills::text FROM t) AS d)
  SELECT t.position, t.purpose, p.oldest, greatest(p.oldest, s.oldest)
  FROM t JOIN o p ON p.term = t.passages::text JOIN o s ON s.term = t.stills::text;
END
$$;

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr_data.oldest_local, anpr_data.oldest_within,
  anpr_data.oldest_within_month, anpr_data.present TO anpr_writer, anpr_reader;
