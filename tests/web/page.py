#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The technician's page in Chromium, served by a real anprd whose cameras play films.

First account by the console's token; a technician sees passages come, draws a polygon
and applies it, is refused a bad value, makes accounts; a dispatcher decides on a hit by
keyboard alone; a supervisor changes nothing. Texts that would be markup stay texts. All
views are checked in both languages, light and dark, for names, labels and contrast, and
on a phone for width; the line is cut and comes back; the first load is weighed.

With ANPR_PICTURES=FOLDER the pictures of docs/page.md are made anew there.
"""
import http.client
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import browser
from site_of_page import Site

HERE = Path(__file__).parent
PICTURES = os.environ.get('ANPR_PICTURES')
SIZE = {'width': 1280, 'height': 800}
PASSWORD = 'Zeeschip-kanaal-31'
GIVEN = 'first-password-given'  # by who made the account
FIRST_LOAD = 300_000
ROLES = {'dirk': 'dispatcher', 'coc': 'supervisor'}
VIEWS = ['cameras', 'cameras/%(gate)s', 'cameras/%(gate)s/settings', 'new', 'live',
         'passages/%(passage)s', 'hits', 'hits/%(hit)s', 'map', 'lists', 'accounts', 'log']
# What a browser tells of answers that are asked for here, and of the line that is cut
EXPECTED = (r'status of (401|403|404|412|422)'
            r'|net::ERR_(EMPTY_RESPONSE|CONNECTION|INCOMPLETE|SOCKET|FAILED|NETWORK|BLOCKED)')
NUMBER = 0


def ok(name):
    global NUMBER
    NUMBER += 1
    print('ok %d - %s' % (NUMBER, name), flush=True)


def picture(page, name, **more):
    if PICTURES:
        page.mouse('mouseMoved', 5, 5)
        time.sleep(0.4)
        page.picture(os.path.join(PICTURES, name), **more)


def sign_in(page, site, user, token=None):
    page.go(site.url)
    page.wait('!!document.querySelector("#signin")')
    if token:
        page.fill('[name=token]', token)
        page.fill('[name=again]', PASSWORD)
    page.fill('[name=user]', user)
    page.fill('[name=password]', PASSWORD)
    page.click('#signin [type=submit]')


def show(page, view, ready='!!document.querySelector("main h1")'):
    page.run('location.hash = %s' % json.dumps('#/' + view))
    page.wait('location.hash === %s && %s' % (json.dumps('#/' + view), ready))


def api(page, path):
    return page.run('fetch(%s).then((answer) => answer.json())' % json.dumps(path))


def first_run(page, site):
    page.go(site.url)
    page.wait('!!document.querySelector("[name=token]")')
    for scheme in ('dark', 'light'):
        page.scheme(scheme)
        wrong = page.run((HERE / 'accessible.js').read_text())
        assert not wrong, wrong
    sign_in(page, site, 'an', 'not-the-token')
    page.wait('!!document.querySelector("#signin [role=alert]")')
    assert api(page, '/api/positions').get('code'), 'served without a session'
    page.fill('[name=token]', site.token)
    page.click('#signin [type=submit]')
    page.wait('!!document.querySelector(".shell .tile")')
    ok('the first account needs the token of the console')


def first_load(page):
    own = sum(size for url, size in page.loads if '/api/' not in url)
    everything = page.run('performance.getEntriesByType("resource").map((one) => one.name)')
    assert own and not [url for url in everything if '/leaflet/' in url]
    assert own < FIRST_LOAD, own
    print('# first load: %d bytes in %d requests' % (own, len(page.loads)))
    ok('the first load is under 300 kB')
    page.wait('!document.querySelector(".tile img").hidden', 30)
    moved = page.run('''new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(sum), 300);
    })''')
    print('# layout moved by %.4f' % moved)
    assert moved < 0.02, moved


def passages_come(page):
    show(page, 'live')
    page.wait('document.querySelectorAll(".row").length > 0')
    before = page.run('document.querySelector(".row").dataset.id')
    page.wait('document.querySelector(".row").dataset.id !== %s' % json.dumps(before), 60)
    assert page.run('document.querySelector(".row .plate, .row .none") !== null')
    ok('a passage appears by itself')
    page.click('.row .where')
    page.wait('location.hash.startsWith("#/passages/") && !!document.querySelector("main .facts")')
    ok('a click anywhere in its row opens it')


def rows_are_bounded(page):
    counts = page.run('''(async () => {
      const { store, keepNewest, MAX_PASSAGES } = await import('/js/store.js');
      const one = store.passages[0];
      for (let i = 0; i < 3 * MAX_PASSAGES; i++) {
        const made = keepNewest(store.passages, { ...one, id: `made-${i}` }, MAX_PASSAGES);
        store.dispatchEvent(new CustomEvent('passage', { detail: made }));
      }
      const counts = [store.passages.length, MAX_PASSAGES, document.querySelectorAll('.row').length];
      await store.fill();
      return counts;
    })()''')
    assert counts[0] == counts[1] and counts[2] <= 2 * counts[1], counts
    ok('rows and memory are bounded however many passages come')


def choose_password(site, user):
    """What somebody does first with an account that another has made."""
    connection = http.client.HTTPConnection('127.0.0.1', site.line.port, timeout=30)
    headers = {'Content-Type': 'application/json'}
    for method, body in (('POST', {'user': user, 'password': GIVEN}),
                         ('PUT', {'password': GIVEN, 'new_password': PASSWORD})):
        connection.request(method, '/api/session', json.dumps(body), headers)
        answer = connection.getresponse()
        session = json.loads(answer.read())
        assert answer.status == 200, session
        headers['X-CSRF-Token'] = session['csrf']
        headers['Cookie'] = answer.headers['Set-Cookie'].split(';')[0]
        connection.close()


def nothing_is_missed(page):
    """What comes between reading and listening, or while it is read"""
    asked = [url.split('?')[0].rsplit('/', 1)[1] for url in page.urls]
    assert asked.index('events') < asked.index('passages'), asked
    missed = page.run('''(async () => {
      const { store } = await import('/js/store.js');
      const came = [];
      const one = new Promise((resolve) => store.addEventListener('passage', ({ detail }) => resolve(came.push(detail.id))));
      const send = window.fetch;
      window.fetch = async (address, ...more) => {
        const answer = await send(address, ...more);
        if (String(address).startsWith('/api/passages?')) await one;
        return answer;
      };
      await store.fill().finally(() => { window.fetch = send; });
      return [came.length, came.filter((id) => !store.passages.some((passage) => passage.id === id))];
    })()''')
    assert missed[0] and not missed[1], missed
    ok('a passage that comes while passages are read is there')


def accounts(page, site):
    show(page, 'accounts')
    for user, role in ROLES.items():
        page.fill('.accountform [name=user]', user)
        page.fill('.accountform [name=password]', GIVEN)
        page.choose('.accountform [name=role]', role)
        page.click('.accountform [type=submit]')
        page.wait('document.querySelector("table").innerText.includes(%s)' % json.dumps(user))
    page.wait('document.querySelector(".accountform [name=user]").value === ""')
    assert {one['user']: one['role'] for one in api(page, '/api/accounts')} == {'an': 'technician', **ROLES}
    for user in ROLES:
        choose_password(site, user)
    # from now on there is a second person
    page.fill('.accountform [name=user]', 'eva')
    page.fill('.accountform [name=password]', GIVEN)
    page.click('.accountform [type=submit]')
    page.wait('document.querySelector(".accountform .approval").checkVisibility()')
    wrong = page.run((HERE / 'accessible.js').read_text())
    assert not wrong, wrong
    page.fill('.accountform .approval [autocomplete=off]', 'coc')
    page.fill('.accountform .approval [type=password]', PASSWORD)
    page.click('.accountform [type=submit]')
    page.wait('document.querySelector("table").innerText.includes("eva")')
    page.wait('document.querySelector(".accountform [name=user]").value === ""')
    page.click('[aria-label="Remove account eva"]')
    page.click('dialog .danger')
    page.wait('!document.querySelector("table").innerText.includes("eva")')
    ok('a technician makes accounts, with a second person once there is one')


def seen_by_two(page, site):
    """The site's files were written by hand."""
    show(page, 'cameras/' + site.gate, '!!document.querySelector(".outside .approval")')
    assert 'permission.decision' in page.run('document.querySelector(".outside").innerText')
    page.fill('.outside [autocomplete=off]', 'coc')
    page.press('Enter')
    page.wait('!!document.querySelector(".outside [role=alert]")')
    wrong = page.run((HERE / 'accessible.js').read_text())
    assert not wrong, wrong
    page.fill('.outside [autocomplete=off]', 'coc')
    page.fill('.outside [type=password]', PASSWORD)
    page.press('Enter')
    page.wait('!document.querySelector(".outside")')
    page.wait('!document.querySelector(".how").innerText.includes("outside the page")')
    ok('what was changed outside the page is acknowledged by two')


def stored_region(page, site, kind='include'):
    return api(page, '/api/positions/' + site.gate)['settings'].get('detection', {}).get(kind, '')


def editor_ready(page, site):
    show(page, 'cameras/%s/settings' % site.gate, '!!document.querySelector(".handles")')
    page.wait('!document.querySelector(".picture.editing img").hidden', 30)


def polygon(page, site):
    editor_ready(page, site)
    assert not stored_region(page, site)
    restarts = api(page, '/api/positions/' + site.gate)['restarts']
    left, top, width, height = page.place('.handles')[2:]
    image = page.run('''(({ naturalWidth, naturalHeight }) =>
        [naturalWidth, naturalHeight])(document.querySelector(".editing img"))''')
    shape = image[0] / image[1]
    assert abs(width / height - shape) < 0.02, 'the drawing does not lie on the picture'
    for share in ((0.1, 0.4), (0.9, 0.4), (0.9, 0.9)):
        page.click_at(left + share[0] * width, top + share[1] * height)
    page.send('Emulation.setTouchEmulationEnabled', enabled=True)
    left, top, width, height = page.place('.handles')[2:]
    page.touch(left + 0.12 * width, top + 0.88 * height)
    page.send('Emulation.setTouchEmulationEnabled', enabled=False)
    left, top, width, height = page.place('.handles')[2:]
    page.wait('document.querySelectorAll(".handle").length === 4')
    page.drag((left + 0.1 * width, top + 0.4 * height), (left + 0.2 * width, top + 0.5 * height))
    page.run('document.querySelectorAll(".handle")[1].focus()')
    page.press('ArrowDown', shift=True)
    drawn = page.run('document.querySelector("[name=\\"detection.include\\"]").value')
    points = [tuple(map(float, point.split(','))) for point in drawn.split()]
    wanted = [(0.2, 0.5), (0.9, 0.42), (0.9, 0.9), (0.12, 0.88)]
    assert len(points) == 4, drawn
    for point, want in zip(points, wanted):
        assert abs(point[0] - want[0]) < 0.01 and abs(point[1] - want[1]) < 0.01, drawn
    picture(page, 'page-settings.webp')
    page.wait('!document.querySelector(".applybar .first").disabled')
    page.click('.applybar .first')
    page.wait('!!document.querySelector(".applybar .notice.good")')
    assert stored_region(page, site) == drawn
    page.wait('''fetch('/api/positions').then((answer) => answer.json()).then((all) => all.find((one) =>
        one.name === %s && one.state === 'running' && one.restarts > %d))''' % (json.dumps(site.gate), restarts), 30)
    page.wait('document.querySelector(".applybar .state.good") !== null')
    ok('a polygon is drawn by mouse, touch and keyboard, applied, and the camera runs again')


def points_by_keyboard(page, site):
    editor_ready(page, site)
    page.run('document.querySelectorAll(".handle")[0].focus()')
    page.press('Enter')
    page.wait('document.querySelectorAll(".handle").length === 5')
    page.press('Delete')
    page.wait('document.querySelectorAll(".handle").length === 4')
    page.click('[data-add="direction-line"]')
    page.wait('document.querySelectorAll(".handle").length === 2')
    page.press('Delete')
    page.press('Delete')
    page.wait('document.querySelector("[name=\\"detection.direction-line\\"]").value === ""')
    page.wait('document.querySelector(".applybar.still") !== null')
    ok('points come and go by keyboard; what is as before is no change')


def new_position(page, site):
    """At the place of another one. Its permission takes a second person, as any change of one does."""
    show(page, 'new', '!!document.querySelector("fieldset")')
    page.fill('main .card input', 'third')
    for name, value in site.new_settings().items():
        page.fill('[name="%s"]' % name, value)
    page.click('[data-setting="permission.purposes"] [value=J1]')
    page.wait('''document.querySelector(".approval").checkVisibility()
        && !document.querySelector(".applybar .first").disabled''')
    page.click('.applybar .first')
    page.wait('!!document.querySelector(".applybar [role=alert]")')
    page.fill('.approval [autocomplete=off]', 'coc')
    page.fill('.approval [type=password]', PASSWORD)
    page.click('.applybar .first')
    page.wait('location.hash === "#/cameras/third/settings"')
    page.wait('!!document.querySelector(".regionlist")')
    kept = api(page, '/api/positions/third')['settings']
    assert kept['permission']['purposes'] == 'J1' and kept['position']['name'] == 'Dock 4, gate', kept
    assert kept['position']['latitude'] == '51.13', kept
    log = [entry for entry in api(page, '/api/log') if entry['what'] == 'position-added']
    assert log and log[0]['user'] == 'an' and log[0]['details']['approved_by'] == 'coc', log
    show(page, 'log', 'document.querySelector("main").innerText.includes("position.name")')
    page.wait('fetch("/api/positions/third").then((answer) => answer.json()).then((one) => one.state === "away")')
    ok('a new position takes a second person and is in the log')


def own_password(page):
    page.click('.head .who')
    page.fill('dialog [name=password]', PASSWORD)
    page.fill('dialog [name=new_password]', PASSWORD + '-2')
    page.click('dialog [type=submit]')
    page.wait('!document.querySelector("dialog")')
    assert api(page, '/api/session')['user'] == 'coc'
    ok('somebody changes their own password')


def bad_value(page, site):
    before = api(page, '/api/positions/' + site.gate)
    page.fill('[name="detection.threshold"]', '7')
    page.fill('[name="source.stall-timeout"]', 'soon')
    page.wait('document.querySelectorAll("[aria-invalid=true]").length === 2')
    assert page.run('document.querySelector(".applybar .first").disabled')
    described = page.run('''[...document.querySelectorAll('[aria-invalid=true]')].every((input) =>
        input.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id))
            .some((told) => told.matches('.fault') && told.innerText.length > 5))''')
    assert described, 'a fault is not told at its field'
    page.place('[name="detection.threshold"]')
    picture(page, 'page-faults.webp')
    page.run('document.querySelector(".linklike").click()')
    assert page.run('document.activeElement.getAttribute("aria-invalid")') == 'true'
    page.run('location.hash = "#/live"')
    page.wait('!!document.querySelector("dialog[open]")')
    page.click('dialog .button:not(.danger)')
    page.wait('!document.querySelector("dialog")')
    assert 'settings' in page.run('location.hash')
    page.click('.applybar .button:not(.first)')
    page.wait('!document.querySelector("[aria-invalid=true]")')
    assert api(page, '/api/positions/' + site.gate)['version'] == before['version']
    ok('a bad value is refused, told at its field, and nothing is applied')


def conflict(page, site):
    """Somebody else changes the position between reading and applying."""
    editor_ready(page, site)
    page.run('''(async () => {
      const { api } = await import('/js/api.js');
      const position = await api.get('/api/positions/%(name)s');
      position.settings.position.lane = 'other';
      await api.put('/api/positions/%(name)s', { settings: position.settings }, position.version);
    })()''' % {'name': site.gate})
    page.fill('[name="position.lane"]', 'mine')
    page.wait('!document.querySelector(".applybar .first").disabled')
    page.click('.applybar .first')
    page.wait('!!document.querySelector(".applybar .notice.warn")')
    page.click('.applybar .grow .button')
    page.wait('document.querySelector("[name=\\"position.lane\\"]").value === "other"')
    page.fill('[name="position.lane"]', '')
    page.wait('!document.querySelector(".applybar .first").disabled')
    page.click('.applybar .first')
    page.wait('!!document.querySelector(".applybar .notice.good")')
    assert not api(page, '/api/positions/' + site.gate)['settings']['position'].get('lane')
    ok('two people do not overwrite each other; an emptied field is taken out')


def hostile(page, site):
    show(page, 'cameras')
    page.wait('document.body.innerText.includes(%s)' % json.dumps(site.hostile_title))
    show(page, 'cameras/' + site.hostile)
    page.wait('document.querySelector("h1").textContent === %s' % json.dumps(site.hostile_title))
    map_shows_pins(page)
    assert page.run('window.hacked === undefined && !document.querySelector("main img[src=x], main b.hostile")')
    ok('texts that would be markup stay texts')


def map_shows_pins(page):
    show(page, 'map')
    page.wait('''document.querySelectorAll(".pin").length > 1 && [...document.querySelectorAll(".pin")].every((pin) => {
        const { left, top } = pin.getBoundingClientRect();
        const box = document.querySelector(".map").getBoundingClientRect();
        return left > box.left && left < box.right && top > box.top && top < box.bottom; })''')
    tops = page.run('[...document.querySelectorAll(".pin")].map((pin) => pin.getBoundingClientRect().top)')
    assert len(set(tops)) == len(tops), 'pins of one place lie on each other: %s' % tops


def map_without_leaflet(page):
    page.send('Network.setBlockedURLs', urls=['*/leaflet/*'])
    page.go(page.run('location.origin') + '/?again#/map')
    page.wait('!!document.querySelector("main .notice.warn") && document.querySelectorAll(".maprow").length > 1')
    page.send('Network.setBlockedURLs', urls=[])
    show(page, 'live')
    map_shows_pins(page)
    ok('without Leaflet the map says so and lists the positions')


def find_hit(page, name):
    return page.wait('''fetch('/api/hits?open=1').then((answer) => answer.json())
        .then((hits) => (hits.find((hit) => hit.list === %s) || {}).id)''' % json.dumps(name), 60)


def show_hit(page, hit):
    show(page, 'hits/' + hit, 'document.querySelector(".hitdetail").dataset.id === %s' % json.dumps(hit))


def hit_is_verified(page):
    found = find_hit(page, 'zone-stolen')
    show(page, 'hits', '!!document.querySelector("[data-id=\\"%s\\"]")' % found)
    page.run('document.querySelector("[data-id=\\"%s\\"]").focus()' % found)
    page.press('Enter')
    page.wait('document.querySelector(".hitdetail").dataset.id === %s' % json.dumps(found))
    page.wait('!!document.querySelector("#decision")')
    page.wait('[...document.querySelectorAll(".stills img")].every((image) => !image.hidden)', 60)
    hit = page.run('decodeURIComponent(location.hash.split("/")[2])')
    assert page.run('document.querySelectorAll("#decision :checked:not(option)").length') == 0
    assert page.run('document.querySelector("#decision [type=submit]").disabled')
    assert page.run('document.querySelector(".hitdetail .notice.warn") !== null'), 'nothing says unverified'
    assert '<img' in page.text('.measure') or PICTURES
    page.run('scrollTo(0, 0)')
    picture(page, 'page-hit.webp')
    page.run('document.querySelector("#decision [value=rejected]").focus()')
    page.press(' ')
    page.wait('document.querySelector("#decision select").offsetParent !== null')
    assert page.run('document.querySelector("#decision [type=submit]").disabled'), 'rejected without a reason'
    page.run('document.querySelector("#decision [value=confirmed]").focus()')
    page.press(' ')
    page.wait('!document.querySelector("#decision [type=submit]").disabled')
    page.run('document.querySelector("#decision [type=submit]").focus()')
    page.press('Enter')
    page.wait('!document.querySelector("#decision") && !!document.querySelector(".hitdetail .notice.good")')
    page.run('document.querySelector(".standing button").click()')
    # the same decision, told late
    page.run("""import('/js/store.js').then(({ store }) => store.dispatchEvent(
        new CustomEvent('decision', { detail: store.hits.find((hit) => hit.id === %r) })))""" % hit)
    page.wait('!!document.querySelector("#decision")')
    assert page.run('document.querySelectorAll("#decision :checked:not(option)").length') == 0
    kept = api(page, '/api/hits/' + hit)['decision']
    assert kept['decision'] == 'confirmed' and kept['user'] == 'dirk' and kept['seconds'] > 0, kept
    ok('a hit is decided by keyboard alone; nothing is chosen before, the time is kept')
    return hit


def signs_differ(page):
    """A rendered plate is read too well for a look-alike hit: drawn of one made here."""
    text = page.run('''import('/js/plate.js').then(({ differingSigns }) => [...differingSigns({ signs: [
        { at: 4, read: '8', listed: 'B', read_confidence: 0.62, listed_confidence: 0.31 },
        { at: 6, read: '', listed: '<i>', read_confidence: 0.2, listed_confidence: 0.1 }] }).children]
        .map((sign) => [...sign.children].map((part) => part.textContent).join(' ')))''')
    assert text == ['read 8 62% listed B 31%', 'read – 20% listed <i> 10%'], text
    ok('each sign that differs from the list is shown with what the reader thought of it')


def session_ends(page):
    page.run('''import('/js/api.js').then(({ api }) => fetch('/api/session',
        { method: 'DELETE', headers: { 'X-CSRF-Token': api.csrf } }))''')
    page.wait('!!document.querySelector("#signin") && !!document.querySelector(".notice.warn")', 40)
    ok('a session that ended elsewhere leads to the entrance, and says why')
    page.run('window.old = true; location.hash = "#/lists"')
    page.fill('[name=user]', 'coc')
    page.fill('[name=password]', PASSWORD + '-2')
    page.click('#signin [type=submit]')
    page.wait('!window.old && location.hash === "#/lists" && !!document.querySelector("main table")')
    ok('who signs in again has the newest page, at the same view')


def hit_is_rejected(page):
    """One of a list that is too old: undecided first, then rejected, never confirmed."""
    hit = find_hit(page, 'zone-old')
    show_hit(page, hit)
    page.wait('!!document.querySelector("#decision")')
    assert page.run('document.querySelector("#decision [value=confirmed]").disabled')
    page.click('#decision .undecided')
    page.click('#decision [type=submit]')
    page.wait('''document.querySelector(".hitdetail .notice.warn")
        && !document.querySelector("#decision :checked:not(option)")''')
    assert api(page, '/api/hits/' + hit)['decision']['decision'] == 'undecided'
    page.click('#decision .rejected')
    page.choose('#decision select', 'wrong vehicle')
    page.click('#decision [type=submit]')
    page.wait('!document.querySelector("#decision")')
    kept = api(page, '/api/hits/' + hit)['decision']
    assert (kept['decision'], kept['reason']) == ('rejected', 'wrong vehicle'), kept
    ok('a hit of a list that is too old cannot be confirmed; undecided it stays open, rejected it needs a reason')


def roles(technician, supervisor, site, hit):
    assert not technician.run('!!document.querySelector(".rail a[href=\\"#/hits\\"]")')
    for seen in api(technician, '/api/hits'):
        assert not set(seen) & {'plate', 'list', 'entry', 'reason', 'measure', 'text'}, seen
    show_hit(supervisor, hit)
    assert not supervisor.run('!!document.querySelector("#decision")')
    show(supervisor, 'cameras/%s/settings' % site.gate, '!!document.querySelector("fieldset")')
    assert supervisor.run('[...document.querySelectorAll("main input, main select")].every((one) => one.disabled)')
    assert not supervisor.run('!!document.querySelector(".applybar, .handles")')
    show(supervisor, 'accounts', '!!document.querySelector("table")')
    assert not supervisor.run('!!document.querySelector("main form, main td button")')
    ok('technician and supervisor see what they may, and change no more')


def line_is_cut(page, site):
    show(page, 'live')
    page.wait('!!document.querySelector(".linestate.good")')
    site.line.set(False)
    page.wait('!!document.querySelector(".linestate.bad") && document.querySelector(".cut").checkVisibility()')
    site.line.set(True)
    page.wait('!!document.querySelector(".linestate.good") && !document.querySelector(".cut").checkVisibility()', 40)
    ok('the page says that the line is cut, and that it is back')


def names_of(page, site, hit):
    passage = api(page, '/api/passages?limit=1')[0]['id']
    return [view % {'gate': site.gate, 'passage': passage, 'hit': hit} for view in VIEWS]


def mine(page, views):
    links = page.run('[...document.querySelectorAll(".rail a")].map((link) => link.hash.slice(2))')
    rooted = {'passages': 'live', 'new': 'cameras'}
    return [view for view in views if rooted.get(view.split('/')[0], view.split('/')[0]) in links]


def speak(page, language):
    """Chooses a language; the whole frame is drawn anew then."""
    page.run('document.querySelector(".shell").dataset.old = "yes"')
    page.choose('.head select', language)
    page.wait('document.documentElement.lang === "%s" && !!document.querySelector(".shell:not([data-old]) main h1")'
              % language)


def faults_are_told_in_dutch(page):
    """What is wrong and what to do by its code; what the machine says of it as it is."""
    speak(page, 'nl')
    show(page, 'accounts')
    page.fill('.accountform [name=user]', 'bert')
    page.fill('.accountform [name=password]', 'a' * 12)
    page.click('.accountform [type=submit]')
    page.wait('!!document.querySelector("main [role=alert]")')
    told = page.text('main [role=alert]')
    assert 'Dit account kan niet.' in told and 'Verbeter wat genoemd wordt' in told, told
    assert 'ANPR-WEB-ACCOUNT' in told, told
    assert page.text('main [role=alert] [lang=en]'), 'what the server says is left out'
    titles, unknown = page.run('''import('/js/views/cameras.js').then(({ troubleList }) => [
        troubleList({ code: 'ANPR-CAMERA-STALLED', reason: 'no picture comes any more', health: [
            { what: 'spool', level: 'bad', message: 'Passages cannot be kept: look after the disk' }] }),
        troubleList({ code: 'ANPR-NEWER-THAN-THIS', reason: 'it is new', health: [] })])''')
    assert [one['title'] for one in titles] == [
        'Er komen geen beelden meer van de camera.', 'Passages kunnen niet bewaard worden.'], titles
    assert titles[0]['message'] == 'no picture comes any more' and titles[0]['advice'], titles
    assert unknown[0]['title'] == 'it is new', unknown
    outside = page.run('''import('/js/views/cameras.js').then(({ troubleList }) => troubleList({
        state: 'away', health: [{ what: 'outside', level: 'warning', message: 'the title again' }] }))''')
    assert [outside[0][key] for key in ('tone', 'message')] == ['warn', ''], outside
    speak(page, 'en')
    ok('faults and reasons are told in Dutch, with what to do')


def is_accessible(pages, views):
    script = (HERE / 'accessible.js').read_text()
    checked = 0
    wrong = []
    for page in pages:
        for scheme, language in (('light', 'en'), ('dark', 'nl')):
            page.scheme(scheme)
            speak(page, language)
            for view in mine(page, views):
                show(page, view)
                page.wait('document.querySelector("main").innerText.length > 20')
                page.run('new Promise((go) => setTimeout(go, 70))')
                wrong += ['%s, %s, %s: %s' % (view, scheme, language, what) for what in page.run(script)]
                checked += 1
        page.scheme('light')
        speak(page, 'en')
    assert not wrong, '\n'.join(wrong)
    print('# %d views checked' % checked)
    ok('names, labels, headings and contrast are right, light and dark, in both languages')


def fits_a_phone(pages, views):
    for page in pages:
        page.size(360, 740, phone=True)
        for view in mine(page, views):
            show(page, view)
            page.run('new Promise((go) => setTimeout(go, 50))')
            width = page.run('Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)')
            assert width <= 360, '%s is %d wide' % (view, width)
            cells = page.run('''[...document.querySelectorAll('main .blocks td')].filter((one) =>
                one.checkVisibility() && (one.getBoundingClientRect().right > innerWidth
                    || getComputedStyle(one, '::before').content === 'none')).length''')
            assert not cells, '%s: %d cells without a heading or place' % (view, cells)
            small = page.run('''[...document.querySelectorAll('.rail a, .rail button, main .button')]
                .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 40)
                .map((one) => one.outerHTML)''')
            assert not small, '%s: too small for a finger: %s' % (view, small)
        page.size(**SIZE)
    ok('every view fits a phone')


def make_pictures(technician, dispatcher, site, hit):
    if not PICTURES:
        return
    technician.scheme('light')
    show(technician, 'cameras')
    time.sleep(1)
    picture(technician, 'page-cameras.webp')
    show(technician, 'live')
    picture(technician, 'page-live.webp')
    map_shows_pins(technician)
    picture(technician, 'page-map.webp')
    dispatcher.scheme('dark')
    show(dispatcher, 'cameras/' + site.gate)
    time.sleep(1)
    picture(dispatcher, 'page-dark.webp')
    dispatcher.size(390, 780, phone=True)
    show_hit(dispatcher, hit)
    picture(dispatcher, 'page-phone.webp')


def nothing_went_wrong(pages):
    for page in pages:
        assert page.run('window.hacked') is None
        faults = [fault for fault in page.faults if not re.search(EXPECTED, fault)]
        assert not faults, '\n'.join(faults)
        outside = {url for url in page.urls if not url.startswith(('http://127.0.0.1:', 'about:'))}
        assert not outside, outside
    ok('no error on the console, nothing refused by its policy, nothing asked for elsewhere')


def run(site, chromium):
    technician = chromium.open(**SIZE)
    technician.scheme('light')
    first_run(technician, site)
    first_load(technician)
    passages_come(technician)
    rows_are_bounded(technician)
    nothing_is_missed(technician)
    accounts(technician, site)
    seen_by_two(technician, site)
    new_position(technician, site)
    polygon(technician, site)
    points_by_keyboard(technician, site)
    bad_value(technician, site)
    conflict(technician, site)
    hostile(technician, site)
    faults_are_told_in_dutch(technician)
    map_without_leaflet(technician)
    dispatcher, supervisor = chromium.open(**SIZE), chromium.open()
    for page, user in ((dispatcher, 'dirk'), (supervisor, 'coc')):
        sign_in(page, site, user)
        page.wait('!!document.querySelector(".shell")')
    hit = hit_is_verified(dispatcher)
    signs_differ(dispatcher)
    hit_is_rejected(dispatcher)
    own_password(supervisor)
    roles(technician, supervisor, site, hit)
    pages = [technician, dispatcher]
    views = names_of(technician, site, hit)
    is_accessible(pages, views)
    fits_a_phone(pages, views)
    line_is_cut(technician, site)
    session_ends(supervisor)
    make_pictures(technician, dispatcher, site, hit)
    nothing_went_wrong([technician, dispatcher, supervisor])


def main():
    if not browser.find():
        print('1..0 # SKIP chromium is not installed')
        return 0
    print('1..27')
    with tempfile.TemporaryDirectory(prefix='anpr-page-', ignore_cleanup_errors=True) as folder:
        site = Site(folder, pictures=bool(PICTURES))
        chromium = browser.Browser(folder)
        try:
            run(site, chromium)
        finally:
            chromium.close()
            site.close()
    return 0


if __name__ == '__main__':
    sys.exit(main())
