#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Looking after the central database: check, migrations, retention; a cluster for
each."""
import datetime
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import psycopg2

import passagerecords
import postgresql
from central import DAY, JPEG, ingest, run
from passagerecords import SECOND, Position, hit, now, sealed, still


def check_a_sound_database_has_no_findings_and_faults_have_codes():
    with tempfile.TemporaryDirectory(prefix='anpr-central-') as folder, \
            postgresql.Cluster() as own:
        own.make_central()
        own.central('retain')
        own.central('seal')
        assert own.central('check') == 'all holds\n'
        connection = own.connect(autocommit=False)
        cursor = connection.cursor()
        for text, code in (
                ('GRANT SELECT ON anpr_data.passage TO anpr_admin', 'GRANT'),
                ('GRANT SELECT (plate) ON anpr_data.passage TO PUBLIC', 'GRANT'),
                ('GRANT USAGE ON SCHEMA anpr_data TO anpr_supervisor', 'GRANT'),
                ('GRANT EXECUTE ON FUNCTION anpr.ask TO PUBLIC', 'GRANT'),
                ('GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC',
                 'GRANT'),
                ('ALTER FUNCTION anpr.ask RESET search_path', 'FUNCTION'),
                ('ALTER FUNCTION anpr.ask OWNER TO CURRENT_USER', 'FUNCTION'),
                ('ALTER ROLE anpr_reader BYPASSRLS', 'ROLE'),
                ('ALTER ROLE anpr_admin LOGIN', 'ROLE'),
                ('CREATE ROLE two LOGIN IN ROLE anpr_admin, anpr_appliance', 'ROLE'),
                ('CREATE ROLE own LOGIN IN ROLE anpr_owner', 'ROLE'),
                ('ALTER TABLE anpr_data.hit DISABLE ROW LEVEL SECURITY', 'SECURITY'),
                ('ALTER TABLE anpr_data.still NO FORCE ROW LEVEL SECURITY', 'SECURITY'),
                ('ALTER TABLE anpr_data.access_log DISABLE TRIGGER append_only', 'LOG'),
                ("UPDATE anpr_data.retention_state SET last_run = now() - interval "
                 "'1 day'", 'RETENTION'),
                ("UPDATE anpr_data.migration SET sha256 = 'x' WHERE number = 3",
                 'MIGRATION'),
                ('DELETE FROM anpr_data.migration WHERE number = 3', 'MIGRATION')):
            connection = own.connect(autocommit=False)
            if code == 'MIGRATION':
                continue
            cursor = connection.cursor()
            cursor.execute(text)
            cursor.execute('SELECT code FROM anpr_data.findings()')
            assert ('ANPR-CENTRAL-' + code,) in cursor.fetchall(), text
            connection.close()
        migrate_from_version_to_version(own, folder)


def migrate_from_version_to_version(own, folder):
    """From version to version, in the database of the check above"""
    copies = os.path.join(folder, 'migrations')
    shutil.copytree(postgresql.MIGRATIONS, copies)
    added = os.path.join(copies, '0999-added.sql')
    with open(added, 'w', encoding='utf8') as file:
        file.write('CREATE TABLE anpr_data.added (); SELECT 1/0;')
    last = sorted(glob.glob(os.path.join(copies, '*.sql')))[0]
    new = ('migrate', '--migrations', copies)
    assert '0999-added.sql: ' in own.central(*new, status=1)
    assert own.query("SELECT to_regclass('anpr_data.added')") == [(None,)]
    with open(added, 'w', encoding='utf8') as file:
        file.write('CREATE TABLE anpr_data.added ();\n'
                   'ALTER TABLE anpr_data.added OWNER TO anpr_owner;')
    assert 'ANPR-CENTRAL-MIGRATION' in own.central(
        'check', '--migrations', copies, status=1)
    assert own.central(*new).startswith('1 of ')
    assert own.central(*new).startswith('0 of ')
    assert 'does not know' in own.central('migrate', status=1)
    with open(last, 'a', encoding='utf8') as file:
        file.write('-- changed\n')
    assert 'is not as it was' in own.central(*new, status=1)
    assert 'ANPR-CENTRAL-MIGRATION' in own.central('init', status=1)


# Retention

class Old:
    """A database with a passage, a hit and a still on each of some days"""

    def __init__(self, days=8, durable=False):
        self.cluster = postgresql.Cluster(durable=durable)
        self.cluster.make_central()
        self.cluster.make_login('box', 'appliance')
        self.cluster.register(
            postgresql.controller(), postgresql.position(1, 'gate'),
            postgresql.position(2, 'dock'), postgresql.permission('gate'),
            postgresql.permission('dock'), postgresql.appliance('box', 'gate', 'dock'),
            dict(kind='setting', passages='12 months', stills='12 months'))
        self.latest = now() - 3600 * SECOND
        for name in ('gate', 'dock'):
            position = Position(name)
            lines, stills = [], []
            for back in range(days, -1, -1):
                fields = position.fields(self.latest - back * DAY,
                                         hits=[hit()], images=[still(JPEG)])
                line, position.hash = sealed(fields)
                position.sequence += 1
                lines.append(line)
                stills.append((fields['id'], 'plate', JPEG))
            assert ingest(self.cluster, lines, stills) == [('kept', None)] * len(lines)

    def ages(self, table, name='gate'):
        """Days since, of the rows of a table"""
        return sorted(round((self.latest - passagerecords.utc(seen.isoformat())) / DAY)
                      for seen, in self.cluster.query(
                          'SELECT t.seen FROM anpr_data.%s t JOIN anpr_data.position p '
                          'ON p.number = t.position WHERE p.name = %%s' % table, [name]))

    def terms(self, **terms):
        self.cluster.register(dict(dict(kind='setting'), **terms))


def check_what_is_past_its_term_goes_and_nothing_else():
    old = Old(durable=True)
    with old.cluster as cluster:
        cluster.central('retain')
        assert old.ages('passage') == list(range(9))
        old.terms(passages='6 days', stills='3 days')
        cluster.register(dict(kind='retention', position='dock', purpose=None,
                              passages='4 days', stills='5 days'))
        assert 'rows erased' in cluster.central('retain')
        for table in ('passage', 'hit', 'record'):
            assert old.ages(table) == list(range(6)), table
            assert old.ages(table, 'dock') == list(range(4)), table
        assert old.ages('still') == list(range(3))
        assert old.ages('still', 'dock') == list(range(4))
        erased = cluster.query(
            "SELECT sum((details->>'rows')::int) FROM anpr_data.access_log WHERE "
            "action = 'erasure' AND details->>'table' IN ('passage', 'still')")
        assert erased[0][0] == (9 - 6) + (9 - 4) + (9 - 3) + (9 - 4), erased
        assert 'rows erased' not in cluster.central('retain')
        cluster.central('seal')
        out = cluster.central('check')
        assert out == 'all holds\n', out


def check_retention_killed_anywhere_goes_on():
    old = Old()
    with old.cluster as cluster:
        old.terms(passages='5 days', stills='3 days')
        kills = 0
        for pause in (0.02, 0.05, 0.08, 0.12, 0.2, 0.3):
            run = subprocess.Popen(['anprctl', 'central', '--to', cluster.uri(),
                                    'retain'], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
            time.sleep(pause)
            kills += run.poll() is None
            run.send_signal(signal.SIGKILL)
            run.wait()
        # and the server in the middle of a detach that waits for a reader
        reader = cluster.connect(autocommit=False)
        reader.cursor().execute('SELECT count(*) FROM anpr_data.passage')
        run = subprocess.Popen(['anprctl', 'central', '--to', cluster.uri(),
                                'retain'], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        time.sleep(0.3)
        cluster.kill()
        run.wait(60)
        reader.close()
        cluster.start()
        assert kills > 0
        cluster.central('retain')
        assert old.ages('passage') == list(range(5))
        assert old.ages('still') == list(range(3))
        assert old.ages('hit') == list(range(5))
        assert cluster.query('SELECT * FROM anpr.verify_log()') == []


def check_nobody_holds_up_erasure_by_an_open_transaction():
    old = Old()
    with old.cluster as cluster:
        old.terms(passages='5 days', stills='3 days')
        holder = cluster.connect('box', autocommit=False)
        cursor = holder.cursor()
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        holder.commit()
        cursor.execute('SELECT outcome FROM anpr.ingest(%s)', [[Position().record()]])
        # one that has just begun is waited for, and its days are left
        assert 'left to the next run' in cluster.central('retain', status=1)
        assert cluster.query("SELECT * FROM anpr_data.end_old_transactions("
                             "'1 hour')") == []
        assert cluster.query("SELECT * FROM anpr_data.end_old_transactions("
                             "'0 seconds')") == [('box',)]
        try:
            cursor.execute('SELECT 1')
            raise AssertionError('the session goes on')
        except psycopg2.Error:
            pass
        cluster.central('retain')
        assert old.ages('passage') == list(range(5))


def check_clocks_neither_extend_nor_erase_early():
    old = Old(2)
    with old.cluster as cluster:
        old.terms(passages='30 days', stills='30 days')
        cluster.central('retain')
        connection = cluster.connect(autocommit=False)
        cursor = connection.cursor()
        state = 'SELECT clock FROM anpr_data.retention_state'
        cursor.execute(state)
        mark = cursor.fetchone()[0]
        hour = datetime.timedelta(hours=1)

        def advance(boot, uptime):
            cursor.execute('SELECT anpr_data.advance_clock(%s, %s::interval)',
                           [boot, uptime])
            return cursor.fetchone()[0]
        # this server's clock is a year ahead (the mark a year behind it), and no
        # other source says so: no further than the time that passed
        cursor.execute("UPDATE anpr_data.retention_state SET clock = clock - "
                       "interval '1 year', boot = 'a', uptime = '5 hours'")
        cursor.execute("UPDATE anpr_data.position_chain SET last_seen = NULL")
        year = advance('a', '5 hours')
        assert mark - year > 364 * 24 * hour
        assert advance('a', '6 hours') == year + hour
        assert advance('b', '10 minutes') == year + hour + hour / 6
        assert advance('b', '5 minutes') == year + hour + hour / 6
        # an appliance agrees
        cursor.execute("UPDATE anpr_data.position_chain SET last_seen = now()")
        assert mark - hour < advance('b', '10 minutes') <= mark + 2 * hour
        connection.rollback()
        # set back: what the mark says is over stays over
        cursor.execute("UPDATE anpr_data.retention_state SET clock = now() + "
                       "interval '300 days'")
        cursor.execute('SELECT anpr_data.present() > now() + interval \'299 days\'')
        assert cursor.fetchone()[0]
        connection.rollback()
        connection.close()


def main():
    missing = postgresql.missing()
    if missing:
        print('1..0 # SKIP ' + missing)
        return 0
    return run(globals())


if __name__ == '__main__':
    sys.exit(main())
