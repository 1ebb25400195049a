-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- The log of all processing (R36, R37). It is append-only and hash-chained.
--
-- A chain is kept for each login, and one for each position's deliveries, so who
-- keeps a transaction open only stops himself. The head of a chain is locked
-- while an entry is appended; numbers have no gaps. Only anpr_data.append_log()
-- can write, as anpr_logger, which can read nothing but heads. Triggers stop
-- updates and deletes by anyone, the tables' owner included. All heads together
-- are sealed off the device: anpr.seal() in 0007.
--
-- The hash of an entry is SHA-256 over the UTF-8 text of a jsonb object of its
-- columns but for the hash itself, with "at" in microseconds since 1970 and
-- "previous" in hexadecimal digits: anpr_data.log_hash().

CREATE TABLE anpr_data.access_log (
  chain text NOT NULL,
  number bigint NOT NULL,
  at timestamptz NOT NULL,
  login text NOT NULL,
  address inet,
  action text NOT NULL CHECK (action IN ('collection', 'alteration',
    'consultation', 'disclosure', 'combination', 'erasure', 'seal')),
  outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
  function text NOT NULL,
  purpose text,
  case_reference text,
  justification text,
  details jsonb NOT NULL,
  previous bytea,
  hash bytea NOT NULL,
  PRIMARY KEY (chain, number, at)
) PARTITION BY RANGE (at);

CREATE TABLE anpr_data.log_head (
  chain text PRIMARY KEY,
  number bigint NOT NULL,
  hash bytea
);
-- Ends of the parts that were dropped when the log's own term was over
CREATE TABLE anpr_data.log_floor (
  chain text PRIMARY KEY,
  number bigint NOT NULL,
  hash bytea NOT NULL
);
ALTER TABLE anpr_data.access_log OWNER TO anpr_owner;
ALTER TABLE anpr_data.log_head OWNER TO anpr_owner;
ALTER TABLE anpr_data.log_floor OWNER TO anpr_owner;
GRANT INSERT ON anpr_data.access_log TO anpr_logger;
GRANT SELECT, INSERT, UPDATE ON anpr_data.log_head TO anpr_logger;

SET LOCAL ROLE anpr_owner;

CREATE FUNCTION anpr_data.refuse_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '% only grows: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON anpr_data.access_log
  FOR EACH ROW EXECUTE FUNCTION anpr_data.refuse_change();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON anpr_data.access_log
  FOR EACH STATEMENT EXECUTE FUNCTION anpr_data.refuse_change();
ALTER TABLE anpr_data.access_log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE anpr_data.access_log ENABLE ALWAYS TRIGGER no_truncate;

-- One partition a year, made by anpr_data.make_log_partition() before the year.
-- ATTACH PARTITION leaves who appends alone, CREATE TABLE ... PARTITION OF would not.
CREATE FUNCTION anpr_data.make_log_partition(year int)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  name text := format('access_log_%s', year);
  first text := year || '-01-01T00:00:00Z';
  next text := year + 1 || '-01-01T00:00:00Z';
BEGIN
  IF to_regclass('anpr_data.' || name) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE anpr_data.%I (LIKE anpr_data.access_log '
    'INCLUDING CONSTRAINTS, CHECK (at >= %L AND at < %L))', name, first, next);
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON anpr_data.%I '
    'FOR EACH STATEMENT EXECUTE FUNCTION anpr_data.refuse_change()', name);
  EXECUTE format('ALTER TABLE anpr_data.%I ENABLE ALWAYS TRIGGER no_truncate',
    name);
  EXECUTE format('ALTER TABLE anpr_data.access_log ATTACH PARTITION anpr_data.%I '
    'FOR VALUES FROM (%L) TO (%L)', name, first, next);
  EXECUTE format('ALTER TABLE anpr_data.%I ENABLE ALWAYS TRIGGER append_only',
    name);
END
$$;

SELECT anpr_data.make_log_partition(
  extract(year FROM clock_timestamp() AT TIME ZONE 'UTC')::int + n)
FROM generate_series(0, 1) AS n;

CREATE FUNCTION anpr_data.log_hash(entry anpr_data.access_log)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RETURN sha256(convert_to(jsonb_build_object(
    'chain', entry.chain, 'number', entry.number,
    'at', (extract(epoch FROM entry.at) * 1000000)::bigint,
    'login', entry.login, 'address', host(entry.address),
    'action', entry.action, 'outcome', entry.outcome,
    'function', entry.function, 'purpose', entry.purpose,
    'case_reference', entry.case_reference,
    'justification', entry.justification, 'details', entry.details,
    'previous', encode(entry.previous, 'hex'))::text, 'UTF8'));
END
$$;

-- Appends an entry of @chain and gives its number. The caller's transaction
-- holds the chain's head until it ends.
CREATE FUNCTION anpr_data.append_log(chain text, action text, outcome text,
  function text, details jsonb, purpose text DEFAULT NULL,
  case_reference text DEFAULT NULL, justification text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  head anpr_data.log_head;
  entry anpr_data.access_log;
BEGIN
  INSERT INTO anpr_data.log_head AS h VALUES (append_log.chain, 1, NULL)
  ON CONFLICT ON CONSTRAINT log_head_pkey DO UPDATE SET number = h.number + 1
  RETURNING * INTO head;
  entry := (head.chain, head.number, clock_timestamp(), session_user,
    inet_client_addr(), action, outcome, function, purpose, case_reference,
    justification, details, head.hash, NULL);
  entry.hash := anpr_data.log_hash(entry);
  INSERT INTO anpr_data.access_log SELECT entry.*;
  UPDATE anpr_data.log_head h SET hash = entry.hash
  WHERE h.chain = head.chain;
  RETURN head.number;
END
$$;

RESET ROLE;
GRANT CREATE ON SCHEMA anpr_data TO anpr_logger;
ALTER FUNCTION anpr_data.append_log OWNER TO anpr_logger;
REVOKE CREATE ON SCHEMA anpr_data FROM anpr_logger;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr_data.append_log
  TO anpr_owner, anpr_writer, anpr_reader;
GRANT EXECUTE ON FUNCTION anpr_data.log_hash TO anpr_logger;
