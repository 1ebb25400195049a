// SPDX-License-Identifier: LGPL-2.1-or-later
// What several views draw.

import { h, icon, newId, setText, tell } from './dom.js';
import { api, path } from './api.js';
import { has, milliseconds, t, word } from './language.js';

const TONES = {
  running: 'good', starting: 'idle', away: 'bad', waiting: 'warn', refused: 'bad', off: 'idle', ended: 'idle', stopping: 'idle',
};
const LIST_TONES = { active: 'good', aged: 'warn', stale: 'bad', 'not-valid': 'bad' };
const LEVELS = { bad: ['bad', 'warning'], warn: ['warn', 'warning'], info: ['', 'info'] };

const WORST = ['bad', 'warn'];

/** What the lane's health has to say that is not good. */
export const complaints = (position) => (position.health || []).filter((item) => item.level !== 'good' && item.message);

/** How bad it is with a position: "bad", "warn" or "" for well. */
export function trouble(position) {
  const tones = [TONES[position.state], ...complaints(position).map((item) => (item.level === 'bad' ? 'bad' : 'warn'))];
  if (position.reason) tones.push('warn');
  return WORST.find((tone) => tones.includes(tone)) || '';
}

/** A state by shape, colour and word. */
export function stateView(state) {
  const known = TONES[state] ? state : 'off';
  return h(`span.state.${TONES[known]}`, {}, icon(`state-${known}`), word('state', state));
}

export function listState(state) {
  const tone = LIST_TONES[state] || 'idle';
  const shape = { good: 'check', warn: 'clock', bad: 'warning', idle: 'question' }[tone];
  return h(`span.badge.${tone}`, {}, icon(shape), word('list.state', state));
}

export function directionView(direction) {
  if (direction !== 'in' && direction !== 'out') return h('span.soft', {}, t('direction.unknown'));
  return h('span.nowrap', {}, icon(direction === 'in' ? 'in' : 'out-way'), t(`direction.${direction}`));
}

/** What the decision on a hit was, or that there is none. */
export function decisionBadge(hit) {
  const decision = hit.decision?.decision;
  const [tone, shape] = { confirmed: ['good', 'check'], rejected: ['idle', 'cross'], undecided: ['warn', 'question'] }[decision]
    || ['bad', 'hit'];
  return h(`span.badge.${tone}`, {}, icon(shape), t(`decision.${decision || 'open'}`));
}

export function notice(tone, ...children) {
  const [look, shape] = LEVELS[tone] || [tone, tone === 'good' ? 'check' : 'info'];
  return h(`div.notice${look ? `.${look}` : ''}`, {}, icon(shape), h('div', {}, children));
}

export function empty(shape, title, text) {
  return h('div.empty', {}, icon(shape), h('b', {}, title), text ? h('p', {}, text) : null);
}

export function facts(pairs) {
  return h('dl.facts', {}, pairs.filter((pair) => pair && pair[1] !== null && pair[1] !== undefined && pair[1] !== '')
    .map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

/**
 * Rows under headings, in a card that scrolls. On a phone there is no room for
 * columns: a row is a block there, each cell with its heading before it.
 */
export function dataTable(label, headings, rows) {
  for (const row of rows) {
    for (const [i, cell] of [...row.cells].entries()) cell.dataset.heading = headings[i].textContent;
  }
  return h('div.card.scroll', { tabindex: 0, role: 'region', 'aria-label': label },
    h('table.table.blocks', {}, h('thead', {}, h('tr', {}, headings)), h('tbody', {}, rows)));
}

/**
 * A fault of the server: what is wrong and what to do in the page's language, by its
 * code, and what the machine says of it, in English. What a code has no texts for is
 * told as the server tells it.
 */
export function faultTexts({ code, message, advice }) {
  if (!has(`fault.${code}`)) return { title: message, advice, message: '' };
  return { title: t(`fault.${code}`), advice: t(`advice.${code}`), message };
}

const sentences = (...texts) => texts.filter(Boolean).map((text) => text.replace(/[^.!?]$/, '$&.')).join(' ');

/** What is wrong, as one line. */
export function faultText(fault) {
  const { title, message } = faultTexts(fault);
  return sentences(title, message);
}

/** What is wrong and what to do, as one line. */
export const faultLine = (fault) => sentences(faultText(fault), faultTexts(fault).advice);

/** What is wrong, what to do and what the machine says of it, as a notice. */
export function faultNotice(tone, { title, advice, message }, code) {
  return notice(tone, h('p.strong', {}, title), advice ? h('p', {}, advice) : null,
    message ? h('p.small', { lang: 'en' }, message) : null, code ? h('p.small', {}, h('code', {}, code)) : null);
}

/** An error as a notice. */
export function errorNotice(error) {
  const box = faultNotice('bad', faultTexts(error), error.code);
  box.setAttribute('role', 'alert');
  return box;
}

/** A label, its field and a help text. */
export function field(label, input, help) {
  const id = input.id || newId('field');
  input.id = id;
  const hint = help ? h('span.help', { id: `${id}-help` }, help) : null;
  if (hint) input.setAttribute('aria-describedby', hint.id);
  return h('div.field', {}, h('label', { for: id }, label), input, hint);
}

/** What a second person fills in (domain R41); hidden until it is asked for. */
export function approvalFields(text) {
  const user = h('input', { autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' });
  const password = h('input', { type: 'password', autocomplete: 'off' });
  const element = h('fieldset.approval', { hidden: true }, h('legend', {}, t('approval')), h('p.soft.small', {}, text),
    h('div.fields', {}, field(t('signin.user'), user), field(t('signin.password'), password)));
  return {
    element,
    take: () => (user.value && password.value ? { approval: { user: user.value.trim(), password: password.value } } : {}),
    clear: () => {
      element.hidden = true;
      user.value = '';
      password.value = '';
    },
  };
}

/** A select of [value, text] pairs. */
export function select(pairs, value, attributes = {}) {
  return h('select', attributes, pairs.map(([key, text]) => h('option', { value: key, selected: key === value }, text)));
}

/** Asks yes or no; resolves to true or false. */
export function confirm(title, text, yes, danger = false) {
  return new Promise((resolve) => {
    const heading = h('h2', { id: newId('dialog') }, title);
    const box = h('dialog', { 'aria-labelledby': heading.id }, heading, h('p', {}, text),
      h('div.actions', {},
        h('button.button', { type: 'button', on: { click: () => box.close('no') } }, t('action.cancel')),
        h(`button.button.${danger ? 'danger' : 'first'}`, { type: 'button', on: { click: () => box.close('yes') } }, yes)));
    box.addEventListener('close', () => {
      resolve(box.returnValue === 'yes');
      box.remove();
    });
    document.body.append(box);
    box.showModal();
  });
}

/** Address of a position's newest still; another one whenever the still is. */
export function stillAddress(position) {
  return `${path`/api/positions/${position.name}/still`}?at=${encodeURIComponent(position.still)}`;
}

/**
 * An image that keeps its place and its old content until the new one has come. A
 * large one takes the picture's own shape, so that what is drawn on it lies right.
 * `update(address)` changes it; an address that is null or fails shows a text.
 */
export class Picture {
  #address = null;
  #image;
  #none;
  #fits;

  constructor(alternative, kind = '', none = t('still.none')) {
    this.#fits = kind === '.large';
    this.#image = h('img', { alt: alternative, hidden: true });
    this.#none = h('p.none', {}, icon('picture'), h('span', {}, none));
    this.element = h(`div.picture${kind}`, {}, this.#image, this.#none);
  }

  get image() { return this.#image; }

  update(address) {
    if (address === this.#address) return;
    this.#address = address;
    if (!address) this.#show(false);
    else this.#load(address);
  }

  #show(there) {
    this.#image.hidden = !there;
    this.#none.hidden = there;
  }

  #load(address) {
    const next = h('img', { alt: this.#image.alt, src: address });
    next.decode().then(() => {
      if (address !== this.#address) return;
      if (this.#fits) this.element.style.aspectRatio = `${next.naturalWidth} / ${next.naturalHeight}`;
      this.#image.replaceWith(next);
      this.#image = next;
      this.#show(true);
    }, () => {
      if (address !== this.#address) return;
      this.#address = null;
      this.#show(false);
    });
  }
}

/** Listens, and gives a function that stops all of it. */
export function listen(target, listeners) {
  for (const [name, listener] of Object.entries(listeners)) target.addEventListener(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) target.removeEventListener(name, listener);
  };
}

/** Age of a moment in seconds. */
export const ageOf = (value) => Math.max(0, (Date.now() - milliseconds(value)) / 1000);

/** Shows what a promise gives in `place`, or its fault; `draw` makes the elements. */
export async function load(place, promise, draw) {
  try {
    place.replaceChildren(...[draw(await promise)].flat());
  } catch (error) {
    if (error.status === undefined) throw error;
    place.replaceChildren(errorNotice(error));
  }
}

/** Runs an action of a button: busy while it runs, its fault shown in `place`. */
export async function act(button, place, action) {
  button.disabled = true;
  place.replaceChildren();
  try {
    await action();
  } catch (error) {
    if (error.status === undefined) throw error;
    place.replaceChildren(errorNotice(error));
  } finally {
    button.disabled = false;
  }
}

export { api, path, setText, tell };
