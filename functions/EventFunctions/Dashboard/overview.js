// Everything at a glance.

import { call } from './api.js';
import { byType, latencies, overTime } from './charts.js';
import { el, empty, replace, to } from './dom.js';
import { duration, latency, statuses } from './format.js';
import { merged, rows } from './rows.js';

const newest = 200;
const enough = 100;
const countsEvery = 10_000;
const oldAfter = 15 * 60_000;

export const overview = {
  title: 'Overview',
  mount(root) {
    const body = el('div');
    root.append(el('h1', {}, 'Overview'), body);
    let counted = -Infinity;
    let open, failed;
    return {
      async load(signal) {
        const count = async filters => {
          const page = await call(`events?${filters}&limit=${enough}&data=false`, { signal });
          return { text: page.items.length + (page.continuation ? '+' : ''), oldest: page.items.at(-1)?.recordedAt, isWhole: !page.continuation };
        };
        // What waits and what failed changes slowly, and may lie behind the newest.
        const due = Date.now() - counted >= countsEvery;
        const [{ items }, health, ...counts] = await Promise.all([
          call(`events?limit=${newest}&data=false`, { signal }),
          call('health', { signal, accept: [503] }),
          ...due ? [count('status=recorded,enriching'), count('status=failed,deadLettered&dismissed=false')] : [],
        ]);
        if (due) [[open, failed], counted] = [counts, Date.now()];
        return { items, health, open, failed };
      },
      follows: {},
      merge: (data, records) => ({ ...data, items: merged(data.items, records, newest) }),
      show: data => replace(body, picture(data)),
    };
  },
};

/** For how long the oldest of what was counted has been waiting, or more. */
const waiting = ({ oldest, isWhole }) => oldest && `, for ${duration(Math.max(0, Date.now() - new Date(oldest)))}${isWhole ? '' : ' and more'}`;

/** Whether events wait for longer than a first publication that was lost takes. */
const isOld = ({ oldest }) => oldest && Date.now() - new Date(oldest) > oldAfter;

function picture({ items, health, open, failed }) {
  const ill = Object.entries(health.dependencies ?? {}).filter(([, word]) => word !== 'healthy').map(([name]) => name);
  const isHealthy = health.status === 'healthy';
  const took = items.map(latency).filter(value => value !== undefined);
  return [
    el('section', { 'aria-label': 'State', class: 'tiles' },
      el('div', { class: 'tile ' + (isHealthy ? 'fine' : 'ill') }, el('b', {}, isHealthy ? 'Healthy' : 'Unhealthy'),
        el('span', {}, isHealthy ? 'store, topic and queue' : 'trouble with ' + ill.join(', '))),
      el('a', { class: 'tile' + (isOld(open) ? ' ill' : ''), href: to('events', { status: 'recorded,enriching' }) }, el('b', {}, open.text), el('span', {}, 'on their way', waiting(open))),
      el('a', { class: 'tile' + (failed.text === '0' ? '' : ' ill'), href: '#/failures' }, el('b', {}, failed.text), el('span', {}, 'failures to decide on'))),
    items.length === 0
      ? empty('No events yet', 'Send one with POST /api/events; it is shown here at once. The README has a line to copy.')
      : [
        el('section', { 'aria-labelledby': 'counts' },
          el('h2', { id: 'counts' }, `Of the newest ${items.length}`),
          el('div', { class: 'tiles small' }, Object.entries(statuses).map(([name, label]) => el('a', { class: 'tile', href: to('events', { status: name }) },
            el('b', {}, items.filter(item => item.status === name).length), el('span', {}, el('span', { class: 'swatch ' + name, 'aria-hidden': 'true' }), label)))),
          el('div', { class: 'charts' }, overTime(items), byType(items), took.length ? latencies(took) : empty('Nothing completed yet', 'Latencies are shown once an event is.'))),
        el('section', { 'aria-labelledby': 'newest' },
          el('h2', { id: 'newest' }, 'Newest events'), rows(items.slice(0, 30)), el('p', {}, el('a', { href: '#/events' }, 'All events')))],
  ];
}
