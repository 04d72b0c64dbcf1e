// Starts the panels, and keeps view, disk and filter in the address: #live/d0?type=read.

import { alarm, byId, h, nextFrame, say, setText, showError, words } from './dom.js';
import * as api from './api.js';
import { bus, connect, current, model, on, refreshDisks, watch } from './model.js';
import { plural, size } from './format.js';
import { startRules } from './rules.js';
import { loadEvents, openRule, startRuleForm } from './rule-form.js';
import { startRuleFile } from './rule-file.js';
import { startMachine } from './machine.js';
import { filterParams, setFilter, startTimeline, togglePause } from './timeline.js';
import { startMap } from './map.js';
import { startMeters } from './meters.js';
import { resumeFirst, startHolds } from './holds.js';
import { startPower } from './power.js';
import { startReceipts } from './receipts.js';
import { startNodes } from './nodes.js';
import { startExplorations } from './explorations.js';

const links = [...byId('views').querySelectorAll('a')];
const VIEWS = links.map((link) => link.dataset.go);
let view = 'live';

// ---- the address

function hash(params = filterParams()) {
  const query = new URLSearchParams(params).toString();
  return '#' + view + (model.disk === '' ? '' : '/' + encodeURIComponent(model.disk)) + (query === '' ? '' : '?' + query);
}

function writeHash() {
  if (location.hash !== hash()) history.replaceState(null, '', hash());
  for (const link of links) link.href = hash().replace('#' + view, '#' + link.dataset.go);
}

function readHash() {
  const [place, query = ''] = location.hash.slice(1).split('?');
  const [name, disk = ''] = place.split('/');
  view = VIEWS.includes(name) ? name : 'live';
  setFilter(new URLSearchParams(query));
  let wanted = '';
  try {
    wanted = decodeURIComponent(disk);
  } catch {
    // Somebody's own address: no disk is called that.
  }
  if (wanted !== '' && wanted !== model.disk) watch(wanted);
  show();
}

function show() {
  document.body.dataset.view = view;
  const without = model.connection === 'live' && model.disks.length === 0;
  for (const panel of document.querySelectorAll('main > section')) {
    const here = panel.dataset.views.split(' ').includes(view);
    const needsDisk = !['nodes', 'explore', 'no-disk'].includes(panel.id);
    panel.hidden = !here || (panel.id === 'no-disk' ? !without : needsDisk && without);
  }
  for (const link of links) {
    if (link.dataset.go === view) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  writeHash();
  bus.dispatchEvent(new CustomEvent('view'));
}

function go(name) {
  view = name;
  history.pushState(null, '', hash());
  show();
  say(links.find((link) => link.dataset.go === name).textContent);
}

// ---- header

function showDisks() {
  const select = byId('disk');
  const options = model.disks.map((disk) => h('option', { value: disk.name }, disk.name + (disk.suspended > 0 ? ` (${disk.suspended} waiting)` : '')));
  const same = options.length === select.options.length && options.every((option, i) => option.text === select.options[i].text);
  if (!same) select.replaceChildren(...options);
  if (select.value !== model.disk) select.value = model.disk;
  const disk = current();
  setText(byId('about-disk'), disk ? `${size(disk.size)}${disk['read-only'] ? ', read-only' : ''} on ${disk.image}` : '');
  byId('about-disk').title = disk ? (disk.exports ?? []).join('\n') : '';
}

const CONNECTION = {
  live: ['live', 'ok'],
  connecting: ['connecting', 'missed'],
  reconnecting: ['reconnecting', 'hung'],
  lost: ['connection lost', 'failed'],
  locked: ['no access', 'failed'],
};

function showConnection({ state, before }) {
  const [text, look] = CONNECTION[state];
  const chip = byId('connection');
  setText(chip, text);
  chip.className = 'chip v-' + look;
  document.body.classList.toggle('offline', state !== 'live');
  if (state !== 'live' && before === 'live') alarm('The connection to the server is lost');
  show();
}

let hiding;

function trouble(error) {
  const box = byId('trouble');
  box.textContent = words(error);
  box.hidden = false;
  alarm(words(error));
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 12_000);
}

// ---- theme

const THEMES = ['system', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.dataset.theme = theme;
  byId('theme').textContent = 'Theme: ' + theme;
  localStorage.setItem('faultdisk-theme', theme);
  bus.dispatchEvent(new CustomEvent('theme'));
}

function nextTheme() {
  const now = document.documentElement.dataset.theme ?? 'system';
  setTheme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
}

// ---- token

function askToken() {
  const dialog = byId('token-dialog');
  if (dialog.open) return;
  byId('token').value = '';
  showError('token-error', api.token() === '' ? undefined : new Error('That is not the token'));
  dialog.showModal();
  byId('token').focus();
}

async function useToken(event) {
  event.preventDefault();
  api.setToken(byId('token').value.trim());
  byId('token-dialog').close();
  begin();
}

// ---- keys

const KEYS = [
  ['1 … 6', 'Live, Rules, Requests, Power, Nodes, Explorations'],
  ['a', 'Add a rule'],
  ['p', 'Pause the requests, or go on'],
  ['r', 'Resume a request that waits'],
  ['/', 'Filter the requests by text'],
  ['t', 'Next theme'],
  ['?', 'This help'],
  ['arrows', 'on the map: from cell to cell; Home, End'],
  ['Esc', 'Close a dialog'],
];

const singleKeys = () => localStorage.getItem('faultdisk-keys') !== 'off';

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || !singleKeys()) return;
  if (event.target.closest('input, select, textarea, dialog[open]') || document.querySelector('dialog[open]')) return;
  const number = Number(event.key);
  if (number >= 1 && number <= VIEWS.length) go(VIEWS[number - 1]);
  else if (event.key === 'a' && model.disk !== '') openRule();
  else if (event.key === 'p') togglePause();
  else if (event.key === 'r') resumeFirst();
  else if (event.key === 't') nextTheme();
  else if (event.key === '?') openHelp();
  else if (event.key === '/') {
    if (!['live', 'requests'].includes(view)) go('live');
    byId('filter-text').focus();
  } else return;
  event.preventDefault();
}

function openHelp() {
  byId('help').showModal();
}

// ---- beginning

/** Asks who is there before anything else: a stream cannot say what is wrong. */
async function begin() {
  try {
    model.disks = await api.get('disks');
  } catch (error) {
    if (error.status === 401) return;
    trouble(error);
  }
  loadEvents().catch(trouble);
  if (model.disk === '' || !current()) watch(model.disks.some((disk) => disk.name === model.disk) ? model.disk : model.disks[0]?.name ?? '');
  else connect();
  showDisks();
  show();
}

function start() {
  byId('help-keys').replaceChildren(...KEYS.map(([key, text]) => h('tr', {}, h('th', { scope: 'row' }, h('kbd', {}, key)), h('td', {}, text))));
  for (const start of [startRules, startRuleForm, startRuleFile, startMachine, startMap, startMeters, startHolds, startPower, startReceipts, startNodes, startExplorations]) start();
  startTimeline(writeHash);
  let none;
  on('disks', (list) => {
    nextFrame(showDisks);
    if (none !== (list.length === 0)) show();
    none = list.length === 0;
  });
  on('disk', () => { nextFrame(showDisks); writeHash(); });
  on('connection', showConnection);
  document.addEventListener('trouble', (event) => trouble(event.detail));
  document.addEventListener('keydown', press);
  for (const button of document.querySelectorAll('dialog [data-close]')) button.addEventListener('click', () => button.closest('dialog').close());
  byId('disk').addEventListener('change', (event) => { watch(event.target.value); say(`Disk ${event.target.value}, ${plural(model.disks.length, 'disk')}`); });
  byId('theme').addEventListener('click', nextTheme);
  byId('help-open').addEventListener('click', openHelp);
  byId('shortcuts').checked = singleKeys();
  byId('shortcuts').addEventListener('change', (event) => localStorage.setItem('faultdisk-keys', event.target.checked ? 'on' : 'off'));
  byId('skip').addEventListener('click', (event) => { event.preventDefault(); byId('main').focus(); });
  for (const link of links) {
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(link.dataset.go);
    });
  }
  byId('token-form').addEventListener('submit', useToken);
  byId('token-dialog').addEventListener('cancel', (event) => event.preventDefault());
  api.gate.addEventListener('unauthorised', askToken);
  addEventListener('popstate', readHash);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => bus.dispatchEvent(new CustomEvent('theme')));
  setTheme(localStorage.getItem('faultdisk-theme') ?? 'system');
  setInterval(refreshDisks, 2000);
  readHash();
  begin();
}

start();
