// The form of a rule: its keys come from the server's schema, its mistakes are told in the server's words.

import { byId, h, say, words } from './dom.js';
import * as api from './api.js';
import { path } from './model.js';

const KINDS = {
  'inject-error': 'fails, delays or holds requests',
  'set-state': 'an event moves the state',
  'inject-corruption': 'flips bits of reads or writes',
  'tear-write': 'only a part of a write reaches the medium',
  'drop-write': 'acknowledges writes that never happen',
  'misdirect-write': 'a write lands elsewhere',
  'stale-read': 'a read returns what was there before',
  'fail-flush': 'a flush fails, or lies',
  'cut-power': 'the power goes at a request',
  'bad-blocks': 'reads fail until what is bad was written',
  'inject-connection-fault': 'an NBD reply or client meets with something',
};

const ON_OFF = ['', 'on', 'off'];

/** Group, help, and the values to choose from, if there are not too many. */
const KEYS = {
  event: ['When', 'what arms the rule; none is at once', { list: 'events' }],
  state: ['When', 'only in this state; 0 or nothing is any'],
  new_state: ['What happens', 'the state that follows'],
  iotype: ['Which requests', 'nothing is all the kind can do something to', { choices: 'iotypes' }],
  sector: ['Which requests', 'contains the first byte of this sector'],
  start: ['Which requests', 'first sector that is touched'],
  nr_sectors: ['Which requests', 'how many from there; nothing is all'],
  offset: ['Which requests', 'the same in bytes'],
  bytes: ['Which requests', 'how many from there'],
  occurrence: ['When', 'the n-th match, from 1'],
  times: ['When', 'so many times at most'],
  chance: ['When', 'in percent, of each match'],
  seed: ['When', 'of the choices that are left to chance'],
  once: ['When', 'the first effect uses the rule up', { choices: ON_OFF }],
  immediately: ['What happens', "QEMU's; changes no result", { choices: ON_OFF }],
  errno: ['What happens', 'a name or number; 0 lets it pass', { list: 'errnos' }],
  when: ['What happens', 'fail before it is done, or after', { choices: ['', 'before', 'after'] }],
  'delay-ns': ['What happens', 'waits so many nanoseconds first'],
  suspend: ['What happens', 'waits until this tag is resumed'],
  bits: ['What happens', 'how many are flipped'],
  sectors: ['What happens', 'how many reach the medium; nothing is half'],
  part: ['What happens', 'which of them', { choices: ['', 'first', 'last', 'random'] }],
  then: ['What happens', 'and what comes after', { choices: ['', 'success', 'error', 'power-cut'] }],
  to: ['What happens', 'lands at this sector'],
  by: ['What happens', 'lands so many sectors further on'],
  mode: ['What happens', 'in which way'],
  survivors: ['What happens', 'none, all, random, or writes: 1-3,5'],
  'expect-fired': ['What happens', 'a run in which it did nothing has failed', { choices: ON_OFF }],
};
const MODES = {
  'fail-flush': ['', 'drop', 'keep', 'lie'],
  'inject-connection-fault': ['', 'drop-after-header', 'half-payload', 'wrong-cookie', 'late-reply', 'refuse'],
};
const GROUPS = ['What happens', 'Which requests', 'When'];

let schema;
let editing;
let values = {};
let asked = 0;
let timer;
let sending = false;

async function load() {
  if (schema) return schema;
  schema = await api.get('rules/schema');
  byId('rule-kind').replaceChildren(...schema.kinds.map(({ kind }) => h('option', {}, kind)));
  byId('errnos').replaceChildren(...schema.errnos.map((name) => h('option', { value: name })));
  return schema;
}

/** The events that rules and breakpoints can name, for lists of suggestions. */
export async function loadEvents() {
  const { events } = await load();
  byId('events').replaceChildren(...events.map(({ name, meaning }) => h('option', { value: name }, meaning)));
}

function field(kind, key) {
  const [, help, how = {}] = KEYS[key] ?? ['What happens', ''];
  const id = 'key-' + key;
  const choices = key === 'mode' ? MODES[kind] : how.choices === 'iotypes' ? ['', ...schema.iotypes] : how.choices;
  const common = { id, name: key, 'data-key': key, 'aria-describedby': id + '-help' };
  const input = choices
    ? h('select', common, ...choices.map((choice) => h('option', { value: choice }, choice === '' ? '–' : choice)))
    : h('input', { ...common, list: how.list, autocomplete: 'off', spellcheck: 'false' });
  input.value = values[key] ?? '';
  // A value that the list does not have is not lost.
  if (input.value !== String(values[key] ?? '') && choices) {
    input.append(h('option', {}, String(values[key])));
    input.value = values[key];
  }
  return h('div', { class: 'field' }, h('label', { for: id }, key), input, h('span', { id: id + '-help', class: 'soft' }, help));
}

function render() {
  const kind = byId('rule-kind').value;
  const keys = schema.kinds.find((one) => one.kind === kind).keys.map((key) => key.name ?? key);
  byId('rule-kind-help').textContent = KINDS[kind] ?? '';
  const groups = GROUPS.map((name) => [name, keys.filter((key) => (KEYS[key]?.[0] ?? 'What happens') === name)]);
  byId('rule-fields').replaceChildren(
    ...groups.filter(([, own]) => own.length > 0).map(([name, own]) =>
      h('fieldset', {}, h('legend', {}, name), ...own.map((key) => field(kind, key)))));
}

function collect() {
  const keys = {};
  for (const input of byId('rule-fields').querySelectorAll('[data-key]')) {
    values[input.dataset.key] = input.value;
    if (input.value.trim() !== '') keys[input.dataset.key] = input.value.trim();
  }
  return { kind: byId('rule-kind').value, keys };
}

function show(text, look) {
  const box = byId('rule-verdict');
  box.className = 'verdict-box is-' + look;
  box.textContent = text;
}

/** The field that a complaint is about: one whose key it quotes, or whose value is a word of it. */
function accused(message) {
  const inputs = [...byId('rule-fields').querySelectorAll('[data-key]')];
  const words = message.split(/[\s'":,;()]+/);
  return inputs.find((input) => message.includes(`'${input.dataset.key}'`))
    ?? inputs.find((input) => input.value.trim() !== '' && words.includes(input.value.trim()));
}

function complain(error) {
  show(words(error), 'failed');
  const input = accused(error.message);
  if (input) input.setAttribute('aria-invalid', 'true');
  return input;
}

async function check() {
  const number = ++asked;
  const rule = collect();
  try {
    const answer = await api.post('rules/check', rule);
    if (number !== asked) return;
    clear();
    const one = answer.rules?.[0] ?? answer;
    show(one.sentence ?? one.brief ?? '', 'ok');
  } catch (error) {
    if (number !== asked) return;
    clear();
    complain(error);
  }
}

function clear() {
  for (const input of byId('rule-fields').querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(check, 150);
}

/** Opens the form for a new rule, or for one that is there. */
export async function openRule(fault) {
  try {
    await load();
  } catch (error) {
    document.dispatchEvent(new CustomEvent('trouble', { detail: error }));
    return;
  }
  editing = fault;
  values = fault ? { ...fault.keys } : { event: 'none' };
  byId('rule-kind').value = fault?.kind ?? 'inject-error';
  byId('rule-title').textContent = fault ? `Edit rule ${fault.id}` : 'Add a rule';
  byId('rule-submit').textContent = fault ? 'Replace' : 'Add';
  render();
  show('', 'ok');
  byId('rule-dialog').showModal();
  byId('rule-kind').focus();
  check();
}

async function submit(event) {
  event.preventDefault();
  clearTimeout(timer);
  asked++;
  // A button that is disabled meanwhile would lose the focus.
  if (sending) return;
  sending = true;
  const rule = collect();
  try {
    const fault = editing
      ? await api.put(path('faults', editing.id), rule)
      : await api.post(path('faults'), rule);
    byId('rule-dialog').close();
    say(`Rule ${fault.id} is in force: ${fault.brief}`);
  } catch (error) {
    clear();
    complain(error)?.focus();
  } finally {
    sending = false;
  }
}

export function startRuleForm() {
  byId('rule-form').addEventListener('submit', submit);
  for (const kind of ['input', 'change']) byId('rule-fields').addEventListener(kind, soon);
  byId('rule-kind').addEventListener('change', () => {
    collect();
    render();
    check();
  });
}
