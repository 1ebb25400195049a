#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kills sink, forwarder and PostgreSQL at random moments, while 50 passages a
second come and hits are decided on, and counts what is lost or doubled.

usage: forwardkills.py [ROUNDS [SEED]]; by default ANPR_KILL_ROUNDS, or 3

A round is a random time of work, then SIGKILL to one, two or all three, and a
random pause until they are back. A passage counts as kept when the sink has said
so; at the end each of these must be in the spool and at the centre, once, under
the same number and hash, in chains without a break. Decisions on hits of kept
passages, two on each, must be at the centre once, in the order they were made.
"""
import hashlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

import forwarding
import postgresql
from forwarding import LIMIT_S, LOGIN, WAITING, Forward, count_states

ROUNDS = 3
PER_SECOND = 50
HIT_EVERY = 10
PARTS = ('sink', 'forwarder', 'postgresql')
HASH = re.compile(rb'"hash":"([0-9a-f]{64})"}$')


class Sink:
    """An anprsink that passages come to, and what it says it has kept"""

    def __init__(self, spool, kept):
        self.process = subprocess.Popen(
            [os.environ['ANPR_SINK_FEED'], spool, str(PER_SECOND), '0',
             str(HIT_EVERY)], text=True, stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL)
        self.kept = kept
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            words = line.split()
            # a killed process may leave half a line
            if words[0] == 'kept' and len(words) == 3 and line.endswith('\n'):
                self.kept[words[1]] = int(words[2])

    def kill(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.reader.join(LIMIT_S)


class Chain:
    """Sink, forwarder and centre at work"""

    def __init__(self, folder, cluster):
        self.spool = os.path.join(folder, 'passages.spool')
        self.decisions, self.decided = os.path.join(folder, 'decisions'), []
        self.cluster, self.kept = cluster, {}
        self.uri = cluster.uri(LOGIN)
        self.sink, self.forwarder = Sink(self.spool, self.kept), None
        self._start_forwarder()

    def _start_forwarder(self):
        self.forwarder = Forward(self.spool, self.uri, '--decisions',
                                 self.decisions)

    def decide(self):
        """Two decisions on each hit that has come since"""
        found = [json.loads(record) for record, in forwarding.ask_spool(
            self.spool, "SELECT record FROM passage WHERE record LIKE '%\"grade\"%'")]
        lines = []
        for record in found:
            for one in record['hits']:
                if one['id'] not in self.decided:
                    self.decided.append(one['id'])
                    lines += ['\t'.join((one['id'], record['id'], record['position'],
                                         'anna', str(time.time_ns() // 1000), *what))
                              for what in (('undecided', ''), ('rejected', 'stale'))]
        subprocess.run([os.environ['ANPR_DECISION_FEED'], self.decisions], text=True,
                       input=''.join(line + '\n' for line in lines), check=True,
                       stdout=subprocess.DEVNULL, timeout=LIMIT_S)

    def undelivered(self):
        return forwarding.ask_spool(
            self.decisions,
            'SELECT count(*) FROM decision WHERE delivered <> 1')[0][0]

    def kill(self, parts):
        if 'sink' in parts:
            self.sink.kill()
        if 'forwarder' in parts:
            self.forwarder.kill()
        if 'postgresql' in parts:
            self.cluster.kill()

    def start(self, parts):
        if 'sink' in parts:
            self.sink = Sink(self.spool, self.kept)
        if 'forwarder' in parts:
            self._start_forwarder()
        if 'postgresql' in parts:
            self.cluster.start(wait=False)

    def finish(self):
        """Lets all that was kept come to the centre."""
        self.sink.kill()
        self.cluster.wait()
        # a new one, which is in no pause
        self.forwarder.kill()
        self._start_forwarder()
        forwarding.wait_until(lambda: count_states(self.spool, WAITING) == 0,
                              'all delivered: %r' % self.forwarder.faults)
        self.decide()
        forwarding.wait_until(lambda: self.undelivered() == 0,
                              'all decided: %r' % self.forwarder.faults)
        assert self.forwarder.stop() == 0


def play(chain, rounds, draw):
    for number in range(1, rounds + 1):
        time.sleep(draw.uniform(0.2, 2.5))
        chain.decide()
        parts = draw.sample(PARTS, draw.choice((1, 1, 1, 2, 3)))
        chain.kill(parts)
        time.sleep(draw.uniform(0, 0.3))
        chain.start(parts)
        if number % 10 == 0:
            print('# round %d: %d kept, %d wait' % (
                number, len(chain.kept), count_states(chain.spool, WAITING)),
                flush=True)


def broken_links(spool):
    """Places where numbers, links or hashes of the spool's records do not fit"""
    faults, number, before = 0, 0, None
    for sequence, record in forwarding.ask_spool(
            spool, 'SELECT sequence, record FROM passage ORDER BY sequence'):
        line = record.encode()
        found = HASH.search(line)
        unhashed = line[:found.start()] + b'"hash":null}'
        right = (sequence == number + 1
                 and json.loads(line)['previous_hash'] == before
                 and hashlib.sha256(unhashed).hexdigest().encode()
                 == found.group(1))
        faults += not right
        number, before = sequence, found.group(1).decode()
    return faults


def compare(chain):
    """What the issue's table asks: passages lost and doubled, broken links at the
    spool and at the centre"""
    spooled, came = forwarding.spooled(chain.spool), forwarding.passages(
        chain.cluster)
    numbers = {one[2]: one[1] for one in spooled}
    centre = {one[2] for one in came}
    ranges = chain.cluster.query(
        'SELECT first, last, generation FROM anpr_data.delivered_range')
    faults, = chain.cluster.query(
        'SELECT link_faults FROM anpr_data.position_chain')[0]
    return {
        'kept': len(chain.kept), 'in_spool': len(spooled),
        'at_centre': len(came),
        'lost': sum(identifier not in centre or numbers.get(identifier) != number
                    for identifier, number in chain.kept.items())
        + len(set(numbers) - centre),
        'doubled': len(came) - len(centre) + len(spooled) - len(numbers)
        + len(centre - set(numbers)),
        'changed': len(set(came) ^ set(spooled)),
        'decided': len(chain.decided),
        'decided_wrongly': chain.cluster.query(
            'SELECT count(*) FROM unnest(%s::uuid[]) AS h WHERE (SELECT '
            'array_agg(d.verdict ORDER BY d.number) FROM anpr_data.decision d '
            "WHERE d.hit = h) IS DISTINCT FROM '{undecided,reject}'",
            [chain.decided])[0][0],
        'broken_in_spool': broken_links(chain.spool),
        'broken_at_centre': faults + (ranges != [(1, len(spooled), 1)]),
    }


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    rounds = int(sys.argv[1] if len(sys.argv) > 1
                 else os.environ.get('ANPR_KILL_ROUNDS', ROUNDS))
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    print('1..1\n# %d rounds, seed %d' % (rounds, seed), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-kills-') as folder, \
            postgresql.Cluster() as cluster:
        forwarding.make_centre(cluster)
        chain = Chain(folder, cluster)
        try:
            play(chain, rounds, random.Random(seed))
            chain.finish()
            figures = compare(chain)
        finally:
            chain.sink.kill()
            chain.forwarder.kill()
    good = figures['kept'] > rounds and figures['decided'] and not any(
        figures[name] for name in ('lost', 'doubled', 'changed', 'decided_wrongly',
                                   'broken_in_spool', 'broken_at_centre'))
    print('# ' + json.dumps(figures))
    print('%sok 1 - %d rounds of SIGKILL lose and double nothing' % (
        '' if good else 'not ', rounds), flush=True)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
