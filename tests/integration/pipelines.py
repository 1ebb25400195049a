#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every pipeline of pipelines/ as a user would: printed by anprctl, pasted
into a shell. Each must end by itself and keep the vehicle of the rendered clip.
Live, frames are left out when the machine is busy, so there a text that is
mostly right will do.

A pipeline file without an entry in PARAMETERS fails the test. RTSP pipelines
play from a real server on a port of its own; they are skipped, with the reason,
where that server was not built.
"""
import difflib
import json
import os
import subprocess
import sys
import tempfile

LIMIT_S = 100
SCENE = os.environ['ANPR_SCENE']
RTSP_SERVER = os.environ.get('ANPR_RTSP_SERVER', '')
TOP = os.environ['ANPR_SOURCE_DIR']

# name: parameters; {h264} and {h265} stand for the address of a camera
PARAMETERS = {
    'file': ['file=one.mp4', 'lists=list.csv', 'json=passages.jsonl'],
    'film': ['file=one.mp4', 'lists=list.csv'],
    'images': ['pattern=frames/%05d.jpg', 'rate=25/1'],
    'overlay': ['file=one.mp4', 'sink=fakesink sync=true'],
    'rtsp': ['uri={h265}'],
    'rtsp-h264': ['uri={h264}'],
    'rtsp-h265': ['uri={h265}'],
    'two-cameras': ['uri-1={h264}', 'uri-2={h264}', 'spool-1=spool.sqlite',
                    'spool-2=second.sqlite'],
}


def call(*command, cwd):
    return subprocess.run(command, cwd=cwd, check=True, timeout=LIMIT_S,
                          stdout=subprocess.PIPE, text=True).stdout


class Server:
    """A camera: plays a clip once, or as often as told, to each client."""

    def __init__(self, clip, *options):
        self.process = subprocess.Popen(
            [RTSP_SERVER, '--passes=1', *options, clip],
            stdout=subprocess.PIPE, text=True)
        self.uri = self.process.stdout.readline().strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def render(folder):
    """Draws the clip in every form, gives the text of its vehicle."""
    os.mkdir(os.path.join(folder, 'frames'))
    call(SCENE, '--scenario', 'one', '--output', 'one.mp4', '--truth',
         'truth.jsonl', '--list', 'list.csv', cwd=folder)
    call(SCENE, '--scenario', 'one', '--output', 'one-h265.mp4', '--codec',
         'h265', cwd=folder)
    call(SCENE, '--scenario', 'one', '--output', 'frames/%05d.jpg', cwd=folder)
    with open(os.path.join(folder, 'truth.jsonl'), encoding='utf8') as truth:
        return json.loads(truth.readline())['text']


def kept(spool, folder):
    lines = call('anprctl', 'passages', spool, '--json', cwd=folder)
    return [json.loads(line)['plates'][0]['text']
            for line in lines.splitlines()]


def resembles(text, truth):
    return difflib.SequenceMatcher(None, text, truth).ratio() >= 0.7


def unbounded_queue(line):
    """A queue that is bounded by time alone takes any number of frames from a
    camera whose clock stands still."""
    for element in line.split('!'):
        words = element.split()
        if 'queue' in words and {'max-size-buffers=0',
                                 'max-size-bytes=0'} <= set(words):
            return element.strip()
    return None


def check(name, folder, text, uris):
    """Returns an error text, or None."""
    live = name == 'film' or any('{' in value for value in PARAMETERS[name])
    values = [value.format(**uris) for value in PARAMETERS[name]]
    line = call('anprctl', 'pipeline', 'print', name, *values, cwd=folder)
    if unbounded_queue(line):
        return 'no bound: ' + unbounded_queue(line)
    shell = subprocess.run(['sh', '-c', line], cwd=folder, timeout=LIMIT_S,
                           stdin=subprocess.DEVNULL, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if shell.returncode != 0:
        return 'exit status %d\n%s' % (shell.returncode, shell.stdout)
    spools = [value.split('=')[1] for value in values
              if value.startswith('spool')] or ['spool.sqlite']
    for spool in spools:
        texts = kept(spool, folder)
        os.remove(os.path.join(folder, spool))
        if text not in texts and not (
                live and any(resembles(kept_text, text)
                             for kept_text in texts)):
            return '%s holds %s, not %s' % (spool, texts, text)
    return None


def main():
    names = sorted(name[:-len('.launch')]
                   for name in os.listdir(os.path.join(TOP, 'pipelines'))
                   if name.endswith('.launch'))
    failed = 0
    print('1..%d' % len(names), flush=True)
    with tempfile.TemporaryDirectory(prefix='anpr-pipelines-') as folder:
        text = render(folder)
        servers = {}
        if RTSP_SERVER:
            servers = {'h264': Server(os.path.join(folder, 'one.mp4')),
                       'h265': Server(os.path.join(folder, 'one-h265.mp4'))}
        uris = {codec: server.uri for codec, server in servers.items()}
        for number, name in enumerate(names, 1):
            live = name not in ('file', 'film', 'images', 'overlay')
            if live and not servers:
                print('ok %d - %s # SKIP no RTSP server was built'
                      % (number, name), flush=True)
                continue
            try:
                error = check(name, folder, text, uris)
            except (KeyError, subprocess.SubprocessError) as problem:
                error = repr(problem)
            print('%s %d - %s' % ('not ok' if error else 'ok', number, name))
            if error:
                failed += 1
                print('\n'.join('# ' + part for part in error.splitlines()))
            sys.stdout.flush()
        for server in servers.values():
            server.stop()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
