#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appliance whose wall clock is set while its cameras run, an hour ahead and
back, and by more than a term: clockshift.c, preloaded into anprd and what it
begins. Cameras, and this test, go by the clock as it is.
"""
import datetime
import os
import signal
import sys
import tempfile
import time

from appliancesite import run_site
from hostilecamera import PassingCamera

LIBRARY = os.environ.get('ANPR_CLOCK_LIBRARY', '')
HOUR, DAY = 3600, 86400
# a vehicle is seen for seconds; a clock that was set shows as an hour
LONGEST_S = 60
SPOOL = '[spool]\nretention=1\nimages=false\n'


def set_clock(seconds):
    with open(os.environ['ANPR_CLOCK_SHIFT'], 'r+b') as file:
        file.write(b'%-24d' % seconds)


def parse(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


def prepare(site):
    site.camera = PassingCamera(site.film)
    site.at_end.append(site.camera.stop)
    site.appliance.position('gate', site.camera.uri, more=SPOOL)


def wait_kept(appliance, site):
    """A vehicle is read, gone and kept."""
    before = appliance.camera('gate')['total']['kept']
    appliance.pass_by('gate', site.camera)
    return appliance.wait_camera('gate', 'kept', lambda one: (
        one['total']['kept'] > before))


def check_records(records, shift, n_before):
    """Of vehicles that were kept within the last minutes; @n_before of them were
    there before the clock was set, or may have been"""
    now = time.time()
    for number, record in enumerate(records):
        times = [parse(record[name]).timestamp()
                 for name in ('first_seen', 'best_seen', 'last_seen')]
        assert times == sorted(times), record
        assert times[-1] - times[0] < LONGEST_S, record
        # a camera tells its time; without, it is that of the machine
        right = now if record['clock']['source'] == 'camera' else now + shift
        if number >= n_before:
            assert abs(times[-1] - right) < 5 * LONGEST_S, (record, right)
    assert [record['sequence'] for record in records] == list(
        range(1, len(records) + 1))


def step(appliance, site, shift):
    """Sets the clock while a vehicle is there."""
    if not appliance.camera('gate')['total']['kept']:
        wait_kept(appliance, site)
    position = appliance.log_size()
    before = appliance.wait_pictures('gate')
    held = appliance.passages('gate')
    set_clock(shift)
    appliance.wait_log('gate: ANPR-CLOCK-STEP', position)
    now = appliance.wait_pictures('gate')
    for name in ('reconnections', 'packets_lost', 'dropped'):
        assert now['status'][name] == before['status'][name], (name, now)
    # the one that was there at that moment, and one after it
    wait_kept(appliance, site)
    now = wait_kept(appliance, site)
    assert now['pid'] == before['pid'], (now, before)
    records = appliance.passages('gate')
    assert [one['id'] for one in records[:len(held)]] == [
        one['id'] for one in held], 'what was kept stays'
    check_records(records, shift, len(held) + 1)


def clock_goes_ahead(appliance, site):
    """a clock that is set an hour ahead stops nothing and erases nothing"""
    step(appliance, site, HOUR)


def clock_goes_back(appliance, site):
    """nor does one that is set an hour back"""
    step(appliance, site, -HOUR)


def clock_goes_beyond_the_term(appliance, site):
    """a clock set beyond the term erases nothing, in no new process either"""
    set_clock(40 * DAY)
    held = [one['id'] for one in appliance.passages('gate')]
    camera = appliance.camera('gate')
    os.kill(camera['pid'], signal.SIGKILL)
    appliance.wait_camera('gate', 'another process', lambda one: (
        one['pid'] not in (0, camera['pid'])))
    wait_kept(appliance, site)
    now = [one['id'] for one in appliance.passages('gate')]
    assert now[:len(held)] == held, (held, now)
    set_clock(0)


def clock_ends_a_permission(appliance, site):
    """a clock that is ahead ends a permission, as long as it is ahead"""
    until = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(
        time.time() + HOUR / 2))
    appliance.position('gate', site.camera.uri, until=until, more=SPOOL)
    pid = appliance.wait_pictures('gate')['pid']
    set_clock(HOUR)
    camera = appliance.wait_state('gate', 'refused')
    assert camera['code'] == 'ANPR-PERMISSION-EXPIRED', camera
    assert not os.path.exists('/proc/%d' % pid)
    set_clock(0)
    appliance.wait_pictures('gate')
    appliance.position('gate', site.camera.uri, more=SPOOL)


CASES = [clock_goes_ahead, clock_goes_back, clock_goes_beyond_the_term,
         clock_ends_a_permission]


def main():
    if not LIBRARY:
        print('1..0 # SKIP no library to set the clock was built')
        return 0
    with tempfile.NamedTemporaryFile(prefix='anpr-clock-') as file:
        os.environ['ANPR_CLOCK_SHIFT'] = file.name
        file.write(b'%-24d' % 0)
        file.flush()
        return run_site(CASES, begin=prepare, env={'LD_PRELOAD': LIBRARY})


if __name__ == '__main__':
    sys.exit(main())
