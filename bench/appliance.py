# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an appliance of many cameras takes, and how soon it is itself again.

A real anprd with its processes reads RTSP cameras that a server on this machine
plays. Measured on it, through its status socket and /proc: processor time and
memory a camera, pictures left out, and by the clock, so that other work on the
machine is in it: from a changed file to pictures of the new process, and from
the source's return to pictures.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import time

LIMIT_S = 60
POLL_S = 0.02
REPEATS = 5

POSITION = '''[position]
place=Bench
latitude=51
longitude=3
[source]
uri=%(uri)s
[lists]
path=%(lists)s
[permission]
decision=bench
place=Bench
latitude=51
longitude=3
purposes=J1
camera-type=drawn
valid-from=2020-01-01
valid-until=2040-01-01
impact-analysis=none
controller=none
%(more)s'''


class Server:
    """A camera of any number of clients, on a port that stays the same."""

    def __init__(self, program, film, env):
        self.command, self.env, self.port = [program, film], env, 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [self.command[0], '--port=%d' % self.port, self.command[1]],
            env=self.env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True)
        self.uri = self.process.stdout.readline().strip()
        self.port = int(self.uri.split(':')[2].split('/')[0])

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Appliance:
    def __init__(self, program, folder, env):
        self.folder = folder
        os.makedirs(os.path.join(folder, 'positions.d'))
        with open(self.path('anprd.conf'), 'w', encoding='utf8') as file:
            file.write('[appliance]\nstate=state\nrun=run\n'
                       '[page]\nenabled=false\n')
        self.command = [program, '--config', self.path('anprd.conf')]
        self.env = env

    def path(self, name):
        return os.path.join(self.folder, name)

    def position(self, name, uri, lists, more=''):
        path = self.path('positions.d/%s.conf' % name)
        with open(path + '.new', 'w', encoding='utf8') as file:
            file.write(POSITION % {'uri': uri, 'lists': lists, 'more': more})
        os.rename(path + '.new', path)

    def start(self):
        self.process = subprocess.Popen(
            self.command, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=LIMIT_S)

    def cameras(self):
        answer = b''
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LIMIT_S)
            client.connect(self.path('run/status.sock'))
            while part := client.recv(65536):
                answer += part
        return {camera['id']: camera
                for camera in json.loads(answer)['cameras']}

    def wait(self, condition):
        """Seconds until it holds of the cameras; raises TimeoutError"""
        begin = time.monotonic()
        while time.monotonic() - begin < LIMIT_S:
            try:
                if condition(self.cameras()):
                    return time.monotonic() - begin
            except (OSError, ValueError):
                pass  # it is only just beginning
            time.sleep(POLL_S)
        raise TimeoutError('the appliance does not get there')


def runs(camera):
    return camera['state'] == 'running'


def memory_of(pid):
    """Proportional, and private, MiB"""
    sizes = {}
    with open('/proc/%d/smaps_rollup' % pid, encoding='utf8') as file:
        for line in file:
            words = line.split()
            if words[-1] == 'kB':
                sizes[words[0]] = int(words[1]) / 1024
    return sizes['Pss:'], sizes['Private_Clean:'] + sizes['Private_Dirty:']


def difference(after, before, name):
    return sum(after[camera]['status'][name] - before[camera]['status'][name]
               for camera in after)


def score(before, after, seconds, memory):
    """Of two looks at all cameras, and the (Pss, private) of each"""
    decoded = difference(after, before, 'decoded')
    return {
        'cameras': len(after),
        'seconds': round(seconds, 1),
        'pictures_per_second_per_camera': round(
            decoded / seconds / len(after), 2),
        'dropped': difference(after, before, 'dropped'),
        'restarts': sum(camera['starts'] - 1 for camera in after.values()),
        'passages': difference(after, before, 'passages'),
        'cores_busy': round(difference(after, before, 'cpu_us')
                            / 1e6 / seconds, 2),
        'rss_mb_max': round(max(camera['status']['memory_bytes']
                                for camera in after.values()) / 2**20, 1),
        'pss_mb_per_camera': round(
            sum(pss for pss, _ in memory) / len(memory), 1),
        'private_mb_max': round(max(private for _, private in memory), 1),
    }


def measure_load(appliance, names, seconds):
    appliance.wait(lambda cameras: len(cameras) == len(names)
                   and all(map(runs, cameras.values())))
    time.sleep(5)  # models are loaded, the first vehicles are in view
    before, begin = appliance.cameras(), time.monotonic()
    time.sleep(seconds)
    after, taken = appliance.cameras(), time.monotonic() - begin
    memory = [memory_of(camera['pid']) for camera in after.values()]
    return score(before, after, taken, memory)


def measure_change(appliance, name, uri, lists):
    """Seconds from a changed file to pictures of a new process"""
    taken = []
    for number in range(REPEATS):
        pid = appliance.cameras()[name]['pid']
        appliance.position(name, uri, lists,
                           '[reading]\nmin-confidence=0.1%d\n' % number)
        taken.append(appliance.wait(
            lambda cameras, pid=pid: cameras[name]['pid'] not in (0, pid)
            and runs(cameras[name])))
    return taken


def measure_return(appliance, name, server):
    """Seconds from the source's return to pictures"""
    taken = []
    for _ in range(REPEATS):
        server.stop()
        appliance.wait(lambda cameras: cameras[name]['state'] == 'away')
        time.sleep(3)
        server.start()
        taken.append(appliance.wait(lambda cameras: runs(cameras[name])))
    return taken


def measure(program, serve, film, lists, folder, env, cameras, seconds):
    """The last camera has a server of its own, and is the one that is changed"""
    many, one = Server(serve, film, env), Server(serve, film, env)
    appliance = Appliance(program, folder, env)
    names = ['camera-%02d' % number for number in range(1, cameras + 1)]
    changed = names[-1]
    for name in names:
        appliance.position(name, (one if name == changed else many).uri, lists)
    appliance.start()
    try:
        figures = measure_load(appliance, names, seconds)
        change = measure_change(appliance, changed, one.uri, lists)
        back = measure_return(appliance, changed, one)
        untouched = appliance.cameras()
        figures.update({
            'change_s_median': round(statistics.median(change), 2),
            'change_s_max': round(max(change), 2),
            'return_s_median': round(statistics.median(back), 2),
            'return_s_max': round(max(back), 2),
            'others_restarted': sum(untouched[name]['starts'] - 1
                                    for name in names if name != changed)})
        return figures
    finally:
        appliance.stop()
        many.stop()
        one.stop()
