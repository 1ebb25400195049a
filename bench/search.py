# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What questions to the central database cost: a PostgreSQL of its own on this
machine, filled with a year of traffic at 31 positions (central/traffic.sql).

It is filled without waiting for the disk, and measured with that. A question is
asked as any login asks it: anpr.ask(), commit, anpr.FUNCTION(ticket), commit, all
rows fetched. Milliseconds are wall-clock time of the second; beside them is the CPU
time of the server process that answered, which a busy machine changes less.
"""

import datetime
import json
import os
import random
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TRAFFIC = os.path.join(ROOT, 'bench', 'central', 'traffic.sql')
UTC = datetime.timezone.utc
PASSAGES = 1000000
LONG_PASSAGES = 20000000
DAYS = 365
BUILDERS = 2
QUESTIONS = 200
SERIES = 30
NEW_CONNECTIONS = 20
SERVER = {'shared_buffers': '1GB', 'max_wal_size': '4GB', 'wal_writer_delay': '200ms'}
INVESTIGATOR, APPLIANCE = 'bench-investigator', 'bench-appliance'
REASON = 'stolen copper was driven away along the canal road'
REGISTER = """
INSERT INTO anpr_data.controller VALUES (1, 'Bench', 'BE[.][0-9]{4}/[0-9]+', '');
INSERT INTO anpr_data.position SELECT n, 'P' || n, 1, 'port road ' || n,
  51.08 + 0.008 * n, 3.70 + 0.004 * (n % 5) FROM generate_series(1, 31) AS n;
INSERT INTO anpr_data.permission (position, decision, place, purposes, camera_type,
  impact_assessment, valid_from, valid_until)
SELECT number, 'bench', place, '{J1}', 'fixed', 'none', '2020-01-01Z', '2099-01-01Z'
FROM anpr_data.position;
UPDATE anpr_data.setting SET passages = '12 months', stills = '12 months';
INSERT INTO anpr_data.compared (sha256, lists, last_used) VALUES ('x', '[]', now());
INSERT INTO anpr_data.login VALUES ('bench-investigator', 'A', 1),
  ('bench-appliance', 'B', 1);
INSERT INTO anpr_data.authorisation VALUES ('bench-investigator', 1, '2099-01-01Z',
  false);
INSERT INTO anpr_data.delivery SELECT 'bench-appliance', number
FROM anpr_data.position;
"""


class Failed(Exception):
    """What went wrong"""


def helpers():
    """The cluster and the records that the tests use"""
    folder = os.path.join(ROOT, 'tests', 'integration')
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import passagerecords
    import postgresql
    return passagerecords, postgresql


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def spread(walls, cpus):
    return {'p50_ms': round(percentile(walls, 0.5), 2),
            'p95_ms': round(percentile(walls, 0.95), 2),
            'cpu_p50_ms': round(percentile(cpus, 0.5), 2),
            'cpu_p95_ms': round(percentile(cpus, 0.95), 2)}


# --- a year of traffic ------------------------------------------------------

def make_days(cluster, days):
    with cluster.connect() as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute('SET statement_timeout = 0')
            for day in days:
                cursor.execute('SELECT bench.make_day(%s)', (day,))


def fill(cluster, passages):
    """Gives the seconds it took"""
    begin = time.monotonic()
    today = datetime.datetime.now(UTC).date()
    days = [today - datetime.timedelta(days=n) for n in range(DAYS, -1, -1)]
    with open(TRAFFIC, encoding='utf8') as file:
        cluster.query(file.read())
    cluster.query('SELECT bench.make_vehicles(%s)', (passages,))
    for parent in ('passage', 'still'):
        cluster.query('SELECT anpr_data.make_partitions(%s, %s)', (parent, days))
    builders = [threading.Thread(target=make_days,
                                 args=(cluster, days[n::BUILDERS]))
                for n in range(BUILDERS)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    connection = cluster.connect()
    with connection.cursor() as cursor:
        cursor.execute('SET statement_timeout = 0')
        cursor.execute('VACUUM ANALYZE anpr_data.passage')
    connection.close()
    return time.monotonic() - begin


def sizes(cluster):
    n = cluster.query('SELECT count(*) FROM anpr_data.passage')[0][0]
    plate, key, times = cluster.query("""
SELECT
  sum(pg_relation_size(x.indexrelid)) FILTER (WHERE r.relname LIKE '%plate%'),
  sum(pg_relation_size(x.indexrelid)) FILTER (WHERE r.relname LIKE '%pkey%'),
  sum(pg_relation_size(x.indexrelid)) FILTER (WHERE r.relname LIKE '%seen%')
FROM pg_inherits i
LEFT JOIN LATERAL (SELECT indexrelid FROM pg_index WHERE indrelid = i.inhrelid) x
  ON true
JOIN pg_class r ON r.oid = x.indexrelid
WHERE i.inhparent = 'anpr_data.passage'::regclass""")[0]
    whole = cluster.query("""
SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits
WHERE inhparent = 'anpr_data.passage'::regclass""")[0][0]
    return {'passages': n, 'bytes_per_passage': round(float(whole / n), 1),
            'of_these_indexes': round(float((plate + key + times) / n), 1)}


# --- questions --------------------------------------------------------------

class Asker:
    """One login in one connection"""

    def __init__(self, cluster):
        self.connection = cluster.connect(INVESTIGATOR)
        self.cursor = self.connection.cursor()
        self.process = self.connection.get_backend_pid()
        self.decision = json.dumps({
            'reference': 'PK 1/1', 'date': str(datetime.date.today()
                                               - datetime.timedelta(days=2)),
            'scope': 'all', 'issuer': 'prosecutor'})

    def cpu_ms(self):
        with open('/proc/%d/schedstat' % self.process, encoding='ascii') as file:
            return int(file.read().split()[0]) / 1e6

    def ask(self, function, what, since, until):
        self.cursor.execute(
            'SELECT ticket, refusal FROM anpr.ask(%s, %s, %s, %s, %s, %s, %s, %s)',
            (function, 'J1', 'BE.2026/1', REASON, since, until, json.dumps(what),
             self.decision))
        ticket, refusal = self.cursor.fetchone()
        if not ticket:
            raise Failed(refusal)
        return ticket

    def answer(self, function, what, since, until):
        """Wall-clock and CPU milliseconds, and rows"""
        ticket = self.ask(function, what, since, until)
        cpu, begin = self.cpu_ms(), time.perf_counter()
        self.cursor.execute('SELECT * FROM anpr.%s(%%s)' % function, (ticket,))
        rows = self.cursor.fetchall()
        return ((time.perf_counter() - begin) * 1e3, self.cpu_ms() - cpu, rows)

    def close(self):
        self.connection.close()


def year():
    until = datetime.datetime.now(UTC)
    return until - datetime.timedelta(days=DAYS - 2), until


def measure_plates(cluster, plates, window, new_connections=False):
    asker, walls, cpus, rows = Asker(cluster), [], [], []
    for plate in plates:
        if new_connections:
            asker.close()
            asker = Asker(cluster)
        wall, cpu, found = asker.answer('plate', {'plate': plate, 'limit': 10000},
                                        *window)
        walls.append(wall)
        cpus.append(cpu)
        rows.append(len(found))
    asker.close()
    # the first ones plan, the others have plans
    skip = 0 if new_connections else 3
    return dict(spread(walls[skip:], cpus[skip:]),
                rows_p50=percentile(rows[skip:], 0.5))


def draw_plates(cluster, text, n):
    return [row[0] for row in cluster.query(text, (n,))]


def measure_movements(cluster):
    regular = draw_plates(cluster, 'SELECT plate FROM bench.vehicle ORDER BY '
                          'hashint8(id) LIMIT %s', QUESTIONS + 3)
    seen = draw_plates(cluster, """
SELECT plate FROM (SELECT plate FROM anpr_data.passage TABLESAMPLE SYSTEM (0.5)
WHERE plate IS NOT NULL GROUP BY plate) AS p ORDER BY hashtext(plate) LIMIT %s""",
                       QUESTIONS + 3)
    since, until = year()
    month = (until - datetime.timedelta(days=29), until)
    return [dict({'of': of}, **figures) for of, figures in (
        ('a plate, 12 months', measure_plates(cluster, seen, (since, until))),
        ('who drives daily, 12 months',
         measure_plates(cluster, regular, (since, until))),
        ('who drives daily, a month',
         measure_plates(cluster, regular, month)),
        ('a plate, 12 months, new connection',
         measure_plates(cluster, seen[:NEW_CONNECTIONS], (since, until), True)),
        ('a plate, a month, new connection',
         measure_plates(cluster, seen[:NEW_CONNECTIONS], month, True)))]


def draw_facts(draw, until):
    """Five half hours at two positions each, workdays and weekends"""
    facts = []
    for _ in range(5):
        begin = (until - datetime.timedelta(days=draw.randrange(30, DAYS - 40))
                 ).replace(hour=draw.randrange(5, 20), minute=0, second=0)
        first = draw.randrange(1, 31)
        facts.append({'positions': ['P%d' % first, 'P%d' % (first + 1)],
                      'from': begin.isoformat(), 'to': (
                          begin + datetime.timedelta(minutes=30)).isoformat()})
    return facts


def measure_series(cluster):
    draw, asker = random.Random(7), Asker(cluster)
    since, until = year()
    walls, cpus, plates = [], [], []
    for _ in range(SERIES + 1):
        what = {'facts': draw_facts(draw, until), 'at_least': 2}
        wall, cpu, rows = asker.answer('count_series', what, since, until)
        walls.append(wall)
        cpus.append(cpu)
        plates.append(rows[0][0])
    asker.close()
    return dict(spread(walls[1:], cpus[1:]),
                plates_p50=percentile(plates[1:], 0.5))


def measure_gate(cluster):
    """Asking, and answering where there is next to nothing to read: a plate that is
    not there, in an hour"""
    asker, walls, cpus, answers = Asker(cluster), [], [], []
    until = datetime.datetime.now(UTC)
    window = (until - datetime.timedelta(hours=1), until)
    for _ in range(QUESTIONS):
        cpu, begin = asker.cpu_ms(), time.perf_counter()
        ticket = asker.ask('plate', {'plate': 'NONE'}, *window)
        walls.append((time.perf_counter() - begin) * 1e3)
        cpus.append(asker.cpu_ms() - cpu)
        cpu = asker.cpu_ms()
        asker.cursor.execute('SELECT * FROM anpr.plate(%s)', (ticket,))
        answers.append(asker.cpu_ms() - cpu)
    asker.close()
    return {'ask_p50_ms': round(percentile(walls, 0.5), 2),
            'ask_p95_ms': round(percentile(walls, 0.95), 2),
            'ask_cpu_p50_ms': round(percentile(cpus, 0.5), 2),
            'empty_answer_cpu_p50_ms': round(percentile(answers, 0.5), 2)}


# --- dropping a day under load ----------------------------------------------

class Load(threading.Thread):
    """Delivers batches of an appliance until it is told to stop"""

    def __init__(self, cluster, records):
        super().__init__()
        self.connection = cluster.connect(APPLIANCE)
        self.position = records.Position('P1')
        self.batches = []
        self.failed = None
        self.done = threading.Event()

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                while not self.done.is_set():
                    batch = [self.position.record(text='1LOD%03d' % (n % 1000))
                             for n in range(20)]
                    begin = time.monotonic()
                    cursor.execute('SELECT * FROM anpr.ingest(%s)', (batch,))
                    self.check(cursor.fetchall())
                    self.batches.append((begin, time.monotonic() - begin))
        except Exception as reason:  # told by the thread that measures
            self.failed = reason

    def check(self, answers):
        refused = [answer for answer in answers if answer[1] != 'kept']
        if refused:
            raise Failed('a batch was refused: %s' % (refused[0],))


def drop_oldest(cluster):
    """A day as retention drops it: detached without stopping others, then gone"""
    name = cluster.query("""
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'anpr_data.passage'::regclass ORDER BY 1 LIMIT 1""")[0][0]
    cluster.query('ALTER TABLE anpr_data.passage DETACH PARTITION anpr_data.%s '
                  'CONCURRENTLY' % name)
    return cluster.query('SELECT anpr_data.drop_detached(%s)', (name,))[0][0]


def measure_drop(cluster, records):
    load = Load(cluster, records)
    load.start()
    try:
        time.sleep(5)
        begin = time.monotonic()
        dropped = sum(drop_oldest(cluster) for _ in range(5))
        end = time.monotonic()
        time.sleep(1)
    finally:
        load.done.set()
        load.join()
    load.connection.close()
    if load.failed:
        raise Failed('deliveries failed: %s' % load.failed)
    before = [took for at, took in load.batches if at < begin]
    during = [took for at, took in load.batches if begin <= at + took and at < end]
    return {'rows_dropped': dropped, 'batches_before': len(before),
            'batches_during': len(during),
            'batch_p50_ms': round(1e3 * percentile(before, 0.5), 1),
            'longest_before_ms': round(1e3 * max(before), 1),
            'longest_during_ms': round(1e3 * max(during), 1)}


def measure(options):
    """@options: long, build"""
    records, postgresql = helpers()
    passages = LONG_PASSAGES if options.long else PASSAGES
    os.environ['PATH'] = '%s:%s' % (os.path.join(options.build, 'appliance'),
                                    os.environ['PATH'])
    with tempfile.TemporaryDirectory(prefix='anpr-bench-central-') as folder:
        os.chmod(folder, 0o755)
        home = os.path.join(folder, 'cluster')
        cluster = postgresql.Cluster(home, durable=False, settings=SERVER)
        try:
            cluster.make_central()
            cluster.make_login(INVESTIGATOR, 'investigator')
            cluster.make_login(APPLIANCE, 'appliance')
            cluster.query(REGISTER)
            seconds = fill(cluster, passages)
            cluster.stop()
            cluster = postgresql.Cluster(home, settings=SERVER)
            return dict(
                sizes(cluster), filled_s=round(seconds),
                movements=measure_movements(cluster),
                series_of_5=measure_series(cluster), gate=measure_gate(cluster),
                drop_a_day=measure_drop(cluster, records))
        finally:
            cluster.remove()
