-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- A year of traffic at 31 positions along a port road, made where it is stored.
--
-- Commuters pass 2 to 4 positions one after another on workdays, out in the morning
-- and back in the afternoon, each at hours of its own give or take a quarter of an
-- hour. Lorries pass 3 to 6 positions and come back, any time of the day. Visitors
-- pass two positions once. Two in a hundred plates have a sign misread, two are not
-- read at all. Everything is drawn by hashes of what it is about, so the same day is
-- the same traffic in each run, in whatever order days are made.

CREATE SCHEMA bench;

-- From 0 to 1, the same for the same numbers
CREATE FUNCTION bench.draw(thing bigint, what bigint) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(thing, what) & 9007199254740991)::float8
  / 9007199254740992;

CREATE FUNCTION bench.letter(thing bigint, what bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN chr(65 + floor(bench.draw(thing, what) * 26)::int);

CREATE FUNCTION bench.plate(thing bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN bench.draw(thing, 1) < 0.55 THEN '1' ELSE '2' END
  || bench.letter(thing, 2) || bench.letter(thing, 3) || bench.letter(thing, 4)
  || lpad(floor(bench.draw(thing, 5) * 1000)::text, 3, '0');

CREATE TABLE bench.size (passages bigint NOT NULL, visitors int NOT NULL);

-- start: minute of the local day; back: the same, of lorries minutes until return
CREATE TABLE bench.vehicle (
  id bigint PRIMARY KEY,
  lorry boolean NOT NULL,
  plate text NOT NULL,
  route smallint[] NOT NULL,
  start float8 NOT NULL,
  back float8 NOT NULL
);

-- Vehicles for about so many passages a year: a commuter makes 1300, a lorry 1200.
CREATE FUNCTION bench.make_vehicles(passages bigint) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO bench.size VALUES (passages, passages / 5000);
  INSERT INTO bench.vehicle
  SELECT v.id, lorry, bench.plate(v.id), route, start, back FROM (
    SELECT id, false AS lorry, 1 + floor(bench.draw(id, 11) * 28)::int AS first,
      2 + floor(bench.draw(id, 12) * 3)::int AS n,
      360 + bench.draw(id, 13) * 180 AS start,
      900 + bench.draw(id, 14) * 180 AS back
    FROM generate_series(1, passages / 2200) AS id
    UNION ALL
    SELECT id, true, 1 + floor(bench.draw(id, 11) * 26)::int,
      3 + floor(bench.draw(id, 12) * 4)::int, 0, 60 + bench.draw(id, 14) * 180
    FROM generate_series(1000001, 1000000 + passages / 4800) AS id) AS v,
  LATERAL (SELECT array_agg((first + i)::smallint ORDER BY i) AS route
           FROM generate_series(0, n - 1) AS i) AS r;
END;

-- Drives of the day number @n: a vehicle, its plate, where it goes, local minute
CREATE FUNCTION bench.drives(day date, n bigint)
RETURNS TABLE (drive bigint, plate text, route smallint[], back boolean,
  minute float8)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT v.id * 2 + b.back::int, v.plate, v.route, b.back,
    CASE WHEN v.lorry THEN 240 + bench.draw(v.id, 100000 + n) * 800
        + CASE WHEN b.back THEN v.back ELSE 0 END
      ELSE CASE WHEN b.back THEN v.back ELSE v.start END
        + (bench.draw(v.id * 2 + b.back::int, 200000 + n) - 0.5) * 30 END
  FROM bench.vehicle v CROSS JOIN (VALUES (false), (true)) AS b (back)
  WHERE bench.draw(v.id, 300000 + n) < CASE
    WHEN v.lorry THEN CASE WHEN extract(isodow FROM day) < 6 THEN 0.55 ELSE 0.1 END
    WHEN extract(isodow FROM day) < 6 THEN 0.9 ELSE 0.12 END
  UNION ALL
  SELECT id * 2, bench.plate(id), ARRAY[first, first + 1]::smallint[],
    bench.draw(id, 21) < 0.5, 300 + bench.draw(id, 22) * 1000
  FROM (SELECT 100000000 + n * 1000000 + i AS id FROM bench.size,
          generate_series(1, visitors) AS i) AS visitor,
    LATERAL (SELECT 1 + floor(bench.draw(id, 23) * 30)::int AS first) AS f;
END;

-- A day's passages into its partition, in the order of time, as they come.
CREATE FUNCTION bench.make_day(day date) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
  INSERT INTO anpr_data.passage (id, seen, sequence, first_offset, last_offset,
    compared, position, confidence, direction, state, clock, synchronised,
    country, plate, candidates, lane, hash)
  SELECT (lpad(to_hex((extract(epoch FROM seen) * 1000)::bigint), 12, '0') || '7'
      || substr(digits, 1, 3) || '8' || substr(digits, 4, 15))::uuid,
    seen, n * 100000 + row_number() OVER (PARTITION BY position ORDER BY seen),
    -(bench.draw(thing, 31) * 900)::int, (bench.draw(thing, 32) * 900)::int, 1,
    position, 9999 - (bench.draw(thing, 33) ^ 4 * 5000)::int,
    CASE WHEN back THEN 'o' ELSE 'i' END, CASE WHEN unread THEN 'n' ELSE 'r' END,
    'h', true, CASE WHEN unread THEN '' ELSE 'BE' END,
    CASE WHEN unread THEN NULL
      WHEN bench.draw(thing, 34) < 0.02 THEN misread ELSE plate END,
    CASE WHEN bench.draw(thing, 35) < 0.4 THEN misread || ':3' ELSE '' END,
    CASE WHEN bench.draw(thing, 36) < 0.5 THEN '1' ELSE '2' END,
    decode(digits, 'hex')
  FROM (
    SELECT d.plate, d.back, r.position, n, thing, md5(thing::text) AS digits,
      bench.draw(thing, 37) < 0.02 AS unread,
      overlay(d.plate PLACING substr('0O8BSZ7IMN1',
          1 + floor(bench.draw(thing, 38) * 11)::int, 1)
        FROM 1 + floor(bench.draw(thing, 39) * 7)::int FOR 1) AS misread,
      day::timestamp AT TIME ZONE 'Europe/Brussels' + interval '1 second'
        * ((minute + leg * 5) * 60 + bench.draw(thing, 40) * 90) AS seen
    FROM (SELECT day - date '2000-01-01' AS n) AS number,
      LATERAL bench.drives(day, n) AS d,
      LATERAL (
        SELECT d.route[CASE WHEN d.back THEN cardinality(d.route) + 1 - leg
            ELSE leg END] AS position, leg
        FROM generate_series(1, cardinality(d.route)) AS leg) AS r,
      LATERAL (SELECT hashint8extended(d.drive * 10 + leg, n) AS thing) AS t) AS p
  ORDER BY seen;
END;
