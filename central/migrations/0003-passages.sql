-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Passages, stills, hits and what people decided about hits.
--
-- A passage is one narrow row, in the partition of its UTC day; a partition has
-- three indexes: id, plate and, by blocks, time. What else an appliance's record
-- tells is kept only if there is a hit (anpr_data.record), for everything else it
-- is in the spool. Columns stand in order of their alignment: that saves 24 bytes
-- a row.
--
-- Several servers: the tables marked "by passage" have the passage's id in every
-- unique constraint and refer to each other by it, without foreign keys. They can
-- be distributed by that column (create_distributed_table(..., 'id' or 'passage',
-- colocate_with => 'anpr_data.passage')); the register is small and goes to every
-- server. docs/central.md tells more.

SET LOCAL ROLE anpr_owner;

-- Lists and versions a passage was compared with (R9): few sets, many passages.
CREATE TABLE anpr_data.compared (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sha256 bytea NOT NULL UNIQUE,
  lists jsonb NOT NULL,
  last_used timestamptz NOT NULL
);

-- By passage.
CREATE TABLE anpr_data.passage (
  id uuid NOT NULL,
  seen timestamptz NOT NULL,          -- the best shot
  sequence bigint NOT NULL,           -- of the position, as its spool gave it
  first_offset int NOT NULL,          -- first and last seen, milliseconds from seen
  last_offset int NOT NULL,
  compared int NOT NULL,              -- anpr_data.compared
  position smallint NOT NULL,         -- anpr_data.position
  confidence smallint NOT NULL,       -- of the plate, parts of 10000
  direction "char" NOT NULL,          -- i in, o out, u unknown
  state "char" NOT NULL,              -- r read, n not read, p no plate
  clock "char" NOT NULL,              -- h host, c camera, f file, u unknown
  synchronised boolean NOT NULL,
  country text COLLATE "C" NOT NULL,  -- likeliest, empty if unknown
  plate text COLLATE "C",             -- the key of record/platetext.c; NULL not read
  candidates text COLLATE "C" NOT NULL, -- other texts, "TEXT:percent ...", likeliest first
  lane text NOT NULL,
  hash bytea NOT NULL,                -- first 16 bytes of the record's hash
  -- filled by ids that mostly grow
  CONSTRAINT passage_pkey PRIMARY KEY (id, seen) WITH (fillfactor = 100),
  CHECK (isfinite(seen))
) PARTITION BY RANGE (seen);
-- The plate alone: rows of one are few a day, and equal keys share their entry, 12
-- bytes a passage where (plate, seen) takes 32
CREATE INDEX passage_plate ON anpr_data.passage (plate)
  WHERE plate IS NOT NULL;
-- Rows lie nearly in the order of their time, also when a week is caught up
CREATE INDEX passage_seen ON anpr_data.passage
  USING brin (seen timestamptz_minmax_multi_ops)
  WITH (pages_per_range = 8, autosummarize = on);

-- Passages whose id tells a time more than a day from when they were seen: a film,
-- a camera with a wrong date. Looked through when an id is looked for elsewhere
-- than around its own time. By passage.
CREATE TABLE anpr_data.stray (
  passage uuid NOT NULL,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (passage, seen)
);
CREATE INDEX stray_seen ON anpr_data.stray (seen);

-- The second plate of a vehicle, such as its trailer's (R6). By passage.
CREATE TABLE anpr_data.further_plate (
  passage uuid NOT NULL,
  number smallint NOT NULL,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  confidence smallint NOT NULL,
  role text NOT NULL,
  country text COLLATE "C" NOT NULL,
  plate text COLLATE "C" NOT NULL,
  PRIMARY KEY (passage, number)
);
CREATE INDEX further_plate_plate ON anpr_data.further_plate (plate, seen);
CREATE INDEX further_plate_seen ON anpr_data.further_plate (seen);

-- By passage. JPEG does not get smaller: stored as it is, beside the row.
CREATE TABLE anpr_data.still (
  passage uuid NOT NULL,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('plate', 'vehicle')),
  jpeg bytea NOT NULL,
  PRIMARY KEY (passage, seen, kind)
) PARTITION BY RANGE (seen);
ALTER TABLE anpr_data.still ALTER COLUMN jpeg SET STORAGE EXTERNAL;

-- The whole record, of passages with hits. By passage.
CREATE TABLE anpr_data.record (
  passage uuid PRIMARY KEY,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  record text NOT NULL
);
CREATE INDEX record_seen ON anpr_data.record (seen);

-- By passage. "late": handed over too late to be an alert (R47).
CREATE TABLE anpr_data.hit (
  id uuid NOT NULL,
  passage uuid NOT NULL,
  seen timestamptz NOT NULL,
  received timestamptz NOT NULL,
  position smallint NOT NULL,
  priority smallint NOT NULL,
  covert boolean NOT NULL,
  late boolean NOT NULL,
  list_age int NOT NULL,              -- seconds, -1 unknown
  list text NOT NULL,
  version text NOT NULL,
  entry text NOT NULL,
  plate text COLLATE "C" NOT NULL,    -- as listed
  authority text NOT NULL,
  reference text NOT NULL,
  category text NOT NULL,
  measure text NOT NULL,
  warning text NOT NULL,
  reason text NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('J1', 'J2', 'J3', 'B1', '')),
  grade text NOT NULL
    CHECK (grade IN ('exact', 'candidate', 'look-alike', 'pattern')),
  country_grade text NOT NULL
    CHECK (country_grade IN ('agree', 'unknown', 'conflict')),
  details jsonb NOT NULL,             -- the hit as the record has it
  PRIMARY KEY (passage, id)
);
CREATE INDEX hit_seen ON anpr_data.hit (seen);
CREATE INDEX hit_list ON anpr_data.hit (list, seen);

-- A person's decisions on hits; the last one counts (R17). By passage.
CREATE TABLE anpr_data.decision (
  passage uuid NOT NULL,
  hit uuid NOT NULL,
  number int NOT NULL,
  seen timestamptz NOT NULL,
  position smallint NOT NULL,
  decided timestamptz NOT NULL DEFAULT clock_timestamp(),
  login text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('confirm', 'reject', 'undecided')),
  cause text NOT NULL CHECK ((verdict = 'reject') = (cause <> '') AND cause IN
    ('', 'misread', 'wrong country', 'stale', 'wrong vehicle')),
  considered_ms int NOT NULL CHECK (considered_ms >= 0),
  note text NOT NULL CHECK (length(note) <= 2000),
  PRIMARY KEY (passage, hit, number)
);
CREATE INDEX decision_seen ON anpr_data.decision (seen);

-- Lists that appliances compare with, as far as their records and hits tell.
CREATE TABLE anpr_data.list (
  list text NOT NULL,
  version text NOT NULL,
  authority text NOT NULL DEFAULT '',
  category text NOT NULL DEFAULT '',
  purpose text NOT NULL DEFAULT '',
  contact text NOT NULL DEFAULT '',
  first_used timestamptz NOT NULL,
  last_used timestamptz NOT NULL,
  PRIMARY KEY (list, version)
);

-- A rejected hit is not shown again for a while: proposed by one person, approved
-- or refused by another (R21, R41). It holds for the same read of a plate, at the
-- same position or everywhere.
CREATE TABLE anpr_data.suppression (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  list text NOT NULL,
  entry text NOT NULL,
  plate text COLLATE "C" NOT NULL,    -- as read
  position smallint REFERENCES anpr_data.position, -- NULL all
  controller smallint NOT NULL REFERENCES anpr_data.controller,
  covert boolean NOT NULL,
  cause text NOT NULL,
  hit uuid NOT NULL,
  passage uuid NOT NULL,
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decided_by text,
  decided_at timestamptz,
  approved boolean,
  valid_until timestamptz NOT NULL,
  CHECK (decided_by <> proposed_by),
  CHECK (num_nonnulls(decided_by, decided_at, approved) IN (0, 3)),
  CHECK (valid_until > proposed_at
    AND valid_until <= proposed_at + interval '12 months')
);
CREATE INDEX suppression_plate ON anpr_data.suppression (plate, list);

-- What goes to the contact of a list whose entry was wrong (R21).
CREATE TABLE anpr_data.correction_notice (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  made timestamptz NOT NULL DEFAULT clock_timestamp(),
  sent timestamptz,
  sent_by text,
  controller smallint NOT NULL REFERENCES anpr_data.controller,
  covert boolean NOT NULL,
  list text NOT NULL,
  entry text NOT NULL,
  authority text NOT NULL,
  contact text NOT NULL,
  hit uuid NOT NULL,
  passage uuid NOT NULL,
  seen timestamptz NOT NULL,
  notice jsonb NOT NULL
);
CREATE INDEX correction_notice_seen ON anpr_data.correction_notice (seen);

-- --- partitions ------------------------------------------------------------

CREATE FUNCTION anpr_data.partition_name(parent text, day date)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
RETURN parent || '_' || to_char(day, 'YYYYMMDD');

-- Makes one day's partition of @parent. ATTACH PARTITION leaves who reads and
-- writes other days alone, CREATE TABLE ... PARTITION OF would not.
CREATE FUNCTION anpr_data.make_partition(parent text, day date)
RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  name text := anpr_data.partition_name(parent, day);
  lower text := to_char(day, 'YYYY-MM-DD') || 'T00:00:00Z';
  upper text := to_char(day + 1, 'YYYY-MM-DD') || 'T00:00:00Z';
BEGIN
  IF to_regclass('anpr_data.' || name) IS NOT NULL THEN
    RETURN false;
  END IF;
  -- one at a time; who waited may find it made
  PERFORM pg_advisory_xact_lock(hashtext('anpr_data.make_partition'));
  IF to_regclass('anpr_data.' || name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE anpr_data.%I (LIKE anpr_data.%I '
    'INCLUDING STORAGE INCLUDING CONSTRAINTS, CHECK (seen >= %L AND seen < %L))',
    name, parent, lower, upper);
  EXECUTE format('ALTER TABLE anpr_data.%I ENABLE ROW LEVEL SECURITY, '
    'FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE anpr_data.%I ATTACH PARTITION anpr_data.%I '
    'FOR VALUES FROM (%L) TO (%L)', parent, name, lower, upper);
  RETURN true;
END
$$;

-- For who delivers what was seen on a day that has no partition of @parent yet.
CREATE FUNCTION anpr_data.make_partitions(parent text, days date[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF parent NOT IN ('passage', 'still') THEN
    RAISE invalid_parameter_value USING MESSAGE = 'passage or still';
  END IF;
  PERFORM anpr_data.make_partition(parent, day)
  FROM unnest(days) AS day ORDER BY day;
END
$$;

SELECT anpr_data.make_partitions(parent, ARRAY(
  SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date + n
  FROM generate_series(-1, 3) AS n))
FROM unnest(ARRAY['passage', 'still']) AS parent;

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr_data.make_partitions TO anpr_writer;
