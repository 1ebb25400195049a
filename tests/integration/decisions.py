#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Decisions about hits that people made on the page of an appliance, on their way to
the central database: what anpr.ingest_decisions() takes, and that anprctl forward
brings each once, in order, whatever is cut or killed. Real PostgreSQL; the page's
file is written by the page's own code."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import psycopg2

import forwarding
import postgresql
from central import ingest, log, refused
from forwarding import LIMIT_S, Forward, fill, wait_until
from passagerecords import (Position, SECOND, hit, identifier, iso, now, still)
from searching import Login

JPEG = b'\xff\xd8\xff' + bytes(range(256))
DAY = 86400 * SECOND
NEWEST = '0020-'
SPOOL_POSITION = 'spooled'


class Place:
    """A centre with an appliance of two positions, and one of another; a folder for
    files of the appliance, a new one for each check"""

    def __init__(self, cluster, folder):
        self.cluster, self.top = cluster, folder
        cluster.make_central()
        for name, role in (('box', 'appliance'), ('other', 'appliance'),
                           ('dirk', 'dispatcher'), ('dora', 'dispatcher'),
                           ('jan', 'investigator'), ('sam', 'supervisor')):
            cluster.make_login(name, role)
        cluster.register(
            postgresql.controller(), postgresql.position(1, 'gate'),
            postgresql.position(2, 'quay'), postgresql.position(3, SPOOL_POSITION),
            *(postgresql.permission(name)
              for name in ('gate', 'quay', SPOOL_POSITION)),
            postgresql.appliance('box', 'gate', SPOOL_POSITION),
            postgresql.appliance('other', 'quay'), postgresql.person('dirk'),
            postgresql.person('dora'))
        self.gate, self.uri = Position('gate'), cluster.uri('box')
        self.folder = self.spool = self.decisions = None

    def begin(self, name):
        self.folder = os.path.join(self.top, name[:40])
        os.mkdir(self.folder)
        self.spool = os.path.join(self.folder, 'gate.spool')
        self.decisions = os.path.join(self.folder, 'decisions.sqlite')
        self.cluster.query('TRUNCATE anpr_data.position_chain, '
                           'anpr_data.delivered_range')
        self.gate = Position('gate')

    # At the centre

    def pass_by(self, deliver=True, images=True, **fields):
        """A passage with a hit, delivered or not; passage, hit and line"""
        one = hit(**dict(dict(id=identifier(now()), list='list'), **fields))
        line = self.gate.record(hits=[one],
                                images=[still(JPEG)] if images else [])
        passage = json.loads(line)['id']
        if deliver:
            self.deliver(line)
        return passage, one['id'], line

    def deliver(self, line):
        assert ingest(self.cluster, [line])[0][0] == 'kept'

    def bring(self, *lines, login='box'):
        """Outcomes and reasons"""
        return [row[1:] for row in self.cluster.query(
            'SELECT * FROM anpr.ingest_decisions(%s)', [list(lines)], login)]

    def last(self, hit_id):
        """The last decision on a hit"""
        names = ('verdict', 'cause', 'login', 'device', 'brought', 'considered_ms',
                 'number')
        row, = self.cluster.query(
            'SELECT verdict, cause, login, device, brought::text, considered_ms, '
            'number FROM anpr_data.decision WHERE hit = %s '
            'ORDER BY number DESC LIMIT 1', [hit_id])
        return dict(zip(names, row))

    # At the appliance

    def decide(self, passage, hit_id, verdict, reason='', user='anna', at=None,
               position=SPOOL_POSITION):
        """Records a decision as the page does; gives its id."""
        done = subprocess.run(
            [os.environ['ANPR_DECISION_FEED'], self.decisions], text=True,
            input='\t'.join((hit_id, passage, position, user, str(at or now()),
                             verdict, reason)) + '\n',
            stdout=subprocess.PIPE, check=True, timeout=LIMIT_S)
        return done.stdout.strip()

    def forward(self, *options, spool=True, uri=None):
        return Forward([self.spool] if spool else [], uri or self.uri,
                       '--decisions', self.decisions, *options)

    def answers(self):
        """Of the file: hit, what the centre said, and why"""
        return forwarding.ask_spool(
            self.decisions, 'SELECT hit, delivered, coalesce(refusal, \'\') '
            'FROM decision ORDER BY number')

    def wait_answered(self, forward):
        wait_until(lambda: all(state for _, state, _ in self.answers()),
                   'all answered: %r %r %r' % (self.answers(), forward.lines[-2:],
                                               forward.faults))

    def kept(self, *hits):
        """Decisions at the centre on these, in their order: hit, verdict, who"""
        return self.cluster.query(
            'SELECT hit::text, verdict, login FROM anpr_data.decision '
            'WHERE hit::text = ANY (%s) ORDER BY hit, number', [list(hits)])


def decision(passage, hit_id, verdict='confirmed', reason=None, **fields):
    """A line of anpr.decision/1"""
    return json.dumps(dict(dict(
        schema='anpr.decision/1', id=identifier(now()), hit=hit_id, passage=passage,
        position='gate', decision=verdict, reason=reason, seconds=4.25,
        user='anna', utc=iso(now())), **fields))


def spooled_hits(spool):
    """Passage and hit of each passage with one, in order"""
    found = []
    for text, in forwarding.ask_spool(
            spool, 'SELECT record FROM passage ORDER BY number'):
        record = json.loads(text)
        found += [(record['id'], one['id']) for one in record['hits']]
    return found


# --- what the centre takes ---------------------------------------------------

def waiting_hits(place):
    """What a dispatcher is shown, by hit"""
    dirk = Login(place, 'dirk')
    ticket = dirk.rows('SELECT anpr.attend() AS t')[0]['t']
    return {row['hit']: row for row in dirk.rows(
        'SELECT * FROM anpr.hits(%s)', (ticket,))}


def check_a_decision_of_the_page_counts_as_one_of_the_centre(place):
    passage, hit_id, _ = place.pass_by()
    assert hit_id in waiting_hits(place)
    assert place.bring(decision(passage, hit_id, 'undecided')) == [('kept', None)]
    assert waiting_hits(place)[hit_id]['decided_by'] == 'anna@box'
    line = decision(passage, hit_id)
    assert place.bring(line) == [('kept', None)]
    assert hit_id not in waiting_hits(place)
    told = place.last(hit_id)
    assert told == dict(verdict='confirm', cause='', login='anna@box', device='box',
                        brought=json.loads(line)['id'], considered_ms=4250,
                        number=2), told
    entry = log(place.cluster, 'login:box')[-1]
    assert entry[:3] == ('done', 'ingest_decisions', 'J1'), entry
    for name, value in (('by', 'anna@box'), ('device', 'box'), ('hit', hit_id),
                        ('passage', passage), ('verdict', 'confirm'),
                        ('decision', json.loads(line)['id'])):
        assert entry[5][name] == value, (name, entry)


def check_a_decision_that_is_brought_again_is_kept_once(place):
    passage, hit_id, _ = place.pass_by()
    line = decision(passage, hit_id)
    assert place.bring(line, line) == [('kept', None), ('already', None)]
    entries = len(log(place.cluster, 'login:box'))
    assert place.bring(line) == [('already', None)]
    assert len(log(place.cluster, 'login:box')) == entries
    other = json.dumps(dict(json.loads(line), user='eva'))
    assert place.bring(other) == [('refused', 'other content under this id')]
    assert place.kept(hit_id) == [(hit_id, 'confirm', 'anna@box')]


def check_a_decision_waits_for_its_passage_and_no_longer_than_its_term(place):
    passage, hit_id, line = place.pass_by(deliver=False)
    told = decision(passage, hit_id)
    assert place.bring(told) == [('waiting', 'its passage has not come yet')]
    place.deliver(line)
    assert place.bring(told, decision(passage, identifier(now()))) == [
        ('kept', None), ('refused', 'its passage has no such hit')]
    plain = place.gate.record()
    place.deliver(plain)
    assert place.bring(decision(json.loads(plain)['id'], hit_id)) == [
        ('refused', 'its passage has no such hit')]
    old = identifier(now() - 400 * DAY)
    assert place.bring(decision(old, hit_id)) == [
        ('refused', 'its passage is past its term')]


def check_the_last_decision_counts_and_all_stay(place):
    passage, hit_id, _ = place.pass_by()
    assert place.bring(decision(passage, hit_id, 'undecided', 'other'),
                       decision(passage, hit_id, 'confirmed'),
                       decision(passage, hit_id, 'rejected', 'other',
                                user='eva')) == [('kept', None)] * 3
    assert place.kept(hit_id) == [(hit_id, 'undecided', 'anna@box'),
                                  (hit_id, 'confirm', 'anna@box'),
                                  (hit_id, 'reject', 'eva@box')]
    assert place.last(hit_id)['cause'] == 'other'


def check_an_appliance_never_overrules_the_centre_and_the_centre_does(place):
    dirk = Login(place, 'dirk')
    passage, hit_id, _ = place.pass_by()
    dirk.look(passage, hit_id)
    dirk.decide(passage, hit_id, 'undecided')
    assert place.bring(decision(passage, hit_id)) == [('kept', None)]
    dirk.decide(passage, hit_id, 'reject', 'misread')
    late = decision(passage, hit_id)
    assert place.bring(late) == [('refused', 'the centre has decided already')]
    assert place.last(hit_id)['login'] == 'dirk'
    entry = log(place.cluster, 'login:box')[-1]
    assert entry[:2] == ('refused', 'ingest_decisions'), entry
    assert entry[5]['decisions'][0]['decision'] == json.loads(late)['id'], entry
    assert entry[5]['decisions'][0]['by'] == 'anna@box', entry


def check_an_appliance_speaks_for_its_positions_and_its_own_people_only(place):
    passage, hit_id, _ = place.pass_by()
    assert place.bring(decision(passage, hit_id), login='other') == [
        ('refused', 'no permission for this login')]
    # under the name of a position that it has: no word of what others have, and no
    # hold on it either
    connection = place.cluster.connect('other', autocommit=False)
    cursor = connection.cursor()
    cursor.execute('SELECT outcome FROM anpr.ingest_decisions(%s)',
                   [[decision(passage, hit_id, position='quay')]])
    assert cursor.fetchall() == [('waiting',)]
    assert place.bring(decision(passage, hit_id, 'undecided')) == [('kept', None)]
    connection.rollback()
    connection.close()
    assert place.bring(decision(passage, hit_id, position='nowhere')) == [
        ('refused', 'position unknown')]
    for user in ('Dirk', 'dirk@centre', '', 'a b', 'x' * 65, 7, None):
        outcome, reason = place.bring(decision(passage, hit_id, user=user))[0]
        assert outcome == 'refused' and reason.startswith('unreadable'), (user, reason)
    assert len(place.kept(hit_id)) == 1
    assert place.bring(decision(passage, hit_id, user='dirk')) == [('kept', None)]
    assert place.last(hit_id)['login'] == 'dirk@box', 'not the dispatcher dirk'


def check_only_appliances_may_bring_decisions_and_they_may_nothing_else(place):
    passage, hit_id, _ = place.pass_by()
    for login in ('dirk', 'jan', 'sam', 'admin-a'):
        assert refused(place.cluster, 'SELECT anpr.ingest_decisions(%s)',
                       [[decision(passage, hit_id)]], login) == '42501', login
    for call in ("anpr.decide('%s', '%s', 'confirm')" % (passage, hit_id),
                 "anpr.open_hit('%s', '%s')" % (passage, hit_id), 'anpr.attend()',
                 "anpr_data.take_decision(NULL)", "anpr_data.lock_hit('%s')" % hit_id):
        assert refused(place.cluster, 'SELECT ' + call, None, 'box') == '42501', call
    for table in ('decision', 'record', 'suppression'):
        assert refused(place.cluster, 'SELECT * FROM anpr_data.' + table, None,
                       'box') == '42501', table
    assert place.kept(hit_id) == []
    assert place.cluster.query('SELECT * FROM anpr_data.findings_of_grants()') == []
    assert place.cluster.query(
        'SELECT * FROM anpr_data.findings_of_functions()') == []


def check_a_rejection_makes_a_notice_and_a_proposal_for_a_second_person(place):
    passage, hit_id, _ = place.pass_by(entry='E77')
    assert place.bring(decision(passage, hit_id, 'rejected', 'misread')) == [
        ('kept', None)]
    (number, proposer), = place.cluster.query(
        'SELECT number, proposed_by FROM anpr_data.suppression WHERE hit = %s',
        [hit_id])
    assert proposer == 'anna@box'
    assert place.cluster.query('SELECT notice ->> \'cause\' FROM '
                               'anpr_data.correction_notice WHERE hit = %s',
                               [hit_id]) == [('misread',)]
    dirk, dora = Login(place, 'dirk'), Login(place, 'dora')
    approve = 'SELECT anpr.approve_suppression(%s, true)'
    # nobody knows whether anna is dirk
    assert dirk.fault(approve, (number,)) == 'ANPR-HIT-SECOND'
    place.cluster.register(dict(kind='login', name='anna@box', person='person dirk',
                                controller='Zone'))
    assert dirk.fault(approve, (number,)) == 'ANPR-HIT-SECOND'
    assert dora.fault(approve, (number,)) is None


def check_precision_counts_a_decision_once_on_the_day_it_was_made(place):
    yesterday = now() - DAY
    lines = []
    for n in range(4):
        passage, hit_id, _ = place.pass_by(list='counted')
        verdict = ('rejected', 'stale') if n == 3 else ('confirmed', None)
        lines.append(decision(passage, hit_id, *verdict, utc=iso(yesterday)))
    # one is corrected, one is of a day to come
    lines.append(decision(passage, hit_id, 'rejected', 'misread',
                          utc=iso(yesterday)))
    passage, hit_id, _ = place.pass_by(list='counted')
    lines.append(decision(passage, hit_id, utc=iso(now() + 40 * DAY)))
    assert place.bring(*lines) == [('kept', None)] * 6
    assert place.bring(*lines) == [('already', None)] * 6
    told = [(row['day'].isoformat(), row['confirmed'], row['rejected'],
             row['median_seconds']) for row in Login(place, 'sam').rows(
        'SELECT * FROM anpr.precision(current_date - 2, current_date + 1)')
            if row['list'] == 'counted']
    days = place.cluster.query(
        "SELECT to_char((now() - n * interval '1 day') AT TIME ZONE "
        "'Europe/Brussels', 'YYYY-MM-DD') FROM generate_series(1, 0, -1) AS n")
    assert told == [(days[0][0], 3, 1, 4.25), (days[1][0], 1, 0, 4.25)], told


def check_a_list_whose_hits_are_rejected_on_the_page_goes_to_silent_review(place):
    lines = []
    for _ in range(50):
        passage, hit_id, _ = place.pass_by(list='poor')
        lines.append(decision(passage, hit_id, 'rejected', 'stale'))
    silent = 'SELECT list FROM anpr_data.silent_review WHERE list = \'poor\''
    assert place.bring(*lines[:49]) == [('kept', None)] * 49
    assert place.cluster.query(silent) == []
    place.bring(lines[49])
    assert place.cluster.query(silent) == [('poor',)]


def check_what_has_no_picture_is_not_confirmed(place):
    passage, hit_id, _ = place.pass_by(images=False)
    assert place.bring(decision(passage, hit_id)) == [
        ('refused', 'there is no picture to confirm this hit on')]
    assert place.bring(decision(passage, hit_id, 'rejected', 'other')) == [
        ('kept', None)]


def check_hostile_decisions_fail_alone(place):
    passage, hit_id, _ = place.pass_by()
    good = json.loads(decision(passage, hit_id))
    hostile = [None, '', '{', 'null', '[]', '"x"', '{}', 'x' * 9000, '[' * 5000]
    values = [None, '', 'x' * 5000, -1, 1e308, 10 ** 30, [], {}, True,
              "'); DROP TABLE anpr_data.decision; --", '\u202e', 'infinity',
              '2026-02-31T00:00:00.000000Z', '\x00']
    for name in good:
        hostile += [json.dumps(dict(good, **{name: value})) for value in values
                    if (name, value) not in (('reason', None), ('reason', ''),
                                             ('user', 'infinity'))]
    hostile += [json.dumps(dict(good, decision='rejected')),
                json.dumps(dict(good, reason='misread'))]
    told = place.bring(*hostile, json.dumps(good))
    assert told[-1] == ('kept', None), told[-1]
    assert {outcome for outcome, _ in told[:-1]} == {'refused'}, [
        (text, one) for text, one in zip(hostile, told) if one[0] != 'refused']
    assert len(place.kept(hit_id)) == 1
    try:
        place.bring(*[json.dumps(good)] * 1001)
        raise AssertionError('more than 1000 at once')
    except psycopg2.Error as error:
        assert error.pgcode == '22023', error
    assert place.cluster.query('SELECT * FROM anpr.verify_log()') == []


# --- how they come there -----------------------------------------------------

def check_decisions_come_after_their_passages_and_once(place):
    fill(place.spool, 20, '--hit-every', '4', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    hits = spooled_hits(place.spool)
    for passage, hit_id in hits:
        place.decide(passage, hit_id, 'undecided')
        place.decide(passage, hit_id, 'rejected', 'wrong vehicle', user='eva')
    with place.forward('--once') as forward:
        assert forward.end() == 0, forward.faults
    line = [one for one in forward.lines if 'decisions' in one][-1]
    assert (line['delivered'], line['waiting'], line['set_apart']) == (10, 0, 0), line
    assert [row[1:] for row in place.kept(*(one for _, one in hits))] == [
        ('undecided', 'anna@box'), ('reject', 'eva@box')] * 5
    with place.forward('--once') as forward:
        assert forward.end() == 0
    assert [one for one in forward.lines if 'decisions' in one][-1]['delivered'] == 0
    # a running one takes up what is decided meanwhile
    with place.forward() as forward:
        forward.wait_line('runs', state='delivering')
        passage, hit_id = hits[0]
        place.decide(passage, hit_id, 'confirmed')
        place.wait_answered(forward)
    assert place.last(hit_id)['verdict'] == 'confirm'


def check_one_that_waits_holds_up_no_other_hit_and_keeps_its_order(place):
    fill(place.spool, 2, '--hit-every', '1', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    (passage, hit_id), (second, second_hit) = spooled_hits(place.spool)
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0
    later, later_hit, record = place.pass_by(deliver=False)
    place.decide(later, later_hit, 'undecided', position='gate')
    place.decide(later, later_hit, 'confirmed', position='gate')
    place.decide(passage, hit_id, 'confirmed')
    with place.forward(spool=False) as forward:
        wait_until(lambda: place.answers()[2][1] == 1, 'the other hit')
        assert [state for _, state, _ in place.answers()] == [0, 0, 1]
        place.decide(second, second_hit, 'rejected', 'misread')
        wait_until(lambda: place.answers()[3][1] == 1, 'a new one')
        place.deliver(record)
        place.wait_answered(forward)
    assert [row[1] for row in place.kept(later_hit)] == ['undecided', 'confirm']


def check_a_forwarder_that_is_killed_brings_each_decision_once(place):
    fill(place.spool, 3, '--hit-every', '1', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    hits = spooled_hits(place.spool)
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0
    for passage, hit_id in hits:
        place.decide(passage, hit_id, 'confirmed')
    holder = place.cluster.connect(autocommit=False)
    holder.cursor().execute('SELECT anpr_data.lock_hit(%s)', [hits[-1][1]])
    try:
        with place.forward(spool=False) as forward:
            wait_until(lambda: place.cluster.query(
                "SELECT 1 FROM pg_stat_activity WHERE usename = 'box' "
                "AND wait_event_type = 'Lock'"), 'the call is under way')
            forward.kill()
    finally:
        holder.rollback()
        holder.close()
    # the centre commits what nobody waits for any more
    ids = [one for _, one in hits]
    wait_until(lambda: len(place.kept(*ids)) == 3, 'committed')
    assert [state for _, state, _ in place.answers()] == [0, 0, 0]
    with place.forward('--once', spool=False) as forward:
        assert forward.end() == 0, forward.faults
    assert forward.lines[-1]['already'] == 3, forward.lines[-1]
    assert len(place.kept(*ids)) == 3
    assert [state for _, state, _ in place.answers()] == [1, 1, 1]


def check_a_centre_that_is_away_is_waited_for(place):
    fill(place.spool, 1, '--hit-every', '1', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    (passage, hit_id), = spooled_hits(place.spool)
    place.decide(passage, hit_id, 'rejected', 'stale')
    place.cluster.kill()
    try:
        with place.forward() as forward:
            forward.wait_line('waits', decisions=place.decisions, state='waiting',
                              reason='ANPR-CENTRAL-AWAY')
            place.cluster.start()
            place.wait_answered(forward)
    finally:
        if place.cluster.process.poll() is not None:
            place.cluster.start()
    assert place.kept(hit_id) == [(hit_id, 'reject', 'anna@box')]


def check_what_the_centre_refuses_is_set_apart_and_said(place):
    passage, hit_id, _ = place.pass_by()
    place.decide(passage, hit_id, 'confirmed', position='unknown')
    with place.forward('--once', spool=False) as forward:
        assert forward.end() == 1
    assert any('ANPR-CENTRAL-REFUSED' in fault and 'position unknown' in fault
               for fault in forward.faults), forward.faults
    assert place.answers() == [(hit_id, 2, 'position unknown')]
    done = subprocess.run(
        ['anprctl', 'forward', '--status', '--decisions', place.decisions],
        text=True, stdout=subprocess.PIPE, check=True, timeout=LIMIT_S)
    told = json.loads(done.stdout)
    assert (told['waiting'], told['set_apart']) == (0, 1), told
    place.cluster.register(postgresql.position(9, 'unknown'),
                           postgresql.permission('unknown'),
                           postgresql.appliance('box', 'gate', SPOOL_POSITION,
                                                'unknown'))
    place.cluster.query('UPDATE anpr_data.hit SET position = 9 WHERE id = %s',
                        [hit_id])
    with place.forward('--once', '--retry-refused', spool=False) as forward:
        assert forward.end() == 0, forward.faults
    assert place.kept(hit_id) == [(hit_id, 'confirm', 'anna@box')]


CONFIGURATION = """[appliance]
device=box
state=state
run=run
[page]
enabled=false
[forward]
central=%s
"""


def check_an_appliance_brings_the_decisions_of_its_page(place):
    state = os.path.join(place.folder, 'state')
    os.mkdir(state, mode=0o700)
    place.decisions = os.path.join(state, 'decisions.sqlite')
    place.spool = os.path.join(state, SPOOL_POSITION + '.spool')
    fill(place.spool, 1, '--hit-every', '1', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    (passage, hit_id), = spooled_hits(place.spool)
    place.decide(passage, hit_id, 'confirmed')
    path = os.path.join(place.folder, 'anprd.conf')
    with open(path, 'w', encoding='utf8') as file:
        file.write(CONFIGURATION % place.uri)
    daemon = subprocess.Popen(['anprd', '--config', path], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: place.answers() == [(hit_id, 1, '')], 'acknowledged')
        told = wait_until(lambda: status_of(path).get('decisions'), 'told')
        assert told['decisions'] == place.decisions, told
    finally:
        daemon.terminate()
        daemon.wait(LIMIT_S)
    assert place.kept(hit_id) == [(hit_id, 'confirm', 'anna@box')]


def status_of(configuration):
    done = subprocess.run(
        ['anprctl', 'status', '--json', '--config', configuration], text=True,
        stdout=subprocess.PIPE, check=False, timeout=LIMIT_S)
    return json.loads(done.stdout) if done.returncode == 0 else {}


# --- an older centre: a database of its own, the last one --------------------

def check_a_centre_without_the_function_is_told_of_and_waited_for(place):
    older = os.path.join(place.folder, 'migrations')
    shutil.copytree(postgresql.MIGRATIONS, older, ignore=lambda _, names: [
        name for name in names if name.startswith(NEWEST)])
    place.cluster.query('ALTER DATABASE anpr RENAME TO newer', database='postgres')
    place.cluster.make_central(older)
    place.cluster.register(
        postgresql.controller(), postgresql.position(3, SPOOL_POSITION),
        postgresql.permission(SPOOL_POSITION),
        postgresql.appliance('box', SPOOL_POSITION))
    fill(place.spool, 1, '--hit-every', '1', '--plate-bytes', '500',
         '--position', SPOOL_POSITION)
    (passage, hit_id), = spooled_hits(place.spool)
    place.decide(passage, hit_id, 'confirmed')
    with place.forward() as forward:
        forward.wait_line('waits', decisions=place.decisions, state='waiting',
                          reason='ANPR-CENTRAL-SCHEMA')
        forward.wait_delivered(place.spool)
        assert any('ANPR-CENTRAL-SCHEMA' in fault and 'migrate' in fault
                   for fault in forward.faults), forward.faults
        place.cluster.central('migrate')
        place.wait_answered(forward)
    assert place.kept(hit_id) == [(hit_id, 'confirm', 'anna@box')]


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    checks = forwarding.checks_of(sys.modules[__name__])
    with tempfile.TemporaryDirectory(prefix='anpr-decisions-') as folder, \
            postgresql.Cluster(durable=False) as cluster:
        return forwarding.run_checks(checks, Place(cluster, folder))


if __name__ == '__main__':
    sys.exit(main())
