// SPDX-License-Identifier: LGPL-2.1-or-later
// Polygons and lines on a still, in the form of the settings: "x,y x,y x,y; x,y ..."
// in 0..1 of width and height. They are drawn and changed by mouse, touch and
// keyboard alike:
// - a click on the picture adds a point to the shape that is chosen, a drag moves one;
// - each point is a button in the order of tabs: arrows move it (with Shift far), Delete
//   takes it away, Enter puts another one after it.
// The drawing has a coordinate system of 1000 by 1000 stretched over the picture, so
// that its shapes need no layout; points are placed by the same numbers.

import { h, icon, s, tell } from './dom.js';
import { t } from './language.js';

const SCALE = 1000;
const MAX_POINTS = 64;
const STEP = 0.002;
const FAR = 0.02;
const LEAST = { polygons: 3, line: 2 };

const clamp = (value) => Math.min(1, Math.max(0, value));
const round = (value) => Math.round(clamp(value) * 10000) / 10000;

/** Shapes of a text, each an array of [x, y]; what is not a number is left out. */
export function parseShapes(text) {
  return (text || '').split(';').map((shape) => shape.trim().split(/\s+/)
    .map((point) => point.split(',').map(Number))
    .filter((point) => point.length === 2 && point.every(Number.isFinite))
    .map(([x, y]) => [clamp(x), clamp(y)])).filter((shape) => shape.length > 0);
}

export function formatShapes(shapes) {
  return shapes.filter((shape) => shape.length > 0)
    .map((shape) => shape.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')).join('; ');
}

const points = (shape) => shape.map(([x, y]) => `${x * SCALE},${y * SCALE}`).join(' ');

/** The side of a line from which travelling is "in": from its left to its right. */
function arrow(shape) {
  if (shape.length < 2) return null;
  const [[ax, ay], [bx, by]] = shape;
  const middle = [(ax + bx) / 2, (ay + by) / 2];
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const way = [-(by - ay) / length * 0.07, (bx - ax) / length * 0.07];
  const tip = [middle[0] + way[0], middle[1] + way[1]];
  const back = [tip[0] - way[0] * 0.4, tip[1] - way[1] * 0.4];
  const wing = [way[1] * 0.3, -way[0] * 0.3];
  return s('polyline.arrow', {
    points: points([middle, tip, [back[0] + wing[0], back[1] + wing[1]], tip, [back[0] - wing[0], back[1] - wing[1]]]),
  });
}

function shapeView(kind, shape, more = '') {
  if (kind === 'direction-line') return s(`g.region.direction${more}`, {}, s('polyline', { points: points(shape) }), arrow(shape));
  return s(`polygon.region.${kind}${more}`, { points: points(shape) });
}

function drawing(children) {
  return s('svg.regions', { viewBox: `0 0 ${SCALE} ${SCALE}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, children);
}

const KINDS = ['include', 'exclude', 'direction-line'];

/** The regions of a position's [detection], to lay over its picture. */
export function regionsView(detection) {
  return drawing(KINDS.flatMap((kind) => parseShapes(detection[kind]).map((shape) => shapeView(kind, shape))));
}

/**
 * Edits the regions of a position on its still.
 *
 * `values` gives and takes the texts of include, exclude and direction-line;
 * `changed(kind, text)` is called with each change.
 */
export class RegionEditor {
  #chosen = { kind: 'include', at: 0 };
  #shapes = {};
  #moving = null;

  constructor(picture, values, changed) {
    this.changed = changed;
    this.picture = picture;
    this.layer = h('div.layer', {});
    this.handles = h('div.handles');
    this.panel = h('div.regionlist');
    picture.element.append(this.layer, this.handles);
    picture.element.classList.add('editing');
    this.element = h('div.editor', {}, picture.element, h('div.stack', {}, this.panel, h('p.soft.small', {}, t('region.help'))));
    this.handles.addEventListener('pointerdown', (event) => this.#down(event));
    this.handles.addEventListener('pointermove', (event) => this.#move(event));
    for (const name of ['pointerup', 'pointercancel']) this.handles.addEventListener(name, () => this.#up());
    this.handles.addEventListener('keydown', (event) => this.#key(event));
    this.set(values);
  }

  /** Takes other values, as when changes are thrown away. */
  set(values) {
    for (const kind of KINDS) this.#shapes[kind] = parseShapes(values[kind]);
    this.#draw();
  }

  #least(kind) {
    return kind === 'direction-line' ? LEAST.line : LEAST.polygons;
  }

  get #shape() {
    return this.#shapes[this.#chosen.kind][this.#chosen.at];
  }

  #emit(kind) {
    this.changed(kind, formatShapes(this.#shapes[kind]));
  }

  #at(event) {
    const box = this.handles.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
  }

  #down(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = event.target.closest('.handle');
    const index = handle ? Number(handle.dataset.index) : this.#add(this.#at(event));
    if (index < 0) return;
    this.#moving = index;
    this.handles.setPointerCapture(event.pointerId);
    this.#focus(index, true);
  }

  #move(event) {
    if (this.#moving === null) return;
    this.#shape[this.#moving] = this.#at(event).map(round);
    this.#drawShapes();
    this.#placeHandles();
  }

  #up() {
    if (this.#moving === null) return;
    this.#moving = null;
    this.#emit(this.#chosen.kind);
  }

  /** Adds a point where it lengthens the outline least; gives its index or -1. */
  #add(point) {
    const { kind } = this.#chosen;
    if (!this.#shape) {
      this.#shapes[kind].push([]);
      this.#chosen.at = this.#shapes[kind].length - 1;
    }
    const shape = this.#shape;
    if (shape.length >= (kind === 'direction-line' ? 2 : MAX_POINTS)) return -1;
    const index = shape.length < 3 ? shape.length : this.#bestGap(shape, point);
    shape.splice(index, 0, point.map(round));
    this.#draw();
    return index;
  }

  #bestGap(shape, point) {
    const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
    let best = shape.length;
    let least = Infinity;
    shape.forEach((from, i) => {
      const to = shape[(i + 1) % shape.length];
      const detour = distance(from, point) + distance(point, to) - distance(from, to);
      if (detour < least) [least, best] = [detour, i + 1];
    });
    return best;
  }

  #key(event) {
    const handle = event.target.closest('.handle');
    if (!handle) return;
    const index = Number(handle.dataset.index);
    const step = event.shiftKey ? FAR : STEP;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (way) this.#shift(index, way);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#remove(index);
    else if (event.key === 'Enter' || event.key === ' ') this.#after(index);
    else return;
    event.preventDefault();
  }

  #shift(index, [x, y]) {
    const point = this.#shape[index];
    this.#shape[index] = [round(point[0] + x), round(point[1] + y)];
    this.#drawShapes();
    this.#placeHandles();
    this.#emit(this.#chosen.kind);
  }

  #remove(index) {
    const { kind } = this.#chosen;
    const shape = this.#shape;
    shape.splice(index, 1);
    if (!shape.length) this.#shapes[kind].splice(this.#chosen.at, 1);
    this.#draw();
    this.#emit(kind);
    if (shape.length) this.#focus(Math.min(index, shape.length - 1));
    else this.panel.querySelector('button').focus();
    tell(t('region.point.removed'));
  }

  #after(index) {
    const shape = this.#shape;
    if (shape.length >= (this.#chosen.kind === 'direction-line' ? 2 : MAX_POINTS)) return;
    const from = shape[index];
    const to = shape[(index + 1) % shape.length];
    shape.splice(index + 1, 0, [round((from[0] + to[0]) / 2), round((from[1] + to[1]) / 2)]);
    this.#draw();
    this.#emit(this.#chosen.kind);
    this.#focus(index + 1);
  }

  #focus(index, preventScroll = false) {
    const handle = this.handles.children[index];
    if (handle) handle.focus({ preventScroll });
  }

  /** A new shape in the middle, to be changed from there. */
  #start(kind) {
    const shape = kind === 'direction-line' ? [[0.25, 0.6], [0.75, 0.6]] : [[0.3, 0.4], [0.7, 0.4], [0.7, 0.8], [0.3, 0.8]];
    this.#shapes[kind].push(shape);
    this.#chosen = { kind, at: this.#shapes[kind].length - 1 };
    this.#draw();
    this.#emit(kind);
    this.#focus(0);
  }

  #drop(kind, at) {
    this.#shapes[kind].splice(at, 1);
    this.#chosen = { kind, at: 0 };
    this.#draw();
    this.#emit(kind);
    this.panel.querySelector('button').focus();
  }

  #choose(kind, at) {
    this.#chosen = { kind, at };
    this.#draw();
    const button = this.panel.querySelector(`[data-kind="${kind}"][data-at="${at}"]`);
    if (button) button.focus();
  }

  #draw() {
    this.#drawShapes();
    this.handles.replaceChildren(...(this.#shape || []).map((point, index) => h(`button.handle.${this.#chosen.kind}`, { type: 'button', data: { index } })));
    this.#placeHandles();
    this.#drawPanel();
  }

  #drawShapes() {
    this.layer.replaceChildren(drawing(KINDS.flatMap((kind) => this.#shapes[kind].map((shape, at) => shapeView(kind, shape,
      kind === this.#chosen.kind && at === this.#chosen.at ? '.chosen' : '')))));
  }

  #placeHandles() {
    const shape = this.#shape || [];
    shape.forEach(([x, y], index) => {
      const handle = this.handles.children[index];
      handle.style.left = `${x * 100}%`;
      handle.style.top = `${y * 100}%`;
      handle.setAttribute('aria-label', t('region.point', { number: index + 1, count: shape.length, x: Math.round(x * 100), y: Math.round(y * 100) }));
    });
  }

  #drawPanel() {
    this.panel.replaceChildren(...KINDS.map((kind) => this.#group(kind)));
  }

  #group(kind) {
    const shapes = this.#shapes[kind];
    const full = kind === 'direction-line' && shapes.length > 0;
    return h('div.regiongroup', {},
      h('h3', {}, h(`span.swatch.${kind}`, { 'aria-hidden': 'true' }), t(`region.${kind}`)),
      shapes.length ? h('ul', {}, shapes.map((shape, at) => this.#item(kind, shape, at))) : h('p.soft.small', {}, t(`region.${kind}.none`)),
      full ? null : h('button.button', { type: 'button', data: { add: kind }, on: { click: () => this.#start(kind) } }, icon('plus'), t(`region.${kind}.add`)));
  }

  #item(kind, shape, at) {
    const chosen = kind === this.#chosen.kind && at === this.#chosen.at;
    const name = t(`region.${kind}.item`, { number: at + 1 });
    return h('li.actions', {},
      h('button.button', { type: 'button', 'aria-pressed': String(chosen), data: { kind, at }, on: { click: () => this.#choose(kind, at) } }, name,
        shape.length < this.#least(kind) ? h('span.fault', {}, t('region.few', { least: this.#least(kind) })) : h('span.soft.small', {}, t('region.points', { n: shape.length }))),
      h('button.button.plain.only', { type: 'button', 'aria-label': t('region.remove', { name }), title: t('region.remove', { name }), on: { click: () => this.#drop(kind, at) } }, icon('trash')));
  }
}
