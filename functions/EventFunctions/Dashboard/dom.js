// Builds elements. Text goes in as text and nothing else; what came from outside is isolated and cut to a size that can be read.

const SVG = 'http://www.w3.org/2000/svg';

export const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (name === 'href' && !String(value).startsWith('#')) throw new Error('Links lead within the page.');
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false));
  return element;
}

export const clip = (text, length = 160) => {
  const whole = String(text);
  return whole.length > length ? whole.slice(0, length) + '…' : whole;
};

/** Text from outside: whatever its direction, it does not turn what stands beside it. */
export const outside = (text, length) => el('bdi', {}, clip(text, length));

/** Puts new children in place. What looks the same as what had the focus gets it, what was opened stays open. */
export function replace(root, ...children) {
  const focused = root.contains(document.activeElement) ? identity(document.activeElement) : undefined;
  const opened = new Set([...root.querySelectorAll('details[open] > summary')].map(identity));
  root.replaceChildren(...children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false));
  for (const summary of root.querySelectorAll('summary')) summary.parentElement.open = opened.has(identity(summary));
  if (focused) [...root.querySelectorAll('a, button, summary, [tabindex]')].find(element => identity(element) === focused)?.focus({ preventScroll: true });
}

const identity = element => element.dataset.key ?? element.getAttribute('href') ?? element.id;

/** A link to another view. */
export const to = (path, parameters) => {
  const query = new URLSearchParams(Object.entries(parameters ?? {}).filter(([, value]) => value !== undefined && value !== ''));
  return '#/' + path + (query.size ? '?' + query : '');
};

/** What is said where there is nothing to show, with what to do about it. */
export const empty = (title, ...advice) => el('div', { class: 'empty' }, el('p', { class: 'empty-title' }, title), el('p', {}, ...advice));

/** Names and values. */
export const facts = pairs => el('dl', { class: 'facts' }, pairs.filter(([, value]) => value !== undefined && value !== null && value !== '').map(
  ([name, value]) => el('div', {}, el('dt', {}, outside(name, 60)), el('dd', {}, value instanceof Node ? value : outside(value, 400)))));

/** A wide thing that scrolls by itself, with the keyboard too. */
export const scrolling = (label, ...children) => el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label, 'data-key': 'scroll ' + label }, ...children);
