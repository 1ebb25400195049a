// SPDX-License-Identifier: LGPL-2.1-or-later
// Who changed what, and when.

import { h } from '../dom.js';
import { moment, t, word } from '../language.js';
import { api, empty, load } from '../parts.js';

const LIMIT = 200;

/** What an entry says beside that, as "key: value" pairs. */
function detailText(details) {
  if (details === null || details === undefined) return '';
  if (typeof details !== 'object') return String(details);
  return Object.entries(details).map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`).join(', ');
}

function row(entry) {
  return h('tr', {},
    h('td.nowrap', {}, h('time', { datetime: entry.time }, moment(entry.time))),
    h('td', {}, entry.user || '–'),
    h('td', {}, word('log.what', entry.what)),
    h('td', {}, entry.object || ''),
    h('td', {}, entry.address || ''),
    h('td', {}, detailText(entry.details)));
}

function table(entries) {
  if (!entries.length) return h('div.card', {}, empty('log', t('log.none')));
  return h('div.card.scroll', { tabindex: 0, role: 'region', 'aria-label': t('view.log') }, h('table.table', {},
    h('thead', {}, h('tr', {}, ['when', 'who', 'what', 'object', 'address', 'details'].map((name) => h('th', { scope: 'col' }, t(`log.${name}`))))),
    h('tbody', {}, entries.map(row))));
}

export function show(place) {
  const content = h('div');
  place.append(h('div.title', {}, h('h1', {}, t('view.log')), h('span.soft', {}, t('log.text', { n: LIMIT }))), content);
  load(content, api.get(`/api/log?limit=${LIMIT}`), table);
  return { stop() {} };
}
