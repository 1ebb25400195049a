#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A permission that has ended stays ended when the wall clock is set back: to an
appliance that remembers a later time, this machine's clock was set back."""
import json
import os
import subprocess
import sys
import tempfile
import time

import forwarding
from forwarding import LIMIT_S, wait_until

DAY = 86400
CONFIGURATION = '''[appliance]
device=box
state=state
run=run
[page]
enabled=false
'''
POSITION = '''[position]
place=Road 1
latitude=51.05
longitude=3.71
[source]
uri=rtsp://127.0.0.1:1/
[permission]
decision=2026/1
place=Road 1
latitude=51.05
longitude=3.71
purposes=J1
camera-type=fixed
valid-from=2020-01-01
valid-until=%s
impact-analysis=IA1
controller=chief
'''
CLOCK = '''[clock]
time=%d
boot=an earlier one
elapsed=0
sure-time=%d
sure-utc=%d
sure-boot=an earlier one
'''


def day(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


class Appliance:
    def __init__(self, folder):
        self.folder, self.process = folder, None
        os.makedirs(os.path.join(folder, 'positions.d'))
        os.makedirs(os.path.join(folder, 'state'), mode=0o700)
        self.path = os.path.join(folder, 'anprd.conf')
        self.write('anprd.conf', CONFIGURATION)
        # what this machine's clock will show tomorrow
        self.write('positions.d/gate.conf', POSITION % day(time.time() + DAY))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), 'w', encoding='utf8') as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding='utf8') as file:
            return file.read()

    def remember(self, seconds):
        """What the appliance has seen of the time before"""
        at = int(seconds * 1e6)
        self.write('state/clock', CLOCK % (at, at, at))

    def __enter__(self):
        with open(os.path.join(self.folder, 'log'), 'w', encoding='utf8') as log:
            self.process = subprocess.Popen(
                ['anprd', '--config', self.path], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(LIMIT_S)

    def camera(self):
        done = subprocess.run(
            ['anprctl', 'status', '--json', '--config', self.path], text=True,
            stdout=subprocess.PIPE, check=False, timeout=LIMIT_S)
        return json.loads(done.stdout)['cameras'][0] if done.returncode == 0 else {}

    def checked(self):
        """What anprctl says of the position"""
        return subprocess.run(
            ['anprctl', 'position', '--config', self.path, 'check', 'gate'],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            timeout=LIMIT_S).stdout


def check_a_permission_that_has_ended_stays_ended(appliance):
    appliance.remember(time.time() + 2 * DAY)
    with appliance:
        camera = wait_until(lambda: appliance.camera().get('code') and
                            appliance.camera(), 'refused')
        assert (camera['state'], camera['code']) == (
            'refused', 'ANPR-PERMISSION-EXPIRED'), camera
        assert 'clock of this host is behind' in camera['reason'], camera
        told = appliance.read('log').count('ANPR-PERMISSION-EXPIRED')
        assert told == 1, appliance.read('log')
    assert 'ANPR-PERMISSION-EXPIRED' in appliance.checked()


def check_what_has_passed_is_remembered_over_a_restart(appliance):
    appliance.remember(time.time() + 2 * DAY)
    for _ in range(2):
        with appliance:
            wait_until(lambda: appliance.camera().get('code') ==
                       'ANPR-PERMISSION-EXPIRED', 'refused')
    # the file is of this boot now
    assert 'an earlier one' not in appliance.read('state/clock').split('sure-time')[0]


def check_a_right_clock_lets_it_run(appliance):
    for seconds in (None, time.time() - 300 * DAY, time.time()):
        if seconds:
            appliance.remember(seconds)
        with appliance:
            wait_until(lambda: appliance.camera().get('pid'), 'it runs')
        assert 'the permission holds' in appliance.checked()


def in_a_folder(check):
    def run():
        with tempfile.TemporaryDirectory(prefix='anpr-permissions-') as folder:
            check(Appliance(folder))
    run.__name__ = check.__name__
    return run


if __name__ == '__main__':
    sys.exit(forwarding.run_checks([
        in_a_folder(check) for name, check in list(globals().items())
        if name.startswith('check_')]))
