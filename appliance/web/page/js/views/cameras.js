// SPDX-License-Identifier: LGPL-2.1-or-later
// All positions at a glance. A tile is drawn once and changed in place as its
// position changes, so that nothing moves.

import { h, icon, setText } from '../dom.js';
import { compare, has, percent, span, t, tenth, whole } from '../language.js';
import { Picture, complaints, empty, faultTexts, listen, stateView, stillAddress, trouble } from '../parts.js';
import { store } from '../store.js';

const FIGURES = [
  ['fps', (position) => tenth(position.fps)],
  ['passages', (position) => whole(position.passages_hour)],
  ['not-read', (position) => percent(position.not_read_share)],
  ['hits', (position) => whole(position.hits)],
];

// Of these the machine has no more to say than the title
const WHOLE = new Set(['clock', 'outside']);

function healthTexts({ what, level, message }) {
  const tone = level === 'bad' ? 'bad' : 'warn';
  if (!has(`health.${what}`)) return { tone, title: message };
  return { tone, title: t(`health.${what}`), message: WHOLE.has(what) ? '' : message };
}

/** What is wrong with a position, as faultTexts() tells it, with its tone; its worst first. */
export function troubleList(position) {
  const tone = position.state === 'running' ? 'warn' : 'bad';
  const list = position.reason ? [{ tone, ...faultTexts({ code: position.code, message: position.reason }) }] : [];
  for (const item of complaints(position)) if (item.message !== position.reason) list.push(healthTexts(item));
  return list;
}

function frameAge(position) {
  const age = position.last_frame_age_s;
  return typeof age === 'number' ? t('camera.frame', { age: span(age) }) : t('camera.frame.none');
}

class Tile {
  constructor(position) {
    this.picture = new Picture(t('camera.still', { name: position.title || position.name }));
    this.state = h('span.where');
    this.age = h('span.soft.small.nowrap');
    this.trouble = h('p.trouble', { hidden: true });
    this.figures = new Map(FIGURES.map(([name]) => [name, h('dd')]));
    this.name = h('a', { href: `#/cameras/${encodeURIComponent(position.name)}` });
    this.element = h('li.tile.card', {},
      this.picture.element,
      h('div.body', {},
        h('h2', {}, this.name),
        h('p.line', {}, this.state, this.age),
        h('dl.figures', {}, FIGURES.map(([name]) => h('div', {}, h('dt', {}, t(`figure.${name}`)), this.figures.get(name)))),
        this.trouble));
    this.update(position);
  }

  update(position) {
    setText(this.name, position.title || position.name);
    if (this.shown !== position.state) this.state.replaceChildren(stateView(position.state));
    this.shown = position.state;
    setText(this.age, frameAge(position));
    for (const [name, text] of FIGURES) setText(this.figures.get(name), text(position));
    this.figures.get('hits').classList.toggle('some', position.hits > 0);
    this.#drawTrouble(troubleList(position).map((one) => one.title));
    for (const tone of ['bad', 'warn']) this.element.classList.toggle(tone, trouble(position) === tone);
    this.picture.update(position.still ? stillAddress(position) : null);
  }

  #drawTrouble(texts) {
    this.trouble.hidden = !texts.length;
    const text = texts.slice(0, 2).join(' · ');
    if (this.told === text) return;
    this.told = text;
    this.trouble.replaceChildren(icon('warning'), h('span', { title: text }, text));
  }
}

function summary() {
  const positions = [...store.positions.values()];
  return {
    all: positions.length,
    running: positions.filter((position) => position.state === 'running').length,
    trouble: positions.filter(trouble).length,
    passages: positions.reduce((sum, position) => sum + (position.passages_hour || 0), 0),
  };
}

export function show(place, parameters, { session }) {
  const tiles = new Map();
  const list = h('ul.tiles');
  const totals = h('p.soft');
  const nothing = h('div', { hidden: true });
  const search = h('input', { type: 'search', placeholder: t('cameras.search'), 'aria-label': t('cameras.search') });
  const only = h('button.button', { type: 'button', 'aria-pressed': 'false' }, icon('warning'), t('cameras.only'));

  const drawTotals = () => {
    const sums = summary();
    setText(totals, t('cameras.summary', sums));
    only.disabled = false;
  };
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    const bad = only.getAttribute('aria-pressed') === 'true';
    let shown = 0;
    for (const [name, tile] of tiles) {
      const position = store.find(name);
      const fits = `${name} ${position.title || ''} ${position.place || ''}`.toLowerCase().includes(wanted) && (!bad || trouble(position));
      tile.element.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    nothing.hidden = shown > 0;
    nothing.replaceChildren(store.positions.size
      ? empty(bad ? 'check' : 'camera', t(bad ? 'cameras.fine' : 'cameras.none.found'))
      : empty('camera', t('cameras.none'), session.role === 'technician' ? t('cameras.none.text') : ''));
  };
  const draw = () => {
    const names = [...store.positions.keys()].sort((a, b) => compare(store.title(a), store.title(b)));
    for (const name of tiles.keys()) if (!store.positions.has(name)) tiles.delete(name);
    for (const name of names) {
      if (tiles.has(name)) tiles.get(name).update(store.find(name));
      else tiles.set(name, new Tile(store.find(name)));
    }
    list.replaceChildren(...names.map((name) => tiles.get(name).element));
    drawTotals();
    filter();
  };

  search.addEventListener('input', filter);
  only.addEventListener('click', () => {
    only.setAttribute('aria-pressed', String(only.getAttribute('aria-pressed') !== 'true'));
    filter();
  });
  place.append(
    h('div.title', {}, h('h1', {}, t('view.cameras')), totals, h('span.grow'), h('div.tools', {}, search, only,
      session.role === 'technician' ? h('a.button', { href: '#/new' }, icon('plus'), t('cameras.new')) : null)),
    list, nothing);
  draw();
  const stop = listen(store, {
    positions: draw,
    position: ({ detail }) => {
      const tile = tiles.get(detail.name);
      if (tile) tile.update(detail);
      drawTotals();
    },
  });
  return { stop };
}
