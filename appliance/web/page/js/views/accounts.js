// SPDX-License-Identifier: LGPL-2.1-or-later
// Who may sign in, and as what. A technician changes it, a supervisor reads it.

import { h, icon, newId } from '../dom.js';
import { LANGUAGES, language, moment, t } from '../language.js';
import { act, api, approvalFields, dataTable, field, load, notice, path, select, tell } from '../parts.js';

const COLUMNS = ['user', 'role', 'clearance', 'created'];
const ROLES = ['technician', 'dispatcher', 'supervisor'];
const MIN_PASSWORD = 12;

const rolePairs = () => ROLES.map((role) => [role, t(`role.${role}`)]);

function covertBox(checked) {
  const box = h('input', { type: 'checkbox', name: 'cleared', checked });
  return { box, element: h('label.choice', {}, box, t('account.covert')) };
}

function passwordField(required) {
  return field(t('signin.password'), h('input', {
    name: 'password', type: 'password', autocomplete: 'new-password', minlength: MIN_PASSWORD, required,
  }), required ? t('signin.password.help', { n: MIN_PASSWORD }) : t('account.password.keep'));
}

/** Does what may take a second person, who is asked for if it does. */
async function withSecond(approval, work) {
  try {
    return await work(approval.take());
  } catch (error) {
    if (error.code === 'ANPR-WEB-APPROVAL') approval.element.hidden = false;
    throw error;
  }
}

/** Fields of an account; `account` is null for a new one. */
function accountForm(account, done) {
  const role = select(rolePairs(), account ? account.role : 'dispatcher', { name: 'role' });
  const tongue = select(Object.entries(LANGUAGES), account ? account.language : language);
  const covert = covertBox(Boolean(account && account.cleared));
  const faults = h('div');
  const approval = approvalFields(t('account.approval'));
  const button = h('button.button.first', { type: 'submit' }, t(account ? 'account.change' : 'account.add'));
  const form = h('form.accountform', {},
    account ? null : field(t('signin.user'), h('input', { name: 'user', required: true, maxlength: 40, pattern: '[a-z][a-z0-9._\\-]*', title: t('account.user.help'), autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' })),
    passwordField(!account), field(t('account.role'), role), field(t('language'), tongue), covert.element, approval.element, faults, h('div.actions', {}, button));
  const show = () => { covert.element.hidden = role.value === 'technician'; };
  role.addEventListener('change', show);
  show();
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { user, password } = Object.fromEntries(new FormData(form));
    const body = { role: role.value, language: tongue.value, cleared: role.value !== 'technician' && covert.box.checked };
    if (password) body.password = password;
    act(button, faults, async () => {
      await withSecond(approval, (second) => (account
        ? api.put(path`/api/accounts/${account.user}`, { ...body, ...second })
        : api.post('/api/accounts', { user, ...body, ...second })));
      approval.clear();
      tell(t('account.done'));
      done();
    });
  });
  return form;
}

function openDialog(title, content, button) {
  const heading = h('h2', { id: newId('dialog') }, title);
  const box = h('dialog', { 'aria-labelledby': heading.id }, heading, content,
    h('div.actions', {}, h('button.button', { type: 'button', on: { click: () => box.close() } }, t('action.cancel')), button));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

function changeDialog(account, done) {
  const box = openDialog(t('account.of', { user: account.user }), [accountForm(account, () => {
    box.close();
    done();
  })]);
}

function removeDialog(account, done) {
  const faults = h('div');
  const approval = approvalFields(t('account.approval'));
  const button = h('button.button.danger', { type: 'button' }, t('account.remove'));
  const box = openDialog(t('account.remove.of', { user: account.user }), [h('p', {}, t('account.remove.text')), approval.element, faults], button);
  button.addEventListener('click', () => act(button, faults, async () => {
    await withSecond(approval, (second) => api.remove(path`/api/accounts/${account.user}`, second));
    box.close();
    done();
  }));
}

function row(account, session, done) {
  const mine = account.user === session.user;
  const change = h('button.button.plain.only', { type: 'button', 'aria-label': t('account.of', { user: account.user }), title: t('account.change') }, icon('pencil'));
  const remove = h('button.button.plain.only', { type: 'button', 'aria-label': t('account.remove.of', { user: account.user }), title: t('account.remove'), disabled: mine }, icon('trash'));
  change.addEventListener('click', () => changeDialog(account, done));
  remove.addEventListener('click', () => removeDialog(account, done));
  return h('tr', {},
    h('td.strong', {}, account.user, mine ? h('span.soft', {}, ` (${t('account.you')})`) : null),
    h('td', {}, t(`role.${account.role}`)),
    h('td', {}, account.cleared ? h('span.badge.warn', {}, icon('covert'), t('account.cleared')) : ''),
    h('td', {}, account.created ? moment(account.created) : '–'),
    h('td.number', {}, session.role === 'technician' ? [change, remove] : null));
}

export function show(place, parameters, { session }) {
  const content = h('div');
  const headings = () => [...COLUMNS.map((name) => h('th', { scope: 'col' }, t(`accounts.${name}`))),
    h('th', { scope: 'col' }, h('span.unseen', {}, t('accounts.actions')))];
  const read = () => load(content, api.get('/api/accounts'),
    (accounts) => dataTable(t('view.accounts'), headings(), accounts.map((account) => row(account, session, read))));
  const form = () => (session.role === 'technician'
    ? h('section.card.padded.stack.narrow', {}, h('h2', {}, t('account.new')), accountForm(null, () => { read(); place.lastElementChild.lastElementChild.replaceWith(form()); }))
    : notice('info', h('p', {}, t('role.reads'))));
  place.append(h('div.title', {}, h('h1', {}, t('view.accounts'))), h('div.stack', {}, content, form()));
  read();
  return { stop() {} };
}

/** Asks for the old password and a new one. */
export function passwordDialog() {
  const faults = h('div');
  const button = h('button.button.first', { type: 'submit' }, t('password.change'));
  const secret = (name, autocomplete) => h('input', { name, type: 'password', autocomplete, required: true });
  const form = h('form.accountform', {},
    field(t('password.old'), secret('password', 'current-password')),
    field(t('password.new'), secret('new_password', 'new-password'), t('signin.password.help', { n: MIN_PASSWORD })), faults);
  const box = openDialog(t('password.change'), [form], button);
  form.append(box.querySelector('.actions'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    act(button, faults, async () => {
      const session = await api.put('/api/session', Object.fromEntries(new FormData(form)));
      api.csrf = session.csrf;
      box.close();
      tell(t('password.done'));
    });
  });
}
