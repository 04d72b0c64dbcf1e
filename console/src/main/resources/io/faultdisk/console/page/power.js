// The power switch, and what a cut would take.

import { alarm, byId, h, say, setText, showError, sure, visible } from './dom.js';
import * as api from './api.js';
import { bus, model, on, path, refreshActivity } from './model.js';
import { count, plural, size } from './format.js';

let now;

const NAMES = {
  writes: ['Unsynced writes', count],
  bytes: ['Unsynced bytes', size],
  held: ['Held back', count],
  dropped: ['Dropped', count],
};

async function load() {
  if (model.disk === '' || !visible('power')) return;
  try {
    now = await api.get(path('power'));
    model.power = now.power;
    chips();
    facts();
  } catch (error) {
    showError('power-error', error);
  }
}

function chips() {
  const off = model.power === 'off';
  const chip = byId('power-chip');
  chip.hidden = model.disk === '';
  for (const [element, text] of [[chip, 'Power ' + model.power], [byId('power-now'), model.power]]) {
    setText(element, text);
    element.classList.toggle('v-ok', !off);
    element.classList.toggle('v-failed', off);
  }
  byId('power-cut').disabled = off;
  byId('power-restore').disabled = !off;
}

function facts() {
  const rows = [['Cache', now.volatile ? 'volatile: a cut takes what is not flushed' : 'nothing is volatile yet']];
  for (const [key, value] of Object.entries(now.unsynced ?? {})) {
    const [name, write] = NAMES[key] ?? [key, String];
    if (typeof value === 'number') rows.push([name, write(value)]);
  }
  const list = byId('power-facts');
  const fresh = rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
  if (list.textContent !== fresh.map((row) => row.textContent).join('')) list.replaceChildren(...fresh);
}

async function act(call, said) {
  try {
    await call();
    showError('power-error');
    if (said) say(said);
  } catch (error) {
    showError('power-error', error);
  }
  load();
}

function openCut() {
  const unsynced = now?.unsynced;
  byId('cut-what').textContent =
    `Every request to ${model.disk} fails until you restore the power.` +
    (unsynced?.writes > 0 ? ` ${plural(unsynced.writes, 'write')} with ${size(unsynced.bytes)} not flushed.` : '');
  showError('cut-error');
  byId('cut-dialog').showModal();
  choose();
}

function choose() {
  const choice = byId('cut-survivors').value;
  byId('cut-list-row').hidden = choice !== 'list';
  byId('cut-seed-row').hidden = choice !== 'random';
}

async function cut(event) {
  event.preventDefault();
  const choice = byId('cut-survivors').value;
  const survivors = choice === 'list' ? byId('cut-list').value.trim() : choice;
  const seed = byId('cut-seed').value.trim();
  try {
    await api.put(path('power'), { power: 'off', survivors, seed: /^-?\d+$/.test(seed) ? Number(seed) : seed });
    byId('cut-dialog').close();
  } catch (error) {
    showError('cut-error', error);
  }
  load();
}

async function reset() {
  const all = model.disks.map((disk) => h('li', {}, `${disk.name}: ${plural(disk.faults, 'rule')}, state ${disk.state}, power ${disk.power}`));
  if (!(await sure('Reset all disks?', 'Reset', h('p', {}, 'Rules go, what waits goes on, counters begin at 0:'), h('ul', {}, ...all)))) return;
  await act(() => api.post('reset', {}), 'All disks are as new');
  bus.dispatchEvent(new CustomEvent('reset'));
  refreshActivity();
}

export function startPower() {
  on('power', (power) => {
    chips();
    alarm(`The power of ${model.disk} is ${power}`);
    load();
  });
  on('disk', () => { now = undefined; chips(); load(); });
  on('disks', () => {
    const disk = model.disks.find((one) => one.name === model.disk);
    if (disk) {
      model.power = disk.power;
      chips();
    }
  });
  on('view', load);
  setInterval(load, 2000);
  byId('power-cut').addEventListener('click', openCut);
  byId('cut-survivors').addEventListener('change', choose);
  byId('cut-form').addEventListener('submit', cut);
  byId('power-restore').addEventListener('click', () => act(() => api.put(path('power'), { power: 'on' })));
  byId('power-checkpoint').addEventListener('click', () => act(() => api.post(path('power', 'checkpoint'), {}), 'Everything is durable'));
  byId('power-lose').addEventListener('click', async () => {
    const writes = now?.unsynced?.writes ?? 0;
    if (await sure('Lose what is unsynced?', 'Lose it', h('p', {}, `${plural(writes, 'write')} with ${size(now?.unsynced?.bytes ?? 0)} will never have been.`))) {
      act(() => api.post(path('power', 'lose-unsynced'), {}), 'What was unsynced is lost');
    }
  });
  byId('reset').addEventListener('click', reset);
}
