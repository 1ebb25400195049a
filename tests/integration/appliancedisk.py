#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appliance whose state folder is on a disk that is full: a small file system
of its own, in a mount namespace of its own, so nothing is left mounted. Where
namespaces are not allowed the test is skipped.
"""
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request

from appliancesite import main_conf, run_site
from hostilecamera import PassingCamera

SIZE_MIB = 24
INSIDE = 'ANPR_TEST_NAMESPACE'
ENTER = ['unshare', '--user', '--map-root-user', '--mount']


def missing():
    """Why it cannot be tried, or None"""
    try:
        done = subprocess.run(
            ENTER + ['sh', '-c', 'mount -t tmpfs -o size=1m none /tmp'],
            check=False, stderr=subprocess.PIPE, text=True)
    except OSError as problem:
        return str(problem)
    return done.stderr.strip() if done.returncode else None


def prepare(site):
    appliance = site.appliance
    state = appliance.path('state')
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        site.port = one.getsockname()[1]
    os.mkdir(state)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=%dm' % SIZE_MIB, 'none',
                    state], check=True)
    site.at_end.append(lambda: subprocess.run(['umount', '--lazy', state],
                                              check=True))
    appliance.write('anprd.conf', main_conf(
        more='port=%d\n' % site.port).replace('enabled=false', 'enabled=true'))
    site.camera = PassingCamera(site.film)
    site.at_end.append(site.camera.stop)
    appliance.position('gate', site.camera.uri, more='[spool]\nsize=16\n')


def fill(appliance, left=0):
    """What others write until nothing goes any more, but for @left bytes"""
    with open(appliance.path('state/others'), 'wb', buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass
        if left:
            file.truncate(file.tell() - left)


def room(appliance):
    return shutil.disk_usage(appliance.path('state')).free


def page(site):
    """Status and text of what tells whether the appliance is up"""
    try:
        with urllib.request.urlopen('http://127.0.0.1:%d/healthz' % site.port,
                                    timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def disk_is_full(appliance, site):
    """reading goes on over a full disk, which is told, and what waits is kept"""
    for _ in range(2):
        appliance.pass_by('gate', site.camera)
    appliance.wait_camera('gate', 'keeps', lambda now: now['total']['kept'] > 1)
    assert page(site)[0] == 200, page(site)
    fill(appliance)
    assert room(appliance) == 0
    before = appliance.camera('gate')
    appliance.pass_by('gate', site.camera)
    now = appliance.wait_camera('gate', 'told', lambda one: (
        one['spool_code'] and not one['status']['keeping']))
    assert now['spool_code'] in ('ANPR-SPOOL-FULL', 'ANPR-SPOOL-WRITE'), now
    assert 'gate: ' + now['spool_code'] in appliance.read_log()
    assert page(site) == (503, 'down\n'), page(site)
    shown = subprocess.run(
        ['anprctl', 'status', '--config', appliance.path('anprd.conf')],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    assert now['spool_code'] in shown, shown
    appliance.pass_by('gate', site.camera)
    now = appliance.wait_camera('gate', 'waits', lambda one: (
        one['status']['waiting'] > 1))
    assert now['pid'] == before['pid'], now
    held = len(appliance.passages('gate'))
    assert held >= before['total']['kept'], (held, before)
    os.remove(appliance.path('state/others'))
    now = appliance.wait_camera('gate', 'keeps again', lambda one: (
        one['status']['waiting'] == 0 and one['status']['keeping']
        and one['status']['kept'] > held))
    assert now['spool_code'] is None, now
    assert now['pid'] == before['pid'] and now['status']['not_kept'] == 0, now
    numbers = [one['sequence'] for one in appliance.passages('gate')]
    assert numbers == list(range(1, len(numbers) + 1)), numbers
    verify(appliance)


def verify(appliance):
    subprocess.run(['anprctl', 'verify', appliance.path('state/gate.spool')],
                   check=True, stdout=subprocess.DEVNULL)


def full_disk_at_start(appliance, site):
    """a process that begins on a full disk reads, and keeps when there is room"""
    camera = appliance.camera('gate')
    fill(appliance)
    os.kill(camera['pid'], 9)
    now = appliance.wait_camera('gate', 'another', lambda one: (
        one['pid'] not in (0, camera['pid']) and one['state'] == 'running'))
    appliance.wait_camera('gate', 'told', lambda one: one['spool_code'])
    os.remove(appliance.path('state/others'))
    # also when no vehicle passes
    now = appliance.wait_camera('gate', 'keeps', lambda one: (
        one['status']['keeping']))
    assert now['status']['kept'] == 0 and not now['spool_code'], now
    appliance.pass_by('gate', site.camera)
    appliance.wait_camera('gate', 'kept', lambda one: one['status']['kept'])
    verify(appliance)


CASES = [disk_is_full, full_disk_at_start]


def main():
    if os.environ.get(INSIDE):
        return run_site(CASES, begin=prepare)
    why = missing()
    if why:
        print('1..0 # SKIP no mount namespace: ' + why)
        return 0
    os.environ[INSIDE] = '1'
    os.execvp(ENTER[0], [*ENTER, sys.executable, os.path.abspath(__file__)])


if __name__ == '__main__':
    sys.exit(main())
