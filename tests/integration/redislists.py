#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""anprctl lists with a real Redis server, and hits for redis-cli. All plates are
invented."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

LIMIT_S = 100
HEADER = ('# list: %s\n# authority: Zone\n# category: stolen\n# purpose: J1\n'
          '# version: %s\n# valid-from: 2020-01-01T00:00:00Z\n'
          '# valid-until: 2999-01-01T00:00:00Z\nentry,plate,valid-until\n')
END = '2998-01-01T00:00:00Z'


class Server:
    """A redis-server of its own in a folder"""

    def __init__(self, folder):
        self.socket = os.path.join(folder, 'socket')
        self.process = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', self.socket,
             '--dir', folder, '--save', ''], stdout=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT_S
        while self.cli('ping', check=False) != 'PONG':
            assert time.monotonic() < end, 'no server'
            time.sleep(0.02)
        os.environ['ANPR_REDIS'] = 'unix://' + self.socket

    def cli(self, *arguments, check=True):
        return subprocess.run(('redis-cli', '-s', self.socket) + arguments,
                              text=True, check=check, timeout=LIMIT_S,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.strip()

    def stop(self):
        self.process.kill()
        self.process.wait()


def sign(folder, path):
    """Signs a list with a key that is trusted; gives how to publish it."""
    key, trusted = os.path.join(folder, 'desk'), os.path.join(folder, 'trusted')
    if not os.path.exists(key + '.key'):
        lists('keygen', key)
        os.mkdir(trusted)
        os.link(key + '.pub', os.path.join(trusted, 'desk.pub'))
    lists('sign', '--key', key + '.key', path)
    return ('publish', '--keys', trusted, path)


def write_list(folder, name, version, plates):
    path = os.path.join(folder, name + '.csv')
    with open(path, 'w', encoding='utf8') as file:
        file.write(HEADER % (name, version))
        file.writelines('E%d,%s,%s\n' % (i, plate, END)
                        for i, plate in enumerate(plates))
    return sign(folder, path)


def lists(*arguments, status=0):
    done = subprocess.run(('anprctl', 'lists') + arguments, text=True,
                          timeout=LIMIT_S, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert done.returncode == status, (arguments, done)
    return done.stdout if status == 0 else done.stderr


def check_lists_are_published_changed_and_taken_out_of_use(folder, server):
    path = write_list(folder, 'stolen', '7', ['XQ-1', 'XQ-2'])
    assert '7 with 2 entries' in lists(*path)
    assert lists('published') == 'stolen: version 7, Zone, J1\n'
    assert '7+1' in lists('add', 'stolen', 'entry=S', 'plate=XQ-9',
                          'valid-until=' + END)
    entries = json.loads(server.cli(
        'hget', 'anpr:list:stolen:' + server.cli(
            'hget', 'anpr:list:stolen', 'generation'), 'XQ9'))
    assert entries == [{'entry': 'S', 'plate': 'XQ-9', 'valid-until': END}]
    assert '1 entry withdrawn' in lists('withdraw', 'stolen', 'xq9')
    assert lists('published') == 'stolen: version 7+2, Zone, J1\n'
    assert 'out of use' in lists('unpublish', 'stolen')
    assert lists('published') == 'stolen: out of use\n'


def check_an_accepted_list_is_published_without_keys(folder, server):
    path = write_list(folder, 'accepted', '3', ['XQ-1'])
    in_force = os.path.join(folder, 'in-force')
    lists('load', '--folder', in_force, *path[1:])
    assert '3 with 1 entries' in lists(
        'publish', os.path.join(in_force, 'accepted.anprlist'))


def check_what_is_refused_is_named_with_its_code(folder, server):
    path = write_list(folder, 'refused', '7', ['XQ-1'])
    lists(*path)
    assert 'ANPR-REDIS-REFUSED' in lists(*path, status=1)
    assert 'ANPR-LIST-SIGNATURE' in lists('publish', path[-1], status=1)
    assert 'ANPR-LIST' in lists(*path[:-1], '/nonexistent', status=1)
    assert 'ANPR-REDIS-REFUSED' in lists('withdraw', 'refused', 'XQ7', status=1)
    assert 'ANPR-REDIS-REFUSED' in lists('add', 'refused', 'entry=E',
                                         'plate=XQ7', status=1)
    assert 'ANPR-REDIS-ADDRESS' in lists('--redis=nowhere', 'published',
                                         status=1)
    assert 'ANPR-REDIS-AWAY' in lists('--redis=unix:///nonexistent/socket',
                                      'published', status=1)
    secret = lists('--redis=redis://a:s3cret@localhost', 'published', status=1)
    assert 'ANPR-REDIS-ADDRESS' in secret and 's3cret' not in secret


def check_a_killed_load_leaves_the_old_list_and_expires(folder, server):
    lists(*write_list(folder, 'large', '1', ['XQ-1']))
    path = write_list(folder, 'large', '2',
                      ('X%06d' % i for i in range(300000)))
    before = set(server.cli('keys', 'anpr:list:large*').split())
    load = subprocess.Popen(['anprctl', 'lists', *path],
                            stdout=subprocess.DEVNULL)
    end = time.monotonic() + LIMIT_S
    left = set()
    while not left:
        assert load.poll() is None and time.monotonic() < end
        left = set(server.cli('keys', 'anpr:list:large*').split()) - before
    load.send_signal(signal.SIGKILL)
    load.wait()
    assert 'large: version 1,' in lists('published')
    assert len(left) == 1
    assert 0 < int(server.cli('ttl', left.pop())) <= 600
    lists(*path)
    assert 'large: version 2,' in lists('published')


def check_dispatchers_share_the_hits_of_a_film(folder, server):
    film = os.path.join(folder, 'film.mp4')
    names = os.path.join(folder, 'film.csv')
    subprocess.run([os.environ['ANPR_SCENE'], '--scenario', 'one', '--output',
                    film, '--list', names], check=True)
    lists(*sign(folder, names))
    lists('add', 'sample-stolen', 'entry=S', 'plate=1-KPX-294',
          'valid-until=' + END)
    server.cli('xgroup', 'create', 'anpr:hits', 'desk', '$', 'mkstream')
    subprocess.run(
        'gst-launch-1.0 -q filesrc location=%s ! decodebin ! platedetect ! '
        'platetrack ! plateocr ! hitmatch redis=unix://%s position=gate ! '
        'fakesink' % (film, server.socket), shell=True, check=True,
        timeout=LIMIT_S)
    read = ('xreadgroup', 'group', 'desk')
    first = server.cli(*read, 'anna', 'count', '10', 'streams', 'anpr:hits',
                       '>').splitlines()
    assert 'unverified' in first[-1] and 'gate' in first, first
    assert server.cli(*read, 'bert', 'streams', 'anpr:hits', '>') == ''
    # behind the stream's name comes the hit's id in the stream
    assert server.cli('xack', 'anpr:hits', 'desk', first[1]) == '1'
    pending = server.cli('xpending', 'anpr:hits', 'desk').splitlines()
    assert pending[0] == '0', pending


def main():
    checks = [check for name, check in globals().items()
              if name.startswith('check_')]
    failed = 0
    print('1..%d' % len(checks), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-redislists-') as folder:
        server = Server(folder)
        try:
            for number, check in enumerate(checks, 1):
                name = check.__name__[6:].replace('_', ' ')
                try:
                    check(folder, server)
                    print('ok %d - %s' % (number, name), flush=True)
                except Exception as error:  # the others go on
                    failed += 1
                    print('not ok %d - %s\n# %r' % (number, name, error),
                          flush=True)
        finally:
            server.stop()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
