#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The central database: who may do what, and what may be asked. All checks share a
real cluster, set up as set_up() does."""
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import psycopg2

import passagerecords
import postgresql
from passagerecords import SECOND, Position, now, sealed, still

DAY = 86400 * SECOND
WHY = 'Stolen lorry left the dock at Kluizen by night'
CASE = 'GE.26.000123'
GRANTED = dict(function='demo', purpose='J1', case=CASE, why=WHY, since=None,
               until=None, what={}, prosecutor=None)
DECISION = dict(reference='PK 12/2026', date='2026-11-20', issuer='prosecutor X',
                scope='movements of one lorry')
JPEG = b'\xff\xd8\xff' + bytes(range(256))

# A question of the tests: all that may be seen
DEMO = '''
INSERT INTO anpr_data.query_function VALUES
  ('demo', '{anpr_investigator,anpr_dispatcher}', 'consultation');
CREATE FUNCTION anpr.demo(ticket uuid)
RETURNS TABLE (at_position text, seen timestamptz, plate text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp AS $$
#variable_conflict use_column
DECLARE
  asked anpr_data.ticket := anpr_data.begin_query(ticket, 'demo');
BEGIN
  RETURN QUERY SELECT p.name, s.seen, s.plate FROM anpr_data.passage s
    JOIN anpr_data.position p ON p.number = s.position
    WHERE s.seen >= asked.window_from AND s.seen < asked.window_to ORDER BY 2;
END $$;
INSERT INTO anpr_data.query_function VALUES
  ('pictures', '{anpr_investigator}', 'disclosure');
CREATE FUNCTION anpr.pictures(ticket uuid) RETURNS TABLE (passage uuid)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, anpr_data, pg_temp AS $$
BEGIN
  PERFORM anpr_data.begin_query(ticket, 'pictures');
  RETURN QUERY SELECT s.passage FROM anpr_data.still s;
END $$;
CREATE FUNCTION anpr_data.unasked() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, anpr_data, pg_temp
AS 'SELECT count(*) FROM anpr_data.passage';
GRANT CREATE ON SCHEMA anpr, anpr_data TO anpr_reader;
ALTER FUNCTION anpr.demo OWNER TO anpr_reader;
ALTER FUNCTION anpr.pictures OWNER TO anpr_reader;
ALTER FUNCTION anpr_data.unasked OWNER TO anpr_reader;
REVOKE CREATE ON SCHEMA anpr, anpr_data FROM anpr_reader;
REVOKE ALL ON FUNCTION anpr.demo, anpr.pictures, anpr_data.unasked FROM PUBLIC;
GRANT EXECUTE ON FUNCTION anpr.demo TO anpr_investigator, anpr_dispatcher;
GRANT EXECUTE ON FUNCTION anpr.pictures TO anpr_investigator;
'''


def set_up(cluster):
    cluster.make_central()
    for name, role in (('box', 'appliance'), ('jan', 'investigator'),
                       ('eva', 'investigator'), ('dis', 'dispatcher'),
                       ('sup', 'supervisor'), ('adm', 'admin')):
        cluster.make_login(name, role)
    cluster.register(
        postgresql.controller(), postgresql.controller(2, 'Other zone', 'OZ-[0-9]+'),
        postgresql.position(1, 'gate'), postgresql.position(2, 'dock'),
        postgresql.position(3, 'lock', 'Other zone'),
        *(postgresql.permission(name) for name in ('gate', 'dock', 'lock')),
        postgresql.appliance('box', 'gate', 'dock', 'lock'),
        postgresql.person('jan'), postgresql.person('dis'),
        postgresql.person('eva', 'Zone', 'Other zone'),
        dict(kind='setting', passages='12 months', stills='12 months'))
    cluster.query(DEMO)


def ingest(cluster, lines, stills=(), login='box'):
    """Outcomes and reasons, of @stills (passage, kind, JPEG)"""
    columns = list(zip(*stills)) or [(), (), ()]
    return [row[1:] for row in cluster.query(
        'SELECT * FROM anpr.ingest(%s, %s::uuid[], %s, %s::bytea[])',
        [lines, list(columns[0]), list(columns[1]),
         [psycopg2.Binary(jpeg) for jpeg in columns[2]]], login)]


def ask(cluster, login='jan', **changes):
    """Ticket, its end, code and text of a refusal"""
    q = dict(GRANTED, **changes)
    at = datetime.datetime.now(datetime.timezone.utc)
    return cluster.query(
        'SELECT * FROM anpr.ask(%s, %s, %s, %s, %s, %s, %s, %s)',
        [q['function'], q['purpose'], q['case'], q['why'],
         q['since'] or at - datetime.timedelta(days=20),
         q['until'] or at + datetime.timedelta(hours=1), json.dumps(q['what']),
         q['prosecutor'] and json.dumps(q['prosecutor'])], login)[0]


def answer(cluster, login='jan', **changes):
    ticket = ask(cluster, login, **changes)
    assert ticket[0], ticket
    return cluster.query('SELECT * FROM anpr.demo(%s)', [ticket[0]], login)


def refused(cluster, text, values=None, login='jan', connection=None):
    """The SQLSTATE @text fails with"""
    try:
        if connection:
            connection.cursor().execute(text, values)
        else:
            cluster.query(text, values, login)
    except psycopg2.Error as error:
        return error.pgcode
    raise AssertionError('not refused: %s' % text)


def log(cluster, chain):
    return cluster.query('SELECT outcome, function, purpose, case_reference, '
                         'justification, details FROM anpr_data.access_log '
                         'WHERE chain = %s ORDER BY number', [chain])


def rows(cluster, table):
    return cluster.query('SELECT count(*) FROM anpr_data.' + table)[0][0]


# Who may do what

def check_no_role_reads_or_changes_a_table(cluster):
    tables = [name for name, in cluster.query(
        "SELECT relname FROM pg_class WHERE relnamespace = 'anpr_data'::regnamespace"
        " AND relkind IN ('r', 'p', 'v')")]
    assert len(tables) > 30, tables
    for login in ('box', 'jan', 'dis', 'sup', 'adm'):
        connection = cluster.connect(login)
        for table in tables:
            for text in ('SELECT * FROM anpr_data.%s', 'DELETE FROM anpr_data.%s',
                         'TRUNCATE anpr_data.%s',
                         'ALTER TABLE anpr_data.%s DISABLE ROW LEVEL SECURITY'):
                assert refused(cluster, text % table, None, login,
                               connection) == '42501', (login, text, table)
        for role in ('anpr_owner', 'anpr_reader', 'anpr_writer', 'anpr_logger',
                     'anpr_supervisor' if login != 'sup' else 'anpr_admin'):
            assert refused(cluster, 'SET ROLE ' + role, None, login,
                           connection) == '42501'
        assert refused(cluster, 'CREATE TABLE public.x ()', None, login,
                       connection) == '42501'
        assert refused(cluster, 'CREATE TEMP TABLE x ()', None, login,
                       connection) == '42501'
        # nor stops others, or fills the disk
        for call in ('pg_advisory_lock(1095651410, 2)', 'pg_try_advisory_lock(1)',
                     'pg_advisory_xact_lock_shared(1)', "lo_from_bytea(0, 'x')",
                     'lo_create(1)', "pg_logical_emit_message(false, 'x', 'x')"):
            assert refused(cluster, 'SELECT ' + call, None, login,
                           connection) == '42501', call
        connection.close()


def check_each_role_calls_its_functions_only(cluster):
    calls = {
        "anpr.ingest('{}')": 'box', "anpr.ingest_decisions('{}')": 'box',
        "anpr.propose('[]', 'because of nothing')": 'adm',
        'anpr.approve(1)': 'adm', 'anpr.proposals()': 'adm sup',
        'anpr.seal()': 'sup adm', 'anpr.verify_log()': 'sup adm',
        'anpr.gaps()': 'sup adm', "anpr.read_log('2020-01-01', '2020-01-02')": 'sup',
        "anpr.ask('demo', 'J1', '', '', now(), now())": 'jan dis sup',
        'anpr_data.findings()': '', 'anpr_data.unasked()': '',
        "anpr_data.append_log('x', 'seal', 'done', 'x', '{}')": '',
        "anpr_data.make_partitions('passage', '{2020-01-01}')": '',
        'anpr_data.erase_rest(now())': '', 'anpr_data.visible_from()': '',
        "anpr_data.apply_change('[]')": ''}
    for call, allowed in calls.items():
        for login in ('box', 'jan', 'dis', 'sup', 'adm'):
            try:
                cluster.query('SELECT ' + call, login=login)
                state = None
            except psycopg2.Error as error:
                state = error.pgcode
            denied = state == '42501'
            if call == 'anpr.approve(1)':
                denied = denied and login != 'adm'
            assert denied == (login not in allowed.split()), (call, login, state)


def check_without_a_ticket_nothing_is_seen_even_by_the_reader(cluster):
    assert ingest(cluster, [Position('gate-unasked').record()])[0][0] == 'refused'
    assert rows(cluster, 'passage') > 0 or ingest(
        cluster, [Position('lock').record()]) == [('kept', None)]
    assert cluster.query('SELECT anpr_data.unasked()') == [(0,)]


# Asking

def check_a_question_without_reason_is_refused_and_logged(cluster):
    faults = [
        ('ANPR-ASK-PURPOSE', dict(purpose='J4')),
        ('ANPR-ASK-PURPOSE', dict(purpose=None)),
        ('ANPR-ASK-PURPOSE', dict(purpose="J1' OR true --")),
        ('ANPR-ASK-CASE', dict(case=None)), ('ANPR-ASK-CASE', dict(case='')),
        ('ANPR-ASK-CASE', dict(case='free text')),
        ('ANPR-ASK-CASE', dict(case=CASE + '\nx')),
        ('ANPR-ASK-CASE', dict(case='x' + CASE)),
        ('ANPR-ASK-CASE', dict(case="GE.26.000123' OR '1'='1")),
        ('ANPR-ASK-REASON', dict(why=None)), ('ANPR-ASK-REASON', dict(why='lorry')),
        ('ANPR-ASK-REASON', dict(why='investigation investigation onderzoek')),
        ('ANPR-ASK-REASON', dict(why='. . . . . . . . . . . . . . . . . .')),
        ('ANPR-ASK-REASON', dict(why='lorry lorry lorry lorry lorry lorry')),
        ('ANPR-ASK-REASON', dict(why=CASE + ' ' + CASE + ' ' + CASE)),
        ('ANPR-ASK-REASON', dict(why='x' * 100000)),
        ('ANPR-ASK-FUNCTION', dict(function='nothing')),
        ('ANPR-ASK-FUNCTION', dict(function='demo(); DROP TABLE anpr_data.log_head')),
        ('ANPR-ASK-QUESTION', dict(what=[])),
        ('ANPR-ASK-QUESTION', dict(what={'x': 'y' * 20000})),
        ('ANPR-ASK-WINDOW', dict(since='infinity')),
        ('ANPR-ASK-WINDOW', dict(until='-infinity')),
        ('ANPR-ASK-WINDOW', dict(since='2001-01-01', prosecutor=DECISION)),
        ('ANPR-ASK-CONTROLLER', dict(what={'controllers': ['Other zone']})),
        ('ANPR-ASK-CONTROLLER', dict(what={'controllers': ['Zone', 'Zone']})),
        ('ANPR-ASK-CONTROLLER', dict(what={'controllers': 'Zone'})),
        ('ANPR-ASK-CONTROLLER', dict(what={'controllers': []}))]
    for code, change in faults:
        before = log(cluster, 'login:jan')
        ticket, _, told, text = ask(cluster, **change)
        assert (ticket, told) == (None, code) and text, (change, told, text)
        after = log(cluster, 'login:jan')
        assert len(after) == len(before) + 1, change
        assert after[-1][0] == 'refused', after[-1]
        assert after[-1][5]['refusal'].startswith(code)
    assert ask(cluster, login='sup')[2] == 'ANPR-ASK-LOGIN'
    assert log(cluster, 'login:sup')[-1][0] == 'refused'


def check_an_answer_needs_a_ticket_that_was_committed(cluster):
    ingest(cluster, [Position('dock').record(text='1XAA111')])
    connection = cluster.connect('jan', autocommit=False)
    cursor = connection.cursor()
    values = ['demo', 'J1', CASE, WHY]
    text = "SELECT ticket FROM anpr.ask(%s, %s, %s, %s, now() - interval '1 day', now())"
    # in the transaction that asked, also behind a savepoint
    for savepoint in ('', 'SAVEPOINT a; ', ):
        cursor.execute(savepoint + text, values)
        ticket = cursor.fetchone()[0]
        assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket],
                       connection=connection) == '42501'
        connection.rollback()
    # rolled back: no entry, and no ticket
    entries = len(log(cluster, 'login:jan'))
    cursor.execute(text, values)
    ticket = cursor.fetchone()[0]
    connection.rollback()
    assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket]) == '42501'
    assert len(log(cluster, 'login:jan')) == entries
    # committed, without waiting for the disk; read, and rolled back: logged
    cursor.execute('SET synchronous_commit = off')
    cursor.execute(text, values)
    ticket = cursor.fetchone()[0]
    connection.commit()
    cursor.execute('DECLARE c CURSOR FOR SELECT * FROM anpr.demo(%s)', [ticket])
    cursor.execute('FETCH ALL FROM c')
    assert cursor.fetchall()
    connection.rollback()
    assert len(log(cluster, 'login:jan')) == entries + 1
    connection.close()


def check_a_ticket_is_one_persons_for_one_function_once(cluster):
    ticket = ask(cluster)[0]
    assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket], 'eva') == '42501'
    cluster.query('SELECT * FROM anpr.demo(%s)', [ticket], 'jan')
    assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket]) == '42501'
    cluster.query("INSERT INTO anpr_data.query_function VALUES ('other', "
                  "'{anpr_investigator}', 'consultation') ON CONFLICT DO NOTHING")
    ticket = ask(cluster, function='other')[0]
    assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket]) == '42501'
    ticket = ask(cluster)[0]
    cluster.query("UPDATE anpr_data.ticket SET valid_until = now() WHERE ticket = %s",
                  [ticket])
    assert refused(cluster, 'SELECT * FROM anpr.demo(%s)', [ticket]) == '42501'


def check_own_functions_and_operators_change_nothing(cluster):
    connection = cluster.connect('jan')
    cursor = connection.cursor()
    for text in ('SET search_path = pg_temp, public, anpr, pg_catalog',
                 "SET anpr.controllers = '{1,2}'", "SET TimeZone = 'Asia/Tokyo'",
                 "SET DateStyle = 'SQL, DMY'", "SET IntervalStyle = 'iso_8601'",
                 'SET row_security = off', 'SET lc_messages = C'):
        try:
            cursor.execute(text)
        except psycopg2.Error as error:
            assert error.pgcode == '42501', (text, error)
    for text in ('CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
                 'CREATE SCHEMA jan', 'CREATE OPERATOR public.= (leftarg = text, '
                 'rightarg = text, function = textne)'):
        assert refused(cluster, text, connection=connection) == '42501', text
    cursor.execute('SELECT ticket FROM anpr.ask(%s, %s, %s, %s, %s, %s)',
                   ['demo', 'J1', CASE, WHY, passagerecords.iso(now() - 5 * DAY),
                    passagerecords.iso(now() + DAY)])
    ticket = cursor.fetchone()[0]
    # row_security = off must raise an error instead of showing more
    try:
        cursor.execute('SELECT at_position FROM anpr.demo(%s)', [ticket])
        assert 'lock' not in {name for name, in cursor.fetchall()}
    except psycopg2.Error as error:
        assert error.pgcode == '42501', error
    connection.close()


def check_controllers_are_apart_unless_each_authorises(cluster):
    ingest(cluster, [Position('gate-x').record()])
    at = now() - 3 * 3600 * SECOND
    lock = Position('lock')
    lock.sequence, lock.hash = 5000, 'a' * 64
    ingest(cluster, [lock.record(at, text='9LOCK9')])
    seen = answer(cluster, 'jan')
    assert '9LOCK9' not in {row[2] for row in seen}
    assert '9LOCK9' in {row[2] for row in answer(cluster, 'eva')}
    assert {row[0] for row in answer(
        cluster, 'eva', what={'controllers': ['Other zone']})} == {'lock'}
    cluster.query("UPDATE anpr_data.authorisation SET valid_until = now() "
                  "WHERE login = 'eva' AND controller = 2")
    assert '9LOCK9' not in {row[2] for row in answer(cluster, 'eva')}


def check_the_log_only_grows_and_shows_tampering(cluster):
    for text in ("UPDATE anpr_data.access_log SET login = 'x'",
                 'DELETE FROM anpr_data.access_log', 'TRUNCATE anpr_data.access_log',
                 'TRUNCATE anpr_data.access_log_%d' % time.gmtime().tm_year,
                 'DELETE FROM anpr_data.access_log_%d' % time.gmtime().tm_year):
        assert refused(cluster, text, login=cluster.superuser) == '42501', text
    seal = cluster.central('seal', login='sup')
    with tempfile.NamedTemporaryFile('w') as file:
        file.write(seal)
        file.flush()
        cluster.central('retain')
        assert cluster.query('SELECT * FROM anpr.verify_log()', login='sup') == []
        # one who owns the server can alter it, but not unseen
        connection = cluster.connect(autocommit=False)
        cursor = connection.cursor()
        for text, fault in (
                ("UPDATE anpr_data.access_log SET justification = 'x' "
                 "WHERE chain = 'login:jan' AND number = 2", 'altered'),
                ("DELETE FROM anpr_data.access_log WHERE chain = 'login:jan' "
                 "AND number = 2", 'an entry is missing before this one'),
                ("DELETE FROM anpr_data.access_log WHERE chain = 'login:jan'",
                 'the chain does not end here')):
            cursor.execute('ALTER TABLE anpr_data.access_log DISABLE TRIGGER '
                           'append_only; ' + text)
            cursor.execute('SELECT fault FROM anpr.verify_log()')
            assert fault in {row[0] for row in cursor.fetchall()}, text
            connection.rollback()
        cursor.execute("ALTER TABLE anpr_data.access_log DISABLE TRIGGER append_only;"
                       "DELETE FROM anpr_data.access_log WHERE chain = 'login:dis';"
                       "DELETE FROM anpr_data.access_log WHERE chain = 'login:jan';"
                       "DELETE FROM anpr_data.log_head WHERE chain = 'login:jan'")
        cursor.execute('SELECT count(*) FROM anpr.verify_seal(%s)', [seal])
        assert cursor.fetchone()[0] >= 1
        connection.rollback()
        connection.close()
        cluster.central('seal', login='sup')
        out = cluster.central('check', '--seals', file.name, status=1)
        assert 'ANPR-CENTRAL-LOG' not in out, out


def check_seals_are_signed_by_who_is_trusted(cluster):
    with tempfile.TemporaryDirectory(prefix='anpr-central-') as folder:
        path = os.path.join(folder, 'seals')

        def check(*lines, names=('desk',)):
            trusted = os.path.join(folder, '-'.join(names))
            os.makedirs(trusted, exist_ok=True)
            for name in names:
                shutil.copy(os.path.join(folder, name + '.pub'), trusted)
            with open(path, 'w', encoding='utf8') as file:
                file.writelines(lines)
            return cluster.central('check', '--seals', path, '--keys', trusted,
                                   status=1)
        for name in ('desk', 'other'):
            subprocess.run(['anprctl', 'lists', 'keygen', os.path.join(folder, name)],
                           check=True, stdout=subprocess.DEVNULL)
        good = cluster.central('seal', '--key', os.path.join(folder, 'desk.key'),
                               login='sup')
        plain = cluster.central('seal', login='sup')
        assert 'seals: ' not in check(good, '\n', good)
        assert 'not signed' in check(plain)
        assert 'ANPR-LIST-SIGNATURE' in check(good, names=('other',))
        altered = json.loads(good)
        altered['seal'] = altered['seal'].replace('admin-a', 'admin-x')
        assert 'does not fit' in check(json.dumps(altered))
        for line in ('x', '[]', '{}', json.dumps(dict(altered, key='?')),
                     json.dumps(dict(altered, signature=[1]))):
            assert 'ANPR-CENTRAL-LOG' in check(line), line


def check_logs_of_one_login_are_linked_under_load(cluster):
    def ask_often():
        for _ in range(20):
            ask(cluster, 'eva')
    threads = [threading.Thread(target=ask_often) for _ in range(4)]
    before = len(log(cluster, 'login:eva'))
    for thread in threads:
        thread.start()
    # an open transaction of another login holds nobody up
    connection = cluster.connect('dis', autocommit=False)
    connection.cursor().execute(
        "SELECT * FROM anpr.ask('demo', 'J1', 'x', 'y', now(), now())")
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    connection.close()
    assert len(log(cluster, 'login:eva')) == before + 80
    assert cluster.query('SELECT * FROM anpr.verify_log()', login='sup') == []


# Windows of time

def at_moment(cluster, at, purpose, since, prosecutor=None):
    """The code that a question at the moment @at for what came from @since on is
    refused with"""
    fault, = cluster.query(
        'SELECT anpr_data.window_fault(%s, %s, %s, %s, %s)',
        [at, purpose, since, at,
         None if prosecutor is None else json.dumps(prosecutor)])[0]
    return fault and fault.split(':')[0]


def check_one_month_ends_to_the_microsecond(cluster):
    # the moment of asking, and the oldest that is within the month: 30 days or the
    # calendar's, in UTC or in Brussels, whichever ends first
    cases = [
        ('2026-05-16T12:00:00Z', '2026-04-16T12:00:00.000001Z'),   # 30 days = 1 month
        ('2026-01-31T12:00:00Z', '2026-01-01T12:00:00.000001Z'),   # 30 days
        ('2026-03-15T12:00:00Z', '2026-02-15T12:00:00.000001Z'),   # 28 days
        ('2028-03-15T12:00:00Z', '2028-02-15T12:00:00.000001Z'),   # 29 days
        ('2026-02-28T12:00:00Z', '2026-01-31T12:00:00.000001Z'),   # clamped
        ('2026-03-01T12:00:00Z', '2026-02-01T12:00:00.000001Z'),
        # clocks go forward on 29 March 2026: 30 days of Brussels are 719 hours
        ('2026-04-10T12:00:00Z', '2026-03-11T13:00:00.000001Z'),
        # and back on 25 October 2026: 721 hours, UTC's 720 count
        ('2026-11-10T12:00:00Z', '2026-10-11T12:00:00.000001Z'),
        # the month's end in Brussels comes before UTC's
        ('2026-02-28T23:30:00Z', '2026-01-31T23:30:00.000001Z')]
    decision = dict(DECISION, date='2026-01-02')
    for at, oldest in cases:
        before = passagerecords.iso(passagerecords.utc(oldest) - 1)
        found, = cluster.query('SELECT anpr_data.oldest_within_month(%s)', [at])[0]
        assert found == datetime.datetime.fromisoformat(
            oldest.replace('Z', '+00:00')), (at, found)
        for purpose in ('B1', 'J1', 'J2', 'J3'):
            assert at_moment(cluster, at, purpose, oldest) is None, (at, purpose)
            assert at_moment(cluster, at, purpose, before) == (
                'ANPR-ASK-WINDOW' if purpose == 'B1' else 'ANPR-ASK-PROSECUTOR')
        given = dict(decision, date=at[:10])
        assert at_moment(cluster, at, 'B1', before, given) == 'ANPR-ASK-WINDOW'
        assert at_moment(cluster, at, 'J1', before, given) is None


def check_beyond_the_month_needs_the_whole_decision(cluster):
    at, since = '2026-11-25T12:00:00Z', '2026-09-01T00:00:00Z'
    assert at_moment(cluster, at, 'J3', since, DECISION) is None
    for change in (dict(reference=''), dict(date='2026-13-01'), dict(date='tomorrow'),
                   dict(date='2026-11-26'), dict(date='2025-01-01'), dict(scope=7),
                   dict(issuer=None), dict(date='2026-02-30'),
                   dict(scope="'); DROP TABLE x; --" * 100)):
        assert at_moment(cluster, at, 'J3', since,
                         dict(DECISION, **change)) == 'ANPR-ASK-PROSECUTOR', change
    for decision in ([], 'yes', 1, {}):
        assert at_moment(cluster, at, 'J3', since,
                         decision) == 'ANPR-ASK-PROSECUTOR'


def check_terms_clamp_to_the_end_of_a_month(cluster):
    for at, term, oldest in (
            ('2025-02-28T10:00:00Z', '12 months', '2024-02-29T10:00:00.000001Z'),
            ('2025-02-28T09:59:59.999999Z', '12 months', '2024-02-29T10:00:00Z'),
            ('2024-02-29T10:00:00Z', '12 months', '2023-03-01T00:00:00Z'),
            ('2026-02-28T10:00:00Z', '6 months', '2025-08-31T09:00:00.000001Z'),
            ('2026-09-30T10:00:00Z', '1 month', '2026-08-31T10:00:00.000001Z'),
            ('2026-10-01T10:00:00Z', '1 month', '2026-09-01T10:00:00.000001Z')):
        found, = cluster.query('SELECT anpr_data.oldest_within(%s, %s)', [at, term])[0]
        wanted = datetime.datetime.fromisoformat(oldest.replace('Z', '+00:00'))
        assert found >= wanted, (at, term, found)
        assert found - wanted <= datetime.timedelta(hours=1), (at, term, found)


def check_terms_and_permissions_of_a_purpose_bound_what_is_seen(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 7000, '4' * 64
    lines = [dock.record(now() - days * DAY, text='1TRM00%d' % days)
             for days in range(1, 9)]
    assert ingest(cluster, lines) == [('kept', None)] * 8

    def seen(purpose):
        return sorted(row[2][-1] for row in answer(cluster, 'jan', purpose=purpose)
                      if row[2].startswith('1TRM'))
    everything = list('12345678')
    assert seen('J1') == seen('B1') == everything
    cluster.register(dict(kind='retention', position='dock', purpose='J2',
                          passages='5 days', stills='1 day'),
                     dict(kind='retention', position=None, purpose='J3',
                          passages='3 days', stills='1 day'),
                     dict(postgresql.permission('dock'), decision='GR 800'),
                     dict(postgresql.permission('dock'), purposes=['J1', 'J2', 'J3']))
    assert [len(seen(purpose)) for purpose in ('J1', 'J2', 'J3')] == [8, 4, 2]
    cluster.register(dict(postgresql.permission('dock'), decision='GR 800',
                          purposes=['J1']))
    assert seen('B1') == [] and seen('J1') == everything
    for change in (dict(position='dock', purpose='J2'),
                   dict(position=None, purpose='J3')):
        cluster.register(dict(change, kind='retention', passages=None))
    cluster.register(postgresql.permission('dock'))
    assert seen('J2') == seen('B1') == everything


def check_a_still_is_past_its_own_term_before_its_passage_is(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 8000, '5' * 64
    fields = [dock.fields(now() - days * DAY, images=[still(JPEG)])
              for days in (1, 4)]
    fields[1]['sequence'] += 1
    ids = [one['id'] for one in fields]
    assert ingest(cluster, [sealed(one)[0] for one in fields],
                  [(one, 'plate', JPEG) for one in ids]) == [('kept', None)] * 2

    def shown():
        ticket = ask(cluster, function='pictures')[0]
        return {row[0] for row in cluster.query('SELECT * FROM anpr.pictures(%s)',
                                                [ticket], 'jan')} & set(ids)
    assert shown() == set(ids)
    cluster.register(dict(kind='retention', position='dock', purpose=None,
                          passages='30 days', stills='3 days'))
    assert shown() == {ids[0]}
    # and what comes too late for its term is not kept at all
    late = dict(dock.fields(now() - 5 * DAY, images=[still(JPEG)]), sequence=8010)
    assert ingest(cluster, [sealed(late)[0]], [(late['id'], 'plate', JPEG)]) == [
        ('kept', None)]
    assert cluster.query('SELECT count(*) FROM anpr_data.still WHERE passage = %s',
                         [late['id']]) == [(0,)]
    cluster.register(dict(kind='retention', position='dock', purpose=None,
                          passages=None))


def run(names, *given):
    """Runs the checks among @names, as TAP; words of their names may be arguments"""
    checks = [check for name, check in names.items()
              if name.startswith('check_')]
    wanted = sys.argv[1:]
    checks = [check for check in checks
              if not wanted or any(word in check.__name__ for word in wanted)]
    failed = 0
    print('1..%d' % len(checks), flush=True)
    for number, check in enumerate(checks, 1):
        name = check.__name__[6:].replace('_', ' ')
        begin = time.monotonic()
        try:
            check(*given)
            print('ok %d - %s # %.1f s' % (
                number, name, time.monotonic() - begin), flush=True)
        except Exception:  # the others go on
            failed += 1
            print('not ok %d - %s\n# %s' % (
                number, name, traceback.format_exc().replace('\n', '\n# ')),
                  flush=True)
    return 1 if failed else 0


def main():
    missing = postgresql.missing()
    if missing:
        print('1..0 # SKIP ' + missing)
        return 0
    with postgresql.Cluster(durable=False) as cluster:
        set_up(cluster)
        return run(globals(), cluster)


if __name__ == '__main__':
    sys.exit(main())
