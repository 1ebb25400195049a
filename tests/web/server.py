#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page's server in a real anprd with a camera that plays a film: who may ask
what, and what people who should not be there may try.

Everything is waited for, LIMIT_S at most; nothing asserts a bare time. Needs
promtool for the form of the metrics, which is passed over without.
"""
import contextlib
import hashlib
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

LIMIT_S = 60
SCENE = os.environ['ANPR_SCENE']
SOURCE = os.environ['ANPR_SOURCE_DIR']
PLATE = '1KPX294'
SECRETS = ('correct-horse-battery', 'second-horse-battery', 'third-horse-battery')
SAM = {'approval': {'user': 'sam', 'password': SECRETS[1]}}
NAME = '<script>alert(1)</script> "Gate" & co'
TOKEN = 'metrics-token-of-this-test'

MAIN = '''[appliance]
device=box-1
state=state
run=run
key=spool-key

[cameras]
still-interval=1

[page]
port=%d
metrics-token=metrics-token
'''

POSITION = '''# the lane at the gate
[position]
name=%s
place=Road 1
latitude=51.05
longitude=3.71

[pipeline]
# a film, for trials
name=film

[parameters]
file=%s

[lists]
path=lists

[permission]
decision=2026/1
place=Road 1
latitude=51.05
longitude=3.71
purposes=J1
camera-type=fixed
valid-from=2020-01-01
valid-until=2040-01-01
impact-analysis=IA1
controller=chief
'''

LIST = '''# list: %(id)s
# authority: Test
# category: stolen
# purpose: J1
# match: exact
# priority: 1
# version: 1
# valid-from: 2026-01-01T00:00:00Z
# valid-until: 2099-01-01T00:00:00Z
# issued: %(issued)s
entry,plate,country,valid-until,measure,reason,covert
%(id)s-1,''' + PLATE + ''',%(country)s,2099-01-01T00:00:00Z,stop,<b>%(id)s & more</b>,%(covert)s
'''


def free_port():
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return listener.getsockname()[1]


def wait(what, condition):
    end = time.monotonic() + LIMIT_S
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(what + ': never')
        time.sleep(0.05)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get('code')


class Client:
    """One browser: a cookie, a CSRF token."""

    def __init__(self, site):
        self.site, self.cookie, self.csrf = site, None, None

    def ask(self, method, path, body=None, headers=None, raw=None):
        connection = http.client.HTTPConnection(
            '127.0.0.1', self.site.port, timeout=LIMIT_S)
        headers = dict(headers or {})
        if self.cookie and 'Cookie' not in headers:
            headers['Cookie'] = self.cookie
        if self.csrf and method != 'GET':
            headers.setdefault('X-CSRF-Token', self.csrf)
        if body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            headers.setdefault('Content-Type', 'application/json')
        with contextlib.closing(connection):
            connection.request(method, path, raw, headers)
            return Answer(connection.getresponse())

    def get(self, path, **more):
        return self.ask('GET', path, **more)

    def sign_in(self, user, password):
        answer = self.ask('POST', '/api/session', {'user': user, 'password': password})
        if answer.status == 200:
            self.take(answer)
        return answer

    def take(self, answer):
        self.cookie = answer.headers['Set-Cookie'].split(';')[0]
        self.csrf = answer.json['csrf']


class Site:
    """An appliance in a folder: a camera that plays a film, and one that plays it
    with something in front of the lens."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.process = None
        self.clients = {}
        for name in ('positions.d', 'lists'):
            os.makedirs(self.path(name))
        self.write('anprd.conf', MAIN % self.port)
        self.write('positions.d/gate.conf', POSITION % (NAME, 'one.mp4'))
        self.write('positions.d/night.conf', POSITION % ('Night', 'dark.mp4'))
        self.write('metrics-token', TOKEN + '\n')
        now = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        for name, country, covert in (
                ('open', 'BE', 'no'), ('secret', 'BE', 'yes'),
                ('abroad', 'NL', 'no')):
            self.write('lists/%s.csv' % name, LIST % {
                'id': name, 'country': country, 'covert': covert, 'issued': now})
        subprocess.run(['anprctl', 'spool', 'key', 'spool-key'], cwd=folder,
                       check=True, timeout=LIMIT_S, stdout=subprocess.DEVNULL)
        subprocess.run([SCENE, '--scenario', 'one', '--frames', '100',
                        '--output', 'one.mp4'],
                       cwd=folder, check=True, timeout=LIMIT_S,
                       stdout=subprocess.DEVNULL)
        subprocess.run(['gst-launch-1.0', '-q', 'filesrc', 'location=one.mp4', '!',
                        'decodebin', '!', 'videoconvert', '!', 'videobalance',
                        'brightness=-0.45', 'contrast=0.05', '!', 'x264enc', '!',
                        'mp4mux', '!', 'filesink', 'location=dark.mp4'],
                       cwd=folder, check=True, timeout=LIMIT_S)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), 'w', encoding='utf8') as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name), encoding='utf8') as file:
            return file.read()

    def entries(self):
        """All of the log, oldest first"""
        return [json.loads(line) for line in self.read('state/audit/log.1').splitlines()]

    def start(self):
        with open(self.path('log'), 'a', encoding='utf8') as log:
            self.process = subprocess.Popen(
                ['anprd', '--config', self.path('anprd.conf')],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait('the page answers', self.answers)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError('anprd ended:\n' + self.read('log'))
        try:
            return Client(self).get('/healthz').status
        except OSError:
            return 0

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise

    def connect(self):
        connection = socket.create_connection(('127.0.0.1', self.port), LIMIT_S)
        return contextlib.closing(connection)

    def talk(self, sent):
        """What the server says to these very bytes, until it closes."""
        with self.connect() as connection:
            got = b''
            with contextlib.suppress(OSError):  # it may close at any time
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
                while part := connection.recv(65536):
                    got += part
            return got

    def client(self, name):
        return self.clients[name]


# --- first run, sessions ---------------------------------------------------------


def first_account_takes_the_token_of_the_log(site):
    """the first account is made with the token of the log, once, and no other way"""
    token = re.search(r'token ((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})', site.read('log'))[1]
    client = Client(site)
    answer = client.get('/api/session')
    assert answer.status == 401 and answer.json['first_run'] is True
    body = {'token': 'AAAA-AAAA-AAAA-AAAA-AAAA', 'user': 'tess', 'password': SECRETS[0]}
    assert client.ask('POST', '/api/session', body).code == 'ANPR-WEB-TOKEN'
    assert client.sign_in('tess', SECRETS[0]).status == 401
    body['token'] = token
    for bad in ({'password': 'short'}, {'password': 'tess-tess-tess'},
                {'password': 'aaaaaaaaaaaaaaaaa'}, {'user': '../tess'},
                {'user': 'Tess'}, {'user': ''}):
        answer = client.ask('POST', '/api/session', {**body, **bad})
        assert answer.code == 'ANPR-WEB-ACCOUNT', (bad, answer.body)
    answer = client.ask('POST', '/api/session', body)
    assert answer.status == 200 and answer.json['role'] == 'technician', answer.body
    client.take(answer)
    site.clients['technician'] = client
    again = Client(site)
    answer = again.ask('POST', '/api/session', {**body, 'user': 'other'})
    assert answer.code == 'ANPR-WEB-TOKEN' and answer.json['first_run'] is False
    assert os.stat(site.path('state/accounts.json')).st_mode & 0o777 == 0o600
    assert SECRETS[0] not in site.read('state/accounts.json')


def accounts_of_all_roles_are_made(site):
    """a technician makes accounts, and one technician always remains"""
    technician = site.client('technician')
    for user, role, cleared in (('dora', 'dispatcher', False),
                                ('clara', 'dispatcher', True),
                                ('sam', 'supervisor', False)):
        answer = technician.ask('POST', '/api/accounts', {
            'user': user, 'role': role, 'cleared': cleared, 'password': SECRETS[2]})
        assert answer.status == 201 and 'argon' not in answer.body.decode(), answer.body
        site.clients[{'clara': 'cleared'}.get(user, role)] = client = Client(site)
        assert client.sign_in(user, SECRETS[2]).status == 200
        answer = client.ask('PUT', '/api/session', {
            'password': SECRETS[2], 'new_password': SECRETS[1]})
        assert answer.status == 200, answer.body
        client.take(answer)
    for bad in ({'user': 'x y'}, {'role': 'root'}, {'cleared': True, 'role': 'technician'}):
        body = {'user': 'new', 'role': 'dispatcher', 'password': SECRETS[1], **bad}
        assert technician.ask('POST', '/api/accounts', body).status == 422, bad
    answer = technician.ask('POST', '/api/accounts', {
        'user': 'dora', 'role': 'dispatcher', 'password': SECRETS[1], **SAM})
    assert answer.code == 'ANPR-WEB-ACCOUNT'
    assert technician.ask('DELETE', '/api/accounts/tess', SAM).status == 422
    assert technician.ask('PUT', '/api/accounts/tess', {
        'role': 'supervisor', **SAM}).status == 422
    assert [one['user'] for one in technician.get('/api/accounts').json] == [
        'clara', 'dora', 'sam', 'tess']
    assert 'argon' not in technician.get('/api/accounts').body.decode()


def nobody_is_two_persons(site):
    """who could make or take over accounts alone is not both persons of R41"""
    technician, supervisor = site.client('technician'), site.client('supervisor')
    puppet = {'user': 'puppet', 'role': 'supervisor', 'password': SECRETS[2]}
    me = {'approval': {'user': 'tess', 'password': SECRETS[0]}}
    dora = {'approval': {'user': 'dora', 'password': SECRETS[1]}}
    for method, path, body in (
            ('POST', '/api/accounts', puppet),
            ('POST', '/api/accounts', {**puppet, **me}),
            ('POST', '/api/accounts', {**puppet, **dora}),
            ('POST', '/api/accounts', {
                **puppet, 'approval': {'user': 'sam', 'password': SECRETS[2]}}),
            ('POST', '/api/accounts', {**puppet, 'role': 'dispatcher', 'cleared': True}),
            ('PUT', '/api/accounts/sam', {'password': SECRETS[2]}),
            ('PUT', '/api/accounts/dora', {'password': SECRETS[2]}),
            ('PUT', '/api/accounts/dora', {'role': 'technician'}),
            ('PUT', '/api/accounts/dora', {'cleared': True}),
            ('PUT', '/api/accounts/tess', {'password': SECRETS[2]}),
            ('DELETE', '/api/accounts/sam', {})):
        answer = technician.ask(method, path, body)
        assert answer.code == 'ANPR-WEB-APPROVAL', (method, path, body, answer.body)
    # a guess at the second person's password is not unseen
    guess = next(one for one in site.entries() if one['what'] == 'sign-in-failed'
                 and one['object'] == 'sam')
    assert guess['user'] == 'tess' and guess['details'] == {'for': 'approval'}, guess
    # what takes somebody's rights away may be urgent
    assert technician.ask('PUT', '/api/accounts/clara', {'cleared': False}).status == 200
    answer = technician.ask('PUT', '/api/accounts/clara', {'cleared': True, **SAM})
    assert answer.status == 200, answer.body
    # with a second person it is done, and the log tells who that was
    assert technician.ask('POST', '/api/accounts', {**puppet, **SAM}).status == 201
    added = next(one for one in supervisor.get('/api/log').json
                 if one['what'] == 'account-added' and one['object'] == 'puppet')
    assert added['details']['approved_by'] == 'sam', added
    # whose password somebody else has chosen is no second person yet
    by_puppet = {'approval': {'user': 'puppet', 'password': SECRETS[2]}}
    answer = technician.ask('PUT', '/api/accounts/dora', {'cleared': True, **by_puppet})
    assert answer.code == 'ANPR-WEB-APPROVAL' and 'change it' in answer.json['message']
    client = Client(site)
    assert client.sign_in('puppet', SECRETS[2]).status == 200
    same = {'password': SECRETS[2], 'new_password': SECRETS[2]}
    assert client.ask('PUT', '/api/session', same).code == 'ANPR-WEB-ACCOUNT'
    answer = client.ask('PUT', '/api/session', {**same, 'new_password': SECRETS[1]})
    assert answer.status == 200, answer.body
    by_puppet['approval']['password'] = SECRETS[1]
    answer = technician.ask('DELETE', '/api/accounts/puppet', by_puppet)
    assert answer.status == 204, answer.body


ROUTES = [  # method, path, roles that may; body
    ('GET', '/api/accounts', 'TS', None),
    ('POST', '/api/accounts', 'T', {}),
    ('PUT', '/api/accounts/nobody', 'T', {}),
    ('DELETE', '/api/accounts/nobody', 'T', None),
    ('GET', '/api/positions', 'TDS', None),
    ('GET', '/api/positions/schema', 'TS', None),
    ('GET', '/api/positions/gate', 'TDS', None),
    ('POST', '/api/positions', 'T', {}),
    ('PUT', '/api/positions/gate', 'T', {}),
    ('POST', '/api/positions/gate/check', 'T', {}),
    ('POST', '/api/positions/gate/acknowledge', 'T', {}),
    ('GET', '/api/positions/gate/still', 'TDS', None),
    ('GET', '/api/passages', 'TDS', None),
    ('GET', '/api/passages/nothing', 'TDS', None),
    ('GET', '/api/passages/nothing/images/plate', 'TDS', None),
    ('GET', '/api/hits', 'TDS', None),
    ('GET', '/api/hits/nothing', 'DS', None),
    ('POST', '/api/hits/nothing/decision', 'D', {}),
    ('GET', '/api/lists', 'TDS', None),
    ('GET', '/api/log', 'TS', None),
]
ANYBODY = {('GET', '/healthz'), ('GET', '/metrics'), ('GET', '/api/session'),
           ('POST', '/api/session'), ('PUT', '/api/session'), ('DELETE', '/api/session')}


def read_routes():
    """{(method, path with "*"): roles} of the tables in the source"""
    found = {}
    folder = os.path.join(SOURCE, 'appliance/web')
    for name in os.listdir(folder):
        if not re.match(r'api-.*\.c$', name):
            continue
        with open(os.path.join(folder, name), encoding='utf8') as file:
            table = re.search(r'const AnprRoute \w+\[\] = \{(.*?)\n\};', file.read(), re.S)[1]
        for method, path, roles in re.findall(r'\{ "(\w+)", "(\S+)",\s*([^,]+),', table):
            found[method, path] = ('TDS' if 'FOR_ALL' in roles else ''.join(
                role[0] for role in re.findall(r'ANPR_FOR \((\w+)\)', roles)))
    return found


def each_route_is_tested_and_documented(site):
    """no route is forgotten in these tests, nor in docs/page-api.md"""
    routes = read_routes()
    assert {key for key, roles in routes.items() if not roles} == ANYBODY
    ours = {(method, path): roles for method, path, roles, _ in ROUTES}
    ours['GET', '/api/events'] = 'TDS'  # which would not end
    for (method, path), roles in routes.items():
        pattern = re.escape(path).replace(r'\*', '[^/]+')
        with open(os.path.join(SOURCE, 'docs/page-api.md'), encoding='utf8') as file:
            assert re.search('`%s %s' % (method, pattern), file.read()), (method, path)
        if not roles:
            continue
        same = [other for (verb, one), other in ours.items()
                if verb == method and re.fullmatch(pattern, one)]
        assert roles in same, (method, path, roles, same)


def nothing_without_a_session(site):
    """everything but signing in and /healthz refuses without a session"""
    nobody = Client(site)
    for method, path, _, body in ROUTES + [
            ('GET', '/api/events', '', None), ('GET', '/api/none', '', None),
            ('DELETE', '/api/session', '', None), ('PUT', '/api/session', '', {})]:
        answer = nobody.ask(method, path, body)
        assert answer.status == 401, (method, path, answer.status)
    assert nobody.get('/metrics').status == 401
    forged = Client(site)
    for cookie in ('anpr-session=', 'anpr-session=' + '0' * 64, 'anpr-session=../..',
                   'anpr-session=' + 'x' * 5000,
                   site.client('technician').cookie + '; anpr-session=' + '0' * 64):
        assert forged.get('/api/positions', headers={'Cookie': cookie}).status == 401
    assert nobody.get('/healthz').body == b'up\n'


def each_route_with_each_role(site):
    """each route is for its roles only"""
    for letter, role in (('T', 'technician'), ('D', 'dispatcher'), ('S', 'supervisor')):
        for method, path, roles, body in ROUTES:
            answer = site.client(role).ask(method, path, body)
            refused = answer.status == 403 and answer.code == 'ANPR-WEB-ROLE'
            assert refused == (letter not in roles), (role, method, path, answer.status)
            assert answer.status not in (401, 500), (role, method, path, answer.body)


def a_change_takes_the_token_of_the_session(site):
    """requests of other pages are refused: token, origin, kind of content"""
    client = site.client('technician')
    body = {'user': 'eve', 'role': 'technician', 'password': SECRETS[1]}
    other = site.client('supervisor').csrf
    for headers in ({'X-CSRF-Token': ''}, {'X-CSRF-Token': '0' * 64},
                    {'X-CSRF-Token': other}, {'Origin': 'http://evil.example'},
                    {'Origin': 'null'}, {'Sec-Fetch-Site': 'cross-site'},
                    {'Sec-Fetch-Site': 'same-site'}):
        answer = client.ask('POST', '/api/accounts', body, headers=headers)
        assert answer.code == 'ANPR-WEB-CSRF', (headers, answer.body)
    for kind in ('text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'):
        answer = client.ask('POST', '/api/accounts', body, headers={'Content-Type': kind})
        assert answer.code == 'ANPR-WEB-REQUEST', (kind, answer.body)
    answer = Client(site).ask('POST', '/api/session', {
        'user': 'tess', 'password': SECRETS[0]}, headers={'Origin': 'http://evil.example'})
    assert answer.code == 'ANPR-WEB-CSRF'
    assert 'eve' not in [one['user'] for one in client.get('/api/accounts').json]
    rebound = client.get('/api/positions', headers={'Host': 'evil.example:80'})
    assert rebound.code == 'ANPR-WEB-REQUEST', rebound.body
    for hosts in (b'localhost\r\nHost: evil.example', b'evil.example\r\nHost: localhost'):
        got = site.talk(b'GET /healthz HTTP/1.1\r\nHost: ' + hosts + b'\r\n\r\n')
        assert b' 400 ' in got[:20], (hosts, got)


def a_session_is_always_a_new_one(site):
    """a session cannot be foisted on anybody, and ends for good"""
    client = Client(site)
    client.cookie = 'anpr-session=' + 'ab' * 32
    assert client.sign_in('sam', SECRETS[1]).status == 200
    assert 'ab' * 32 not in client.cookie
    first = client.cookie
    answer = client.ask('POST', '/api/session', {'user': 'sam', 'password': SECRETS[1]})
    assert answer.status == 200
    flags = answer.headers['Set-Cookie']
    assert 'HttpOnly' in flags and 'SameSite=Strict' in flags and 'Domain' not in flags
    client.take(answer)
    assert client.cookie != first
    assert client.get('/api/positions', headers={'Cookie': first}).status == 401
    cookie = client.cookie
    assert client.ask('DELETE', '/api/session').status == 204
    assert client.get('/api/positions', headers={'Cookie': cookie}).status == 401


def a_removed_or_changed_account_is_out(site):
    """sessions end with their account and with its password"""
    technician = site.client('technician')
    account = {'user': 'max', 'role': 'supervisor', 'password': SECRETS[1], **SAM}
    assert technician.ask('POST', '/api/accounts', account).status == 201
    first, second = Client(site), Client(site)
    for client in (first, second):
        assert client.sign_in('max', SECRETS[1]).status == 200
    answer = first.ask('PUT', '/api/session', {
        'password': 'wrong-horse-battery', 'new_password': SECRETS[2]})
    assert answer.status == 403
    answer = first.ask('PUT', '/api/session', {
        'password': SECRETS[1], 'new_password': SECRETS[2]})
    assert answer.status == 200, answer.body
    first.take(answer)
    assert second.get('/api/positions').status == 401
    assert first.get('/api/positions').status == 200
    assert technician.ask('PUT', '/api/accounts/max', {
        'role': 'dispatcher', **SAM}).status == 200
    assert first.get('/api/log').status == 403
    assert technician.ask('DELETE', '/api/accounts/max').status == 204
    assert first.get('/api/positions').status == 401


def guessing_gets_slower_and_slower(site):
    """after four wrong passwords there is a wait, also for the right one"""
    client = Client(site)
    for _ in range(4):
        assert client.sign_in('clara', 'wrong-horse-battery').status == 401
    answer = client.sign_in('clara', SECRETS[1])
    assert answer.status == 429 and answer.code == 'ANPR-WEB-DELAY', answer.body
    assert int(answer.headers['Retry-After']) >= 1
    # somebody else is not kept out, nor who is in already
    assert Client(site).sign_in('sam', SECRETS[1]).status == 200
    assert site.client('cleared').get('/api/positions').status == 200
    wait('the right one is taken', lambda: (
        client.sign_in('clara', SECRETS[1]).status == 200))


def many_sign_ins_at_once_are_bounded(site):
    """a flood of sign-ins is turned away, and takes no memory"""
    before = memory(site.process.pid)
    seen = []

    def try_one(number):
        seen.append(Client(site).sign_in('nobody%d' % number, 'x' * 200).status)

    threads = [threading.Thread(target=try_one, args=(i,)) for i in range(30)]
    for thread in threads:
        thread.start()
    peak = 0
    while any(thread.is_alive() for thread in threads):
        peak = max(peak, memory(site.process.pid))
        time.sleep(0.02)
    assert set(seen) <= {401, 429, 503} and seen.count(401) < 21, seen
    # who has signed in from there before is not held up by it
    assert Client(site).sign_in('sam', SECRETS[1]).status == 200
    assert peak - before < 100 << 20, (before, peak)
    assert Client(site).get('/healthz').status == 200


def memory(pid):
    with open('/proc/%d/statm' % pid, encoding='ascii') as file:
        return int(file.read().split()[1]) * os.sysconf('SC_PAGESIZE')


# --- hostile requests ---------------------------------------------------------------


def no_path_leads_out(site):
    """paths lead nowhere but to what is served"""
    client = site.client('technician')
    for path in ('/../etc/passwd', '/..%2f..%2fetc/passwd', '/%2e%2e/etc/passwd',
                 '/js/../../state/accounts.json', '//etc/passwd',
                 '/js/', '/js', '/leaflet/', '/leaflet/../leaflet/leaflet.js',
                 '/.git/config', '/index.html%00.css', '/index.html;a', '/\\..\\x',
                 '/api/positions/../nothing', '/api/positions/gate%2fstill',
                 '/api/positions/.', '/api/positions/', '/api/positions/gate/',
                 '/api//positions', '/API/positions', '/api/positions/' + 'a' * 300,
                 '/api/../state/accounts.json'):
        answer = client.get(path)
        assert answer.status in (400, 404), (path, answer.status, answer.body)
    for query in ('?limit=%ff', '?before=%00', '?a=1&a=2', '?%=1', '?before=x',
                  '?' + '&'.join('a%d=1' % i for i in range(40))):
        answer = client.get('/api/passages' + query)
        assert answer.status == 400, (query, answer.status)
    assert client.get("/api/passages?position=gate'%20OR%201=1").status == 404
    assert client.get("/api/passages?limit=99999999999999999999").status == 200
    for method in ('PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'PROPFIND'):
        assert client.ask(method, '/api/positions').status == 405, method
        assert client.ask(method, '/index.html').status == 405, method


def the_page_is_served_and_kept(site):
    """the page's files are served to anybody, with a tag that saves sending them again"""
    nobody = Client(site)
    answer = nobody.get('/')
    assert answer.status == 200 and answer.body == nobody.get('/index.html').body
    assert answer.headers['Content-Type'] == 'text/html; charset=utf-8'
    assert answer.headers['Cache-Control'] == 'no-cache'
    assert "script-src 'self'" in answer.headers['Content-Security-Policy']
    again = nobody.get('/', headers={'If-None-Match': answer.headers['ETag']})
    assert again.status == 304 and not again.body
    assert nobody.get('/js/main.js').headers['Content-Type'] == 'text/javascript; charset=utf-8'
    part = nobody.get('/', headers={'Range': 'bytes=0-1,0-1,0-1'})
    assert part.status == 200 and part.body == answer.body


def accounts_are_managed_on_the_machine_too(site):
    """anprctl account gives another password, which a running anprd takes up at once"""
    def account(*arguments, entered=''):
        return subprocess.run(['anprctl', 'account', '--config', site.path('anprd.conf'),
                               *arguments], input=entered, text=True, timeout=LIMIT_S,
                              capture_output=True)

    client = Client(site)
    assert account('--role', 'supervisor', 'add', 'vera', entered=SECRETS[1] + '\n').returncode == 0
    assert client.sign_in('vera', SECRETS[1]).status == 200
    assert 'vera' in account('list').stdout
    assert account('password', 'vera', entered='short\n').returncode == 1
    assert client.get('/api/positions').status == 200
    assert account('password', 'vera', entered=SECRETS[2] + '\n').returncode == 0
    assert client.get('/api/positions').status == 401
    assert client.sign_in('vera', SECRETS[2]).status == 200
    assert account('remove', 'vera').returncode == 0
    assert client.get('/api/positions').status == 401
    assert account('remove', 'vera').returncode == 1
    assert account('fly', 'vera').returncode == 2
    # each is in the log of the page, with who did it, between the page's own entries
    entries = [one for one in site.client('supervisor').get('/api/log?limit=100').json
               if one['address'] == 'anprctl'][::-1]
    assert [(one['what'], one['object']) for one in entries] == [
        ('account-added', 'vera'), ('password-changed', 'vera'),
        ('account-removed', 'vera'), ('account-removed', 'vera'),
        ('change-failed', 'vera')], entries
    who = 'unix:' + pwd.getpwuid(os.getuid()).pw_name
    assert {one['user'] for one in entries} == {who}, entries
    assert entries[0]['details']['role'] == 'supervisor', entries[0]
    assert not any(secret in site.read('state/audit/log.1') for secret in SECRETS)


def hostile_json_is_refused(site):
    """whatever is no plain object of JSON is refused"""
    client = site.client('technician')
    for raw in (b'', b'null', b'[]', b'"x"', b'1', b'{', b'{"a":}', b'\xff\xfe', b'{"a":"\x00"}',
                b'[' * 60000, b'{"a":' * 20000 + b'1' + b'}' * 20000,
                b'{"user":' + b'[' * 50 + b']' * 50 + b'}', b"{'user':'x'}",
                b'/*x*/{"user":"a"}', b'{"user":"a"} trailing"'):
        answer = client.ask('POST', '/api/accounts', raw=raw)
        assert answer.status in (400, 422), (raw[:40], answer.status, answer.body)
    for body in ({'user': ['a']}, {'user': {'a': 1}}, {'user': None}, {'user': 1e308},
                 {'user': 'a' * 1000}, {'user': 'a\u0000b'}, {'user': 'a\r\nSet-Cookie: x=1'}):
        answer = client.ask('POST', '/api/accounts', {
            'role': 'dispatcher', 'password': SECRETS[1], **body})
        assert answer.status in (400, 422) and not answer.headers['Set-Cookie'], body
    answer = client.ask('PUT', '/api/positions/gate', {'settings': {'position': 'x'}},
                        headers={'If-Match': '"0"'})
    assert answer.status in (400, 412)
    assert client.get('/healthz').status == 200


def large_requests_are_refused(site):
    """bodies and heads have a bound"""
    client = site.client('technician')
    raw = json.dumps({'user': 'a', 'x': 'y' * 200000}).encode()
    assert client.ask('POST', '/api/accounts', raw=raw).status == 413
    chunked = (b'POST /api/session HTTP/1.1\r\nHost: localhost\r\n'
               b'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n')
    before = memory(site.process.pid)
    with site.connect() as connection:
        connection.sendall(chunked)
        with contextlib.suppress(OSError):
            for _ in range(4000):  # 256 MB, if anybody took them
                connection.sendall(b'10000\r\n' + b'x' * 65536 + b'\r\n')
            raise AssertionError('an endless body is taken')
    got = site.talk(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'
                    + b'X: ' + b'y' * 300000 + b'\r\n\r\n')
    assert b' 200 ' not in got[:20], got[:100]
    got = site.talk(b'GET /' + b'a' * 300000 + b' HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert b' 200 ' not in got[:20], got[:100]
    got = site.talk(b'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: '
                    b'99999999999999999999\r\n\r\n{}')
    assert b' 200 ' not in got[:20], got[:100]
    assert memory(site.process.pid) - before < 20 << 20
    assert client.get('/healthz').status == 200


def nonsense_is_no_request(site):
    """bytes that are no HTTP do no harm"""
    for sent in (b'\x16\x03\x01\x02\x00\x01\x00', b'\r\n\r\n', b'\x00' * 1000,
                 b'GET\r\n\r\n', b'GET /healthz\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n',
                 b'GET /healthz HTTP/1.1\r\n\r\n',
                 b'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
                 b'GET /api/log HTTP/1.1\r\nHost: localhost\r\nCookie: \xff\xfe\r\n\r\n',
                 b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', b'CONNECT a:1 HTTP/1.1\r\n\r\n',
                 b'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
                 b'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n'
                 b'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /api/log HTTP/1.1\r\n'):
        site.talk(sent)
    assert Client(site).get('/healthz').status == 200


def slow_clients_keep_nobody_out(site):
    """whoever sends a request byte by byte is cut off, and others get in meanwhile"""
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(site.connect()) for _ in range(80)]
        for connection in slow:
            with contextlib.suppress(OSError):
                connection.sendall(b'GET /healthz HTTP/1.1\r\nHost: loc')
        assert Client(site).get('/healthz').status == 200
        closed = 0
        for connection in slow:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                try:
                    closed += connection.recv(100) == b''
                except OSError as error:
                    if isinstance(error, BlockingIOError):
                        raise
                    closed += 1
        assert closed >= 10, closed  # the oldest have made room
    metrics = site.client('technician').get('/metrics').body.decode()
    assert float(sample(metrics, 'anpr_web_connections_refused_total')) >= 10
    wait('connections are gone', lambda: float(sample(
        site.client('technician').get('/metrics').body.decode(),
        'anpr_web_connections')) < 5)


def sample(metrics, name):
    return re.search(r'^%s(?:\{.*\})? (\S+)$' % re.escape(name), metrics, re.M)[1]


# --- what is shown ---------------------------------------------------------------


def positions_are_shown(site):
    """a position is shown as it is, whatever it is called"""
    client = site.client('dispatcher')
    wait('a picture', lambda: all(
        one['still'] and one['fps'] > 0 for one in client.get('/api/positions').json))
    answer = client.get('/api/positions')
    gate = answer.json[0]
    assert gate['title'] == NAME and gate['state'] == 'running', gate
    assert gate['latitude'] == 51.05 and gate['fps'] > 0 and gate['restarts'] == 0
    for name, value in (('Content-Type', 'application/json; charset=utf-8'),
                        ('X-Content-Type-Options', 'nosniff'), ('Cache-Control', 'no-store'),
                        ('X-Frame-Options', 'DENY'), ('Referrer-Policy', 'no-referrer')):
        assert answer.headers[name] == value, (name, answer.headers[name])
    policy = answer.headers['Content-Security-Policy']
    assert "frame-ancestors 'none'" in policy and 'unsafe' not in policy, policy
    still = client.get('/api/positions/gate/still?overlay=1')
    assert still.status == 200 and still.body[:2] == b'\xff\xd8'
    assert still.headers['Content-Type'] == 'image/jpeg'
    assert 'settings' not in client.get('/api/positions/gate').json
    whole = site.client('supervisor').get('/api/positions/gate').json
    assert whole['settings']['parameters']['file'] == 'one.mp4', whole['settings']
    assert 'a film, for trials' in whole['text'] and whole['faults'] == []


def passages_are_for_those_who_may_see_them(site):
    """hits of passages are left out for technicians, covert ones for the others"""
    def kept():
        return site.client('cleared').get('/api/passages?position=gate').json

    passage = wait('a passage with hits', lambda: next(
        (one for one in kept() if len(one['hits']) == 3), None))
    assert passage['plates'][0]['text'] == PLATE, passage
    path = '/api/passages/' + passage['id']
    for role, n_hits in (('cleared', 3), ('dispatcher', 2), ('supervisor', 2)):
        shown = site.client(role).get(path).json
        assert len(shown['hits']) == n_hits, (role, shown['hits'])
        assert all(not hit['covert'] for hit in shown['hits']) or role == 'cleared'
    shown = site.client('technician').get(path)
    assert 'hits' not in shown.json and 'secret' not in shown.body.decode()
    assert '<b>' not in shown.body.decode()
    for kind in ('plate', 'vehicle'):
        image = site.client('technician').get(path + '/images/' + kind)
        assert image.status == 200 and image.body[:2] == b'\xff\xd8'
    old = passage['id'].replace(passage['id'][:8], '01900000')
    assert site.client('technician').get('/api/passages/' + old).status == 404
    newest = kept()
    page = site.client('dispatcher').get(
        '/api/passages?limit=1&before=' + newest[0]['id']).json
    assert [one['id'] for one in page] == [newest[1]['id']] if len(newest) > 1 else page == []


def hits_are_decided_by_people(site):
    """a hit is unverified until a dispatcher decides, once, with a reason"""
    cleared, dispatcher = site.client('cleared'), site.client('dispatcher')
    hits = cleared.get('/api/hits?open=1').json
    by_list = {hit['list']: hit for hit in hits}
    assert set(by_list) == {'open', 'secret', 'abroad'}, by_list.keys()
    assert all(hit['state'] == 'unverified' and hit['decision'] is None for hit in hits)
    assert by_list['open']['reason'] == '<b>open & more</b>'
    secret = '/api/hits/' + by_list['secret']['id']
    assert 'secret' not in [hit['list'] for hit in dispatcher.get('/api/hits').json]
    for role in ('dispatcher', 'supervisor'):
        assert site.client(role).get(secret).status == 404
    confirm = {'decision': 'confirmed', 'seconds': 4.2}
    assert dispatcher.ask('POST', secret + '/decision', confirm).status == 404
    for hit in site.client('technician').get('/api/hits').json:
        assert 'list' not in hit and 'plate' not in hit and not hit['covert'], hit
    path = '/api/hits/' + by_list['open']['id']
    for bad in ({}, {'decision': 'yes', 'seconds': 1}, {'decision': 'confirmed'},
                {'decision': 'confirmed', 'seconds': -1},
                {'decision': 'confirmed', 'seconds': 'long'},
                {'decision': 'rejected', 'seconds': 1},
                {'decision': 'rejected', 'seconds': 1, 'reason': 'because'}):
        answer = dispatcher.ask('POST', path + '/decision', bad)
        assert answer.code == 'ANPR-WEB-REQUEST', (bad, answer.body)
    answer = dispatcher.ask('POST', '/api/hits/%s/decision' % by_list['abroad']['id'], confirm)
    assert answer.code == 'ANPR-WEB-CONFLICT', answer.body  # R15
    answer = dispatcher.ask('POST', path + '/decision', {'decision': 'undecided', 'seconds': 1})
    assert answer.status == 201
    assert by_list['open']['id'] in [hit['id'] for hit in dispatcher.get('/api/hits?open=1').json]
    answer = dispatcher.ask('POST', path + '/decision', confirm)
    assert answer.status == 201 and answer.json['user'] == 'dora', answer.body
    reject = {'decision': 'rejected', 'reason': 'misread', 'seconds': 2}
    assert cleared.ask('POST', path + '/decision', reject).status == 409
    corrected = cleared.ask('POST', path + '/decision', {
        **reject, 'instead_of': answer.json['id']})
    assert corrected.status == 201, corrected.body
    shown = dispatcher.get(path).json
    assert shown['state'] == 'rejected' and shown['decision']['user'] == 'clara'
    assert shown['record']['id'] == shown['passage']
    assert shown['id'] not in [hit['id'] for hit in dispatcher.get('/api/hits?open=1').json]


def covert_hits_leave_no_trace(site):
    """who is not cleared finds no covert hit: in the log, hashes, figures, metrics"""
    cleared = site.client('cleared')
    hit = next(one for one in cleared.get('/api/hits').json if one['list'] == 'secret')
    passage = hit['passage']
    assert cleared.get('/api/hits/' + hit['id']).status == 200
    wait('its picture is kept', lambda: cleared.get(
        '/api/passages/%s/images/plate' % passage).status == 200)
    answer = cleared.ask('POST', '/api/hits/%s/decision' % hit['id'], {
        'decision': 'confirmed', 'seconds': 1})
    assert answer.status == 201, answer.body
    kinds = {'hit-read', 'hit-decided', 'passage-read', 'image-read'}
    for role in ('technician', 'supervisor'):
        client = site.client(role)
        shown = {one['what']: one for one in client.get('/api/log?limit=1000').json
                 if one['user'] == 'clara' and one['what'] in kinds}
        assert set(shown) == kinds, shown.keys()
        for one in shown.values():
            assert one['object'] is None and one['details'] is None and one['hash'], one
    for role in ('technician', 'supervisor', 'dispatcher'):
        client = site.client(role)
        for path in ('/api/log?limit=1000', '/api/hits', '/api/passages', '/api/positions',
                     '/api/positions/gate', '/metrics', '/api/passages/' + passage):
            body = client.get(path).body.decode()
            assert hit['id'] not in body and 'secret-1' not in body, (role, path)
            assert '/metrics' in path or 'hash":"' not in body or '/log' in path, (role, path)
    assert 'hash' in cleared.get('/api/passages/' + passage).json
    # two of three hits of a vehicle are not covert: 2, 4, 6; it may be in view now
    technician = site.client('technician')
    wait('an even number of hits is counted', lambda: re.search(
        r'anpr_camera_hits_total\{position="gate"\} \d*[02468]\n',
        technician.get('/metrics').body.decode()))
    clara = [one for one in site.entries() if one['object'] == hit['id']]
    assert {one['what'] for one in clara} >= {'hit-read', 'hit-decided'}, clara


def lists_are_shown_without_their_content(site):
    """lists are shown by id, version, age and number of entries"""
    lists = wait('lists', lambda: site.client('technician').get('/api/lists').json)
    assert {one['id'] for one in lists} == {'open', 'secret', 'abroad'}
    for one in lists:
        assert one['entries'] == 1 and one['state'] == 'active' and one['age_s'] >= 0, one
        assert PLATE not in json.dumps(one)


class Listener:
    """A page that takes events."""

    def __init__(self, client):
        self.connection = socket.create_connection(
            ('127.0.0.1', client.site.port), LIMIT_S)
        self.connection.sendall(b'GET /api/events HTTP/1.1\r\nHost: localhost\r\nCookie: '
                                + client.cookie.encode() + b'\r\n\r\n')
        self.text = ''

    def read(self):
        part = self.connection.recv(65536)
        self.text += part.decode('utf8', 'replace')
        return part

    def wait(self, name):
        end = time.monotonic() + LIMIT_S
        while True:
            found = re.search(r'event: %s\ndata: (.*)\n\n' % name, self.text)
            if found:
                return json.loads(found[1])
            assert time.monotonic() < end and self.read(), 'no event ' + name


def events_flow_in(site):
    """events come to those who may see them, and end with the session"""
    client = Client(site)
    assert client.sign_in('clara', SECRETS[1]).status == 200
    with contextlib.ExitStack() as stack:
        listeners = {role: Listener(site.client(role))
                     for role in ('technician', 'dispatcher', 'cleared')}
        leaver = Listener(client)
        for listener in [leaver, *listeners.values()]:
            stack.callback(listener.connection.close)
        assert listeners['technician'].wait('position')['name'] in ('gate', 'night')
        assert listeners['cleared'].wait('passage')['position'] == 'gate'
        assert 'hits' not in listeners['technician'].wait('passage')
        listeners['cleared'].wait('hit')
        listeners['dispatcher'].wait('passage')
        for role in ('technician', 'dispatcher'):
            assert 'secret-1' not in listeners[role].text, role
        hit = next(one for one in site.client('dispatcher').get('/api/hits?open=1').json
                   if one['list'] == 'open')
        site.client('dispatcher').ask('POST', '/api/hits/%s/decision' % hit['id'], {
            'decision': 'rejected', 'reason': 'wrong vehicle', 'seconds': 3})
        told = listeners['cleared'].wait('decision')
        assert told['id'] == hit['id'] and told['decision']['decision'] == 'rejected'
        fifth = [site.client('technician') for _ in range(4)]
        more = [Listener(one) for one in fifth]
        for listener in more:
            stack.callback(listener.connection.close)
            listener.read()
        assert any(' 503 ' in listener.text[:20] for listener in more)
        assert client.ask('DELETE', '/api/session').status == 204
        while leaver.read():
            pass
        assert leaver.text.endswith('0\r\n\r\n')


# --- changing a position ------------------------------------------------------------


def a_position_is_changed_and_checked(site):
    """a change is checked, applied at once, logged, and keeps comments"""
    client = site.client('technician')
    path = '/api/positions/gate'
    before = client.get(path).json
    change = {'settings': {'detection': {'exclude': '0,0 0.1,0 0.1,0.1'}}}
    bad = {'settings': {'detection': {'include': '1,1', 'threshhold': '0.5'}}}
    answer = client.ask('POST', path + '/check', bad).json
    found = {(one['section'], one['key']): one for one in answer['faults']}
    assert set(found) == {('detection', 'include'), ('detection', 'threshhold')}, found
    assert found['detection', 'threshhold']['code'] == 'ANPR-CONFIG-UNKNOWN'
    assert client.ask('POST', path + '/check', change).json['faults'] == []
    match = {'If-Match': '"%s"' % before['version']}
    assert client.ask('PUT', path, bad, headers=match).code == 'ANPR-WEB-FAULTS'
    assert client.ask('PUT', path, change).code == 'ANPR-WEB-REQUEST'
    answer = client.ask('PUT', path, change, headers={'If-Match': '"0123"'})
    assert answer.status == 412
    assert client.get(path).json['text'] == before['text']
    for bad in ({'a]b': {'x': 'y'}}, {'position': {'name\nx': 'y'}},
                {'position': {'name': 'a\nplace=b'}}, {'position': {'name': 5}},
                {'position': {'=': 'y'}}, {'position': []}):
        answer = client.ask('PUT', path, {'settings': bad}, headers=match)
        assert answer.status in (400, 422), (bad, answer.body)
    answer = client.ask('PUT', path, change, headers=match)
    assert answer.status == 200, answer.body
    after = client.get(path).json
    assert after['version'] == answer.json['version'] != before['version']
    assert after['settings']['detection']['exclude'] == '0,0 0.1,0 0.1,0.1'
    assert '# the lane at the gate' in after['text'] and '# a film, for trials' in after['text']
    assert client.ask('PUT', path, change, headers=match).status == 412
    wait('the camera runs with it', lambda: 'starts' and (
        site.client('technician').get(path).json['restarts'] >= 1))
    entry = next(one for one in site.client('supervisor').get('/api/log').json
                 if one['what'] == 'position-changed')
    assert entry['user'] == 'tess' and entry['object'] == 'gate', entry
    assert entry['details']['changes'] == [{
        'section': 'detection', 'key': 'exclude', 'before': '',
        'after': '0,0 0.1,0 0.1,0.1'}], entry


def a_position_puts_in_no_element(site):
    """no setting makes anprd write a file, and what does not show is refused"""
    client, path = site.client('technician'), '/api/positions/gate/check'
    target = site.path('written')
    answer = client.ask('POST', path, {'settings': {
        'pipeline': {'name': 'overlay'},
        'parameters': {'sink': 'filesink location=' + target}}}).json
    assert [(one['section'], one['key']) for one in answer['faults']] == [
        ('parameters', 'sink')] and answer['approval'] is True, answer
    for hidden in ('\u202e', '\u2066', '\u200b', '\u2028', '\u0085'):
        answer = client.ask('POST', path, {'settings': {
            'permission': {'decision': '2026/1' + hidden + '3'}}}).json
        assert [one['key'] for one in answer['faults']] == ['decision'], (hidden, answer)
    for settings in ({'pipeline': {'name': 'images'}}, {'parameters': {'file': 'dark.mp4'}},
                     {'lists': {'hits-redis': 'redis://192.0.2.1'}}, {'lists': {'repeat': '9'}},
                     {'spool': {'size': '16'}}):
        assert client.ask('POST', path, {'settings': settings}).json['approval'], settings


def marks(site, name='gate'):
    """What health tells of changes outside the page"""
    return [one['message'] for one in site.client('dispatcher').get(
        '/api/positions/' + name).json['health'] if one['what'] == 'outside']


def outside_entries(site):
    """Of the log, oldest first: what, which, details"""
    return [(one['what'], one['object'], one['details']) for one in site.entries()
            if one['what'] in ('position-changed-outside', 'position-removed-outside',
                               'position-acknowledged')]


def file_hash(site, name='gate'):
    return hashlib.sha256(site.read('positions.d/%s.conf' % name).encode()).hexdigest()


def what_is_changed_outside_waits_for_two(site):
    """a file changed outside the page is in the log, and marked until two have seen it"""
    client, path = site.client('technician'), '/api/positions/gate'
    # it was written by hand, before there was any account
    wait('it is marked', lambda: marks(site))
    what, _, details = next(one for one in outside_entries(site) if one[1] == 'gate')
    assert what == 'position-changed-outside' and details['sha256_before'] is None
    assert details['owner'] == pwd.getpwuid(os.getuid()).pw_name, details
    before = client.get(path).json
    assert {'section': 'permission', 'key': 'decision', 'before': '',
            'after': '2026/1'} in before['outside'], before['outside']
    assert 'outside' not in site.client('dispatcher').get(path).json
    match = {'If-Match': '"%s"' % before['version']}
    # nothing of that is approved by the way
    answer = client.ask('PUT', path, {'settings': {'permission': {'decision': '3'}}, **SAM},
                        headers=match)
    assert answer.code == 'ANPR-WEB-CONFLICT', answer.body
    acknowledge = path + '/acknowledge'
    for body in ({}, {'approval': {'user': 'tess', 'password': SECRETS[0]}},
                 {'approval': {'user': 'dora', 'password': SECRETS[1]}}):
        answer = client.ask('POST', acknowledge, body, headers=match)
        assert answer.code == 'ANPR-WEB-APPROVAL', answer.body
    assert client.ask('POST', acknowledge, SAM, headers={'If-Match': '"0"'}).status == 412
    assert marks(site)
    answer = client.ask('POST', acknowledge, SAM, headers=match)
    assert answer.status == 200, answer.body
    wait('the mark is gone', lambda: not marks(site))
    what, _, details = outside_entries(site)[-1]
    assert (what, details['approved_by'], details['sha256']) == (
        'position-acknowledged', 'sam', file_hash(site)), details
    assert client.get(path).json['outside'] is None


def changes_by_hand_are_noticed(site):
    """what takes one person is in the log, what takes two is marked too; the lane runs"""
    client, path = site.client('technician'), '/api/positions/gate'
    text = site.read('positions.d/gate.conf')
    n = len(outside_entries(site))
    site.write('positions.d/gate.conf', text.replace('place=Road 1', 'lane=7\nplace=Road 1', 1))
    wait('it is in the log', lambda: len(outside_entries(site)) == n + 1)
    details = outside_entries(site)[-1][2]
    assert details['changes'] == [{'section': 'position', 'key': 'lane'}], details
    assert details['sha256'] == file_hash(site) and not marks(site), details
    site.write('positions.d/gate.conf', text.replace('2040-01-01', '2041-01-01'))
    wait('it is marked', lambda: marks(site))
    details = outside_entries(site)[-1][2]
    assert {'section': 'permission', 'key': 'valid-until', 'before': '2040-01-01',
            'after': '2041-01-01'} in details['changes'], details
    wait('the lane runs', lambda: client.get(path).json['state'] == 'running')
    assert 'anpr_position_changed_outside{position="gate"} 1\n' in \
        client.get('/metrics').body.decode()
    # back as two have seen it: nothing is left to acknowledge
    site.write('positions.d/gate.conf', text)
    wait('the mark is gone', lambda: not marks(site))


def what_is_no_file_of_a_position_holds_nobody_up(site):
    """a pipe nobody writes into, or a file without end, is a fault like any other"""
    client, log = site.client('technician'), len(site.read('log'))
    before = memory(site.process.pid)
    os.mkfifo(site.path('positions.d/pipe.conf'))
    with open(site.path('positions.d/large.conf'), 'wb') as file:
        file.truncate(1 << 30)
    try:
        for name in ('pipe', 'large'):
            wait('it is told of ' + name, lambda name=name: name + '.conf' in site.read('log')[log:])
            assert client.get('/api/positions/' + name).status in (404, 500)
        assert client.get('/api/positions/gate').json['state'] == 'running'
        assert memory(site.process.pid) - before < 100 << 20
    finally:
        for name in ('pipe', 'large'):
            os.remove(site.path('positions.d/%s.conf' % name))
    wait('they are gone', lambda: len(client.get('/api/positions').json) == 2)


def the_pages_own_changes_are_none_from_outside(site):
    """what the page writes is not taken for a change from outside; a removed file is"""
    client, path = site.client('technician'), '/api/positions/gate'
    n = len(outside_entries(site))
    match = {'If-Match': '"%s"' % client.get(path).json['version']}
    change = {'settings': {'spool': {'retention': '20'}}}
    assert client.ask('PUT', path, change, headers=match).code == 'ANPR-WEB-APPROVAL'
    answer = client.ask('PUT', path, {**change, **SAM}, headers=match)
    assert answer.status == 200, answer.body
    match = {'If-Match': '"%s"' % answer.json['version']}
    answer = client.ask('PUT', path, {'settings': {'position': {'lane': '8'}}}, headers=match)
    assert answer.status == 200, answer.body
    # written last, so it is noticed after them
    site.write('positions.d/spare.conf', site.read('positions.d/gate.conf'))
    wait('another look was taken', lambda: outside_entries(site)[-1][1] == 'spare')
    assert len(outside_entries(site)) == n + 1 and not marks(site), outside_entries(site)[n:]
    os.remove(site.path('positions.d/spare.conf'))
    wait('it is gone', lambda: outside_entries(site)[-1][:2] == (
        'position-removed-outside', 'spare'))


def a_permission_is_changed_by_two(site):
    """[permission] changes with a second person only (R41)"""
    client = site.client('technician')
    version = client.get('/api/positions/gate').json['version']
    match = {'If-Match': '"%s"' % version}
    change = {'settings': {'permission': {'decision': '2026/2'}}}
    assert client.ask('POST', '/api/positions/gate/check', change).json['approval'] is True
    for approval in (None, {'user': 'tess', 'password': SECRETS[0]},
                     {'user': 'sam', 'password': 'wrong-horse-battery'},
                     {'user': 'dora', 'password': SECRETS[1]},
                     {'user': 'sam'}, {'user': 'nobody', 'password': SECRETS[1]}):
        answer = client.ask('PUT', '/api/positions/gate', {
            **change, **({'approval': approval} if approval else {})}, headers=match)
        assert answer.code == 'ANPR-WEB-APPROVAL', (approval, answer.body)
    approval = {'user': 'sam', 'password': SECRETS[1]}
    answer = client.ask('PUT', '/api/positions/gate', {
        **change, 'approval': approval}, headers=match)
    assert answer.status == 200, answer.body
    entry = next(one for one in client.get('/api/log').json
                 if one['what'] == 'position-changed')
    assert entry['details']['approved_by'] == 'sam', entry
    assert SECRETS[1] not in json.dumps(entry)


def a_position_is_added(site):
    """a new position gets a file of its own, once"""
    client = site.client('technician')
    settings = {'position': {'place': 'Road 2', 'latitude': '51.1', 'longitude': '3.7',
                             'enabled': 'false'},
                'source': {'uri': 'rtsp://192.0.2.1/stream'}}
    for name in ('../yard', 'Yard', '', 'schema', 'a/b', 'x' * 70, None):
        answer = client.ask('POST', '/api/positions', {'name': name, 'settings': settings})
        assert answer.code == 'ANPR-WEB-REQUEST', (name, answer.body)
    answer = client.ask('POST', '/api/positions', {'name': 'yard', 'settings': {}})
    missing = {(one['section'], one['key']) for one in answer.json['faults']}
    assert ('position', 'place') in missing, answer.body
    answer = client.ask('POST', '/api/positions', {'name': 'yard', 'settings': settings})
    assert answer.status == 201, answer.body
    answer = client.ask('POST', '/api/positions', {'name': 'yard', 'settings': settings})
    assert answer.status == 409
    wait('the position is there', lambda: 'yard' in [
        one['name'] for one in client.get('/api/positions').json])
    assert sorted(os.listdir(site.path('positions.d'))) == [
        'gate.conf', 'night.conf', 'yard.conf']


# --- metrics, secrets, ports ------------------------------------------------------------


def metrics_are_right_and_authenticated(site):
    """metrics take a session or the token, and Prometheus' own tool reads them"""
    nobody = Client(site)
    for token in ('', 'x', TOKEN[:-1], TOKEN + 'x'):
        answer = nobody.get('/metrics', headers={'Authorization': 'Bearer ' + token})
        assert answer.status == 401, token
    answer = nobody.get('/metrics', headers={'Authorization': 'Bearer ' + TOKEN})
    assert answer.status == 200
    assert answer.headers['Content-Type'] == 'text/plain; version=0.0.4; charset=utf-8'
    text = answer.body.decode()
    for name in ('frames_received_total', 'frames_decoded_total', 'plates_read_total',
                 'hits_total', 'process_starts_total'):
        assert float(sample(text, 'anpr_camera_%s' % name)) > 0, name
    sample(text, 'anpr_camera_passages_total')
    assert re.search(r'anpr_camera_read_latency_seconds_bucket\{position="gate",le="\+Inf"\} [1-9]',
                     text), text
    assert float(sample(text, 'anpr_list_entries')) == 1
    wait('figures of the spool', lambda: 'anpr_spool_undelivered_passages{position="gate"}' in
         nobody.get('/metrics', headers={'Authorization': 'Bearer ' + TOKEN}).body.decode())
    assert PLATE not in text and 'alert' not in text
    os.chmod(site.path('metrics-token'), 0o644)
    answer = nobody.get('/metrics', headers={'Authorization': 'Bearer ' + TOKEN})
    os.chmod(site.path('metrics-token'), 0o600)
    assert answer.status == 401
    promtool = shutil.which('promtool')
    if promtool:
        checked = subprocess.run([promtool, 'check', 'metrics'], input=text, text=True,
                                 capture_output=True, timeout=LIMIT_S)
        assert checked.returncode == 0 and not checked.stdout and not checked.stderr, (
            checked.stdout + checked.stderr)


def documents_name_metrics_there_are(site):
    """every metric that rules, dashboard and document name is there"""
    text = site.client('technician').get('/metrics').body.decode()
    there = set(re.findall(r'^# TYPE (\S+)', text, re.M))
    for name in ('packaging/monitoring/anpr-alerts.yml',
                 'packaging/monitoring/anpr-dashboard.json', 'docs/health.md'):
        with open(os.path.join(SOURCE, name), encoding='utf8') as file:
            named = set(re.findall(r'\b(anpr_(?:camera|lane|spool|list|lists|web|configuration|build)_[a-z_]+)'
                                   r'(?![a-z_*])', file.read()))
        for metric in named:
            metric = re.sub(r'_bucket$', '', metric)
            if metric.endswith('_'):
                continue  # anpr_web_*
            assert metric in there, (name, metric)
    promtool = shutil.which('promtool')
    folder = os.path.join(SOURCE, 'packaging/monitoring')
    for command in (('check', 'rules', 'anpr-alerts.yml'),
                    ('test', 'rules', 'anpr-alerts-test.yml')):
        if promtool:
            done = subprocess.run([promtool, *command], cwd=folder, timeout=LIMIT_S,
                                  capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr


def documented_commands_work(site):
    """the commands of docs/health.md work as they stand"""
    with open(os.path.join(SOURCE, 'docs/health.md'), encoding='utf8') as file:
        blocks = re.findall(r'^```sh\n(.*?)^```', file.read(), re.M | re.S)
    assert len(blocks) == 2, blocks
    for block in blocks:
        block = block.replace(':8480', ':%d' % site.port).replace('/etc/anpr/secrets', site.folder)
        block = 'chown() { test -f "$2"; }  # there is no user anpr here\n' + block
        subprocess.run(['bash', '-euc', block], check=True, timeout=LIMIT_S,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    token = site.read('metrics-token').strip()
    assert Client(site).get('/metrics', headers={
        'Authorization': 'Bearer ' + token}).status == 200
    site.write('metrics-token', TOKEN + '\n')


def a_covered_lens_is_told(site):
    """a darkened film makes its lane bad and leaves the other's good"""
    client = site.client('dispatcher')

    def findings(name):
        return {one['what']: one for one in client.get('/api/positions/' + name).json['health']}

    told = wait('the picture is bad', lambda: findings('night').get('picture'))
    assert told['level'] == 'bad' and told['message'] and told['since'], told
    assert 'picture' not in findings('gate')
    assert 'night: ANPR-LANE-HEALTH: ' in site.read('log')
    metrics = site.client('technician').get('/metrics').body.decode()
    assert 'anpr_lane_health{position="night",what="picture"} 2\n' in metrics
    assert 'anpr_lane_health{position="gate",what="picture"} 0\n' in metrics


def another_address_takes_tls(site):
    """at another address than loopback the page is served with TLS only"""
    folder = site.path('other')
    os.makedirs(os.path.join(folder, 'positions.d'))
    other = Site.__new__(Site)
    other.folder, other.port, other.process, other.clients = folder, free_port(), None, {}
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                    'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=anpr',
                    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', 'key.pem',
                    '-out', 'cert.pem', '-days', '2'], cwd=folder, check=True,
                   timeout=LIMIT_S, capture_output=True)
    plain = MAIN.replace('port=', 'address=0.0.0.0\nport=') % other.port
    subprocess.run(['anprctl', 'spool', 'key', 'spool-key'], cwd=folder, check=True,
                   timeout=LIMIT_S, stdout=subprocess.DEVNULL)
    other.write('anprd.conf', plain)
    for mode in (None, 0o644, 0o600):
        if mode:
            other.write('anprd.conf', plain + 'certificate=cert.pem\nkey=key.pem\n')
            os.chmod(other.path('key.pem'), mode)
        other.write('log', '')
        with open(other.path('log'), 'a', encoding='utf8') as log:
            other.process = subprocess.Popen(
                ['anprd', '--config', other.path('anprd.conf')],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            if mode == 0o600:
                wait('it is served', lambda: 'the page is at https://' in other.read('log'))
                ask_with_tls(other)
            else:
                wait('it is refused', lambda: 'ANPR-WEB-LISTEN: ' in other.read('log'))
                with socket.socket() as client:
                    assert client.connect_ex(('127.0.0.1', other.port)) != 0
        finally:
            other.stop()


def ask_with_tls(other):
    context = ssl.create_default_context(cafile=other.path('cert.pem'))
    token = re.search(r'token ((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})', other.read('log'))[1]
    connection = http.client.HTTPSConnection(
        '127.0.0.1', other.port, timeout=LIMIT_S, context=context)
    with contextlib.closing(connection):
        connection.request('POST', '/api/session', json.dumps({
            'token': token, 'user': 'tess', 'password': SECRETS[0]}), {
                'Content-Type': 'application/json'})
        answer = Answer(connection.getresponse())
        assert answer.status == 200, answer.body
        cookie = answer.headers['Set-Cookie']
        assert cookie.startswith('__Host-') and '; Secure' in cookie, cookie
    connection = http.client.HTTPSConnection(
        '127.0.0.1', other.port, timeout=LIMIT_S, context=context)
    with contextlib.closing(connection):
        connection.request('GET', '/api/positions', headers={'Cookie': cookie.split(';')[0]})
        assert Answer(connection.getresponse()).json == []
    with socket.create_connection(('127.0.0.1', other.port), LIMIT_S) as plain:
        plain.sendall(b'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
        with contextlib.suppress(OSError):
            assert b'200' not in plain.recv(100)


def secrets_are_nowhere(site):
    """no password, session or token in logs, metrics or the list of processes"""
    secrets = [*SECRETS, TOKEN]
    secrets += [client.cookie.split('=')[1] for client in site.clients.values()]
    secrets += [client.csrf for client in site.clients.values()]
    texts = {'log': site.read('log'),
             'audit': ''.join(site.read('state/audit/' + name)
                              for name in os.listdir(site.path('state/audit'))),
             'metrics': site.client('technician').get('/metrics').body.decode(),
             'ps': subprocess.run(['ps', '-eo', 'args'], capture_output=True, text=True,
                                  timeout=LIMIT_S).stdout,
             'accounts': site.read('state/accounts.json')}
    for place, text in texts.items():
        for secret in secrets:
            assert secret not in text, place
    for folder, _, names in os.walk(site.path('state')):
        for name in names:
            mode = os.stat(os.path.join(folder, name)).st_mode & 0o077
            assert mode == 0, (name, oct(mode))


def only_the_listed_port_is_open(site):
    """anprd and its cameras listen at one port of one address"""
    pids = {site.process.pid}
    with open('/proc/%d/task/%d/children' % (site.process.pid, site.process.pid),
              encoding='ascii') as file:
        pids |= {int(pid) for pid in file.read().split()}
    inodes = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for name in os.listdir('/proc/%d/fd' % pid):
                with contextlib.suppress(OSError):
                    inodes.update(re.findall(r'socket:\[(\d+)\]', os.readlink(
                        '/proc/%d/fd/%s' % (pid, name))))
    found = set()
    for table, listening in (('tcp', '0A'), ('tcp6', '0A'), ('udp', '07'), ('udp6', '07')):
        with open('/proc/net/' + table, encoding='ascii') as file:
            for line in file.read().splitlines()[1:]:
                fields = line.split()
                if fields[3] == listening and fields[9] in inodes:
                    found.add((table, fields[1]))
    assert found == {('tcp', '0100007F:%04X' % site.port)}, found


def the_log_tells_everything_and_is_a_chain(site):
    """the log has who did what, for those who may read it, in an unbroken chain"""
    entries = site.client('supervisor').get('/api/log?limit=1000').json
    seen = {entry['what'] for entry in entries}
    assert seen >= {'account-added', 'account-changed', 'account-removed', 'signed-in',
                    'sign-in-failed', 'signed-out', 'password-changed', 'position-changed',
                    'position-added', 'passages-read', 'passage-read', 'image-read',
                    'hits-read', 'hit-read', 'hit-decided', 'events-opened'}, seen
    numbers = [entry['number'] for entry in entries]
    assert numbers == sorted(numbers, reverse=True) and numbers[0] - numbers[-1] == len(numbers) - 1
    for newer, older in zip(entries, entries[1:]):
        assert newer['previous_hash'] == older['hash']
    assert all(entry['address'] in ('127.0.0.1', 'anprctl', 'file') for entry in entries)


def the_log_is_verified_with_a_seal_of_the_journal(site):
    """who writes the log anew, hashes and all, is found out by what the journal has"""
    def verify(*arguments):
        return subprocess.run(['anprctl', 'account', '--config', site.path('anprd.conf'),
                               'verify', *arguments], text=True, timeout=LIMIT_S,
                              capture_output=True)

    whole, seal = verify().stdout.splitlines()
    assert re.fullmatch(r'intact: \d+ entries', whole), whole
    assert verify('--expect', seal).returncode == 0
    number, _ = seal.split('=')
    assert verify('--expect', '%d=%s' % (int(number) + 1000, '0' * 64)).returncode == 1
    assert verify('--expect', 'x').returncode == 2
    kept = site.read('state/audit/log.1')
    previous, lines = None, []
    for entry in site.entries():
        if entry['object'] == 'dora' and entry['what'] == 'signed-in':
            entry['user'] = 'mallory'
        entry.update(previous_hash=previous, hash=None)
        line = json.dumps(entry, separators=(',', ':'), ensure_ascii=False)
        previous = hashlib.sha256(line.encode()).hexdigest()
        lines.append(line[:-len('null}')] + '"%s"}' % previous)
    site.write('state/audit/log.1', '\n'.join(lines) + '\n')
    forged, found = verify(), verify('--expect', seal)
    site.write('state/audit/log.1', kept)
    assert forged.returncode == 0, forged.stderr
    assert found.returncode == 1 and 'than was sealed' in found.stderr, found


def what_was_recorded_survives_a_restart(site):
    """accounts, decisions and the log are there after a restart; sessions are not"""
    dispatcher = site.client('dispatcher')
    decided = [hit for hit in dispatcher.get('/api/hits?limit=200').json if hit['decision']]
    number = site.client('supervisor').get('/api/log?limit=1').json[0]['number']
    assert decided
    site.process.kill()
    site.process.wait()
    site.start()
    assert dispatcher.get('/api/hits').status == 401
    assert dispatcher.sign_in('dora', SECRETS[1]).status == 200
    after = {hit['id']: hit for hit in dispatcher.get('/api/hits?limit=200').json}
    for hit in decided:
        assert after[hit['id']]['decision'] == hit['decision'], hit
    supervisor = Client(site)
    assert supervisor.sign_in('sam', SECRETS[1]).status == 200
    assert supervisor.get('/api/log?limit=1').json[0]['number'] > number
    sealed = re.findall(r"the page's log ends with entry (\d+)=([0-9a-f]{64})", site.read('log'))
    assert {one['number']: one['hash'] for one in site.entries()}[int(sealed[-1][0])] == \
        sealed[-1][1], sealed
    assert 'first_run' in Client(site).get('/api/session').json
    assert Client(site).get('/api/session').json['first_run'] is False


TESTS = [
    first_account_takes_the_token_of_the_log,
    accounts_of_all_roles_are_made,
    nobody_is_two_persons,
    each_route_is_tested_and_documented,
    nothing_without_a_session,
    each_route_with_each_role,
    a_change_takes_the_token_of_the_session,
    a_session_is_always_a_new_one,
    a_removed_or_changed_account_is_out,
    accounts_are_managed_on_the_machine_too,
    the_page_is_served_and_kept,
    no_path_leads_out,
    hostile_json_is_refused,
    large_requests_are_refused,
    nonsense_is_no_request,
    positions_are_shown,
    passages_are_for_those_who_may_see_them,
    hits_are_decided_by_people,
    covert_hits_leave_no_trace,
    lists_are_shown_without_their_content,
    events_flow_in,
    a_position_is_changed_and_checked,
    a_position_puts_in_no_element,
    what_is_changed_outside_waits_for_two,
    changes_by_hand_are_noticed,
    what_is_no_file_of_a_position_holds_nobody_up,
    the_pages_own_changes_are_none_from_outside,
    a_permission_is_changed_by_two,
    a_position_is_added,
    only_the_listed_port_is_open,
    the_log_tells_everything_and_is_a_chain,
    guessing_gets_slower_and_slower,
    many_sign_ins_at_once_are_bounded,
    slow_clients_keep_nobody_out,
    metrics_are_right_and_authenticated,
    documents_name_metrics_there_are,
    documented_commands_work,
    another_address_takes_tls,
    a_covered_lens_is_told,
    secrets_are_nowhere,
    the_log_is_verified_with_a_seal_of_the_journal,
    what_was_recorded_survives_a_restart,
]


def main():
    wanted = sys.argv[1:]
    failed = 0
    print('1..%d' % len(TESTS), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-web-') as folder:
        site = Site(folder)
        try:
            site.start()
            for number, test in enumerate(TESTS, 1):
                begun = time.monotonic()
                try:
                    test(site)
                    print('ok %d %s' % (number, test.__doc__), flush=True)
                except Exception as error:  # told and counted, and the next goes on
                    failed += 1
                    print('not ok %d %s' % (number, test.__doc__), flush=True)
                    print('# %s: %s' % (type(error).__name__, str(error).replace('\n', '\n# ')))
                    line = error.__traceback__
                    while line:
                        print('# line %d' % line.tb_lineno)
                        line = line.tb_next
                if wanted:
                    print('# %.2f s' % (time.monotonic() - begun))
        finally:
            site.stop()
            if failed:
                print('# ' + site.read('log').replace('\n', '\n# '))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
