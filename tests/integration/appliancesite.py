# SPDX-License-Identifier: LGPL-2.1-or-later
"""A whole appliance, anprd with its cameras, on real RTSP servers, for tests of
what happens to it in the field.

A test has cases: functions of an appliance and a site, whose first line of
documentation names them. The camera `steady` is never touched: in each case it
must lose no frame and not be begun anew, whatever happens to the others.

Nothing asserts a bare time: what must happen is waited for, LIMIT_S at most.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

LIMIT_S = 40
# Seconds without a picture that no busy machine brings about
PATIENT = 30
LONG = os.environ.get('ANPR_TEST_LONG') == '1'
SCENE = os.environ['ANPR_SCENE']
RTSP_SERVER = os.environ.get('ANPR_RTSP_SERVER', '')

MAIN = '''[appliance]
device=box-1
state=state
run=run

[cameras]
restart-delay-max=0.5
heartbeat-timeout=6
stop-timeout=5
still-interval=1
%(cameras)s
[page]
enabled=false
%(more)s'''

POSITION = '''# the lane at the gate
[position]
place=Road 1
latitude=51.05
longitude=3.71

[source]
uri=%(uri)s
stall-timeout=%(stall)d
%(source)s
[lists]
path=list.csv
%(lists)s
[permission]
decision=2026/1
place=Road 1
latitude=51.05
longitude=3.71
purposes=J1
camera-type=fixed
valid-from=2020-01-01
valid-until=%(until)s
impact-analysis=IA1
controller=chief
%(more)s'''


def main_conf(cameras='', more=''):
    return MAIN % {'cameras': cameras, 'more': more}


class Server:
    """A camera at a port that stays the same when it comes back."""

    def __init__(self, film, *options, port=0):
        self.film, self.options = film, options
        self.port, self.process = port, None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [RTSP_SERVER, '--port=%d' % self.port, *self.options, self.film],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.uri = self.process.stdout.readline().strip()
        self.port = int(self.uri.split(':')[2].split('/')[0])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Appliance:
    """anprd in a folder; @env is added to its environment."""

    def __init__(self, folder, env=None):
        self.folder = folder
        self.env = dict(os.environ, **(env or {}))
        self.log = open(os.path.join(folder, 'log'), 'w+', encoding='utf8')
        os.makedirs(os.path.join(folder, 'positions.d'))
        self.write('anprd.conf', main_conf())
        self.process = None
        self.seen = {}  # reads before the vehicle that is there now, by camera

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        """As editors do: a new file in the place of the old."""
        path = self.path(name)
        with open(path + '.new', 'w', encoding='utf8') as file:
            file.write(text)
        os.chmod(path + '.new', mode)
        os.rename(path + '.new', path)

    def position(self, name, uri, source='', until='2040-01-01', more='',
                 place='Road 1', lists='', stall=2):
        text = POSITION % {'uri': uri, 'source': source, 'until': until,
                           'more': more, 'lists': lists,
                           'stall': stall}
        self.write('positions.d/%s.conf' % name,
                   text.replace('place=Road 1', 'place=' + place, 1))

    def start(self):
        self.process = subprocess.Popen(
            ['anprd', '--config', self.path('anprd.conf')], env=self.env,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=LIMIT_S)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def read_log(self):
        with open(self.path('log'), encoding='utf8') as file:
            return file.read()

    def log_size(self):
        return os.path.getsize(self.path('log'))

    def log_from(self, position):
        with open(self.path('log'), 'rb') as file:
            file.seek(position)
            return file.read().decode(errors='replace')

    def status(self):
        answer = b''
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LIMIT_S)
            client.connect(self.path('run/status.sock'))
            while part := client.recv(65536):
                answer += part
        return json.loads(answer)

    def how_it_is(self):
        try:
            return json.dumps(self.status())
        except OSError as problem:
            return '%r\n%s' % (problem, self.read_log())

    def camera(self, name):
        for camera in self.status()['cameras']:
            if camera['id'] == name:
                return camera
        return None

    def wait(self, what, condition, limit=LIMIT_S):
        end = time.monotonic() + limit
        while True:
            with contextlib.suppress(OSError, json.JSONDecodeError):
                found = condition()
                if found:
                    return found
            if time.monotonic() > end:
                raise AssertionError('%s: never\n%s' % (what, self.how_it_is()))
            time.sleep(0.05)

    def wait_camera(self, name, what, condition):
        """Gives it when the condition holds of it."""
        def reached():
            camera = self.camera(name)
            return camera if camera and condition(camera) else None
        return self.wait('%s: %s' % (name, what), reached)

    def wait_state(self, name, state):
        return self.wait_camera(name, state,
                                lambda camera: camera['state'] == state)

    def wait_pictures(self, name):
        """One and the same process brings one picture and then another."""
        seen = []

        def come():
            now = self.camera(name)
            if not now or now['state'] != 'running':
                seen.clear()
                return None
            if seen and seen[0]['pid'] != now['pid']:
                seen.clear()
            seen.append(now)
            first = seen[0]['status']['decoded']
            return now if now['status']['decoded'] > first else None
        return self.wait(name + ' brings pictures', come)

    def wait_log(self, text, position=0):
        self.wait('log has ' + text, lambda: text in self.log_from(position))

    def wait_read(self, name='gate'):
        """A vehicle before it is read from now on."""
        before = self.camera(name)['total']['reads']
        return self.wait_camera(
            name, 'plate read', lambda now: now['total']['reads'] > before)

    def pass_by(self, name, camera):
        """The vehicle before a PassingCamera is read and gone, another comes. Gives
        how the camera is when it has just come."""
        seen = self.seen.get(name, 0)
        before = self.wait_camera(
            name, 'vehicle read', lambda now: now['total']['reads'] > seen)
        camera.pass_by()
        now = self.wait_camera(name, 'connected anew', lambda one: (
            one['status']['reconnections'] > before['status']['reconnections']
            and one['state'] == 'running'))
        self.seen[name] = now['total']['reads']
        return now

    def passages(self, name):
        """What its spool holds, by number"""
        lines = subprocess.run(
            ['anprctl', 'passages', '--json', self.path('state/%s.spool' % name)],
            check=True, timeout=LIMIT_S, text=True,
            stdout=subprocess.PIPE).stdout.splitlines()
        return sorted((json.loads(line) for line in lines),
                      key=lambda record: record['sequence'])


def pid_exists(pid):
    return os.path.exists('/proc/%d' % pid)


def in_decoder(camera):
    return camera['status']['frames_in'] - camera['status']['decoded']


def lost(camera):
    """Packets that did not come, and frames that were left out"""
    return camera['status']['packets_lost'], camera['status']['dropped']


class Watch:
    """That nothing happens to a camera that nobody touches: from case to case no
    packet of its stream is lost, and each frame is decoded and looked at, but for
    one that may just have gone into the decoder."""

    def __init__(self, appliance, name='steady'):
        self.appliance, self.name = appliance, name
        self.before = appliance.wait_pictures(name)

    def check(self, fresh=False):
        """Of all that was told since the last time; gives how many frames.
        @fresh: of all until now"""
        before = self.before
        now = self.appliance.camera(self.name)
        if fresh:
            now = self.appliance.wait_camera(
                self.name, 'tells how it is', lambda one: (
                    one['status']['decoded'] != now['status']['decoded']))
        self.before = now
        assert now['pid'] == before['pid'], (now, before)
        assert now['starts'] == before['starts'], now
        assert now['status']['reconnections'] == 0, now
        assert now['state'] == 'running', now
        assert lost(now) == lost(before), (now, before)
        assert in_decoder(now) - in_decoder(before) <= 1, (now, before)
        assert now['status']['frame_age_ms'] < 1000 * LIMIT_S, now
        assert now['status']['not_kept'] == 0, now
        return now['status']['decoded'] - before['status']['decoded']


# What is watched loses nothing because of others. What the machine itself, busy with
# whatever else runs on it, keeps from running for a moment is not the matter here:
# the steady camera has room for eight seconds, where others have a quarter of one.
ROOM = [('drop-on-latency=true', 'drop-on-latency=false'),
        ('max-size-buffers=16', 'max-size-buffers=200'),
        ('max-size-time=250000000', 'max-size-time=8000000000')]


def changed_pipeline(changes):
    """The pipeline of any RTSP camera, with another text for each of some"""
    with open(os.path.join(os.environ['ANPR_PIPELINES'], 'rtsp.launch'),
              encoding='utf8') as file:
        text = file.read()
    for usual, other in changes:
        assert usual in text, usual
        text = text.replace(usual, other)
    return text


class Site:
    """The folder, a steady camera, another at the gate, and the appliance."""

    def __init__(self, folder, env=None):
        self.folder = folder
        self.at_end = []  # called when all is over
        self.film = self.scene('one')
        self.steady, self.gate = Server(self.film), Server(self.film)
        home = os.path.join(folder, 'appliance')
        os.makedirs(home)
        self.appliance = Appliance(home, env)
        shutil.copy(os.path.join(folder, 'list.csv'), home)

    def scene(self, scenario, *options, name=None):
        film = os.path.join(self.folder, (name or scenario) + '.mp4')
        subprocess.run([SCENE, '--scenario', scenario, '--output', film,
                        '--list', os.path.join(self.folder, 'list.csv'),
                        *options], check=True)
        return film

    def end(self):
        self.appliance.end()
        self.steady.stop()
        self.gate.stop()
        for call in self.at_end:
            call()


def run_case(case, site, watch, last):
    """What was wrong or None, and frames of the steady camera meanwhile"""
    frames = 0
    position = site.appliance.log_size()
    try:
        case(site.appliance, site)
        if watch:
            frames = watch.check(last)
    except Exception:  # the others go on
        return '%s\n%s' % (traceback.format_exc(),
                           site.appliance.log_from(position)), frames
    return None, frames


def run_cases(site, cases, ends=()):
    """As TAP; @ends end what is watched. Gives how many failed."""
    failed = 0
    print('1..%d' % (len(cases) + len(ends)), flush=True)
    watch = Watch(site.appliance)
    for number, case in enumerate([*cases, *ends], 1):
        begin = time.monotonic()
        error, frames = run_case(case, site, watch if case in cases else None,
                                 case is cases[-1])
        print('%s %d - %s (%.1f s%s)' % (
            'not ok' if error else 'ok', number, case.__doc__,
            time.monotonic() - begin,
            ', %d steady frames' % frames if frames else ''), flush=True)
        if error:
            failed += 1
            print('\n'.join('# ' + part for part in error.splitlines()))
    return failed


def run_site(cases, ends=(), begin=None, env=None, server=RTSP_SERVER,
             missing='no RTSP server was built'):
    """The whole test; @begin makes the positions. Gives the exit status."""
    if not server:
        print('1..0 # SKIP ' + missing)
        return 0
    with tempfile.TemporaryDirectory(prefix='anpr-appliance-') as folder:
        site = Site(folder, env)
        try:
            site.appliance.write('steady.launch', changed_pipeline(ROOM))
            site.appliance.position(
                'steady', site.steady.uri,
                more='[pipeline]\nname=%s\n'
                % site.appliance.path('steady.launch'), stall=PATIENT)
            if begin:
                begin(site)
            else:
                site.appliance.position('gate', site.gate.uri)
            site.appliance.start()
            return 1 if run_cases(site, cases, ends) else 0
        finally:
            site.end()


if __name__ == '__main__':
    sys.exit('it is a module for tests')
