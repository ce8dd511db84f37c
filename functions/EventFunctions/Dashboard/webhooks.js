// Who is told of events, and how that goes.

import { call, query } from './api.js';
import { clip, el, empty, facts, outside, replace, scrolling, to } from './dom.js';
import { duration, time } from './format.js';
import { pretty } from './json.js';

const reasons = {
  gone: 'Its endpoint answered that it is gone.', failing: 'Its endpoint failed for too long.', operator: 'An administrator disabled it.',
};
const kinds = { bearer: 'Bearer token', basic: 'Basic', oauth2: 'OAuth 2 client credentials' };
const statuses = { pending: 'Pending', delivered: 'Delivered', failed: 'Failed', abandoned: 'Abandoned' };
const looks = { pending: 'recorded', delivered: 'completed', failed: 'failed', abandoned: 'filtered' };

const own = (names, key, other) => Object.hasOwn(names, key) ? names[key] : other;

const local = date => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

const path = (name, part = '') => `webhooks/${encodeURIComponent(name)}${part}`;

export const webhooks = {
  title: 'Webhooks',
  mount(root, parameters) {
    const body = el('div');
    root.append(el('h1', {}, 'Webhooks'), body);
    return {
      every: 10_000,
      async load(signal) {
        const { items, continuation } = await call('webhooks' + query({ limit: 20, continuation: parameters.get('continuation') }), { signal });
        const states = await Promise.all(items.map(({ name }) => call(path(name, '/state'), { signal, accept: [404] })));
        return { items: items.map((webhook, i) => ({ ...webhook, ...states[i] })), continuation };
      },
      show: ({ items, continuation }) => replace(body, items.length === 0
        ? empty('No webhooks', 'Register one with PUT /api/webhooks/{name}; docs/consume.md has an example.')
        : el('ul', { class: 'cards' }, items.map(webhook => el('li', {},
          el('h2', {}, el('a', { href: to('webhook', { name: webhook.name }) }, outside(webhook.name))), definition(webhook)))),
      continuation && el('p', {}, el('a', { href: to('webhooks', { continuation }) }, 'More webhooks'))),
    };
  },
};

export const webhook = {
  title: 'Webhook',
  under: 'webhooks',
  mount(root, parameters, refresh) {
    const name = parameters.get('name') ?? '';
    const wanted = parameters.get('status') ?? '';
    const body = el('div');
    const said = el('p', { role: 'status', class: 'said' });

    // Outside of what is drawn anew, so that what is typed stays.
    const since = el('input', { id: 'since', type: 'datetime-local', required: true });
    since.value = local(new Date(Date.now() - 24 * 3_600_000));
    const catchUp = el('form', { class: 'search', 'aria-label': 'Catch up', hidden: true, submit: event => event.preventDefault() },
      el('div', { class: 'field' }, el('label', { for: 'since' }, 'Since'), since),
      el('button', { type: 'submit', click: resendFailed }, 'Resend failed'),
      el('button', { type: 'submit', click: replayMissed }, 'Replay what was missed'));
    root.append(el('h1', {}, 'Webhook ', outside(name)), said, catchUp, body);

    async function act(part, tell, request) {
      try {
        replace(said, tell(await call(path(name, part), { method: 'POST', ...request })));
        refresh();
      } catch (error) {
        said.textContent = clip(error.message, 400);
      }
    }

    const from = () => ({ body: { since: new Date(since.value).toISOString() } });

    async function resendFailed() {
      if (since.checkValidity() && confirm('Send everything again that failed since then?')) {
        await act('/resend', answer => `${answer.resent} sent again.` + (answer.more ? ' There are more: press it once more.' : ''), from());
      }
    }

    async function replayMissed() {
      if (since.checkValidity() && confirm('Send everything that came since then and is not among the deliveries?')) {
        await act('/replay', answer => `Begun, at ${answer.rate} events a second at most. What is sent shows below.`, from());
      }
    }

    async function rotate() {
      if (confirm('Make a new secret? Deliveries are signed with both for a day, so that the customer can change over.')) {
        await act('/secret', answer => ['The new secret, shown this once: ', el('code', {}, answer.secret)]);
      }
    }

    async function endPrevious() {
      if (confirm('End the old secret now? A customer who has not changed over refuses every delivery.')) {
        await act('/previous-secret', () => 'Only the new secret signs from now on.', { method: 'DELETE' });
      }
    }

    const button = (key, label, click, about) => el('button', { type: 'button', 'data-key': key, click, 'aria-label': about }, label);
    const row = delivery => el('li', { class: 'delivery' },
      el('p', {},
        outcome(delivery), ' ',
        el('a', { href: to('event', { id: delivery.eventId, source: delivery.source }) }, outside(delivery.eventId)), ' ',
        outside(delivery.type), ' ', time(delivery.createdAt),
        delivery.nextAt && [' next attempt ', time(delivery.nextAt)], ' ',
        button('resend ' + delivery.id, 'Resend', () => act(`/deliveries/${encodeURIComponent(delivery.id)}/resend`, () => 'Sent again.'),
          'Resend ' + clip(delivery.eventId, 80))),
      delivery.attempts.length > 0 && el('details', {},
        el('summary', { 'data-key': delivery.id }, `${delivery.attempted} ${delivery.attempted === 1 ? 'attempt' : 'attempts'}`),
        scrolling('Attempts of ' + clip(delivery.eventId, 80), el('table', {},
          el('thead', {}, el('tr', {}, ['Time', 'Took', 'Result', 'Answer', 'Next'].map(title => el('th', { scope: 'col' }, title)))),
          el('tbody', {}, delivery.attempts.map(attempt => el('tr', {},
            [time(attempt.at), duration(attempt.durationMs), [attempt.status, attempt.fault].filter(Boolean).join(' '), attempt.answer ? outside(attempt.answer, 1_024) : '',
              attempt.nextAt ? time(attempt.nextAt) : ''].map(value => el('td', {}, value)))))))));

    return {
      load: async signal => {
        const [webhook, state, log] = await Promise.all([
          call(path(name), { signal }),
          call(path(name, '/state'), { signal }),
          call(path(name, '/deliveries') + query({ limit: 50, status: wanted, continuation: parameters.get('continuation') }), { signal }),
        ]);
        return { shown: { ...webhook, ...state }, log };
      },
      show({ shown, log }) {
        catchUp.hidden = !shown.enabled;
        replace(body,
          el('section', { 'aria-labelledby': 'state' }, el('h2', { id: 'state', class: 'visually-hidden' }, 'State'), definition(shown),
            shown.filters && el('details', {}, el('summary', { 'data-key': 'filters' }, 'Filters'),
              scrolling('Filters', el('pre', {}, el('code', {}, pretty(shown.filters).slice(0, 20_000))))),
            el('div', { class: 'buttons' },
              !shown.enabled && button('enable', 'Enable', () => act('/enable', () => 'Enabled. What failed and what was missed meanwhile can be sent above.')),
              button('test', 'Send a test event', () => act('/test', answer =>
                `${answer.delivered ? 'The test event was taken' : 'The test event failed'}: ${[answer.status, answer.fault].filter(Boolean).join(' ')}, ${duration(answer.durationMs)}.`
                + (answer.head ? ` It says: ${clip(answer.head, 200)}` : ''))),
              shown.previousSecretUntil ? button('end-previous', 'End the old secret', endPrevious) : button('rotate', 'Rotate the secret', rotate))),
          el('section', { 'aria-labelledby': 'log' }, el('h2', { id: 'log' }, 'Deliveries'),
            el('p', {}, [['', 'All'], ...Object.entries(statuses)].flatMap(([status, label]) =>
              [el('a', { href: to('webhook', { name, status }), 'aria-current': status === wanted ? 'true' : undefined }, label), ' '])),
            log.items.length === 0
              ? empty('No deliveries', wanted ? 'None is in this state.' : 'They are written down as events come that the webhook wants; a test event is none.')
              : el('ul', { class: 'deliveries' }, log.items.map(row)),
            log.continuation && el('p', {}, el('a', { href: to('webhook', { name, status: wanted, continuation: log.continuation }) }, 'Older deliveries'))));
      },
    };
  },
};

export const outcome = delivery => [
  el('span', { class: 'status ' + own(looks, delivery.status, 'other') }, own(statuses, delivery.status, 'Other')),
  delivery.reason && [' ', outside(delivery.reason, 80)],
];

const definition = shown => facts([
  ['State', !shown.enabled ? el('span', { class: 'status failed' }, 'Disabled') : shown.failingSince ? el('span', { class: 'status deadLettered' }, 'Failing') : 'Enabled'],
  ['Why', shown.enabled ? undefined : own(reasons, shown.disabledReason, shown.disabledReason)],
  ['Since', shown.enabled ? shown.failingSince && time(shown.failingSince) : shown.disabledAt && time(shown.disabledAt)],
  ['Will be disabled at', shown.enabled && shown.disablesAt && el('span', {}, time(shown.disablesAt), shown.noticedPercent > 0 && ` (${shown.noticedPercent} % of the time is over, as the topic was told)`)],
  ['Paused until', shown.leftAloneUntil && time(shown.leftAloneUntil)],
  ['URL', shown.url], ['Events', shown.events], ['Filters', shown.filters?.length ? String(shown.filters.length) : undefined],
  ['Authentication', shown.auth && own(kinds, shown.auth.kind, shown.auth.kind)],
  ['At most', `${shown.maxPerSecond} a second, ${shown.maxConcurrent} at once`],
  ['Old secret until', shown.previousSecretUntil && time(shown.previousSecretUntil)],
]);
