# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What it costs to bring passages from a spool to the central database: a
PostgreSQL of its own on this machine, durable as it is in use.

The spool is filled first, by anpr-spool-fill; then `anprctl forward --once` runs
until all of it is delivered and written down. Seconds are wall-clock time of that
process, its start included; CPU seconds are those of whole processes.
"""

import glob
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGIN = 'box-1'
PASSAGES = 10000
WITH_STILLS = 2000
PLATE_BYTES = 6000
VEHICLE_BYTES = 60000
WEEK_DAYS = 7
WEEK_PASSAGES = 70000
WEEK_HIT_EVERY = 100
TIMEOUT = 900
TOP_STATEMENTS = 6


class Failed(Exception):
    """What went wrong"""


def helpers():
    """The cluster and the centre that the tests use"""
    folder = os.path.join(ROOT, 'tests', 'integration')
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import forwarding
    import postgresql
    return forwarding, postgresql


def run(command, env):
    done = subprocess.run(command, env=env, text=True, timeout=TIMEOUT,
                          check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed('%s: %s' % (os.path.basename(command[0]),
                                 (done.stderr.strip() or 'failed')[-300:]))
    return done.stdout


def cpu_of(stat):
    """CPU seconds in a line of /proc/PID/stat, waited-for children included"""
    fields = stat.rpartition(')')[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf('SC_CLK_TCK')


def cluster_cpu(cluster):
    """CPU seconds of a server and all its processes, those that have ended too"""
    total = 0
    for process in cluster.processes():
        try:
            with open('/proc/%d/stat' % process, encoding='utf8') as file:
                total += cpu_of(file.read())
        except OSError:
            pass
    return total


def rates(passages, seconds, own_cpu, server_cpu):
    """Figures of one delivery"""
    return {'passages_per_s': round(passages / seconds),
            'forwarder_cpu_ms': round(1000 * own_cpu / passages, 3),
            'postgresql_cpu_ms': round(1000 * server_cpu / passages, 3),
            'forwarder_cpu_share': round(own_cpu / seconds, 2),
            'postgresql_cpu_share': round(server_cpu / seconds, 2)}


def deliver(build, env, cluster, spool, address, passages):
    before, begin = cluster_cpu(cluster), time.monotonic()
    with tempfile.TemporaryFile() as faults:
        child = subprocess.Popen(
            [os.path.join(build, 'appliance', 'anprctl'), 'forward', '--once',
             '--to', address, spool], env=env, stderr=faults,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        faults.seek(0)
        if child.returncode != 0:
            raise Failed(faults.read().decode('utf8', 'replace')[-300:])
    seconds = time.monotonic() - begin
    figures = rates(passages, seconds, usage.ru_utime + usage.ru_stime,
                    cluster_cpu(cluster) - before)
    arrived = cluster.query('SELECT count(*) FROM anpr_data.passage')[0][0]
    if arrived != passages:
        raise Failed('%d of %d passages came' % (arrived, passages))
    return figures


def fill(build, env, spool, passages, *options):
    for path in glob.glob(spool + '*'):
        os.remove(path)
    run([os.path.join(build, 'bench', 'forward', 'anpr-spool-fill'), '-n',
         str(passages), *options, spool], env)


def empty(cluster):
    cluster.query('TRUNCATE anpr_data.passage, anpr_data.still,'
                  ' anpr_data.record, anpr_data.hit, anpr_data.stray,'
                  ' anpr_data.position_chain, anpr_data.delivered_range')
    cluster.query('CHECKPOINT')


def measure_ways(build, env, cluster, folder):
    spool = os.path.join(folder, 'passages.spool')
    stills = ('--plate-bytes', str(PLATE_BYTES), '--vehicle-bytes',
              str(VEHICLE_BYTES))
    figures = {}
    for name, address, passages, options in (
            ('socket', cluster.uri(LOGIN), PASSAGES, ()),
            ('tls', cluster.tls_uri(LOGIN), PASSAGES, ()),
            ('socket_stills', cluster.uri(LOGIN), WITH_STILLS, stills),
            ('tls_stills', cluster.tls_uri(LOGIN), WITH_STILLS, stills)):
        empty(cluster)
        fill(build, env, spool, passages, '--hit-every', '100', *options)
        figures[name] = deliver(build, env, cluster, spool, address, passages)
    return figures


def share_rows(rows):
    """Statements (text, calls, milliseconds) as shares of the whole one's time"""
    whole = next((ms for text, _, ms in rows if 'anpr.ingest' in text), 0)
    return [{'share': round(ms / whole, 3) if whole else 0, 'calls': calls,
             'statement': ' '.join(text.split())[:70]}
            for text, calls, ms in rows[:TOP_STATEMENTS]]


def measure_statements(build, env, folder, postgresql, forwarding):
    """Where PostgreSQL's time goes, with its statistics of nested statements"""
    with postgresql.Cluster(settings={
            'shared_preload_libraries': 'pg_stat_statements',
            'pg_stat_statements.track': 'all'}) as cluster:
        forwarding.make_centre(cluster)
        cluster.query('CREATE EXTENSION pg_stat_statements')
        spool = os.path.join(folder, 'statements.spool')
        fill(build, env, spool, PASSAGES, '--hit-every', '100')
        cluster.query('SELECT pg_stat_statements_reset()')
        deliver(build, env, cluster, spool, cluster.uri(LOGIN), PASSAGES)
        return share_rows(cluster.query(
            'SELECT query, calls, total_exec_time FROM pg_stat_statements'
            " WHERE query !~ 'pg_stat_statements'"
            ' ORDER BY total_exec_time DESC LIMIT %d' % (TOP_STATEMENTS + 4)))


def order_faults(came, hits):
    """@came: (number, id) in the order they came; @hits: ids with hits. Passages
    with hits that did not come before all others, and others that came before one
    with a smaller number."""
    late = sum(identifier in hits for _, identifier in came[len(hits):])
    numbers = [number for number, identifier in came if identifier not in hits]
    return late, sum(later < sooner
                     for sooner, later in zip(numbers, numbers[1:]))


def measure_week(build, env, cluster, folder):
    """A link that was down for a week of 10,000 passages a day"""
    spool = os.path.join(folder, 'week.spool')
    empty(cluster)
    # who comes when is in no column: a trigger of this measurement counts
    cluster.query('CREATE TABLE IF NOT EXISTS anpr_data.came (n bigint GENERATED'
                  ' ALWAYS AS IDENTITY, number bigint, id uuid)')
    cluster.query('TRUNCATE anpr_data.came')
    cluster.query('GRANT INSERT ON anpr_data.came TO PUBLIC')
    cluster.query(
        'CREATE OR REPLACE FUNCTION anpr_data.note_came() RETURNS trigger'
        ' LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO anpr_data.came'
        ' (number, id) VALUES (NEW.sequence, NEW.id); RETURN NEW; END $$')
    cluster.query('CREATE OR REPLACE TRIGGER came AFTER INSERT ON'
                  ' anpr_data.passage FOR EACH ROW EXECUTE FUNCTION'
                  ' anpr_data.note_came()')
    fill(build, env, spool, WEEK_PASSAGES, '--days', str(WEEK_DAYS),
         '--hit-every', str(WEEK_HIT_EVERY))
    begin = time.monotonic()
    deliver(build, env, cluster, spool, cluster.tls_uri(LOGIN), WEEK_PASSAGES)
    seconds = time.monotonic() - begin
    with sqlite3.connect(spool) as database:
        hits = {row[0] for row in database.execute(
            'SELECT id FROM passage WHERE hits > 0')}
    late, disorder = order_faults(cluster.query(
        'SELECT number, id::text FROM anpr_data.came ORDER BY n'), hits)
    cluster.query('DROP TRIGGER came ON anpr_data.passage')
    faults = cluster.query('SELECT link_faults FROM anpr_data.position_chain')
    return {'passages': WEEK_PASSAGES, 'hits': len(hits),
            'delivered_s': round(seconds, 1), 'hits_not_first': late,
            'out_of_order': disorder, 'broken_links': faults[0][0]}


def measure(build, env):
    forwarding, postgresql = helpers()
    # for the helpers, which call anprctl by its name
    os.environ['PATH'] = '%s:%s' % (os.path.join(build, 'appliance'),
                                    os.environ['PATH'])
    with tempfile.TemporaryDirectory(prefix='anpr-delivery-') as folder:
        tls = os.path.join(folder, 'tls')
        os.mkdir(tls)
        postgresql.make_certificates(tls, LOGIN)
        with postgresql.Cluster(tls=tls, hba='hostssl all all all cert\n') \
                as cluster:
            forwarding.make_centre(cluster)
            figures = measure_ways(build, env, cluster, folder)
            figures['week'] = measure_week(build, env, cluster, folder)
        figures['statements'] = measure_statements(
            build, env, folder, postgresql, forwarding)
    return figures


if __name__ == '__main__':
    print(json.dumps(measure(os.path.abspath(sys.argv[1]), dict(os.environ))))
