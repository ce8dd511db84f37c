// Which view is shown, by the part of the address behind #, and what is said when it cannot be.

import { ApiError } from './api.js';
import { changes } from './changes.js';
import { clip, el, replace } from './dom.js';
import { entities, entity } from './entities.js';
import { event } from './event.js';
import { events } from './events.js';
import { failures } from './failures.js';
import { timeOfDay } from './format.js';
import { askForKeys, serveKeys, showAccess } from './keys.js';
import { follow } from './live.js';
import { overview } from './overview.js';
import { producer } from './producer.js';
import { producers } from './producers.js';
import { forgetSignIn, isSignedIn, signIn } from './signin.js';
import { webhook, webhooks } from './webhooks.js';

const views = { '': overview, events, event, failures, entities, entity, producers, producer, webhooks, webhook, changes };
const [main, notice, problem, root, freshness] = ['content', 'notice', 'problem', 'view', 'freshness'].map(id => document.getElementById(id));
let current;

/** Shows the view that the address names, or the overview, and tells whether it names one. */
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
  return path === name;
}

/** Signs in, if the address says how, and shows the view that it names. */
async function start() {
  const fault = await signIn();
  showAccess();
  const isKnown = open();
  notice.replaceChildren();
  if (!isKnown) replace(notice, told('There is no such page', 'The address names none of the pages above. This is the overview.', false));
  if (fault) replace(notice, told('The link does not sign in', fault, !isSignedIn()));
}

const told = (title, advice, needsKeys) => el('div', { class: 'problem' },
  el('p', { class: 'empty-title' }, title),
  el('p', {}, clip(advice, 400)),
  needsKeys && el('button', { type: 'button', class: 'primary', 'data-key': 'enter-keys', click: askForKeys }, 'Enter keys'));

function explain(error) {
  if (!(error instanceof ApiError)) console.error(error);
  const isRefused = error.status === 401 || error.status === 403;
  const wasSignedIn = isRefused && isSignedIn();
  if (wasSignedIn) {
    forgetSignIn();
    showAccess();
  }
  const [title, advice] =
    wasSignedIn ? ['You are signed out', 'The host was restarted. Open the link that it printed, or enter keys.']
    : error.status === 401 ? ['A function key is needed', 'Enter a key of this service, or open the link that the embedded host printed at its start.']
    : error.status === 403 ? ['Only administrators may see this', error.message + ' On the embedded host, the link that it printed at its start signs in.']
    : error.status === 404 ? ['Not found', error.message]
    : error.status === 400 ? ['The service does not understand the question', error.message]
    : error instanceof ApiError ? ['No answer', error.message + ' What is shown may be old; this page goes on trying.']
    : ['This page has a fault', 'The browser’s console says which. Reload the page.'];
  freshness.textContent = title;
  replace(problem, told(title, advice, isRefused));
}

serveKeys(start);
document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
addEventListener('hashchange', async () => {
  await start();
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
});
start();
