// The disk as a grid of cells: what was read and written lately glows, what met a rule keeps a mark.

import { byId, calm, colour, h, nextFrame, setText, visible } from './dom.js';
import { current, on } from './model.js';
import { count, place, plural } from './format.js';

const CELLS = 1024;
const COLUMNS = 64;
const ROWS_MIN = 4;
const GAP = 1;
/** The glow of what was touched halves in so many milliseconds. */
const HALF_LIFE = 2500;

const reads = new Float64Array(CELLS);
const writes = new Float64Array(CELLS);
const injected = new Float64Array(CELLS);
const readGlow = new Float32Array(CELLS);
const writeGlow = new Float32Array(CELLS);
let cellBytes = 0;
let at = -1; // the cell that is told about
let last = 0; // when the glow was brought up to date
let colours;
let running = false;

function clear() {
  for (const one of [reads, writes, injected, readGlow, writeGlow]) one.fill(0);
  cellBytes = 0;
  at = -1;
  nextFrame(draw);
}

/** When the disk grows cells stand for more: several become one. */
function scale(bytes) {
  if (cellBytes !== 0 && bytes > cellBytes) {
    const factor = bytes / cellBytes;
    for (const one of [reads, writes, injected]) {
      for (let i = 0; i < CELLS; i++) {
        const value = one[i];
        one[i] = 0;
        one[Math.floor(i / factor)] += value;
      }
    }
    readGlow.fill(0);
    writeGlow.fill(0);
  }
  cellBytes = bytes;
}

function fade(now) {
  const factor = 0.5 ** ((now - last) / HALF_LIFE);
  last = now;
  let any = false;
  for (let i = 0; i < CELLS; i++) {
    readGlow[i] *= factor;
    writeGlow[i] *= factor;
    if (readGlow[i] > 0.02 || writeGlow[i] > 0.02) any = true;
  }
  return any;
}

function tick(data) {
  if (data['cell-bytes']) scale(data['cell-bytes']);
  for (const [cell, r, w, hits] of data.heat ?? []) {
    reads[cell] += r;
    writes[cell] += w;
    injected[cell] += hits;
    // A thousand requests glow more than one, not a thousand times as much.
    if (r > 0) readGlow[cell] = Math.min(1, readGlow[cell] + 0.35 + Math.log10(1 + r) / 5);
    if (w > 0) writeGlow[cell] = Math.min(1, writeGlow[cell] + 0.35 + Math.log10(1 + w) / 5);
  }
  if ((data.heat ?? []).length > 0 && !running) animate();
}

/** Draws while anything glows, ten times a second; without motion once for each tick. */
function animate() {
  if (calm()) {
    readGlow.forEach((_, i) => { readGlow[i] = 0; writeGlow[i] = 0; });
    nextFrame(draw);
    return;
  }
  running = true;
  let drawn = 0;
  last = performance.now();
  const step = (now) => {
    if (now - drawn > 95) {
      drawn = now;
      const glows = fade(now);
      draw();
      if (!glows) {
        running = false;
        return;
      }
    }
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

/** How many cells the disk has. */
const used = () => {
  const size = current()?.size ?? 0;
  return cellBytes > 0 && size > 0 ? Math.min(CELLS, Math.ceil(size / cellBytes)) : CELLS;
};

function geometry() {
  const canvas = byId('map-canvas');
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  // As many rows as the disk has: one that is a little larger than a power of two has half the cells.
  const rows = Math.max(ROWS_MIN, Math.ceil(used() / COLUMNS));
  return { canvas, width, height, w: width / COLUMNS, h: height / rows };
}

function draw() {
  readout();
  if (!visible('map')) return;
  const { canvas, width, height, w, h: high } = geometry();
  if (width === 0) return;
  const dots = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round(height * dots);
  }
  colours ??= Object.fromEntries(['code', 'line', 'read', 'write', 'failed', 'focus', 'card', 'both'].map((name) => [name, colour(name)]));
  const g = canvas.getContext('2d');
  g.setTransform(dots, 0, 0, dots, 0, 0);
  g.globalAlpha = 1;
  g.fillStyle = colours.card;
  g.fillRect(0, 0, width, height);
  const cells = used();
  for (let i = 0; i < CELLS; i++) {
    const x = Math.round((i % COLUMNS) * w);
    const y = Math.round(Math.floor(i / COLUMNS) * high);
    const wide = Math.round(((i % COLUMNS) + 1) * w) - x - GAP;
    const tall = Math.round((Math.floor(i / COLUMNS) + 1) * high) - y - GAP;
    g.globalAlpha = 1;
    if (i >= cells) continue;
    g.fillStyle = colours.line;
    g.fillRect(x, y, wide, tall);
    const r = reads[i] > 0;
    const wr = writes[i] > 0;
    if (r || wr) {
      // Written in the lower half, read in the upper, if both.
      const half = r && wr ? Math.floor(tall / 2) : tall;
      if (r) {
        g.globalAlpha = 0.3 + 0.7 * readGlow[i];
        g.fillStyle = colours.read;
        g.fillRect(x, y, wide, half);
      }
      if (wr) {
        g.globalAlpha = 0.3 + 0.7 * writeGlow[i];
        g.fillStyle = colours.write;
        g.fillRect(x, r ? y + half : y, wide, r ? tall - half : tall);
      }
    }
    if (injected[i] > 0) mark(g, x, y, wide, tall);
  }
  g.globalAlpha = 1;
  if (at >= 0) {
    g.strokeStyle = colours.focus;
    g.lineWidth = 2;
    g.strokeRect(Math.round((at % COLUMNS) * w) - 1, Math.round(Math.floor(at / COLUMNS) * high) - 1, Math.round(w) + 1, Math.round(high) + 1);
  }
}

/** A diamond with a rim: told from heat by shape, not by colour alone. */
function mark(g, x, y, wide, tall) {
  const cx = x + wide / 2;
  const cy = y + tall / 2;
  const r = Math.min(wide, tall) / 2 + 1;
  g.globalAlpha = 1;
  g.beginPath();
  g.moveTo(cx, cy - r);
  g.lineTo(cx + r, cy);
  g.lineTo(cx, cy + r);
  g.lineTo(cx - r, cy);
  g.closePath();
  g.fillStyle = colours.failed;
  g.fill();
  g.strokeStyle = colours.card;
  g.lineWidth = 1;
  g.stroke();
}

function words(i) {
  const from = i * cellBytes;
  const to = Math.min(from + cellBytes, current()?.size || Infinity);
  const hits = injected[i] > 0 ? `, ${count(injected[i])} met a rule` : '';
  return `${place(from)} to ${place(to)}: ${plural(reads[i], 'read')}, ${plural(writes[i], 'write')}${hits}`;
}

function readout() {
  const cells = used();
  setText(byId('map-scale'), cellBytes === 0 ? '' : `${count(cells)} cells of ${place(cellBytes)}`);
  if (at >= 0 && cellBytes > 0) setText(byId('map-readout'), `Cell ${at}: ${words(at)}`);
  else setText(byId('map-readout'), 'Point at a cell, or go there with the arrow keys.');
  if (byId('map-words').open) list();
}

function list() {
  const busy = [...reads.keys()].filter((i) => reads[i] + writes[i] + injected[i] > 0);
  busy.sort((a, b) => injected[b] - injected[a] || reads[b] + writes[b] - reads[a] - writes[a]);
  byId('map-list').replaceChildren(...busy.slice(0, 12).map((i) => h('li', {}, words(i))));
}

function point(event) {
  const { canvas, w, h: high } = geometry();
  const box = canvas.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / w);
  const row = Math.floor((event.clientY - box.top) / high);
  const cell = row * COLUMNS + column;
  select(column >= 0 && column < COLUMNS && row >= 0 && cell < used() ? cell : -1);
}

function select(cell) {
  if (cell === at) return;
  at = cell;
  nextFrame(draw);
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };

function key(event) {
  if (event.key === 'Escape') return select(-1);
  let next = at;
  if (event.key in STEPS) next = Math.max(at, 0) + (at < 0 ? 0 : STEPS[event.key]);
  else if (event.key === 'Home') next = 0;
  else if (event.key === 'End') next = used() - 1;
  else return undefined;
  event.preventDefault();
  if (next >= 0 && next < used()) select(next);
  return undefined;
}

/** The counts so far; what glows goes on glowing. */
function totals({ heat }) {
  for (const one of [reads, writes, injected]) one.fill(0);
  cellBytes = heat['cell-bytes'];
  for (const [cell, r, w, hits] of heat.cells) {
    reads[cell] = r;
    writes[cell] = w;
    injected[cell] = hits;
  }
  nextFrame(draw);
}

export function startMap() {
  const canvas = byId('map-canvas');
  on('tick', tick);
  on('disk', clear);
  on('activity', totals);
  on('view', () => nextFrame(draw));
  on('theme', () => { colours = undefined; nextFrame(draw); });
  canvas.addEventListener('pointermove', point);
  canvas.addEventListener('pointerleave', () => { if (document.activeElement !== canvas) select(-1); });
  canvas.addEventListener('keydown', key);
  canvas.addEventListener('focus', () => { if (at < 0 && canvas.matches(':focus-visible')) select(0); });
  canvas.addEventListener('blur', () => select(-1));
  byId('map-words').addEventListener('toggle', () => nextFrame(draw));
  new ResizeObserver(() => nextFrame(draw)).observe(canvas);
}
