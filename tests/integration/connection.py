#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connections to the central database: addresses, secrets, certificates of both
sides, servers that are away or say nothing."""
import os
import socket
import subprocess
import sys
import tempfile

import forwarding
import postgresql
from forwarding import probe

LOGIN = forwarding.LOGIN
SECRET = 'hunter2'
# by TLS only: one login by certificate, one by password
HBA = ('hostssl all %s all cert\nhostssl all keeper all scram-sha-256\n'
       % LOGIN)


def assert_code(said, code):
    assert said.startswith(code + ' '), (code, said)
    assert SECRET not in said, said


def write(path, text, mode=0o600):
    with open(path, 'w', encoding='utf8') as file:
        file.write(text)
    os.chmod(path, mode)
    return path


class Silent:
    """A server that takes connections and never says anything"""

    def __init__(self):
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]

    def close(self):
        self.socket.close()


def check_a_password_in_the_address_is_refused_and_never_shown(cluster, folder):
    for address in (
            'postgresql://a:%s@localhost/anpr' % SECRET,
            'postgresql://a@localhost/anpr?password=' + SECRET,
            'postgresql://a@localhost/anpr?sslpassword=' + SECRET,
            'host=localhost password=' + SECRET, SECRET + ' ',
            'postgresql://a@localhost/anpr?pasword=' + SECRET,
            'http://a:%s@localhost' % SECRET, ''):
        assert_code(probe(address), 'ANPR-CENTRAL-ADDRESS')
    env = dict(os.environ, PGPASSWORD=SECRET)
    assert_code(probe(cluster.uri(LOGIN), env=env), 'ANPR-CENTRAL-ADDRESS')


def password_uri(cluster, path, password_from='password-file'):
    return cluster.tls_uri('keeper', client=False) + '&%s=%s' % (
        password_from, path)


def check_a_password_comes_from_a_file_only_its_owner_reads(cluster, folder):
    path = write(os.path.join(folder, 'password'), SECRET + '\nmore\n')
    assert probe(password_uri(cluster, path)) == 'value 1'
    passfile = write(os.path.join(folder, 'passfile'),
                     '*:*:*:keeper:%s\n' % SECRET)
    assert probe(password_uri(cluster, passfile, 'passfile')) == 'value 1'
    for file, setting in ((path, 'password-file'), (passfile, 'passfile')):
        os.chmod(file, 0o604)
        assert_code(probe(password_uri(cluster, file, setting)),
                    'ANPR-CENTRAL-ADDRESS')
    write(path, 'wrong\n')
    os.chmod(path, 0o600)
    assert_code(probe(password_uri(cluster, path)), 'ANPR-CENTRAL-LOGIN')
    assert_code(probe(password_uri(cluster, path + '-none')),
                'ANPR-CENTRAL-ADDRESS')
    assert_code(probe(cluster.tls_uri('keeper', client=False)),
                'ANPR-CENTRAL-LOGIN')


def check_a_service_is_found_and_its_password_refused(cluster, folder):
    text = '[anpr]\nhost=%s\nport=%d\nuser=%s\ndbname=anpr\n' % (
        cluster.folder, cluster.port, cluster.superuser)
    path = write(os.path.join(folder, 'services'), text)
    env = dict(os.environ, PGSERVICEFILE=path)
    assert probe('anpr', env=env) == 'value 1'
    assert_code(probe('other', env=env), 'ANPR-CENTRAL-ADDRESS')
    write(path, text + 'password=%s\n' % SECRET)
    assert_code(probe('anpr', env=env), 'ANPR-CENTRAL-ADDRESS')


def check_the_server_is_verified_by_authority_name_and_date(cluster, folder):
    good = cluster.tls_uri(LOGIN)
    assert probe(good, 'SELECT current_user') == 'value ' + LOGIN
    stranger = good.replace('sslrootcert=%s/ca.crt' % cluster.tls,
                            'sslrootcert=%s/stranger.crt' % cluster.tls)
    assert_code(probe(stranger), 'ANPR-CENTRAL-TLS')
    # the certificate is of localhost
    named = good.replace('@localhost:', '@elsewhere:')
    assert_code(probe(named), 'ANPR-CENTRAL-TLS')
    # "prefer" does not mean clear text here
    assert_code(probe(named.replace('verify-full', 'prefer')),
                'ANPR-CENTRAL-TLS')
    assert_code(probe(good.replace('sslmode=verify-full', 'sslmode=allow')
                      .replace('/ca.crt', '/stranger.crt')), 'ANPR-CENTRAL-TLS')
    use_certificate(cluster, 'expired')
    assert_code(probe(good), 'ANPR-CENTRAL-TLS')
    use_certificate(cluster, 'server')
    assert probe(good) == 'value 1'


def use_certificate(cluster, name):
    """The server shows another one from now on."""
    for ending in ('.crt', '.key'):
        with open(os.path.join(cluster.tls, name + ending), 'rb') as source, \
                open(os.path.join(cluster.folder, 'server' + ending),
                     'r+b') as target:
            target.truncate()
            target.write(source.read())
    before = len(cluster.log())
    cluster.query('SELECT pg_reload_conf()')
    forwarding.wait_until(lambda: 'reload' in cluster.log()[-200:]
                          or len(cluster.log()) >= before)
    forwarding.wait_until(lambda: served(cluster) == name, name + ' is served')


def served(cluster):
    """Name of the certificate the server shows"""
    shown = subprocess.run(
        ['openssl', 's_client', '-starttls', 'postgres', '-connect',
         '127.0.0.1:%d' % cluster.port], stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        timeout=forwarding.LIMIT_S).stdout
    for name in ('server', 'expired'):
        with open(os.path.join(cluster.tls, name + '.crt'),
                  encoding='ascii') as file:
            if file.read().strip() in shown:
                return name
    return None


def check_a_client_without_a_good_certificate_is_told_why(cluster, folder):
    good = cluster.tls_uri(LOGIN)

    def with_client(name):
        return good.replace('/%s.crt' % LOGIN, '/%s.crt' % name).replace(
            '/%s.key' % LOGIN, '/%s.key' % name)

    assert_code(probe(cluster.tls_uri(LOGIN, client=False)), 'ANPR-CENTRAL-TLS')
    assert_code(probe(with_client('forged')), 'ANPR-CENTRAL-TLS')
    assert_code(probe(with_client('late')), 'ANPR-CENTRAL-TLS')
    # a good one of somebody else
    assert_code(probe(with_client('other')), 'ANPR-CENTRAL-TLS')
    os.chmod(os.path.join(cluster.tls, 'other.key'), 0o644)
    assert_code(probe(with_client('other')), 'ANPR-CENTRAL-TLS')
    assert_code(probe(good.replace('@localhost', '@127.0.0.1').replace(
        'sslmode=verify-full', 'sslmode=disable')), 'ANPR-CENTRAL-LOGIN')


def check_an_encrypted_key_fails_and_asks_nobody(cluster, folder):
    key = os.path.join(cluster.tls, 'locked.key')
    postgresql.openssl(cluster.tls, 'ec', '-in', LOGIN + '.key', '-out', key,
                       '-aes256', '-passout', 'pass:' + SECRET)
    os.chmod(key, 0o600)
    assert_code(probe(cluster.tls_uri(LOGIN).replace(
        '/%s.key' % LOGIN, '/locked.key')), 'ANPR-CENTRAL-TLS')


def check_a_server_that_is_away_or_silent_costs_its_time_only(cluster, folder):
    silent = Silent()
    try:
        address = 'postgresql://a@127.0.0.1:%d/anpr?sslmode=disable'
        assert_code(probe(address % silent.port, connect_ms=300),
                    'ANPR-CENTRAL-AWAY')
        assert probe(address % silent.port, connect_ms=60000,
                     cancel_ms=200) == 'cancelled'
        assert_code(probe(address % postgresql.free_port()),
                    'ANPR-CENTRAL-AWAY')
        assert_code(probe('postgresql://a@host.invalid/anpr'),
                    'ANPR-CENTRAL-AWAY')
        # the one behind it gets its turn
        several = cluster.tls_uri(LOGIN).replace(
            '@localhost:%d' % cluster.port, '@elsewhere:%d,localhost:%d' % (
                silent.port, cluster.port)).replace(
                    'hostaddr=127.0.0.1', 'hostaddr=127.0.0.1,127.0.0.1')
        assert probe(several, connect_ms=4000) == 'value 1'
    finally:
        silent.close()


def check_a_query_ends_at_its_deadline_or_when_it_is_cancelled(cluster, folder):
    address = cluster.uri()
    assert_code(probe(address, 'SELECT pg_sleep(60)', query_ms=300),
                'ANPR-CENTRAL-AWAY')
    assert probe(address, 'SELECT pg_sleep(60)', cancel_ms=500) == 'cancelled'
    # larger than all buffers on the way
    assert probe(address, 'SELECT length($1)', 'size=20000000') \
        == 'value 20000000'
    assert_code(probe(address, 'SELECT pg_terminate_backend(pg_backend_pid())'),
                'ANPR-CENTRAL-AWAY')
    assert_code(probe(address, 'SELECT 1/0'), 'ANPR-CENTRAL-REFUSED 22012')
    assert_code(probe(address, 'SELECT no_such_function()'),
                'ANPR-CENTRAL-SCHEMA 42883')
    assert_code(probe(cluster.uri(LOGIN), 'SELECT * FROM anpr_data.passage'),
                'ANPR-CENTRAL-LOGIN 42501')
    assert_code(probe(cluster.uri(database='none')), 'ANPR-CENTRAL-SCHEMA')
    assert_code(probe(cluster.uri('nobody')), 'ANPR-CENTRAL-LOGIN')


def make_certificates(folder):
    postgresql.make_certificates(folder, LOGIN, 'other')
    postgresql.make_authority(folder, 'stranger')
    postgresql.make_certificate(folder, 'forged', LOGIN, 'stranger')
    postgresql.make_certificate(folder, 'late', LOGIN, days='0')
    postgresql.make_certificate(folder, 'expired', 'localhost', days='0')


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    with tempfile.TemporaryDirectory(prefix='anpr-connection-') as folder:
        certificates = os.path.join(folder, 'tls')
        os.mkdir(certificates)
        make_certificates(certificates)
        with postgresql.Cluster(tls=certificates, durable=False,
                                hba=HBA) as cluster:
            forwarding.make_centre(cluster)
            cluster.query("CREATE ROLE keeper LOGIN IN ROLE anpr_appliance "
                          "PASSWORD '%s'" % SECRET)
            return forwarding.run_checks(
                [check for name, check in globals().items()
                 if name.startswith('check_')], cluster, folder)


if __name__ == '__main__':
    sys.exit(main())
