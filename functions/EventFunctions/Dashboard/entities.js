// What events are about: all of it, and one with its history.

import { call, entityPath, eventPath, query } from './api.js';
import { clip, el, empty, facts, outside, replace, scrolling, to } from './dom.js';
import { time } from './format.js';
import { differences, parseExact } from './json.js';

export const entities = {
  title: 'Entities',
  mount(root, parameters) {
    const source = parameters.get('source') ?? '';
    const body = el('div');
    root.append(el('h1', {}, 'Entities'),
      el('form', {
        class: 'search', role: 'search', 'aria-label': 'Entities',
        submit(event) {
          event.preventDefault();
          location.hash = to('entities', { source: new FormData(event.target).get('source').trim() });
        },
      },
      el('div', { class: 'field' }, el('label', { for: 'entity-source' }, 'Source'), el('input', { id: 'entity-source', name: 'source', value: source, autocomplete: 'off', maxlength: 1024 })),
      el('button', { type: 'submit', class: 'primary' }, 'Search')), body);
    return {
      load: signal => call('entities' + query({ source, limit: 50, continuation: parameters.get('continuation') }), { signal }),
      show: ({ items, continuation }) => replace(body, items.length === 0 && !continuation
        ? empty('No entities', source ? 'The source has to be exactly the events’ own. ' : 'A producer’s definition says whether its events make entities (entities, entity, changes).', source && el('a', { href: '#/entities' }, 'Show all'))
        : [
          el('ul', { class: 'rows entities' }, items.map(item => el('li', {},
            el('a', { class: 'id', href: to('entity', { source: item.source, subject: item.subject }) }, outside(item.subject, 80)),
            el('span', {}, outside(item.source, 80)), el('span', { class: 'number' }, item.events === 1 ? '1 event' : `${item.events} events`), time(item.lastSeen)))),
          continuation && el('p', {}, el('a', { href: to('entities', { source, continuation }) }, 'Older entities'))]),
    };
  },
};

export const entity = {
  title: 'Entity',
  under: 'entities',
  mount(root, parameters) {
    const [source, subject] = [parameters.get('source') ?? '', parameters.get('subject') ?? ''];
    const body = el('div');
    const changed = el('div', { role: 'status' });
    root.append(el('h1', {}, 'Entity ', outside(subject, 120)), body);

    async function compare(later, earlier) {
      try {
        const [now, before] = await Promise.all([later, earlier].map(async link => parseExact(await call(eventPath(link.id, source, '/data'), { as: 'text' }))));
        const found = differences(before, now);
        replace(changed, el('h3', {}, 'What changed with ', outside(later.id, 80)), found.length === 0
          ? el('p', {}, 'Nothing.')
          : scrolling('Changes', el('table', {},
            el('thead', {}, el('tr', {}, ['Where', 'Before', 'After'].map(name => el('th', { scope: 'col' }, name)))),
            el('tbody', {}, found.map(({ path, before: was, after: is }) => el('tr', {}, el('td', {}, outside(path || 'everything')), el('td', {}, outside(was ?? '–')), el('td', {}, outside(is ?? '–'))))))));
      } catch (error) {
        replace(changed, el('p', {}, error instanceof SyntaxError ? 'One of the two is not JSON; there is nothing to compare.' : clip(error.message, 400)));
      }
    }

    return {
      async load(signal) {
        const [one, history] = await Promise.all([call(entityPath(source, subject), { signal }), call(entityPath(source, subject, '/events') + '?limit=50', { signal })]);
        return { one, history };
      },
      show: ({ one, history }) => replace(body,
        facts([
          ['Source', el('a', { href: to('entities', { source }) }, outside(source))], ['First seen', time(one.firstSeen)], ['Last seen', time(one.lastSeen)],
          ['Full data of', one.data && el('a', { href: to('event', { id: one.data.id, source }) }, outside(one.data.id, 80))],
          ...Object.entries(one.types).map(([type, known]) => [type, `${known.count}`]),
          ['Counted since', one.countedSince && time(one.countedSince)],
        ]),
        el('section', { 'aria-labelledby': 'history' }, el('h2', { id: 'history' }, 'History'),
          el('ol', { class: 'rows history' }, history.items.map((link, i) => el('li', {},
            time(link.time),
            el('a', { class: 'id', href: to('event', { id: link.id, source }) }, outside(link.id, 80)),
            el('span', {}, outside(link.type, 80)),
            i + 1 < history.items.length
              ? el('button', { type: 'button', 'data-key': 'changes ' + link.id, 'aria-label': 'What changed with ' + clip(link.id, 80), click: () => compare(link, history.items[i + 1]) }, 'What changed')
              : el('span', {}, history.continuation ? '' : 'the first')))),
          changed)),
    };
  },
};
