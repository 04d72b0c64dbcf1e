// Rules as a file: export for us or for QEMU, import with a look at what would go and what would come.

import { byId, h, nextFrame, say, showError, sure, visible, words } from './dom.js';
import * as api from './api.js';
import { model, on, path } from './model.js';
import { plural } from './format.js';

let shown = 0;

const query = () => (byId('dialect').value === '' ? '' : '?dialect=' + byId('dialect').value);

async function show() {
  if (model.disk === '' || !visible('rulefile')) return;
  const number = ++shown;
  let text = '';
  let error;
  try {
    text = await api.get(path('rules') + query());
  } catch (problem) {
    error = problem;
  }
  if (number !== shown) return;
  byId('export-text').textContent = error ? '' : text.trim() === '' ? '# no rules\n' : text;
  byId('export-text').hidden = Boolean(error);
  byId('export-save').disabled = byId('export-copy').disabled = Boolean(error);
  showError('export-error', error);
}

async function save() {
  const blob = new Blob([byId('export-text').textContent], { type: 'text/plain' });
  const url = URL.createObjectURL(blob);
  h('a', { href: url, download: `${model.disk}.conf` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  say('Saved');
}

async function copy() {
  const button = byId('export-copy');
  try {
    await navigator.clipboard.writeText(byId('export-text').textContent);
    button.textContent = 'Copied';
    say('Copied');
  } catch {
    // Without a permission the text can still be copied by hand.
    getSelection().selectAllChildren(byId('export-text'));
    button.textContent = 'Selected';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
}

// ---- import

let asked = 0;
let timer;
let checked;

function verdict(text, look, ...more) {
  const box = byId('import-verdict');
  box.className = 'verdict-box is-' + look;
  box.replaceChildren(text, ...more);
}

const briefs = (rules) =>
  h('ul', {}, ...rules.slice(0, 12).map((rule) => h('li', {}, `${rule.kind}: ${rule.brief}`)),
    rules.length > 12 && h('li', {}, `and ${rules.length - 12} more`));

async function check() {
  const text = byId('import-text').value;
  const number = ++asked;
  checked = undefined;
  try {
    const { rules } = await api.postText('rules/check', text);
    if (number !== asked) return undefined;
    checked = { text, rules };
    verdict(`The file is good: ${plural(rules.length, 'rule')}.`, 'ok', briefs(rules));
  } catch (error) {
    if (number !== asked) return undefined;
    verdict(words(error), 'failed');
  }
  return checked;
}

async function submit(event) {
  event.preventDefault();
  clearTimeout(timer);
  const good = await check();
  if (!good) {
    byId('import-text').focus();
    return;
  }
  if (model.faults.length > 0) {
    const replaced = await sure(
      `Replace ${plural(model.faults.length, 'rule')} of ${model.disk}?`, 'Replace',
      h('h3', {}, 'These go'), briefs(model.faults), h('h3', {}, 'These come'), briefs(good.rules));
    if (!replaced) return;
  }
  try {
    const faults = await api.putText(path('rules'), good.text);
    byId('import-dialog').close();
    say(`${plural(faults.length, 'rule')} in force`);
  } catch (error) {
    verdict(words(error), 'failed');
  }
}

export function startRuleFile() {
  on('rules', () => nextFrame(show));
  on('disk', () => nextFrame(show));
  on('view', () => nextFrame(show));
  byId('dialect').addEventListener('change', show);
  byId('export-save').addEventListener('click', save);
  byId('export-copy').addEventListener('click', copy);
  byId('import-open').addEventListener('click', () => {
    byId('import-text').value = '';
    byId('import-file').value = '';
    verdict('', 'ok');
    byId('import-dialog').showModal();
    byId('import-text').focus();
  });
  byId('import-file').addEventListener('change', async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    if (file.size > 1 << 20) {
      verdict('A rule file has a mebibyte at most', 'failed');
      return;
    }
    byId('import-text').value = await file.text();
    check();
  });
  byId('import-text').addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(check, 200);
  });
  byId('import-form').addEventListener('submit', submit);
}
