#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads cameras with and without a clock, from a real RTSP server, and looks at
what the records say of their time (R49).

A camera tells its time a few seconds after it began (RTCP), so each film is
shown three times and the last vehicle counts. Nothing here depends on how fast
the machine is, but that a vehicle is seen; server and client have one clock.
"""
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

from pipelines import LIMIT_S, RTSP_SERVER, Server, call, render

PASSES = '--passes=3'
SLACK = datetime.timedelta(seconds=5)


def now():
    return datetime.datetime.fromtimestamp(time.time(), datetime.timezone.utc)


def parse(text):
    return datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))


def launch(uri, folder, asked):
    """Runs the ready pipeline, and gives what it printed."""
    line = call('anprctl', 'pipeline', 'print', 'rtsp-h264', 'uri=' + uri,
                cwd=folder)
    assert 'add-reference-timestamp-meta=true' in line, line
    if not asked:
        line = line.replace('add-reference-timestamp-meta=true', '')
    return subprocess.run(['sh', '-c', line], cwd=folder, timeout=LIMIT_S,
                          stdin=subprocess.DEVNULL, text=True, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


def records(spool, folder):
    lines = call('anprctl', 'passages', spool, '--json', cwd=folder)
    return sorted((json.loads(line) for line in lines.splitlines()),
                  key=lambda record: record['sequence'])


def check_record(record, begin, end):
    """What holds of every record, whatever its clock."""
    times = [parse(record[name])
             for name in ('first_seen', 'best_seen', 'last_seen')]
    assert times == sorted(times), record
    assert begin - SLACK <= times[0] and times[-1] <= end + SLACK, record
    assert times[-1] - times[0] < datetime.timedelta(seconds=20), record
    clock = record['clock']
    assert clock['source'] in ('host', 'camera'), record
    if clock['synchronised']:
        assert abs(clock['offset_us']) <= 1000000, record
    else:
        assert clock['offset_us'] is None, record


def check(found, begin, source):
    end = now()
    assert found, 'no vehicle'
    for record in found:
        check_record(record, begin, end)
    assert found[-1]['clock']['source'] == source, found[-1]
    if source == 'host':
        assert all(record['clock']['source'] == 'host' for record in found)
    assert [record['id'] for record in found] == sorted(
        record['id'] for record in found)


def camera_that_is_asked(folder, clip):
    """the camera's time is in the record where it is asked for"""
    server = Server(clip, PASSES)
    begin = now()
    try:
        printed = launch(server.uri, folder, True)
    finally:
        server.stop()
    check(records('spool.sqlite', folder), begin, 'camera')
    assert 'ANPR-CLOCK' not in printed, printed


def camera_that_is_not_asked(folder, clip):
    """the host's time is in the record where the camera is not asked"""
    server = Server(clip)
    begin = now()
    try:
        launch(server.uri, folder, False)
    finally:
        server.stop()
    check(records('spool.sqlite', folder), begin, 'host')


def camera_without_date(folder, clip):
    """a camera without a date is not believed, and warned about once"""
    server = Server(clip, PASSES, '--dateless')
    begin = now()
    try:
        printed = launch(server.uri, folder, True)
    finally:
        server.stop()
    check(records('spool.sqlite', folder), begin, 'host')
    assert printed.count('[ANPR-CLOCK-CAMERA]') == 1, printed


def run_until_stream_ends(uri, folder):
    """A camera's stream has no end for anprctl: it tries again until it is
    interrupted."""
    reader = subprocess.Popen(['anprctl', 'run', '--output', 'out', uri],
                              cwd=folder, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
    watchdog = threading.Timer(LIMIT_S, reader.kill)
    watchdog.start()
    try:
        for line in reader.stderr:
            if 'ended its stream' in line:
                break
        reader.send_signal(signal.SIGINT)
        reader.stderr.read()
        assert reader.wait() >= 0, 'anprctl run hung'
    finally:
        watchdog.cancel()
        reader.kill()
        reader.wait()
        reader.stderr.close()


def camera_of_anprctl(folder, clip):
    """anprctl run asks the camera for its time"""
    server = Server(clip, PASSES)
    begin = now()
    try:
        run_until_stream_ends(server.uri, folder)
    finally:
        server.stop()
    check(records(os.path.join('out', 'spool.sqlite'), folder), begin,
          'camera')


CASES = [camera_that_is_asked, camera_that_is_not_asked, camera_without_date,
         camera_of_anprctl]


def run(case, clip):
    with tempfile.TemporaryDirectory(prefix='anpr-clocks-') as folder:
        try:
            case(folder, clip)
        except (AssertionError, subprocess.SubprocessError) as problem:
            return '%r\n%s' % (problem, getattr(problem, 'output', None) or '')
    return None


def main():
    if not RTSP_SERVER:
        print('1..0 # SKIP no RTSP server was built')
        return 0
    failed = 0
    print('1..%d' % len(CASES), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-clocks-') as folder:
        render(folder)
        for number, case in enumerate(CASES, 1):
            error = run(case, os.path.join(folder, 'one.mp4'))
            print('%s %d - %s' % ('not ok' if error else 'ok', number,
                                  case.__doc__), flush=True)
            if error:
                failed += 1
                print('\n'.join('# ' + part for part in error.splitlines()))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
