#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An encrypted spool as a technician meets it: made by a pipeline, looked into,
verified and expired by anprctl, and what is said when something is wrong. Prints
one TAP line a check."""
import glob
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

LIMIT_S = 100
SCENE = os.environ['ANPR_SCENE']


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, text=True, timeout=LIMIT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def anprctl(folder, *arguments):
    return run('anprctl', *arguments, cwd=folder)


def record(folder, *properties):
    done = run('gst-launch-1.0', 'filesrc', 'location=one.mp4', '!',
               'decodebin', '!', 'platedetect', '!', 'platetrack', '!',
               'plateocr', '!', 'anprsink', 'position=gate', *properties,
               cwd=folder)
    assert done.returncode == 0, done.stderr
    return done


def prepare(folder):
    subprocess.run([SCENE, '--scenario', 'one', '--output', 'one.mp4'],
                   cwd=folder, check=True, timeout=LIMIT_S,
                   stdout=subprocess.DEVNULL)
    done = anprctl(folder, 'spool', 'key', 'spool.key')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('key '), done.stdout
    for _ in range(2):
        record(folder, 'location=gate.spool', 'key=spool.key')


def records(folder):
    done = anprctl(folder, 'passages', '--json', '--key', 'spool.key',
                   'gate.spool')
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def head(folder):
    done = anprctl(folder, 'verify', '--key', 'spool.key', 'gate.spool')
    assert done.returncode == 0, done.stderr
    line = [line for line in done.stdout.splitlines()
            if line.startswith('gate=')][0]
    return line.split(' ')[0]


def check_passages_and_pictures_come_back_with_the_key(folder):
    kept = records(folder)
    assert kept and kept[0]['plates'][0]['text'], kept
    done = anprctl(folder, 'export', '--key', 'spool.key', 'gate.spool',
                   '--output', 'out')
    assert done.returncode == 0, done.stderr
    assert glob.glob(os.path.join(folder, 'out', 'stills', '*.jpg'))


def check_nothing_is_readable_without_it(folder):
    text = records(folder)[0]['plates'][0]['text'].encode()
    for file in glob.glob(os.path.join(folder, 'gate.spool*')):
        with open(file, 'rb') as opened:
            content = opened.read()
        for secret in (text, b'JFIF', b'\xff\xd8\xff', b'"plates"'):
            assert secret not in content, (file, secret)
    for arguments in (['passages', 'gate.spool'], ['verify', 'gate.spool'],
                      ['export', 'gate.spool', '--output', 'none'],
                      ['spool', 'expire', 'gate.spool']):
        done = anprctl(folder, *arguments)
        assert done.returncode == 1, arguments
        assert 'ANPR-SPOOL-KEY' in done.stderr, done.stderr


def check_the_wrong_key_and_a_key_of_others_are_refused(folder):
    anprctl(folder, 'spool', 'key', 'other.key')
    done = anprctl(folder, 'passages', '--key', 'other.key', 'gate.spool')
    assert done.returncode == 1 and 'ANPR-SPOOL-KEY' in done.stderr, done
    os.chmod(os.path.join(folder, 'other.key'), 0o644)
    done = anprctl(folder, 'passages', '--key', 'other.key', 'gate.spool')
    assert done.returncode == 1 and 'mode 0600' in done.stderr, done
    done = anprctl(folder, 'spool', 'key', 'other.key')
    assert done.returncode == 1 and 'ANPR-OUTPUT' in done.stderr, done


def check_a_pipeline_without_the_key_keeps_nothing_and_says_so(folder):
    before = len(records(folder))
    done = record(folder, 'location=gate.spool')
    assert 'ANPR-SPOOL-KEY' in done.stdout + done.stderr, done
    assert len(records(folder)) == before


def check_verify_names_the_ends_and_asks_for_one_that_was_handed_out(folder):
    before = head(folder)
    record(folder, 'location=gate.spool', 'key=spool.key')
    assert head(folder) != before
    for expected, status in ((before, 0), (head(folder), 0),
                             ('gate=' + '0' * 64, 1), ('east=' + before[5:], 1),
                             ('gate', 2), ('gate=12', 2), ('=' + '0' * 64, 2)):
        done = anprctl(folder, 'verify', '--key', 'spool.key', '--expect',
                       expected, 'gate.spool')
        assert done.returncode == status, (expected, done)


def check_a_changed_key_goes_on_with_the_same_file(folder):
    before = len(records(folder))
    done = anprctl(folder, 'spool', 'key', '--change', 'spool.key')
    assert done.returncode == 0, done.stderr
    record(folder, 'location=gate.spool', 'key=spool.key')
    assert len(records(folder)) > before
    head(folder)


def check_verify_names_the_first_record_that_was_changed(folder):
    subprocess.run('for f in gate.spool*; do cp "$f" "changed${f#gate}"; done',
                   shell=True, cwd=folder, check=True)
    with sqlite3.connect(os.path.join(folder, 'changed.spool')) as database:
        database.execute('UPDATE passage SET record = substr(record, 1, 99)'
                         ' WHERE sequence = 2')
    database.close()
    done = anprctl(folder, 'verify', '--key', 'spool.key', 'changed.spool')
    assert done.returncode == 1, done
    assert 'ANPR-SPOOL-CHAIN' in done.stderr, done.stderr
    assert 'position "gate", sequence 2' in done.stderr, done.stderr


def check_what_is_due_is_erased_and_reported(folder):
    n = len(records(folder))
    with sqlite3.connect(os.path.join(folder, 'gate.spool')) as database:
        database.execute('UPDATE delivery SET kept = kept - 31 * 86400000000'
                         ' WHERE number < ?', (n,))
    database.close()
    done = anprctl(folder, 'spool', 'expire', '--key', 'spool.key',
                   'gate.spool')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('%d passages erased, %d of them never'
                                  % (n - 1, n - 1)), done.stdout
    assert len(records(folder)) == 1
    head(folder)
    done = anprctl(folder, 'spool', 'report', '--key', 'spool.key',
                   'gate.spool')
    entry = json.loads(done.stdout.splitlines()[0])
    assert entry['reason'] == 'limit', entry
    assert entry['positions'][0]['passages'] == [[1, n - 1]], entry


def check_wrong_usage_is_told_from_failure(folder):
    for arguments in (['verify'], ['verify', 'a', 'b'], ['spool'],
                      ['spool', 'key'], ['spool', 'polish', 'gate.spool']):
        assert anprctl(folder, *arguments).returncode == 2, arguments
    for arguments in (['verify', 'none'], ['spool', 'report', 'none'],
                      ['spool', 'expire', 'none'],
                      ['spool', 'key', '--change', 'none']):
        assert anprctl(folder, *arguments).returncode == 1, arguments
    assert not os.path.exists(os.path.join(folder, 'none'))


def main():
    checks = [(name, check) for name, check in globals().items()
              if name.startswith('check_')]
    failed = 0
    print('1..%d' % len(checks), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-spool-') as folder:
        prepare(folder)
        for number, (name, check) in enumerate(checks, 1):
            sentence = name[len('check_'):].replace('_', ' ')
            try:
                check(folder)
            except (AssertionError, subprocess.SubprocessError, ValueError,
                    IndexError, KeyError, OSError) as problem:
                failed += 1
                print('not ok %d - %s' % (number, sentence))
                print('# ' + repr(problem).replace('\\n', '\n# '), flush=True)
                continue
            print('ok %d - %s' % (number, sentence), flush=True)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
