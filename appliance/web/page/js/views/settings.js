// SPDX-License-Identifier: LGPL-2.1-or-later
// The settings of a position: regions drawn on its still, and a form of everything its
// file may hold. Each change is checked by the appliance; only what is right can be
// applied, and only on top of the version that was read, so that two people do not
// overwrite each other.

import { debounce, h, icon, setText, tell } from '../dom.js';
import { SettingsForm, differences, settingName } from '../form.js';
import { t } from '../language.js';
import { Picture, api, approvalFields, confirm, errorNotice, faultText, field, listen, notice, path, stateView, stillAddress } from '../parts.js';
import { RegionEditor } from '../polygon.js';
import { store } from '../store.js';

const CHECK_MS = 500;
// So long anprd may take to see a new file
const APPEARS_MS = 5000;
const REGIONS = ['include', 'exclude', 'direction-line'];

class Settings {
  #checks = 0;

  constructor(place, name, session) {
    this.name = name;
    this.place = place;
    this.mayChange = session.role === 'technician';
    this.before = {};
    this.outcome = h('div', { 'aria-live': 'polite' });
    this.content = h('div');
    this.check = debounce(() => this.#check(), CHECK_MS);
  }

  get changes() {
    return this.form ? differences(this.before, this.form.settings) : [];
  }

  /** What is to be other, as the server takes it: "" takes a setting out. */
  get wanted() {
    const settings = {};
    for (const [section, key, , now] of this.changes) (settings[section] ||= {})[key] = now;
    return settings;
  }

  async read() {
    try {
      const position = await api.get(this.name ? path`/api/positions/${this.name}` : '/api/positions/schema');
      this.version = position.version;
      this.before = position.settings || {};
      this.#build(position);
    } catch (error) {
      this.content.replaceChildren(errorNotice(error));
    }
  }

  #build(position) {
    this.form = new SettingsForm(position.schema, this.before, (item) => this.#changed(item));
    this.before = this.form.settings;
    if (!this.mayChange) for (const input of this.form.element.querySelectorAll('input, select, button')) input.disabled = true;
    this.bar = this.#makeBar();
    this.content.replaceChildren(h('div.stack', {}, this.#head(position), this.form.element, this.mayChange ? this.bar.element : null));
    if (position.faults && position.faults.length) this.form.showFaults(position.faults);
    this.#drawBar();
  }

  #head(position) {
    if (!this.name) {
      this.nameInput = h('input', { required: true, maxlength: 64, spellcheck: 'false', autocapitalize: 'none', autocomplete: 'off', on: { input: () => this.#changed() } });
      return h('div.card.padded', {}, h('div.fields', {}, field(t('settings.name'), this.nameInput, t('settings.name.help'))));
    }
    const picture = new Picture(t('camera.still', { name: store.title(this.name) }), '.large');
    const known = store.find(this.name) || position;
    picture.update(known.still ? stillAddress({ ...known, name: this.name }) : null);
    this.picture = picture;
    if (!this.mayChange) return notice('info', h('p', {}, t('role.reads')));
    this.editor = new RegionEditor(picture, this.before.detection || {}, (key, text) => {
      const one = this.form.find('detection', key);
      if (!one) return;
      one.value = text;
      this.#changed();
    });
    return h('section.card.padded.stack', { 'aria-label': t('settings.regions') }, h('h2', {}, t('settings.regions')), this.editor.element);
  }

  #changed(item) {
    if (item && item.section === 'detection' && REGIONS.includes(item.key) && this.editor) this.editor.set(this.form.settings.detection || {});
    this.outcome.replaceChildren();
    this.applied = false;
    this.faults = null;
    this.#drawBar();
    this.check();
  }

  async #check() {
    const mine = ++this.#checks;
    try {
      const name = this.name || this.nameInput.value.trim() || 'new';
      const { faults, approval } = await api.post(path`/api/positions/${name}/check`, { settings: this.wanted });
      if (mine !== this.#checks) return;
      this.faults = faults;
      this.bar.approval.element.hidden = !approval;
      this.form.showFaults(faults);
      this.#drawBar();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error) {
    if (error.status === undefined) throw error;
    if (error.faults.length) {
      this.faults = error.faults;
      this.form.showFaults(error.faults);
      this.form.faults.focus();
    } else if (error.status === 412) {
      this.outcome.replaceChildren(notice('warn', h('p.strong', {}, t('settings.conflict')), h('p', {}, t('settings.conflict.text'))),
        h('button.button', { type: 'button', on: { click: () => this.read() } }, icon('undo'), t('settings.reload')));
    } else {
      this.outcome.replaceChildren(errorNotice(error));
    }
    this.#drawBar();
  }

  #makeBar() {
    const approval = approvalFields(t('settings.approval.text'));
    const text = h('span.strong');
    const list = h('ul.changes');
    const details = h('details', { hidden: true }, h('summary', {}, t('settings.show')), list);
    const apply = h('button.button.first', { type: 'button', on: { click: () => this.#apply() } }, icon('check'), t(this.name ? 'settings.apply' : 'settings.make'));
    const drop = h('button.button', { type: 'button', on: { click: () => this.#drop() } }, icon('undo'), t('settings.drop'));
    return { text, list, details, apply, drop, approval, element: h('div.applybar.card', {}, h('div.grow', {}, text, details, approval.element, this.outcome), h('div.actions', {}, drop, apply)) };
  }

  #drawBar() {
    const { changes } = this;
    const wrong = this.faults ? this.faults.length : 0;
    setText(this.bar.text, wrong ? t('form.faults', { n: wrong }) : changes.length ? t('settings.changes', { n: changes.length }) : t('settings.same'));
    this.bar.element.classList.toggle('wrong', wrong > 0);
    this.bar.element.classList.toggle('still', !changes.length && !wrong && !this.outcome.firstChild && Boolean(this.name));
    this.bar.details.hidden = !changes.length || !this.name;
    this.bar.list.replaceChildren(...changes.map(([section, key, old, now]) => h('li', {},
      h('span.strong', {}, this.#title(section, key)), ' ', h('code', {}, old || t('form.unset')), ' → ', h('code', {}, now || t('form.unset')))));
    this.bar.drop.disabled = !changes.length;
    this.bar.apply.disabled = !changes.length || wrong > 0 || (!this.name && !this.nameInput.value.trim());
  }

  #title(section, key) {
    const one = this.form.find(section, key);
    return one ? settingName(one.item) : `${section}.${key}`;
  }

  #drop() {
    this.form.settings = this.before;
    if (this.editor) this.editor.set(this.before.detection || {});
    this.form.showFaults([]);
    this.bar.approval.clear();
    this.#changed();
  }

  async #apply() {
    this.check.cancel();
    this.#checks += 1;
    this.bar.apply.disabled = true;
    try {
      if (this.name) await this.#change();
      else await this.#make();
    } catch (error) {
      this.#failed(error);
    }
  }

  async #change() {
    const { settings } = this.form;
    const answer = await api.put(path`/api/positions/${this.name}`, { settings: this.wanted, ...this.bar.approval.take() }, this.version);
    this.bar.approval.clear();
    this.before = settings;
    this.version = answer.version;
    this.faults = null;
    this.form.showFaults([]);
    this.#drawBar();
    this.applied = true;
    tell(t('settings.applied'));
    this.drawState();
  }

  async #make() {
    const name = this.nameInput.value.trim();
    await api.post('/api/positions', { name, settings: this.wanted, ...this.bar.approval.take() });
    this.before = this.form.settings;
    await store.appears(name, APPEARS_MS);
    location.hash = `#/cameras/${encodeURIComponent(name)}/settings`;
  }

  /** After something was applied: what the camera makes of it. */
  drawState() {
    const position = store.find(this.name);
    if (!this.applied || !position) return;
    this.bar.element.classList.remove('still');
    this.outcome.replaceChildren(notice('good', h('p', {}, t('settings.applied'), ' ', stateView(position.state), position.reason ? ` ${faultText({ code: position.code, message: position.reason })}` : '')));
  }

  still(position) {
    if (this.picture && position.still) this.picture.update(stillAddress(position));
  }
}

export function show(place, { name }, { session }) {
  if (!name && session.role !== 'technician') {
    place.append(h('h1', {}, t('view.settings')), notice('info', h('p', {}, t('role.reads'))));
    return { stop() {} };
  }
  const settings = new Settings(place, name, session);
  const back = name ? `#/cameras/${encodeURIComponent(name)}` : '#/cameras';
  place.append(h('div.title', {}, h('a.crumb', { href: back }, icon('back'), name ? store.title(name) : t('view.cameras')),
    h('h1', {}, t(name ? 'view.settings' : 'settings.new'))), settings.content);
  settings.read();
  const stop = listen(store, {
    position: ({ detail }) => {
      if (detail.name !== name) return;
      settings.still(detail);
      settings.drawState();
    },
  });
  return {
    stop,
    changed: () => settings.changes.length > 0,
    leave: async () => settings.changes.length === 0 || confirm(t('settings.leave'), t('settings.leave.text'), t('settings.leave.yes'), true),
  };
}

