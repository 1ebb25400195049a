# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packages as files: their fields, a newer version of them, bills of materials."""
import glob
import json
import os
import re
import subprocess
import tempfile


def field(path, name):
    return subprocess.run(['dpkg-deb', '-f', path, name], check=True, text=True,
                          stdout=subprocess.PIPE, timeout=60).stdout.strip()


def find(folder):
    """{name: path} of what people install, so not of debugging symbols."""
    paths = sorted(glob.glob(os.path.join(folder, '*.deb')))
    return {field(path, 'Package'): path for path in paths
            if '-dbgsym_' not in path}


def print_sizes(folder):
    for name, path in find(folder).items():
        print('# %-22s %7.1f kB packed, %7s kB installed'
              % (name, os.path.getsize(path) / 1000,
                 field(path, 'Installed-Size')), flush=True)


def make_newer(path, folder):
    """A package as the next version would be: with another default setting."""
    version = field(path, 'Version')
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(['dpkg-deb', '-R', path, work], check=True, timeout=60)
        control = os.path.join(work, 'DEBIAN/control')
        with open(control, encoding='utf8') as file:
            text = file.read()
        with open(control, 'w', encoding='utf8') as file:
            file.write(re.sub(re.escape(version) + r'(?=[)\n])',
                              version + '+newer', text))
        settings = os.path.join(work, 'etc/anpr/anprd.conf')
        if os.path.exists(settings):
            with open(settings, 'a', encoding='utf8') as file:
                file.write('# newer default\n')
        target = os.path.join(folder, os.path.basename(path).replace(
            version, version + '+newer'))
        subprocess.run(['dpkg-deb', '--root-owner-group', '-b', work, target],
                       check=True, timeout=120, stdout=subprocess.DEVNULL)


def relations(text):
    """Names in a field such as Depends: a list of alternatives for each."""
    return [[re.sub(r'[\s(\[<:].*', '', name.strip())
             for name in group.split('|')]
            for group in text.replace('\n', ' ').split(',') if group.strip()]


def read_bill(path):
    with open(path, encoding='utf8') as file:
        return json.load(file)


# What SPDX 2.3 demands of a JSON document, as far as packaging/sbom uses it:
# https://spdx.github.io/spdx-spec/v2.3/
IDENTIFIER = re.compile(r'SPDXRef-[A-Za-z0-9.-]+$')
NEEDED = ('name', 'SPDXID', 'downloadLocation', 'filesAnalyzed',
          'licenseConcluded', 'licenseDeclared', 'copyrightText')
KINDS = {'DESCRIBES', 'GENERATED_FROM', 'DEPENDS_ON', 'OPTIONAL_DEPENDENCY_OF',
         'BUILD_DEPENDENCY_OF', 'CONTAINS'}
EXPRESSION = re.compile(r'[A-Za-z0-9.+-]+$')


def faults_of_licence(expression, known):
    if expression in ('NOASSERTION', 'NONE'):
        return []
    words = expression.replace('(', ' ').replace(')', ' ').split()
    faults = [word for number, word in enumerate(words)
              if not (word in ('AND', 'OR') if number % 2
                      else EXPRESSION.match(word))]
    if len(words) % 2 == 0 or expression.count('(') != expression.count(')'):
        faults.append('ends early')
    faults += [word + ' has no text' for word in words
               if word.startswith('LicenseRef-') and word not in known]
    return ['licence "%s": %s' % (expression, fault) for fault in faults]


def faults_of_document(bill):
    faults = []
    for name, pattern in (('spdxVersion', r'SPDX-2\.3$'),
                          ('dataLicense', r'CC0-1\.0$'),
                          ('SPDXID', r'SPDXRef-DOCUMENT$'), ('name', r'.+'),
                          ('documentNamespace', r'https://[^#]+$')):
        if not re.match(pattern, str(bill.get(name, ''))):
            faults.append('%s is "%s"' % (name, bill.get(name)))
    creation = bill.get('creationInfo', {})
    if not re.match(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$',
                    creation.get('created', '')):
        faults.append('created is "%s"' % creation.get('created'))
    if not all(re.match(r'(Tool|Person|Organization): .+', creator)
               for creator in creation.get('creators') or ['']):
        faults.append('creators are %s' % creation.get('creators'))
    return faults


def faults_of_packages(bill):
    known = {info['licenseId'] for info in
             bill.get('hasExtractedLicensingInfos', [])
             if info.get('extractedText')}
    faults = []
    for entry in bill['packages']:
        name = entry.get('name', '?')
        faults += ['%s: no %s' % (name, key) for key in NEEDED
                   if key not in entry]
        if not IDENTIFIER.match(entry.get('SPDXID', '')):
            faults.append('%s: id "%s"' % (name, entry.get('SPDXID')))
        for key in ('licenseDeclared', 'licenseConcluded'):
            faults += ['%s: %s' % (name, fault) for fault in
                       faults_of_licence(entry.get(key, ''), known)]
        if not re.match(r'NOASSERTION$|(Person|Organization): .+',
                        entry.get('supplier', 'NOASSERTION')):
            faults.append('%s: supplier "%s"' % (name, entry['supplier']))
        for reference in entry.get('externalRefs', []):
            if not re.match(r'pkg:deb/[^ ]+@[^ ]+$',
                            reference['referenceLocator']):
                faults.append('%s: %s' % (name, reference))
    return faults


def faults_of_bill(bill):
    """What is wrong with a bill of materials, texts; none if it is right."""
    faults = faults_of_document(bill) + faults_of_packages(bill)
    identifiers = [entry.get('SPDXID') for entry in bill['packages']]
    faults += ['%s is there twice' % one for one in set(identifiers)
               if identifiers.count(one) > 1]
    known = set(identifiers) | {'SPDXRef-DOCUMENT'}
    for link in bill['relationships']:
        ends = link['spdxElementId'], link['relatedSpdxElement']
        faults += ['%s leads nowhere' % end for end in ends if end not in known]
        if link['relationshipType'] not in KINDS:
            faults.append('a relationship %s' % link['relationshipType'])
    if not any(link['relationshipType'] == 'DESCRIBES'
               for link in bill['relationships']):
        faults.append('it describes nothing')
    return faults
