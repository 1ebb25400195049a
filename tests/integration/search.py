#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Questions to the central database, and decisions on hits: the functions, and
anprctl search on top of them, with a real PostgreSQL server. All plates are
invented."""
import csv
import datetime
import io
import json
import os
import subprocess
import sys
import tempfile
import zoneinfo

import postgresql
from searching import (Centre, DECISION, LIMIT_S, Login, NOW, REASON, UTC,
                       anprctl, days, iso)

SOURCE = os.environ['ANPR_SOURCE_DIR']
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'docs'))
import commands  # noqa: E402

HOSTILE = ("'; DROP TABLE anpr_data.passage; --", '$1', '%', '_', '\\', '\\x00',
           '"', '{}', '=cmd|x!A1', '\u202e', 'Ä' * 40,
           '*' * 500, '?' * 500, '*?' * 300, 'A' * 100000, '\U0010ffff', "E'\\'")


WHY = ('--purpose', 'J1', '--case', 'GE.2026/12', '--justification', REASON)


# --- passages ---------------------------------------------------------------

def check_a_planted_route_is_told_exactly_and_in_order(centre):
    anna = Login(centre, 'anna')
    route = [(1, days(9)), (2, days(9, -1)), (3, days(9, -2)), (2, days(3)),
             (1, days(3, -1))]
    for position, seen in reversed(route):
        centre.pass_by('1RTE001', position, seen)
    centre.pass_by('1RTE002', 1, days(9))
    told = anna.answer('plate', {'plate': '1-rte-001'})
    assert [(row['position'], row['seen']) for row in told] == [
        ('G%d' % position, seen) for position, seen in route], told
    assert {row['match'] for row in told} == {'exact'}
    assert not any(row['cut'] for row in told)
    told = anna.answer('plate', {'plate': '1RTE001', 'positions': ['G2']})
    assert [row['seen'] for row in told] == [days(9, -1), days(3)]
    told = anna.answer('plate', {'plate': '1RTE001', 'limit': 2})
    assert [row['position'] for row in told] == ['G1', 'G2']
    assert all(row['cut'] for row in told)


def check_a_window_begins_with_its_first_moment_and_ends_before_its_last(centre):
    anna = Login(centre, 'anna')
    moment = days(8)
    tick = datetime.timedelta(microseconds=1)
    for seen in (moment - tick, moment, moment + tick, moment + 2 * tick):
        centre.pass_by('1EDG000', 1, seen)
    told = anna.answer('plate', {'plate': '1EDG000'}, moment, moment + 2 * tick)
    assert [row['seen'] for row in told] == [moment, moment + tick]


def check_patterns_and_look_alikes_find_what_they_should(centre):
    anna = Login(centre, 'anna')
    for plate in ('1PAT123', '1PAT173', '1PAT1234', 'IPAT123', '1PAT1Z3', 'PAT123',
                  '1PAT1237', 'ÄPAT123'):
        centre.pass_by(plate, 1, days(7))

    def plates(**what):
        return {row['plate'] for row in anna.answer('plate', what)}

    assert plates(plate='1PAT1?3', match='pattern') == {
        '1PAT123', '1PAT173', '1PAT1Z3'}
    assert plates(plate='1pat*4', match='pattern') == {'1PAT1234'}
    assert plates(plate='*AT12*', match='pattern') == {
        '1PAT123', '1PAT1234', 'IPAT123', 'PAT123', '1PAT1237', 'ÄPAT123'}
    assert plates(plate='1PAT123', match='look-alike') == {
        '1PAT123', '1PAT1Z3', 'IPAT123', '1PAT173', 'PAT123'}
    assert 'IPAT173' not in plates(plate='1PAT123', match='look-alike')
    centre.pass_by('IPAT173', 1, days(7))
    assert 'IPAT173' in plates(plate='1PAT123', match='look-alike', changes=2)


def check_patterns_from_hell_are_answered_or_refused_at_once(centre):
    anna = Login(centre, 'anna')
    anna.cursor.execute("SET statement_timeout = '20s'")
    for pattern in ('*A*B*C*D*E*F*G*', 'A' + '*A' * 15, '?' * 32 + 'AB',
                    '*' * 10000 + 'AB', '*?' * 5000 + 'AB', 'AB' + '?*' * 400):
        asked = anna.ask('plate', {'plate': pattern, 'match': 'pattern'})
        if asked['ticket']:
            fault = anna.fault('SELECT * FROM anpr.plate(%s)', (asked['ticket'],))
            assert fault in (None, 'ANPR-ASK-QUESTION'), fault
    for pattern in ('*', '?', '*?*', 'A*', '??????A'):
        assert anna.refusal('plate', {'plate': pattern, 'match': 'pattern'}) \
            == 'ANPR-ASK-QUESTION', pattern
    assert anna.refusal('plate', {'plate': '*AB', 'match': 'pattern'}, days(60),
                        NOW, decision=DECISION) == 'ANPR-ASK-QUESTION'


def check_hostile_texts_find_nothing_and_change_nothing(centre):
    anna = Login(centre, 'anna')
    centre.pass_by('1HST001', 1, days(6))
    before = centre.run('SELECT count(*) FROM anpr_data.passage')
    for text in HOSTILE:
        for what in ({'plate': text}, {'plate': text, 'match': 'pattern'},
                     {'plate': '1HST001', 'match': text},
                     {'plate': '1HST001', 'positions': [text]},
                     {'plate': '1HST001', text: 1},
                     {'plate': '1HST001', 'controllers': [text]}):
            asked = anna.ask('plate', what)
            if asked['ticket']:
                fault = anna.fault('SELECT * FROM anpr.plate(%s)',
                                   (asked['ticket'],))
                assert fault in (None, 'ANPR-ASK-QUESTION'), (text, fault)
        for place in ('purpose', 'case'):
            assert not anna.ask('plate', {'plate': '1HST001'}, **{place: text})[
                'ticket']
        assert anna.ask('plate', {'plate': '1HST001'}, reason=text)['code'] in (
            None, 'ANPR-ASK-REASON')
        assert anna.ask(text, {})['code'].startswith('ANPR-ASK-')
    assert before == centre.run('SELECT count(*) FROM anpr_data.passage')


def check_keys_are_those_of_the_appliance(centre):
    cases = {'1-abc 123': '1ABC123', 'ö-ab·12': 'ÖAB12', 'АВ1234СЕ': 'AB1234CE',
             'ß1': 'SS1', 'Ａ１': 'A1', '\u0041\u0308B': 'ÄB', '': '', '--': '',
             'x' * 40: 'X' * 32, 'αβ1': 'AB1'}
    for raw, key in cases.items():
        assert centre.run('SELECT anpr_data.plate_key(%s)', (raw,)) == [(key,)], raw


def check_what_passed_a_place_is_told_with_direction_and_unread_ones(centre):
    anna = Login(centre, 'anna')
    hour = datetime.timedelta(hours=1)
    centre.pass_by('1PLC001', 5, days(5), direction='i')
    centre.pass_by('1PLC002', 5, days(5) + hour, direction='o')
    centre.pass_by(None, 5, days(5) + 2 * hour, state='n', country='')
    centre.pass_by('1PLC003', 4, days(5) + hour)
    window = (days(5), days(4))
    told = anna.answer('place', {'positions': ['G5']}, *window)
    assert [(row['plate'], row['state'], row['direction']) for row in told] == [
        ('1PLC001', 'read', 'in'), ('1PLC002', 'read', 'out'),
        (None, 'not read', 'in')], told
    told = anna.answer('place', {'positions': ['G5'], 'direction': 'out'}, *window)
    assert [row['plate'] for row in told] == ['1PLC002']
    told = anna.answer('place', {'positions': ['G5', 'G4'], 'plate': '1PLC*3'},
                       *window)
    assert [row['plate'] for row in told] == ['1PLC003']
    assert anna.refusal('place', {'positions': ['G5']}, days(9), NOW) \
        == 'ANPR-ASK-QUESTION'


def check_a_trailer_is_found_by_its_own_plate(centre):
    anna = Login(centre, 'anna')
    passage = centre.pass_by('1TRC001', 1, days(4))
    centre.run("INSERT INTO anpr_data.further_plate VALUES (%s, 2, %s, 1, 9000, "
               "'trailer', 'NL', 'OTR001')", (passage, days(4)))
    told = anna.answer('plate', {'plate': 'OTR001'})
    assert [(row['passage'], row['role'], row['country']) for row in told] == [
        (passage, 'trailer', 'NL')]


# --- the gate ---------------------------------------------------------------

def check_each_zone_decides_who_sees_its_positions(centre):
    for position in (1, 7):
        centre.pass_by('1ZON001', position, days(2))
    for name, seen, case in (('anna', ['G1'], 'GE.2026/1'),
                             ('zoe', ['Z7'], 'ZE.2026/1'),
                             ('both', ['G1', 'Z7'], 'GE.2026/1')):
        told = Login(centre, name).answer('plate', {'plate': '1ZON001'}, case=case)
        assert sorted(row['position'] for row in told) == seen
    anna = Login(centre, 'anna')
    assert anna.refusal('plate', {'plate': '1ZON001', 'positions': ['Z7']}) \
        == 'ANPR-ASK-QUESTION'
    assert anna.refusal('plate', {'plate': '1ZON001', 'controllers': ['Zelzate']}) \
        == 'ANPR-ASK-CONTROLLER'
    told = Login(centre, 'both').answer(
        'plate', {'plate': '1ZON001', 'controllers': ['Zelzate']})
    assert [row['position'] for row in told] == ['Z7']
    for function in ('place', 'impossible'):
        told = anna.answer(function, {'positions': ['G1']} if function == 'place'
                           else {}, days(2, 1), days(1, 2))
        assert all(row['position'][0] == 'G' for row in told)


def check_nothing_is_answered_without_reasons_and_all_is_logged(centre):
    anna = Login(centre, 'anna')
    centre.pass_by('1OLD001', 1, days(50))
    what = {'plate': '1OLD001'}
    assert anna.refusal('plate', what, days(60)) == 'ANPR-ASK-PROSECUTOR'
    assert anna.refusal('plate', what, days(60), decision=DECISION,
                        purpose='B1') == 'ANPR-ASK-WINDOW'
    assert len(anna.answer('plate', what, days(60), decision=DECISION)) == 1
    assert anna.refusal('plate', what, purpose='X9') == 'ANPR-ASK-PURPOSE'
    assert anna.refusal('plate', what, case='12') == 'ANPR-ASK-CASE'
    assert anna.refusal('plate', what, reason='investigation') == 'ANPR-ASK-REASON'
    ticket = anna.ask('place', {'positions': ['G1']})['ticket']
    assert anna.fault('SELECT * FROM anpr.plate(%s)', (ticket,)) \
        == 'ANPR-ASK-TICKET'
    assert Login(centre, 'both').fault('SELECT * FROM anpr.place(%s)', (ticket,)) \
        == 'ANPR-ASK-TICKET'
    refused, answered = centre.run(
        "SELECT count(*) FILTER (WHERE outcome = 'refused' AND details #>> "
        "'{what,plate}' = '1OLD001'), count(*) FILTER (WHERE details ->> 'rows' = "
        "'1' AND function = 'plate') FROM anpr_data.access_log "
        "WHERE login = 'anna'")[0]
    assert refused == 5 and answered >= 1, (refused, answered)
    for text in ('SELECT * FROM anpr_data.passage',
                 "SELECT * FROM anpr_data.find_plate('A', '{1}'::smallint[], "
                 'now(), now(), 1)',
                 'DELETE FROM anpr_data.decision',
                 'SELECT anpr.attend()', "SELECT anpr.anomalies('today')",
                 'SELECT anpr.register_export()'):
        assert 'permission denied' in anna.fault(text), text


def check_pictures_come_only_on_request_and_are_logged_apart(centre):
    anna = Login(centre, 'anna')
    passage = centre.pass_by('1PIC001', 1, days(2))
    centre.picture(passage, days(2), 1)
    told = anna.answer('plate', {'plate': '1PIC001'})
    assert not any('jpeg' in name or 'image' in name for name in told[0])
    told = anna.answer('images', {'passages': [passage]})
    assert [(row['kind'], bytes(row['jpeg'])) for row in told] == [
        ('plate', b'\xff\xd8jpeg')]
    assert centre.run("SELECT count(*) FROM anpr_data.access_log WHERE function = "
                      "'images' AND action = 'disclosure'")[0][0] == 2
    assert anna.refusal('images', {'passages': ['x']}) == 'ANPR-ASK-QUESTION'
    centre.run("UPDATE anpr_data.setting SET stills = '1 day'")
    try:
        assert anna.answer('images', {'passages': [passage]}) == []
        assert len(anna.answer('plate', {'plate': '1PIC001'})) == 1
    finally:
        centre.run("UPDATE anpr_data.setting SET stills = '12 months'")


def told_alike(login, function, what):
    """Rows with their times in UTC, whatever the session writes them in"""
    ticket = login.ask(function, what)['ticket']
    rows = [row['r'] for row in login.rows(
        'SELECT row_to_json(t) AS r FROM anpr.%s(%%s) AS t' % function, (ticket,))]
    return [{name: datetime.datetime.fromisoformat(value).astimezone(UTC)
             if name.endswith('seen') else value for name, value in row.items()}
            for row in rows]


def check_a_sessions_own_settings_change_no_answer(centre):
    anna, odd = Login(centre, 'anna'), Login(centre, 'anna')
    minute = datetime.timedelta(minutes=1)
    for position, seen in ((1, days(3)), (2, days(3) + minute), (1, days(2))):
        centre.pass_by('1SET001', position, seen)
    fact = {'positions': ['G1'], 'from': iso(days(3) - minute),
            'to': iso(days(3) + minute)}
    questions = (
        ('plate', {'plate': '1SET001'}), ('convoy', {'plate': '1SET001'}),
        ('plate', {'plate': '?SET*', 'match': 'pattern'}),
        ('impossible', {'plate': '1SET001'}),
        ('count_series', {'facts': [fact, dict(fact, positions=['G2'])]}))
    usual = [told_alike(anna, *question) for question in questions]
    for setting in ("TimeZone = 'Pacific/Kiritimati'", "DateStyle = 'SQL, DMY'",
                    "IntervalStyle = 'sql_standard'", 'row_security = on',
                    'standard_conforming_strings = off', "bytea_output = 'escape'",
                    "search_path = ''", "plan_cache_mode = 'force_custom_plan'",
                    "default_transaction_isolation = 'repeatable read'",
                    'enable_indexscan = off'):
        odd.cursor.execute('SET ' + setting)
    assert usual == [told_alike(odd, *question) for question in questions]
    assert [len(rows) for rows in usual] == [3, 0, 3, 1, 1], usual


# --- patterns over many passages ---------------------------------------------

def plant_series(centre):
    """A culprit near three facts, a commuter who is there each day, visitors"""
    # by the clock on the wall, as commuters drive, also when summer time ends
    base = days(18).astimezone(zoneinfo.ZoneInfo('Europe/Brussels')).replace(
        hour=10, minute=0, second=0)
    workdays = [base + datetime.timedelta(days=n) for n in range(18)
                if (base + datetime.timedelta(days=n)).weekday() < 5]
    facts = [(1, workdays[2]), (2, workdays[5]), (3, workdays[8])]
    minute = datetime.timedelta(minutes=1)
    for day in workdays:
        for position in (1, 2, 3):
            centre.pass_by('1CMM001', position, day + position * minute)
    for position, day in facts:
        centre.pass_by('1CLP001', position, day + 7 * minute)
        centre.pass_by('1VIS%03d' % position, position, day + 9 * minute)
    centre.pass_by('1TWO001', 1, facts[0][1] + minute)
    centre.pass_by('1TWO001', 2, facts[1][1] + minute)
    return [{'positions': ['G%d' % position], 'from': iso(day),
             'to': iso(day + 15 * minute)} for position, day in facts]


def check_a_series_tells_its_count_then_the_planted_plate_and_the_commuter(centre):
    anna = Login(centre, 'anna')
    what = {'facts': plant_series(centre), 'at_least': 3}
    assert anna.refusal('series', dict(what, counted=2)) == 'ANPR-ASK-QUESTION'
    told = anna.answer('count_series', what)
    assert told == [{'plates': 2, 'commuters': 1}], told
    assert anna.refusal('series', what) == 'ANPR-ASK-QUESTION'
    assert anna.refusal('series', dict(what, counted=3)) == 'ANPR-ASK-QUESTION'
    assert anna.refusal('series', dict(what, counted=2, at_least=2)) \
        == 'ANPR-ASK-QUESTION'
    assert Login(centre, 'both').refusal('series', dict(what, counted=2)) \
        == 'ANPR-ASK-QUESTION'
    told = anna.answer('series', dict(what, counted=2))
    assert [(row['plate'], row['facts'], row['commuter']) for row in told] == [
        ('1CLP001', [1, 2, 3], False), ('1CMM001', [1, 2, 3], True)], told
    assert told[0]['base_rate'] == 0 and told[1]['base_rate'] > 0.7, told
    told = anna.answer('count_series', dict(what, at_least=2))
    assert told[0]['plates'] == 3, told
    for bad in ({}, {'facts': what['facts'][:1]}, dict(what, at_least=4),
                {'facts': [{'positions': ['G1'], 'from': 'x', 'to': 'y'}] * 2},
                {'facts': [dict(what['facts'][0], to=iso(NOW))] * 2},
                {'facts': [{'positions': ['G1'], 'from': iso(days(n + 1)),
                            'to': iso(days(n))} for n in range(6)]}):
        assert anna.refusal('count_series', bad) == 'ANPR-ASK-QUESTION', bad


def check_who_travels_together_is_told_with_its_share(centre):
    anna = Login(centre, 'anna')
    second = datetime.timedelta(seconds=1)
    for n in range(4):
        for position in (4, 5):
            seen = days(10 - n, -position)
            centre.pass_by('1CNV001', position, seen)
            centre.pass_by('1CNV002', position, seen + 20 * second)
            if position == 4:
                centre.pass_by('1LCL001', position, seen + 5 * second)
    for n in range(30):
        centre.pass_by('1LCL001', 4, days(15, n / 10))
    centre.pass_by('1OPP001', 4, days(10, -4), direction='o')
    told = anna.answer('convoy', {'plate': '1CNV001', 'seconds': 30})
    assert [(row['plate'], row['times'], row['days'], row['places'])
            for row in told] == [('1CNV002', 8, 4, 2), ('1LCL001', 4, 4, 1)], told
    assert told[0]['share'] == 1 and told[1]['share'] < 0.2
    assert abs(told[0]['mean_gap'] - 20) < 1e-6


def check_impossible_travel_is_flagged_with_its_least_speed(centre):
    anna = Login(centre, 'anna')
    minute = datetime.timedelta(minutes=1)
    day = days(12)
    centre.pass_by('1CLN001', 1, day)
    centre.pass_by('1CLN001', 5, day + 4 * minute, confidence=0.6)
    centre.pass_by('1FST001', 1, day)
    centre.pass_by('1FST001', 5, day + 12 * minute)
    for plate, synchronised in (('1DBT001', False), ('1SRE001', True)):
        centre.pass_by(plate, 1, day)
        centre.pass_by(plate, 2, day + minute, synchronised=synchronised)
    told = anna.answer('impossible', {}, day - minute, day + 60 * minute)
    assert [row['plate'] for row in told] == ['1SRE001', '1CLN001'], told
    sure, row = told
    assert row['cause'] == 'misread' and sure['cause'] == 'clone or misread'
    # 0.2 degrees of latitude are 22.24 km
    assert abs(row['km'] - 22.239) < 0.01, row
    assert abs(row['kmh'] - row['km'] * 3600 / 242) < 0.01, row
    told = anna.answer('impossible', {'plate': '1CLN001', 'speed': 400})
    assert not told
    assert anna.refusal('impossible', {}) == 'ANPR-ASK-QUESTION'


# --- decisions --------------------------------------------------------------

def states(login):
    ticket = login.rows('SELECT anpr.attend() AS t')[0]['t']
    return {row['hit']: row for row in login.rows(
        'SELECT * FROM anpr.hits(%s)', (ticket,))}


def check_only_a_decision_on_its_pictures_makes_a_hit_actionable(centre):
    dirk = Login(centre, 'dirk')
    passage, hit = centre.hit('1HIT001')
    assert states(dirk)[hit]['state'] == 'unverified'
    assert not states(dirk)[hit]['actionable']
    assert dirk.decide_fault(passage, hit, 'confirm') == 'ANPR-HIT-LOOK'
    ticket = dirk.rows('SELECT anpr.open_hit(%s, %s) AS t', (passage, hit))[0]['t']
    assert dirk.decide_fault(passage, hit, 'confirm') == 'ANPR-HIT-LOOK'
    assert len(dirk.rows('SELECT * FROM anpr.hit_images(%s)', (ticket,))) == 1
    assert Login(centre, 'dora').decide_fault(passage, hit, 'confirm') \
        == 'ANPR-HIT-LOOK'
    for verdict, cause in (('maybe', ''), ('reject', ''), ('reject', 'whim'),
                           ('confirm', 'stale'), (None, '')):
        assert dirk.decide_fault(passage, hit, verdict, cause) \
            == 'ANPR-HIT-VERDICT', (verdict, cause)
    undecided = dirk.decide(passage, hit, 'undecided')
    assert not undecided['actionable'] and hit in states(dirk)
    decided = dirk.decide(passage, hit, 'confirm')
    assert decided['actionable'] and decided['number'] == 2
    assert decided['considered'] > datetime.timedelta(0)
    assert hit not in states(dirk)
    assert Login(centre, 'anna').fault(
        "SELECT * FROM anpr.decide(%s, %s, 'confirm')", (passage, hit))
    told = Login(centre, 'anna').answer('hits', {'state': 'all'}, days(1), days(-1))
    assert [row['actionable'] for row in told if row['hit'] == hit] == [True]


def check_conflict_old_lists_and_missing_pictures_never_become_actionable(centre):
    dirk = Login(centre, 'dirk')
    for more, obstacle in ((dict(country='conflict'), 'country conflict'),
                           (dict(age=49 * 3600), 'stale list')):
        passage, hit = centre.hit('1OBS001', entry=obstacle, **more)
        dirk.look(passage, hit)
        decided = dirk.decide(passage, hit, 'confirm')
        assert not decided['actionable'] and decided['obstacle'] == obstacle
    passage, hit = centre.hit('1OBS002', pictures=0)
    assert dirk.look(passage, hit) == []
    assert dirk.decide_fault(passage, hit, 'confirm') == 'ANPR-HIT-LOOK'
    assert dirk.decide(passage, hit, 'undecided')['number'] == 1


def check_hits_wait_whatever_their_position_is_permitted_for(centre):
    dirk = Login(centre, 'dirk')
    passage, hit = centre.hit('1PRM001', position=6)
    centre.run("UPDATE anpr_data.permission SET purposes = '{B1}' WHERE position = 6")
    try:
        assert hit in states(dirk)
        assert len(dirk.look(passage, hit)) == 0, 'the list has another purpose'
    finally:
        centre.run("UPDATE anpr_data.permission SET purposes = '{J1,J2,J3,B1}' "
                   "WHERE position = 6")
    assert len(dirk.look(passage, hit)) == 1


def check_covert_hits_and_other_zones_are_not_there_for_who_is_not_cleared(centre):
    dirk = Login(centre, 'dirk')
    for more in (dict(covert=True), dict(position=7)):
        passage, hit = centre.hit('1CVT001', **more)
        assert hit not in states(dirk)
        assert dirk.fault('SELECT anpr.open_hit(%s, %s)', (passage, hit)) \
            == 'ANPR-HIT-UNKNOWN'
        assert dirk.decide_fault(passage, hit, 'confirm') == 'ANPR-HIT-UNKNOWN'


def check_a_suppression_takes_two_persons_and_ends(centre):
    dirk, dora = Login(centre, 'dirk'), Login(centre, 'dora')
    passage, hit = centre.hit('1SPR001', entry='S')
    dirk.look(passage, hit)
    decided = dirk.decide(passage, hit, 'reject', 'misread', suppress='2 hours')
    approve = 'SELECT anpr.approve_suppression(%s, true) AS until'
    number = (decided['suppression'],)
    again = centre.hit('1SPR001', entry='S')[1]
    assert again in states(dirk), 'a proposal suppresses nothing'
    for login in (dirk, Login(centre, 'dirk2')):
        assert login.fault(approve, number) == 'ANPR-HIT-SECOND'
    until = dora.rows(approve, number)[0]['until']
    assert dora.fault(approve, number) == 'ANPR-HIT-SECOND'
    assert again not in states(dirk)
    assert centre.hit('1SPR001', entry='S', position=2)[1] in states(dirk)
    assert centre.hit('1SPR001', entry='T')[1] in states(dirk)
    told = Login(centre, 'sam').rows('SELECT * FROM anpr.suppressions()')
    told = [row for row in told if row['number'] == number[0]]
    assert [(row['state'], row['proposed_by'], row['decided_by'])
            for row in told] == [('in force', 'dirk', 'dora')]
    centre.run("UPDATE anpr_data.suppression SET proposed_at = %s, valid_until = %s "
               "WHERE number = %s", (until - datetime.timedelta(hours=9),
                                     NOW - datetime.timedelta(hours=1), number))
    assert again in states(dirk)
    assert 'over' in {row['state'] for row in Login(centre, 'sam').rows(
        'SELECT * FROM anpr.suppressions()')}


def check_a_rejection_makes_a_notice_to_the_lists_contact(centre):
    dirk = Login(centre, 'dirk')
    passage, hit = centre.hit('1NTC001', listed='1NTG001')
    dirk.look(passage, hit)
    number = dirk.decide(passage, hit, 'reject', 'wrong vehicle',
                         note='it is a van')['notice']
    told = [row for row in dirk.rows('SELECT * FROM anpr.notices()')
            if row['number'] == number][0]
    assert told['contact'] == 'desk@example.org' and told['authority'] == 'Zone'
    assert told['notice']['listed'] == '1NTG001'
    assert told['notice']['cause'] == 'wrong vehicle'
    dirk.rows('SELECT anpr.notice_sent(%s)', (number,))
    assert dirk.fault('SELECT anpr.notice_sent(%s)', (number,)) \
        == 'ANPR-HIT-UNKNOWN'
    assert number not in {row['number'] for row in
                          dirk.rows('SELECT * FROM anpr.notices()')}


def check_a_list_that_is_mostly_wrong_goes_to_silent_review(centre):
    dirk, dora = Login(centre, 'dirk'), Login(centre, 'dora')
    for n in range(50):
        passage, hit = centre.hit('1BAD%03d' % n, name='poor')
        dirk.look(passage, hit)
        right = n in (3, 9)
        decided = dirk.decide(passage, hit, 'confirm' if right else 'reject',
                              '' if right else 'stale')
        assert decided['silent_review'] == (n == 49), n
    silent = centre.hit('1BAD999', name='poor')[1]
    assert silent not in states(dirk)
    assert silent in {row['hit'] for row in dirk.answer(
        'hits', {'silent': True, 'list': 'poor'}, days(1), days(-1))}
    told = [row for row in Login(centre, 'sam').rows(
        "SELECT * FROM anpr.precision(current_date - 1, current_date + 1)")
            if row['list'] == 'poor']
    assert [(row['confirmed'], row['rejected'], row['precision'], row['silent'])
            for row in told] == [(2, 48, 0.04, True)], told
    end = "SELECT anpr.end_review('poor', %s) AS state"
    assert dirk.fault(end, ('short',)) == 'ANPR-HIT-SECOND'
    reason = ('the authority has replaced the whole list',)
    assert dirk.rows(end, reason)[0]['state'] == 'proposed'
    for login in (dirk, Login(centre, 'dirk2')):
        assert login.fault(end, reason) == 'ANPR-HIT-SECOND'
    assert dora.rows(end, reason)[0]['state'] == 'ended'
    assert silent in states(dirk)


def check_floors_and_terms_are_changed_by_two_persons(centre):
    adam, ada = Login(centre, 'adam'), Login(centre, 'ada')
    changes = [{'kind': 'hit-setting', 'suppressed': '3 days',
                'precision_over': 60},
               {'kind': 'list-setting', 'list': 'strict',
                'contact': 'strict@example.org', 'precision_floor': 0.9}]
    proposal = adam.rows("SELECT anpr.propose(%s, 'after the yearly review') AS n",
                         (json.dumps(changes),))[0]['n']
    assert adam.fault('SELECT anpr.approve(%s)', (proposal,)) == 'ANPR-REGISTER'
    ada.rows('SELECT anpr.approve(%s)', (proposal,))
    for bad in ({'kind': 'hit-setting', 'precision_over': 10},
                {'kind': 'list-setting', 'list': 'x'},
                {'kind': 'list-setting', 'list': 'x', 'contact': 'abc',
                 'precision_floor': 2}):
        assert adam.fault("SELECT anpr.propose(%s, 'after the yearly review')",
                          (json.dumps([bad]),)) == 'ANPR-REGISTER', bad
    dirk = Login(centre, 'dirk')
    for n in range(60):
        passage, hit = centre.hit('1STR%03d' % n, name='strict')
        dirk.look(passage, hit)
        decided = dirk.decide(passage, hit, 'reject' if n < 7 else 'confirm',
                              'stale' if n < 7 else '')
        assert decided['silent_review'] == (n == 59), n
    until = centre.run("SELECT valid_until - proposed_at FROM anpr_data.suppression "
                       "WHERE list = 'strict' LIMIT 1")[0][0]
    assert abs(until - datetime.timedelta(days=3)) < datetime.timedelta(seconds=9)


# --- supervision ------------------------------------------------------------

def check_the_register_is_exported_without_plates_entries_and_persons(centre):
    text = json.dumps(Login(centre, 'sam').rows(
        'SELECT anpr.register_export() AS r')[0]['r'])
    told = json.loads(text)
    assert len(told['positions']) == 8
    assert told['positions'][0]['permissions'][0]['decision'] == '2026_GR_00724'
    assert told['positions'][0]['permissions'][0]['impact_assessment'] == 'DPIA 7'
    assert told['positions'][0]['retention']['J1']['passages'] == '1 year'
    for secret in ('1SPR001', 'E1', 'dirk', 'Dirk', 'anna', '1NTG001'):
        assert '"%s"' % secret not in text, secret


def check_misuse_is_in_the_days_report(centre):
    centre.cluster.make_login('mia', 'investigator')
    centre.run("INSERT INTO anpr_data.login VALUES ('mia', 'Mia', 1)")
    centre.run("INSERT INTO anpr_data.authorisation VALUES "
               "('mia', 1, '2040-01-01Z', false)")
    mia = Login(centre, 'mia')
    for n in range(4):
        mia.answer('plate', {'plate': '1EX-P4%d' % (n // 3)},
                   case='GE.2026/%d' % n, reason=REASON + ' again')
    mia.ask('plate', {'plate': '1EXP40'}, case='none')
    mia.ask('plate', {'plate': '1EXP40'}, reason='investigation')
    for n in range(50):
        mia.ask('plate', {'plate': '1MSS%03d' % n})
    sam = Login(centre, 'sam')
    told = [row for row in sam.rows(
        "SELECT * FROM anpr.anomalies((now() AT TIME ZONE 'Europe/Brussels')::date)")
            if row['login'] == 'mia']
    kinds = {row['kind'] for row in told}
    assert kinds == {'vague reason', 'repeated plate', 'mass search', 'no answer'}, \
        kinds
    plate = [row for row in told if row['kind'] == 'repeated plate'][0]
    assert plate['about']['plate'] == '1EXP40' and plate['n'] == 5
    assert plate['about']['without_case'] == 1
    assert [row['n'] for row in told if row['kind'] == 'mass search'] == [56]
    assert [row['n'] for row in told if row['kind'] == 'no answer'] == [50]
    dispatchers = [row for row in sam.rows(
        "SELECT * FROM anpr.anomalies((now() AT TIME ZONE 'Europe/Brussels')::date)")
                   if row['login'] in ('dirk', 'dora')]
    assert not dispatchers, dispatchers
    assert mia.fault("SELECT * FROM anpr.anomalies('today')")


# --- the command line -------------------------------------------------------

def check_the_command_tells_movements_in_each_format(centre):
    seen = days(6).replace(minute=30, second=5)
    centre.pass_by('1CMD001', 1, seen)
    centre.pass_by('1CMD001', 2, seen + datetime.timedelta(minutes=9))
    ask = ('plate', '1-CMD-001', '--from', iso(days(7)), '--format')
    table = anprctl(centre, 'anna', *WHY, *ask, 'table').splitlines()
    local = centre.run("SELECT to_char(%s AT TIME ZONE 'Europe/Brussels', "
                       "'YYYY-MM-DD HH24:MI:SS')", (seen,))[0][0]
    assert table[0].split()[:3] == ['TIME', 'POSITION', 'DIRECTION'], table
    assert table[1].startswith(local + '+') and len(table) == 3, table
    told = json.loads(anprctl(centre, 'anna', *WHY, *ask, 'json'))
    assert told['schema'] == 'anpr.search/1' and not told['cut']
    assert [row['seen'] for row in told['rows']][0] == iso(seen)
    rows = list(csv.DictReader(io.StringIO(anprctl(centre, 'anna', *WHY, *ask,
                                                   'csv'))))
    assert [row['position'] for row in rows] == ['G1', 'G2']
    assert rows[0]['seen'] == iso(seen)
    told = json.loads(anprctl(centre, 'anna', *WHY, *ask, 'geojson'))
    kinds = [one['geometry']['type'] for one in told['features']]
    assert kinds == ['Point', 'Point', 'LineString'], told
    assert told['features'][0]['geometry']['coordinates'] == [3.7, 51.1]


def check_the_command_refuses_times_that_the_clock_shows_twice_or_never(centre):
    for time, word in (('2026-10-25 02:30', 'twice'), ('2026-03-29 02:30', 'exist'),
                       ('2026-02-30', 'calendar'), ('yesterday', 'form'),
                       ('2026-01-01 10:00+1', 'offset'), ('2026-1-1', 'form')):
        said = anprctl(centre, 'anna', *WHY, 'plate', 'ABC', '--from', time,
                       status=2)
        assert word in said, (time, said)
    assert 'ANPR-ASK' in anprctl(centre, 'anna', *WHY, 'plate', 'AB', '--from',
                                 '2026-10-25 02:30+02:00', '--purpose', 'X',
                                 status=1)


def check_the_command_names_the_rule_of_a_refusal(centre):
    start = ('plate', '1CMD001', '--from', iso(days(2)))
    for arguments, code in (
            (start, 'ANPR-ASK-PURPOSE'), (start + WHY[:2], 'ANPR-ASK-CASE'),
            (start + WHY[:4], 'ANPR-ASK-REASON'),
            (WHY + ('plate', 'A', '--from', iso(days(90))), 'ANPR-ASK-PROSECUTOR'),
            (WHY + ('plate', '--', '-', '--from'), None),
            (WHY + start + ('--position', 'Z7'), 'ANPR-ASK-QUESTION')):
        if code:
            said = anprctl(centre, 'anna', *arguments, status=1)
            assert code in said, (arguments, said)
    assert 'ANPR-CENTRAL-LOGIN' in anprctl(centre, 'anna', 'anomalies', status=1)
    assert 'ANPR-CENTRAL-AWAY' in subprocess.run(
        ('anprctl', 'search', '-c', 'postgresql://x@/x?host=/nonexistent', 'hits'),
        stderr=subprocess.PIPE, text=True, timeout=LIMIT_S).stderr


def check_the_command_does_a_series_in_two_steps(centre):
    facts = []
    minute = datetime.timedelta(minutes=1)
    for n, position in ((11, 1), (13, 2)):
        seen = days(n).replace(hour=3, minute=0)
        centre.pass_by('1SRC001', position, seen + minute)
        facts += ['--fact', 'G%d@%s/%s' % (position, iso(seen),
                                           iso(seen + 5 * minute))]
    window = ('--from', iso(days(20)), '--to', iso(NOW))
    told = anprctl(centre, 'anna', *WHY, 'series', *facts, *window, '-f', 'json')
    assert json.loads(told)['rows'] == [{'plates': 1, 'commuters': 0}], told
    said = anprctl(centre, 'anna', *WHY, 'series', *facts, *window, '--show', '7',
                   status=1)
    assert 'ANPR-ASK-QUESTION' in said
    told = anprctl(centre, 'anna', *WHY, 'series', *facts, *window, '--show', '1',
                   '-f', 'csv')
    assert '1SRC001' in told


def check_a_dispatcher_works_with_the_command_alone(centre):
    passage, hit = centre.hit('1DSP001', entry='=1+1', listed='1DSP007')
    assert '--from' in anprctl(centre, 'dirk', 'hits', '--all', status=2)
    table = anprctl(centre, 'dirk', 'hits')
    assert '1DSP001' in table and passage in table
    rows = list(csv.DictReader(io.StringIO(anprctl(centre, 'dirk', 'hits', '-f',
                                                   'csv'))))
    row = [row for row in rows if row['hit'] == hit][0]
    assert row['entry'] == "'=1+1", row
    assert 'ANPR-HIT-LOOK' in anprctl(centre, 'dirk', 'decide', passage, hit,
                                      'confirm', status=1)
    with tempfile.TemporaryDirectory() as folder:
        pictures = anprctl(centre, 'dirk', 'open', passage, hit, '-o', folder)
        with open(pictures.strip(), 'rb') as file:
            assert file.read() == b'\xff\xd8jpeg'
    told = json.loads(anprctl(centre, 'dirk', 'decide', passage, hit, 'reject',
                              '--cause', 'misread', '-f', 'json'))['rows'][0]
    number = str(told['suppression'])
    assert 'ANPR-HIT-SECOND' in anprctl(centre, 'dirk', 'approve', number, status=1)
    anprctl(centre, 'dora', 'approve', number)
    assert 'in force' in anprctl(centre, 'sam', 'suppressions')
    assert '1DSP007' in anprctl(centre, 'dirk', 'notices')
    anprctl(centre, 'dirk', 'sent', str(told['notice']))
    assert 'stolen' in anprctl(centre, 'sam', 'precision')
    assert '2026_GR_00724' in anprctl(centre, 'sam', 'register')
    today = centre.run("SELECT (now() AT TIME ZONE 'Europe/Brussels')::date")[0][0]
    assert 'mass search' in anprctl(centre, 'sam', 'anomalies', str(today))


def plant_what_the_manual_shows(centre):
    for n, position, hour in ((14, 1, '01:20'), (11, 2, '03:40'), (6, 3, '01:20')):
        seen = centre.run(
            "SELECT ((now() AT TIME ZONE 'Europe/Brussels')::date - %s + %s::time) "
            "AT TIME ZONE 'Europe/Brussels'", (n, hour))[0][0]
        centre.pass_by('1DEM001', position, seen)
    passage = centre.pass_by('1DEM001', 1, days(2), direction='o')
    centre.picture(passage, days(2), 1)
    centre.hit('1DEM777')


def check_the_manuals_commands_run_as_they_stand(centre):
    plant_what_the_manual_shows(centre)
    with open(os.path.join(SOURCE, 'docs', 'search.md'), encoding='utf8') as file:
        sections = file.read().split('\n## ')
    logins = {'Investigators': 'anna', 'Dispatchers': 'dirk', 'Supervisors': 'sam'}
    n = 0
    with tempfile.TemporaryDirectory(prefix='anpr-search-docs-') as folder:
        for section in sections:
            login = logins.get(section.splitlines()[0])
            os.environ['ANPR_CENTRAL'] = centre.cluster.uri(login)
            os.environ['TZ'] = 'Europe/Brussels'
            for block in commands.markdown_blocks(section):
                assert login, section.splitlines()[0]
                fault = commands.run(block, folder)
                assert not fault, (block, fault)
                n += 1
        with open(os.path.join(folder, 'movements.geojson'),
                  encoding='utf8') as file:
            assert len(json.load(file)['features']) == 5
        assert len(os.listdir(os.path.join(folder, 'pictures'))) == 2
    assert n == 7, n


def main():
    reason = postgresql.missing()
    checks = [check for name, check in globals().items()
              if name.startswith('check_')]
    if reason:
        print('1..0 # SKIP %s' % reason)
        return 0
    failed = 0
    print('1..%d' % len(checks), flush=True)
    with postgresql.Cluster(durable=False) as cluster:
        centre = Centre(cluster)
        for number, check in enumerate(checks, 1):
            name = check.__name__[6:].replace('_', ' ')
            try:
                check(centre)
                print('ok %d - %s' % (number, name), flush=True)
            except Exception as error:  # the others go on
                failed += 1
                where = error.__traceback__
                while where.tb_next and where.tb_next.tb_frame.f_code.co_filename \
                        == __file__:
                    where = where.tb_next
                print('not ok %d - %s\n# line %d: %s' % (
                    number, name, where.tb_lineno, repr(error)[:1500]), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
