// SPDX-License-Identifier: LGPL-2.1-or-later
// The hit lists in force: how old and in which version; never what they hold.

import { h } from '../dom.js';
import { moment, span, t, whole, word } from '../language.js';
import { api, dataTable, empty, listState, load } from '../parts.js';

const COLUMNS = ['list', 'state', 'age', 'entries', 'version', 'category', 'authority', 'valid'];

function row(list) {
  return h('tr', {},
    h('td.strong', {}, list.id),
    h('td', {}, listState(list.state)),
    h('td.nowrap', {}, span(list.age_s)),
    h('td.number', {}, whole(list.entries)),
    h('td', {}, list.version || '–'),
    h('td', {}, word('category', list.category) || '–'),
    h('td', {}, list.authority || '–'),
    h('td', {}, list.valid_until ? moment(list.valid_until) : '–'));
}

function table(lists) {
  if (!lists.length) return h('div.card', {}, empty('list', t('lists.none'), t('lists.none.text')));
  const headings = COLUMNS.map((name) => h(name === 'entries' ? 'th.number' : 'th', { scope: 'col' }, t(`lists.${name}`)));
  return dataTable(t('view.lists'), headings, lists.map(row));
}

export function show(place) {
  const content = h('div');
  place.append(h('div.title', {}, h('h1', {}, t('view.lists'))), content, h('p.soft.small.under', {}, t('lists.text')));
  load(content, api.get('/api/lists'), table);
  return { stop() {} };
}
