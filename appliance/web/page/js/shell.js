// SPDX-License-Identifier: LGPL-2.1-or-later
// What is around every view: the views one may see, the state of the line, language,
// theme, and who is signed in.

import { h, icon, newId, setText, tell } from './dom.js';
import { LANGUAGES, language, t } from './language.js';
import { notice, select } from './parts.js';
import { store } from './store.js';

// Views in the order of the rail; `later`: behind "more" on a phone.
export const VIEWS = [
  { name: 'cameras', icon: 'camera', roles: ['technician', 'dispatcher', 'supervisor'] },
  { name: 'live', icon: 'live', roles: ['technician', 'dispatcher', 'supervisor'] },
  { name: 'hits', icon: 'hit', roles: ['dispatcher', 'supervisor'] },
  { name: 'map', icon: 'map', roles: ['technician', 'dispatcher', 'supervisor'] },
  { name: 'lists', icon: 'list', roles: ['technician', 'dispatcher', 'supervisor'], later: true },
  { name: 'accounts', icon: 'accounts', roles: ['technician', 'supervisor'], later: true },
  { name: 'log', icon: 'log', roles: ['technician', 'supervisor'], later: true },
];

const THEMES = { system: 'system', light: 'sun', dark: 'moon' };

function keptTheme() {
  return document.documentElement.dataset.theme || 'system';
}

function chooseTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('theme', theme);
  } catch { /* for this page only, then */ }
}

/** A button that goes through system, light and dark. */
export function themeButton() {
  const button = h('button.button.plain.only', { type: 'button' });
  const draw = () => {
    const theme = keptTheme();
    button.replaceChildren(icon(THEMES[theme]));
    button.setAttribute('aria-label', t('theme.is', { theme: t(`theme.${theme}`) }));
    button.title = t('theme.is', { theme: t(`theme.${theme}`) });
  };
  button.addEventListener('click', () => {
    const names = Object.keys(THEMES);
    chooseTheme(names[(names.indexOf(keptTheme()) + 1) % names.length]);
    draw();
    tell(button.title);
  });
  draw();
  return button;
}

export function languageSelect(changed) {
  return select(Object.entries(LANGUAGES), language,
    { 'aria-label': t('language'), on: { change: (event) => changed(event.target.value) } });
}

export function brand(name = 'span', attributes = {}) {
  return h(`${name}.brand`, attributes, h('img', { src: '/icon.svg', alt: '', width: 32, height: 32 }), h('span', {}, 'gst-anpr'));
}

/** The frame; `view` is where views are drawn, `stop` ends its listening. */
export class Shell {
  #counts = [];
  #links = new Map();
  #listeners;
  #line;
  #cut;
  #rail;
  #more;

  constructor(session, actions) {
    this.view = h('main.view', { id: newId('view'), tabindex: -1 });
    this.#line = h('span.state.linestate', { role: 'status' });
    this.#cut = h('div.cut', { hidden: true }, notice('bad', h('p.strong', {}, t('line.cut')), h('p', {}, t('line.cut.advice'))));
    this.#rail = this.#makeRail(session, actions);
    this.element = h('div.shell', {},
      h('a.skip.button', { href: `#${this.view.id}`, on: { click: (event) => this.#skip(event) } }, t('skip')),
      this.#makeHead(session, actions), this.#rail, this.view);
    const drawn = () => this.#draw();
    this.#listeners = Object.fromEntries(['line', 'hit', 'decision', 'filled'].map((name) => [name, drawn]));
    for (const [name, listener] of Object.entries(this.#listeners)) store.addEventListener(name, listener);
    this.#draw();
  }

  #skip(event) {
    event.preventDefault();
    this.view.focus();
  }

  #makeHead(session, actions) {
    return h('header.head', {}, brand('a', { href: '#/cameras' }), h('span.grow'), this.#line,
      h('span.chosen', {}, languageSelect(actions.language)), themeButton(),
      h('button.button.plain.who', { type: 'button', title: t('password.change'), on: { click: actions.password } },
        h('b', {}, session.user), h('span', {}, t(`role.${session.role}`))),
      h('button.button.plain.only', { type: 'button', title: t('action.signout'), 'aria-label': t('action.signout'), on: { click: actions.signOut } }, icon('out')));
  }

  #makeLink(view) {
    const count = view.name === 'hits' ? h('span.count', { hidden: true }) : null;
    if (count) this.#counts.push(count);
    const link = h('a', { href: `#/${view.name}`, title: t(`view.${view.name}`) }, icon(view.icon), h('span', {}, t(`view.${view.name}`)), count);
    this.#links.set(view.name, link);
    return h(view.later ? 'li.later' : 'li', {}, link);
  }

  #makeRail(session, actions) {
    const more = h('button', { type: 'button', 'aria-expanded': 'false' }, icon('more'), h('span', {}, t('view.more')));
    const rail = h('nav.rail', { 'aria-label': t('views') }, h('ul', {},
      VIEWS.filter((view) => view.roles.includes(session.role)).map((view) => this.#makeLink(view)),
      h('li.chosen', {}, languageSelect(actions.language)),
      h('li.later', {}, h('button.onlyphone', { type: 'button', on: { click: actions.password } }, icon('pencil'), h('span', {}, t('signin.password')))), h('li.more', {}, more)));
    more.addEventListener('click', () => this.#open(rail.classList.toggle('open')));
    this.#more = more;
    return rail;
  }

  #open(is) {
    this.#rail.classList.toggle('open', is);
    this.#more.setAttribute('aria-expanded', String(is));
  }

  /** Marks the view that is shown. */
  mark(name) {
    for (const [view, link] of this.#links) {
      if (view === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    this.#open(false);
  }

  /** Empties the place of views and gives it, under the notice of a cut line. */
  clear() {
    const place = h('div');
    this.view.replaceChildren(this.#cut, place);
    return place;
  }

  #draw() {
    const tone = { live: 'good', cut: 'bad' }[store.line] || 'idle';
    this.#line.setAttribute('class', `state linestate ${tone}`);
    this.#line.replaceChildren(icon(store.line === 'cut' ? 'line-cut' : 'line'), h('span', {}, t(`line.state.${store.line}`)));
    this.#cut.hidden = store.line !== 'cut';
    const open = store.openHits.length;
    for (const count of this.#counts) {
      count.hidden = open === 0;
      setText(count, open > 99 ? '99+' : open);
      count.setAttribute('aria-label', t('hits.open', { n: open }));
    }
    document.title = open ? `(${open}) gst-anpr` : 'gst-anpr';
  }

  stop() {
    for (const [name, listener] of Object.entries(this.#listeners)) store.removeEventListener(name, listener);
  }
}
