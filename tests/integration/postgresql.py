# SPDX-License-Identifier: LGPL-2.1-or-later
"""A PostgreSQL server of its own in a folder, for tests and benchmarks.

    with postgresql.Cluster() as cluster:
        cluster.make_central()
        cluster.make_login('box', 'appliance')
        cluster.register(postgresql.controller(), postgresql.position(1, 'gate'),
                         postgresql.permission('gate'),
                         postgresql.appliance('box', 'gate'))
        cluster.query('SELECT * FROM anpr.ingest(%s)', [lines], 'box')

It listens on a socket in its folder, where every login is trusted and the folder
is private, and on a free port of the loopback interface if certificates are
given. It runs as an ordinary user: PostgreSQL refuses root. Processes are ended
by their ids.
"""
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import psycopg2

LIMIT_S = 60
SOURCE = os.environ.get('ANPR_SOURCE_DIR') or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MIGRATIONS = os.path.join(SOURCE, 'central', 'migrations')
DATABASE = 'anpr'
# 366 days of passages are more relations than the default lets four queries lock
SETTINGS = {'max_locks_per_transaction': '1024', 'wal_writer_delay': '10ms',
            'shared_buffers': '128MB', 'max_connections': '50',
            'log_min_messages': 'warning', 'jit': 'off'}


def program(name):
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/' + name))
    return found[-1] if found else shutil.which(name)


def missing():
    """Why there can be no cluster, or None"""
    return None if program('postgres') and program('initdb') else \
        'no PostgreSQL server is installed'


def free_port():
    with socket.socket() as one:
        one.bind(('127.0.0.1', 0))
        return one.getsockname()[1]


class Cluster:
    """@tls: what make_certificates() gave; @durable: whether to wait for the disk;
    @folder: where to make it, or one that has been made so."""

    def __init__(self, folder=None, tls=None, durable=True, settings=None,
                 hba=None, port=None):
        self.temporary = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix='anpr-pg-')
        self.user = None if os.geteuid() else 'postgres'
        self.superuser = self.user or pwd.getpwuid(os.geteuid()).pw_name
        self.tls, self.hba = tls, hba
        self.data = os.path.join(self.folder, 'data')
        self.port = port or free_port()
        self.process = None
        self.settings = dict(SETTINGS, **(settings or {}))
        if not durable:
            self.settings.update(fsync='off', full_page_writes='off')
        if not os.path.exists(self.data):
            self._make()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    # The server

    def _as_user(self, *command):
        if not self.user:
            return command
        return ('setpriv', '--reuid=' + self.user, '--regid=' + self.user,
                '--clear-groups') + command

    def _own(self, path):
        if self.user:
            shutil.chown(path, self.user, self.user)

    def _make(self):
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self._own(self.folder)
        subprocess.run(self._as_user(
            program('initdb'), '--pgdata', self.data, '--auth-local=trust',
            '--auth-host=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8',
            '--no-sync', '--username', self.superuser),
            check=True, cwd='/', timeout=LIMIT_S, stdout=subprocess.DEVNULL)

    def _options(self):
        options = dict(self.settings, port=str(self.port),
                       unix_socket_directories=self.folder,
                       listen_addresses='127.0.0.1' if self.tls else '')
        if self.tls:
            for name, setting in (('server.crt', 'ssl_cert_file'),
                                  ('server.key', 'ssl_key_file'),
                                  ('ca.crt', 'ssl_ca_file')):
                path = os.path.join(self.folder, name)
                shutil.copy(os.path.join(self.tls, name), path)
                os.chmod(path, 0o600)
                self._own(path)
                options[setting] = path
            options['ssl'] = 'on'
        if self.hba:
            path = os.path.join(self.folder, 'hba.conf')
            with open(path, 'w', encoding='utf8') as file:
                file.write('local all all trust\n' + self.hba)
            self._own(path)
            options['hba_file'] = path
        return [part for name, value in options.items()
                for part in ('-c', '%s=%s' % (name, value))]

    def start(self, wait=True):
        with open(os.path.join(self.folder, 'log'), 'ab') as log:
            self.process = subprocess.Popen(self._as_user(
                program('postgres'), '-D', self.data, *self._options()),
                cwd='/', stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        if wait:
            self.wait()

    def wait(self):
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                self.connect(database='postgres').close()
                return
            except psycopg2.OperationalError:
                assert self.process.poll() is None, self.log()
                assert time.monotonic() < end, self.log()
                time.sleep(0.02)

    def log(self):
        with open(os.path.join(self.folder, 'log'), errors='replace',
                  encoding='utf8') as file:
            return file.read()[-4000:]

    def processes(self):
        """Ids of the server and of its backends"""
        children = [self.process.pid]
        for status in glob.glob('/proc/[0-9]*/stat'):
            try:
                with open(status, encoding='utf8', errors='replace') as file:
                    fields = file.read().rpartition(')')[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                children.append(int(status.split('/')[2]))
        return children

    def _signal(self, number):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def stop(self):
        """Shuts down as an administrator does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(LIMIT_S)

    def kill(self):
        """Kills all its processes, as a loss of power does."""
        if self.process and self.process.poll() is None:
            children = self.processes()[1:]
            self._signal(signal.SIGKILL)
            self.process.wait(LIMIT_S)
            end = time.monotonic() + LIMIT_S
            while any(os.path.exists('/proc/%d/fd/0' % one)
                      for one in children) and time.monotonic() < end:
                time.sleep(0.01)

    def restart(self):
        self.stop()
        self.start()

    def pause(self):
        self._signal(signal.SIGSTOP)

    def resume(self):
        self._signal(signal.SIGCONT)

    def remove(self):
        if self.process and self.process.poll() is None:
            self.resume()
        self.kill()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Connections

    def uri(self, login=None, database=DATABASE):
        """For libpq, by the socket"""
        return 'postgresql://%s@/%s?host=%s&port=%d' % (
            login or self.superuser, database, self.folder, self.port)

    def tls_uri(self, login, database=DATABASE, client=True):
        """For libpq, by TLS with the server verified; @client: with the login's
        certificate, which make_certificates() made"""
        parts = ['sslmode=verify-full',
                 'sslrootcert=' + os.path.join(self.tls, 'ca.crt')]
        if client:
            parts += ['sslcert=' + os.path.join(self.tls, login + '.crt'),
                      'sslkey=' + os.path.join(self.tls, login + '.key')]
        return 'postgresql://%s@localhost:%d/%s?%s&hostaddr=127.0.0.1' % (
            login, self.port, database, '&'.join(parts))

    def connect(self, login=None, database=DATABASE, autocommit=True):
        connection = psycopg2.connect(
            self.uri(login, database), connect_timeout=LIMIT_S,
            options='-c statement_timeout=%d' % (LIMIT_S * 1000))
        connection.autocommit = autocommit
        return connection

    def query(self, text, values=None, login=None, database=DATABASE):
        """Rows of one statement in a connection of its own"""
        connection = self.connect(login, database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    # The central database

    def make_central(self, migrations=None):
        """An empty database with all migrations, or those of a folder"""
        self.query('CREATE DATABASE %s TEMPLATE template0' % DATABASE,
                   database='postgres')
        self.central('init', *(['--migrations', migrations] if migrations else []))

    def central(self, *arguments, login=None, status=0):
        """What anprctl central prints, on standard output and error"""
        done = subprocess.run(
            ['anprctl', 'central', '--to', self.uri(login), *arguments],
            env=dict({'ANPR_MIGRATIONS': MIGRATIONS}, **os.environ),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == status, (arguments, done.returncode, done.stdout)
        return done.stdout

    def make_login(self, name, role, password=None):
        """A login role, member of anpr_@role"""
        self.query('CREATE ROLE "%s" LOGIN IN ROLE anpr_%s' % (name, role)
                   + (" PASSWORD '%s'" % password if password else ''))

    def register(self, *changes, reason='set up for a test'):
        """Changes of the register (migration 0009), by two persons"""
        for name in ('admin-a', 'admin-b'):
            if not self.query('SELECT 1 FROM pg_roles WHERE rolname = %s', [name]):
                self.make_login(name, 'admin')
        (number,), = self.query('SELECT anpr.propose(%s, %s)',
                                [json.dumps(changes), reason], 'admin-a')
        self.query('SELECT anpr.approve(%s)', [number], 'admin-b')


# Changes of the register, for tests

FOREVER = '2100-01-01T00:00:00Z'


def controller(number=1, name='Zone', case_pattern='GE[.][0-9]{2}[.][0-9]{6}'):
    return dict(kind='controller', number=number, name=name,
                case_pattern=case_pattern)


def position(number, name, controller_name='Zone', latitude=51.1,
             longitude=3.7):
    return dict(kind='position', number=number, name=name, place='quay of ' + name,
                controller=controller_name, latitude=latitude,
                longitude=longitude)


def permission(name, valid_from='2020-01-01T00:00:00Z', valid_until=FOREVER,
               purposes=('J1', 'J2', 'J3', 'B1')):
    return dict(kind='permission', position=name, decision='GR 724',
                place='quay of ' + name, purposes=purposes,
                camera_type='fixed, intelligent', impact_assessment='IA 1',
                valid_from=valid_from, valid_until=valid_until)


def appliance(name, *positions, controller_name='Zone'):
    return dict(kind='login', name=name, person='appliance ' + name,
                controller=controller_name, positions=positions)


def person(name, *controllers, home='Zone', until=FOREVER, covert=False):
    """Who asks; authorised by @controllers, by his own if none is given"""
    return dict(kind='login', name=name, person='person ' + name, controller=home,
                authorised=[dict(controller=one, valid_until=until, covert=covert)
                            for one in controllers or (home,)])


def openssl(folder, *arguments):
    subprocess.run(('openssl',) + arguments, cwd=folder, check=True,
                   timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_authority(folder, name='ca'):
    openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-keyout', name + '.key',
            '-out', name + '.crt', '-days', '2', '-subj', '/CN=test ' + name)


def make_certificate(folder, name, subject, authority='ca', days='2'):
    """@name.key and @name.crt of @subject, a host's name or a login's"""
    openssl(folder, 'req', '-newkey', 'ec', '-pkeyopt',
            'ec_paramgen_curve:P-256', '-nodes', '-keyout', name + '.key',
            '-out', name + '.csr', '-subj', '/CN=' + subject)
    extension = os.path.join(folder, name + '.ext')
    with open(extension, 'w', encoding='utf8') as file:
        file.write('subjectAltName=DNS:%s\n' % subject)
    openssl(folder, 'x509', '-req', '-in', name + '.csr', '-CA',
            authority + '.crt', '-CAkey', authority + '.key',
            '-CAcreateserial', '-days', days, '-out', name + '.crt',
            '-extfile', extension)
    os.chmod(os.path.join(folder, name + '.key'), 0o600)


def make_certificates(folder, *logins):
    """Authority, server's (for localhost) and @logins' certificates; @folder is
    what Cluster takes as tls."""
    make_authority(folder)
    make_certificate(folder, 'server', 'localhost')
    for login in logins:
        make_certificate(folder, login, login)
    return folder
