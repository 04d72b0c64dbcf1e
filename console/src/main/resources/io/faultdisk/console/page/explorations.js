// Explorations: start one, watch it, read its report, stop it.

import { byId, h, nextFrame, say, setText, showError, sure, visible } from './dom.js';
import * as api from './api.js';
import { model, on, setExplorations } from './model.js';
import { count } from './format.js';

const EXAMPLE = `write -P 1 0 64k
flush
write -P 2 64k 64k
flush
`;

const LOOKS = { running: 'hung', done: 'ok', failed: 'failed', stopped: 'missed' };
const items = new Map();

async function load() {
  if (!visible('explore')) return;
  try {
    setExplorations(await api.get('explorations'));
  } catch (error) {
    document.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }
}

async function stop(id) {
  if (!(await sure(`Stop exploration ${id}?`, 'Stop', h('p', {}, 'What was tried so far is kept.')))) return;
  try {
    await api.remove('explorations/' + id);
    say(`Exploration ${id} stopped`);
  } catch (error) {
    document.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }
  load();
}

function makeItem(one) {
  const parts = {
    status: h('span', { class: 'chip' }),
    words: h('span', {}),
    bar: h('progress', { 'aria-label': `Exploration ${one.id}: cases done` }),
    report: h('a', { target: '_blank', rel: 'noopener noreferrer' }, 'Report'),
    stop: h('button', { type: 'button', class: 'small', 'aria-label': `Stop exploration ${one.id}`, onclick: () => stop(one.id) }, 'Stop'),
    message: h('span', { class: 'soft' }),
  };
  const item = h('li', { 'data-exploration': one.id }, h('b', {}, `${one.id}. ${one.name}`), parts.status, parts.bar, parts.words, parts.report, parts.stop, parts.message);
  return { item, ...parts };
}

function update(entry, one) {
  setText(entry.status, one.status);
  entry.status.className = 'chip v-' + (LOOKS[one.status] ?? 'missed');
  const rate = one.status === 'running' && one.rate > 0 ? `, ${count(Math.round(one.rate))} a second` : '';
  setText(entry.words, `${count(one.done)} of ${count(one.cases)} cases${rate}, ${count(one.failed)} failed`);
  entry.words.className = one.failed > 0 ? 'bad' : '';
  entry.bar.hidden = one.status !== 'running';
  if (one.cases > 0) {
    entry.bar.max = one.cases;
    entry.bar.value = one.done;
  }
  entry.report.hidden = !one.report;
  if (one.report) entry.report.href = api.withToken(`explorations/${one.id}/report`);
  entry.stop.hidden = one.status !== 'running';
  setText(entry.message, one.message ?? '');
}

function render() {
  const list = byId('explore-list');
  const here = new Set(model.explorations.map((one) => one.id));
  for (const [id, entry] of items) {
    if (here.has(id)) continue;
    entry.item.remove();
    items.delete(id);
  }
  model.explorations.forEach((one, i) => {
    let entry = items.get(one.id);
    if (!entry) {
      entry = makeItem(one);
      items.set(one.id, entry);
    }
    update(entry, one);
    if (list.children[i] !== entry.item) list.insertBefore(entry.item, list.children[i] ?? null);
  });
  byId('explore-empty').hidden = model.explorations.length > 0;
}

async function start(event) {
  event.preventDefault();
  const size = byId('explore-size').value.trim();
  const body = { script: byId('explore-script').value, format: byId('explore-format').value, ...(size === '' ? {} : { size }) };
  try {
    const one = await api.post('explorations', body);
    byId('explore-dialog').close();
    say(`Exploration ${one.id} has begun`);
    load();
  } catch (error) {
    showError('explore-error', error);
  }
}

export function startExplorations() {
  on('exploration', (one) => {
    if (one && one.status !== 'running') say(`Exploration ${one.id} is ${one.status}: ${one.failed} of ${one.done} cases failed`);
    nextFrame(render);
  });
  on('view', load);
  byId('explore-form').addEventListener('submit', start);
  byId('explore-open').addEventListener('click', () => {
    showError('explore-error');
    if (byId('explore-script').value === '') byId('explore-script').value = EXAMPLE;
    byId('explore-dialog').showModal();
    byId('explore-script').focus();
  });
}
