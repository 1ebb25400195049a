#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the commands of docs/central.md as they stand, on a server of its own."""
import os
import sys
import tempfile

SOURCE = os.environ['ANPR_SOURCE_DIR']
sys.path.insert(0, os.path.join(SOURCE, 'tests', 'docs'))

import commands  # noqa: E402
import forwarddocs  # noqa: E402
import postgresql  # noqa: E402


def main():
    if postgresql.missing():
        print('1..0 # SKIP ' + postgresql.missing())
        return 0
    with open(os.path.join(SOURCE, 'docs', 'central.md'), encoding='utf8') as file:
        blocks = commands.markdown_blocks(file.read())
    failed = 0
    print('1..%d' % len(blocks))
    with tempfile.TemporaryDirectory(prefix='anpr-central-docs-') as folder, \
            postgresql.Cluster() as cluster:
        os.environ.update(CENTRE='host=%s&port=%d' % (cluster.folder, cluster.port),
                          PGUSER=cluster.superuser)
        session = forwarddocs.Session(folder)
        for number, block in enumerate(blocks, 1):
            failed += forwarddocs.say(number, block, session.run(block))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
