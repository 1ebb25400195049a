// SPDX-License-Identifier: LGPL-2.1-or-later
// The technician's page. Who is not signed in sees the entrance; who is, a view by
// the address after "#": #/cameras, #/hits/ID, ... A view is a function
// show(place, parameters, context) that draws into `place` and returns what stops
// it; `context` holds the session. `leave` of what it returns may say no to leaving.

import { api } from './api.js';
import { h, tell } from './dom.js';
import { choseLanguage, chooseLanguage, language, loadLanguage, t } from './language.js';
import { errorNotice } from './parts.js';
import { Shell, VIEWS } from './shell.js';
import { store } from './store.js';
import { showEntrance } from './views/signin.js';

// Address, the view of the rail it belongs to, and its module.
const ROUTES = [
  ['cameras', 'cameras', () => import('./views/cameras.js')],
  ['cameras/:name', 'cameras', () => import('./views/camera.js')],
  ['cameras/:name/settings', 'cameras', () => import('./views/settings.js')],
  ['new', 'cameras', () => import('./views/settings.js')],
  ['live', 'live', () => import('./views/live.js')],
  ['passages/:id', 'live', () => import('./views/passage.js')],
  ['hits', 'hits', () => import('./views/hits.js')],
  ['hits/:id', 'hits', () => import('./views/hits.js')],
  ['map', 'map', () => import('./views/map.js')],
  ['lists', 'lists', () => import('./views/lists.js')],
  ['accounts', 'accounts', () => import('./views/accounts.js')],
  ['log', 'log', () => import('./views/log.js')],
];

const page = document.getElementById('page');
let session = null;
let shell = null;
let current = { stop() {} };
let shownAddress = '';
let turn = 0;

function matchRoute(parts, pattern) {
  const wanted = pattern.split('/');
  if (wanted.length !== parts.length) return null;
  const parameters = {};
  for (let i = 0; i < parts.length; i++) {
    if (wanted[i].startsWith(':')) parameters[wanted[i].slice(1)] = parts[i];
    else if (wanted[i] !== parts[i]) return null;
  }
  return parameters;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function findRoute(address) {
  const parts = address.replace(/^#\/?/, '').split('/').map(decode);
  const views = VIEWS.filter((view) => view.roles.includes(session.role)).map((view) => view.name);
  for (const [pattern, view, load] of ROUTES) {
    const parameters = matchRoute(parts, pattern);
    if (parameters && views.includes(view)) return { parameters, view, load };
  }
  return { parameters: {}, view: 'cameras', load: ROUTES[0][2] };
}

async function mayLeave() {
  return !current.leave || await current.leave();
}

async function show() {
  if (location.hash === shownAddress) return;
  if (!await mayLeave()) {
    history.replaceState(null, '', shownAddress);
    return;
  }
  await draw(true);
}

async function draw(focus) {
  const mine = ++turn;
  current.stop();
  current = { stop() {} };
  shownAddress = location.hash;
  const route = findRoute(location.hash);
  shell.mark(route.view);
  const module = await route.load();
  if (mine !== turn) return;
  const place = shell.clear();
  current = module.show(place, route.parameters, { session, redraw: () => draw(false) }) || current;
  if (!focus) return;
  window.scrollTo(0, 0);
  const heading = place.querySelector('h1');
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
}

function leaveAll() {
  turn += 1;
  current.stop();
  current = { stop() {} };
  store.stop();
  if (shell) shell.stop();
  shell = null;
  session = null;
}

async function signOut() {
  if (!await mayLeave()) return;
  await api.remove('/api/session').catch(() => { /* over anyway */ });
  leaveAll();
  enter();
}

async function password() {
  const { passwordDialog } = await import('./views/accounts.js');
  passwordDialog();
}

async function changeLanguage(next) {
  if (!await mayLeave()) return;
  await chooseLanguage(next);
  if (session) await drawShell();
  else enter();
}

function enter(firstRun = false, told = '', entered = begin) {
  document.title = 'gst-anpr';
  showEntrance(page, { firstRun, told, changeLanguage, entered });
}

async function drawShell() {
  if (shell) shell.stop();
  shell = new Shell(session, { language: changeLanguage, password, signOut });
  page.replaceChildren(shell.element);
  await draw(false);
}

async function begin() {
  session = await api.get('/api/session');
  api.csrf = session.csrf;
  if (!choseLanguage() && session.language !== language) await loadLanguage(session.language);
  try {
    await store.start(session.role !== 'technician');
  } catch (error) {
    page.replaceChildren(h('div.entrance', {}, errorNotice(error)));
    setTimeout(start, 5000);
    return;
  }
  await drawShell();
}

async function start() {
  try {
    await begin();
  } catch (error) {
    if (error.status === 401) enter(Boolean(error.answer && error.answer.first_run));
    else {
      page.replaceChildren(h('div.entrance', {}, errorNotice(error)));
      setTimeout(start, 5000);
    }
  }
}

api.addEventListener('signed-out', () => {
  if (!session) return;
  leaveAll();
  // It may be over because anprd is another one now, whose page may be, too
  enter(false, t('signin.over'), () => location.reload());
});
window.addEventListener('hashchange', () => {
  if (shell) show();
});
window.addEventListener('beforeunload', (event) => {
  if (current.changed && current.changed()) event.preventDefault();
});
store.addEventListener('line', ({ detail }) => tell(t(`line.told.${detail}`)));
store.addEventListener('hit', ({ detail }) => tell(t('hit.told', { plate: detail.text || detail.plate, position: store.title(detail.position) })));

await loadLanguage();
await start();
