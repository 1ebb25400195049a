// SPDX-License-Identifier: LGPL-2.1-or-later
// The page's drawings, made for gst-anpr, in a square of 24 by 24: an array of shapes, each
// a string of path data, or [name, attributes]. They are code, not a file, so that they
// are there when the line is cut. Each state of a position has a shape of its own.

const INNER = { stroke: 'var(--card)', 'stroke-width': 2.6 };
const SOLID = { fill: 'currentColor', stroke: 'none' };
const DOT = { fill: 'currentColor' };

export const DRAWINGS = {
  camera: ['M3 8.5 15.5 5l1.6 5.6L4.6 14.1zM17 7l4 1.6-2.6 1.3M7 13.5 8.4 18H3', ['circle', { cx: 7.2, cy: 10.2, r: 0.6 }]],
  live: ['M3 12h4l2.5-6 4.5 12 2.5-6H21'],
  map: ['M12 21s6.5-6.2 6.5-11a6.5 6.5 0 0 0-13 0C5.5 14.8 12 21 12 21z', ['circle', { cx: 12, cy: 10, r: 2.3 }]],
  hit: [['circle', { cx: 12, cy: 12, r: 7.5 }], ['circle', { cx: 12, cy: 12, r: 2.5 }], 'M12 2v4M12 18v4M2 12h4M18 12h4'],
  list: ['M9 6h11M9 12h11M9 18h11', 'm3.5 6 1 1 1.7-2M3.5 12l1 1 1.7-2M3.5 18l1 1 1.7-2'],
  settings: ['M4 7h9M17 7h3M4 17h3M11 17h9M4 12h1M9 12h11', ['circle', { cx: 15, cy: 7, r: 2 }], ['circle', { cx: 9, cy: 17, r: 2 }], ['circle', { cx: 7, cy: 12, r: 2 }]],
  accounts: [['circle', { cx: 9, cy: 8, r: 3.5 }], 'M2.5 20c.6-4 3-6 6.5-6s5.9 2 6.5 6M15.5 4.8a3.5 3.5 0 0 1 0 6.4M18 14.5c2 .8 3.1 2.6 3.5 5.5'],
  log: ['M6 3h9l4 4v14H6z', 'M14.5 3v4.5H19M9 12h7M9 16h7'],
  sun: [['circle', { cx: 12, cy: 12, r: 4 }], 'M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4'],
  moon: ['M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z'],
  system: [['circle', { cx: 12, cy: 12, r: 8.5 }], ['path', { d: 'M12 3.5a8.5 8.5 0 0 1 0 17z', ...DOT }]],
  out: ['M10 4H5v16h5M14 8l4 4-4 4M18 12H9'],
  check: ['m4.5 12.5 5 5 10-11'],
  cross: ['m5.5 5.5 13 13M18.5 5.5l-13 13'],
  question: ['M8.5 9a3.5 3.5 0 1 1 5.2 3c-1.2.7-1.7 1.3-1.7 2.7', ['circle', { cx: 12, cy: 18.3, r: 0.7, ...DOT }]],
  warning: ['M12 3.5 22 20.5H2z', 'M12 10v5', ['circle', { cx: 12, cy: 17.8, r: 0.6, ...DOT }]],
  info: [['circle', { cx: 12, cy: 12, r: 8.5 }], 'M12 11v6', ['circle', { cx: 12, cy: 7.8, r: 0.6, ...DOT }]],
  in: ['M12 4v15M6 13l6 6 6-6'],
  'out-way': ['M12 20V5M6 11l6-6 6 6'],
  plus: ['M12 5v14M5 12h14'],
  trash: ['M4 7h16M9 7V4h6v3M6.5 7l1 13h9l1-13M10 11v5M14 11v5'],
  pause: ['M8 5v14M16 5v14'],
  play: ['M7 4.5v15l12-7.5z'],
  clock: [['circle', { cx: 12, cy: 12, r: 8.5 }], 'M12 7v5.3l3.5 2'],
  more: [['circle', { cx: 5, cy: 12, r: 1.3, ...DOT }], ['circle', { cx: 12, cy: 12, r: 1.3, ...DOT }], ['circle', { cx: 19, cy: 12, r: 1.3, ...DOT }]],
  line: ['M5 12.5a10 10 0 0 1 14 0M8 15.8a5.7 5.7 0 0 1 8 0', ['circle', { cx: 12, cy: 19, r: 1, ...DOT }]],
  'line-cut': ['M5 12.5a10 10 0 0 1 4-2.4M19 12.5a10 10 0 0 0-2.2-1.6M8 15.8a5.7 5.7 0 0 1 3-1.6M4 4l16 16', ['circle', { cx: 12, cy: 19, r: 1, ...DOT }]],
  back: ['m14.5 5-7 7 7 7'],
  next: ['m9.5 5 7 7-7 7'],
  pencil: ['m4 20 1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5'],
  undo: ['M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4'],
  covert: ['M3 3l18 18M6.5 7C4.3 8.5 3 12 3 12s3 6 9 6c1.6 0 3-.4 4.2-1M10 6.3c.6-.2 1.3-.3 2-.3 6 0 9 6 9 6s-.7 1.5-2.2 3'],
  picture: ['M3.5 5h17v14h-17z', 'm3.5 16 5-5 4 4 3-3 5 4.5', ['circle', { cx: 15.5, cy: 9, r: 1.4 }]],
  'state-running': [['circle', { cx: 12, cy: 12, r: 9.5, ...SOLID }], ['path', { d: 'm7.5 12.5 3 3 6-6.5', ...INNER }]],
  'state-starting': [['path', { d: 'M12 3a9 9 0 0 1 9 9', 'stroke-width': 3 }], ['circle', { cx: 12, cy: 12, r: 9, 'stroke-dasharray': '2.5 3.5' }]],
  'state-away': [['path', { d: 'M12 2.5 23 21.5H1z', ...SOLID }], ['path', { d: 'M12 9.5v5.5M12 17.5v1.2', ...INNER }]],
  'state-waiting': [['path', { d: 'M5 3h14M5 21h14M7 3c0 5 5 6 5 9s-5 4-5 9M17 3c0 5-5 6-5 9s5 4 5 9', 'stroke-width': 2.2 }]],
  'state-refused': [['path', { d: 'M8 2h8l6 6v8l-6 6H8l-6-6V8z', ...SOLID }], ['path', { d: 'M7 12h10', ...INNER }]],
  'state-off': [['circle', { cx: 12, cy: 12, r: 8.5, 'stroke-width': 2.4 }]],
  'state-ended': [['path', { d: 'M4.5 4.5h15v15h-15z', 'stroke-width': 2.4 }]],
  'state-stopping': [['path', { d: 'M4.5 4.5h15v15h-15z', 'stroke-dasharray': '3 3', 'stroke-width': 2.4 }]],
};
