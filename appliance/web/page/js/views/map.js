// SPDX-License-Identifier: LGPL-2.1-or-later
// Positions on a map. There are no tiles: the map works without any network, on a
// ground of its own with a grid of degrees. Leaflet comes from the appliance's own
// disk (libjs-leaflet); without it the table beside it says the same.

import { h, icon } from '../dom.js';
import { compare, t } from '../language.js';
import { empty, listen, notice, stateView } from '../parts.js';
import { store } from '../store.js';

const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002];
const LEAST_GAP = 80;
// Cameras at one place, such as those of the lanes of a gantry, stand in a column
const PLACE_DIGITS = 4;
const PIN_HEIGHT = 28;
// More pins than that show their names only from near, or pointed at
const NAMED_PINS = 12;
const NEAR = 13;

function loadStyle() {
  if (document.getElementById('leaflet-style')) return;
  document.head.prepend(h('link', {
    id: 'leaflet-style', rel: 'stylesheet', href: '/leaflet/leaflet.css', on: { error: (event) => event.target.remove() },
  }));
}

const placed = () => [...store.positions.values()]
  .filter((position) => Number.isFinite(position.latitude) && Number.isFinite(position.longitude));

const placeOf = (position) => `${position.latitude.toFixed(PLACE_DIGITS)} ${position.longitude.toFixed(PLACE_DIGITS)}`;

/** How many pins stand above that of a position. */
const rank = (position) => placed()
  .filter((other) => placeOf(other) === placeOf(position) && other.name < position.name).length;

function marker(position) {
  return h(`div.pin.${position.state}`, {}, stateView(position.state), h('span.pinname', {}, position.title || position.name));
}

class Grid {
  constructor(leaflet, map) {
    this.leaflet = leaflet;
    this.map = map;
    this.layer = leaflet.layerGroup().addTo(map);
    map.on('moveend', () => this.draw());
    this.draw();
  }

  #label(place, text, side) {
    const element = h(`span.degree.${side}`, {}, text);
    this.leaflet.marker(place, { icon: this.leaflet.divIcon({ html: element, className: 'degrees', iconSize: [0, 0] }), interactive: false, keyboard: false }).addTo(this.layer);
  }

  draw() {
    const bounds = this.map.getBounds();
    const wide = bounds.getEast() - bounds.getWest();
    const step = STEPS.findLast((one) => (one / wide) * this.map.getSize().x >= LEAST_GAP) || STEPS[0];
    const digits = Math.max(0, Math.ceil(-Math.log10(step)));
    const style = { className: 'graticule', weight: 1, interactive: false };
    this.layer.clearLayers();
    for (let x = Math.ceil(bounds.getWest() / step); x * step < bounds.getEast(); x++) {
      this.leaflet.polyline([[bounds.getSouth(), x * step], [bounds.getNorth(), x * step]], style).addTo(this.layer);
      this.#label([bounds.getSouth(), x * step], `${(x * step).toFixed(digits)}°`, 'foot');
    }
    for (let y = Math.ceil(bounds.getSouth() / step); y * step < bounds.getNorth(); y++) {
      this.leaflet.polyline([[y * step, bounds.getWest()], [y * step, bounds.getEast()]], style).addTo(this.layer);
      this.#label([y * step, bounds.getWest()], `${(y * step).toFixed(digits)}°`, 'edge');
    }
  }
}

class Pins {
  constructor(leaflet, map) {
    this.leaflet = leaflet;
    this.map = map;
    this.pins = new Map();
  }

  draw(position) {
    const known = this.pins.get(position.name);
    if (known && known.state === position.state) return;
    if (known) known.marker.remove();
    const made = this.leaflet.marker([position.latitude, position.longitude], {
      icon: this.leaflet.divIcon({ html: marker(position), className: 'pinbox', iconSize: [0, 0], iconAnchor: [0, -PIN_HEIGHT * rank(position)] }),
      riseOnHover: true, alt: position.title || position.name, title: position.title || position.name,
    }).addTo(this.map);
    made.on('click keypress', () => { location.hash = `#/cameras/${encodeURIComponent(position.name)}`; });
    this.pins.set(position.name, { marker: made, state: position.state });
  }

  drawAll() {
    for (const { marker: pin } of this.pins.values()) pin.remove();
    this.pins.clear();
    for (const position of placed()) this.draw(position);
  }
}

function makeMap(leaflet, place) {
  const map = leaflet.map(place, { attributionControl: false, zoomControl: false, minZoom: 3, maxZoom: 18, zoomSnap: 0.25, worldCopyJump: true });
  leaflet.control.zoom({ position: 'topright', zoomInTitle: t('map.in'), zoomOutTitle: t('map.out') }).addTo(map);
  leaflet.control.scale({ imperial: false, position: 'topleft' }).addTo(map);
  map.getPane('overlayPane').setAttribute('aria-hidden', 'true');
  const points = placed().map((position) => [position.latitude, position.longitude]);
  if (points.length) map.fitBounds(leaflet.latLngBounds(points).pad(0.3), { maxZoom: 15, animate: false });
  else map.setView([51.05, 3.72], 11);
  const crowd = () => place.classList.toggle('crowded', placed().length > NAMED_PINS && map.getZoom() < NEAR);
  map.on('zoomend', crowd);
  crowd();
  new Grid(leaflet, map);
  const pins = new Pins(leaflet, map);
  pins.drawAll();
  return { map, pins };
}

function row(position) {
  return h('li', {}, h('a.maprow', { href: `#/cameras/${encodeURIComponent(position.name)}` },
    h('span.strong', {}, position.title || position.name), stateView(position.state),
    h('span.soft.small', {}, Number.isFinite(position.latitude)
      ? `${position.latitude.toFixed(5)}, ${position.longitude.toFixed(5)}` : t('map.nowhere'))));
}

export function show(place) {
  const box = h('div.map', { role: 'region', 'aria-label': t('view.map') });
  const list = h('ul.maplist.card');
  const told = h('div');
  let made = null;
  let stopped = false;
  let drawn = '';
  // Not for every picture: who goes through the list by keyboard would lose their place
  const drawList = () => {
    const positions = [...store.positions.values()].sort((a, b) => compare(store.title(a.name), store.title(b.name)));
    const next = JSON.stringify(positions.map((one) => [one.name, one.title, one.state, one.latitude, one.longitude]));
    if (next === drawn) return;
    drawn = next;
    list.replaceChildren(...positions.map(row));
    if (!positions.length) list.append(h('li', {}, empty('map', t('cameras.none'))));
  };
  place.append(h('div.title', {}, h('h1', {}, t('view.map')), h('span.soft', {}, icon('info'), ' ', t('map.text'))), told, h('div.mapview', {}, box, list));
  drawList();
  loadStyle();
  import('/leaflet/leaflet.esm.min.js').then((leaflet) => {
    if (!stopped) made = makeMap(leaflet, box);
  }, () => {
    box.hidden = true;
    told.append(notice('warn', h('p', {}, t('map.missing'))));
  });
  const stop = listen(store, {
    positions: () => {
      drawList();
      if (made) made.pins.drawAll();
    },
    position: ({ detail }) => {
      drawList();
      if (made && Number.isFinite(detail.latitude)) made.pins.draw(detail);
    },
  });
  return {
    stop() {
      stopped = true;
      stop();
      if (made) made.map.remove();
    },
  };
}
