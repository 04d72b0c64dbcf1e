// The requests as they come: a table of which only the rows in sight exist.
//
// The server sends a few hundred rows four times a second at most, and says how many it left out. They are kept
// in an array of bounded length; twice the bound, and the older half goes. While somebody scrolls or has paused,
// what is shown is a copy that nothing is added to.

import { byId, h, nextFrame, setText, visible } from './dom.js';
import { on } from './model.js';
import { clockTime, count, nanos, parseSize, place } from './format.js';

const ROWS_MAX = 20_000;
const ROW = 22;
const SPARE = 6;
const DRAWN_MAX = 200;

// Places in a row, as the server sends it; a row of one number says how many are missing.
const [, TIME, EVENTS, TYPE, OFFSET, BYTES, NANOS, VERDICT, RULE] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

let all = [];
let found = all; // those that pass the filter; the same array without one
let kept; // all that there was when it was paused
let held; // those of them that pass the filter: what is looked at
let paused = false;
let seen = 0;
let missed = 0;
let newer = 0;
const filter = { type: '', verdict: '', range: '', text: '' };
let range;

const filtering = () => filter.type !== '' || filter.verdict !== '' || range !== undefined || filter.text !== '';

function passes(row) {
  if (row.length === 1) return !filtering();
  if (filter.type !== '' && row[TYPE] !== filter.type) return false;
  if (filter.verdict === 'ok' && row[VERDICT] !== 'ok') return false;
  if (filter.verdict === 'failed' && row[VERDICT] === 'ok') return false;
  if (filter.verdict === 'injected' && row[RULE] === '') return false;
  if (range && !(row[OFFSET] < range[1] && row[OFFSET] + row[BYTES] > range[0])) return false;
  if (filter.text !== '') {
    const text = `${row[EVENTS]} ${row[TYPE]} ${row[VERDICT]} ${row[RULE]}`.toLowerCase();
    return filter.text.toLowerCase().split(/\s+/).every((word) => text.includes(word));
  }
  return true;
}

const filtered = (rows) => (filtering() ? rows.filter(passes) : rows);

const bounded = (rows) => (rows.length > 2 * ROWS_MAX ? rows.slice(-ROWS_MAX) : rows);

function add(tick) {
  const came = tick.skipped > 0 ? [...tick.rows, [tick.skipped]] : tick.rows;
  if (came.length === 0) return;
  seen += tick.rows.length;
  missed += tick.skipped;
  const whole = found === all;
  for (const row of came) {
    all.push(row);
    if (!whole && passes(row)) found.push(row);
  }
  if (held) newer += tick.rows.length + tick.skipped;
  all = bounded(all);
  found = whole ? all : bounded(found);
  nextFrame(render);
}

function search() {
  found = filtered(all);
  if (kept) held = filtered(kept);
  byId('timeline-scroll').scrollTop = 0;
  nextFrame(render);
}

// ---- drawing: as many rows as fit, filled anew

const pool = [];

function makeRow() {
  const cells = ['time', 'events', 'type', 'number', 'number', 'number', 'verdict'].map((look) => h('td', { class: look }));
  const chip = h('span', { class: 'verdict-text' });
  const rule = h('span', { class: 'rule-kind' });
  cells[6].append(chip, rule);
  return { row: h('tr', {}, ...cells), cells, chip, rule, more: false };
}

function fillRow(entry, data) {
  const { row, cells } = entry;
  const more = data.length === 1;
  if (more !== entry.more) {
    entry.more = more;
    cells.forEach((cell, i) => { cell.hidden = more && i > 0; });
    cells[0].colSpan = more ? 7 : 1;
  }
  if (more) {
    row.className = 'more';
    setText(cells[0], `and ${count(data[0])} more`);
    return;
  }
  const met = data[RULE] !== '';
  const look = (met ? 'met ' : '') + (data[VERDICT] === 'ok' ? 'ok' : 'bad');
  if (row.className !== look) row.className = look;
  setText(cells[0], clockTime(data[TIME]));
  setText(cells[1], data[EVENTS]);
  setText(cells[2], data[TYPE]);
  cells[2].className = 'type ' + data[TYPE];
  const placed = data[TYPE] !== 'flush';
  setText(cells[3], placed ? place(data[OFFSET]) : '');
  setText(cells[4], placed ? place(data[BYTES]) : '');
  setText(cells[5], nanos(data[NANOS]));
  setText(entry.chip, data[VERDICT]);
  setText(entry.rule, data[RULE]);
}

function render() {
  status();
  if (!visible('timeline')) return;
  const scroll = byId('timeline-scroll');
  const rows = held ?? found;
  byId('timeline-height').style.height = rows.length * ROW + 'px';
  const first = Math.max(0, Math.min(rows.length - 1, Math.floor(scroll.scrollTop / ROW)) - SPARE);
  const wanted = Math.min(rows.length - first, Math.ceil(scroll.clientHeight / ROW) + 2 * SPARE, DRAWN_MAX);
  const body = byId('timeline-rows');
  while (pool.length < wanted) {
    const entry = makeRow();
    pool.push(entry);
    body.append(entry.row);
  }
  pool.forEach((entry, i) => {
    entry.row.hidden = i >= wanted;
    // The latest comes first.
    if (i < wanted) fillRow(entry, rows[rows.length - 1 - first - i]);
  });
  byId('timeline-table').style.transform = `translateY(${first * ROW}px)`;
  const empty = byId('timeline-empty');
  empty.hidden = rows.length > 0;
  setText(empty, all.length > 0 ? 'No request is like that.' : 'No requests yet.');
}

function status() {
  const shown = filtering() ? `${count((held ?? found).length)} found, ` : '';
  const more = missed > 0 ? ` and ${count(missed)} more` : '';
  const waiting = held ? `, ${count(newer)} since the pause` : '';
  setText(byId('timeline-status'), seen === 0 ? '' : `${shown}${count(seen)} listed${more}${waiting}`);
}

function hold(now) {
  if (now === Boolean(held)) return;
  kept = now ? all.slice() : undefined;
  held = now ? filtered(kept) : undefined;
  newer = 0;
  const button = byId('timeline-pause');
  button.textContent = now ? 'Continue' : 'Pause';
  button.setAttribute('aria-pressed', String(now));
  byId('timeline').classList.toggle('held', now);
  if (!now) byId('timeline-scroll').scrollTop = 0;
  nextFrame(render);
}

/** Pauses or goes on. */
export function togglePause() {
  paused = !held;
  hold(paused);
}

function clear() {
  all = [];
  found = [];
  if (!filtering()) found = all;
  if (kept) kept = held = [];
  seen = missed = newer = 0;
  nextFrame(render);
}

// ---- the filter, kept in the address

function readRange(text) {
  if (text.trim() === '') return undefined;
  const [from, to, ...rest] = text.split('-');
  const start = parseSize(from);
  const end = to === undefined ? start + 1 : to.trim() === '' ? Infinity : parseSize(to);
  if (rest.length > 0 || Number.isNaN(start) || Number.isNaN(end) || end <= start) return null;
  return [start, end];
}

function readFilter() {
  filter.type = byId('filter-type').value;
  filter.verdict = byId('filter-verdict').value;
  filter.text = byId('filter-text').value.trim();
  filter.range = byId('filter-range').value.trim();
  const parsed = readRange(filter.range);
  const bad = parsed === null;
  range = bad ? undefined : parsed;
  const box = byId('filter-range');
  if (bad) box.setAttribute('aria-invalid', 'true');
  else box.removeAttribute('aria-invalid');
  byId('filter-reset').hidden = !bad && !filtering();
  byId('filter-error').hidden = !bad;
  setText(byId('filter-error'), bad ? 'A range is like 64K-1M, 1M- or 64K+512' : '');
}

/** The filter as parameters of the address. */
export const filterParams = () => Object.entries(filter).filter(([, value]) => value !== '');

/** Sets the filter from them. */
export function setFilter(params) {
  let changed = false;
  for (const key of Object.keys(filter)) {
    const value = params.get(key) ?? '';
    if (value !== filter[key]) changed = true;
    byId('filter-' + key).value = value;
  }
  if (!changed) return;
  readFilter();
  search();
}

export function startTimeline(changed) {
  const scroll = byId('timeline-scroll');
  on('tick', add);
  on('view', () => nextFrame(render));
  on('disk', clear);
  scroll.addEventListener('scroll', () => {
    // Whoever looks at older rows wants them to stay where they are.
    if (scroll.scrollTop > ROW) hold(true);
    else if (held && !paused && scroll.scrollTop === 0) hold(false);
    nextFrame(render);
  }, { passive: true });
  new ResizeObserver(() => nextFrame(render)).observe(scroll);
  byId('timeline-pause').addEventListener('click', togglePause);
  byId('timeline-clear').addEventListener('click', clear);
  let typing;
  const refresh = () => { readFilter(); search(); changed(); };
  for (const kind of ['input', 'change']) {
    byId('filter').addEventListener(kind, () => { clearTimeout(typing); typing = setTimeout(refresh, 120); });
  }
  byId('filter').addEventListener('submit', (event) => { event.preventDefault(); refresh(); });
  byId('filter-reset').addEventListener('click', () => { byId('filter').reset(); refresh(); byId('filter-type').focus(); });
}
