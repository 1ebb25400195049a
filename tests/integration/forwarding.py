# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of forwarding share: a centre that is in order, spools with passages,
and anprctl forward as a process whose lines can be waited for."""
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time

import postgresql

LIMIT_S = 60
LOGIN = 'box-1'
WAITING, DELIVERED, REFUSED = 0, 1, 2


def make_centre(cluster, positions=('gate',), login=LOGIN):
    """A central database where @login may deliver for @positions."""
    cluster.make_central()
    cluster.make_login(login, 'appliance', password='secret')
    cluster.query("INSERT INTO anpr_data.controller VALUES (1, 'Zone', 'Z-[0-9]+')")
    cluster.query('INSERT INTO anpr_data.login VALUES (%s, %s, 1)', (login, login))
    for number, name in enumerate(positions, 1):
        permit(cluster, number, name, login)


def permit(cluster, number, name, login=LOGIN):
    cluster.query('INSERT INTO anpr_data.position VALUES '
                  "(%s, %s, 1, 'Quay 1', 51, 3.7)", (number, name))
    cluster.query(
        'INSERT INTO anpr_data.permission (position, decision, place, purposes,'
        ' camera_type, impact_assessment, valid_from, valid_until) VALUES'
        " (%s, 'D-1', 'Quay 1', '{J1,J2,J3,B1}', 'fixed', 'IA-1',"
        " '2020-01-01', '2999-01-01')", (number,))
    cluster.query('INSERT INTO anpr_data.delivery VALUES (%s, %s)',
                  (login, number))


def fill(spool, count, *options):
    """Keeps @count passages in a spool, as a camera's process does."""
    subprocess.run([os.environ['ANPR_SPOOL_FILL'], '-n', str(count), *options,
                    spool], check=True, timeout=LIMIT_S)


def ask_spool(spool, text, *values, write=False):
    connection = sqlite3.connect(spool, timeout=LIMIT_S)
    try:
        rows = connection.execute(text, values).fetchall()
        if write:
            connection.commit()
        return rows
    finally:
        connection.close()


def count_states(spool, state):
    return ask_spool(spool, 'SELECT count(*) FROM delivery WHERE state = ?',
                     state)[0][0]


def passages(cluster):
    """What the centre has, in the order it came: position, number, id, half of
    the hash"""
    return [(name, number, str(identifier), bytes(digest).hex())
            for name, number, identifier, digest in cluster.query(
                'SELECT p.name, x.sequence, x.id, x.hash'
                ' FROM anpr_data.passage x'
                ' JOIN anpr_data.position p ON p.number = x.position'
                ' ORDER BY x.tableoid, x.ctid')]


def spooled(spool):
    """The same of a spool, in the order it was kept"""
    return ask_spool(spool, 'SELECT position, sequence, id, substr(hash, 1, 32)'
                     ' FROM passage ORDER BY number')


def wait_until(condition, what='', limit=LIMIT_S):
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, 'never: %s' % (what or condition)
        time.sleep(0.02)


class Forward:
    """anprctl forward, with its lines and faults as they come"""

    def __init__(self, spools, to, *options, env=None):
        spools = [spools] if isinstance(spools, str) else spools
        self.lines, self.faults = [], []
        self.process = subprocess.Popen(
            ['anprctl', 'forward', '--interval', '1', '--to', to, *options,
             *spools], text=True, stdin=subprocess.DEVNULL, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.readers = [
            threading.Thread(target=self._read, daemon=True, args=pair)
            for pair in ((self.process.stdout, self._take_line),
                         (self.process.stderr, self.faults.append))]
        for reader in self.readers:
            reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def _take_line(self, text):
        self.lines.append(json.loads(text))

    @staticmethod
    def _read(stream, take):
        for line in stream:
            take(line)

    def wait_line(self, what, **wanted):
        """The first line, from now or before, with these members"""
        return wait_until(
            lambda: next((line for line in self.lines if all(
                line.get(name) == value for name, value in wanted.items())), None),
            '%s: %r; %r' % (what, self.lines[-3:], self.faults))

    def wait_waiting(self, code):
        line = self.wait_line('waits for ' + code, state='waiting', reason=code)
        wait_until(lambda: any(code in fault for fault in self.faults),
                   '%s on standard error: %r' % (code, self.faults))
        return line

    def wait_delivered(self, spool):
        wait_until(lambda: count_states(spool, WAITING) == 0,
                   'all delivered: %r %r' % (self.lines[-2:], self.faults))

    def forget(self):
        """What was said before counts no more."""
        self.lines.clear()
        self.faults.clear()

    def end(self):
        """Waits for its end; gives its exit status."""
        status = self.process.wait(LIMIT_S)
        for reader in self.readers:
            reader.join(LIMIT_S)
        return status

    def stop(self):
        self.process.terminate()
        return self.end()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.end()


def probe(address, command='SELECT 1', *parameters, connect_ms=20000,
          cancel_ms=0, query_ms=20000, env=None):
    """What centralprobe says, see there"""
    return subprocess.run(
        [os.environ['ANPR_CENTRAL_PROBE'], address, str(connect_ms),
         str(cancel_ms), str(query_ms), command, *parameters], text=True,
        timeout=LIMIT_S, check=False, stdout=subprocess.PIPE, env=env,
        stdin=subprocess.DEVNULL).stdout.strip()


def run_checks(checks, *arguments):
    """Runs them as TAP; gives the exit status. A check may return why it is
    skipped."""
    failed = 0
    print('1..%d' % len(checks), flush=True)
    for number, check in enumerate(checks, 1):
        name = check.__name__[6:].replace('_', ' ')
        start = time.monotonic()
        try:
            skipped = check(*arguments)
            print('ok %d - %s%s' % (number, name, ' # SKIP ' + skipped
                                    if skipped else ''))
        except Exception as error:  # the others go on
            failed += 1
            print('not ok %d - %s\n# %r' % (number, name, error))
        print('# %.1f s' % (time.monotonic() - start), flush=True)
    return 1 if failed else 0


def checks_of(module):
    """The functions check_... of a test, each on a place that was begun for it;
    of those, the ones whose names begin as an argument does, if there are any."""
    def begun(check):
        def run(place):
            place.begin(check.__name__[6:])
            return check(place)
        run.__name__ = check.__name__
        return run

    return [begun(check) for name, check in vars(module).items()
            if name.startswith('check_') and name[6:].startswith(
                tuple(sys.argv[1:] or ['']))]


def missing():
    return postgresql.missing()
