#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""gst-inspect-1.0 tells about every element where nothing is installed beside
the plugin: no reader data, model, list, home folder or server. Each property
that can be set says when it may be changed."""
import os
import re
import subprocess
import sys

ELEMENTS = ['platedetect', 'platetrack', 'plateocr', 'hitmatch', 'anprsink',
            'plateoverlay']
INHERITED = {'name', 'parent', 'qos', 'sync', 'async', 'max-lateness',
             'ts-offset', 'enable-last-sample', 'last-sample', 'blocksize',
             'render-delay', 'throttle-time', 'max-bitrate',
             'processing-deadline'}


def check(element):
    """Returns an error text, or None."""
    environment = dict(os.environ, TESSDATA_PREFIX='/nonexistent',
                       HOME='/nonexistent', XDG_CACHE_HOME='/nonexistent')
    process = subprocess.run(['gst-inspect-1.0', element], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, timeout=60)
    if process.returncode != 0:
        return 'exit status %d\n%s' % (process.returncode, process.stdout)
    if 'CRITICAL' in process.stdout or 'WARNING' in process.stdout:
        return process.stdout
    found = re.findall(r'^  ([a-z0-9-]+) +: (.*)\n +flags: (.*)$',
                       process.stdout.split('Element Properties:')[1], re.M)
    own = [row for row in found if row[0] not in INHERITED]
    if not own and element != 'plateoverlay':
        return 'no property of its own'
    for name, blurb, flags in own:
        if not blurb.endswith('.'):
            return '%s: "%s" is no sentence' % (name, blurb)
        if 'writable' in flags and 'changeable' not in flags:
            return '%s does not say when it may be changed' % name
    if element != 'plateoverlay' and 'stats' not in [row[0] for row in own]:
        return 'no stats'
    return None


def main():
    failed = 0
    print('1..%d' % len(ELEMENTS))
    for number, element in enumerate(ELEMENTS, 1):
        error = check(element)
        print('%s %d - %s' % ('not ok' if error else 'ok', number, element))
        if error:
            failed += 1
            print('\n'.join('# ' + line for line in error.splitlines()))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
