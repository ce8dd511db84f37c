// Pictures of the loaded events. Each says in words what it shows.

import { el, outside, svg, to } from './dom.js';
import { duration, statuses, timeOfDay } from './format.js';

const columns = 40;
const height = 100;
const whole = milliseconds => duration(milliseconds).replace('.0', '');

// The spans that people count in, up to a day; then whole days.
const seconds = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400];
const day = 86_400_000;

function spanOf(length) {
  const fits = seconds.find(span => span * 1_000 * (columns - 1) >= length);
  return fits ? fits * 1_000 : Math.ceil(length / (columns - 1) / day) * day;
}

/** Events over time, a column per span, stacked by status; the newest at the right. */
export function overTime(records) {
  const times = records.map(record => new Date(record.recordedAt).getTime());
  const last = Math.max(...times);
  const span = spanOf(last - Math.min(...times));
  const end = (Math.floor(last / span) + 1) * span;
  const start = end - columns * span;
  const counts = Array.from({ length: columns }, () => Object.fromEntries(Object.keys(statuses).map(name => [name, 0])));
  records.forEach((record, i) => {
    if (Object.hasOwn(statuses, record.status)) counts[Math.floor((times[i] - start) / span)][record.status]++;
  });
  const highest = Math.max(1, ...counts.map(column => Object.values(column).reduce((sum, n) => sum + n, 0)));
  const bars = counts.flatMap((column, x) => {
    let y = height;
    return Object.keys(statuses).filter(name => column[name]).map(name => {
      const size = column[name] / highest * height;
      y -= size;
      return svg('rect', { x: x + 0.1, y, width: 0.8, height: size, class: 'bar ' + name });
    });
  });
  return el('figure', {},
    el('figcaption', {}, `Events by status, ${highest} at most in ${whole(span)}`),
    svg('svg', { class: 'chart', viewBox: `0 0 ${columns} ${height}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${records.length} events from ${timeOfDay(start)} to ${timeOfDay(end)}, stacked by status` }, bars),
    el('div', { class: 'axis' }, el('span', {}, timeOfDay(start)), el('span', {}, timeOfDay(end))),
    el('ul', { class: 'legend' }, Object.entries(statuses).filter(([name]) => counts.some(column => column[name])).map(
      ([name, label]) => el('li', {}, el('span', { class: 'swatch ' + name, 'aria-hidden': 'true' }), label))));
}

const mostTypes = 6;

/** How many events there are of each type, the most frequent first, stacked by status. */
export function byType(records) {
  const counts = new Map();
  for (const { type, status } of records) {
    if (!counts.has(type)) counts.set(type, new Map());
    if (Object.hasOwn(statuses, status)) counts.get(type).set(status, (counts.get(type).get(status) ?? 0) + 1);
  }
  const total = byStatus => [...byStatus.values()].reduce((sum, n) => sum + n, 0);
  const types = [...counts].sort(([, a], [, b]) => total(b) - total(a));
  const highest = Math.max(1, ...types.map(([, byStatus]) => total(byStatus)));
  return el('figure', {},
    el('figcaption', {}, types.length > mostTypes ? `The ${mostTypes} most frequent of ${types.length} types` : 'Events by type'),
    el('ul', { class: 'bars' }, types.slice(0, mostTypes).map(([type, byStatus]) => {
      let x = 0;
      return el('li', {},
        el('a', { href: to('events', { type }) }, outside(type, 60)), el('span', { class: 'number' }, total(byStatus)),
        svg('svg', { viewBox: `0 0 ${highest} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          Object.keys(statuses).filter(name => byStatus.has(name)).map(name => {
            const bar = svg('rect', { x, y: 0, width: byStatus.get(name), height: 1, class: 'bar ' + name });
            x += byStatus.get(name);
            return bar;
          })));
    })));
}

const bounds = [30, 100, 300, 1_000, 3_000, 10_000, 60_000, Infinity];

/** How long events took from arrival to completion. */
export function latencies(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share => duration(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  const counts = bounds.map((bound, i) => sorted.filter(value => value <= bound && value > (bounds[i - 1] ?? -1)).length);
  const highest = Math.max(...counts);
  const labels = bounds.map(bound => bound === Infinity ? 'more' : whole(bound));
  return el('figure', {},
    el('figcaption', {}, 'From arrival to completion, within'),
    svg('svg', { class: 'chart', viewBox: `0 0 ${bounds.length} ${height}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': counts.map((count, i) => `${labels[i]}: ${count}`).join(', ') },
    counts.map((count, x) => svg('rect', { x: x + 0.08, y: height - count / highest * height, width: 0.84, height: count / highest * height, class: 'bar plain' }))),
    el('div', { class: 'axis even' }, labels.map(label => el('span', {}, label))),
    el('p', { class: 'quantiles' }, 'half within ', el('b', {}, at(0.5)), ', 95 % within ', el('b', {}, at(0.95)), ', all within ', el('b', {}, at(1))));
}
