-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Plates as people type them, and the questions' arguments.
--
-- Everything here computes on its arguments alone. What a question holds is text
-- from outside: it is compared, never put into a command, and a pattern becomes
-- one LIKE of bounded length, whose wildcards cannot make it slow.

SET LOCAL ROLE anpr_owner;

-- Upper case, and Cyrillic and Greek letters by their shape; whatever is no sign
-- of a plate stays and is dropped by the caller. Spelt out, so that keys do not
-- depend on the database's locale.
CREATE FUNCTION anpr_data.plate_signs(raw text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN translate(replace(normalize(left(raw, 1000), NFKC), 'ß', 'SS'),
    'abcdefghijklmnopqrstuvwxyzäöüıАВЕКМНОРСТУХІавекмнорстухіΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβεζηικμνορτυχ',
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜIABEKMHOPCTYXIABEKMHOPCTYXIABEZHIKMNOPTYXABEZHIKMNOPTYX');
END
$$;

-- The key that plates are kept and compared by, the same as of anpr_plate_key(): at
-- most 32 signs.
CREATE FUNCTION anpr_data.plate_key(raw text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  signs text := anpr_data.plate_signs(raw);
BEGIN
  RETURN left(translate(signs, translate(signs,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÄÖÜ', ''), ''), 32);
END
$$;

-- A pattern with ? for one sign and * for any number of them as a LIKE pattern;
-- NULL if it is longer than a plate can be. Runs of ? and * become as many ? and
-- one *, so two texts that mean the same are the same.
CREATE FUNCTION anpr_data.plate_like(pattern text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  signs text := anpr_data.plate_signs(pattern);
  result text := '';
  run text;
BEGIN
  signs := translate(signs, translate(signs,
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ÄÖÜ?*', ''), '');
  IF length(replace(signs, '*', '')) > 32 THEN
    RETURN NULL;
  END IF;
  -- the ? of a run first
  FOR run IN SELECT m[1] FROM regexp_matches(signs, '([?*]+|[^?*]+)', 'g') AS m
  LOOP
    IF run ~ '^[?*]' THEN
      result := result || repeat('_', length(replace(run, '*', '')))
        || CASE WHEN run ~ '[*]' THEN '%' ELSE '' END;
    ELSE
      result := result || run;
    END IF;
  END LOOP;
  RETURN result;
END
$$;

-- What stands before the first wildcard of a LIKE pattern of plate_like()
CREATE FUNCTION anpr_data.like_beginning(pattern text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
RETURN substring(pattern FROM '^[^_%]*');

-- Signs that readers take for each other, domain.md 5.5
CREATE TABLE anpr_data.look_alike (
  sign text COLLATE "C" NOT NULL,
  other text COLLATE "C" NOT NULL,
  PRIMARY KEY (sign, other)
);
INSERT INTO anpr_data.look_alike
SELECT DISTINCT a, b
FROM unnest(ARRAY['0OQD', '1IL', '8B3', '5S', '2Z7', '6GC', '4A', '7TY', 'UV',
    'MNWH', 'EF', 'KX', 'PR', 'AÄ', 'OÖ', 'UÜ']) AS class,
  string_to_table(class, NULL) AS a, string_to_table(class, NULL) AS b
WHERE a <> b;

-- @keys, and each of them with one more sign replaced by one like it
CREATE FUNCTION anpr_data.replace_one(keys text[]) RETURNS text[]
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT array_agg(k ORDER BY k) FROM (
    SELECT unnest(keys) AS k
    UNION
    SELECT overlay(k PLACING l.other FROM n FOR 1)
    FROM unnest(keys) AS k CROSS JOIN generate_series(1, length(k)) AS n
    JOIN anpr_data.look_alike l ON l.sign = substr(k, n, 1)) AS all_keys;
END;

-- Texts that a reader may have made of @key: up to @changes signs replaced; the
-- first or last sign lost or doubled; 11 for H and H for 11, as a screw between
-- two 1s makes it. At most some thousand for 12 signs and 2 changes.
CREATE FUNCTION anpr_data.look_alikes(key text, changes int) RETURNS text[]
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  keys text[] := ARRAY[key];
BEGIN
  FOR i IN 1 .. changes LOOP
    keys := anpr_data.replace_one(keys);
  END LOOP;
  RETURN ARRAY(
    SELECT k FROM unnest(keys || substr(key, 2) || left(key, -1)
      || (left(key, 1) || key) || (key || right(key, 1))
      || replace(key, '11', 'H') || replace(key, 'H', '11')) AS k
    WHERE length(k) BETWEEN 2 AND 32
    GROUP BY k ORDER BY k);
END
$$;

-- --- arguments of a question -----------------------------------------------

CREATE FUNCTION anpr_data.refuse_question(reason text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '[ANPR-ASK-QUESTION] %', reason
    USING ERRCODE = 'invalid_parameter_value';
END
$$;

-- Refuses a question with a field that its function does not know: a mistyped one
-- would be passed over, and the answer be another than what was meant.
CREATE FUNCTION anpr_data.check_fields(what jsonb, fields text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  field text;
BEGIN
  SELECT k INTO field FROM jsonb_object_keys(what) AS k
  WHERE k <> ALL (fields || ARRAY['controllers']) ORDER BY k LIMIT 1;
  IF FOUND THEN
    PERFORM anpr_data.refuse_question(format('"%s" is no part of this question',
      left(field, 100)));
  END IF;
END
$$;

-- A text of @what; @usual where it is not there, and without that it must be.
CREATE FUNCTION anpr_data.asked_text(what jsonb, field text, usual text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF coalesce(jsonb_typeof(what -> field), 'null') = 'null' THEN
    IF usual IS NULL THEN
      PERFORM anpr_data.refuse_question(format('"%s" is missing', field));
    END IF;
    RETURN usual;
  END IF;
  IF jsonb_typeof(what -> field) <> 'string' THEN
    PERFORM anpr_data.refuse_question(format('"%s" is a text', field));
  END IF;
  RETURN what ->> field;
END
$$;

-- A number of @what between @lowest and @highest
CREATE FUNCTION anpr_data.asked_number(what jsonb, field text, usual numeric,
  lowest numeric, highest numeric)
RETURNS numeric
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  value numeric;
BEGIN
  IF coalesce(jsonb_typeof(what -> field), 'null') = 'null' THEN
    RETURN usual;
  END IF;
  IF jsonb_typeof(what -> field) = 'number' THEN
    value := (what ->> field)::numeric;
  END IF;
  IF value IS NULL OR value NOT BETWEEN lowest AND highest THEN
    PERFORM anpr_data.refuse_question(format('"%s" is a number from %s to %s',
      field, lowest, highest));
  END IF;
  RETURN value;
END
$$;

-- A moment, as ISO 8601 with its offset from UTC: a time without one would be
-- taken for that of whatever time zone the session has.
CREATE FUNCTION anpr_data.asked_moment(value jsonb) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET DateStyle = 'ISO'
AS $$
BEGIN
  IF jsonb_typeof(value) IS DISTINCT FROM 'string' OR NOT (value #>> '{}') ~
     ('^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
      '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$') THEN
    PERFORM anpr_data.refuse_question(
      'a time has the form 2026-01-31T18:30:00+01:00');
  END IF;
  RETURN (value #>> '{}')::timestamptz;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
  PERFORM anpr_data.refuse_question('a time is none that a calendar has');
END
$$;

-- One to @most ids of @what
CREATE FUNCTION anpr_data.asked_ids(what jsonb, field text, most int)
RETURNS uuid[]
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(what -> field) IS DISTINCT FROM 'array'
     OR jsonb_array_length(what -> field) NOT BETWEEN 1 AND most
     OR EXISTS (SELECT FROM jsonb_array_elements(what -> field) AS e (id)
       WHERE jsonb_typeof(id) <> 'string' OR id #>> '{}' !~
         '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$') THEN
    PERFORM anpr_data.refuse_question(format(
      '"%s" is a list of 1 to %s ids', field, most));
  END IF;
  RETURN ARRAY(SELECT id::uuid
    FROM jsonb_array_elements_text(what -> field) AS e (id));
END
$$;

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
