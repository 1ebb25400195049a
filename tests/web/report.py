#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The report of a run, opened in Chromium: one hit and its pictures are shown,
light and dark, wide and narrow, and the page asks for nothing outside itself.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_S = 120
SCENE = os.environ['ANPR_SCENE']
LIST = '''# list: web-test
# authority: Test
# category: stolen
# purpose: J1
# match: exact
# priority: 1
# version: 1
# valid-from: 2026-01-01T00:00:00Z
# valid-until: 2099-01-01T00:00:00Z
entry,plate,country,valid-until,measure,reason
W-1,%s,BE,2099-01-01T00:00:00Z,stop,<b>stolen & hidden</b>
'''


def call(*command, cwd):
    return subprocess.run(command, cwd=cwd, check=True, timeout=LIMIT_S,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def browse(browser, folder, page, *options):
    return call(browser, '--headless', '--no-sandbox', '--disable-gpu',
                '--disable-quic', '--no-first-run', '--disable-dev-shm-usage',
                '--disable-background-networking', '--disable-component-update',
                '--disable-sync', '--hide-scrollbars',
                '--host-resolver-rules=MAP * ~NOTFOUND',
                '--user-data-dir=' + os.path.join(folder, 'profile'),
                *options, Path(page).as_uri(), cwd=folder)


def png_size(path):
    with open(path, 'rb') as file:
        head = file.read(24)
    assert head[:8] == b'\x89PNG\r\n\x1a\n'
    return int.from_bytes(head[16:20], 'big'), int.from_bytes(head[20:24], 'big')


def main():
    browser = shutil.which('chromium')
    if not browser:
        print('1..0 # SKIP chromium is not installed')
        return 0
    with tempfile.TemporaryDirectory(prefix='anpr-web-') as folder:
        call(SCENE, '--scenario', 'one', '--output', 'one.mp4', '--truth',
             'truth.jsonl', cwd=folder)
        with open(os.path.join(folder, 'truth.jsonl'), encoding='utf8') as file:
            text = json.loads(file.readline())['text']
        with open(os.path.join(folder, 'list.csv'), 'w', encoding='utf8') as file:
            file.write(LIST % text)
        call('anprctl', 'run', '--output', 'out', '--lists', 'list.csv',
             'one.mp4', cwd=folder)
        page = os.path.join(folder, 'out', 'index.html')

        print('1..3')
        document = browse(browser, folder, page, '--dump-dom').decode()
        # it is shown with its gaps, as on the vehicle
        assert text in document.replace(' ', ''), 'no plate on the page'
        assert '&lt;b&gt;stolen &amp; hidden' in document, 'not escaped'
        print('ok 1 - the hit is shown, what a list says is shown as text')

        outside = re.findall(r'(?:src|href)="(?!data:|#|index|page)([^"]*)"',
                             document)
        assert document.count('src="data:image/jpeg;base64,') >= 2
        assert not outside, outside
        print('ok 2 - pictures are in the page, nothing is asked for outside')

        for name, options in (('wide', ['--window-size=1400,1000']),
                              ('narrow', ['--window-size=500,1000']),
                              ('dark', ['--window-size=1400,1000',
                                        '--force-dark-mode'])):
            picture = os.path.join(folder, name + '.png')
            browse(browser, folder, page, '--screenshot=' + picture, *options)
            assert png_size(picture)[1] == 1000
            assert os.path.getsize(picture) > 20000, name + ' is empty'
        print('ok 3 - it is drawn wide, narrow and dark')
    return 0


if __name__ == '__main__':
    sys.exit(main())
