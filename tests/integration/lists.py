#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""anprctl lists as an authority and a site use it: keys, signatures, the folder
of accepted lists, and a pipeline that compares with it. All plates are
invented. Prints one TAP line a check."""
import json
import os
import pty
import random
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time

LIMIT_S = 100
SCENE = os.environ['ANPR_SCENE']

HEADER = '''# list: {id}
# authority: Example police zone
# category: stolen
# purpose: J1
# match: {match}
# version: {version}
# valid-from: 2026-01-01T00:00:00Z
# valid-until: {until}
entry,plate,country,valid-until,measure,covert,validator,validated
'''
ENTRY = '{id},{plate},BE,2035-12-31T00:00:00Z,stop,{covert},{by}\n'


def anprctl(*arguments, cwd, **more):
    return subprocess.run(('anprctl', 'lists') + arguments, cwd=cwd, text=True,
                          timeout=LIMIT_S, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          **more)


def done(*arguments, cwd):
    result = anprctl(*arguments, cwd=cwd)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(code, *arguments, cwd, **more):
    result = anprctl(*arguments, cwd=cwd, **more)
    assert result.returncode == 1, (result.stdout, result.stderr)
    assert code in result.stderr, result.stderr
    return result.stderr


def write(folder, name, plates, version='1', list_id='local', match='exact',
          until='2036-01-01T00:00:00Z', covert=()):
    text = HEADER.format(id=list_id, match=match, version=version, until=until)
    for number, plate in enumerate(plates):
        by = 'officer,2026-01-01T00:00:00Z' if '*' in plate else ','
        text += ENTRY.format(id='E%d' % number, plate=plate, by=by,
                             covert='yes' if plate in covert else 'no')
    with open(os.path.join(folder, name), 'w', encoding='utf8') as file:
        file.write(text)
    return name


def new_site(home, name):
    """A folder with a key that is trusted there."""
    folder = os.path.join(home, name)
    os.makedirs(os.path.join(folder, 'keys'))
    done('keygen', 'zone', cwd=folder)
    os.rename(os.path.join(folder, 'zone.pub'),
              os.path.join(folder, 'keys', 'zone.pub'))
    return folder


def sign(folder, *names):
    done('sign', '--key', 'zone.key', *names, cwd=folder)


LOAD = ('load', '--folder', 'accepted', '--keys', 'keys')


def in_force(folder):
    return done('show', '--folder', 'accepted', cwd=folder)


def check_a_secret_key_is_its_owners_alone(home):
    folder = new_site(home, 'secret')
    path = os.path.join(folder, 'zone.key')
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    write(folder, 'list.csv', ['1XQZ001'])
    os.chmod(path, 0o644)
    refused('ANPR-LIST-KEY', 'sign', '--key', 'zone.key', 'list.csv',
            cwd=folder)
    refused('ANPR-OUTPUT', 'keygen', 'zone', cwd=folder)


def check_a_signed_list_is_verified_loaded_shown_and_removed(home):
    folder = new_site(home, 'good')
    write(folder, 'list.csv', ['1-XQZ-001'])
    sign(folder, 'list.csv')
    assert 'sound' in done('verify', '--keys', 'keys', 'list.csv', cwd=folder)
    assert 'in force' in done(*LOAD, 'list.csv', cwd=folder)
    assert 'signed by zone' in in_force(folder)
    assert 'authority         Example' in done('show', '--folder', 'accepted',
                                               'local', cwd=folder)
    done('remove', '--folder', 'accepted', 'local', cwd=folder)
    refused('ANPR-LIST-OLDER', *LOAD, 'list.csv', cwd=folder)


def check_whatever_is_wrong_the_list_before_stays_in_force(home):
    folder = new_site(home, 'wrong')
    path = os.path.join(folder, 'new.csv')
    write(folder, 'old.csv', ['1XQZ001'], version='5')
    sign(folder, 'old.csv')
    done(*LOAD, 'old.csv', cwd=folder)
    before = in_force(folder)

    def load_refused(code):
        refused(code, *LOAD, 'new.csv', cwd=folder)
        assert in_force(folder) == before

    write(folder, 'new.csv', ['1XQZ002'], version='6')
    load_refused('ANPR-LIST-SIGNATURE')
    sign(folder, 'new.csv')
    whole = open(path, 'rb').read()
    for altered in (whole.replace(b'1XQZ002', b'1XQZ003'), whole[:-20],
                    whole + b'E9,1XQZ009,BE,2035-12-31T00:00:00Z,stop,no,,\n',
                    whole.replace(b'\n', b'\r\n'), b'\xef\xbb\xbf' + whole,
                    b'', b'\0' * 100):
        open(path, 'wb').write(altered)
        load_refused('ANPR-LIST-SIGNATURE')
    write(folder, 'new.csv', ['1XQZ002'], version='4.99')
    sign(folder, 'new.csv')
    load_refused('ANPR-LIST-OLDER')
    os.mkdir(os.path.join(folder, 'others'))
    done('keygen', 'others/other', cwd=folder)
    write(folder, 'new.csv', ['1XQZ002'], version='6')
    done('sign', '--key', 'others/other.key', 'new.csv', cwd=folder)
    load_refused('ANPR-LIST-SIGNATURE')
    sign(folder, 'new.csv')
    os.remove(path)
    load_refused('ANPR-LIST-OPEN')
    leftover = [name for name in os.listdir(os.path.join(folder, 'accepted'))
                if name.startswith('.') and name != '.lock']
    assert not leftover, leftover


def check_a_broken_line_is_named_and_not_shown(home):
    folder = new_site(home, 'broken')
    cases = [
        ('ANPR-LIST-LINE', b'E9,XQ\xff1,BE,2035-12-31T00:00:00Z,stop,no,,\n'),
        ('ANPR-LIST-LINE', b'E9,XQ\xd61,BE,2035-12-31T00:00:00Z,stop,no,,\n'),
        ('ANPR-LIST-LINE', b'E0,1XQZ009,BE,2035-12-31T00:00:00Z,stop,no,,\n'),
        ('ANPR-LIST-LINE', b'E9,1XQ?,BE,2035-12-31T00:00:00Z,stop,no,,\n'),
        ('ANPR-LIST-LINE', b'E9,1XQZ009,BE,,stop,no,,\n'),
        ('ANPR-LIST-LINE', b'E9,1XQZ009,BE\n'),
        ('ANPR-LIST-BOUND', b'E9,' + b'-' * 20000 + b'\n'),
    ]
    for code, line in cases:
        write(folder, 'list.csv', ['1XQZ001'])
        with open(os.path.join(folder, 'list.csv'), 'ab') as file:
            file.write(line)
        told = refused(code, 'check', 'list.csv', cwd=folder)
        assert 'list.csv:11: ' in told and 'XQZ009' not in told, told
        refused(code, 'sign', '--key', 'zone.key', 'list.csv', cwd=folder)
    write(folder, 'list.csv', ['1XQZ001'], until='2026-02-01T00:00:00Z')
    refused('ANPR-LIST-DATE', 'check', 'list.csv', cwd=folder)


def check_marks_and_line_ends_of_other_systems_do_not_matter(home):
    folder = new_site(home, 'marks')
    path = os.path.join(folder, write(folder, 'list.csv', ['BÖ XQ 3']))
    text = open(path, 'rb').read()
    open(path, 'wb').write(b'\xef\xbb\xbf' + text.replace(b'\n', b'\r\n'))
    sign(folder, 'list.csv')
    done(*LOAD, 'list.csv', cwd=folder)
    assert 'umlaut' in done('explain', '--folder', 'accepted', 'BOEXQ3',
                            cwd=folder)


def check_a_line_of_two_gigabytes_takes_no_memory(home):
    folder = new_site(home, 'long')
    path = os.path.join(folder, write(folder, 'list.csv', ['1XQZ001']))
    os.truncate(path, os.path.getsize(path) + (2 << 30))

    def little_memory():
        resource.setrlimit(resource.RLIMIT_DATA, (200 << 20, 200 << 20))

    start = time.monotonic()
    refused('ANPR-LIST-BOUND', 'check', 'list.csv', cwd=folder,
            preexec_fn=little_memory)
    assert time.monotonic() - start < 20
    os.remove(path)


def check_a_large_file_shows_how_far_it_is(home):
    folder = new_site(home, 'progress')
    write(folder, 'list.csv', ['%07d' % i for i in range(50000)])
    shown, terminal = pty.openpty()
    environment = dict(os.environ, TERM='vt100')
    check = subprocess.Popen(('anprctl', 'lists', 'check', 'list.csv'),
                             cwd=folder, stdout=subprocess.DEVNULL,
                             stderr=terminal, env=environment)
    os.close(terminal)
    told = b''
    while True:
        try:
            told += os.read(shown, 65536)
        except OSError:
            break
    os.close(shown)
    assert check.wait() == 0
    assert b'100 % of list.csv' in told and b'[#' in told, told
    assert told.endswith(b'\r\x1b[K'), told


def check_a_disk_that_is_full_leaves_the_list_before(home):
    folder = new_site(home, 'full')
    write(folder, 'list.csv', ['1XQZ001'])
    sign(folder, 'list.csv')
    done(*LOAD, 'list.csv', cwd=folder)
    write(folder, 'list.csv', ['%07d' % i for i in range(20000)], version='2')
    sign(folder, 'list.csv')
    for size in (100, 5000, 300000, 1000000):
        refused('ANPR-LIST-STORE', *LOAD, 'list.csv', cwd=folder,
                preexec_fn=lambda: resource.setrlimit(
                    resource.RLIMIT_FSIZE, (size, size)))
        assert 'version 1,' in in_force(folder)
    done(*LOAD, 'list.csv', cwd=folder)
    assert 'version 2,' in in_force(folder)


def check_a_load_that_is_killed_leaves_the_list_before(home):
    folder = new_site(home, 'killed')
    write(folder, 'list.csv', ['1XQZ001'])
    sign(folder, 'list.csv')
    done(*LOAD, 'list.csv', cwd=folder)
    write(folder, 'list.csv', ['%07d' % i for i in range(200000)], version='2')
    sign(folder, 'list.csv')
    rand = random.Random(1)
    for _ in range(10):
        load = subprocess.Popen(('anprctl', 'lists') + LOAD + ('list.csv',),
                                cwd=folder, stdout=subprocess.DEVNULL)
        time.sleep(rand.random() * .15)
        load.send_signal(signal.SIGKILL)
        load.wait()
        shown = in_force(folder)
        assert 'version 1,' in shown or 'version 2,' in shown, shown
        if 'version 2,' in shown:
            break
    anprctl(*LOAD, 'list.csv', cwd=folder)
    assert 'version 2,' in in_force(folder)
    names = os.listdir(os.path.join(folder, 'accepted'))
    assert not [name for name in names if name.startswith(('.list', '.sec'))]


def check_readers_see_one_whole_list_at_every_moment(home):
    folder = new_site(home, 'swap')
    names = []
    for version in range(1, 16):
        names.append(write(folder, 'v%d.csv' % version,
                           ['%07d' % i for i in range(version * 1000)],
                           version=str(version)))
    sign(folder, *names)
    done(*LOAD, names[0], cwd=folder)
    load = subprocess.Popen(('anprctl', 'lists') + LOAD + tuple(names[1:]),
                            cwd=folder, stdout=subprocess.DEVNULL)
    seen = set()
    while load.poll() is None:
        shown = in_force(folder)
        version = int(shown.split('version ')[1].split(',')[0])
        assert ' %d entries' % (version * 1000) in shown, shown
        seen.add(version)
    assert load.returncode == 0
    assert 'version 15,' in in_force(folder) and len(seen) > 1, seen


def check_diff_tells_what_changed_and_hides_covert_entries(home):
    folder = new_site(home, 'diff')
    write(folder, 'old.csv', ['1XQZ001', '1XQZ002', '1XQZ003'])
    write(folder, 'new.csv', ['1XQZ001', '1XQZ009'], version='2')
    with open(os.path.join(folder, 'new.csv'), 'a', encoding='utf8') as file:
        file.write(ENTRY.format(id='N', plate='1XQZ004', covert='yes', by=','))
    told = done('diff', 'old.csv', 'new.csv', cwd=folder)
    assert '- entry E2' in told and '~ entry E1' in told, told
    assert 'changed: plate' in told and '1XQZ004' not in told, told
    assert '1 added, 1 removed, 1 changed' in told, told
    assert '+ entry N' in done('diff', '--show-covert', 'old.csv', 'new.csv',
                               cwd=folder)


def check_explain_tells_why_and_how_often_falsely(home):
    folder = new_site(home, 'explain')
    os.mkdir(os.path.join(folder, 'lists'))
    write(folder, 'lists/a.csv', ['1-XBZ-001', '1-XQ*'], list_id='alike',
          match='look-alike, pattern')
    write(folder, 'lists/b.csv', ['1-XBZ-001', '2-XQZ-002'], list_id='exact',
          covert=['2-XQZ-002'])

    def explain(*arguments):
        return done('explain', '--folder', 'lists', *arguments, cwd=folder)

    told = explain('1X8Z001')
    assert 'sign 3 is 8, listed is B; a hit if the reader' in told, told
    assert 'false hits a day: about' in told, told
    assert 'no hit: sign 3 is 8, listed is B, and the entry is compared' \
        in told, told
    told = explain('1XQA123')
    assert 'the text fits the pattern' in told, told
    assert told.count('false hits a day: about 8 of 10000') == 1, told
    assert explain('2XQZ002') == ''
    assert 'very same text' in explain('--show-covert', '2XQZ002')


MAP = '''[list]
list=import
authority=Example police zone
category=stolen
purpose=J1
version=7
valid-from=2026-01-01T00:00:00Z
valid-until=2036-01-01T00:00:00Z
[table]
separator=;
encoding=WINDOWS-1252
date=%d/%m/%Y
zone=Europe/Brussels
[columns]
entry=Nummer
plate=Kenteken
valid-until=Einde
measure=Actie
reason=Reden
[constants]
country=BE
[values measure]
A=stop
B=report
'''
TABLE = ('Nummer;Einde;Kenteken;Actie;Reden\r\n'
         '1;31/12/2030;1-XQZ-001;A;"gestolen; ""zie"" dossier,\r\n12"\r\n'
         '2;30/06/2030;BÖ XQ 3;B;\r\n')


def check_a_table_of_another_layout_becomes_a_list(home):
    folder = new_site(home, 'import')

    def write_file(name, text, encoding='utf8'):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(text.encode(encoding))

    def import_refused(code, text, table=TABLE, cause=''):
        write_file('bad.map', text)
        write_file('bad.txt', table, 'cp1252')
        told = refused(code, 'import', '--map', 'bad.map', 'bad.txt', 'bad.csv',
                       cwd=folder)
        assert cause in told, told
        assert not [name for name in os.listdir(folder) if 'bad.csv' in name]

    write_file('list.map', MAP)
    write_file('table.txt', TABLE, 'cp1252')
    assert '2 entries' in done('import', '--map', 'list.map', 'table.txt',
                               'list.csv', cwd=folder)
    text = open(os.path.join(folder, 'list.csv'), encoding='utf8').read()
    assert '# authority: Example police zone\n' in text, text
    assert text.endswith(
        'entry,plate,valid-until,measure,reason,country\n'
        '1,1-XQZ-001,2030-12-31T22:59:59Z,stop,'
        '"gestolen; ""zie"" dossier,  12",BE\n'
        '2,BÖ XQ 3,2030-06-30T21:59:59Z,report,,BE\n'), text
    sign(folder, 'list.csv')
    done(*LOAD, 'list.csv', cwd=folder)

    import_refused('ANPR-LIST-HEADER', MAP.replace('Kenteken', 'Plaat'),
                   cause='no column "Plaat"')
    import_refused('ANPR-LIST-HEADER', MAP.replace('plate=', 'number='))
    import_refused('ANPR-LIST-HEADER', MAP.replace('separator=;',
                                                   'separator=;;'))
    import_refused('ANPR-LIST-HEADER', MAP.replace('authority', '#authority'))
    import_refused('ANPR-LIST-LINE', MAP.replace('A=stop', 'C=stop'),
                   cause='line 2: ')
    import_refused('ANPR-LIST-LINE', MAP.replace('%d/%m', '%m/%d'))
    import_refused('ANPR-LIST-LINE', MAP, TABLE.replace('12"', '12'))
    import_refused('ANPR-LIST-LINE', MAP, TABLE.replace('\n2;', '\n1;'))
    import_refused('ANPR-LIST-LINE', MAP, TABLE + '3;31/12/2030\r\n',
                   cause='line 5: ')
    import_refused('ANPR-LIST-LINE', MAP.replace('WINDOWS-1252', 'UTF-8'))
    import_refused('ANPR-LIST-LINE', MAP, TABLE + 'x' * 70000)


def check_a_pipeline_compares_with_the_accepted_lists(home):
    folder = new_site(home, 'pipeline')
    subprocess.run((SCENE, '--scenario', 'one', '--output', 'one.mp4'),
                   cwd=folder, check=True, timeout=LIMIT_S,
                   stdout=subprocess.DEVNULL)
    read = subprocess.run(('anprctl', 'read', '--passages', 'one.mp4'),
                          cwd=folder, check=True, timeout=LIMIT_S, text=True,
                          stdout=subprocess.PIPE).stdout
    texts = [json.loads(line)['text'] for line in read.splitlines()]
    texts = [text for text in texts if text]
    write(folder, 'list.csv', texts)
    write(folder, 'pattern.csv', [texts[0][:4] + '*', '9XQZ*'],
          list_id='pattern', match='look-alike, pattern')
    sign(folder, 'list.csv', 'pattern.csv')
    done(*LOAD, 'list.csv', 'pattern.csv', cwd=folder)
    subprocess.run(
        'gst-launch-1.0 -q filesrc location=one.mp4 ! decodebin ! platedetect '
        '! platetrack ! plateocr ! hitmatch lists=accepted ! anprsink '
        'location=spool.sqlite json=records.jsonl', shell=True, cwd=folder,
        check=True, timeout=LIMIT_S)
    with open(os.path.join(folder, 'records.jsonl'), encoding='utf8') as file:
        records = [json.loads(line) for line in file]
    hits = [hit for record in records for hit in record['hits']]
    assert {hit['grade'] for hit in hits} == {'exact', 'pattern'}, records
    assert hits[0]['matched'] and hits[0]['likelihood'] > 0, hits
    told = done('explain', '--folder', 'accepted', '--spool', 'spool.sqlite',
                hits[0]['matched'], cwd=folder)
    assert 'very same text' in told, told
    assert told.count('counted in') == 1, told
    assert 'false hits a day: 0,' not in told, told
    told = done('explain', '--folder', 'accepted', '--spool', 'spool.sqlite',
                '9XQZ001', cwd=folder)
    assert 'false hits a day: 0, counted in' in told, told


def main():
    checks = [(name, check) for name, check in globals().items()
              if name.startswith('check_')]
    failed = 0
    print('1..%d' % len(checks), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-lists-') as home:
        for number, (name, check) in enumerate(checks, 1):
            sentence = name[len('check_'):].replace('_', ' ')
            try:
                check(home)
            except (AssertionError, subprocess.SubprocessError,
                    ValueError, OSError) as problem:
                failed += 1
                print('not ok %d - %s' % (number, sentence))
                print('# ' + repr(problem).replace('\\n', '\n# '), flush=True)
                continue
            print('ok %d - %s' % (number, sentence), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
