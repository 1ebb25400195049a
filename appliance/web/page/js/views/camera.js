// SPDX-License-Identifier: LGPL-2.1-or-later
// One position: its newest picture with the regions drawn on it, how it is, and what
// passed last.

import { h, icon, setText } from '../dom.js';
import { percent, span, t, tenth, whole } from '../language.js';
import { Picture, api, approvalFields, empty, errorNotice, facts, faultNotice, listen, notice, path, stateView, stillAddress, trouble } from '../parts.js';
import { regionsView } from '../polygon.js';
import { store } from '../store.js';
import { troubleList } from './cameras.js';
import { newest, passageRow } from './live.js';

const MAX_ROWS = 12;

function crumb() {
  return h('a.crumb', { href: '#/cameras' }, icon('back'), t('view.cameras'));
}

function figures(position) {
  return facts([
    [t('camera.state'), stateView(position.state)],
    [t('camera.picture'), span(position.last_frame_age_s)],
    [t('figure.fps'), tenth(position.fps)],
    [t('figure.passages'), whole(position.passages_hour)],
    [t('figure.not-read'), percent(position.not_read_share)],
    [t('figure.hits'), whole(position.hits)],
    [t('figure.restarts'), whole(position.restarts)],
    [t('camera.where'), typeof position.latitude === 'number' ? `${position.latitude.toFixed(5)}, ${position.longitude.toFixed(5)}` : null],
    [t('camera.name'), h('code', {}, position.name)],
  ]);
}

function healthView(position) {
  const list = troubleList(position);
  if (!list.length) return trouble(position) ? null : notice('good', h('p', {}, t('camera.healthy')));
  return list.map((texts) => faultNotice(texts.tone, texts));
}

const isOutside = (position) => (position.health || []).some((item) => item.what === 'outside');

/** What was changed outside the page and has to be acknowledged by two people. */
function outsideView(position, session, again) {
  if (!position.outside) return null;
  const changes = h('ul.changes', {}, position.outside.map((one) => h('li', {}, h('code', {}, `${one.section}.${one.key}`),
    'after' in one ? [': ', h('code', {}, one.before || t('form.unset')), ' → ', h('code', {}, one.after || t('form.unset'))] : null)));
  if (session.role !== 'technician') return h('section.card.padded.stack.outside', {}, h('h2', {}, t('outside')), changes, h('p', {}, t('outside.reads')));
  const approval = approvalFields(t('outside.approval'));
  const outcome = h('div', { 'aria-live': 'polite' });
  const acknowledge = async (event) => {
    event.preventDefault();
    try {
      await api.post(path`/api/positions/${position.name}/acknowledge`, approval.take(), position.version);
      again();
    } catch (error) {
      if (error.status === undefined) throw error;
      outcome.replaceChildren(errorNotice(error));
    }
  };
  approval.element.hidden = false;
  return h('section.card.padded.outside', {}, h('form.stack', { on: { submit: acknowledge } }, h('h2', {}, t('outside')), h('p', {}, t('outside.text')),
    changes, approval.element, outcome, h('div.actions', {}, h('button.button.first', { type: 'submit' }, icon('check'), t('outside.done')))));
}

export function show(place, { name }, { session }) {
  if (!store.find(name)) {
    place.append(crumb(), h('h1', {}, t('camera.unknown')), empty('camera', t('camera.unknown.text', { name })));
    return { stop: listen(store, { positions() {} }) };
  }
  const title = h('h1');
  const picture = new Picture(t('camera.still', { name: store.title(name) }), '.large');
  const overlay = h('div.over');
  picture.element.append(overlay);
  const how = h('div.stack');
  const side = h('div.card.padded');
  const rows = h('ul.rows.card');
  const outside = h('div');
  let marked;

  const readFile = () => api.get(path`/api/positions/${name}`).then((position) => {
    overlay.replaceChildren(regionsView((position.settings || {}).detection || {}));
    // what somebody has typed into it stays as long as it is about the same
    const about = JSON.stringify([position.version, position.outside]);
    if (about !== outside.dataset.about) outside.replaceChildren(...[outsideView(position, session, readFile)].filter(Boolean));
    outside.dataset.about = about;
  }).catch(() => { /* the picture without regions, then */ });
  const draw = () => {
    const position = store.find(name);
    if (!position) return;
    setText(title, position.title || name);
    side.replaceChildren(figures(position));
    how.replaceChildren(...[healthView(position)].flat().filter(Boolean));
    picture.update(position.still ? stillAddress(position) : null);
    if (isOutside(position) !== marked) readFile();
    marked = isOutside(position);
  };
  const drawRows = () => {
    const mine = newest(store.passages.filter((passage) => passage.position === name)).slice(0, MAX_ROWS);
    rows.replaceChildren(...mine.map((passage) => passageRow(passage, { position: false })));
    if (!mine.length) rows.append(h('li', {}, empty('live', t('live.none'))));
  };

  place.append(
    h('div.title', {}, crumb(), title, h('span.grow'),
      session.role === 'dispatcher' ? null
        : h('a.button', { href: `#/cameras/${encodeURIComponent(name)}/settings` }, icon('settings'), t('view.settings'))),
    h('div.cameraview', {}, picture.element, h('div.stack.how', {}, how, outside, side), h('section.stack.last', {}, h('h2', {}, t('camera.passages')), rows)));
  draw();
  drawRows();
  return {
    stop: listen(store, {
      positions: draw,
      position: ({ detail }) => detail.name === name && draw(),
      passage: ({ detail }) => detail.position === name && drawRows(),
      filled: drawRows,
    }),
  };
}
