#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the commands of docs/forwarding.md as they stand, with a central database
that shows the certificates which the first of them make."""
import os
import sys
import tempfile

SOURCE = os.environ['ANPR_SOURCE_DIR']
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'docs'))

import commands  # noqa: E402
import forwarding  # noqa: E402
import postgresql  # noqa: E402

LOGIN = forwarding.LOGIN


def read_blocks():
    path = os.path.join(SOURCE, 'docs', 'forwarding.md')
    with open(path, encoding='utf8') as file:
        return commands.markdown_blocks(file.read())


def say(number, block, error):
    print('%s %d - %s' % ('not ok' if error else 'ok', number,
                          block.strip().splitlines()[0]))
    for line in (error or '').splitlines():
        print('# ' + line)
    sys.stdout.flush()
    return bool(error)


class Session:
    """One shell's folder and variables, from block to block"""

    def __init__(self, folder):
        self.folder, self.variables = folder, os.path.join(folder, '.variables')

    def run(self, block):
        return commands.run(
            'test ! -f %s || . %s\n%s\nexport -p > %s' % (
                self.variables, self.variables, block, self.variables),
            self.folder)


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    blocks = read_blocks()
    failed = 0
    print('1..%d' % (len(blocks) + 1))
    with tempfile.TemporaryDirectory(prefix='anpr-forward-docs-') as folder:
        commands.render(folder)
        port = postgresql.free_port()
        os.environ['CENTRE'] = 'localhost:%d' % port
        session = Session(folder)
        failed += say(1, blocks[0], session.run(blocks[0]))
        with postgresql.Cluster(tls=folder, durable=False, port=port,
                                hba='hostssl anpr %s all cert\n' % LOGIN) \
                as cluster:
            forwarding.make_centre(cluster)
            for number, block in enumerate(blocks[1:], 2):
                failed += say(number, block, session.run(block))
            came = cluster.query('SELECT count(*) FROM anpr_data.passage')[0][0]
            failed += say(len(blocks) + 1, 'passages have come',
                          None if came >= 2 else '%d passages' % came)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
