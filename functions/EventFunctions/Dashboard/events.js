// Search.

import { ApiError, call, eventPath, query } from './api.js';
import { el, empty, replace, to } from './dom.js';
import { isPattern, statuses } from './format.js';
import { merged, rows } from './rows.js';

const filters = ['source', 'type', 'subject', 'producer', 'status'];
const limit = 100;
const atOnce = 10;
const mostProducers = 1_000;

export const events = {
  title: 'Events',
  mount(root, parameters) {
    const given = Object.fromEntries(filters.map(name => [name, parameters.get(name) ?? '']));
    const shown = given.status && given.status.split(',');
    const result = el('div');
    const said = el('p', { role: 'status', class: 'said' });
    const sources = el('datalist', { id: 'known-sources' });
    let known = [];
    const field = (name, label, list) => el('div', { class: 'field' },
      el('label', { for: 'search-' + name }, label), el('input', { id: 'search-' + name, name, value: given[name] ?? '', list, autocomplete: 'off', spellcheck: 'false', maxlength: 1024 }));

    let patterns = false;

    async function find(id, sources) {
      for (let i = 0; i < sources.length; i += atOnce) {
        const tried = sources.slice(i, i + atOnce);
        const found = await Promise.all(tried.map(source => call(eventPath(id, source), { accept: [404] })));
        const hit = found.findIndex(record => record.id === id);
        if (hit >= 0) return tried[hit];
      }
      return undefined;
    }

    async function findAnywhere(id) {
      const seen = await find(id, known);
      if (seen !== undefined) return seen;
      let page = {}, count = 0;
      do {
        page = await call('producers' + query({ limit: 100, continuation: page.continuation }), { accept: [401, 403] });
        if (!page.items) throw new ApiError(0, 'No event with this ID at the sources of the events below. Name its source, or enter the administration key.');
        const found = await find(id, page.items.map(producer => producer.source).filter(source => !isPattern(source) && !known.includes(source)));
        patterns ||= page.items.some(producer => isPattern(producer.source));
        if (found !== undefined) return found;
        count += page.items.length;
      } while (page.continuation && count < mostProducers);
      return undefined;
    }

    async function search(event) {
      event.preventDefault();
      const wanted = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
      if (!wanted.id) {
        location.hash = to('events', Object.fromEntries(filters.map(name => [name, wanted[name]])));
        return;
      }
      // An event is named by its ID and its source; without a source those are tried that were seen, and those of all producers.
      said.textContent = 'Looking for it';
      try {
        const source = await (wanted.source ? find(wanted.id, [wanted.source]) : findAnywhere(wanted.id));
        if (source !== undefined) {
          location.hash = to('event', { id: wanted.id, source });
          return;
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        said.textContent = error.message;
        return;
      }
      said.textContent = wanted.source ? 'There is no event with this ID and source.' : patterns ? 'No event with this ID at the sources that are known. A producer has a pattern of sources: name the event’s source.' : 'There is no event with this ID at any producer.';
    }

    root.append(
      el('h1', {}, 'Events'),
      el('form', { class: 'search', role: 'search', 'aria-label': 'Events', submit: search },
        field('id', 'ID'), field('source', 'Source', 'known-sources'), field('type', 'Type'), field('subject', 'Subject'), field('producer', 'Producer'),
        el('div', { class: 'field' }, el('label', { for: 'search-status' }, 'Status'), el('select', { id: 'search-status', name: 'status' },
          [['', 'Any'], ['recorded,enriching', 'On their way'], ['failed,deadLettered', 'Failures'], ...Object.entries(statuses)].map(
            ([value, label]) => el('option', { value, selected: value === given.status }, label)))),
        el('button', { type: 'submit', class: 'primary' }, 'Search'), sources),
      said, result);

    return {
      load: signal => call('events' + query({ ...given, limit, data: false, continuation: parameters.get('continuation') }), { signal }),
      // Older pages are as they were; a status is asked of what the list shows, not of the stream, which does not tell what leaves it.
      follows: parameters.has('continuation') ? undefined : { source: given.source, type: given.type, subject: given.subject, producer: given.producer },
      merge: (data, records) => ({ ...data, items: merged(data.items, records, limit, record => !shown || shown.includes(record.status)) }),
      show({ items, continuation }) {
        known = [...new Set([given.source, ...items.map(item => item.source)].filter(Boolean))];
        sources.replaceChildren(...known.map(value => el('option', { value })));
        replace(result, items.length === 0
          ? empty('Nothing matches', 'Source, type and subject have to be exactly the event’s own. ', el('a', { href: '#/events' }, 'Show all events'))
          : [rows(items), continuation && el('p', {}, el('a', { href: to('events', { ...given, continuation }) }, 'Older events'))]);
      },
    };
  },
};
