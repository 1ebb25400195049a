// SPDX-License-Identifier: LGPL-2.1-or-later
// Elements made from code. Text of any origin (plates, names of cameras, lists)
// reaches the document as text nodes and attribute values only, never as markup.

import { DRAWINGS } from './icons.js';

const SVG = 'http://www.w3.org/2000/svg';

/** Sets attributes; `on` holds listeners, `data` data attributes, true is "". */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === 'data') {
      Object.assign(element.dataset, value);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

function make(element, classes, attributes, children) {
  if (classes.length) element.setAttribute('class', classes.join(' '));
  setAttributes(element, attributes);
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** h('p.note', {id: 'x'}, 'text', child): an element of HTML. */
export function h(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  return make(document.createElement(tag), classes, attributes, children);
}

/** The same of SVG. */
export function s(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  return make(document.createElementNS(SVG, tag), classes, attributes, children);
}

const STROKE = { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };

/** One of the DRAWINGS; hidden from readers, a text stands beside it. */
export function icon(name) {
  return s('svg.icon', { viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false', ...STROKE },
    DRAWINGS[name].map((shape) => (typeof shape === 'string' ? s('path', { d: shape }) : s(...shape))));
}

/** Replaces the text only if it is another, so that nothing is drawn for nothing. */
export function setText(element, text) {
  const value = text === null || text === undefined ? '' : String(text);
  if (element.textContent !== value) element.textContent = value;
}

let numbers = 0;

/** An id for a label and its field. */
export function newId(what) {
  numbers += 1;
  return `${what}-${numbers}`;
}

/** Says something to readers of the screen. */
export function tell(text) {
  setText(document.getElementById('told'), text);
}

/** Calls `action` once things have been quiet for so many milliseconds. */
export function debounce(action, milliseconds) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
