// Events as a list.

import { el, outside, to } from './dom.js';
import { duration, latency, status, time } from './format.js';

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
