#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""anprctl forward and anprsink's forward= with a real central database, and what
can go wrong between them."""
import base64
import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

import forwarding
import postgresql
from forwarding import (DELIVERED, LOGIN, REFUSED, WAITING, Forward,
                        ask_spool, count_states, fill, passages, spooled,
                        wait_until)

POSITIONS = ('gate', 'gate-1', 'gate-2')


class Place:
    """The centre, and a spool of its own for each check"""

    def __init__(self, cluster, folder):
        self.cluster, self.folder = cluster, folder
        self.uri = cluster.uri(LOGIN)
        self.spool = None

    def begin(self, name):
        self.cluster.query('TRUNCATE anpr_data.passage, anpr_data.still,'
                           ' anpr_data.record, anpr_data.hit, anpr_data.stray,'
                           ' anpr_data.position_chain,'
                           ' anpr_data.delivered_range')
        self.spool = os.path.join(self.folder, name[:40] + '.spool')

    @contextlib.contextmanager
    def held(self, position='gate'):
        """While it lasts the centre answers nothing about a position: a batch is
        on its way, its outcome open."""
        self.cluster.query(
            'INSERT INTO anpr_data.position_chain (position) SELECT number'
            ' FROM anpr_data.position WHERE name = %s ON CONFLICT DO NOTHING',
            (position,))
        holder = self.cluster.connect(autocommit=False)
        with holder.cursor() as cursor:
            cursor.execute('SELECT FROM anpr_data.position_chain FOR UPDATE')
        try:
            yield
        finally:
            holder.close()

    def wait_held(self):
        wait_until(lambda: self.cluster.query(
            "SELECT 1 FROM pg_stat_activity WHERE usename = %s"
            " AND wait_event_type = 'Lock'", (LOGIN,)), 'a batch is held')

    def assert_all_there(self):
        """Nothing lost, nothing doubled, nothing changed."""
        assert sorted(passages(self.cluster)) == sorted(spooled(self.spool))
        assert count_states(self.spool, WAITING) == 0
        assert self.cluster.query(
            'SELECT coalesce(sum(link_faults), 0) FROM anpr_data.position_chain'
        ) == [(0,)]


# --- the way ---------------------------------------------------------------

def check_hits_come_first_then_each_position_in_its_order(place):
    fill(place.spool, 600, '--positions', '2', '--hit-every', '50')
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0, forward.faults
    place.assert_all_there()
    hits = {identifier for identifier, in ask_spool(
        place.spool, 'SELECT id FROM passage WHERE hits > 0')}
    came = passages(place.cluster)
    assert {one[2] for one in came[:len(hits)]} == hits
    for position in POSITIONS[1:]:
        numbers = [one[1] for one in came[len(hits):] if one[0] == position]
        assert numbers and numbers == sorted(numbers)
    last = forward.lines[-1]
    assert (last['delivered'], last['waiting'], last['state']) == (600, 0, 'off')


def check_a_hit_overtakes_a_backlog_that_is_being_sent(place):
    fill(place.spool, 200)
    with Forward(place.spool, place.uri) as forward:
        with place.held():
            place.wait_held()
            fill(place.spool, 1, '--hit-every', '1', '--position', 'gate-1')
        forward.wait_delivered(place.spool)
    place.assert_all_there()
    came = [one[0] for one in passages(place.cluster)]
    # right behind the batch that was on its way
    assert 0 < came.index('gate-1') <= 16, came.index('gate-1')


def check_stills_come_with_their_passages(place):
    fill(place.spool, 20, '--plate-bytes', '3000', '--vehicle-bytes', '90000')
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0, forward.faults
    kept = place.cluster.query(
        "SELECT kind, count(*), min(length(jpeg)), min(encode(sha256(jpeg),"
        " 'hex')) FROM anpr_data.still GROUP BY kind ORDER BY kind")
    assert [row[:3] for row in kept] == [('plate', 20, 3000),
                                         ('vehicle', 20, 90000)], kept
    record, = ask_spool(place.spool, 'SELECT record FROM passage LIMIT 1')[0]
    assert kept[0][3] in record and kept[1][3] in record


def check_an_encrypted_spool_needs_its_key(place):
    key = os.path.join(place.folder, 'key')
    with open(key, 'wb', opener=lambda path, flags: os.open(
            path, flags, 0o600)) as file:
        file.write(b'gst-anpr-spool-key-1 '
                   + base64.b64encode(bytes(range(32))) + b'\n')
    fill(place.spool, 20, '--key', key, '--hit-every', '5', '--plate-bytes',
         '2000')
    with Forward(place.spool, place.uri) as forward:
        forward.wait_waiting('ANPR-SPOOL-KEY')
    with Forward(place.spool, place.uri, '--once', '--key', key) as forward:
        assert forward.end() == 0, forward.faults
    place.assert_all_there()
    assert place.cluster.query('SELECT count(*) FROM anpr_data.still') == [(20,)]


def check_what_was_sent_before_is_known_by_its_id(place):
    fill(place.spool, 50)
    copy = place.spool + '-copy'
    shutil.copy(place.spool, copy)
    for spool, counted in ((place.spool, 'delivered'), (copy, 'already')):
        with Forward(spool, place.uri, '--once') as forward:
            assert forward.end() == 0, forward.faults
            assert forward.lines[-1][counted] == 50
    place.assert_all_there()


def check_one_process_serves_several_spools_one_of_them_broken(place):
    fill(place.spool, 30)
    broken = place.spool + '-broken'
    with open(broken, 'wb') as file:
        file.write(b'no spool' * 1000)
    with Forward([broken, place.spool + '-none', place.spool],
                 place.uri) as forward:
        forward.wait_delivered(place.spool)
        forward.wait_waiting('ANPR-SPOOL-SCHEMA')
        forward.wait_waiting('ANPR-SPOOL-OPEN')
        # who keeps comes later
        fill(place.spool + '-none', 10, '--position', 'gate-1')
        wait_until(lambda: count_states(place.spool + '-none', DELIVERED) == 10,
                   'the late spool')
        assert forward.stop() == 0


def check_the_element_forwards_what_it_keeps(place):
    done = subprocess.run(
        [os.environ['ANPR_SINK_FEED'], place.spool, '100', '60', '10',
         'forward=' + place.uri], text=True, stdout=subprocess.PIPE,
        timeout=forwarding.LIMIT_S, check=True)
    assert done.stdout.count('kept ') == 60
    assert 'forward delivering \n' in done.stdout, done.stdout
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0
        assert forward.lines[-1]['delivered'] < 60, 'the element did nothing'
    place.assert_all_there()


def check_end_of_stream_and_stop_do_not_wait_for_a_silent_centre(place):
    with socket.create_server(('127.0.0.1', 0)) as silent:
        address = 'postgresql://a@127.0.0.1:%d/anpr?sslmode=disable' % (
            silent.getsockname()[1])
        done = subprocess.run(
            [os.environ['ANPR_SINK_FEED'], place.spool, '1000', '20', '0',
             'forward=' + address], text=True, stdout=subprocess.PIPE,
            timeout=forwarding.LIMIT_S, check=True)
        assert done.stdout.endswith('eos\nend\n'), done.stdout
        with Forward(place.spool, address, '--timeout', '3600') as forward:
            forward.wait_line('begun', state='connecting')
            assert forward.stop() == 0
    assert count_states(place.spool, WAITING) == 20


def check_a_wrong_address_is_a_warning_of_the_element(place):
    done = subprocess.run(
        [os.environ['ANPR_SINK_FEED'], place.spool, '1000', '5', '0',
         'forward=postgresql://a:hunter2@localhost/anpr'], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=forwarding.LIMIT_S, check=True)
    assert done.stdout.count('kept ') == 5, done.stdout
    assert 'forward waiting ANPR-CENTRAL-ADDRESS\n' in done.stdout, done.stdout
    assert done.stdout.count('[ANPR-CENTRAL-ADDRESS]') == 1, done.stdout
    assert 'hunter2' not in done.stdout


def check_systemd_is_told_when_it_is_ready(place):
    fill(place.spool, 5)
    path = os.path.join(place.folder, 'notify')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(forwarding.LIMIT_S)
        with Forward(place.spool, place.uri,
                     env=dict(os.environ, NOTIFY_SOCKET=path)) as forward:
            said = notify.recv(4096)
            while b'READY=1' not in said:
                said += notify.recv(4096)
            forward.wait_delivered(place.spool)
            forward.stop()
        while b'STOPPING=1' not in said:
            said += notify.recv(4096)
    assert b'STATUS=0 of 1 spools cannot deliver' in said, said


# --- faults ----------------------------------------------------------------

def check_a_server_that_is_killed_loses_and_doubles_nothing(place):
    fill(place.spool, 100, '--hit-every', '10')
    with Forward(place.spool, place.uri) as forward:
        forward.wait_delivered(place.spool)
        with place.held():
            fill(place.spool, 100, '--hit-every', '10')
            place.wait_held()
            place.cluster.kill()
        forward.wait_waiting('ANPR-CENTRAL-AWAY')
        place.cluster.start()
        forward.wait_delivered(place.spool)
    place.assert_all_there()


def check_a_server_that_stands_still_is_noticed(place):
    fill(place.spool, 200)
    with Forward(place.spool, place.uri, '--timeout', '1') as forward:
        with place.held():
            place.wait_held()
            place.cluster.pause()
            try:
                forward.wait_waiting('ANPR-CENTRAL-AWAY')
            finally:
                place.cluster.resume()
        forward.wait_delivered(place.spool)
    place.assert_all_there()


def check_a_server_that_moves_is_found_again(place):
    fill(place.spool, 200)
    services = os.path.join(place.folder, 'services')

    def point_to(port):
        with open(services + '-new', 'w', encoding='utf8') as file:
            file.write('[anpr]\nhost=%s\nport=%d\nuser=%s\ndbname=anpr\n' % (
                place.cluster.folder, port, LOGIN))
        os.rename(services + '-new', services)

    point_to(postgresql.free_port())
    with Forward(place.spool, 'anpr', env=dict(
            os.environ, PGSERVICEFILE=services)) as forward:
        forward.wait_waiting('ANPR-CENTRAL-AWAY')
        place.cluster.stop()
        place.cluster.port = postgresql.free_port()
        place.cluster.start()
        place.uri = place.cluster.uri(LOGIN)
        point_to(place.cluster.port)
        forward.wait_delivered(place.spool)
    place.assert_all_there()


def check_a_login_that_is_shut_out_goes_on_when_it_is_let_in(place):
    fill(place.spool, 50)
    with Forward(place.spool, place.uri) as forward:
        forward.wait_delivered(place.spool)
        place.cluster.query('REVOKE anpr_appliance FROM "%s"' % LOGIN)
        fill(place.spool, 50)
        forward.wait_waiting('ANPR-CENTRAL-LOGIN')
        place.cluster.query('GRANT anpr_appliance TO "%s"' % LOGIN)
        forward.wait_delivered(place.spool)
    assert count_states(place.spool, REFUSED) == 0
    place.assert_all_there()


def check_a_database_without_the_schema_is_waited_for(place):
    fill(place.spool, 10)
    place.cluster.query('CREATE DATABASE bare', database='postgres')
    for name in 'bare', 'none':
        with Forward(place.spool, place.cluster.uri(LOGIN, name),
                     '--once') as forward:
            assert forward.end() == 1
            forward.wait_waiting('ANPR-CENTRAL-SCHEMA')
    assert count_states(place.spool, WAITING) == 10


def check_a_spool_that_another_process_holds_is_waited_for(place):
    fill(place.spool, 100)
    with Forward(place.spool, place.uri) as forward:
        holder = sqlite3.connect(place.spool, timeout=forwarding.LIMIT_S,
                                 isolation_level=None)
        with place.held():
            place.wait_held()
            holder.execute('BEGIN IMMEDIATE')
        try:
            forward.wait_waiting('ANPR-SPOOL-WRITE')
        finally:
            holder.execute('ROLLBACK')
            holder.close()
        forward.wait_delivered(place.spool)
    place.assert_all_there()
    # an answer that could not be written down was kept, not asked for again
    assert forward.lines[-1]['already'] == 0, forward.lines[-1]


def check_records_that_cannot_be_kept_are_set_apart_and_said(place):
    fill(place.spool, 300)
    for number, record in ((3, b'{"schema":"anpr.passage/1"'),
                           (70, b'\xff\xfe no text'), (71, b'\xc3'),
                           (300, b'\xff')):
        ask_spool(place.spool, 'UPDATE passage SET record = CAST(? AS TEXT)'
                  ' WHERE number = ?', record, number, write=True)
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 1
    assert any('ANPR-CENTRAL-REFUSED' in fault and 'unreadable' in fault
               for fault in forward.faults), forward.faults
    assert any('22021' in fault for fault in forward.faults), forward.faults
    last = forward.lines[-1]
    assert (last['delivered'], last['refused'], last['set_apart'],
            last['waiting']) == (296, 4, 4, 0), last
    assert len(passages(place.cluster)) == 296
    reasons = ask_spool(place.spool, 'SELECT reason FROM delivery WHERE state = 2')
    assert all(reason for reason, in reasons), reasons


def check_a_batch_in_which_nothing_goes_through_is_not_given_up(place):
    fill(place.spool, 40)
    place.cluster.query(
        'ALTER TABLE anpr_data.passage ADD CONSTRAINT trouble CHECK'
        ' (sequence < 0) NOT VALID')
    try:
        with Forward(place.spool, place.uri) as forward:
            forward.wait_waiting('ANPR-CENTRAL-REFUSED')
            assert count_states(place.spool, REFUSED) == 0
            place.cluster.query(
                'ALTER TABLE anpr_data.passage DROP CONSTRAINT trouble')
            forward.wait_delivered(place.spool)
    finally:
        place.cluster.query('ALTER TABLE anpr_data.passage'
                            ' DROP CONSTRAINT IF EXISTS trouble')
    assert count_states(place.spool, REFUSED) == 0
    place.assert_all_there()


def check_what_a_register_refused_is_sent_when_it_is_corrected(place):
    fill(place.spool, 20)
    fill(place.spool, 5, '--position', 'unknown')
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 1
        assert forward.lines[-1]['delivered'] == 20
        assert len(forward.faults) == 1, 'one reason, told once'
    forwarding.permit(place.cluster, 9, 'unknown')
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0
        assert forward.lines[-1]['set_apart'] == 5
    with Forward(place.spool, place.uri, '--once',
                 '--retry-refused') as forward:
        assert forward.end() == 0
        assert forward.lines[-1]['delivered'] == 5
    place.assert_all_there()


def check_a_spool_that_was_replaced_is_taken_for_another_one(place):
    fill(place.spool, 20)
    with Forward(place.spool, place.uri) as forward:
        forward.wait_delivered(place.spool)
        other = place.spool + '-other'
        fill(other, 30, '--position', 'gate-1')
        for ending in ('-wal', '-shm'):
            if os.path.exists(place.spool + ending):
                os.remove(place.spool + ending)
        os.rename(other, place.spool)
        forward.wait_delivered(place.spool)
    assert len(passages(place.cluster)) == 50


def check_a_forwarder_that_is_killed_leaves_nothing_undone(place):
    fill(place.spool, 100)
    with Forward(place.spool, place.uri) as forward:
        with place.held():
            place.wait_held()
            forward.kill()
    # the centre commits what nobody waits for any more
    wait_until(lambda: len(passages(place.cluster)) > 0, 'committed')
    assert count_states(place.spool, WAITING) == 100
    with Forward(place.spool, place.uri, '--once') as forward:
        assert forward.end() == 0, forward.faults
        assert forward.lines[-1]['already'] > 0
    place.assert_all_there()


def check_two_forwarders_of_one_spool_do_no_harm(place):
    fill(place.spool, 300, '--hit-every', '20')
    with Forward(place.spool, place.uri, '--once') as one, \
            Forward(place.spool, place.uri, '--once') as two:
        assert (one.end(), two.end()) == (0, 0), (one.faults, two.faults)
    place.assert_all_there()


# --- the command -----------------------------------------------------------

def check_what_waits_is_shown_without_a_centre(place):
    fill(place.spool, 12, '--hit-every', '4')
    done = subprocess.run(['anprctl', 'forward', '--status', place.spool],
                          text=True, stdout=subprocess.PIPE, check=True,
                          timeout=forwarding.LIMIT_S)
    assert '"waiting":12,"waiting_hits":3,' in done.stdout, done.stdout


def check_a_wrong_command_line_is_usage_and_shows_no_password(place):
    for arguments in (
            [place.spool], ['--to', 'anpr'],
            ['--to', 'postgresql://a:hunter2@localhost/anpr', place.spool],
            ['--to', 'anpr', '--timeout', '0', place.spool]):
        done = subprocess.run(
            ['anprctl', 'forward', *arguments], text=True, check=False,
            stderr=subprocess.PIPE, timeout=forwarding.LIMIT_S,
            env={name: value for name, value in os.environ.items()
                 if name != 'ANPR_CENTRAL'})
        assert done.returncode == 2 and 'hunter2' not in done.stderr, done


# --- the last one: its days' partitions are gone with its disk ----------------

def check_a_full_disk_at_the_centre_is_waited_out(place):
    disk = os.path.join(place.folder, 'disk')
    os.mkdir(disk)
    if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=8m', 'none', disk],
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return 'no right to mount a small disk'
    try:
        fill_and_empty_disk(place, disk)
    finally:
        place.cluster.query('ALTER DATABASE anpr RESET default_tablespace')
        subprocess.run(['umount', '-l', disk], check=True)
    return None


def fill_and_empty_disk(place, disk):
    os.chmod(place.folder, 0o711)
    if place.cluster.user:
        shutil.chown(disk, place.cluster.user)
    os.chmod(disk, 0o700)
    place.cluster.query("CREATE TABLESPACE small LOCATION '%s'" % disk)
    place.cluster.query('ALTER TABLESPACE small OWNER TO anpr_owner')
    place.cluster.query('GRANT CREATE ON TABLESPACE small TO PUBLIC')
    place.cluster.query(
        'ALTER DATABASE anpr SET default_tablespace = small')
    # of days that have no partition yet
    fill(place.spool, 1000, '--days', '3')
    ballast = os.path.join(disk, 'ballast')
    subprocess.run(['dd', 'if=/dev/zero', 'of=' + ballast, 'bs=4096'],
                   stderr=subprocess.DEVNULL, check=False)
    with Forward(place.spool, place.uri) as forward:
        forward.wait_waiting('ANPR-CENTRAL-FULL')
        os.remove(ballast)
        forward.wait_delivered(place.spool)
    place.assert_all_there()


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    checks = forwarding.checks_of(sys.modules[__name__])
    with tempfile.TemporaryDirectory(prefix='anpr-forward-') as folder, \
            postgresql.Cluster(durable=False) as cluster:
        forwarding.make_centre(cluster, POSITIONS)
        return forwarding.run_checks(checks, Place(cluster, folder))


if __name__ == '__main__':
    sys.exit(main())
