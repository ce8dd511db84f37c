// How times, durations and statuses are written.

import { el } from './dom.js';

export const statuses = {
  recorded: 'Recorded', enriching: 'Enriching', completed: 'Completed', failed: 'Failed', deadLettered: 'Dead-lettered', filtered: 'Filtered',
};

export const status = name => Object.hasOwn(statuses, name)
  ? el('span', { class: 'status ' + name }, statuses[name])
  : el('span', { class: 'status other' }, 'Other');

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

export const timeOfDay = date => clock.format(date);

/** A time as an element; the day stands there when it is not today. */
export function time(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return el('span', {}, 'no time');
  const isToday = date.toDateString() === new Date().toDateString();
  return el('time', { datetime: date.toISOString(), title: date.toISOString() }, isToday ? clock.format(date) : day.format(date) + ' ' + clock.format(date));
}

export function duration(milliseconds) {
  if (milliseconds < 1000) return Math.round(milliseconds) + ' ms';
  if (milliseconds < 60_000) return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0) + ' s';
  if (milliseconds < 3_600_000) return Math.round(milliseconds / 60_000) + ' min';
  return (milliseconds / 3_600_000).toFixed(1) + ' h';
}

/** From arrival, or from the replay that began the run, to completion; undefined where the run is not completed. */
export function latency(record) {
  const ofRun = record.timeline.filter(entry => entry.run === record.run);
  const end = ofRun.find(entry => entry.what === 'completed');
  const start = record.run === 0 ? record.recordedAt : ofRun.find(entry => entry.what === 'replayed')?.at;
  return end && start ? Math.max(0, new Date(end.at) - new Date(start)) : undefined;
}

/** Whether a producer's source covers all sources below a prefix. */
export const isPattern = source => source.endsWith('/*');
