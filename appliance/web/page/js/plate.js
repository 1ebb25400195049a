// SPDX-License-Identifier: LGPL-2.1-or-later
// Plates and what the reader thinks of them.

import { h, s } from './dom.js';
import { percent, t } from './language.js';

const YELLOW = new Set(['NL', 'LU']);
const DOUBTFUL = 0.9;

/** The likeliest country of a read, its code and score, or null. */
export function country(read) {
  const first = read && read.countries && read.countries[0];
  return first && first.score > 0 ? first : null;
}

/** The read that stands for a passage: of its plates the first with a text. */
export function mainRead(passage) {
  const plates = passage.plates || [];
  return plates.find((plate) => plate.text) || plates[0] || null;
}

/** A plate as on the vehicle, of text and country code. */
export function plateView(text, code, size = '') {
  const look = YELLOW.has(code) ? '.yellow' : '';
  return h(`span.plate${look}${size}`, {},
    code ? h('span.band', {}, code) : null,
    h('span.text', {}, text));
}

/** The plate of a read, or that there is none. */
export function readView(read, size = '') {
  if (read && read.text) return plateView(read.raw || read.text, country(read)?.code, size);
  const state = read && read.state === 'no plate' ? 'read.none' : 'read.not';
  return h(`span.plate.none${size}`, {}, t(state));
}

/** A bar and a number for a share of 0 to 1. */
export function meter(value, bound = DOUBTFUL) {
  const share = Math.max(0, Math.min(1, value || 0));
  return h('span.nowrap', {},
    h(share < bound ? 'span.meter.warn' : 'span.meter', { 'aria-hidden': 'true' },
      s('svg', { viewBox: '0 0 100 10', preserveAspectRatio: 'none' }, s('rect', { width: 100 * share, height: 10 }))),
    ' ', percent(value));
}

function characterView(character) {
  const sure = character.confidence >= DOUBTFUL;
  const others = (character.alternatives || []).slice(0, 3);
  return h(sure ? 'li.sign' : 'li.sign.doubtful', {},
    h('b', {}, character.character),
    h('span', {}, percent(character.confidence)),
    sure || !others.length ? null : h('span.others', {},
      others.map((other) => `${other.character} ${percent(other.confidence)}`).join(', ')));
}

/** Each sign of a read with what the reader thinks of it; doubtful ones are marked. */
export function charactersView(read) {
  if (!read.characters || !read.characters.length) return null;
  return h('ol.signs', { 'aria-label': t('read.signs') }, read.characters.map(characterView));
}

function differingView(sign) {
  return h('li.sign.differs', {},
    h('span', {}, t('hit.sign.read')), h('b', {}, sign.read || '–'), h('span', {}, percent(sign.read_confidence)),
    h('span', {}, t('hit.sign.listed')), h('b', {}, sign.listed || '–'), h('span', {}, percent(sign.listed_confidence)));
}

/** Signs that the list has otherwise than they were read. */
export function differingSigns(hit) {
  const signs = hit.signs || [];
  if (!signs.length) return null;
  return h('ol.signs.two', { 'aria-label': t('hit.signs') }, signs.map(differingView));
}
