#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page's files without a browser: both languages have every text, with the same
{values}; every text and drawing that
code asks for exists and none is left over; every setting of
a position has its name in both and its help in Dutch (the English one is the
schema's); every error code and every kind of health has its texts in both;
nothing in the page makes markup from text, calls another host or holds a
style or script that its policy forbids; page.gresource.xml names every file.

usage: texts.py FOLDER-OF-PAGE [SCHEMA-SOURCE [CODES-SOURCE HEALTH-SOURCE...]]
"""
import json
import re
import sys
from pathlib import Path

FORBIDDEN = (r'innerHTML', r'outerHTML', r'insertAdjacentHTML', r'document\.write', r'\beval\(',
             r'new Function', r'DOMParser', r'createContextualFragment', r'https?://(?!www\.w3\.org/)')


def values(text):
    return sorted(re.findall(r'\{(\w+)\}', text))


def check_languages(folder):
    english, dutch = (json.loads((folder / 'language' / (name + '.json')).read_text())
                      for name in ('en', 'nl'))
    ours = {key for key in dutch if not key.startswith('help.')}
    assert set(english) == ours, set(english) ^ ours
    for key, text in english.items():
        assert text.strip() and dutch[key].strip(), key
        assert values(text) == values(dutch[key]), key
    return english, dutch


def check_keys(folder, english):
    code = {path.name: path.read_text() for path in folder.rglob('*.js')}
    everything = '\n'.join(code.values())
    plural = {key.rsplit('.', 1)[0] for key in english if key.endswith('.one')}
    asked = set(re.findall(r"\bt\('([\w. -]+)'", everything))
    for name in asked:
        assert name in english or name in plural, 'no text for ' + name
    # groups whose keys are put together from values of the API
    groups = set(re.findall(r'`([\w.-]+\.)\$\{', everything))
    groups |= {group + '.' for group in re.findall(r"\bword\('([\w.]+)'", everything)}
    literal = set(re.findall(r"'([\w. -]+)'", everything))
    for key in english:
        base = key.rsplit('.', 1)[0] if key.endswith(('.one', '.other')) else key
        grouped = any(key.startswith(group) for group in groups)
        assert base in literal or key in literal or grouped, 'nobody shows ' + key


def check_drawings(folder):
    drawn = set(re.findall(r"^  '?([\w-]+)'?: \[", (folder / 'js' / 'icons.js').read_text(), re.M))
    code = '\n'.join(path.read_text() for path in folder.rglob('*.js') if path.name != 'icons.js')
    asked = set(re.findall(r"\bicon\('([\w-]+)'\)", code))
    assert asked <= drawn, asked - drawn
    literal = set(re.findall(r"'([\w-]+)'", code))
    unused = {name for name in drawn if name not in literal and not name.startswith('state-')}
    assert not unused, unused


def check_settings(source, english, dutch):
    settings = re.findall(r'\{ "([\w-]+)", "([\w-]+)", ANPR_SETTING_', source.read_text())
    assert settings, 'no settings in %s' % source
    for section, key in settings:
        name = '%s.%s' % (section, key)
        assert 'section.' + section in english, section
        assert 'setting.' + name in english and 'help.' + name in dutch, name
    known = {'%s.%s' % pair for pair in settings}
    for key in dutch:
        if key.startswith(('setting.', 'help.')):
            assert key.split('.', 1)[1] in known, 'no setting ' + key


def texts_of_codes(source):
    """Code: what to do, in English, of plugins/record/error.c."""
    found = re.findall(r'\{ "(ANPR-[A-Z-]+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', source.read_text())
    return {code: ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\"', '"')
            for code, text in found}


def check_faults(source, health, english, dutch):
    codes = texts_of_codes(source)
    assert len(codes) == source.read_text().count('[ANPR_ERROR_'), 'codes of %s' % source
    for code, advice in codes.items():
        assert english.get('advice.' + code) == advice, '%s: not as error.c has it' % code
        for texts in (english, dutch):
            for key in ('fault.' + code, 'advice.' + code):
                assert texts.get(key, '').endswith('.'), 'no sentence for ' + key
        for key in ('fault.' + code, 'advice.' + code):
            assert english[key] != dutch[key], key + ' is not in Dutch'
    for key in english:
        if key.startswith(('fault.', 'advice.')):
            assert key.split('.', 1)[1] in codes, 'no code ' + key
    kinds = set()
    for path in health:
        text = path.read_text()
        kinds |= set(re.findall(r'\[ANPR_HEALTH_\w+\] = "([\w-]+)"', text))
        kinds |= set(re.findall(r'begin_health \(\s*builder, "([\w-]+)"', text))
    kinds -= {'good', 'warning', 'bad'}
    assert kinds and kinds == {key[7:] for key in english if key.startswith('health.')}, kinds


def check_files(folder):
    listed = set(re.findall(r'<file[^>]*>([^<]+)</file>', (folder / 'page.gresource.xml').read_text()))
    there = {str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file()}
    there -= {'page.gresource.xml', 'README.md', 'meson.build'}
    assert listed == there, listed ^ there
    for path in folder.rglob('*.js'):
        for pattern in FORBIDDEN:
            found = re.search(pattern, path.read_text())
            assert not found, '%s: %s' % (path, found.group(0))
    document = (folder / 'index.html').read_text()
    assert not re.search(r'<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://', document)


def main(folder, source=None, errors=None, *health):
    folder = Path(folder)
    print('1..%d' % (3 + bool(source) + bool(errors)))
    english, dutch = check_languages(folder)
    print('ok 1 - both languages have every text, with the same values')
    check_keys(folder, english)
    check_drawings(folder)
    print('ok 2 - every text and drawing that is asked for exists, none is left over')
    check_files(folder)
    print('ok 3 - no markup from text, no other host, every file is served')
    if source:
        check_settings(Path(source), english, dutch)
        print('ok 4 - every setting of a position has a name in both languages')
    if errors:
        check_faults(Path(errors), [Path(path) for path in health], english, dutch)
        print('ok 5 - every code and kind of health is told in both languages, codes with what to do')
    return 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
