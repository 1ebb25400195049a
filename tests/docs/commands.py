#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every command that the documentation shows, as a reader would type it.

usage: commands.py FILE...

From Markdown files the ```sh blocks are run, each as one shell script; from C
files the gst-launch lines between |[ and ]|. All of a file's commands run one
after another in one empty folder that holds sample.mp4, example.jpg and
list.csv, rendered anew. A command that fails, or takes longer than two minutes,
fails the test. Prints one TAP line a command.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile

LIMIT_S = 120
SCENE = os.environ['ANPR_SCENE']


def markdown_blocks(text):
    return re.findall(r'^```sh\n(.*?)^```', text, re.M | re.S)


def section_blocks(text):
    blocks = re.findall(r'\|\[\n(.*?)\]\|', text, re.S)
    return [re.sub(r'^ \* ?', '', block, flags=re.M) for block in blocks]


def render(folder):
    video = os.path.join(folder, 'sample.mp4')
    subprocess.run([SCENE, '--scenario', 'one', '--output', video,
                    '--list', os.path.join(folder, 'list.csv')], check=True)
    subprocess.run(['gst-launch-1.0', '-q', 'filesrc', 'location=' + video, '!',
                    'decodebin', '!', 'identity', 'eos-after=2', '!',
                    'videoconvert', '!', 'jpegenc', '!', 'filesink',
                    'location=' + os.path.join(folder, 'example.jpg')],
                   check=True)


def run(block, folder):
    """Returns an error text, or None."""
    process = subprocess.Popen(['bash', '-euc', block], cwd=folder,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT,
                               start_new_session=True)
    try:
        output, _ = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return 'took longer than %d s\n%s' % (LIMIT_S, output.decode())
    if process.returncode != 0:
        return 'exit status %d\n%s' % (process.returncode, output.decode())
    return None


def main(files):
    number = failed = 0
    with tempfile.TemporaryDirectory(prefix='anpr-docs-') as home:
        originals = os.path.join(home, 'originals')
        os.mkdir(originals)
        render(originals)
        for path in files:
            text = open(path, encoding='utf8').read()
            find = markdown_blocks if path.endswith('.md') else section_blocks
            folder = os.path.join(home, os.path.basename(path))
            subprocess.run(['cp', '-r', originals, folder], check=True)
            for block in find(text):
                number += 1
                error = run(block, folder)
                name = '%s: %s' % (os.path.basename(path),
                                   block.strip().splitlines()[0])
                print('%s %d - %s' % ('not ok' if error else 'ok', number,
                                      name.replace('#', '\\#')), flush=True)
                if error:
                    failed += 1
                    print('\n'.join('# ' + line
                                    for line in error.splitlines()),
                          flush=True)
    print('1..%d' % number)
    return 1 if failed or not number else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
