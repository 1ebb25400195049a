// SPDX-License-Identifier: LGPL-2.1-or-later
// The chosen theme, before anything is drawn. Not a module: modules run later.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* no storage: the system's theme */ }
