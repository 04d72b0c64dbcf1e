// Counters with the history of the last minutes: all requests on top, each type in the view of the requests.

import { byId, h, nextFrame, s, setText, visible } from './dom.js';
import { on } from './model.js';
import { count, nanos, rate, size } from './format.js';

const SECONDS = 180;
const OPS = ['read', 'write', 'write-zeroes', 'discard', 'flush', 'block-status'];

/** Numbers by second, the oldest first; never more than SECONDS. */
class History {
  values = [];
  add(value) {
    this.values.push(value);
    if (this.values.length > SECONDS) this.values.shift();
  }
  get last() {
    return this.values.at(-1) ?? 0;
  }
}

const total = { requests: new History(), bytes: new History(), p50: new History(), p99: new History() };
let byOp = new Map();
let inFlight = 0;
let injected = 0;
let failed = 0;
/** What came since the last whole second. */
let part = empty();

function empty() {
  return { seconds: 0, ops: {}, p50: [], p99: [] };
}

function opOf(op) {
  let own = byOp.get(op);
  if (!own) {
    own = {
      requests: 0, bytes: 0, injected: 0, failed: 0, p50: undefined, p99: undefined,
      latencies: new Map(), rates: new History(), speeds: new History(), slow: new History(),
    };
    byOp.set(op, own);
  }
  return own;
}

function tick(data) {
  inFlight = data['in-flight'] ?? 0;
  part.seconds += data.seconds;
  for (const [op, delta] of Object.entries(data.counters)) {
    const own = opOf(op);
    own.requests += delta.requests;
    own.bytes += delta.bytes;
    own.injected += delta.injected;
    own.failed += delta.failed;
    injected += delta.injected;
    failed += delta.failed;
    for (const [from, n] of delta.latencies ?? []) own.latencies.set(from, (own.latencies.get(from) ?? 0) + n);
    if (delta.requests > 0 && delta.p99 !== undefined) {
      own.p50 = delta.p50;
      own.p99 = delta.p99;
    }
    const sum = (part.ops[op] ??= { requests: 0, bytes: 0 });
    sum.requests += delta.requests;
    sum.bytes += delta.bytes;
  }
  if (Object.values(data.counters).some((delta) => delta.requests > 0)) {
    part.p50.push(data.p50);
    part.p99.push(data.p99);
  }
  if (part.seconds >= 0.99) second();
  nextFrame(render);
}

function second() {
  let requests = 0;
  let bytes = 0;
  for (const op of new Set([...byOp.keys(), ...Object.keys(part.ops)])) {
    const sum = part.ops[op] ?? { requests: 0, bytes: 0 };
    requests += sum.requests;
    bytes += sum.bytes;
    const own = opOf(op);
    own.rates.add(sum.requests / part.seconds);
    own.speeds.add(sum.bytes / part.seconds);
    own.slow.add(sum.requests > 0 ? own.p99 ?? 0 : 0);
  }
  total.requests.add(requests / part.seconds);
  total.bytes.add(bytes / part.seconds);
  // The median of four quarters is not that of the second, but nobody can see the difference.
  total.p50.add(part.p50.length === 0 ? 0 : part.p50.reduce((a, b) => a + b) / part.p50.length);
  total.p99.add(Math.max(0, ...part.p99));
  part = empty();
  stale = true;
}

// ---- drawing

let stale = true;

const METERS = [
  ['requests', 'Requests/s', () => rate(total.requests.last), total.requests, 'read'],
  ['bytes', 'Bytes/s', () => size(total.bytes.last), total.bytes, 'flush'],
  ['p50', 'Latency p50', () => nanos(total.p50.last || undefined), total.p50, 'discard'],
  ['p99', 'Latency p99', () => nanos(total.p99.last || undefined), total.p99, 'write'],
  ['in-flight', 'In flight', () => count(inFlight)],
  ['injected', 'Met a rule', () => count(injected)],
  ['failed', 'Failed otherwise', () => count(failed)],
];

/** A line of the last minutes, for the eye; the number beside it is for all. */
function spark(values, look, width = 110, height = 26) {
  const top = Math.max(1e-9, ...values);
  const x = (i) => width - (values.length - 1 - i) * (width / (SECONDS - 1));
  const y = (v) => height - 1 - (v / top) * (height - 3);
  const d = values.map((v, i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join('');
  const area = values.length > 1 && `${d}L${width} ${height}L${x(0).toFixed(1)} ${height}Z`;
  return s('svg', { class: 'spark ' + look, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area && s('path', { class: 'area', d: area }), values.length > 1 && s('path', { class: 'line', d }));
}

function render() {
  for (const [id, , value] of METERS) setText(byId('meter-' + id), value());
  if (!stale) return;
  stale = false;
  if (visible('meters')) {
    for (const [id, , , history, look] of METERS) {
      if (history) byId('meter-line-' + id).replaceChildren(spark(history.values, look));
    }
  }
  if (visible('types')) byId('type-cards').replaceChildren(...OPS.filter((op) => byOp.has(op) && opOf(op).requests > 0).map(card));
  byId('types-empty').hidden = OPS.some((op) => byOp.get(op)?.requests > 0);
}

/** How long requests took: a bar for each doubling. */
function histogram(latencies, op) {
  const octaves = new Map();
  for (const [from, n] of latencies) {
    const octave = from < 1 ? 0 : Math.floor(Math.log2(from));
    octaves.set(octave, (octaves.get(octave) ?? 0) + n);
  }
  const keys = [...octaves.keys()];
  if (keys.length === 0) return h('p', { class: 'soft' }, 'no latencies yet');
  const low = Math.min(...keys);
  const high = Math.max(...keys, low + 7);
  const top = Math.max(...octaves.values());
  const width = 240;
  const step = width / (high - low + 1);
  const bars = [];
  for (let octave = low; octave <= high; octave++) {
    const n = octaves.get(octave) ?? 0;
    // By the logarithm: one slow request among a million is what is looked for.
    const tall = n === 0 ? 0 : 3 + (Math.log(n + 1) / Math.log(top + 1)) * 41;
    bars.push(s('rect', { x: (octave - low) * step + 0.5, y: 46 - tall, width: step - 1, height: tall },
      s('title', {}, `${nanos(2 ** octave)} to ${nanos(2 ** (octave + 1))}: ${count(n)}`)));
  }
  const label = `Latencies of ${op}: ` + keys.sort((a, b) => a - b).map((o) => `${count(octaves.get(o))} from ${nanos(2 ** o)}`).join(', ');
  return s('svg', { class: 'bars ' + op, viewBox: `0 0 ${width} 60`, role: 'img', 'aria-label': label }, ...bars,
    s('line', { x1: 0, x2: width, y1: 46.5, y2: 46.5 }),
    s('text', { x: 0, y: 58 }, nanos(2 ** low)), s('text', { x: width, y: 58, 'text-anchor': 'end' }, nanos(2 ** (high + 1))));
}

function card(op) {
  const own = opOf(op);
  const row = (name, value, history, look) =>
    h('tr', {}, h('th', { scope: 'row' }, name), h('td', { class: 'number' }, value), h('td', {}, history ? spark(history.values, look) : ''));
  return h('article', { class: 'card', 'data-op': op },
    h('h3', {}, h('span', { class: 'swatch ' + op }), op),
    h('table', {}, h('tbody', {},
      row('Requests', count(own.requests)),
      row('Requests/s', rate(own.rates.last), own.rates, op),
      row('Bytes/s', size(own.speeds.last), own.speeds, op),
      row('p50 / p99', `${nanos(own.p50)} / ${nanos(own.p99)}`, own.slow, op),
      row('Met a rule', count(own.injected)), row('Failed otherwise', count(own.failed)))),
    histogram(own.latencies, op));
}

function clear() {
  byOp = new Map();
  for (const history of Object.values(total)) history.values = [];
  inFlight = injected = failed = 0;
  part = empty();
  stale = true;
  nextFrame(render);
}

/** The totals so far. */
function totals(activity) {
  injected = failed = 0;
  for (const [op, now] of Object.entries(activity.counters)) {
    const { requests, bytes, p50, p99 } = now;
    Object.assign(opOf(op), { requests, bytes, injected: now.injected, failed: now.failed, p50: p50 || undefined, p99: p99 || undefined });
    opOf(op).latencies = new Map(now.latencies ?? []);
    injected += now.injected;
    failed += now.failed;
  }
  inFlight = activity['in-flight'];
  stale = true;
  nextFrame(render);
}

export function startMeters() {
  byId('meter-list').replaceChildren(...METERS.map(([id, name, , history]) =>
    h('li', {}, h('span', { class: 'soft' }, name), h('b', { id: 'meter-' + id }, '–'),
      history ? h('span', { id: 'meter-line-' + id, class: 'meter-line' }) : '')));
  on('tick', tick);
  on('disk', clear);
  on('activity', totals);
  on('reset', clear);
  on('view', () => { stale = true; nextFrame(render); });
}
