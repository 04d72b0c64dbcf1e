// The latest receipts. They are asked for when something was injected, at most once a second.

import { byId, h, nextFrame, setText, visible } from './dom.js';
import * as api from './api.js';
import { model, on, path } from './model.js';
import { clockTime, count, request } from './format.js';

const SHOWN_MAX = 200;

let list = [];
let wanted = true;
let busy = false;

function render() {
  byId('receipt-rows').replaceChildren(...list.map((one) => h('tr', {},
    h('td', { class: 'number' }, count(one.number)), h('td', { class: 'time' }, clockTime(Date.parse(one.time))),
    h('td', {}, one.rule), h('td', {}, one.kind), h('td', { class: 'code' }, one.event), h('td', {}, request(one.op, one.offset, one.bytes)),
    h('td', { class: 'number' }, count(one.epoch)), h('td', {}, one.effect),
    h('td', { class: one.result === 'ok' ? '' : 'bad' }, one.result))));
  byId('receipts-empty').hidden = list.length > 0;
  if (list.length > 0) setText(byId('receipts-count'), `${count(list[0].number)} so far, the latest first`);
}

async function load() {
  if (!wanted || busy || model.disk === '' || !visible('receipts')) return;
  wanted = false;
  busy = true;
  const disk = model.disk;
  try {
    const after = list[0]?.number ?? 0;
    const came = await api.get(path('receipts') + `?after=${after}&max=${SHOWN_MAX}`);
    if (disk === model.disk && came.length > 0) {
      list = [...came.sort((a, b) => b.number - a.number), ...list].slice(0, SHOWN_MAX);
      // There may be more than were asked for.
      wanted = came.length === SHOWN_MAX;
      nextFrame(render);
    }
  } catch {
    wanted = true;
  } finally {
    busy = false;
  }
}

export function startReceipts() {
  on('tick', (tick) => { if (Object.values(tick.counters).some((delta) => delta.injected > 0)) wanted = true; });
  on('disk', () => { list = []; wanted = true; nextFrame(render); });
  on('reset', () => { list = []; wanted = true; nextFrame(render); });
  on('view', () => load());
  setInterval(load, 1000);
}
