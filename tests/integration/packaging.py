#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The packages hold together, without building them: what is installed has a
package, units and scripts are valid, the bill of materials is one. packaging/test
installs the real ones on a real Debian. Prints one TAP line a check."""
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ['ANPR_SOURCE_DIR']
BUILD = os.environ['ANPR_BUILD']
PACKAGING = os.path.join(SOURCE, 'packaging')
DEBIAN = os.path.join(PACKAGING, 'debian')
sys.path.insert(0, os.path.join(PACKAGING, 'testing'))
import packages  # noqa: E402

LIMIT_S = 60
# A package that this machine certainly has, with needs of its own
KNOWN = 'libglib2.0-0'
MOST_EXPOSURE = 20      # of 100, systemd-analyze security


class Skip(Exception):
    pass


def run(*command, **options):
    return subprocess.run(command, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=LIMIT_S, **options)


def read(*names):
    with open(os.path.join(*names), encoding='utf8') as file:
        return file.read()


def need(program):
    if not shutil.which(program):
        raise Skip('no ' + program)


def install_lists():
    """{package: [(what, where or None)]} of all *.install files."""
    lists = {}
    for path in glob.glob(DEBIAN + '/*.install'):
        words = [line.split() for line in read(path).splitlines() if line]
        name = os.path.basename(path)[:-len('.install')]
        lists[name] = [(one[0], one[1] if len(one) > 1 else None)
                       for one in words]
    return lists


def pattern_of(text):
    return re.compile(re.sub(r'\\\*', '[^/]*', re.escape(text)) + r'(/.*)?$')


# --- what goes where --------------------------------------------------------

def everything_installed_is_in_one_package(folder):
    """As dh_missing and dh_install see it when the packages are built."""
    stage = os.path.join(folder, 'stage')
    plan = json.loads(run('meson', 'introspect', '--installed', BUILD).stdout)
    prefix = json.loads(run('meson', 'introspect', '--buildoptions',
                            BUILD).stdout)
    prefix = next(one['value'] for one in prefix if one['name'] == 'prefix')
    done = run('meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet',
               '--destdir', stage)
    assert done.returncode == 0 and plan, done.stdout
    root = stage + prefix
    found = ['usr' + path[len(root):] for path in
             glob.glob(root + '/**', recursive=True)
             if not os.path.isdir(path) or os.path.islink(path)]
    assert any(path.endswith('/anprctl') for path in found), found
    sources = [(package, what) for package, words in install_lists().items()
               for what, _ in words]
    for path in found:
        path = re.sub(r'^usr/lib/(?!.*linux-gnu)', 'usr/lib/multiarch/', path)
        owners = [package for package, what in sources
                  if pattern_of(what).match(path)]
        assert len(owners) == 1, '%s is in %s' % (path, owners)


def everything_listed_exists(folder):
    """The other way round: no package asks for what is not there."""
    root = os.path.join(folder, 'stage')
    found = [path[len(root):].split('/', 1)[1] for path in
             glob.glob(root + '/**', recursive=True)]
    found = ['/' + path for path in found]
    for package, words in install_lists().items():
        for what, _ in words:
            if os.path.exists(os.path.join(SOURCE, what)):
                continue
            tail = what.replace('usr/lib/*/', 'usr/lib*/').split('usr/')[-1]
            tail = re.compile('.*/' + re.sub(r'\\\*', '.*', re.escape(tail))
                              + '$')
            assert any(tail.match(path) for path in found), (package, what)


def each_package_is_described(folder):
    stanzas = list(paragraphs_of_control())
    ours = [stanza['package'] for stanza in stanzas if 'package' in stanza]
    assert set(install_lists()) == set(ours), (set(install_lists()), ours)
    for stanza in stanzas[1:]:
        assert '${misc:Depends}' in stanza['depends'], stanza['package']
        assert len(stanza['description'].splitlines()) > 1, stanza['package']


def paragraphs_of_control():
    for block in read(DEBIAN, 'control').split('\n\n'):
        fields = re.findall(r'^([\w-]+):((?:.*\n?)(?: .*\n?)*)', block, re.M)
        yield {name.lower(): value.strip() for name, value in fields}


def version_is_that_of_the_source(folder):
    version = re.search(r"version: '([^']+)'", read(SOURCE, 'meson.build'))
    first = read(DEBIAN, 'changelog').splitlines()[0]
    assert first.startswith('gst-anpr (%s) ' % version.group(1)), first


def setup_installs_what_building_needs(folder):
    needs = packages.relations(next(paragraphs_of_control())['build-depends'])
    setup = read(SOURCE, 'scripts/setup')
    wanted = set(re.findall(r'[a-z0-9][a-z0-9.+-]+', setup))
    for names in needs:
        name = names[0].replace('debhelper-compat', 'debhelper')
        assert name in wanted, name


# --- units and scripts ------------------------------------------------------

def units():
    return sorted(glob.glob(PACKAGING + '/*.service')
                  + glob.glob(PACKAGING + '/*.timer'))


def units_are_valid(folder):
    need('systemd-analyze')
    home = os.path.join(folder, 'units')
    os.mkdir(home)
    for path in units():
        text = re.sub(r'/usr/bin/(anprd|anprctl)\b', '/bin/true', read(path))
        with open(os.path.join(home, os.path.basename(path)), 'w') as file:
            file.write(text)
    done = run('systemd-analyze', '--man=no', 'verify',
               *glob.glob(home + '/*'))
    faults = [line for line in done.stdout.splitlines() if 'anpr' in line]
    assert done.returncode == 0 and not faults, done.stdout


def units_are_confined(folder):
    need('systemd-analyze')
    services = [path for path in units() if path.endswith('.service')]
    assert len(services) >= 3, services
    for path in services:
        done = run('systemd-analyze', 'security', '--no-pager', '--offline=yes',
                   '--threshold=%d' % MOST_EXPOSURE, path)
        assert done.returncode == 0, done.stdout[-300:]


def units_run_what_is_installed(folder):
    """Programs of the packages, as a user that a package makes, and actions
    that anprctl has."""
    text = ''.join(read(path) for path in units())
    programs = set(re.findall(r'/usr/bin/(anpr[\w-]*)', text))
    listed = {os.path.basename(what) for words in install_lists().values()
              for what, _ in words}
    assert programs and programs <= listed, (programs, listed)
    made = set(re.findall(r'^u (\S+)', ''.join(
        read(path) for path in glob.glob(DEBIAN + '/*.sysusers')), re.M))
    users = set(re.findall(r'^User=(\S+)', text, re.M))
    assert users <= made | {'postgres'}, (users, made)
    for command, action in re.findall(r'anprctl (\w+) (\w+)', text):
        told = run('anprctl', command, '--help').stdout
        assert re.search(r'^(  )?%s\b' % action, told, re.M), (command, action)


def scripts_are_valid(folder):
    scripts = [path for path in glob.glob(PACKAGING + '/*')
               + glob.glob(DEBIAN + '/*.p*')
               if os.path.isfile(path) and read(path).startswith('#!/bin/sh')]
    assert len(scripts) >= 5, scripts
    for path in scripts:
        done = run('sh', '-n', path)
        assert done.returncode == 0, done.stdout
    for path in glob.glob(DEBIAN + '/*.p*'):
        assert '#DEBHELPER#' in read(path), path
        assert 'set -e' in read(path), path


def questions_are_translated(folder):
    need('msgfmt')
    for language in ('nl', 'fr'):
        done = run('msgfmt', '--check', '--statistics', '-o', '/dev/null',
                   '%s/po/%s.po' % (DEBIAN, language), env={
                       'PATH': os.environ['PATH'], 'LC_ALL': 'C'})
        assert done.returncode == 0, done.stdout
        assert 'fuzzy' not in done.stdout, done.stdout
        assert 'untranslated' not in done.stdout, done.stdout


def manual_pages_are_made(folder):
    sources = [path for path in glob.glob(SOURCE + '/plugins/*/gst*.c')
               if 'SECTION:element-' in read(path)]
    done = run(PACKAGING + '/manpage', 'gst-anpr-elements', '7', 'elements',
               *sources)
    assert done.returncode == 0, done.stdout
    for path in sources:
        name = re.search(r'SECTION:element-(\w+)', read(path)).group(1)
        assert '.SH %s' % name.upper() in done.stdout, name
    assert not re.search(r'^ ?\*/|\|\[|\]\||^#', done.stdout, re.M)
    need('groff')
    page = os.path.join(folder, 'page.7')
    with open(page, 'w', encoding='utf8') as file:
        file.write(done.stdout)
    warnings = run('groff', '-man', '-ww', '-Tutf8', '-Kutf8', '-z', page)
    assert not warnings.stdout, warnings.stdout


# --- bill of materials ------------------------------------------------------

def make_bill(folder, name='bill.json'):
    variables = os.path.join(folder, 'substvars')
    os.makedirs(variables, exist_ok=True)
    with open(variables + '/gst-anpr.substvars', 'w') as file:
        file.write('shlibs:Depends=%s (>= 2.74)\n' % KNOWN)
    path = os.path.join(folder, name)
    done = run(PACKAGING + '/sbom', '--output', path, '--substvars', variables,
               env=dict(os.environ, SOURCE_DATE_EPOCH='1790000000'))
    assert done.returncode == 0, done.stdout
    return path


def bill_of_materials_is_one(folder):
    need('dpkg-query')
    bill = packages.read_bill(make_bill(folder))
    faults = packages.faults_of_bill(bill)
    assert not faults, faults[:5]
    told = {entry['name']: entry for entry in bill['packages']}
    version = run('dpkg-query', '-W', '-f', '${Version}', KNOWN).stdout
    assert told[KNOWN]['versionInfo'] == version, told[KNOWN]
    assert told[KNOWN]['licenseDeclared'] != 'NOASSERTION', told[KNOWN]
    links = {(link['spdxElementId'], link['relationshipType'],
              link['relatedSpdxElement']) for link in bill['relationships']}
    assert ('SPDXRef-Package-gst-anpr', 'DEPENDS_ON',
            'SPDXRef-Package-' + KNOWN) in links
    assert ('SPDXRef-Package-' + KNOWN, 'DEPENDS_ON',
            'SPDXRef-Package-libc6') in links, 'needs of needs are not told'


def bill_of_materials_has_the_networks(folder):
    need('dpkg-query')
    bill = packages.read_bill(os.path.join(folder, 'bill.json'))
    told = {entry.get('packageFileName'): entry for entry in bill['packages']}
    installed = re.findall(r"'([\w.]+\.(?:anprnet|traineddata|calibration))'",
                           read(SOURCE, 'models/meson.build'))
    assert installed
    for name in installed:
        with open(os.path.join(SOURCE, 'models', name), 'rb') as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        entry = told['models/' + name]
        assert entry['checksums'][0]['checksumValue'] == digest, name


def bill_of_materials_is_the_same_each_time(folder):
    need('dpkg-query')
    again = make_bill(folder, 'again.json')
    assert read(again) == read(folder, 'bill.json')


def broken_bill_is_told(folder):
    """The check of the bill is one that can fail."""
    need('dpkg-query')
    for spoil in (lambda bill: bill['packages'][3].pop('licenseDeclared'),
                  lambda bill: bill['packages'][3].update(SPDXID='x y'),
                  lambda bill: bill['packages'].append(bill['packages'][0]),
                  lambda bill: bill['packages'][3].update(
                      licenseDeclared='LicenseRef-nothing'),
                  lambda bill: bill['packages'][3].update(
                      licenseDeclared='MIT OR'),
                  lambda bill: bill['relationships'][0].update(
                      relatedSpdxElement='SPDXRef-nowhere'),
                  lambda bill: bill.update(spdxVersion='2'),
                  lambda bill: bill['creationInfo'].update(created='today')):
        bill = packages.read_bill(os.path.join(folder, 'bill.json'))
        spoil(bill)
        assert packages.faults_of_bill(bill), spoil


CHECKS = (
    everything_installed_is_in_one_package, everything_listed_exists,
    each_package_is_described, version_is_that_of_the_source,
    setup_installs_what_building_needs,
    units_are_valid, units_are_confined, units_run_what_is_installed,
    scripts_are_valid, questions_are_translated, manual_pages_are_made,
    bill_of_materials_is_one, bill_of_materials_has_the_networks,
    bill_of_materials_is_the_same_each_time, broken_bill_is_told,
)


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix='anpr-packaging-') as folder:
        for number, check in enumerate(CHECKS, 1):
            name = '%d - %s' % (number, check.__name__.replace('_', ' '))
            try:
                check(folder)
                print('ok ' + name, flush=True)
            except Skip as reason:
                print('ok %s # SKIP %s' % (name, reason), flush=True)
            except Exception as error:
                failed += 1
                print('not ok ' + name)
                for line in ('%s: %s' % (type(error).__name__,
                                         error)).splitlines():
                    print('# ' + line, flush=True)
    print('1..%d' % len(CHECKS))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
