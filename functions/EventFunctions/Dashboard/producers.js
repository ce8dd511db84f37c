// Who sends events, and by which rules.

import { call, query } from './api.js';
import { el, empty, facts, outside, replace, scrolling, to } from './dom.js';
import { pretty } from './json.js';

export const producers = {
  title: 'Producers',
  mount(root, parameters) {
    const body = el('div');
    root.append(el('h1', {}, 'Producers'), body);
    return {
      load: signal => call('producers' + query({ limit: 50, continuation: parameters.get('continuation') }), { signal }),
      show: ({ items, continuation }) => replace(body, items.length === 0
        ? empty('No producers', 'Register one with PUT /api/producers/{name}; docs/administration.md has an example.')
        : el('ul', { class: 'cards' }, items.map(card)),
      continuation && el('p', {}, el('a', { href: to('producers', { continuation }) }, 'More producers'))),
    };
  },
};

const card = producer => el('li', {},
  el('h2', {}, outside(producer.name)),
  facts([
    ['Source', el('a', { href: to('events', { source: producer.source }) }, outside(producer.source))],
    ['Full data from', producer.data?.baseUrl], ['Template', producer.data?.template],
    ['Feed', producer.feed && `${producer.feed.url}, ${producer.feed.schedule}`],
    ['Own messages', producer.messages && 'yes'], ['Callers', producer.callers?.length ? String(producer.callers.length) : undefined],
    ['Types', producer.types ? undefined : 'any'],
  ]),
  producer.types && el('ul', { class: 'types' }, Object.entries(producer.types).map(([type, rules]) => el('li', {},
    el('a', { href: to('events', { source: producer.source, type }) }, outside(type)),
    rules.expectEvery && el('span', {}, ` expected every ${rules.expectEvery}${rules.expectPerEntity ? ' of each entity' : ''}`),
    Object.keys(rules).length > 0 && el('details', {}, el('summary', { 'data-key': `rules ${producer.name} ${type}` }, 'Rules'),
      scrolling('Rules of ' + type.slice(0, 80), el('pre', {}, el('code', {}, pretty(rules).slice(0, 20_000)))))))));
