// SPDX-License-Identifier: LGPL-2.1-or-later
// Passages as they flow in, newest first. At most MAX_ROWS rows are in the document.
// While it is paused nothing moves and new ones are counted; older ones are read on
// demand.

import { h, icon, setText } from '../dom.js';
import { clock, compare, moment, t } from '../language.js';
import { api, act, directionView, empty, listen, path, select } from '../parts.js';
import { mainRead, meter, readView } from '../plate.js';
import { MAX_PASSAGES, store } from '../store.js';

const MAX_ROWS = 2 * MAX_PASSAGES;
const PAGE = 50;

export const seen = (passage) => passage.best_seen || passage.first_seen;

export function passageRow(passage, { position = true } = {}) {
  const read = mainRead(passage);
  const hits = (passage.hits || []).length;
  return h(hits ? 'li.row.alarm' : 'li.row', { data: { id: passage.id, seen: seen(passage) } },
    h('time', { datetime: seen(passage), title: moment(seen(passage)) }, clock(seen(passage))),
    h('a.plate-link', { href: `#/passages/${encodeURIComponent(passage.id)}` }, readView(read)),
    h('span.sure', {}, read && read.text ? meter(read.confidence) : ''),
    h('span.way', {}, directionView(passage.direction)),
    position ? h('span.where', {}, store.title(passage.position)) : null,
    hits ? h('span.badge.bad', {}, icon('hit'), t('live.hit', { n: hits })) : null);
}

/** Passages by when they were seen best, newest first. */
export const newest = (passages) => [...passages].sort((a, b) => (seen(a) < seen(b) ? 1 : -1));

class Rows {
  constructor(list) {
    this.list = list;
    this.items = new Map();
  }

  add(passage, first, arrived = false) {
    const row = passageRow(passage);
    const old = this.items.get(passage.id);
    this.items.set(passage.id, row);
    if (old) old.replaceWith(row);
    else if (first) this.#insert(row);
    else this.list.append(row);
    if (arrived) row.classList.add('arrived');
    while (this.items.size > MAX_ROWS) this.#dropLast();
  }

  // A vehicle that stays longer in view comes after others that were seen later.
  #insert(row) {
    let before = this.list.firstElementChild;
    while (before && before.dataset.seen > row.dataset.seen) before = before.nextElementSibling;
    this.list.insertBefore(row, before);
  }

  #dropLast() {
    const last = this.list.lastElementChild;
    this.items.delete(last.dataset.id);
    last.remove();
  }

  clear() {
    this.items.clear();
    this.list.replaceChildren();
  }
}

function positionSelect() {
  const names = [...store.positions.keys()].map((name) => [name, store.title(name)]);
  names.sort((a, b) => compare(a[1], b[1]));
  return select([['', t('live.all')], ...names], '', { 'aria-label': t('live.position') });
}

export function show(place) {
  const list = h('ul.rows');
  const rows = new Rows(list);
  const none = h('div', {}, empty('live', t('live.none'), t('live.none.text')));
  const filter = positionSelect();
  const pause = h('button.button', { type: 'button', 'aria-pressed': 'false' }, icon('pause'), h('span', {}, t('live.pause')));
  const waiting = h('button.button.first.waiting', { type: 'button', hidden: true });
  const older = h('button.button', { type: 'button' }, t('live.older'));
  const faults = h('div');
  let held = [];

  const fits = (passage) => !filter.value || passage.position === filter.value;
  const holds = () => pause.getAttribute('aria-pressed') === 'true';
  const drawNone = () => { none.hidden = rows.items.size > 0; };
  const drawWaiting = () => {
    waiting.hidden = held.length === 0;
    setText(waiting, t('live.waiting', { n: held.length }));
  };
  const release = () => {
    for (const passage of held) rows.add(passage, true);
    held = [];
    drawWaiting();
    drawNone();
  };
  const fill = () => {
    held = [];
    rows.clear();
    for (const passage of newest(store.passages.filter(fits))) rows.add(passage, false);
    drawWaiting();
    drawNone();
  };
  const arrive = ({ detail }) => {
    if (!fits(detail)) return;
    if (holds() && !rows.items.has(detail.id)) {
      held = [...held.filter((passage) => passage.id !== detail.id), detail].slice(-MAX_PASSAGES);
      drawWaiting();
    } else {
      rows.add(detail, true, true);
      drawNone();
    }
  };
  const readOlder = async () => {
    const last = list.lastElementChild;
    const before = last ? path`&before=${last.dataset.id}` : '';
    const position = filter.value ? path`&position=${filter.value}` : '';
    const passages = await api.get(`/api/passages?limit=${PAGE}${position}${before}`);
    for (const passage of passages.slice(0, MAX_ROWS - rows.items.size)) rows.add(passage, false);
    older.hidden = passages.length < PAGE || rows.items.size >= MAX_ROWS;
    drawNone();
  };

  filter.addEventListener('change', () => {
    older.hidden = false;
    fill();
    if (rows.items.size < PAGE) act(older, faults, readOlder);
  });
  pause.addEventListener('click', () => {
    const on = !holds();
    pause.setAttribute('aria-pressed', String(on));
    pause.replaceChildren(icon(on ? 'play' : 'pause'), h('span', {}, t(on ? 'live.go' : 'live.pause')));
    if (!on) release();
  });
  waiting.addEventListener('click', release);
  older.addEventListener('click', () => act(older, faults, readOlder));
  place.append(
    h('div.title', {}, h('h1', {}, t('view.live')), h('span.soft', {}, t('live.newest')), h('span.grow'), h('div.tools', {}, filter, pause)),
    h('div.stack', {}, h('div.card.live', {}, waiting, list, none), faults, h('div.actions', {}, older)));
  fill();
  return { stop: listen(store, { passage: arrive, filled: () => !holds() && fill() }) };
}
