// The graph of nodes, from exports on the left to what holds the bytes on the right.

import { byId, h, nextFrame, s, say, showError, visible } from './dom.js';
import * as api from './api.js';
import { on } from './model.js';
import { plural, size } from './format.js';

const WIDE = 190;
const TALL = 54;
const COLUMN = 250;
const LINE = 76;

const cut = (text, letters) => (text.length <= letters ? text : '…' + text.slice(1 - letters));

let graph;

async function load() {
  if (!visible('nodes')) return;
  try {
    const now = await api.get('nodes');
    // What has not changed stays, and with it the focus.
    if (JSON.stringify(now) === JSON.stringify(graph)) return;
    graph = now;
    nextFrame(render);
  } catch (error) {
    document.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }
}

/** Boxes by column: an export is left of its node, a node left of what is below it. */
function layout() {
  const boxes = new Map();
  for (const node of graph.nodes) boxes.set('node ' + node.name, { node, title: node.name, below: [], depth: 1 });
  for (const edge of graph.edges) {
    const to = 'node ' + edge.to;
    if (boxes.has(to)) boxes.get('node ' + edge.from)?.below.push({ to, role: edge.role });
  }
  for (const one of graph.exports) {
    const to = 'node ' + one.node;
    boxes.set('export ' + one.id, { export: one, title: one.name ?? one.id, below: boxes.has(to) ? [{ to, role: '' }] : [], depth: 0 });
  }
  // As far right as anything above demands; a graph of nodes has no cycles.
  let moved = true;
  for (let round = 0; moved && round <= boxes.size; round++) {
    moved = false;
    for (const box of boxes.values()) {
      for (const { to } of box.below) {
        const under = boxes.get(to);
        if (under.depth <= box.depth) {
          under.depth = box.depth + 1;
          moved = true;
        }
      }
    }
  }
  const columns = [];
  for (const box of boxes.values()) (columns[box.depth] ??= []).push(box);
  // Beside what stands above them, so that lines cross less.
  columns.forEach((column, depth) => {
    if (depth > 0) {
      for (const box of column) {
        const above = [...boxes.values()].filter((other) => other.below.some(({ to }) => boxes.get(to) === box) && other.row !== undefined);
        box.wish = above.length > 0 ? above.reduce((sum, other) => sum + other.row, 0) / above.length : 1e3;
      }
      column.sort((a, b) => a.wish - b.wish);
    }
    let row = -1;
    for (const box of column) {
      box.row = Math.max(row + 1, box.wish !== undefined && box.wish < 1e3 ? Math.round(box.wish) : 0);
      row = box.row;
      box.x = 12 + depth * COLUMN;
      box.y = 12 + box.row * LINE;
    }
  });
  return boxes;
}

function details(box) {
  if (box.export) {
    const one = box.export;
    return [`export, ${one.writable ? 'writable' : 'read-only'}`, plural(one.clients ?? 0, 'client')];
  }
  const { node } = box;
  const what = [node.driver, node['read-only'] && 'read-only', node.size > 0 && size(node.size)];
  return [what.filter((text) => text).join(', '), node.filename ?? ''];
}

function draw(box) {
  const kind = box.export ? 'export' : box.node.disk ? 'disk' : box.node.kind;
  const [first, second] = details(box);
  const group = s('g', { class: 'node is-' + kind, transform: `translate(${box.x} ${box.y})` },
    s('title', {}, [box.title, first, second, box.export?.uri ?? ''].join('\n').trim()),
    s('rect', { width: WIDE, height: TALL, rx: 7 }),
    box.node?.disk ? s('path', { class: 'sign', d: `M${WIDE - 22} 9a8 3 0 0 0 14 0a8 3 0 0 0-14 0v9a8 3 0 0 0 14 0v-9` }) : '',
    s('text', { class: 'name', x: 10, y: 18 }, cut(box.title, 22)),
    s('text', { x: 10, y: 33 }, cut(first, 29)), s('text', { x: 10, y: 47 }, cut(second, 27)));
  return box.node?.disk ? s('a', { href: '#live/' + encodeURIComponent(box.title), 'aria-label': `Disk ${box.title}: look at it` }, group) : group;
}

function line(from, to, role) {
  const x1 = from.x + WIDE;
  const y1 = from.y + TALL / 2;
  const x2 = to.x;
  const y2 = to.y + TALL / 2;
  const mid = (x1 + x2) / 2;
  return s('g', { class: 'edge' }, s('path', { d: `M${x1} ${y1}C${mid} ${y1} ${mid} ${y2} ${x2} ${y2}` }),
    s('text', { x: mid, y: (y1 + y2) / 2 - 5, 'text-anchor': 'middle' }, role));
}

function render() {
  const boxes = layout();
  const all = [...boxes.values()];
  const box = byId('nodes-box');
  if (all.length === 0) {
    box.replaceChildren(h('p', { class: 'empty' }, 'There are no nodes.'));
  } else {
    const width = Math.max(...all.map((one) => one.x)) + WIDE + 12;
    const height = Math.max(...all.map((one) => one.y)) + TALL + 12;
    box.replaceChildren(s('svg', { width, height, viewBox: `0 0 ${width} ${height}`, class: 'graph', role: 'group', 'aria-label': 'Exports and nodes' },
      ...all.flatMap((one) => one.below.map(({ to, role }) => line(one, boxes.get(to), role))), ...all.map(draw)));
  }
  byId('nodes-words').replaceChildren(...all.map((one) => h('li', {},
    `${one.export ? 'Export' : one.node.disk ? 'Disk' : 'Node'} ${one.title} (${details(one).filter((text) => text !== '').join(', ')})`,
    one.below.length > 0 ? ' on ' + one.below.map(({ to, role }) => boxes.get(to).title + (role ? ` as ${role}` : '')).join(', ') : '',
    one.export?.uri ? ': ' + one.export.uri : '')));
}

async function addDisk(event) {
  event.preventDefault();
  const name = byId('disk-name').value.trim();
  const format = byId('disk-format').value;
  const body = {
    name, image: byId('disk-image').value.trim(), 'read-only': byId('disk-read-only').checked, export: byId('disk-export').checked,
    ...(format === '' ? {} : { format }),
  };
  try {
    await api.post('disks', body);
    byId('disk-dialog').close();
    say(`Disk ${name} is there`);
    location.hash = '#live/' + encodeURIComponent(name);
  } catch (error) {
    showError('disk-error', error);
  }
}

export function startNodes() {
  on('view', load);
  on('disks', load);
  byId('nodes-again').addEventListener('click', load);
  byId('disk-form').addEventListener('submit', addDisk);
  for (const button of document.querySelectorAll('[data-does=add-disk]')) {
    button.addEventListener('click', () => {
      showError('disk-error');
      byId('disk-dialog').showModal();
      byId('disk-name').focus();
    });
  }
}
