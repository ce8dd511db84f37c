// Which view is shown, by the part of the address behind #, and what is said when it cannot be.

import { ApiError } from './api.js';
import { changes } from './changes.js';
import { clip, el, replace } from './dom.js';
import { entities, entity } from './entities.js';
import { event } from './event.js';
import { events } from './events.js';
import { failures } from './failures.js';
import { timeOfDay } from './format.js';
import { askForKeys, serveKeys } from './keys.js';
import { follow } from './live.js';
import { overview } from './overview.js';
import { producers } from './producers.js';
import { webhook, webhooks } from './webhooks.js';

const views = { '': overview, events, event, failures, entities, entity, producers, webhooks, webhook, changes };
const [main, problem, root, freshness] = ['content', 'problem', 'view', 'freshness'].map(id => document.getElementById(id));
let current;

function open() {
  current?.end();
  const [path, parameters] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const name = Object.hasOwn(views, path) ? path : '';
  const view = views[name];
  for (const link of document.querySelectorAll('nav a')) {
    const target = link.getAttribute('href').slice(2);
    if (target === (view.under ?? name)) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = view.title + ' · EventFunctions';
  problem.replaceChildren();
  root.replaceChildren();
  freshness.textContent = 'Loading';
  let shown;
  const body = view.mount(root, new URLSearchParams(parameters ?? ''), () => current?.now());
  current = follow(
    body,
    (data, isLive) => {
      problem.replaceChildren();
      freshness.textContent = (isLive ? 'Live, ' : 'As of ') + timeOfDay(new Date());
      const text = JSON.stringify(data);
      if (text !== shown) body.show(data);
      shown = text;
    },
    error => explain(error));
}

function explain(error) {
  if (!(error instanceof ApiError)) console.error(error);
  const [title, advice] =
    error.status === 401 ? ['A function key is needed', 'Enter a key of this service, or open the page on the machine of the embedded host.']
    : error.status === 403 ? ['Only administrators may see this', error.message]
    : error.status === 404 ? ['Not found', error.message]
    : error.status === 400 ? ['The service does not understand the question', error.message]
    : error instanceof ApiError ? ['No answer', error.message + ' What is shown may be old; this page goes on trying.']
    : ['This page has a fault', 'The browser’s console says which. Reload the page.'];
  freshness.textContent = title;
  replace(problem, el('div', { class: 'problem' },
    el('p', { class: 'empty-title' }, title),
    el('p', {}, clip(advice, 400)),
    (error.status === 401 || error.status === 403) && el('button', { type: 'button', class: 'primary', 'data-key': 'enter-keys', click: askForKeys }, 'Enter keys')));
}

serveKeys(open);
document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', () => {
  open();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
});
open();
