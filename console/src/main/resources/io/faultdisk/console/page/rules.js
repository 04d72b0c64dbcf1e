// The table of rules. Its rows stay the same elements while a rule lives, so that focus stays, too.

import { byId, h, nextFrame, say, setText, sure } from './dom.js';
import * as api from './api.js';
import { model, on, path } from './model.js';
import { count, plural } from './format.js';
import { openRule } from './rule-form.js';

const rows = new Map();

function makeRow(fault) {
  const cells = {
    what: h('td', { class: 'what' }, h('span', {}), h('span', { class: 'kind' })),
    event: h('td', { class: 'event' }, h('span', { class: 'code' }), h('span', { class: 'kind' })),
    armed: h('td', { class: 'armed' }),
    counts: h('td', { class: 'hits' }, h('b', {}), h('span', { class: 'kind' })),
  };
  const act = (name, action) =>
    h('button', { type: 'button', class: 'small', 'data-act': name.toLowerCase(), 'aria-label': `${name} rule ${fault.id}`, onclick: action }, name);
  const arm = act('Arm', () => armRule(fault.id));
  const row = h('tr', { 'data-fault': fault.id },
    h('th', { scope: 'row' }, String(fault.id)), cells.what, cells.event, cells.armed, cells.counts,
    h('td', { class: 'buttons' }, arm, act('Edit', () => openRule(find(fault.id))), act('Remove', () => removeRule(fault.id))));
  return { row, cells, arm, injected: fault.injected };
}

const find = (id) => model.faults.find((fault) => fault.id === id);

function armedWords(fault) {
  if (fault.kind === 'set-state') return ['–', 'plain'];
  if (fault.consumed) return ['used up', 'missed'];
  return fault.armed ? ['armed', 'ok'] : ['not armed', 'plain'];
}

function update(entry, fault) {
  const { cells, row } = entry;
  setText(cells.what.firstChild, fault.brief);
  setText(cells.what.lastChild, `${fault.kind} · ${fault.source}`);
  cells.what.title = fault.sentence ?? '';
  setText(cells.event.firstChild, String(fault.keys.event ?? ''));
  setText(cells.event.lastChild, Number(fault.keys.state ?? 0) === 0 ? 'any state' : `state ${fault.keys.state}`);
  updateCounts(entry, fault);
  row.dataset.kind = fault.kind;
}

function updateCounts(entry, fault) {
  const [words, look] = armedWords(fault);
  setText(entry.cells.armed, words);
  entry.cells.armed.className = 'armed is-' + look;
  const [hits, of] = entry.cells.counts.children;
  const [events, requests] = [fault['events-matched'], fault['requests-matched']];
  const moves = fault.kind === 'set-state';
  setText(hits, count(moves ? events : fault.injected));
  setText(of, moves ? (events === 1 ? 'event' : 'events') : `of ${count(requests)}`);
  entry.cells.counts.title = `${plural(events, 'event')} matched, ${plural(requests, 'request')} matched, did something to ${count(fault.injected)}`;
  entry.arm.disabled = fault.kind === 'set-state';
  if (fault.injected > entry.injected) {
    // A second class restarts the animation for the next hit.
    const { classList } = entry.cells.counts;
    const next = classList.contains('hit-a') ? 'hit-b' : 'hit-a';
    classList.remove('hit-a', 'hit-b');
    classList.add(next);
  }
  entry.injected = fault.injected;
}

function render() {
  const body = byId('rule-rows');
  const here = new Set(model.faults.map((fault) => fault.id));
  for (const [id, entry] of rows) {
    if (here.has(id)) continue;
    if (entry.row.contains(document.activeElement)) {
      const next = entry.row.nextElementSibling ?? entry.row.previousElementSibling;
      (next?.querySelector('[data-act=remove]') ?? byId('rule-add')).focus();
    }
    entry.row.remove();
    rows.delete(id);
  }
  model.faults.forEach((fault, i) => {
    let entry = rows.get(fault.id);
    if (!entry) {
      entry = makeRow(fault);
      rows.set(fault.id, entry);
    }
    update(entry, fault);
    if (body.children[i] !== entry.row) body.insertBefore(entry.row, body.children[i] ?? null);
  });
  byId('rules-empty').hidden = model.faults.length > 0;
  byId('rules-remove-all').disabled = model.faults.length === 0;
  const armed = model.faults.filter((fault) => fault.armed).length;
  setText(byId('rules-count'), model.faults.length === 0 ? '' : `${plural(model.faults.length, 'rule')}, ${count(armed)} armed`);
}

function counts() {
  for (const fault of model.faults) {
    const entry = rows.get(fault.id);
    if (entry) updateCounts(entry, fault);
  }
  const armed = model.faults.filter((fault) => fault.armed).length;
  setText(byId('rules-count'), model.faults.length === 0 ? '' : `${plural(model.faults.length, 'rule')}, ${count(armed)} armed`);
}

const trouble = (error) => document.dispatchEvent(new CustomEvent('trouble', { detail: error }));

async function armRule(id) {
  try {
    const fault = await api.post(path('faults', id, 'arm'));
    say(`Rule ${fault.id} is armed`);
  } catch (error) {
    trouble(error);
  }
}

async function removeRule(id) {
  try {
    await api.remove(path('faults', id));
    say(`Rule ${id} removed`);
  } catch (error) {
    trouble(error);
  }
}

async function removeAll() {
  const list = h('ul', {}, ...model.faults.slice(0, 12).map((fault) => h('li', {}, fault.brief)));
  const more = model.faults.length > 12 && h('p', {}, `and ${count(model.faults.length - 12)} more`);
  if (!(await sure(`Remove ${plural(model.faults.length, 'rule')}?`, 'Remove', list, ...(more ? [more] : [])))) return;
  try {
    await api.remove(path('faults'));
    say('All rules removed');
  } catch (error) {
    trouble(error);
  }
}

export function startRules() {
  on('rules', () => nextFrame(render));
  on('counts', () => nextFrame(counts));
  on('disk', () => nextFrame(render));
  byId('rules-remove-all').addEventListener('click', removeAll);
  byId('rule-add').addEventListener('click', () => openRule());
}
