// One event's timeline, drawn as a sequence.

import { clip, el, scrolling, svg } from './dom.js';
import { duration } from './format.js';

const lanes = ['Producer', 'Intake', 'Topic', 'Enrichment', 'Producer’s data', 'Consumers'];
const [producer, intake, topic, enrichment, data, consumers] = lanes.keys();
const [left, gap, top, step] = [140, 128, 52, 38];

// From which lane to which; one lane alone is something that happened there.
const ways = {
  recorded: [producer, intake], irregular: [intake], filtered: [intake], publishFailed: [intake, topic], relayed: [intake, topic], delivered: [intake, topic, enrichment],
  attemptFailed: [enrichment, data], fetched: [data, enrichment], completed: [enrichment, topic, consumers], failed: [enrichment],
  deadLettered: [topic], consumerDeadLettered: [topic, consumers], replayed: [intake], dismissed: [intake], restored: [intake], erased: [intake],
};
const bad = new Set(['publishFailed', 'attemptFailed', 'failed', 'deadLettered', 'consumerDeadLettered']);
const x = lane => left + lane * gap;

export function sequence(record) {
  const height = top + record.timeline.length * step + 8;
  const width = x(lanes.length - 1) + 80;
  const start = new Date(record.recordedAt);
  const steps = record.timeline.map((entry, i) => draw(entry, top + i * step + 24, new Date(entry.at) - start));
  return scrolling('Sequence', svg('svg', {
    class: 'sequence', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': 'The way of the event: ' + record.timeline.map(entry => clip(entry.what, 40)).join(', ') + '. The table of steps tells the same in words.',
  },
  svg('defs', {}, ['good', 'wrong'].map(kind => svg('marker', { id: 'arrow-' + kind, viewBox: '0 0 8 8', refX: 7.5, refY: 4, markerWidth: 8, markerHeight: 8, orient: 'auto' },
    svg('path', { d: 'M0 0 8 4 0 8z', class: 'head ' + kind })))),
  lanes.map((name, lane) => [
    svg('line', { x1: x(lane), x2: x(lane), y1: 34, y2: height, class: 'lane' }),
    svg('rect', { x: x(lane) - 58, y: 6, width: 116, height: 28, rx: 6, class: 'actor' }),
    svg('text', { x: x(lane), y: 25, class: 'actor-name' }, name)]),
  steps));
}

function draw(entry, y, after) {
  const way = Object.hasOwn(ways, entry.what) ? ways[entry.what] : [intake];
  const kind = bad.has(entry.what) ? 'wrong' : 'good';
  const label = clip(entry.what, 30) + (entry.count > 1 ? ` ×${entry.count}` : '') + (entry.attempt > 1 ? ` (attempt ${entry.attempt})` : '');
  const when = svg('text', { x: 8, y: y + 4, class: 'when' }, '+' + duration(Math.max(0, after)));
  if (way.length === 1) {
    return [when, svg('circle', { cx: x(way[0]), cy: y, r: 6, class: 'dot ' + kind }), svg('text', { x: x(way[0]) + 12, y: y + 4, class: 'what note' }, label)];
  }
  const turns = way.length === 3 && way[1] < way[0] !== way[2] < way[1];
  const arrows = way.slice(1).map((lane, i) => svg('line', {
    x1: x(way[i]), x2: x(lane), y1: y + (turns ? i * 9 : 0), y2: y + (turns ? i * 9 : 0), class: 'arrow ' + kind, 'marker-end': `url(#arrow-${kind})`,
  }));
  return [when, arrows, svg('text', { x: (x(way[0]) + x(way[1])) / 2, y: y - 6, class: 'what' }, label)];
}
