// SPDX-License-Identifier: LGPL-2.1-or-later
// A form made from the schema of a position (docs/page-api.md): one field a setting,
// in the schema's order. A field that is left empty means the default. What the server
// says is wrong is shown at the field and, with links, above the form. Keys of the
// pipeline's own parameters are of the file's choice: pairs that may be added. A
// decimal comma is taken for a point: some phones' keys have no other.

import { h, icon, newId, setText } from './dom.js';
import { has, language, t } from './language.js';
import { faultLine, faultText, select } from './parts.js';

const OPEN_SECTION = 'parameters';
const DRAWN = new Set(['polygons', 'line']);
const WIDE = new Set(['text', 'uri', 'path', 'redis', 'polygons', 'line', 'choices']);

export const settingName = (item) => (has(`setting.${item.section}.${item.key}`) ? t(`setting.${item.section}.${item.key}`) : item.key);

/** The server's own words, unless the page's language has some. */
function helpText(item) {
  const key = `help.${item.section}.${item.key}`;
  return language !== 'en' && has(key) ? t(key) : item.description || '';
}

function choiceName(item, value) {
  const key = `choice.${item.key}.${value}`;
  if (has(key)) return t(key);
  return item.type === 'boolean' ? t(`choice.boolean.${value}`) : value;
}

function unset(item) {
  if (item.required) return t('form.choose');
  return item.default === '' ? t('form.unset') : t('form.default', { value: choiceName(item, item.default) });
}

function hint(item) {
  if (item.default) return t('form.default', { value: item.default });
  return { moment: '2026-07-01', countries: 'BE,NL' }[item.type] || '';
}

/** One setting: its label, field and fault. `value` is a text, "" when unset. */
class Field {
  constructor(item, value, changed) {
    this.item = item;
    this.id = newId('setting');
    this.fault = h('p.fault', { id: `${this.id}-fault`, hidden: true }, icon('warning'), h('span'));
    this.help = h('p.help', { id: `${this.id}-help` }, helpText(item));
    this.input = this.#make(value, changed);
    this.element = item.type === 'choices' ? this.#group() : this.#single();
    this.element.dataset.setting = `${item.section}.${item.key}`;
  }

  #describedBy() {
    return `${this.id}-help ${this.id}-fault`;
  }

  #make(value, changed) {
    const common = { id: this.id, name: `${this.item.section}.${this.item.key}`, 'aria-describedby': this.#describedBy(), on: { input: changed } };
    const choices = this.item.type === 'boolean' ? ['true', 'false'] : this.item.choices || [];
    if (this.item.type === 'choices') return this.#boxes(choices, value, changed);
    if (choices.length) return select([['', unset(this.item)], ...choices.map((one) => [one, choiceName(this.item, one)])], value, common);
    const number = this.item.type === 'number' || this.item.type === 'real';
    return h('input', {
      ...common, type: 'text', value, placeholder: hint(this.item), spellcheck: 'false', autocomplete: 'off',
      inputmode: number ? (this.item.minimum < 0 ? 'text' : 'decimal') : null,
      'aria-required': this.item.required ? 'true' : null,
    });
  }

  #boxes(choices, value, changed) {
    const chosen = value.split(/[\s,]+/);
    return h('div.choices', {}, choices.map((one) => h('label.choice', {},
      h('input', { type: 'checkbox', value: one, checked: chosen.includes(one), on: { input: changed } }), choiceName(this.item, one))));
  }

  #label() {
    return [settingName(this.item), this.item.required ? h('span.needed', {}, ` (${t('form.needed')})`) : null];
  }

  #single() {
    const drawn = DRAWN.has(this.item.type);
    return h(WIDE.has(this.item.type) ? 'div.field.wide' : 'div.field', {},
      h('label', { for: this.id }, this.#label()), this.input, drawn ? h('p.help', {}, t('form.drawn')) : null, this.help, this.fault);
  }

  #group() {
    return h('fieldset.field.wide', { 'aria-describedby': this.#describedBy() }, h('legend', {}, this.#label()), this.input, this.help, this.fault);
  }

  get value() {
    if (this.item.type === 'real') return this.input.value.trim().replace(/^(-?\d+),(\d+)$/, '$1.$2');
    if (this.item.type !== 'choices') return this.input.value.trim();
    return [...this.input.querySelectorAll('input:checked')].map((box) => box.value).join(' ');
  }

  set value(text) {
    if (this.item.type !== 'choices') {
      this.input.value = text;
    } else {
      const chosen = text.split(/[\s,]+/);
      for (const box of this.input.querySelectorAll('input')) box.checked = chosen.includes(box.value);
    }
  }

  focus() {
    (this.item.type === 'choices' ? this.input.querySelector('input') : this.input).focus();
  }

  setFault(text) {
    this.fault.hidden = !text;
    setText(this.fault.lastChild, text);
    if (this.item.type === 'choices') return;
    if (text) this.input.setAttribute('aria-invalid', 'true');
    else this.input.removeAttribute('aria-invalid');
  }
}

/** Keys and values of a section whose keys are the file's own. */
class Pairs {
  constructor(values, changed) {
    this.changed = changed;
    this.list = h('div.pairs');
    this.element = h('fieldset.section', {}, h('legend', {}, t('section.parameters')), h('p.help.soft.small', {}, t('form.parameters')),
      this.list, h('button.button', { type: 'button', on: { click: () => this.#add('', '').querySelector('input').focus() } }, icon('plus'), t('form.add')));
    this.values = values;
  }

  #add(key, value) {
    const remove = h('button.button.plain.only', { type: 'button', 'aria-label': t('form.remove'), title: t('form.remove') }, icon('trash'));
    const row = h('div.pair', {},
      h('input', { value: key, 'aria-label': t('form.key'), spellcheck: 'false', on: { input: this.changed } }),
      h('input', { value, 'aria-label': t('form.value'), spellcheck: 'false', on: { input: this.changed } }), remove);
    remove.addEventListener('click', () => {
      row.remove();
      this.changed();
    });
    this.list.append(row);
    return row;
  }

  set values(values) {
    this.list.replaceChildren();
    for (const [key, value] of Object.entries(values)) this.#add(key, value);
  }

  get values() {
    const pairs = [...this.list.children].map((row) => [...row.querySelectorAll('input')].map((input) => input.value.trim()));
    return Object.fromEntries(pairs.filter(([key]) => key));
  }
}

export class SettingsForm {
  constructor(schema, settings, changed) {
    this.schema = schema;
    this.fields = new Map();
    this.faults = h('div', { tabindex: -1 });
    const sections = [...new Set(schema.map((item) => item.section))].filter((section) => section !== OPEN_SECTION);
    this.pairs = new Pairs({}, changed);
    this.sections = new Map(sections.map((section) => [section, this.#section(section, changed)]));
    this.element = h('div.stack', {}, this.faults, [...this.sections.values()], this.pairs.element);
    this.settings = settings;
  }

  #section(section, changed) {
    const fields = this.schema.filter((item) => item.section === section).map((item) => {
      const one = new Field(item, '', () => changed(item));
      this.fields.set(`${section}.${item.key}`, one);
      return one.element;
    });
    const name = has(`section.${section}`) ? t(`section.${section}`) : section;
    return h('fieldset.section.card.padded', { id: `section-${section}` }, h('legend', {}, name), h('div.fields', {}, fields));
  }

  set settings(settings) {
    for (const [name, one] of this.fields) {
      const [section, key] = name.split('.', 2);
      one.value = String((settings[section] || {})[key] ?? '');
    }
    this.pairs.values = settings[OPEN_SECTION] || {};
  }

  /** {section: {key: value}} of what is filled in. */
  get settings() {
    const settings = {};
    for (const [name, one] of this.fields) {
      const [section, key] = name.split('.', 2);
      if (one.value !== '') (settings[section] ||= {})[key] = one.value;
    }
    if (Object.keys(this.pairs.values).length) settings[OPEN_SECTION] = this.pairs.values;
    return settings;
  }

  find(section, key) {
    return this.fields.get(`${section}.${key}`);
  }

  /** Shows faults at their fields, and all of them above. */
  showFaults(faults) {
    for (const one of this.fields.values()) one.setFault('');
    for (const fault of faults) {
      const one = this.find(fault.section, fault.key);
      if (one) one.setFault(faultText(fault));
    }
    this.faults.replaceChildren(...(faults.length ? [this.#summary(faults)] : []));
  }

  #summary(faults) {
    return h('div.notice.bad', { role: 'alert' }, icon('warning'), h('div', {},
      h('p.strong', {}, t('form.faults', { n: faults.length })),
      h('ul.faultlist', {}, faults.map((fault) => {
        const one = this.find(fault.section, fault.key);
        const text = one ? `${settingName(one.item)}: ${faultText(fault)}` : [fault.section, fault.key, faultLine(fault)].filter(Boolean).join(' · ');
        return h('li', {}, one ? h('button.linklike', { type: 'button', on: { click: () => one.focus() } }, text) : text);
      }))));
  }
}

/** What differs between two sets of settings, as [section, key, before, after]. */
export function differences(before, after) {
  const found = [];
  for (const section of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[section] || {};
    const now = after[section] || {};
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (String(old[key] ?? '') !== String(now[key] ?? '')) found.push([section, key, String(old[key] ?? ''), String(now[key] ?? '')]);
    }
  }
  return found;
}
