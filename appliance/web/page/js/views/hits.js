// SPDX-License-Identifier: LGPL-2.1-or-later
// Hits, and the decision on one (domain R17). Beside the list stands the hit that is
// opened: pictures, what was read against what is listed, why it is a hit, how old the
// list is. Nothing is chosen beforehand, and until a decision is recorded the page says
// that nobody may act. The time to decide runs from when the hit is shown.

import { h, icon, newId } from '../dom.js';
import { clock, moment, percent, span, t, word } from '../language.js';
import { act, api, decisionBadge, directionView, empty, errorNotice, facts, field, listen, notice, path, select } from '../parts.js';
import { country, charactersView, differingSigns, mainRead, plateView } from '../plate.js';
import { MAX_HITS, isOpen, store } from '../store.js';
import { imageAddress, stills } from './passage.js';

const DECISIONS = [['confirmed', 'check'], ['rejected', 'cross'], ['undecided', 'question']];
export const REASONS = ['misread', 'wrong country', 'stale', 'wrong vehicle', 'other'];
const RETRY_MS = 2000;
const RETRIES = 30;

/** Why a hit cannot be confirmed, whoever looks at it (domain R15, R19). */
export function obstacles(hit) {
  const found = [];
  if (hit.stale) found.push(t('hit.stale'));
  if (hit.country_grade === 'conflict') found.push(t('hit.conflict'));
  return found;
}

function hitRow(hit, chosen) {
  return h('li', {}, h(isOpen(hit) ? 'a.hitrow.open' : 'a.hitrow', {
    href: `#/hits/${encodeURIComponent(hit.id)}`, 'aria-current': chosen ? 'true' : null, data: { id: hit.id },
  },
  h('span.first', {}, plateView(hit.text || hit.matched || hit.plate), h('time', { datetime: hit.timestamp, title: moment(hit.timestamp) }, clock(hit.timestamp))),
  h('span.strong', {}, `${hit.measure || word('category', hit.category)}${hit.reason ? `: ${hit.reason}` : ''}`),
  h('span.first', {}, h('span.soft', {}, store.title(hit.position)),
    h('span.actions', {}, hit.covert ? h('span.badge.warn', {}, icon('covert'), t('hit.covert')) : null, decisionBadge(hit)))));
}

function explanation(hit) {
  const likely = percent(hit.likelihood);
  return h('ul.reasons', {},
    h('li', {}, icon('hit'), t(`hit.grade.${hit.grade}`, { likely })),
    h('li', {}, icon(hit.country_grade === 'conflict' ? 'warning' : 'info'), t(`hit.country.${hit.country_grade}`)),
    h('li', {}, icon(hit.stale ? 'warning' : 'clock'), hit.list_age_s >= 0
      ? t(hit.stale ? 'hit.age.stale' : 'hit.age', { age: span(hit.list_age_s) }) : t('hit.age.unknown')),
    hit.late ? h('li', {}, icon('warning'), t('hit.late')) : null);
}

function comparison(hit) {
  const read = mainRead(hit.record || {});
  const code = read && country(read)?.code;
  return h('div.card.padded.stack', {}, h('h2', {}, t('hit.why')),
    h('div.against', {},
      h('div', {}, h('h3', {}, t('hit.read')), plateView(hit.matched || hit.text || '–', code, '.large')),
      h('div', {}, h('h3', {}, t('hit.listed')), plateView(hit.plate || '–', null, '.large'))),
    differingSigns(hit), read ? charactersView(read) : null, explanation(hit));
}

function entryFacts(hit) {
  return h('div.card.padded', {}, h('h2', {}, t('hit.entry')), facts([
    [t('hit.measure'), hit.measure],
    [t('hit.reason'), hit.reason],
    [t('hit.warning'), hit.warning ? h('strong', {}, hit.warning) : null],
    [t('hit.category'), word('category', hit.category)],
    [t('hit.purpose'), word('purpose', hit.purpose)],
    [t('hit.list'), `${hit.list} (${t('list.version')} ${hit.version})`],
    [t('hit.entry-id'), hit.entry],
    [t('hit.authority'), hit.authority],
    [t('hit.reference'), hit.reference],
    [t('hit.priority'), hit.priority],
    [t('live.position'), h('a', { href: `#/cameras/${encodeURIComponent(hit.position)}` }, store.title(hit.position))],
    [t('passage.direction'), directionView(hit.direction)],
    [t('passage.seen'), moment(hit.timestamp)],
    [t('passage.title'), h('a', { href: `#/passages/${encodeURIComponent(hit.passage)}` }, t('hit.passage'))],
  ]));
}

function standing(hit) {
  const { decision } = hit;
  if (!decision) return notice('warn', h('p.strong', {}, t('hit.unverified')), h('p', {}, t('hit.unverified.text')));
  const who = t('hit.decided', { user: decision.user || '–', time: decision.utc ? moment(decision.utc) : '–' });
  const lines = [h('p', {}, who, decision.reason ? ` · ${word('reason', decision.reason)}` : '',
    typeof decision.seconds === 'number' ? ` · ${t('hit.took', { time: span(decision.seconds) })}` : '')];
  if (decision.decision !== 'confirmed') {
    return notice(decision.decision === 'rejected' ? 'info' : 'warn', h('p.strong', {}, t(`hit.${decision.decision}`)), lines);
  }
  return notice('good', h('p.strong', {}, t('hit.confirmed', { measure: hit.measure || '–' })), lines);
}

function radio(name, value, shape, disabled) {
  const input = h('input', { type: 'radio', name, value, required: true, disabled });
  return h(`label.decide.${value}`, {}, input, icon(shape), h('span', {}, h('b', {}, t(`decide.${value}`)), h('span.small', {}, t(`decide.${value}.help`))));
}

/** The form of a decision; `since` is when the hit was shown, of performance.now(). */
function decisionForm(hit, since, done) {
  const group = newId('decision');
  const against = obstacles(hit);
  const reason = select([['', t('decide.choose')], ...REASONS.map((one) => [one, t(`reason.${one}`)])], '', { name: 'reason' });
  const reasons = h('div', { hidden: true }, field(t('decide.reason'), reason));
  const faults = h('div');
  const button = h('button.button.first', { type: 'submit', disabled: true }, t('decide.record'));
  const form = h('form.decision.card.padded', { id: 'decision' },
    h('fieldset', {}, h('legend', {}, t('decide.title')),
      h('div.decides', {}, DECISIONS.map(([value, shape]) => radio(group, value, shape, value === 'confirmed' && against.length > 0))),
      against.length ? h('p.fault', {}, icon('warning'), `${t('decide.barred')} ${against.join(' ')}`) : null),
    reasons, faults, h('div.actions', {}, button, h('span.soft.small', {}, icon('info'), ' ', t('decide.logged'))));
  const value = () => new FormData(form).get(group);
  form.addEventListener('change', () => {
    reasons.hidden = value() !== 'rejected';
    reason.required = value() === 'rejected';
    button.disabled = !value() || (value() === 'rejected' && !reason.value);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const decision = { decision: value(), seconds: Math.round((performance.now() - since) / 100) / 10 };
    if (decision.decision === 'rejected') decision.reason = reason.value;
    if (hit.decision) decision.instead_of = hit.decision.id;
    act(button, faults, async () => {
      done({ ...hit, decision: await api.post(path`/api/hits/${hit.id}/decision`, decision) });
    });
  });
  return form;
}

class Detail {
  #timer = 0;
  #tries = 0;

  constructor(hit, session) {
    this.hit = hit;
    this.session = session;
    this.since = performance.now();
    this.state = h('div.standing');
    this.form = null;
    this.correcting = null; // the decision that is being corrected
    this.verify = h('div');
    this.compare = h('div', {}, comparison(hit));
    this.pictures = stills(hit.passage);
    this.element = h('article.hitdetail', { data: { id: hit.id }, 'aria-label': t('hit.title', { plate: hit.text || hit.plate }) },
      h('div.hithead', {}, h('h2', {}, plateView(hit.text || hit.matched || hit.plate, country(mainRead(hit.record || {}))?.code, '.large')),
        h('p.measure', {}, `${hit.measure || word('category', hit.category)}${hit.reason ? `: ${hit.reason}` : ''}`),
        hit.covert ? h('span.badge.warn', {}, icon('covert'), t('hit.covert')) : null),
      this.state,
      h('div.halves', {}, h('div.stack', {}, this.pictures.element, this.verify), h('div.stack', {}, this.compare, entryFacts(hit))));
    this.#watch();
    this.draw();
  }

  /** Pictures come when the vehicle is gone and its passage is kept. */
  #watch() {
    this.#timer = setInterval(async () => {
      this.#tries += 1;
      if (!this.pictures.vehicle.image.hidden || this.#tries > RETRIES) clearInterval(this.#timer);
      else this.refresh();
    }, RETRY_MS);
  }

  async refresh() {
    this.pictures.vehicle.update(imageAddress(this.hit.passage, 'vehicle'));
    this.pictures.plate.update(imageAddress(this.hit.passage, 'plate'));
    const hit = await api.get(path`/api/hits/${this.hit.id}`).catch(() => null);
    if (hit && hit.record) this.compare.replaceChildren(comparison(hit));
  }

  draw() {
    this.state.replaceChildren(standing(this.hit), ...this.#after());
    if (!isOpen(this.hit)) this.#close();
    else if (this.session.role !== 'dispatcher') this.verify.replaceChildren(h('p.soft', {}, t('decide.who')));
    else if (this.form !== this.hit.decision?.id) this.#ask();
  }

  /** What is being corrected stays, however often that decision is told. */
  #close() {
    if (this.correcting === this.hit.decision.id) return;
    this.correcting = null;
    this.verify.replaceChildren();
  }

  /** Asks for a decision, or again after one that left it open. */
  #ask() {
    this.form = this.hit.decision?.id;
    this.verify.replaceChildren(decisionForm(this.hit, this.since, (hit) => this.decide(hit)));
  }

  #correct() {
    this.since = performance.now();
    this.correcting = this.hit.decision.id;
    this.#ask();
    this.verify.querySelector('input:not(:disabled)').focus();
  }

  #after() {
    const next = store.openHits.find((hit) => hit.id !== this.hit.id);
    if (isOpen(this.hit) || this.session.role !== 'dispatcher') return [];
    return [
      next ? h('a.button.first', { href: `#/hits/${encodeURIComponent(next.id)}` }, t('hit.next'), icon('next')) : null,
      h('button.button', { type: 'button', on: { click: () => this.#correct() } }, icon('pencil'), t('decide.correct')),
    ].filter(Boolean);
  }

  decide(hit) {
    this.hit = { ...this.hit, ...hit };
    const known = store.hits.find((other) => other.id === this.hit.id);
    if (known) Object.assign(known, this.hit);
    store.dispatchEvent(new CustomEvent('decision', { detail: this.hit }));
    window.scrollTo(0, 0);
    (this.state.querySelector('a, button') || this.verify.querySelector('input')).focus();
  }

  stop() {
    clearInterval(this.#timer);
  }
}

async function openDetail(place, id, session) {
  try {
    return new Detail(await api.get(path`/api/hits/${id}`), session);
  } catch (error) {
    place.replaceChildren(errorNotice(error));
    return null;
  }
}

export function show(place, { id }, { session }) {
  const open = h('button.button', { type: 'button', 'aria-pressed': 'true' }, icon('hit'), t('hits.only-open'));
  const list = h('ul.hitlist.card');
  const side = h('div.chosen-hit');
  let detail = null;
  let stopped = false;

  const draw = () => {
    const only = open.getAttribute('aria-pressed') === 'true';
    const hits = store.hits.filter((hit) => !only || isOpen(hit) || hit.id === id).slice(0, MAX_HITS);
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    list.replaceChildren(...hits.map((hit) => hitRow(hit, hit.id === id)));
    if (!hits.length) list.append(h('li', {}, empty('check', t('hits.none'), t('hits.none.text'))));
    const again = focused && [...list.querySelectorAll('a')].find((link) => link.dataset.id === focused);
    if (again) again.focus();
  };
  open.addEventListener('click', () => {
    open.setAttribute('aria-pressed', String(open.getAttribute('aria-pressed') !== 'true'));
    draw();
  });
  place.append(
    h('div.title', {}, id ? h('a.crumb.back', { href: '#/hits' }, icon('back'), t('view.hits')) : null, h('h1', {}, t(id ? 'hit.one' : 'view.hits')), h('span.grow'), open),
    h(id ? 'div.master.opened' : 'div.master', {}, list, side));
  if (id) {
    openDetail(side, id, session).then((made) => {
      if (!made) return;
      if (stopped) made.stop();
      else {
        detail = made;
        side.replaceChildren(made.element);
      }
    });
  } else {
    side.append(empty('hit', t('hits.choose'), session.role === 'dispatcher' ? t('hits.choose.text') : t('decide.who')));
  }
  draw();
  const stopListening = listen(store, {
    hit: draw,
    filled: draw,
    decision: ({ detail: hit }) => {
      if (detail && hit.id === detail.hit.id) {
        detail.hit = { ...detail.hit, ...hit };
        detail.draw();
      }
      draw();
    },
    passage: ({ detail: passage }) => detail && passage.id === detail.hit.passage && detail.refresh(),
  });
  return {
    stop() {
      stopped = true;
      stopListening();
      if (detail) detail.stop();
    },
  };
}
