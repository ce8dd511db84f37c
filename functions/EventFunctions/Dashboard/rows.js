// Events as a list, and what changes do to one.

import { el, outside, to } from './dom.js';
import { duration, latency, status, time } from './format.js';

const key = record => JSON.stringify([record.source, record.id]);

const isOlder = (record, known) => record.run < known.run || (record.run === known.run && record.timeline.length < known.timeline.length);

/** The newest records of a list when some have changed; without those that `passes` no longer wants. */
export function merged(records, changed, limit, passes = () => true) {
  const latest = new Map(records.map(record => [key(record), record]));
  for (const record of changed) {
    const known = latest.get(key(record));
    if (!known || !isOlder(record, known)) latest.set(key(record), record);
  }
  return [...latest.values()].filter(passes).sort((a, b) => a.recordedAt < b.recordedAt ? 1 : a.recordedAt > b.recordedAt ? -1 : 0).slice(0, limit);
}

export const rows = records => el('ul', { class: 'rows' }, records.map(record => {
  const took = latency(record);
  return el('li', {},
    status(record.status),
    el('span', { class: 'main' },
      el('a', { href: to('event', { id: record.id, source: record.source }), class: 'id' }, outside(record.id, 80)),
      record.reason && el('span', { class: 'reason' }, outside(record.reason, 60)),
      record.dismissed && el('span', { class: 'reason' }, 'dismissed')),
    el('span', {}, outside(record.type, 80)),
    el('span', {}, record.subject ? el('a', { href: to('entity', { source: record.source, subject: record.subject }) }, outside(record.subject, 80)) : outside(record.source, 80)),
    el('span', { class: 'number' }, took === undefined ? '' : duration(took)),
    time(record.recordedAt));
}));
