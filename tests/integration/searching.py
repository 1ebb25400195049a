# SPDX-License-Identifier: LGPL-2.1-or-later
"""A central database with passages and hits of two zones, and those who ask it: what
tests of searches share. All plates are invented."""
import datetime
import json
import os
import subprocess
import uuid

import psycopg2

LIMIT_S = 60
UTC = datetime.timezone.utc
NOW = datetime.datetime.now(UTC).replace(microsecond=0)
REASON = 'stolen copper was driven away along the canal road'
DECISION = {'reference': 'PK 12/3', 'date': (NOW - datetime.timedelta(
    days=2)).strftime('%Y-%m-%d'), 'scope': 'vehicles at the depot',
            'issuer': 'prosecutor X'}


def days(number, hours=0):
    return NOW - datetime.timedelta(days=number, hours=hours)


def iso(time):
    return time.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')


class Centre:
    """A cluster with a register of two zones, and who asks"""

    def __init__(self, cluster):
        self.cluster = cluster
        cluster.make_central()
        self.run("""
INSERT INTO anpr_data.controller VALUES
  (1, 'Ghent', 'GE[.][0-9]{4}/[0-9]{1,6}', ''),
  (2, 'Zelzate', 'ZE[.][0-9]{4}/[0-9]{1,6}', '');
INSERT INTO anpr_data.position SELECT n, CASE WHEN n <= 6 THEN 'G' ELSE 'Z' END || n,
  CASE WHEN n <= 6 THEN 1 ELSE 2 END, 'road ' || n, 51.05 + n * 0.05, 3.7
FROM generate_series(1, 8) AS n;
INSERT INTO anpr_data.permission (position, decision, place, purposes, camera_type,
  impact_assessment, valid_from, valid_until)
SELECT number, '2026_GR_00724', place, '{J1,J2,J3,B1}', 'fixed', 'DPIA 7',
  '2020-01-01Z', '2040-01-01Z' FROM anpr_data.position;
UPDATE anpr_data.setting SET passages = '12 months', stills = '12 months';
INSERT INTO anpr_data.compared (sha256, lists, last_used) VALUES ('x', '[]', now());
INSERT INTO anpr_data.list VALUES ('stolen', '1', 'Zone', 'stolen', 'J1', '', now(),
  now());
INSERT INTO anpr_data.list_setting VALUES ('stolen', 'desk@example.org')""")
        for login, role, person, cleared in (
                ('anna', 'investigator', 'Anna', (1,)),
                ('both', 'investigator', 'Both', (1, 2)),
                ('zoe', 'investigator', 'Zoe', (2,)),
                ('dirk', 'dispatcher', 'Dirk', (1,)),
                ('dirk2', 'dispatcher', 'Dirk', (1,)),
                ('dora', 'dispatcher', 'Dora', (1,)),
                ('adam', 'admin', 'Adam', ()), ('ada', 'admin', 'Ada', ()),
                ('sam', 'supervisor', 'Sam', ())):
            cluster.make_login(login, role)
            self.run('INSERT INTO anpr_data.login VALUES (%s, %s, %s)',
                     (login, person, 2 if login == 'zoe' else 1))
            for controller in cleared:
                self.run('INSERT INTO anpr_data.authorisation VALUES '
                         "(%s, %s, '2040-01-01Z', false)", (login, controller))

    def run(self, text, values=None):
        return self.cluster.query(text, values)

    def pass_by(self, plate, position, seen, confidence=0.98, state='r',
                direction='i', synchronised=True, country='BE'):
        identifier = str(uuid.uuid4())
        self.run("SELECT anpr_data.make_partitions(p, ARRAY[%s::date]) "
                 "FROM unnest('{passage,still}'::text[]) AS p",
                 (seen.astimezone(UTC).date(),))
        self.run("INSERT INTO anpr_data.passage VALUES (%s, %s, 1, -100, 200, 1, %s,"
                 " %s, %s, %s, 'h', %s, %s, %s, '', '1', '\\x00')",
                 (identifier, seen, position, round(confidence * 1e4), direction,
                  state, synchronised, country, plate))
        return identifier

    def picture(self, passage, seen, position):
        self.run("INSERT INTO anpr_data.still VALUES (%s, %s, %s, 'plate', %s)",
                 (passage, seen, position, b'\xff\xd8jpeg'))

    def hit(self, plate, position=1, seen=None, entry='E1', name='stolen',
            country='agree', age=60, covert=False, pictures=1, listed=None):
        """A passage with a hit; gives passage and hit."""
        seen = seen or NOW - datetime.timedelta(minutes=5)
        passage, hit = self.pass_by(plate, position, seen), str(uuid.uuid4())
        if pictures:
            self.picture(passage, seen, position)
        self.run("INSERT INTO anpr_data.hit VALUES (%s, %s, %s, now(), %s, 10, %s, "
                 "false, %s, %s, '1', %s, %s, 'Zone', 'R-1', 'stolen', 'stop', '', "
                 "'stolen', 'J1', 'exact', %s, %s)",
                 (hit, passage, seen, position, covert, age, name, entry,
                  listed or plate, country, json.dumps({'differing': ''})))
        return passage, hit


class Login:
    """One who asks, in a connection of his own"""

    def __init__(self, centre, name):
        self.connection = centre.cluster.connect(name)
        self.cursor = self.connection.cursor()

    def rows(self, text, values=()):
        self.cursor.execute(text, values)
        names = [column[0] for column in self.cursor.description]
        return [dict(zip(names, row)) for row in self.cursor.fetchall()]

    def ask(self, function, what, since=None, until=None, purpose='J1',
            case='GE.2026/12', reason=REASON, decision=None):
        return self.rows('SELECT ticket, code, refusal FROM anpr.ask('
                         '%s, %s, %s, %s, %s, %s, %s, %s)', (
            function, purpose, case, reason, since or days(20), until or NOW,
            json.dumps(what), json.dumps(decision) if decision else None))[0]

    def answer(self, function, what, *window, **reasons):
        asked = self.ask(function, what, *window, **reasons)
        assert asked['ticket'], asked
        return self.rows('SELECT * FROM anpr.%s(%%s)' % function,
                         (asked['ticket'],))

    def refusal(self, function, what, *window, **reasons):
        """The code that asking, or answering, is refused with"""
        asked = self.ask(function, what, *window, **reasons)
        if not asked['ticket']:
            return asked['code']
        return self.fault('SELECT * FROM anpr.%s(%%s)' % function,
                          (asked['ticket'],))

    def fault(self, text, values=()):
        try:
            self.rows(text, values)
        except psycopg2.Error as error:
            return str(error).split(']')[0].partition('[')[2] or str(error)
        return None

    def look(self, passage, hit):
        ticket = self.rows('SELECT anpr.open_hit(%s, %s) AS t',
                           (passage, hit))[0]['t']
        return self.rows('SELECT * FROM anpr.hit_images(%s)', (ticket,))

    def decide(self, passage, hit, verdict, cause='', **more):
        return self.rows(
            'SELECT * FROM anpr.decide(%s, %s, %s, %s, %s, %s)',
            (passage, hit, verdict, cause, more.get('note', ''),
             more.get('suppress')))[0]

    def decide_fault(self, passage, hit, verdict, cause=''):
        return self.fault('SELECT * FROM anpr.decide(%s, %s, %s, %s)',
                          (passage, hit, verdict, cause))


def anprctl(centre, login, *arguments, status=0, zone='Europe/Brussels'):
    env = dict(os.environ, ANPR_CENTRAL=centre.cluster.uri(login), TZ=zone,
               LC_ALL='C.UTF-8')
    done = subprocess.run(('anprctl', 'search') + arguments, env=env, text=True,
                          timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == status, (arguments, done)
    return done.stdout if status == 0 else done.stderr
