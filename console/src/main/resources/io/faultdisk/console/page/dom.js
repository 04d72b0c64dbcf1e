// Making and finding elements. Texts are only ever set as texts, never as markup.

const SVG = 'http://www.w3.org/2000/svg';

export const byId = (id) => document.getElementById(id);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** An element with attributes and children; onclick and the like are listeners. */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for a part of a drawing. */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** Sets a text if it is another; screen readers hear of changes only. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells people who cannot see it what has happened. */
export function say(text) {
  byId('said').textContent = text;
}

/** The same, at once. */
export function alarm(text) {
  byId('alarm').textContent = text;
}

/** Shows the server's words at a form, or nothing. */
export function showError(id, error) {
  const box = byId(id);
  box.hidden = !error;
  box.textContent = error ? words(error) : '';
}

/** An error in the server's words, with its remedy. */
export const words = (error) => error.message + (error.hint ? '\n' + error.hint : '');

const waiting = new Set();
let asked = false;

/** Does it once before the next picture, however often it is asked for. */
export function nextFrame(task) {
  waiting.add(task);
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const tasks = [...waiting];
    waiting.clear();
    for (const one of tasks) one();
  });
}

/** Whether a panel can be seen now; drawing others is a waste. */
export const visible = (id) => !byId(id).hidden && byId(id).offsetParent !== null;

/** Asks "are you sure", with what will happen; answers true or false. */
export function sure(title, yes, ...text) {
  const dialog = byId('confirm-dialog');
  byId('confirm-title').textContent = title;
  byId('confirm-yes').textContent = yes;
  byId('confirm-text').replaceChildren(...text);
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), { once: true });
  });
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

let probe;

/** What a colour of the style sheet is now, for canvases. */
export function colour(name) {
  if (!probe) {
    probe = h('span', { hidden: true });
    document.body.append(probe);
  }
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}
