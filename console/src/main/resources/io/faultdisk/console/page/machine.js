// The states as a drawing: a circle each, with its rules; set-state rules lead from one to the next.

import { byId, nextFrame, s, say, setText, showError, visible } from './dom.js';
import * as api from './api.js';
import { model, on, path } from './model.js';
import { plural } from './format.js';

const RADIUS = 21;
const COLUMN_MIN = 140;
const COLUMN_MAX = 220;
const LINES_MAX = 4;
const LINE = 14;

let lately;

const stateOf = (fault, key) => Number(fault.keys[key] ?? 0);
const cut = (text, letters) => (text.length <= letters ? text : text.slice(0, letters - 1) + '…');

/** States, edges and rules as the rules have them; 0 stands for any state. */
function read() {
  const states = new Map([[1, []]]);
  const add = (state) => states.get(state) ?? states.set(state, []).get(state);
  if (model.state > 0) add(model.state);
  const edges = new Map();
  for (const fault of model.faults) {
    const from = stateOf(fault, 'state');
    if (fault.kind !== 'set-state') {
      add(from).push(fault);
      continue;
    }
    const to = stateOf(fault, 'new_state');
    add(from);
    add(to);
    const key = from + ' ' + to;
    const edge = edges.get(key) ?? edges.set(key, { from, to, events: [] }).get(key);
    edge.events.push(String(fault.keys.event));
  }
  return { states, edges: [...edges.values()] };
}

/** Columns by the number of steps from state 1; what cannot be reached stands behind. */
function columns({ states, edges }) {
  const depth = new Map([[1, 0]]);
  const queue = [1];
  while (queue.length > 0) {
    const at = queue.shift();
    for (const edge of edges) {
      if ((edge.from === at || edge.from === 0) && edge.to !== 0 && !depth.has(edge.to)) {
        depth.set(edge.to, depth.get(at) + 1);
        queue.push(edge.to);
      }
    }
  }
  let last = Math.max(...depth.values());
  for (const state of [...states.keys()].sort((a, b) => a - b)) {
    if (state !== 0 && !depth.has(state)) depth.set(state, ++last);
  }
  const found = [];
  for (const state of [...states.keys()].sort((a, b) => a - b)) {
    if (state !== 0) (found[depth.get(state)] ??= []).push(state);
  }
  return found.filter((column) => column);
}

const lines = (rules) => Math.min(rules.length, LINES_MAX + 1);

/** How high an edge rises: over what lies between, and back higher than there. */
function rise(from, to) {
  const span = Math.abs(to.column - from.column);
  if (span === 0) return 40;
  return 30 + (span - 1) * 44 + (to.column < from.column ? 52 : 0);
}

function layout(machine) {
  const cells = columns(machine);
  // What holds in any state, and leads from any, stands before all others.
  if (machine.states.has(0)) cells.unshift([0]);
  const room = byId('machine-box').clientWidth - 16;
  const wide = Math.max(COLUMN_MIN, Math.min(COLUMN_MAX, room / cells.length));
  const places = new Map();
  cells.forEach((column, i) => column.forEach((state) => places.set(state, { column: i, x: (i + 0.5) * wide })));
  const top = Math.max(0, ...machine.edges.map((edge) => rise(places.get(edge.from), places.get(edge.to)))) / 2 + RADIUS + 22;
  let bottom = 0;
  for (const column of cells) {
    let y = top;
    for (const state of column) {
      places.get(state).y = y;
      y += 2 * RADIUS + 40 + lines(machine.states.get(state)) * LINE;
      bottom = Math.max(bottom, y - RADIUS - 22);
    }
  }
  return { places, width: cells.length * wide, height: bottom, letters: Math.floor(wide / 6.6) };
}

const toward = (p, q, r) => {
  const length = Math.hypot(q.x - p.x, q.y - p.y);
  return `${(p.x + ((q.x - p.x) / length) * r).toFixed(1)} ${(p.y + ((q.y - p.y) / length) * r).toFixed(1)}`;
};

function drawEdge(edge, places) {
  const a = places.get(edge.from);
  const b = places.get(edge.to);
  const label = edge.events.slice(0, 3).join(', ') + (edge.events.length > 3 ? ', …' : '');
  let d;
  let at;
  if (edge.from === edge.to) {
    d = `M${a.x - 9} ${a.y - RADIUS + 1}C${a.x - 30} ${a.y - 52} ${a.x + 30} ${a.y - 52} ${a.x + 10} ${a.y - RADIUS - 3}`;
    at = { x: a.x, y: a.y - 46 };
  } else {
    const high = rise(a, b);
    const over = a.column === b.column ? { x: a.x + 60, y: (a.y + b.y) / 2 } : { x: (a.x + b.x) / 2, y: Math.min(a.y, b.y) - high };
    d = `M${toward(a, over, a === places.get(0) ? 30 : RADIUS + 1)}Q${over.x} ${over.y} ${toward(b, over, RADIUS + 5)}`;
    at = { x: (a.x + b.x) / 4 + over.x / 2, y: (a.y + b.y) / 4 + over.y / 2 - 8 };
  }
  const fresh = lately && edge.to === lately.to && (edge.from === lately.from || edge.from === 0);
  return s('g', { class: 'edge' + (fresh ? ' fresh' : ''), 'data-edge': `${edge.from}-${edge.to}` },
    s('path', { d, 'marker-end': 'url(#arrow)' }),
    s('text', { x: at.x, y: at.y, 'text-anchor': 'middle' }, label));
}

function drawState(state, rules, place, letters) {
  const lit = state === model.state;
  const fresh = lit && lately?.to === state;
  const group = s('g', { class: 'state' + (lit ? ' lit' : '') + (fresh ? ' fresh' : ''), 'data-state': state, transform: `translate(${place.x} ${place.y})` },
    state === 0 ? s('rect', { x: -34, y: -15, width: 68, height: 30, rx: 15 }) : s('circle', { r: RADIUS }),
    s('text', { class: 'name', y: 5, 'text-anchor': 'middle' }, state === 0 ? 'any' : String(state)));
  const shown = rules.length > LINES_MAX + 1 ? rules.slice(0, LINES_MAX) : rules;
  shown.forEach((fault, i) => group.append(
    s('text', { class: 'rule' + (fault.armed ? ' armed' : ''), y: RADIUS + 16 + i * LINE, 'text-anchor': 'middle' },
      (fault.armed ? '● ' : '○ ') + cut(fault.brief, letters), s('title', {}, `rule ${fault.id}, ${fault.keys.event}: ${fault.brief}`))));
  if (shown.length < rules.length) {
    group.append(s('text', { class: 'rule', y: RADIUS + 16 + shown.length * LINE, 'text-anchor': 'middle' }, `and ${rules.length - shown.length} more`));
  }
  return group;
}

function inWords(machine) {
  const name = (state) => (state === 0 ? 'any state' : 'state ' + state);
  const states = [...machine.states].map(([state, rules]) => `${name(state)}${state === model.state ? ' (now)' : ''}: ${plural(rules.length, 'rule')}`);
  const edges = machine.edges.map((edge) => `${edge.events.join(', ')} leads from ${name(edge.from)} to ${name(edge.to)}`);
  return [...states, ...edges].join('; ');
}

function render() {
  setText(byId('machine-now'), model.state > 0 ? `now ${model.state}` : '');
  const chip = byId('state-chip');
  chip.hidden = !(model.state > 0);
  setText(chip, `State ${model.state}`);
  if (!visible('machine')) return;
  const machine = read();
  const { places, width, height, letters } = layout(machine);
  const drawing = s('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': inWords(machine), class: 'machine' },
    s('defs', {}, s('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, s('path', { d: 'M0 0L8 4L0 8Z' }))),
    ...machine.edges.map((edge) => drawEdge(edge, places)),
    ...[...machine.states].map(([state, rules]) => drawState(state, rules, places.get(state), letters)));
  byId('machine-box').replaceChildren(drawing);
}

async function setState(event) {
  event.preventDefault();
  const text = byId('state-value').value.trim();
  try {
    // The server says what is wrong with what is no number.
    await api.put(path('state'), { state: /^-?\d+$/.test(text) ? Number(text) : text });
    showError('state-error');
    say(`State ${text}`);
  } catch (error) {
    showError('state-error', error);
  }
}

let drawn = '';
let fading;

/** What the drawing hangs on: counts that change four times a second are no part of it. */
const shape = () =>
  JSON.stringify([model.disk, byId('machine-box').clientWidth, model.state, lately, model.faults.map((fault) => [fault.id, fault.armed, fault.brief, fault.keys])]);

function redraw() {
  const now = shape();
  if (now === drawn && byId('machine-box').firstChild) return;
  if (visible('machine')) drawn = now;
  render();
}

export function startMachine() {
  const draw = () => nextFrame(redraw);
  on('rules', draw);
  on('counts', draw);
  on('disk', () => { lately = undefined; draw(); });
  on('view', draw);
  on('state', (change) => {
    if (change) {
      lately = { from: change.from, to: change.to };
      clearTimeout(fading);
      fading = setTimeout(() => { lately = undefined; }, 900);
      say(`State ${change.from} became ${change.to}` + (change.event ? ` at ${change.event}` : ''));
    }
    draw();
  });
  new ResizeObserver(draw).observe(byId('machine-box'));
  byId('state-form').addEventListener('submit', setState);
}
