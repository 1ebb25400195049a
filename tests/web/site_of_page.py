# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appliance for tests of the page: a real anprd whose cameras play rendered films,
reached by a line that can be cut. Everything is in one folder and ends with it."""
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from line import Line

LIMIT_S = 60
HOSTILE = '<b class=hostile>Dock</b> "><img src=x onerror=window.hacked=1>'

MAIN = '''[appliance]
device=test
state=state
run=run

[cameras]
still-interval=1

[page]
port=%d
'''

POSITION = '''# kept by whoever changes this file
[position]
name=%(title)s
place=%(place)s
latitude=%(latitude)s
longitude=%(longitude)s

[pipeline]
name=film

[parameters]
file=%(film)s

[lists]
path=lists
%(more)s
[permission]
decision=2026_GR_00724
place=%(place)s
latitude=%(latitude)s
longitude=%(longitude)s
purposes=J1
camera-type=fixed
valid-from=2026-01-01
valid-until=2099-12-31
impact-analysis=IA-1
controller=Chief of police
'''

LIST = '''# list: %(name)s
# authority: %(authority)s
# category: stolen
# purpose: J1
# match: exact
# priority: 1
# version: 7
# valid-from: 2026-01-01T00:00:00Z
# valid-until: 2099-01-01T00:00:00Z
# issued: %(issued)s
entry,plate,country,valid-until,measure,reason
S-1,%(plate)s,BE,2099-01-01T00:00:00Z,%(measure)s,%(reason)s
'''


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def render(folder, name, *options):
    truth = folder / (name + '.jsonl')
    subprocess.run([os.environ['ANPR_SCENE'], '--output', folder / (name + '.mp4'),
                    '--truth', truth, *options], check=True, timeout=LIMIT_S * 4)
    texts = re.findall(r'"raw":"([^"]*)"', truth.read_text())
    return max(set(texts), key=texts.count)


class Site:
    """Two cameras with one vehicle, or for pictures a whole dock with traffic."""

    def __init__(self, folder, pictures=False):
        self.folder = Path(folder) / 'appliance'
        for name in ('positions.d', 'lists'):
            (self.folder / name).mkdir(parents=True)
        port = free_port()
        (self.folder / 'anprd.conf').write_text(MAIN % port)
        self.gate, self.hostile, self.hostile_title = 'gate', 'dock', HOSTILE
        self.authority = 'Example police zone' if pictures else 'Example <i>zone</i>'
        if pictures:
            self._make_many()
        else:
            self._make_few()
        self.log = open(self.folder / 'log', 'w', encoding='utf8')
        self.process = subprocess.Popen(
            ['anprd', '--config', self.folder / 'anprd.conf'], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True)
        self.line = Line(port)
        self.url = 'http://127.0.0.1:%d/' % self.line.port
        self.token = self._wait_token()

    def _position(self, name, title, film, latitude=51.118, longitude=3.775, more=''):
        (self.folder / 'positions.d' / (name + '.conf')).write_text(POSITION % {
            'title': title, 'place': 'Road ' + name, 'latitude': latitude,
            'longitude': longitude, 'film': self.folder / (film + '.mp4'), 'more': more})

    def _list(self, name, age_s, **entry):
        issued = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - age_s))
        (self.folder / 'lists' / (name + '.csv')).write_text(LIST % {
            'name': name, 'issued': issued, 'authority': self.authority, **entry})

    def _make_few(self):
        plate = render(self.folder, 'one', '--scenario', 'one', '--size', '960x720')
        self._list('zone-stolen', 0, plate=plate, measure='stop', reason=HOSTILE.replace('"', "'"))
        self._list('zone-old', 4 * 86400, plate=plate, measure='report', reason='old')
        self._position(self.gate, 'Gate', 'one')
        self._position(self.hostile, HOSTILE, 'one', 51.13, 3.79)

    def _make_many(self):
        render(self.folder, 'sample', '--scenario', 'sample', '--size', '1280x720')
        render(self.folder, 'lanes', '--scenario', 'lanes', '--frames', '400', '--size', '1280x720')
        self.hostile_title = 'Desteldonk, Moervaartkaai'
        self._list('zone-stolen', 0, plate='2-BHK-815', measure='stop', reason='stolen vehicle')
        self._list('zone-old', 4 * 86400, plate='2-BHK-815', measure='report', reason='no insurance')
        self._position(self.gate, 'Kennedylaan north, km 4.2', 'sample')
        self._position('kennedy-south', 'Kennedylaan south, km 4.2', 'lanes', 51.116, 3.764)
        self._position(self.hostile, self.hostile_title, 'lanes', 51.128, 3.797)
        self._position('r4-rieme', 'R4 west, Rieme', 'sample', 51.176, 3.789)
        self._position('zelzate', 'Zelzate, tunnel', 'sample', 51.196, 3.812)
        path = self.folder / 'positions.d' / 'langerbrugge.conf'
        self._position('langerbrugge', 'Langerbrugge, ferry', 'sample', 51.108, 3.742)
        path.write_text(path.read_text().replace('2099-12-31', '2026-10-31'))

    def _wait_token(self):
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            found = re.search(r'enter the token (\S+)', (self.folder / 'log').read_text())
            if found:
                return found.group(1)
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError('no token:\n' + (self.folder / 'log').read_text())

    def new_settings(self):
        """What a technician fills in for another camera, that does not run yet."""
        return {'position.name': 'Dock 4, gate', 'position.place': 'Road 3', 'position.latitude': '51,13',
                'position.longitude': '3.79', 'pipeline.name': 'rtsp', 'source.uri': 'rtsp://127.0.0.1:9/cam',
                'permission.decision': '2026/3', 'permission.place': 'Road 3',
                'permission.latitude': '51.13', 'permission.longitude': '3.79',
                'permission.camera-type': 'fixed', 'permission.valid-from': '2026-01-01',
                'permission.valid-until': '2099-12-31', 'permission.impact-analysis': 'IA-3',
                'permission.controller': 'Chief'}

    def close(self):
        self.line.close()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


