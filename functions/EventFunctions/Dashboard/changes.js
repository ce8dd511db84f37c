// What administrators changed.

import { call, query } from './api.js';
import { el, empty, outside, replace, scrolling, to } from './dom.js';
import { time } from './format.js';

const headings = ['At', 'By', 'Action', 'Object', 'ETag before', 'ETag after', 'Job', 'Outcome'];

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
        : scrolling('Changes', el('table', {},
          el('thead', {}, el('tr', {}, headings.map(heading => el('th', { scope: 'col' }, heading)))),
          el('tbody', {}, items.map(row)))),
      continuation && el('p', {}, el('a', { href: to('changes', { continuation }) }, 'Older changes'))),
    };
  },
};

const row = change => el('tr', {},
  el('td', {}, time(change.at)), el('td', {}, outside(change.by, 60)), el('td', {}, outside(change.action, 40)),
  el('td', {}, [change.object, change.name, change.source].filter(Boolean).map((part, i) => [i > 0 && ' ', outside(part, 120)])),
  el('td', {}, outside(change.etagBefore ?? '', 40)), el('td', {}, outside(change.etagAfter ?? '', 40)),
  el('td', {}, outside(change.job ?? '', 40)), el('td', {}, outside(change.outcome, 20)));
