// SPDX-License-Identifier: LGPL-2.1-or-later
// What the page says, in English or Dutch, and how it writes numbers and times.
// All texts are in language/*.json; a text that is missing is told on the console
// and its key is shown, so that a test finds it.

export const LANGUAGES = { en: 'English', nl: 'Nederlands' };
const LOCALES = { en: 'en-GB', nl: 'nl-BE' };

let texts = {};
let plural = new Intl.PluralRules('en');
let formats = {};
export let language = 'en';

/** The language that was chosen on this browser, or null. */
export function choseLanguage() {
  try {
    const kept = localStorage.getItem('language');
    if (LANGUAGES[kept]) return kept;
  } catch { /* no storage */ }
  return null;
}

function makeFormats(locale) {
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' };
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' };
  return {
    clock: new Intl.DateTimeFormat(locale, clock),
    moment: new Intl.DateTimeFormat(locale, { ...day, ...clock }),
    whole: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
    tenth: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0, roundingMode: 'floor' }),
  };
}

/** Loads the texts of a language: the given, the kept, or the browser's. */
export async function loadLanguage(wanted = choseLanguage() || navigator.language.slice(0, 2)) {
  const next = LANGUAGES[wanted] ? wanted : 'en';
  const response = await fetch(`/language/${next}.json`);
  texts = await response.json();
  language = next;
  plural = new Intl.PluralRules(next);
  formats = makeFormats(LOCALES[next]);
  document.documentElement.lang = next;
}

export async function chooseLanguage(next) {
  await loadLanguage(next);
  try {
    localStorage.setItem('language', next);
  } catch { /* for this page only, then */ }
}

export function has(key) {
  return Object.hasOwn(texts, key);
}

/** The text of `key`, with {names} filled in; with `n`, the form for that number. */
export function t(key, values = {}) {
  let name = key;
  if (values.n !== undefined && !has(key)) name = `${key}.${plural.select(values.n)}`;
  if (!has(name)) {
    console.error('no text for', name);
    return name;
  }
  return texts[name].replace(/\{(\w+)\}/g, (whole, value) => {
    if (values[value] === undefined) return whole;
    return typeof values[value] === 'number' ? formats.whole.format(values[value]) : String(values[value]);
  });
}

/** The text of a value the server gives, or the value itself if it is a new one. */
export function word(group, value) {
  if (value === null || value === undefined || value === '') return '';
  const key = `${group}.${value}`;
  return has(key) ? texts[key] : String(value);
}

/** The order of two names: "lane 2" before "lane 10". */
export const compare = (a, b) => a.localeCompare(b, language, { numeric: true });

const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);

export const whole = (value) => (isNumber(value) ? formats.whole.format(value) : '–');
export const tenth = (value) => (isNumber(value) ? formats.tenth.format(value) : '–');
/** A share of 0 to 1, rounded down: what is not certain never reads as 100 %. */
export function percent(value) {
  if (!isNumber(value)) return '–';
  return value > 0 && value < 0.01 ? `< ${formats.percent.format(0.01)}` : formats.percent.format(value);
}

function date(value) {
  const moment = isNumber(value) ? new Date(value / 1000) : new Date(value);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** Milliseconds since 1970 of an ISO text or of microseconds, or NaN. */
export const milliseconds = (value) => date(value)?.getTime() ?? Number.NaN;

/** A time of day of an ISO text or of microseconds since 1970. */
export const clock = (value) => (date(value) ? formats.clock.format(date(value)) : '–');

export const moment = (value) => (date(value) ? formats.moment.format(date(value)) : '–');

const UNITS = [[86400, 'day'], [3600, 'hour'], [60, 'minute']];

/** "12 s", "3 min", "5 h", "2 d" of seconds. */
export function span(seconds) {
  if (!isNumber(seconds) || seconds < 0) return '–';
  if (seconds < 1) return t('span.now');
  const unit = UNITS.find(([size]) => seconds >= 2 * size);
  if (unit) return t(`span.${unit[1]}`, { value: whole(seconds / unit[0]) });
  return t('span.second', { value: seconds < 10 ? tenth(seconds) : whole(seconds) });
}
