#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What /metrics counts of a position is what its spool has, exactly: also of
vehicles whose passages are closed by the end of a film or by a stop.

Everything is waited for, LIMIT_S at most; nothing asserts a bare time.
"""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

LIMIT_S = 60
TOKEN = 'metrics-token-of-this-test'

MAIN = '''[appliance]
device=box-1
state=state
run=run

[cameras]
heartbeat-timeout=60

[page]
port=%d
metrics-token=metrics-token
'''

POSITION = '''[position]
enabled=%s
place=Road 1
latitude=51.05
longitude=3.71

[pipeline]
name=film

[parameters]
file=film.mp4

[source]
at-end=%s

[permission]
decision=2026/1
place=Road 1
latitude=51.05
longitude=3.71
purposes=J1
camera-type=fixed
valid-from=2020-01-01
valid-until=2040-01-01
impact-analysis=IA1
controller=chief
'''


def wait(what, condition):
    end = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < end, what + ': never'
        time.sleep(0.2)


class Site:
    """An appliance in a folder with a camera that plays a film once, and one that
    plays it again and again."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(os.path.join(folder, 'positions.d'))
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            self.port = listener.getsockname()[1]
        self.write('anprd.conf', MAIN % self.port)
        self.write('metrics-token', TOKEN + '\n')
        self.write('positions.d/once.conf', POSITION % ('true', 'stop'))
        self.write('positions.d/gate.conf', POSITION % ('true', 'again'))
        subprocess.run([os.environ['ANPR_SCENE'], '--scenario', 'traffic',
                        '--frames', '200', '--size', '960x540',
                        '--output', 'film.mp4'], cwd=folder, check=True,
                       timeout=LIMIT_S, stdout=subprocess.DEVNULL)
        self.log = open(os.path.join(folder, 'log'), 'w+', encoding='utf8')
        self.process = subprocess.Popen(
            ['anprd', '--config', os.path.join(folder, 'anprd.conf')],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path + '.new', 'w', encoding='utf8') as file:
            file.write(text)
        os.chmod(path + '.new', 0o600)
        os.rename(path + '.new', path)

    def end(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.seek(0)
        told = self.log.read()
        self.log.close()
        return told

    def metric(self, name, position, labels=''):
        """Its value, 0 while nobody answers."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port,
                                                timeout=LIMIT_S)
        try:
            connection.request('GET', '/metrics', headers={
                'Authorization': 'Bearer ' + TOKEN})
            text = connection.getresponse().read().decode()
        except OSError:
            return 0
        finally:
            connection.close()
        return int(float(re.search(
            r'^%s\{position="%s"%s\} (\S+)$' % (name, position, labels),
            text, re.M)[1]))

    def is_in(self, position, state):
        return self.metric('anpr_camera_state', position, ',state="%s"' % state)

    def records(self, position):
        spool = os.path.join(self.folder, 'state', position + '.spool')
        told = subprocess.run(['anprctl', 'passages', '--json', spool],
                              check=True, timeout=LIMIT_S, text=True,
                              stdout=subprocess.PIPE).stdout
        return [json.loads(line) for line in told.splitlines()]

    def pid(self, position):
        """Of the position's process."""
        with open('/proc/%d/task/%d/children' % ((self.process.pid,) * 2),
                  encoding='utf8') as children:
            for pid in map(int, children.read().split()):
                with open('/proc/%d/cmdline' % pid, 'rb') as line:
                    if line.read().split(b'\0')[1:2] == [position.encode()]:
                        return pid
        raise AssertionError('%s has no process' % position)


def state_of(pid):
    with open('/proc/%d/stat' % pid, encoding='utf8') as file:
        return file.read().rpartition(')')[2].split()[0]


def counts_are_those_of_the_spool(site, position):
    records = site.records(position)
    not_read = [one for one in records
                if not any(plate['text'] for plate in one['plates'])]
    assert records, 'nothing passed'
    for name, n in (('passages', len(records)), ('passages_kept', len(records)),
                    ('passages_not_read', len(not_read)), ('passages_lost', 0)):
        counted = site.metric('anpr_camera_%s_total' % name, position)
        assert counted == n, (name, counted, n)


def a_stop_is_counted(site):
    """what a stop closes is counted, though anprd hears of it late"""
    wait('something passes', lambda: site.metric(
        'anpr_camera_passages_total', 'gate') > 0)
    pid = site.pid('gate')
    site.write('positions.d/gate.conf', POSITION % ('false', 'again'))
    site.process.send_signal(signal.SIGSTOP)
    # more than anprd reads at once is to wait for it
    many = len(site.records('gate')) + 8
    wait('more passes', lambda: len(site.records('gate')) >= many)
    os.kill(pid, signal.SIGTERM)
    wait('the process ends', lambda: state_of(pid) == 'Z')
    site.process.send_signal(signal.SIGHUP)
    site.process.send_signal(signal.SIGCONT)
    wait('off', lambda: site.is_in('gate', 'off'))
    counts_are_those_of_the_spool(site, 'gate')


def an_end_is_counted(site):
    """what the end of a film closes is counted"""
    wait('ended', lambda: site.is_in('once', 'ended'))
    counts_are_those_of_the_spool(site, 'once')


TESTS = [a_stop_is_counted, an_end_is_counted]


def main():
    failed = 0
    print('1..%d' % len(TESTS), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-counters-') as folder:
        site = Site(folder)
        for number, test in enumerate(TESTS, 1):
            try:
                test(site)
                print('ok %d - %s' % (number, test.__doc__), flush=True)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                failed += 1
                print('not ok %d - %s\n# %r' % (number, test.__doc__, error))
        told = site.end()
        if failed:
            print('# ' + told.replace('\n', '\n# '))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
