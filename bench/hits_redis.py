# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What hit lists in Redis cost: a server of its own on this machine, in memory,
with eight lists of plates drawn at random.

Lists are published by anprctl; anpr-redis-cost measures lookups, changes and
hits in turn. Everything is wall-clock time: what a read waits for.
"""

import json
import os
import random
import string
import subprocess
import tempfile
import time

LISTS = 8
ENTRIES = 5000000
LOOKUPS = 50000
UPDATES = 500
READS = 3000
START_SECONDS = 10
TIMEOUT = 900
HEADER = ('# list: {name}\n# authority: Zone\n# category: stolen\n'
          '# purpose: J1\n# version: 1\n# priority: {priority}\n'
          '# valid-from: 2020-01-01T00:00:00Z\n'
          '# valid-until: 2999-01-01T00:00:00Z\n'
          'entry,plate,country,valid-until,measure,reason\n')
ROW = 'E%d,%s,BE,2035-12-31T23:59:59Z,stop,stolen vehicle\n'


class Failed(Exception):
    """What went wrong"""


def plates(number, seed):
    draw = random.Random(seed)
    for _ in range(number):
        yield '%d-%s-%03d' % (draw.randrange(1, 8), ''.join(
            draw.choices(string.ascii_uppercase, k=3)), draw.randrange(1000))


def write_list(folder, name, priority, rows):
    path = os.path.join(folder, name + '.csv')
    with open(path, 'w', encoding='utf8') as file:
        file.write(HEADER.format(name=name, priority=priority))
        file.writelines(ROW % (number, plate)
                        for number, plate in enumerate(rows))
    return path


class Server:
    """A redis-server that keeps nothing"""

    def __init__(self, folder):
        self.address = 'unix://%s/socket' % folder
        self.process = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', 'socket', '--save',
             ''], cwd=folder, stdout=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while not os.path.exists(os.path.join(folder, 'socket')):
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop()
                raise Failed('redis-server does not start')
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait()


def run(command, env):
    done = subprocess.run(command, env=env, text=True, timeout=TIMEOUT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Failed('%s: %s' % (os.path.basename(command[0]),
                                 (done.stderr.strip() or 'failed')[-200:]))
    return done.stdout


def cost(build, env, *arguments):
    program = os.path.join(build, 'bench', 'redis', 'anpr-redis-cost')
    return json.loads(run([program, *arguments], env))


def sign(build, env, folder, files):
    """Signs lists with a key that is trusted."""
    anprctl = os.path.join(build, 'appliance', 'anprctl')
    trusted = os.path.join(folder, 'trusted')
    if not os.path.isdir(trusted):
        os.mkdir(trusted)
        run([anprctl, 'lists', 'keygen', os.path.join(trusted, 'desk')], env)
    run([anprctl, 'lists', 'sign', '--key',
         os.path.join(trusted, 'desk.key'), *files], env)
    return trusted


def publish(build, env, server, folder, files):
    trusted = sign(build, env, folder, files)
    begin = time.monotonic()
    run([os.path.join(build, 'appliance', 'anprctl'), 'lists', '--redis',
         server.address, 'publish', '--keys', trusted, *files], env)
    return time.monotonic() - begin


def figures_of(load_s, lookup, update, hits, entries):
    """The measured as the part `hits` names it; hits that did not come make it
    fail: how fast the others were says nothing."""
    if hits['n'] != READS:
        raise Failed('%d of %d hits came' % (hits['n'], READS))
    return {'redis_entries': entries, 'redis_load_s': round(load_s, 1),
            'redis_p50_us': lookup['p50_us'], 'redis_p99_us': lookup['p99_us'],
            'update_ms': round(update['p99_us'] / 1000, 2),
            'read_to_hit_p50_ms': round(hits['p50_us'] / 1000, 2),
            'read_to_hit_p99_ms': round(hits['p99_us'] / 1000, 2)}


def measure(build, env, entries=None):
    """@entries in LISTS lists, and one more with the plates that are hit."""
    entries = entries or ENTRIES
    with tempfile.TemporaryDirectory(prefix='anpr-redis-bench-') as folder:
        server = Server(folder)
        try:
            files = [write_list(folder, 'list%d' % i, 10 * (i + 1),
                                plates(entries // LISTS, i))
                     for i in range(LISTS)]
            load_s = publish(build, env, server, folder, files)
            publish(build, env, server, folder, [write_list(
                folder, 'hits', 5, ('HIT%06d' % i for i in range(READS)))])
            lookup = cost(build, env, 'lookup', server.address, str(LOOKUPS))
            update = cost(build, env, 'update', server.address, 'list0',
                          str(UPDATES))
            hits = cost(build, env, 'hits', server.address, str(READS))
        finally:
            server.stop()
    return figures_of(load_s, lookup, update, hits, entries)
