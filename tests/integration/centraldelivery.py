#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the central database keeps of what is delivered, and how its register is
changed. All checks share a real cluster."""
import json
import sys
import threading

import psycopg2

import passagerecords
import postgresql
from central import DAY, JPEG, ingest, log, refused, rows, run, set_up
from passagerecords import SECOND, Position, hit, now, sealed, still


def check_what_is_delivered_is_kept_once(cluster):
    gate = Position()
    lines = [gate.record(text='1TWO22%d' % i) for i in range(5)]
    before = rows(cluster, 'passage')
    assert ingest(cluster, lines[3:]) == [('kept', None)] * 2
    assert cluster.query("SELECT missing_from, missing_to FROM anpr.gaps() "
                         "WHERE position = 'gate'", login='sup') == [(1, 3)]
    assert ingest(cluster, lines) == [('kept', None)] * 3 + [('already', None)] * 2
    assert ingest(cluster, lines + lines) == [('already', None)] * 10
    assert rows(cluster, 'passage') == before + 5
    assert cluster.query("SELECT first, last FROM anpr_data.delivered_range "
                         "WHERE position = 1") == [(1, 5)]
    assert cluster.query('SELECT count(*) FROM anpr.gaps()', login='sup')[0][0] == \
        cluster.query("SELECT count(*) FROM anpr.gaps() WHERE position <> 'gate'",
                      login='sup')[0][0]
    # the same id with other content, the same number of a new spool
    fields = json.loads(lines[4])
    assert ingest(cluster, [sealed(dict(fields, lane='2'))[0]]) == [
        ('refused', 'other content under this id')]
    other = Position()
    assert ingest(cluster, [other.record(text='1NEW111')]) == [('kept', None)]
    assert cluster.query('SELECT generation FROM anpr_data.position_chain '
                         'WHERE position = 1') == [(2,)]


def check_the_same_batches_at_once_are_kept_once(cluster):
    positions = [Position('dock'), Position('lock')]
    batches = []
    for number, one in enumerate(positions):
        one.sequence, one.hash = 20000, str(number) * 64
    for _ in range(5):
        mixed = [one.record(text='1SAME11') for one in positions for _ in range(10)]
        batches.append(mixed)
    outcomes, faults = [], []

    def deliver(order):
        try:
            for batch in batches:
                outcomes.extend(ingest(cluster, order(batch)))
        except psycopg2.Error as error:
            faults.append(error)
    threads = [threading.Thread(target=deliver, args=[order]) for order in
               (list, lambda batch: batch[::-1], lambda batch: batch[10:] + batch[:10])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert not faults, faults
    assert sorted(outcomes) == [('already', None)] * 200 + [('kept', None)] * 100
    assert cluster.query("SELECT count(*), count(DISTINCT id) FROM anpr_data.passage "
                         "WHERE plate = '1SAME11'") == [(100, 100)]
    assert cluster.query('SELECT count(*) FROM anpr_data.delivered_range '
                         'WHERE first = 20001 AND last = 20050') == [(2,)]


def check_an_id_is_known_again_on_another_day(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 100, 'b' * 64
    fields = dock.fields(now() - 3600 * SECOND)
    assert ingest(cluster, [sealed(fields)[0]]) == [('kept', None)]
    for days in (-1, -2, -40):
        at = now() + days * DAY
        again = dict(dock.fields(at), id=fields['id'], sequence=300 - days)
        assert ingest(cluster, [sealed(again)[0]]) == [
            ('refused', 'other content under this id')], days
    # a film of last month, and its id found again
    old = dict(dock.fields(now() - 35 * DAY), id=passagerecords.identifier(now()),
               sequence=500)
    assert ingest(cluster, [sealed(old)[0]]) == [('kept', None)]
    assert ingest(cluster, [sealed(old)[0]]) == [('already', None)]
    new = dict(dock.fields(now()), id=old['id'], sequence=501)
    assert ingest(cluster, [sealed(new)[0]]) == [
        ('refused', 'other content under this id')]


def check_hostile_records_fail_alone(cluster):
    lock = Position('lock')
    lock.sequence, lock.hash = 900, 'c' * 64
    good = lock.fields()
    text = json.dumps(good)
    hostile = [None, '', '{', 'null', '[]', '"x"', '{}', text, text[:-1], 'x' * 2000000,
               '[' * 100000, '{"a":' * 5000, '\ud7ff', '{"hash":"' + 'a' * 64 + '"}',
               sealed(good)[0].replace('1ABC123', '1ABC124'),
               sealed(good)[0].replace('"hash":"', '"hash":"f', 1),
               sealed(dict(good, plates=[dict(plate_fields(), text='\\u0000')]))[0],
               sealed(good)[0].replace('"lane":null', '"lane":"\\u0000"')]
    values = [None, '', 'x' * 5000, -1, 0, 1.5, 1e308, 10 ** 30, [], {}, [[]], True,
              "'); DROP TABLE anpr_data.passage; --", '\u202e\U0001f697', 'infinity',
              '2026-02-31T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z',
              '0001-01-01T00:00:00.000000Z']
    for name in ('schema', 'id', 'position', 'sequence', 'best_seen', 'first_seen',
                 'last_seen', 'plates', 'hits', 'compared', 'images',
                 'previous_hash', 'lane', 'clock', 'direction'):
        hostile += [sealed(dict(good, **{name: value}))[0] for value in values]
    for name in ('state', 'text', 'confidence', 'candidates', 'countries'):
        hostile += [sealed(dict(good, plates=[dict(plate_fields(), **{name: value})]))[0]
                    for value in values]
    for name in ('id', 'list', 'priority', 'purpose', 'grade', 'country_grade',
                 'list_age_s', 'covert', 'entry', 'plate'):
        hostile += [sealed(dict(good, hits=[hit(**{name: value})]))[0]
                    for value in values]
    before = rows(cluster, 'passage')
    marker = Position('lock')
    marker.sequence, marker.hash = 2000, 'd' * 64
    outcomes = ingest(cluster, hostile + [marker.record(text='1MARK11')])
    assert len(outcomes) == len(hostile) + 1
    assert outcomes[-1] == ('kept', None), outcomes[-1]
    assert all(outcome == 'refused' and reason for outcome, reason in outcomes[:20])
    kept = sum(outcome == 'kept' for outcome, _ in outcomes)
    assert rows(cluster, 'passage') == before + kept
    # of what shares one id, one at most was kept, and it is sound
    assert kept <= 3, kept
    assert cluster.query(
        "SELECT count(*) FROM anpr_data.passage WHERE plate !~ '^[0-9A-ZÄÖÜ]{1,32}$' "
        "OR confidence NOT BETWEEN 0 AND 10000 OR sequence < 1 "
        "OR first_offset > 0 OR last_offset < 0 "
        "OR seen > now() + interval '1 hour'") == [(0,)]
    assert cluster.query("SELECT count(*) FROM anpr_data.hit WHERE list = ''") == [(0,)]


def plate_fields():
    return passagerecords.plate_fields('1ABC123')


def check_only_permitted_positions_and_times_are_taken(cluster):
    cluster.make_login('box2', 'appliance')
    first, end = (now() - days * DAY for days in (20, 10))
    cluster.register(
        postgresql.position(4, 'short'),
        postgresql.permission('short', passagerecords.iso(first),
                              passagerecords.iso(end)),
        postgresql.appliance('box2', 'short'))
    short = Position('short')
    assert ingest(cluster, [short.record()], login='box') == [
        ('refused', 'no permission for this login')]
    assert log(cluster, 'login:box')[-1][0] == 'refused'
    for seen, outcome in ((first - 1, 'refused'), (first, 'kept'), (end - 1, 'kept'),
                          (end, 'refused')):
        assert ingest(cluster, [short.record(seen)],
                      login='box2')[0][0] == outcome, seen
    dock = Position('dock')
    dock.sequence, dock.hash = 3000, 'e' * 64
    assert ingest(cluster, [dock.record(now() + DAY), dock.record(now() - 400 * DAY)]) \
        == [('refused', 'seen in the future'), ('refused', 'past its term')]
    assert ingest(cluster, [Position('nowhere').record()]) == [
        ('refused', 'position unknown')]
    # revoked
    cluster.register(postgresql.appliance('box2'))
    assert ingest(cluster, [short.record(end - DAY)], login='box2') == [
        ('refused', 'no permission for this login')]


def check_hits_come_whole_and_late_ones_are_marked(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 4000, 'f' * 64
    lines = [dock.record(now(), hits=[hit(), hit(entry='E2', covert=True)]),
             dock.record(now() - 3600 * SECOND, hits=[hit(entry='E3')]),
             dock.record(now(), hits=[hit(entry='E4', late=True)]), dock.record()]
    assert ingest(cluster, lines) == [('kept', None)] * 4
    found = cluster.query(
        "SELECT h.entry, h.late, h.covert, r.record FROM anpr_data.hit h JOIN "
        "anpr_data.record r USING (passage) WHERE h.position = 2 ORDER BY 1")
    assert [row[:3] for row in found] == [
        ('E1', False, False), ('E2', False, True), ('E3', True, False),
        ('E4', True, False)], found
    assert {row[3] for row in found} == set(lines[:3])


def check_stills_are_kept_if_the_record_tells_of_them(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 5000, '1' * 64
    fields = dock.fields(images=[still(JPEG), still(JPEG + b'2', 'vehicle')])
    other = JPEG + b'changed'
    line = sealed(fields)[0]
    outcome, = ingest(cluster, [line], [(fields['id'], 'plate', other)])
    assert outcome[0] == 'kept' and 'still' in outcome[1], outcome
    good = [(fields['id'], 'plate', JPEG), (fields['id'], 'vehicle', JPEG + b'2')]
    assert ingest(cluster, [line], good) == [('already', None)]
    assert ingest(cluster, [line], good) == [('already', None)]
    stranger = passagerecords.identifier(now())
    assert ingest(cluster, [line], [(stranger, 'plate', JPEG)]) == [('already', None)]
    assert [bytes(row[0]) for row in cluster.query(
        'SELECT jpeg FROM anpr_data.still WHERE passage = %s ORDER BY kind',
        [fields['id']])] == [JPEG, JPEG + b'2']
    assert refused(cluster, "SELECT * FROM anpr.ingest('{}', %s::uuid[], '{}', '{}')",
                   [[stranger]], 'box') == '22023'


def check_broken_links_are_kept_and_told(cluster):
    dock = Position('dock')
    dock.sequence, dock.hash = 6000, '2' * 64
    first = dock.record()
    dock.hash = '3' * 64
    assert ingest(cluster, [first, dock.record()]) == [('kept', None)] * 2
    faults, = cluster.query('SELECT pending_faults FROM anpr_data.position_chain '
                            'WHERE position = 2')[0]
    assert 6002 in faults, faults


# Schema and register

def check_changes_of_the_register_need_two_persons(cluster):
    change = json.dumps([dict(kind='retention', position='gate', purpose=None,
                              passages='10 days', stills='5 days')])
    number, = cluster.query('SELECT anpr.propose(%s, %s)',
                            [change, 'shorter on demand of the DPO'], 'adm')[0]
    assert refused(cluster, 'SELECT anpr.approve(%s)', [number], 'adm') == '42501'
    # two logins of one person are one person
    cluster.make_login('adm2', 'admin')
    people = [dict(postgresql.person(name), person='Ann') for name in ('adm', 'adm2')]
    cluster.register(*people)
    assert refused(cluster, 'SELECT anpr.approve(%s)', [number], 'adm2') == '42501'
    assert rows(cluster, 'retention') == 0
    cluster.query('SELECT anpr.reject(%s)', [number], 'adm2')
    assert refused(cluster, 'SELECT anpr.approve(%s)', [number], 'admin-a') == '22023'
    for bad in (dict(passages='13 months', stills='1 day'),
                dict(passages='366 days', stills='1 day'),
                dict(passages='1 year 1 day', stills='1 day'),
                dict(passages='0 days', stills='1 day'),
                dict(passages='-1 days', stills='1 day'),
                dict(passages='1 month', stills='1 hour'),
                dict(passages='infinity', stills='1 day')):
        assert refused(cluster, 'SELECT anpr.propose(%s, %s)', [json.dumps(
            [dict(dict(kind='retention', position='gate', purpose=None), **bad)]),
            'longer than the law allows'], 'adm') == '22023', bad
    assert refused(cluster, 'SELECT anpr.propose(%s, %s)', [json.dumps(
        [dict(kind='setting', log='11 months')]), 'shorter logs'], 'adm') == '22023'
    for purposes in (['J9'], [], 'J1', ["J1'; --"]):
        assert refused(cluster, 'SELECT anpr.propose(%s, %s)', [json.dumps(
            [dict(postgresql.permission('gate'), purposes=purposes)]),
            'a purpose that is none'], 'adm') == '22023', purposes


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
