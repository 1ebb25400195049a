#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a whole appliance, anprd with its cameras, on real RTSP servers, and does
to it what happens in the field (appliancesite.py). With ANPR_TEST_LONG=1 there
are 30 restarts in a row, and the server is away for a minute.
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

from appliancesite import LONG, main_conf, pid_exists, run_site
from hostilecamera import HostileCamera, Nonsense

PASSWORD = 'hunter2-is-secret'


# --- what happens --------------------------------------------------------------


def camera_process_is_killed(appliance, site):
    """a killed camera process is begun again"""
    rounds = 30 if LONG else 5
    for _ in range(rounds):
        camera = appliance.wait_state('gate', 'running')
        position = appliance.log_size()
        os.kill(camera['pid'], signal.SIGKILL)
        appliance.wait('another process', lambda pid=camera['pid']: (
            appliance.camera('gate')['pid'] not in (0, pid)))
    now = appliance.wait_pictures('gate')
    assert now['ends']['died'] == rounds, now
    assert 'gate: ANPR-CAMERA-DIED' in appliance.log_from(position)
    assert 'gate: running' in appliance.log_from(position)


def camera_process_is_stopped(appliance, site):
    """a camera process that gives no sign of life is killed and begun again"""
    camera = appliance.wait_state('gate', 'running')
    os.kill(camera['pid'], signal.SIGSTOP)
    appliance.wait('hung', lambda: appliance.camera('gate')['ends']['hung'])
    assert appliance.wait_pictures('gate')['pid'] != camera['pid']
    assert not pid_exists(camera['pid'])


def camera_process_pauses(appliance, site):
    """a process that a busy machine lets wait loses no packet"""
    before = appliance.wait_pictures('gate')
    for _ in range(3):
        os.kill(before['pid'], signal.SIGSTOP)
        time.sleep(0.7)
        os.kill(before['pid'], signal.SIGCONT)
        now = appliance.wait_pictures('gate')
    assert now['pid'] == before['pid'], now
    assert (now['status']['packets_lost']
            == before['status']['packets_lost']), (now, before)


def server_goes_and_comes_back(appliance, site):
    """a camera that is away is found again by the same process"""
    camera = appliance.wait_read('gate')
    site.gate.stop()
    appliance.wait_state('gate', 'away')
    appliance.wait('what it saw is kept', lambda: (
        appliance.camera('gate')['status']['kept'] > camera['status']['kept']))
    appliance.wait_log('gate: ANPR-CAMERA-')
    time.sleep(60 if LONG else 1)
    site.gate.start()
    now = appliance.wait_pictures('gate')
    assert now['pid'] == camera['pid'], (now, camera)
    assert now['status']['reconnections'] == 1, now


def server_stalls(appliance, site):
    """a camera that falls silent is connected anew"""
    site.gate.process.send_signal(signal.SIGSTOP)
    try:
        appliance.wait_state('gate', 'away')
        appliance.wait_log('gate: ANPR-CAMERA-STALLED')
    finally:
        site.gate.process.send_signal(signal.SIGCONT)
    appliance.wait_pictures('gate')


def disk_goes_and_comes_back(appliance, site):
    """passages wait while the disk is away, and are kept when it is back"""
    kept = appliance.wait_read('gate')['total']['kept'] + 1
    os.rename(appliance.path('state'), appliance.path('state.away'))
    site.gate.stop()  # so that what was seen is to be kept
    try:
        appliance.wait_log('gate: ANPR-SPOOL-')
        assert appliance.camera('gate')['total']['kept'] < kept
    finally:
        os.rename(appliance.path('state.away'), appliance.path('state'))
        site.gate.start()
    appliance.wait('kept', lambda: (
        appliance.camera('gate')['total']['kept'] >= kept))
    appliance.wait_pictures('gate')


def camera_sends_nonsense(appliance, site):
    """nonsense from a camera is a state, and a corrected address cures it"""
    nonsense = HostileCamera([])
    nonsense.behave(Nonsense)
    try:
        appliance.position('gate', nonsense.uri)
        appliance.wait('told', lambda: (
            appliance.camera('gate')['code'] or '').startswith('ANPR-'))
        assert appliance.camera('gate')['state'] != 'running'
    finally:
        nonsense.stop()
        appliance.position('gate', site.gate.uri)
    appliance.wait_pictures('gate')


def configuration_breaks(appliance, site):
    """a broken position goes on as it was, and is told of"""
    camera = appliance.wait_state('gate', 'running')
    appliance.position('gate', site.gate.uri, source='transprot=udp\n')
    told = appliance.wait('told', lambda: appliance.status()['faults'])
    assert 'gate.conf:10: ANPR-CONFIG-UNKNOWN' in told[0], told
    assert 'is transport meant?' in told[0], told
    now = appliance.camera('gate')
    assert now['pid'] == camera['pid'] and now['file_faults'], now
    appliance.position('gate', site.gate.uri)
    appliance.wait('repaired', lambda: not appliance.status()['faults'])
    appliance.wait_log('the configuration has no faults any more')
    assert 'is transport meant? Correct' in appliance.log_from(0)
    assert appliance.camera('gate')['pid'] == camera['pid']


def position_changes(appliance, site):
    """a changed position is begun anew, with comments alone it is not"""
    camera = appliance.wait_state('gate', 'running')
    appliance.position('gate', site.gate.uri, more='# only a comment\n')
    appliance.process.send_signal(signal.SIGHUP)
    appliance.position('gate', site.gate.uri,
                       more='[detection]\ninclude=0,0 1,0 1,1 0,1\n')
    appliance.wait('another process', lambda: (
        appliance.camera('gate')['pid'] not in (0, camera['pid'])))
    now = appliance.wait_pictures('gate')
    assert now['ends']['asked'] == camera['ends']['asked'] + 1, now


def position_comes_and_goes(appliance, site):
    """a position comes with its file and goes with it"""
    appliance.position('second', site.gate.uri)
    pid = appliance.wait_pictures('second')['pid']
    os.remove(appliance.path('positions.d/second.conf'))
    appliance.wait('gone', lambda: appliance.camera('second') is None)
    assert not pid_exists(pid)


def permission_ends(appliance, site):
    """processing stops when the permission ends"""
    before = appliance.camera('gate')
    until = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() + 4))
    appliance.position('gate', site.gate.uri, until=until)
    pid = appliance.wait_pictures('gate')['pid']
    camera = appliance.wait_state('gate', 'refused')
    assert camera['code'] == 'ANPR-PERMISSION-EXPIRED', camera
    assert camera['ends']['died'] == before['ends']['died'], camera
    assert not pid_exists(pid)
    appliance.wait_log('gate: ANPR-PERMISSION-EXPIRED')
    appliance.position('gate', site.gate.uri)
    appliance.wait_pictures('gate')


def permission_is_for_elsewhere(appliance, site):
    """without a permission for the very place nothing is processed"""
    appliance.position('gate', site.gate.uri, place='Road 2')
    camera = appliance.wait_state('gate', 'refused')
    assert camera['code'] == 'ANPR-PERMISSION-PLACE', camera
    assert camera['pid'] == 0, camera
    appliance.position('gate', site.gate.uri)
    appliance.wait_pictures('gate')


def password_is_nowhere(appliance, site):
    """a camera's password is in no argument, environment, log or status"""
    before = appliance.wait_state('gate', 'running')['pid']
    appliance.write('secret', '[credentials]\nuser=viewer\npassword=%s\n'
                    % PASSWORD)
    appliance.position('gate', site.gate.uri, source='credentials=secret\n')
    appliance.wait('another process', lambda: (
        appliance.camera('gate')['pid'] not in (0, before)))
    pid = appliance.wait_pictures('gate')['pid']
    for process in (pid, appliance.process.pid):
        for name in ('cmdline', 'environ'):
            with open('/proc/%d/%s' % (process, name), 'rb') as file:
                assert PASSWORD.encode() not in file.read(), name
    assert PASSWORD not in json.dumps(appliance.status())
    assert PASSWORD not in appliance.read_log()
    os.chmod(appliance.path('secret'), 0o644)
    appliance.process.send_signal(signal.SIGHUP)
    told = appliance.wait('told', lambda: appliance.status()['faults'])
    assert 'ANPR-SECRET' in told[0], told
    assert appliance.camera('gate')['pid'] == pid, 'what runs goes on'
    appliance.position('gate', site.gate.uri)
    appliance.wait_pictures('gate')


def pictures_reach_status(appliance, site):
    """what a camera sees is read, counted and shown in a picture"""
    camera = appliance.wait('read', lambda: (
        lambda now: now if sum(now['status']['latency']) > 0
        and now['status']['still_utc'] > 0 else None)(
            appliance.camera('steady')))
    assert camera['status']['reads'] > 0, camera
    assert camera['status']['list_entries'] > 0, camera
    assert camera['status']['sharpness'] > 0, camera
    with open(camera['still'], 'rb') as file:
        assert file.read(2) == b'\xff\xd8'
    assert os.stat(camera['still']).st_mode & 0o777 == 0o600
    assert os.stat(appliance.path('run/status.sock')).st_mode & 0o77 == 0


def forwarder_of(appliance):
    """Process id of anprctl forward, 0 for none."""
    with open('/proc/%d/task/%d/children' % ((appliance.process.pid,) * 2),
              encoding='utf8') as file:
        for pid in map(int, file.read().split()):
            with contextlib.suppress(OSError):
                with open('/proc/%d/cmdline' % pid, 'rb') as line:
                    if b'\0forward\0' in line.read():
                        return pid
    return 0


def forwarder_is_killed(appliance, site):
    """one process forwards for all, and is begun again when it dies"""
    if subprocess.run(['anprctl', 'forward', '--help'], check=False,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode:
        return  # built without libpq
    appliance.write('anprd.conf', main_conf(
        more='[forward]\ncentral=postgresql://nobody@127.0.0.1:1/anpr\n'))
    told = appliance.wait('delivery told', lambda: (
        appliance.camera('gate')['delivery']))
    assert told['state'] in ('connecting', 'waiting'), told
    first = forwarder_of(appliance)
    os.kill(first, signal.SIGKILL)
    appliance.wait_log('ANPR-FORWARD-DIED')
    appliance.wait('another forwarder', lambda: (
        forwarder_of(appliance) not in (0, first)))
    appliance.write('anprd.conf', main_conf())
    appliance.wait('no forwarder', lambda: not forwarder_of(appliance))


def children_end_with_their_parent(appliance, site):
    """cameras end by themselves when anprd is killed, and are begun by the next"""
    pids = [camera['pid'] for camera in appliance.status()['cameras']]
    appliance.process.kill()
    appliance.process.wait()
    appliance.wait('cameras end', lambda: not any(map(pid_exists, pids)))
    appliance.start()
    appliance.wait_pictures('steady')


def all_stops_in_order(appliance, site):
    """at SIGTERM everything ends, and nothing kept is lost"""
    appliance.wait_pictures('steady')
    pids = [camera['pid'] for camera in appliance.status()['cameras']]
    assert appliance.stop() == 0
    assert not any(map(pid_exists, pids))
    records = appliance.passages('steady')
    assert records and [record['sequence'] for record in records] == list(
        range(1, len(records) + 1))
    assert all(record['device'] == 'box-1' for record in records)


# with steady watched meanwhile; the last two end it
CASES = [pictures_reach_status, camera_process_is_killed,
         camera_process_is_stopped, camera_process_pauses,
         server_goes_and_comes_back, server_stalls, disk_goes_and_comes_back,
         camera_sends_nonsense, configuration_breaks, position_changes,
         position_comes_and_goes, permission_ends, permission_is_for_elsewhere,
         password_is_nowhere, forwarder_is_killed]
ENDS = [children_end_with_their_parent, all_stops_in_order]


if __name__ == '__main__':
    sys.exit(run_site(CASES, ENDS))
