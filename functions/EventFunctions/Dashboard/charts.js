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

/** Columns of a round span each that hold all records; the newest at the right. */
function columnsOf(records) {
  const times = records.map(record => new Date(record.recordedAt).getTime());
  const last = Math.max(...times);
  const span = spanOf(last - Math.min(...times));
  const end = (Math.floor(last / span) + 1) * span;
  const start = end - columns * span;
  return { span, start, end, at: record => Math.floor((new Date(record.recordedAt).getTime() - start) / span) };
}

/** How many records there are of each status, column by column. */
function countsOf(records, at) {
  const counts = Array.from({ length: columns }, () => Object.fromEntries(Object.keys(statuses).map(name => [name, 0])));
  for (const record of records) {
    if (Object.hasOwn(statuses, record.status)) counts[at(record)][record.status]++;
  }
  return counts;
}

const sum = column => Object.values(column).reduce((total, n) => total + n, 0);
const highestOf = counts => Math.max(1, ...counts.map(sum));

/** Stacked by status, so high that `highest` fills the picture. */
const stacked = (counts, highest) => counts.flatMap((column, x) => {
  let y = height;
  return Object.keys(statuses).filter(name => column[name]).map(name => {
    const size = column[name] / highest * height;
    y -= size;
    return svg('rect', { x: x + 0.1, y, width: 0.8, height: size, class: 'bar ' + name });
  });
});

const axis = (start, end) => el('div', { class: 'axis' }, el('span', {}, timeOfDay(start)), el('span', {}, timeOfDay(end)));

/** Events over time, a column per span, stacked by status. */
export function overTime(records) {
  const { span, start, end, at } = columnsOf(records);
  const counts = countsOf(records, at);
  const highest = highestOf(counts);
  return el('figure', {},
    el('figcaption', {}, `Events by status, ${highest} at most in ${whole(span)}`),
    svg('svg', { class: 'chart', viewBox: `0 0 ${columns} ${height}`, preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${records.length} events from ${timeOfDay(start)} to ${timeOfDay(end)}, stacked by status` }, stacked(counts, highest)),
    axis(start, end),
    el('ul', { class: 'legend' }, Object.entries(statuses).filter(([name]) => counts.some(column => column[name])).map(
      ([name, label]) => el('li', {}, el('span', { class: 'swatch ' + name, 'aria-hidden': 'true' }), label))));
}

const mostTypes = 6;

/** The most frequent types, each over the same time, stacked by status. */
export function byType(records) {
  const { span, start, end, at } = columnsOf(records);
  const types = [...Map.groupBy(records, record => record.type)].sort(([, a], [, b]) => b.length - a.length);
  const shown = types.slice(0, mostTypes).map(([type, its]) => ({ type, total: its.length, counts: countsOf(its, at) }));
  const highest = Math.max(...shown.map(({ counts }) => highestOf(counts)));
  return el('figure', {},
    el('figcaption', {}, (types.length > mostTypes ? `The ${mostTypes} most frequent of ${types.length} types` : 'Events by type') + `, ${highest} at most in ${whole(span)}`),
    el('ul', { class: 'bars' }, shown.map(({ type, total, counts }) => el('li', {},
      el('a', { href: to('events', { type }) }, outside(type, 60)), el('span', { class: 'number' }, total),
      svg('svg', { viewBox: `0 0 ${columns} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' }, stacked(counts, highest))))),
    axis(start, end));
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
