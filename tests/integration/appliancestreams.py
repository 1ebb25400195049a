#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile cameras beside one that means well: what their streams and answers do
to an appliance. Each is told of with its code, none takes more memory than it
may, and when a camera means well again its pictures come again.

Several are hostile at once; each says in its own words what is to come of it.
"""
import os
import sys
import time

import hostilecamera as hostile
from appliancesite import main_conf, run_site

N_CAMERAS = 5
MEMORY_MIB = 300
MEMORY = 'max-memory=%d\n' % MEMORY_MIB

AWAY, STALLED = {'ANPR-CAMERA-AWAY'}, {'ANPR-CAMERA-STALLED'}
FORMAT = {'ANPR-INPUT-FORMAT'}
ENDED = {'ANPR-CAMERA-MEMORY', 'ANPR-CAMERA-DIED'}
# behaviour: codes one of which must be told; none: the stream goes on
PICTURES = {hostile.Flipped: None, hostile.Truncated: None,
            hostile.Times: None, hostile.Noise: FORMAT | AWAY,
            hostile.Absurd: FORMAT | AWAY | ENDED}
CONVERSATIONS = {hostile.GiantHeader: None, hostile.ManyMedia: None,
                 hostile.LargeDescription: None, hostile.Silence: STALLED,
                 hostile.Interleaved: AWAY | FORMAT}
REFUSALS = {hostile.BlackHole: AWAY, hostile.Redirect: AWAY,
            hostile.RedirectElsewhere: AWAY,
            hostile.EndlessBody: ENDED, hostile.Flood: None}
# given up only after the time for a first picture: begun first, looked at last
SLOW = {hostile.Drip: ('tcp', AWAY), hostile.EndlessHeaders: ('tcp', AWAY | ENDED),
        hostile.NoPackets: ('udp', AWAY)}


def prepare(site):
    film = site.scene('one', '--size', '320x180', name='small')
    units = hostile.read_units(film)
    larger = site.larger = hostile.read_units(site.film)
    site.resized = [unit for at in range(0, len(units), 25)
                    for unit in units[at:at + 25] + larger[at:at + 25]]
    site.cameras = {'camera-%d' % i: hostile.HostileCamera(units)
                    for i in range(N_CAMERAS)}
    site.slow = {'slow-%d' % i: hostile.HostileCamera(units)
                 for i in range(len(SLOW))}
    for camera, behaviour in zip(site.slow.values(), SLOW):
        camera.behave(behaviour)
    site.appliance.write('anprd.conf', main_conf(cameras=MEMORY))
    for name, camera in site.cameras.items():
        site.appliance.position(name, camera.uri)
    for (name, camera), (transport, _) in zip(site.slow.items(), SLOW.values()):
        site.appliance.position(name, camera.uri,
                                source='transport=%s\n' % transport)


def told(appliance, name, position):
    """Codes that were told of it since"""
    return {line.split(name + ': ')[1].split(':')[0]
            for line in appliance.log_from(position).splitlines()
            if name + ': ANPR-' in line}


class Suffering:
    """Waits until all has come of a behaviour that is to come. What is told when
    the connection before ended does not count."""

    def __init__(self, appliance, name, camera, behaviour, codes):
        self.appliance, self.name, self.camera = appliance, name, camera
        self.behaviour, self.codes, self.position = behaviour, codes, None
        self.memory, self.found, self.decoded = 0, set(), None
        camera.behaviour = behaviour
        camera.accepted, camera.on_connection = 0, self.note_position
        camera.behave(behaviour)

    def note_position(self):
        if self.position is None:
            self.position = self.appliance.log_size()

    def is_over(self, now):
        self.memory = max(self.memory, now['status']['memory_bytes'] >> 20)
        if not self.camera.accepted:
            return False
        if self.decoded is None:
            self.decoded = now['status']['decoded']
        self.found = told(self.appliance, self.name, self.position)
        # what was told before is not told again at once, but is the state
        if now['code'] and 'ended its stream' not in now['reason']:
            self.found.add(now['code'])
        if self.codes:
            return bool(self.codes & self.found)
        return now['status']['decoded'] >= self.decoded + 50

    def __repr__(self):
        return '%s: %d connections, %d MiB, %s' % (
            self.behaviour.__doc__, self.camera.accepted, self.memory,
            self.found or 'nothing told')


def suffer(appliance, site, behaviours):
    open_ends = {
        name: Suffering(appliance, name, camera, *one) for (name, camera), one
        in zip(site.cameras.items(), behaviours.items())}
    begin = time.monotonic()

    def all_came():
        for camera in appliance.status()['cameras']:
            one = open_ends.get(camera['id'])
            if one and one.is_over(camera):
                print('# %.1f s: %r' % (time.monotonic() - begin, one),
                      flush=True)
                del open_ends[camera['id']]
        return not open_ends
    try:
        appliance.wait('told', all_came)
    except AssertionError as problem:
        raise AssertionError('%r: %s' % (open_ends, problem)) from None


def recover(appliance, site, behaviours):
    """All mean well again"""
    for name, _ in zip(site.cameras, behaviours):
        site.cameras[name].behave()
    begin = time.monotonic()
    for name, behaviour in zip(site.cameras, behaviours):
        appliance.wait_pictures(name)
        print('# %.1f s until pictures come after %s'
              % (time.monotonic() - begin, behaviour.__doc__), flush=True)


def check(appliance, site, behaviours):
    before = {name: appliance.camera(name) for name in site.cameras}
    suffer(appliance, site, behaviours)
    recover(appliance, site, behaviours)
    for name, (_, codes) in zip(site.cameras, behaviours.items()):
        now = appliance.camera(name)
        if codes == ENDED:
            assert now['ends']['memory'] + now['ends']['died'], (name, now)
        elif not codes or not codes & ENDED:
            assert now['pid'] == before[name]['pid'], (name, now)
        assert now['ends']['hung'] == 0, now


def pictures_are_broken(appliance, site):
    """broken pictures are a camera's own trouble"""
    check(appliance, site, PICTURES)


def conversations_are_odd(appliance, site):
    """odd answers are borne, and silence is told"""
    check(appliance, site, CONVERSATIONS)


def servers_are_hostile(appliance, site):
    """answers without end and loops are ended"""
    check(appliance, site, REFUSALS)


def damage_passes(appliance, site):
    """behind damaged pictures whole ones are read, in the same stream"""
    before = appliance.wait_pictures('camera-0')
    camera = site.cameras['camera-0']
    small, camera.units = camera.units, site.larger
    camera.behave(hostile.DamagedForASecond)
    appliance.wait_camera('camera-0', 'connected anew', lambda one: (
        one['status']['reconnections'] > before['status']['reconnections']))
    now = appliance.wait_camera('camera-0', 'vehicle read', lambda one: (
        one['status']['reads'] > before['status']['reads']))
    assert now['pid'] == before['pid'], now
    assert (now['status']['reconnections']
            == before['status']['reconnections'] + 1), now
    camera.units = small
    camera.behave()


def password_is_refused(appliance, site):
    """a refused password is told, and not tried again and again"""
    camera = hostile.HostileCamera([])
    camera.behave(hostile.RefusesPassword)
    appliance.write('secret', '[credentials]\nuser=viewer\npassword=wrong\n')
    appliance.position('locked', camera.uri, source='credentials=secret\n')
    appliance.wait_state('locked', 'away')
    assert 'refuses the user or the password' in appliance.camera('locked')['reason']
    time.sleep(2)
    assert hostile.RefusesPassword.times <= 4, hostile.RefusesPassword.times
    camera.stop()


def answers_are_slow(appliance, site):
    """answers that take for ever are given up"""
    for name, (transport, codes) in zip(site.slow, SLOW.values()):
        appliance.wait('%s told' % name, lambda n=name, c=codes: (
            c & told(appliance, n, 0)))
        if transport == 'udp':  # which this camera can only promise
            appliance.position(name, site.slow[name].uri)
        site.slow[name].behave()
    for name in site.slow:
        appliance.wait_pictures(name)


def size_changes(appliance, site):
    """another size of the picture in the same stream is taken"""
    camera = site.cameras['camera-0']
    before = appliance.wait_pictures('camera-0')
    small, camera.units = camera.units, site.resized
    camera.behave()
    for width in (640, 320, 640):
        appliance.wait_camera('camera-0', 'width %d' % width, lambda now, w=width: (
            now['status']['width'] == w))
    now = appliance.wait_camera('camera-0', 'vehicle read', lambda one: (
        one['status']['reads'] > before['status']['reads']))
    assert now['pid'] == before['pid'], now
    assert (now['status']['reconnections']
            <= before['status']['reconnections'] + 1), now
    camera.units = small
    camera.behave()


CASES = [servers_are_hostile, pictures_are_broken, conversations_are_odd,
         size_changes, damage_passes, password_is_refused, answers_are_slow]

if __name__ == '__main__':
    sys.exit(run_site(CASES, begin=prepare))
