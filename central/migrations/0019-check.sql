-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- What does not hold of this database's own promises: anprctl central check calls
-- this as the superuser, and prints a line for each row. No rows: all holds.

-- Roles that functions run as, and that own tables; and those users are members of
CREATE VIEW anpr_data.role AS
SELECT r.oid, r.rolname AS name, r.rolname IN ('anpr_owner', 'anpr_writer',
  'anpr_reader', 'anpr_decider', 'anpr_logger') AS internal
FROM pg_roles r WHERE r.rolname IN ('anpr_owner', 'anpr_writer', 'anpr_reader',
  'anpr_decider', 'anpr_logger', 'anpr_appliance', 'anpr_investigator',
  'anpr_dispatcher', 'anpr_supervisor', 'anpr_admin');
ALTER VIEW anpr_data.role OWNER TO anpr_owner;

-- Rights on tables and columns, schemas and functions that nobody should have.
CREATE FUNCTION anpr_data.findings_of_grants()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-GRANT', format('%s.%s', c.relnamespace::regnamespace,
      c.relname), format('%s has %s', CASE WHEN a.grantee = 0 THEN 'everybody'
        ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type)
  FROM pg_class c CROSS JOIN LATERAL (
    SELECT e.grantee, e.privilege_type FROM aclexplode(c.relacl) AS e
    UNION
    SELECT e.grantee, e.privilege_type FROM pg_attribute t,
      aclexplode(t.attacl) AS e WHERE t.attrelid = c.oid) AS a
  WHERE c.relnamespace IN ('anpr_data'::regnamespace, 'anpr'::regnamespace)
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    AND NOT EXISTS (SELECT FROM anpr_data.role r
      WHERE r.oid = a.grantee AND r.internal)
  UNION ALL
  SELECT 'ANPR-CENTRAL-GRANT', format('schema %s', n.nspname),
    format('%s has %s', CASE WHEN a.grantee = 0 THEN 'everybody'
      ELSE pg_get_userbyid(a.grantee)::text END, a.privilege_type)
  FROM pg_namespace n, aclexplode(n.nspacl) AS a
  WHERE n.nspname IN ('anpr', 'anpr_data', 'public')
    AND NOT EXISTS (SELECT FROM anpr_data.role r WHERE r.oid = a.grantee
      AND (r.internal AND (a.privilege_type = 'USAGE' OR r.name = 'anpr_owner')
        OR n.nspname = 'anpr' AND a.privilege_type = 'USAGE'))
    AND NOT (n.nspname = 'public' AND (a.privilege_type = 'USAGE' AND false
      OR a.grantee = n.nspowner))
  UNION ALL
  SELECT 'ANPR-CENTRAL-GRANT', p.oid::regprocedure::text,
    format('%s may call it', CASE WHEN a.grantee = 0 THEN 'everybody'
      ELSE pg_get_userbyid(a.grantee)::text END)
  FROM pg_proc p, aclexplode(coalesce(p.proacl,
    acldefault('f', p.proowner))) AS a
  WHERE p.pronamespace IN ('anpr'::regnamespace, 'anpr_data'::regnamespace)
    AND a.grantee <> p.proowner AND NOT EXISTS (
      SELECT FROM anpr_data.role r WHERE r.oid = a.grantee
        AND (r.internal OR p.pronamespace = 'anpr'::regnamespace))
  UNION ALL
  SELECT 'ANPR-CENTRAL-GRANT', p.oid::regprocedure::text, 'everybody may call it'
  FROM pg_proc p, aclexplode(coalesce(p.proacl,
    acldefault('f', p.proowner))) AS a
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND a.grantee = 0
    AND p.proname ~
      '^(pg_(try_)?advisory_|lo_|lowrite$|loread$|pg_logical_emit_message$)';
END;

-- Functions that could be made to do something else, or more.
CREATE FUNCTION anpr_data.findings_of_functions()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-FUNCTION', p.oid::regprocedure::text, m.message
  FROM pg_proc p CROSS JOIN LATERAL (
    SELECT 'it has no fixed search_path' AS message
    WHERE NOT EXISTS (SELECT FROM unnest(p.proconfig) AS c
      WHERE c ~ '^search_path=(")?pg_catalog(, anpr_data)?, pg_temp$')
    UNION ALL
    SELECT format('it runs with the rights of %s', pg_get_userbyid(p.proowner))
    WHERE p.prosecdef AND NOT EXISTS (SELECT FROM anpr_data.role r
      WHERE r.oid = p.proowner AND r.internal)
    UNION ALL
    SELECT 'logins call it, and it does not run with rights of its own'
    WHERE NOT p.prosecdef AND p.pronamespace = 'anpr'::regnamespace) AS m
  WHERE p.pronamespace IN ('anpr'::regnamespace, 'anpr_data'::regnamespace);
END;

-- Roles that can do more than they should, and logins that have too many.
CREATE FUNCTION anpr_data.findings_of_roles()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-ROLE', r.rolname::text, m.message
  FROM pg_roles r CROSS JOIN LATERAL (
    SELECT 'it can log in' AS message
    WHERE r.rolcanlogin AND EXISTS (SELECT FROM anpr_data.role a WHERE a.oid = r.oid)
    UNION ALL
    SELECT 'it is a superuser, bypasses row-level security, replicates, or makes '
      'roles or databases'
    WHERE r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
      OR r.rolreplication) AS m
  WHERE EXISTS (SELECT FROM anpr_data.role a
    WHERE a.oid = r.oid OR EXISTS (SELECT FROM pg_auth_members g
      WHERE g.roleid = a.oid AND g.member = r.oid))
  UNION ALL
  SELECT 'ANPR-CENTRAL-ROLE', pg_get_userbyid(g.member)::text,
    format('it is a member of %s', a.name)
  FROM pg_auth_members g JOIN anpr_data.role a ON a.oid = g.roleid
  WHERE a.internal
  UNION ALL
  SELECT 'ANPR-CENTRAL-ROLE', pg_get_userbyid(g.member)::text,
    format('one login is %s', string_agg(a.name, ' and ' ORDER BY a.name))
  FROM pg_auth_members g JOIN anpr_data.role a ON a.oid = g.roleid
  WHERE NOT a.internal GROUP BY g.member
  HAVING count(*) > 1 AND NOT array_agg(a.name::text)
    <@ ARRAY['anpr_dispatcher', 'anpr_investigator']
  UNION ALL
  SELECT 'ANPR-CENTRAL-ROLE', pg_get_userbyid(g.member)::text,
    'it is a member, and not in the register'
  FROM pg_auth_members g JOIN anpr_data.role a ON a.oid = g.roleid
  WHERE a.name IN ('anpr_appliance', 'anpr_investigator', 'anpr_dispatcher')
    AND NOT EXISTS (SELECT FROM anpr_data.login l
      WHERE l.name = pg_get_userbyid(g.member));
END;

-- Row-level security and the log's triggers, on tables and their partitions.
CREATE FUNCTION anpr_data.findings_of_tables()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-SECURITY', c.relname::text,
    'row-level security is not on, or not for its owner'
  FROM pg_class c
  WHERE c.relnamespace = 'anpr_data'::regnamespace AND c.relkind IN ('r', 'p')
    AND (c.relname IN ('passage', 'still', 'record', 'hit', 'decision',
        'further_plate') OR anpr_data.partition_day(c.relname) IS NOT NULL)
    AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
  UNION ALL
  SELECT 'ANPR-CENTRAL-SECURITY', c.relname::text,
    format('it belongs to %s', pg_get_userbyid(c.relowner))
  FROM pg_class c
  WHERE c.relnamespace = 'anpr_data'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'S')
    AND pg_get_userbyid(c.relowner) <> 'anpr_owner'
  UNION ALL
  SELECT 'ANPR-CENTRAL-LOG', c.relname::text, 'it can be changed: its triggers '
    'are missing or off'
  FROM pg_class c
  WHERE c.relnamespace = 'anpr_data'::regnamespace
    AND c.relname ~ '^access_log(_[0-9]{4})?$' AND c.relkind IN ('r', 'p')
    AND (SELECT count(DISTINCT t.tgtype) FROM pg_trigger t
      WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
        AND t.tgfoid = 'anpr_data.refuse_change'::regproc) < 2;
END;

-- What is late: partitions, retention, sealing; and the log's chains.
CREATE FUNCTION anpr_data.findings_of_time()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-PARTITION', w.name, 'there is no such partition yet'
  FROM (
    SELECT anpr_data.partition_name(p, (clock_timestamp() AT TIME ZONE 'UTC')::date
      + n) AS name
    FROM unnest(ARRAY['passage', 'still']) AS p, generate_series(0, 1) AS n
    UNION ALL
    SELECT format('access_log_%s', extract(year FROM clock_timestamp()
      AT TIME ZONE 'UTC' + interval '1 month'))) AS w
  WHERE to_regclass('anpr_data.' || w.name) IS NULL
  UNION ALL
  SELECT 'ANPR-CENTRAL-RETENTION', d.name, 'its term is over, and it is still there'
  FROM anpr_data.due_partitions(clock_timestamp() - interval '2 hours') AS d
  UNION ALL
  SELECT 'ANPR-CENTRAL-RETENTION', 'retain', 'it has not run for two hours'
  FROM anpr_data.retention_state s
  WHERE coalesce(s.last_run, '-infinity') < clock_timestamp() - interval '2 hours'
  UNION ALL
  SELECT 'ANPR-CENTRAL-CLOCK', 'retain', format('retention counts from %s, this '
    'server''s clock is beyond that: nothing after it is erased', s.clock)
  FROM anpr_data.retention_state s
  WHERE s.clock < s.last_run - interval '1 day'
  UNION ALL
  SELECT 'ANPR-CENTRAL-SEAL', 'seal', 'the log was not sealed for two hours'
  WHERE coalesce((SELECT max(l.at) FROM anpr_data.access_log l
    WHERE l.chain = 'seal'), '-infinity') < clock_timestamp() - interval '2 hours'
  UNION ALL
  SELECT 'ANPR-CENTRAL-LOG', format('%s %s', v.chain, v.number), v.fault
  FROM anpr.verify_log() AS v
  UNION ALL
  SELECT 'ANPR-CENTRAL-CHAIN', g.position, format('numbers %s to %s have not come',
    g.missing_from, g.missing_to)
  FROM anpr.gaps() AS g;
END;

-- Settings of the server.
CREATE FUNCTION anpr_data.findings_of_server()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT 'ANPR-CENTRAL-SERVER', s.name, format('it is off: %s', s.why)
  FROM (VALUES ('fsync', 'what is acknowledged can be lost'),
    ('full_page_writes', 'a loss of power can break tables'),
    ('synchronous_commit', 'what is acknowledged can be lost')) AS s (name, why)
  WHERE current_setting(s.name) = 'off'
  UNION ALL
  SELECT 'ANPR-CENTRAL-SERVER', 'ssl', 'it is off, and the server listens on '
    || current_setting('listen_addresses')
  WHERE current_setting('ssl') = 'off'
    AND current_setting('listen_addresses') NOT IN ('', 'localhost', '127.0.0.1')
  UNION ALL
  -- four questions over all days at once: table and indexes of each partition
  SELECT 'ANPR-CENTRAL-SERVER', 'max_locks_per_transaction', format(
    'it is %s, four questions over all days need %s',
    current_setting('max_locks_per_transaction'),
    ceil(n.relations * 4 / current_setting('max_connections')::numeric))
  FROM (SELECT count(*) FROM pg_class c
        WHERE c.relnamespace = 'anpr_data'::regnamespace
          AND c.relname ~ '^passage_[0-9]{8}') AS n (relations)
  WHERE n.relations * 4 > current_setting('max_locks_per_transaction')::bigint
    * current_setting('max_connections')::bigint;
END;

CREATE FUNCTION anpr_data.findings()
RETURNS TABLE (code text, subject text, message text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT * FROM anpr_data.findings_of_grants()
  UNION ALL SELECT * FROM anpr_data.findings_of_functions()
  UNION ALL SELECT * FROM anpr_data.findings_of_roles()
  UNION ALL SELECT * FROM anpr_data.findings_of_tables()
  UNION ALL SELECT * FROM anpr_data.findings_of_time()
  UNION ALL SELECT * FROM anpr_data.findings_of_server()
  ORDER BY 1, 2, 3;
END;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
