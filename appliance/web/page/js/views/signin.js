// SPDX-License-Identifier: LGPL-2.1-or-later
// Sign-in, and the first account of a new appliance, made with the token that anprd
// printed on the console.

import { api } from '../api.js';
import { h, icon } from '../dom.js';
import { language, t } from '../language.js';
import { act, field, notice } from '../parts.js';
import { brand, languageSelect, themeButton } from '../shell.js';

const MIN_PASSWORD = 12;

function input(name, autocomplete, attributes = {}) {
  return h('input', { name, autocomplete, required: true, autocapitalize: 'none', spellcheck: 'false', ...attributes });
}

function firstFields() {
  const token = input('token', 'off');
  const user = input('user', 'username', { maxlength: 40, pattern: '[a-z][a-z0-9._\\-]*', title: t('account.user.help') });
  const password = input('password', 'new-password', { type: 'password', minlength: MIN_PASSWORD });
  const again = input('again', 'new-password', { type: 'password' });
  const check = () => again.setCustomValidity(again.value === password.value ? '' : t('signin.differ'));
  password.addEventListener('input', check);
  again.addEventListener('input', check);
  return [
    field(t('signin.token'), token, t('signin.token.help')), field(t('signin.user'), user, t('account.user.help')),
    field(t('signin.password'), password, t('signin.password.help', { n: MIN_PASSWORD })), field(t('signin.again'), again),
  ];
}

function usualFields() {
  return [
    field(t('signin.user'), input('user', 'username', { maxlength: 64 })),
    field(t('signin.password'), input('password', 'current-password', { type: 'password' })),
  ];
}

export function showEntrance(page, { firstRun, told, changeLanguage, entered }) {
  const faults = h('div');
  const button = h('button.button.first', { type: 'submit' }, t(firstRun ? 'signin.make' : 'signin.enter'));
  const form = h('form', { id: 'signin' }, firstRun ? firstFields() : usualFields(), faults, button);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { token, user, password } = Object.fromEntries(new FormData(form));
    act(button, faults, async () => {
      await api.post('/api/session', firstRun ? { token, user, password, language } : { user, password });
      await entered();
    });
  });
  page.replaceChildren(h('main.entrance', {}, h('div.card', {},
    brand(),
    h('div', {}, h('h1', {}, t(firstRun ? 'signin.first' : 'signin.title')),
      firstRun ? h('p.soft', {}, t('signin.first.text')) : null),
    told ? notice('warn', h('p', {}, told)) : null,
    form,
    h('div.foot', {}, languageSelect(changeLanguage), themeButton(), h('span.soft.small', {}, icon('info'), ' ', t('signin.logged'))))));
  form.querySelector('input').focus();
}
