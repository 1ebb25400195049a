#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is installed works where nothing of the build is in sight: the plugin
loads with GST_PLUGIN_PATH alone, its networks lie where it asks for them, and a
film is read with both. Prints one TAP line a check."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

LIMIT_S = 100
SCENE = os.environ['ANPR_SCENE']
BUILD = os.environ['ANPR_BUILD']
MODEL = 'detector.anprnet'


def run(command, folder, **variables):
    """With no variable of the build's environment but what is given."""
    kept = {name: os.environ[name]
            for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LD_PRELOAD')
            if name in os.environ}
    environment = dict(kept, PATH='/usr/local/bin:/usr/bin:/bin',
                       HOME=folder, LC_ALL='C',
                       GST_REGISTRY=os.path.join(folder, 'registry'),
                       **variables)
    process = subprocess.run(command, env=environment, cwd=folder, text=True,
                             stdin=subprocess.DEVNULL, timeout=LIMIT_S,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return process.returncode, process.stdout


def only(folder, name):
    """The one file of that name below a folder."""
    found = glob.glob(os.path.join(folder, '**', name), recursive=True)
    assert len(found) == 1, '%s: %s' % (name, found)
    return found[0]


def install(folder):
    stage = os.path.join(folder, 'stage')
    subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet',
                    '--destdir', stage], check=True, timeout=LIMIT_S,
                   stdout=subprocess.DEVNULL)
    return stage


def detect(folder, plugins, **variables):
    return run(['gst-launch-1.0', '-m', 'filesrc', 'location=film.mp4', '!',
                'decodebin', '!', 'platedetect', 'name=detector', '!',
                'plateocr', '!', 'fakesink'],
               folder, GST_PLUGIN_PATH=plugins, **variables)


def network_is_where_the_plugin_asks(folder, stage, plugins):
    """A plugin in a stage asks for what will be there when it is put in its
    place: if that is not so already, the error names the file, the detector's or
    the reader's."""
    status, output = detect(folder, plugins)
    wanted = re.search(r'model "([^"]+)" cannot be opened', output)
    if status == 0:
        assert os.path.exists(only(stage, MODEL)[len(stage):]), output
    else:
        assert wanted, output
        path = wanted.group(1)
        assert stage + path == only(stage, os.path.basename(path)), output


def film_is_read(folder, stage, plugins):
    models = os.path.dirname(only(stage, MODEL))
    status, output = detect(folder, plugins, ANPR_MODELS=models)
    assert status == 0, output
    assert 'anpr-passage' in output, output


CHECKS = (network_is_where_the_plugin_asks, film_is_read)


def main():
    failed = 0
    folder = tempfile.mkdtemp(prefix='anpr-installed-')
    print('1..%d' % len(CHECKS))
    try:
        subprocess.run([SCENE, '--scenario', 'one', '--first', '60',
                        '--frames', '40', '--output',
                        os.path.join(folder, 'film.mp4')],
                       check=True, timeout=LIMIT_S, stdout=subprocess.DEVNULL)
        stage = install(folder)
        plugins = os.path.dirname(only(stage, 'libgstanpr.so'))
        for number, check in enumerate(CHECKS, 1):
            try:
                check(folder, stage, plugins)
                print('ok %d - %s' % (number, check.__name__))
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed += 1
                print('not ok %d - %s' % (number, check.__name__))
                print('\n'.join('# ' + line
                                for line in str(error).splitlines()))
    finally:
        shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
