// SPDX-License-Identifier: LGPL-2.1-or-later
// What the page knows of the appliance now: positions, the newest passages and
// hits. One event stream feeds it; views listen and read. Nothing in it grows
// without end: MAX_PASSAGES and MAX_HITS are its bounds.
//
// Events: "positions" (all anew), "position", "passage", "hit", "decision"
// (detail: the object), "line" (detail: its state), "filled" (read anew after the
// line was cut).
//
// Nothing falls between reading and listening: the stream is open before everything is
// read, and what it brings meanwhile counts on top of what was read. Readings come one
// after the other.
//
// The line: the browser connects an event stream anew by itself after a cut; one
// that the server refuses stays closed and is opened anew here, ever more rarely. A
// line that is dead without an end is found by silence: the server sends "alive"
// every ten seconds, and after SILENCE_MS without anything the stream is opened anew.

import { api } from './api.js';

export const MAX_PASSAGES = 200;
export const MAX_HITS = 200;
const SILENCE_MS = 25000;
const FIRST_DELAY_MS = 1000;
const LAST_DELAY_MS = 15000;
const OPEN_MS = 5000;

/** Puts `item` in front of, or in the place of, its like; keeps at most `bound`. */
export function keepNewest(items, item, bound) {
  const at = items.findIndex((other) => other.id === item.id);
  if (at >= 0) {
    items[at] = { ...items[at], ...item };
    return items[at];
  }
  items.unshift(item);
  if (items.length > bound) items.length = bound;
  return item;
}

/** Whether a hit waits for a decision; one that is undecided still does. */
export const isOpen = (hit) => !hit.decision || hit.decision.decision === 'undecided';

class Store extends EventTarget {
  positions = new Map();
  passages = [];
  hits = [];
  line = 'connecting';
  #source = null;
  #timer = 0;
  #watch = 0;
  #delay = FIRST_DELAY_MS;
  #heard = 0;
  #running = false;
  #seesHits = false;
  #filled = Promise.resolve();
  #meanwhile = null; // what comes while it is read

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #setLine(state) {
    if (this.line === state) return;
    this.line = state;
    this.#emit('line', state);
  }

  get openHits() {
    return this.hits.filter(isOpen);
  }

  find(name) {
    return this.positions.get(name);
  }

  title(name) {
    const position = this.positions.get(name);
    return (position && position.title) || name || '';
  }

  /** Waits until a position is known, or so long. */
  appears(name, milliseconds) {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.positions.has(name)) return;
        this.removeEventListener('positions', look);
        resolve();
      };
      this.addEventListener('positions', look);
      setTimeout(resolve, milliseconds);
      look();
    });
  }

  /** Reads everything and listens from then on; `hits`: whether one may see any. */
  async start(hits) {
    this.#running = true;
    this.#seesHits = hits;
    const told = new Promise((resolve) => {
      this.addEventListener('line', resolve, { once: true });
      setTimeout(resolve, OPEN_MS);
    });
    this.#open();
    await told;
    await this.fill();
    if (!this.#running) return;
    this.#watch = setInterval(() => this.#listen(), SILENCE_MS / 4);
  }

  stop() {
    this.#running = false;
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    this.#close();
    this.positions.clear();
    this.passages = [];
    this.hits = [];
    this.line = 'connecting';
  }

  fill() {
    this.#filled = this.#filled.catch(() => { /* told to who asked for it */ }).then(() => this.#read());
    return this.#filled;
  }

  async #read() {
    const meanwhile = [];
    this.#meanwhile = meanwhile;
    const [positions, passages, hits] = await Promise.all([
      api.get('/api/positions'),
      api.get(`/api/passages?limit=${MAX_PASSAGES / 2}`),
      this.#seesHits ? api.get(`/api/hits?limit=${MAX_HITS}`) : [],
    ]).finally(() => { this.#meanwhile = null; });
    if (!this.#running) return;
    this.positions = new Map(positions.map((position) => [position.name, position]));
    this.passages = passages;
    this.hits = hits;
    for (const [kind, value] of meanwhile) this.#keep(kind, value);
    this.#emit('positions');
    this.#emit('filled');
  }

  #close() {
    if (this.#source) this.#source.close();
    this.#source = null;
  }

  #open() {
    clearTimeout(this.#timer);
    this.#close();
    if (!this.#running) return;
    const source = new EventSource('/api/events');
    this.#source = source;
    source.addEventListener('open', () => this.#opened());
    source.addEventListener('error', () => this.#failed(source));
    source.addEventListener('position', (event) => this.#take(event, (value) => this.#takePosition(value)));
    for (const kind of this.#seesHits ? ['passage', 'hit', 'decision'] : ['passage']) {
      source.addEventListener(kind, (event) => this.#take(event, (value) => this.#takeNew(kind, value)));
    }
    source.addEventListener('positions', () => this.#fillAgain());
    source.addEventListener('alive', () => { this.#heard = Date.now(); });
  }

  #opened() {
    const again = this.line === 'cut';
    this.#heard = Date.now();
    this.#delay = FIRST_DELAY_MS;
    this.#setLine('live');
    if (again) this.#fillAgain();
  }

  #fillAgain() {
    this.fill().catch(() => { /* the next cut or answer shows it */ });
  }

  #failed(source) {
    if (source !== this.#source) return;
    this.#setLine('cut');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#openLater();
  }

  #openLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#probe(), this.#delay * (0.75 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, LAST_DELAY_MS);
  }

  // A refused stream may mean that the session is over: asked first, so that the
  // person is sent to sign in instead of waiting.
  async #probe() {
    try {
      await api.get('/api/positions');
      this.#open();
    } catch (error) {
      if (this.#running && error.status !== 401) this.#openLater();
    }
  }

  #listen() {
    if (this.line !== 'live' || Date.now() - this.#heard < SILENCE_MS) return;
    this.#setLine('cut');
    this.#open();
  }

  #take(event, use) {
    this.#heard = Date.now();
    let value;
    try {
      value = JSON.parse(event.data);
    } catch {
      console.error('an event that is not JSON');
      return;
    }
    use(value);
  }

  /** Gives what is kept of it, or undefined. */
  #keep(kind, value) {
    if (kind === 'passage') return keepNewest(this.passages, value, MAX_PASSAGES);
    const known = kind === 'hit' || this.hits.some((hit) => hit.id === value.id);
    return known ? keepNewest(this.hits, value, MAX_HITS) : undefined;
  }

  #takeNew(kind, value) {
    if (this.#meanwhile) this.#meanwhile.push([kind, value]);
    const kept = this.#keep(kind, value);
    if (kept) this.#emit(kind, kept);
  }

  #takePosition(value) {
    const known = this.positions.has(value.name);
    if (value.removed) this.positions.delete(value.name);
    else this.positions.set(value.name, { ...this.positions.get(value.name), ...value });
    if (known && !value.removed) this.#emit('position', this.positions.get(value.name));
    else this.#emit('positions');
  }
}

export const store = new Store();
