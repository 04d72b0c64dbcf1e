// What the page knows of the disk that is looked at, kept up to date by the server's events.

import * as api from './api.js';

/** Panels listen to this: disks, disk, rules, counts, state, suspended, power, tick, activity, exploration, connection. */
export const bus = new EventTarget();
const tell = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));
export const on = (name, listener) => bus.addEventListener(name, (event) => listener(event.detail));

export const model = {
  disks: [],
  disk: '', // the name of the one that is looked at
  faults: [],
  breakpoints: [],
  state: 0,
  suspended: [],
  power: 'on',
  explorations: [],
  connection: 'connecting',
  token: 0,
};

export const current = () => model.disks.find((disk) => disk.name === model.disk);

/** A path below the disk that is looked at. */
export const path = (...rest) => api.diskPath(model.disk, ...rest);

let source;
let retry;
let delay = 500;
let patience;
/** Milliseconds after which a stream that does not come back is called lost. */
const PATIENCE = 4000;

function connection(state) {
  if (model.connection === state) return;
  const before = model.connection;
  model.connection = state;
  tell('connection', { state, before });
}

/** Looks at a disk from now on; the empty name is whichever there is first. */
export function watch(disk) {
  if (disk === model.disk && source) return;
  model.disk = disk;
  model.faults = [];
  model.breakpoints = [];
  model.suspended = [];
  model.state = current()?.state ?? 0;
  model.power = current()?.power ?? 'on';
  tell('disk', disk);
  connect();
}

/** Opens the stream of events anew. */
export function connect() {
  clearTimeout(retry);
  source?.close();
  const path = 'events' + (model.disk === '' ? '' : '?disk=' + encodeURIComponent(model.disk));
  const stream = new EventSource(api.withToken(path));
  source = stream;
  const hear = (name, listener) =>
    stream.addEventListener(name, (event) => {
      if (source === stream) listener(JSON.parse(event.data));
    });
  hear('hello', () => {
    delay = 500;
    connection('live');
    refreshActivity();
  });
  hear('disks', (data) => disks(data.disks));
  hear('rules', (data) => { if (data.disk === model.disk) rules(data); });
  hear('state', (data) => { if (data.disk === model.disk) state(data); });
  hear('suspended', (data) => { if (data.disk === model.disk) suspended(data); });
  hear('resumed', (data) => { if (data.disk === model.disk) resumed(data); });
  hear('power', (data) => { if (data.disk === model.disk) power(data.power); });
  hear('tick', (data) => { if (data.disk === model.disk) tick(data); });
  hear('exploration', (data) => exploration(data));
  stream.addEventListener('error', () => {
    if (source === stream) lost(stream);
  });
}

// The browser tries again by itself, but a stream that was refused stays closed: ask why, in words that a stream
// cannot hear.
async function lost(stream) {
  if (stream.readyState !== EventSource.CLOSED) {
    if (model.connection !== 'live' && model.connection !== 'connecting') return;
    connection('reconnecting');
    clearTimeout(patience);
    patience = setTimeout(() => { if (model.connection === 'reconnecting') connection('lost'); }, PATIENCE);
    return;
  }
  connection('lost');
  stream.close();
  try {
    disks(await api.get('disks'));
  } catch (error) {
    if (error.status === 401) return connection('locked');
  }
  clearTimeout(retry);
  retry = setTimeout(connect, delay);
  delay = Math.min(5000, delay * 2);
}

function disks(list) {
  model.disks = list;
  tell('disks', list);
  if (!current()) {
    // The one that was looked at is gone, or there was none yet.
    watch(list[0]?.name ?? '');
  }
}

/** Brings the list of disks up to date: other disks have waiting requests, too. */
export async function refreshDisks() {
  if (model.connection !== 'live') return;
  try {
    const heard = powerHeard;
    const list = await api.get('disks');
    // What was asked before the power changed may say what is no longer so.
    if (heard !== powerHeard) return refreshDisks();
    model.disks = list;
    tell('disks', list);
  } catch {
    // The stream will say so.
  }
}

function rules(data) {
  model.faults = data.faults;
  model.breakpoints = data.breakpoints ?? [];
  const changed = data.state !== undefined && data.state !== model.state;
  if (changed) model.state = data.state;
  if (data.suspended) setSuspended(data.suspended);
  tell('rules', data.faults);
  if (changed) tell('state', undefined);
}

function state(data) {
  model.state = data.to;
  tell('state', data);
}

const key = (one) => [one.tag, one.since, one.event, one.op, one.offset].join(' ');

function suspended(one) {
  // The list that comes with the rules may have told of it already.
  if (model.suspended.some((other) => key(other) === key(one))) return;
  model.suspended = [...model.suspended, one];
  tell('suspended', one);
}

function resumed(one) {
  setSuspended(model.suspended.filter((other) => key(other) !== key(one)));
}

function setSuspended(list) {
  const known = new Set(model.suspended.map(key));
  const fresh = list.find((one) => !known.has(key(one)));
  const changed = list.length !== known.size || fresh;
  model.suspended = list;
  if (changed) tell('suspended', fresh);
}

let asking = false;

/** The stream leaves out what it has no room for, and says in each tick how many wait. */
async function recount(wanted) {
  if (asking || wanted === undefined || wanted === model.suspended.length) return;
  asking = true;
  const disk = model.disk;
  try {
    const list = await api.get(path('suspended'));
    if (disk === model.disk) setSuspended(list);
  } catch {
    // The stream will say so.
  } finally {
    asking = false;
  }
}

let powerHeard = 0;

function power(now) {
  powerHeard += 1;
  model.power = now;
  tell('power', now);
}

function tick(data) {
  const armed = data.armed ? new Set(data.armed) : undefined;
  let changed = false;
  for (const fault of model.faults) {
    const [events, requests, injected] = data.counts?.[fault.id] ?? [fault['events-matched'], fault['requests-matched'], fault.injected];
    const isArmed = armed ? armed.has(fault.id) : fault.armed;
    if (fault['events-matched'] !== events || fault['requests-matched'] !== requests || fault.injected !== injected || fault.armed !== isArmed) {
      Object.assign(fault, { 'events-matched': events, 'requests-matched': requests, injected, armed: isArmed });
      changed = true;
    }
  }
  if (changed) tell('counts', undefined);
  if (data.state !== undefined && data.state !== model.state) {
    model.state = data.state;
    tell('state', undefined);
  }
  recount(data.suspended);
  tell('tick', data);
  settle(data);
}

let wasBusy = false;
let settled = 0;
/** Milliseconds between two looks at the totals of a disk that is never quiet. */
const SETTLE = 30_000;

/**
 * Ticks say what has changed, but not since when: the totals that were asked for may have some of it already. So they
 * are asked for again when the disk has become quiet, and now and then.
 */
function settle(data) {
  const busy = Object.keys(data.counters).length > 0;
  if ((wasBusy && !busy) || (busy && performance.now() - settled > SETTLE)) refreshActivity();
  wasBusy = busy;
}

/** Asks for the totals so far. */
export async function refreshActivity() {
  const disk = model.disk;
  if (disk === '') return;
  settled = performance.now();
  try {
    const activity = await api.get(path('activity'));
    if (disk === model.disk) tell('activity', activity);
  } catch {
    // The connection's state says so.
  }
}

function exploration(one) {
  const others = model.explorations.filter((other) => other.id !== one.id);
  model.explorations = [...others, one].sort((a, b) => b.id - a.id);
  tell('exploration', one);
}

export function setExplorations(list) {
  model.explorations = [...list].sort((a, b) => b.id - a.id);
  tell('exploration', undefined);
}
