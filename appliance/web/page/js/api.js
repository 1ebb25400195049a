// SPDX-License-Identifier: LGPL-2.1-or-later
// Requests to the appliance (docs/page-api.md). Every fault becomes one ApiError,
// whose message a person can act on; a session that is over becomes the event
// "signed-out" of `api`.

import { t } from './language.js';

const TIMEOUT_MS = 15000;

export class ApiError extends Error {
  constructor(status, body) {
    super(body.message || t('error.answer', { status }));
    this.status = status;
    this.code = body.code || '';
    this.advice = body.advice || '';
    this.faults = Array.isArray(body.faults) ? body.faults : [];
  }
}

/** On top of which version of a thing a request is made, if that matters. */
const ifMatch = (version) => (version ? { 'If-Match': `"${version}"` } : {});

class Api extends EventTarget {
  csrf = '';

  async #send(method, path, body, headers) {
    const options = {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { Accept: 'application/json', ...headers },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    if (method !== 'GET') options.headers['X-CSRF-Token'] = this.csrf;
    if (body !== undefined) {
      options.headers['Content-Type'] = 'application/json';
      options.body = JSON.stringify(body);
    }
    try {
      return await fetch(path, options);
    } catch {
      throw new ApiError(0, { message: t('error.line'), advice: t('error.line.advice') });
    }
  }

  async #call(method, path, body, headers = {}) {
    const response = await this.#send(method, path, body, headers);
    const text = await response.text();
    let answer = {};
    try {
      answer = text ? JSON.parse(text) : {};
    } catch { /* not ours: told by its status below */ }
    if (response.ok) return answer;
    if (response.status === 401 && path !== '/api/session') this.dispatchEvent(new Event('signed-out'));
    const error = new ApiError(response.status, answer);
    error.answer = answer;
    throw error;
  }

  get(path) { return this.#call('GET', path); }

  post(path, body, version) { return this.#call('POST', path, body, ifMatch(version)); }

  put(path, body, version) { return this.#call('PUT', path, body, ifMatch(version)); }

  remove(path, body) { return this.#call('DELETE', path, body); }
}

export const api = new Api();

/** A path with its parts made safe: path`/api/positions/${name}/still`. */
export function path(parts, ...values) {
  return parts.reduce((whole, part, i) => whole + part + (i < values.length ? encodeURIComponent(values[i]) : ''), '');
}
