// What is held: requests that wait, and breakpoints that will make some wait.

import { alarm, byId, h, nextFrame, say, setText, showError } from './dom.js';
import * as api from './api.js';
import { model, on, path } from './model.js';
import { ago, count, plural, request } from './format.js';

const SHOWN_MAX = 8;

async function act(call, said) {
  try {
    await call();
    say(said);
  } catch (error) {
    document.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }
}

const resume = (tag) => act(() => api.post(path('resume'), { tag }), `${tag} goes on`);
const resumeAll = () => act(() => api.post(path('resume'), {}), 'Everything goes on');

/** Lets the first waiting request go on. */
export function resumeFirst() {
  if (model.suspended.length > 0) resume(model.suspended[0].tag);
}

const key = (one) => [one.tag, one.since, one.op, one.offset].join(' ');
const shown = new Map();

function makeItem(one) {
  const waits = h('span', { class: 'waits' });
  const item = h('li', {},
    h('b', { class: 'tag' }, one.tag), h('span', { class: 'code' }, one.event),
    h('span', {}, request(one.op, one.offset, one.bytes)), waits,
    h('button', { type: 'button', class: 'primary small', 'data-tag': one.tag, 'aria-label': `Resume ${one.tag}`, onclick: () => resume(one.tag) }, 'Resume'));
  return { item, waits, since: Date.parse(one.since) };
}

function render() {
  const list = byId('suspended-list');
  const now = model.suspended.slice(0, SHOWN_MAX);
  const keys = new Map(now.map((one) => [key(one), one]));
  for (const [id, entry] of shown) {
    if (keys.has(id)) continue;
    if (entry.item.contains(document.activeElement)) {
      (entry.item.nextElementSibling?.querySelector('button') ?? (model.suspended.length > 0 ? byId('resume-all') : byId('main'))).focus();
    }
    entry.item.remove();
    shown.delete(id);
  }
  for (const [id, one] of keys) {
    if (shown.has(id)) continue;
    const entry = makeItem(one);
    shown.set(id, entry);
    list.append(entry.item);
  }
  const all = model.suspended.length;
  const others = model.disks.filter((disk) => disk.name !== model.disk && disk.suspended > 0);
  byId('suspended').hidden = all === 0 && others.length === 0;
  byId('resume-all').hidden = all === 0;
  setText(byId('suspended-title'), all === 0 ? 'Requests wait' : `${plural(all, 'request')} ${all === 1 ? 'waits' : 'wait'}` + (all > SHOWN_MAX ? `, the first ${count(SHOWN_MAX)}` : ''));
  const words = others.map((disk) => `${count(disk.suspended)} on ${disk.name}`);
  if (byId('suspended-others').textContent !== words.join('')) {
    byId('suspended-others').replaceChildren(...others.map((disk, i) => h('a', { href: '#live/' + encodeURIComponent(disk.name) }, words[i])));
  }
  clocks();
}

/** Seen when the page is not: so it does not wait for the next picture. */
function title() {
  const all = model.suspended.length;
  document.title = (all > 0 ? `(${all}) ` : '') + (model.disk === '' ? 'faultdisk' : `${model.disk} · faultdisk`);
}

function clocks() {
  for (const { waits, since } of shown.values()) setText(waits, 'for ' + ago(Date.now() - since));
}

// ---- breakpoints

function breakpoints() {
  byId('breakpoint-list').replaceChildren(...model.breakpoints.map(({ event, tag }) => h('li', {},
    h('b', { class: 'tag' }, tag), ' at ', h('code', {}, event), ' ',
    h('button', { type: 'button', class: 'small', 'aria-label': `Remove breakpoint ${tag}`, onclick: () => {
      byId('breakpoint-tag').focus();
      act(() => api.remove(path('breakpoints', tag)), `Breakpoint ${tag} removed`);
    } }, 'Remove'))));
  byId('breakpoints-empty').hidden = model.breakpoints.length > 0;
}

async function setBreakpoint(event) {
  event.preventDefault();
  const tag = byId('breakpoint-tag').value.trim();
  const at = byId('breakpoint-event').value.trim();
  try {
    await api.post(path('breakpoints'), { event: at, tag });
    showError('breakpoint-error');
    say(`The next request at ${at} will wait`);
  } catch (error) {
    showError('breakpoint-error', error);
  }
}

export function startHolds() {
  on('suspended', (one) => {
    if (one) alarm(`A request waits: ${one.tag} at ${one.event}, ${request(one.op, one.offset, one.bytes)}`);
    title();
    nextFrame(render);
  });
  on('disk', () => { title(); nextFrame(render); });
  on('disks', () => nextFrame(render));
  on('rules', () => nextFrame(breakpoints));
  on('disk', () => nextFrame(breakpoints));
  byId('resume-all').addEventListener('click', resumeAll);
  byId('breakpoint-form').addEventListener('submit', setBreakpoint);
  setInterval(clocks, 1000);
}
