// What administrators changed.

import { call, query } from './api.js';
import { el, empty, outside, replace, to } from './dom.js';
import { time } from './format.js';

export const changes = {
  title: 'Changes',
  mount(root, parameters) {
    const body = el('div');
    root.append(el('h1', {}, 'Changes'), el('p', {}, 'What administrators changed, newest first.'), body);
    return {
      every: 10_000,
      load: signal => call('changes' + query({ limit: 50, continuation: parameters.get('continuation') }), { signal }),
      show: ({ items, continuation }) => replace(body, items.length === 0
        ? empty('No changes', 'Nothing was changed since the log begins.')
        : el('ul', { class: 'rows changes' }, items.map(row)),
      continuation && el('p', {}, el('a', { href: to('changes', { continuation }) }, 'Older changes'))),
    };
  },
};

const row = change => el('li', {},
  el('span', { class: 'main' }, outside(change.action, 40), ' ',
    [change.object, change.name, change.source].filter(Boolean).map((part, i) => [i > 0 && ' ', outside(part, 120)])),
  el('span', {}, outside(change.by, 60)), el('span', {}, outside(change.outcome, 20)), time(change.at),
  (change.etagBefore || change.etagAfter || change.job) && el('span', { class: 'more' },
    (change.etagBefore || change.etagAfter) && ['ETag ', outside(change.etagBefore ?? 'none', 40), ' → ', outside(change.etagAfter ?? 'none', 40), ' '],
    change.job && ['Job ', outside(change.job, 40)]));
