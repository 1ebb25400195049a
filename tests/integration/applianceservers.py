#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An appliance whose Redis and whose centre go and come back while its cameras
run: plates are compared all the same, hits and passages reach who waits for
them, none is lost and none is doubled. Real servers, in folders of their own.
"""
import os
import signal
import subprocess
import sys
import time

from appliancesite import LIMIT_S, LONG, main_conf, run_site
from hostilecamera import PassingCamera

PLATE = '1-KPX-294'  # of the vehicle in the film
LIST = ('# list: stolen\n# authority: Zone\n# category: stolen\n# purpose: J1\n'
        '# version: 1\n# valid-from: 2020-01-01T00:00:00Z\n'
        '# valid-until: 2999-01-01T00:00:00Z\nentry,plate,valid-until\n'
        'E1,%s,2998-01-01T00:00:00Z\n' % PLATE)


class Redis:
    """A server that keeps what it has when it is killed."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder, self.socket = folder, os.path.join(folder, 'socket')
        self.uri = 'unix://' + self.socket
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ['redis-server', '--port', '0', '--unixsocket', self.socket, '--dir',
             self.folder, '--save', '', '--appendonly', 'yes'],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT_S
        while self.cli('ping') != 'PONG':
            assert time.monotonic() < end, 'no server'
            time.sleep(0.02)

    def cli(self, *arguments):
        return subprocess.run(('redis-cli', '-s', self.socket) + arguments,
                              text=True, check=False, timeout=LIMIT_S,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout.strip()

    def stop(self):
        self.process.kill()
        self.process.wait()


def publish(site, folder):
    path = os.path.join(folder, 'stolen.csv')
    with open(path, 'w', encoding='utf8') as file:
        file.write(LIST)
    env = dict(os.environ, ANPR_REDIS=site.redis.uri)
    for command in (['keygen', 'desk'], ['sign', '--key', 'desk.key', path]):
        subprocess.run(['anprctl', 'lists', *command], check=True, cwd=folder,
                       stdout=subprocess.DEVNULL)
    os.mkdir(os.path.join(folder, 'trusted'))
    os.link(os.path.join(folder, 'desk.pub'),
            os.path.join(folder, 'trusted/desk.pub'))
    subprocess.run(['anprctl', 'lists', 'publish', '--keys', 'trusted', path],
                   check=True, cwd=folder, env=env, stdout=subprocess.DEVNULL)
    return path


def prepare(site):
    site.redis = Redis(os.path.join(site.folder, 'redis'))
    site.at_end.append(site.redis.stop)
    path = publish(site, site.folder)
    with open(path, encoding='utf8') as file:
        site.appliance.write('list.csv', file.read())
    site.camera = PassingCamera(site.film)
    site.at_end.append(site.camera.stop)
    site.appliance.position('gate', site.camera.uri,
                            lists='redis=%s\nrepeat=0\n' % site.redis.uri)


def wait_hit(appliance, site):
    """The vehicle hits in a passage that begins now; the one before is closed."""
    before = appliance.wait_pictures('gate')['total']
    site.camera.pass_by()
    now = appliance.wait_camera('gate', 'hit', lambda one: (
        one['total']['hits'] > before['hits']
        and one['total']['kept'] > before['kept']))
    record = appliance.passages('gate')[-1]
    assert [hit['entry'] for hit in record['hits']] == ['E1'], record
    return now


def told_hits(site):
    return int(site.redis.cli('xlen', 'anpr:hits'))


def redis_goes_and_comes_back(appliance, site):
    """without Redis files stand in, and it is told all hits when it is back"""
    appliance.wait_camera('gate', 'hit', lambda one: one['total']['hits'] > 0)
    wait_hit(appliance, site)
    position = appliance.log_size()
    site.redis.stop()
    now = wait_hit(appliance, site)
    appliance.wait_log('gate: ANPR-REDIS-AWAY', position)
    now = wait_hit(appliance, site)
    site.redis.start()
    appliance.wait_log('gate: ANPR-REDIS-BACK', position)
    now = wait_hit(appliance, site)
    appliance.wait('all hits told', lambda: (
        told_hits(site) >= appliance.camera('gate')['total']['hits']))
    assert now['starts'] == 1 and now['state'] == 'running', now


def redis_is_paused(appliance, site):
    """a Redis that answers no more is as one that is gone"""
    position = appliance.log_size()
    before = told_hits(site)
    site.redis.process.send_signal(signal.SIGSTOP)
    try:
        wait_hit(appliance, site)
        appliance.wait_log('gate: ANPR-REDIS-AWAY', position)
    finally:
        site.redis.process.send_signal(signal.SIGCONT)
    appliance.wait_log('gate: ANPR-REDIS-BACK', position)
    wait_hit(appliance, site)
    appliance.wait('hits told', lambda: told_hits(site) >= before + 2)
    hits = appliance.camera('gate')['total']['hits']
    assert told_hits(site) <= hits, 'none is told twice'


def make_centre(site):
    import forwarding
    import postgresql
    cluster = postgresql.Cluster(durable=False)
    site.at_end.append(cluster.remove)
    forwarding.make_centre(cluster, ('gate', 'steady'))
    site.appliance.write('anprd.conf', main_conf(
        more='[forward]\ncentral=%s\n' % cluster.uri(forwarding.LOGIN)))
    return cluster


def centre_goes_and_comes_back(appliance, site):
    """passages wait for a centre that is gone, and all come there, once"""
    import forwarding
    cluster = make_centre(site)

    def arrived():
        return [number for name, number, *_ in forwarding.passages(cluster)
                if name == 'gate']
    appliance.wait('first delivered', arrived)
    faults = [(cluster.kill, cluster.start)]
    if LONG:  # until it is given up
        faults.append((cluster.pause, cluster.resume))
    for end, begin in faults:
        end()
        wait_hit(appliance, site)
        now = appliance.wait_camera('gate', 'delivery waits', lambda one: (
            one['delivery']['state'] == 'waiting'))
        assert now['delivery']['reason'].startswith('ANPR-CENTRAL-'), now
        wait_hit(appliance, site)
        begin()
        kept = len(appliance.passages('gate'))
        appliance.wait('all delivered', lambda n=kept: len(arrived()) >= n)
    assert sorted(arrived()) == list(range(1, len(arrived()) + 1))
    assert appliance.camera('gate')['starts'] == 1


def missing_centre():
    try:
        import postgresql
    except ImportError as problem:
        return str(problem)
    if subprocess.run(['anprctl', 'forward', '--help'], check=False,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode:
        return 'built without libpq'
    return postgresql.missing()


CASES = [redis_goes_and_comes_back, redis_is_paused]

if __name__ == '__main__':
    WHY = missing_centre()
    if WHY:
        print('# no centre: ' + WHY)
    else:
        CASES.append(centre_goes_and_comes_back)
    sys.exit(run_site(CASES, begin=prepare))
