// Who sends events, by which rules, and how that goes.

import { call, query } from './api.js';
import { el, empty, facts, outside, replace, scrolling, to } from './dom.js';
import { isPattern, status, time } from './format.js';
import { pretty } from './json.js';

const mostMissing = 5;

export const producers = {
  title: 'Producers',
  mount(root, parameters) {
    const body = el('div');
    root.append(el('h1', {}, 'Producers'), body);
    return {
      every: 10_000,
      async load(signal) {
        const { items, continuation } = await call('producers' + query({ limit: 20, continuation: parameters.get('continuation') }), { signal });
        // One may be deleted meanwhile.
        const states = await Promise.all(items.map(({ name }) => call(`producers/${encodeURIComponent(name)}/state`, { signal, accept: [404] })));
        return { items: items.map((producer, i) => ({ ...producer, newest: states[i].newest, expectations: states[i].expectations, progress: states[i].feed })), continuation };
      },
      show: ({ items, continuation }) => replace(body, items.length === 0
        ? empty('No producers', 'Register one with PUT /api/producers/{name}; docs/administer.md has an example.')
        : el('ul', { class: 'cards' }, items.map(card)),
      continuation && el('p', {}, el('a', { href: to('producers', { continuation }) }, 'More producers'))),
    };
  },
};

const card = producer => el('li', {},
  el('h2', {}, el('a', { href: to('producer', { name: producer.name }) }, outside(producer.name))),
  facts([
    ['Source', el('a', { href: to('events', eventsOf(producer)) }, outside(producer.source))],
    ['Newest event', producer.newest ? newest(producer.newest) : 'none yet'],
    ['Full data from', producer.data?.baseUrl], ['Template', producer.data?.template],
    ['Feed', producer.feed && `${producer.feed.url}, ${producer.feed.schedule}`],
    ['Feed read', producer.progress?.readAt && el('span', {}, time(producer.progress.readAt), producer.progress.hasMore && ' and there is more')],
    ['Feed fails', producer.progress?.error && el('span', {}, outside(producer.progress.error, 200), producer.progress.retryAt && [', again at ', time(producer.progress.retryAt)])],
    ['Feed waits', producer.progress?.pausedUntil && el('span', {}, 'until ', time(producer.progress.pausedUntil), ', because of the quota')],
    ['Quota', producer.quota?.eventsPerMinute && `${producer.quota.eventsPerMinute} events per minute`],
    ['Preset', producer.preset], ['Own messages', producer.messages && 'yes'], ['Callers', producer.callers?.length ? String(producer.callers.length) : undefined],
    ['Types', producer.types ? undefined : 'any'],
  ]),
  producer.types && el('ul', { class: 'types' }, Object.entries(producer.types).map(([type, rules]) => el('li', {},
    el('a', { href: to('events', { ...eventsOf(producer), type }) }, outside(type)),
    rules.expectEvery && el('span', {}, ` expected every ${rules.expectEvery}${rules.expectPerEntity ? ' of each entity' : ''}`),
    expectation(producer, type),
    Object.keys(rules).length > 0 && el('details', {}, el('summary', { 'data-key': `rules ${producer.name} ${type}` }, 'Rules'),
      scrolling('Rules of ' + type.slice(0, 80), el('pre', {}, el('code', {}, pretty(rules).slice(0, 20_000)))))))));

/** The filter of a producer's events: a pattern is not the source of any event. */
const eventsOf = producer => isPattern(producer.source) ? { producer: producer.name } : { source: producer.source };

const newest = record => el('span', {},
  el('a', { href: to('event', { id: record.id, source: record.source }) }, outside(record.id, 60)), ' ', time(record.recordedAt), ' ', status(record.status));

function expectation(producer, type) {
  const state = producer.expectations?.find(one => one.type === type);
  if (!state) return undefined;
  return [
    state.lastRecordedAt && el('span', {}, ', last ', time(state.lastRecordedAt)),
    state.missing.length > 0 && el('ul', { class: 'missing' }, state.missing.slice(0, mostMissing).map(({ source, subject, expectedBy }) => el('li', {},
      el('span', { class: 'status failed' }, 'Missing'), ' since ', time(expectedBy),
      subject && [' of ', el('a', { href: to('entity', { source, subject }) }, outside(subject, 80))]))),
    (state.missing.length > mostMissing || !state.whole) && el('span', {}, `${state.missing.length} missing` + (state.whole ? '' : ', and maybe more')),
  ];
}
