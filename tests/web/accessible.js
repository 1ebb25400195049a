// SPDX-License-Identifier: LGPL-2.1-or-later
// Run inside the page: what is wrong for people who do not see it, or see it badly.
// Gives an array of texts, empty if nothing is. Names, labels, ids, headings, and the
// contrast of every text with the colour it stands on (WCAG 2.1: 4.5 to 1, large 3 to 1).
(() => {
  const wrong = [];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const path = (element) => {
    const parts = [];
    for (let one = element; one && one.id !== 'page' && parts.length < 4; one = one.parentElement) {
      parts.unshift(one.tagName.toLowerCase() + (one.getAttribute('class') ? `.${one.getAttribute('class').trim().replace(/\s+/g, '.')}` : ''));
    }
    return parts.join(' > ');
  };
  const say = (what, element) => wrong.push(`${what}: ${path(element)} "${(element.textContent || '').trim().slice(0, 40)}"`);

  const labelled = (element) => (element.getAttribute('aria-labelledby') || '').split(/\s+/)
    .map((id) => document.getElementById(id)?.textContent || '').join('').trim();
  const name = (element) => element.getAttribute('aria-label')?.trim() || labelled(element)
    || [...(element.labels || [])].map((label) => label.textContent).join('').trim() || element.innerText?.trim()
    || [...element.querySelectorAll('img')].map((image) => image.alt).join('').trim();

  for (const element of document.querySelectorAll('input, select, textarea')) {
    const own = element.getAttribute('aria-label')?.trim() || labelled(element) || [...(element.labels || [])].map((label) => label.textContent).join('').trim();
    if (shown(element) && !own) say('no label', element);
  }
  for (const element of document.querySelectorAll('a[href], button, summary, dialog[open], [role=region], nav')) if (shown(element) && !name(element)) say('no name', element);
  for (const element of document.querySelectorAll('img')) if (!element.hasAttribute('alt')) say('no alternative', element);
  for (const element of document.querySelectorAll('svg')) if (!element.closest('[aria-hidden=true]') && !element.getAttribute('aria-label')) say('drawing without a name', element);
  for (const element of document.querySelectorAll('table')) if (!element.querySelector('th[scope]')) say('table without headings', element);
  for (const element of document.querySelectorAll('fieldset')) if (shown(element) && !element.querySelector(':scope > legend')) say('group without a legend', element);
  for (const element of document.querySelectorAll('[aria-describedby]')) {
    for (const id of element.getAttribute('aria-describedby').split(/\s+/)) if (!document.getElementById(id)) say(`described by a missing ${id}`, element);
  }
  for (const element of document.querySelectorAll('[tabindex]')) if (element.tabIndex > 0) say('order of tabs forced', element);
  for (const element of document.querySelectorAll('ul, ol')) {
    for (const child of element.children) if (child.tagName !== 'LI') say('list with something else in it', child);
  }
  const ids = new Set();
  for (const element of document.querySelectorAll('[id]')) {
    if (ids.has(element.id)) say(`id ${element.id} twice`, element);
    ids.add(element.id);
  }
  const headings = [...document.querySelectorAll('h1, h2, h3')].filter(shown);
  if (headings.filter((heading) => heading.tagName === 'H1').length !== 1) wrong.push('not one h1');
  headings.reduce((before, heading) => {
    const level = Number(heading.tagName[1]);
    if (level > before + 1) say(`heading ${level} after ${before}`, heading);
    return level;
  }, 0);
  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.querySelector('main')) wrong.push('no main');
  if (!document.title) wrong.push('no title');

  const numbers = (colour) => {
    const found = colour.match(/[\d.]+/g).map(Number);
    return { rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1 };
  };
  const over = (top, below) => top.rgb.map((value, i) => value * top.alpha + below[i] * (1 - top.alpha));
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const layer = numbers(getComputedStyle(one).backgroundColor);
      if (layer.alpha > 0) layers.push(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const check = (element, colour) => {
    const style = getComputedStyle(element);
    const below = ground(element);
    const size = parseFloat(style.fontSize);
    if (size === 0) return;
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = contrast(over(numbers(colour), below), below);
    if (found < (large ? 3 : 4.5)) say(`contrast ${found.toFixed(2)}`, element);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && shown(element) && !element.closest('option, noscript')) check(element, getComputedStyle(element).color);
  }
  for (const element of document.querySelectorAll('input[placeholder]')) if (shown(element)) check(element, getComputedStyle(element, '::placeholder').color);
  return wrong;
})()
