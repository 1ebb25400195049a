// SPDX-License-Identifier: LGPL-2.1-or-later
// Who changed what, and when; on demand who looked at what, too.

import { h } from '../dom.js';
import { moment, t, word } from '../language.js';
import { api, dataTable, empty, load, select } from '../parts.js';

const COLUMNS = ['when', 'who', 'what', 'object', 'address', 'details'];
const LIMIT = 1000;
const SHOWN = 300;
const READING = /-read$|^events-opened$/;

// Of what does not take two persons the log keeps the name alone.
function change(one) {
  const name = `${one.section}.${one.key}`;
  return one.before || one.after ? `${name}: ${one.before || t('form.unset')} → ${one.after || t('form.unset')}` : name;
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function detailText(name, value) {
  if (name === 'changes' && Array.isArray(value)) return value.map(change).join('; ');
  return `${word('log.detail', name)}: ${typeof value === 'object' ? JSON.stringify(value) : TIME.test(value) ? moment(value) : value}`;
}

/** What an entry says beside who, what and when. */
function detailsText(details) {
  return Object.entries(details || {}).filter(([, value]) => value !== null).map(([name, value]) => detailText(name, value)).join('; ');
}

function row(entry) {
  return h('tr', {},
    h('td.nowrap', {}, h('time', { datetime: entry.time }, moment(entry.time))),
    h('td', {}, entry.user || '–'),
    h('td', {}, word('log.what', entry.what)),
    h('td.loose', {}, entry.object || ''),
    h('td', {}, entry.address || ''),
    h('td.loose', {}, detailsText(entry.details)));
}

function table(entries) {
  if (!entries.length) return h('div.card', {}, empty('log', t('log.none')));
  const headings = COLUMNS.map((name) => h('th', { scope: 'col' }, t(`log.${name}`)));
  return dataTable(t('view.log'), headings, entries.map(row));
}

export function show(place) {
  const content = h('div');
  const filter = select([['changes', t('log.changes')], ['all', t('log.all')]], 'changes', { 'aria-label': t('log.filter') });
  const fits = (entry) => filter.value === 'all' || !READING.test(entry.what);
  const read = () => load(content, api.get(`/api/log?limit=${LIMIT}`), (entries) => table(entries.filter(fits).slice(0, SHOWN)));
  filter.addEventListener('change', read);
  place.append(h('div.title', {}, h('h1', {}, t('view.log')), h('span.soft', {}, t('live.newest')), h('span.grow'), h('div.tools', {}, filter)), content);
  read();
  return { stop() {} };
}
