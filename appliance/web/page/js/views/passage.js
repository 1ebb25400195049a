// SPDX-License-Identifier: LGPL-2.1-or-later
// One passage: its pictures, and everything its record says.

import { h, icon } from '../dom.js';
import { moment, milliseconds, percent, span, t, word } from '../language.js';
import { Picture, api, decisionBadge, directionView, facts, load, path } from '../parts.js';
import { charactersView, mainRead, meter, readView } from '../plate.js';
import { store } from '../store.js';
import { seen } from './live.js';

const MAX_CANDIDATES = 8;

export const imageAddress = (passage, kind) => path`/api/passages/${passage}/images/${kind}`;

/** Pictures of a passage, in frames that are there before they are. */
export function stills(id) {
  const vehicle = new Picture(t('passage.vehicle'), '.vehicle', t('passage.no-picture'));
  const plate = new Picture(t('passage.plate'), '.crop', t('passage.no-picture'));
  vehicle.update(imageAddress(id, 'vehicle'));
  plate.update(imageAddress(id, 'plate'));
  return { element: h('div.stills', {}, vehicle.element, plate.element), vehicle, plate };
}

function candidates(read) {
  const others = (read.candidates || []).filter((one) => one.text !== read.text && one.confidence > 0).slice(0, MAX_CANDIDATES);
  if (!others.length) return null;
  return h('div.card.padded', {}, h('h2', {}, t('passage.candidates')),
    h('table.table.tight', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('passage.text')), h('th', { scope: 'col' }, t('passage.sure')))),
      h('tbody', {}, others.map((one) => h('tr', {}, h('td', {}, h('code', {}, one.text)), h('td', {}, meter(one.confidence)))))));
}

function plateCard(read) {
  return h('div.card.padded.stack', {},
    h('div.actions', {}, readView(read, '.large'), read.role && read.role !== 'vehicle' ? h('span.soft', {}, word('role.plate', read.role)) : null),
    charactersView(read),
    facts([
      [t('passage.sure'), read.text ? meter(read.confidence) : null],
      [t('passage.countries'), (read.countries || []).slice(0, 4).map((one) => `${one.code} ${percent(one.score)}`).join(', ')],
      [t('passage.frames'), t('passage.frames.text', { frames: read.frames || 0, reads: read.reads || 0, agreeing: read.agreeing || 0 })],
      [t('passage.engine'), read.engine],
    ]));
}

function hitLinks(passage, session) {
  const hits = passage.hits || [];
  if (!hits.length || session.role === 'technician') return null;
  return h('div.card.padded.stack', {}, h('h2', {}, t('view.hits')), hits.map((hit) => {
    const known = store.hits.find((other) => other.id === hit.id) || hit;
    return h('p.actions', {}, decisionBadge(known), h('a', { href: `#/hits/${encodeURIComponent(hit.id)}` }, `${hit.measure || ''} ${hit.reason || hit.category || ''}`));
  }));
}

function recordFacts(passage) {
  const clockKey = passage.clock && passage.clock.synchronised ? 'passage.clock.good' : 'passage.clock.bad';
  const length = (milliseconds(passage.last_seen) - milliseconds(passage.first_seen)) / 1000;
  return h('div.card.padded', {}, facts([
    [t('passage.seen'), h('time', { datetime: seen(passage) }, moment(seen(passage)))],
    [t('passage.length'), span(length)],
    [t('live.position'), h('a', { href: `#/cameras/${encodeURIComponent(passage.position)}` }, store.title(passage.position))],
    [t('passage.direction'), directionView(passage.direction)],
    [t('passage.lane'), passage.lane],
    [t('passage.clock'), passage.clock ? t(clockKey, { source: word('clock', passage.clock.source) }) : null],
    // a technician is not told of lists
    [t('passage.compared'), passage.compared && (passage.compared.map((one) => `${one.list} (${one.version})`).join(', ') || t('passage.compared.none'))],
    [t('passage.number'), passage.sequence],
    [t('passage.id'), h('code', {}, passage.id)],
    [t('passage.hash'), passage.hash ? h('code', {}, passage.hash) : null],
  ]));
}

function draw(passage, session) {
  const read = mainRead(passage) || {};
  return h('div.halves', {},
    h('div.stack', {}, stills(passage.id).element, candidates(read)),
    h('div.stack', {}, (passage.plates || []).map(plateCard), hitLinks(passage, session), recordFacts(passage)));
}

export function show(place, { id }, { session }) {
  const content = h('div');
  place.append(h('div.title', {}, h('a.crumb', { href: '#/live' }, icon('back'), t('view.live')), h('h1', {}, t('passage.title'))), content);
  load(content, api.get(path`/api/passages/${id}`), (passage) => draw(passage, session));
  return { stop() {} };
}
