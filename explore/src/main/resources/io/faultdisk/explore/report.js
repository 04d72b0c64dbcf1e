'use strict';
// What the page does beyond being read: copying, finding cases, reading the timeline by keyboard.

const byId = (id) => document.getElementById(id);

// The target of a link may be folded away.
function unfold() {
  const target = location.hash.length > 1 && byId(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === 'DETAILS') {
    target.open = true;
    target.scrollIntoView();
  }
}
window.addEventListener('hashchange', unfold);
unfold();

for (const figure of document.querySelectorAll('.copyable')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', 'Copy ' + figure.querySelector('figcaption').textContent);
  button.addEventListener('click', async () => {
    const pre = figure.querySelector('pre');
    try {
      await navigator.clipboard.writeText(pre.textContent + '\n');
    } catch (refused) {
      getSelection().selectAllChildren(pre);
      document.execCommand('copy');
    }
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  figure.append(button);
}

const box = byId('timeline-box');
if (box) {
  box.setAttribute('aria-label', 'Timeline; arrow keys go from request to request, Enter goes to a failure');
  const columns = Array.from(box.querySelectorAll('.col'));
  let at = -1;
  const show = (index) => {
    if (at >= 0) columns[at].classList.remove('on');
    at = index;
    columns[at].classList.add('on');
    byId('readout').textContent = columns[at].querySelector('title').textContent;
  };
  columns.forEach((column, index) => column.addEventListener('mouseenter', () => show(index)));
  box.addEventListener('keydown', (event) => {
    const mark = event.target === box && event.key === 'Enter' && box.querySelector('[data-column="' + at + '"]');
    if (mark) location.hash = mark.getAttribute('href');
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: columns.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show(Math.min(columns.length - 1, Math.max(0, next)));
    columns[at].querySelector('.hit').scrollIntoView({ block: 'nearest', inline: 'nearest' });
  });
}

const PAGE = 200;
const FIELDS = 7;
const data = JSON.parse(byId('data').textContent);
const total = data.rows.length / FIELDS;
let found = [];
let first = 0;

function matches(row, family, verdict, words) {
  const [, itsFamily, itsVerdict, place, fault, reason] = data.rows.slice(row * FIELDS, (row + 1) * FIELDS);
  if (family !== '' && data.families[itsFamily] !== family) return false;
  if (verdict !== '' && data.verdicts[itsVerdict] !== verdict) return false;
  if (words.length === 0) return true;
  const text = (data.places[place] + data.faults[fault] + ' ' + data.reasons[reason]).toLowerCase();
  return words.every((word) => text.includes(word));
}

function search() {
  const words = byId('text').value.toLowerCase().split(/\s+/).filter((word) => word !== '');
  found = [];
  for (let row = 0; row < total; row++) {
    if (matches(row, byId('family').value, byId('verdict-filter').value, words)) found.push(row);
  }
  first = 0;
  list();
}

function cell(row, name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  row.insertCell().append(made);
  return made;
}

function list() {
  const rows = document.createDocumentFragment();
  for (const number of found.slice(first, first + PAGE)) {
    const [index, family, verdict, place, fault, reason, target] = data.rows.slice(number * FIELDS, (number + 1) * FIELDS);
    const row = document.createElement('tr');
    row.insertCell().textContent = index;
    row.insertCell().textContent = data.families[family];
    cell(row, 'code', data.places[place] + data.faults[fault]);
    // Only a failure has a target.
    const link = data.targets[target];
    const chip = cell(row, link === '' ? 'span' : 'a', data.verdicts[verdict]);
    chip.className = 'chip v-' + data.verdicts[verdict];
    if (link !== '') chip.href = link;
    row.insertCell().textContent = data.reasons[reason];
    rows.append(row);
  }
  byId('rows').replaceChildren(rows);
  const count = (n) => n.toLocaleString('en');
  const last = Math.min(found.length, first + PAGE);
  byId('page').textContent = found.length === 0
    ? 'No case is like that'
    : count(first + 1) + ' to ' + count(last) + ' of ' + count(found.length)
      + (found.length === total ? ' cases' : ' found among ' + count(total) + ' cases');
  byId('previous').disabled = first === 0;
  byId('next').disabled = last === found.length;
}

let typing;
byId('text').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(search, 150); });
byId('family').addEventListener('change', search);
byId('verdict-filter').addEventListener('change', search);
byId('filters').addEventListener('submit', (event) => { event.preventDefault(); search(); });
byId('previous').addEventListener('click', () => { first -= PAGE; list(); byId('cases').scrollIntoView(); });
byId('next').addEventListener('click', () => { first += PAGE; list(); byId('cases').scrollIntoView(); });
byId('filters').hidden = false;
byId('pages').hidden = false;
search();
