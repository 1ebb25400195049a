-- SPDX-License-Identifier: LGPL-2.1-or-later
--
-- Changing the register takes two persons (R41): anpr.propose() by one login,
-- anpr.approve() or anpr.reject() by another, of another person. A proposal is an
-- array of objects, each with a "kind" and what that has; it says how things are
-- to be, so proposing the same again changes nothing. It is tried when it is
-- proposed, and takes effect as a whole when it is approved:
--
--   controller     number, name, case_pattern, contact
--   position       number, name, controller, place, latitude, longitude
--   permission     position, decision, place, purposes, camera_type,
--                  impact_assessment, valid_from, valid_until
--   login          name, person, controller; positions it delivers for;
--                  authorised: [{controller, valid_until, covert}]
--   retention      position or null, purpose or null, passages, stills; null
--                  passages take the entry back
--   setting        any of passages, stills, log, late_after, clock_ahead
--   hit-setting    any of stale_after, attended, precision_floor, precision_over,
--                  suppressed
--   list-setting   list, contact; precision_floor, or that of all lists
--   vague-word     word
--
-- Positions are never removed, their permissions end.

SET LOCAL ROLE anpr_owner;

-- The value of a field that must be there.
CREATE FUNCTION anpr_data.field_of(change jsonb, name text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF change ->> name IS NULL THEN
    RAISE data_exception USING MESSAGE = format('%s without "%s"',
      coalesce(change ->> 'kind', 'a change'), name);
  END IF;
  RETURN change ->> name;
END
$$;

CREATE FUNCTION anpr_data.controller_named(name text)
RETURNS smallint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  found_number smallint := (SELECT c.number FROM anpr_data.controller c
    WHERE c.name = controller_named.name);
BEGIN
  IF found_number IS NULL THEN
    RAISE data_exception USING MESSAGE = format('no controller "%s"', name);
  END IF;
  RETURN found_number;
END
$$;

CREATE FUNCTION anpr_data.position_named(name text)
RETURNS smallint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  found_number smallint := (SELECT p.number FROM anpr_data.position p
    WHERE p.name = position_named.name);
BEGIN
  IF found_number IS NULL THEN
    RAISE data_exception USING MESSAGE = format('no position "%s"', name);
  END IF;
  RETURN found_number;
END
$$;

CREATE FUNCTION anpr_data.change_place(change jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF change ->> 'kind' = 'controller' THEN
    INSERT INTO anpr_data.controller (number, name, case_pattern, contact)
    VALUES (anpr_data.field_of(change, 'number')::smallint,
      anpr_data.field_of(change, 'name'),
      anpr_data.field_of(change, 'case_pattern'),
      coalesce(change ->> 'contact', ''))
    ON CONFLICT (number) DO UPDATE SET name = excluded.name,
      case_pattern = excluded.case_pattern, contact = excluded.contact;
  ELSE
    INSERT INTO anpr_data.position (number, name, controller, place, latitude,
      longitude)
    VALUES (anpr_data.field_of(change, 'number')::smallint,
      anpr_data.field_of(change, 'name'),
      anpr_data.controller_named(anpr_data.field_of(change, 'controller')),
      anpr_data.field_of(change, 'place'),
      anpr_data.field_of(change, 'latitude')::float8,
      anpr_data.field_of(change, 'longitude')::float8)
    ON CONFLICT (number) DO UPDATE SET name = excluded.name,
      controller = excluded.controller, place = excluded.place,
      latitude = excluded.latitude, longitude = excluded.longitude;
  END IF;
END
$$;

CREATE FUNCTION anpr_data.change_permission(change jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(change -> 'purposes') IS DISTINCT FROM 'array' THEN
    RAISE data_exception USING MESSAGE = 'permission without "purposes"';
  END IF;
  INSERT INTO anpr_data.permission AS p (position, decision, place, purposes,
    camera_type, impact_assessment, valid_from, valid_until)
  VALUES (anpr_data.position_named(anpr_data.field_of(change, 'position')),
    anpr_data.field_of(change, 'decision'), anpr_data.field_of(change, 'place'),
    ARRAY(SELECT jsonb_array_elements_text(change -> 'purposes')),
    anpr_data.field_of(change, 'camera_type'),
    anpr_data.field_of(change, 'impact_assessment'),
    anpr_data.field_of(change, 'valid_from')::timestamptz,
    anpr_data.field_of(change, 'valid_until')::timestamptz)
  ON CONFLICT (position, decision, valid_from) DO UPDATE SET
    place = excluded.place, purposes = excluded.purposes,
    camera_type = excluded.camera_type,
    impact_assessment = excluded.impact_assessment,
    valid_until = excluded.valid_until;
END
$$;

CREATE FUNCTION anpr_data.change_login(change jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  login text := anpr_data.field_of(change, 'name');
BEGIN
  INSERT INTO anpr_data.login (name, person, controller)
  VALUES (login, anpr_data.field_of(change, 'person'),
    anpr_data.controller_named(anpr_data.field_of(change, 'controller')))
  ON CONFLICT (name) DO UPDATE SET person = excluded.person,
    controller = excluded.controller;
  DELETE FROM anpr_data.delivery d WHERE d.login = change ->> 'name';
  INSERT INTO anpr_data.delivery
  SELECT login, anpr_data.position_named(p)
  FROM jsonb_array_elements_text(coalesce(change -> 'positions', '[]')) AS p;
  DELETE FROM anpr_data.authorisation a WHERE a.login = change ->> 'name';
  INSERT INTO anpr_data.authorisation (login, controller, valid_until, covert)
  SELECT login, anpr_data.controller_named(anpr_data.field_of(a, 'controller')),
    anpr_data.field_of(a, 'valid_until')::timestamptz,
    coalesce((a -> 'covert')::boolean, false)
  FROM jsonb_array_elements(coalesce(change -> 'authorised', '[]')) AS a;
END
$$;

CREATE FUNCTION anpr_data.change_terms(change jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  of_position smallint := CASE WHEN change ->> 'position' IS NOT NULL
    THEN anpr_data.position_named(change ->> 'position') END;
BEGIN
  IF change ->> 'kind' = 'setting' THEN
    UPDATE anpr_data.setting s SET
      passages = coalesce((change ->> 'passages')::interval, s.passages),
      stills = coalesce((change ->> 'stills')::interval, s.stills),
      log = coalesce((change ->> 'log')::interval, s.log),
      late_after = coalesce((change ->> 'late_after')::interval, s.late_after),
      clock_ahead = coalesce((change ->> 'clock_ahead')::interval, s.clock_ahead);
    RETURN;
  END IF;
  DELETE FROM anpr_data.retention r
  WHERE r.position IS NOT DISTINCT FROM of_position
    AND r.purpose IS NOT DISTINCT FROM change ->> 'purpose';
  IF change ->> 'passages' IS NOT NULL THEN
    INSERT INTO anpr_data.retention VALUES (of_position, change ->> 'purpose',
      (change ->> 'passages')::interval,
      anpr_data.field_of(change, 'stills')::interval);
  END IF;
END
$$;

CREATE FUNCTION anpr_data.apply_change(changes jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
SET TimeZone = 'UTC'
SET DateStyle = 'ISO'
SET IntervalStyle = 'postgres'
AS $$
DECLARE
  change jsonb;
BEGIN
  IF jsonb_typeof(changes) IS DISTINCT FROM 'array' THEN
    RAISE data_exception USING MESSAGE = 'a proposal is an array of changes';
  END IF;
  FOR change IN SELECT * FROM jsonb_array_elements(changes) LOOP
    CASE coalesce(change ->> 'kind', '')
      WHEN 'controller', 'position' THEN
        PERFORM anpr_data.change_place(change);
      WHEN 'permission' THEN PERFORM anpr_data.change_permission(change);
      WHEN 'login' THEN PERFORM anpr_data.change_login(change);
      WHEN 'retention', 'setting' THEN PERFORM anpr_data.change_terms(change);
      WHEN 'hit-setting', 'list-setting' THEN
        PERFORM anpr_data.change_hits(change); -- 0014
      WHEN 'vague-word' THEN
        INSERT INTO anpr_data.vague_word
        VALUES (lower(anpr_data.field_of(change, 'word'))) ON CONFLICT DO NOTHING;
      ELSE RAISE data_exception USING MESSAGE = format('no kind "%s"',
        change ->> 'kind');
    END CASE;
  END LOOP;
END
$$;

-- NULL if @changes could take effect, else what is wrong. Leaves nothing behind.
CREATE FUNCTION anpr_data.change_fault(changes jsonb)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  PERFORM anpr_data.apply_change(changes);
  RAISE SQLSTATE 'AN000';
EXCEPTION
  WHEN SQLSTATE 'AN000' THEN
    RETURN NULL;
  WHEN data_exception OR integrity_constraint_violation
      OR program_limit_exceeded THEN
    RETURN SQLERRM;
END
$$;

-- Proposes changes of the register; gives the proposal's number.
CREATE FUNCTION anpr.propose(changes jsonb, reason text)
RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  fault text := anpr_data.change_fault(changes);
  proposed int;
BEGIN
  IF fault IS NOT NULL OR length(btrim(coalesce(reason, ''))) < 10
     OR octet_length(changes::text) > 1048576 THEN
    RAISE EXCEPTION '[ANPR-REGISTER] %', coalesce(fault,
      'say in at least 10 characters why, and no more than 1 MiB what')
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO anpr_data.proposal AS p (change, reason, proposed_by)
  VALUES (changes, left(propose.reason, 2000), session_user)
  RETURNING p.number INTO proposed;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'propose', jsonb_build_object('proposal', proposed, 'changes', changes,
      'reason', left(propose.reason, 2000)));
  RETURN proposed;
END
$$;

-- A proposal that this login may decide on, locked.
CREATE FUNCTION anpr_data.proposal_to_decide(proposal int)
RETURNS anpr_data.proposal
LANGUAGE plpgsql
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  p anpr_data.proposal;
BEGIN
  SELECT * INTO p FROM anpr_data.proposal q
  WHERE q.number = proposal_to_decide.proposal FOR UPDATE;
  IF NOT FOUND OR p.decided_at IS NOT NULL THEN
    RAISE EXCEPTION '[ANPR-REGISTER] there is no open proposal %', proposal
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF p.proposed_by = session_user OR EXISTS (
      SELECT FROM anpr_data.login a JOIN anpr_data.login b USING (person)
      WHERE a.name = p.proposed_by AND b.name = session_user) THEN
    RAISE EXCEPTION '[ANPR-REGISTER] another person than who proposed % has '
      'to decide on it', proposal USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN p;
END
$$;

-- Puts a proposal into effect.
CREATE FUNCTION anpr.approve(proposal int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
DECLARE
  p anpr_data.proposal := anpr_data.proposal_to_decide(proposal);
BEGIN
  PERFORM anpr_data.apply_change(p.change);
  UPDATE anpr_data.proposal q SET decided_by = session_user,
    decided_at = clock_timestamp(), approved = true WHERE q.number = p.number;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'approve', jsonb_build_object('proposal', p.number, 'changes', p.change,
      'proposed_by', p.proposed_by));
END
$$;

-- Turns a proposal down; who made it may do so, too.
CREATE FUNCTION anpr.reject(proposal int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
AS $$
BEGIN
  UPDATE anpr_data.proposal q SET
    decided_by = nullif(session_user::text, q.proposed_by),
    decided_at = clock_timestamp(), approved = false
  WHERE q.number = reject.proposal AND q.decided_at IS NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION '[ANPR-REGISTER] there is no open proposal %', proposal
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  PERFORM anpr_data.append_log('login:' || session_user, 'alteration', 'done',
    'reject', jsonb_build_object('proposal', proposal));
END
$$;

-- Proposals, open ones first.
CREATE FUNCTION anpr.proposals()
RETURNS SETOF anpr_data.proposal
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp
BEGIN ATOMIC
  SELECT * FROM anpr_data.proposal p
  ORDER BY p.decided_at IS NOT NULL, p.number DESC LIMIT 1000;
END;

RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA anpr, anpr_data FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.propose, anpr.approve, anpr.reject TO anpr_admin;
GRANT EXECUTE ON FUNCTION anpr.proposals TO anpr_admin, anpr_supervisor;
