// One event: what it is, what happened to it, what it carries.

import { call, eventPath } from './api.js';
import { clip, el, facts, outside, replace, scrolling, to } from './dom.js';
import { duration, latency, status, time } from './format.js';
import { parseExact, pretty } from './json.js';
import { sequence } from './sequence.js';
import { outcome } from './webhooks.js';

const longest = 20_000;
const attributes = ['time', 'datacontenttype', 'dataschema', 'dataref', 'traceparent', 'tracestate'];

export const event = {
  title: 'Event',
  under: 'events',
  mount(root, parameters, refresh) {
    const [id, source] = [parameters.get('id') ?? '', parameters.get('source') ?? ''];
    const body = el('div');
    const said = el('p', { role: 'status', class: 'said' });
    const full = el('div');
    const deliveries = el('div');
    root.append(el('h1', {}, 'Event ', outside(id, 120)), said, body);

    async function change(what, done) {
      try {
        await call(eventPath(id, source, '/' + what), { method: 'POST' });
        said.textContent = done;
        refresh();
      } catch (error) {
        said.textContent = error.status === 403 ? 'Only administrators may do this: enter the administration key under Keys.' : clip(error.message, 400);
      }
    }

    async function showFull() {
      try {
        const text = await call(eventPath(id, source, '/data'), { as: 'text' });
        replace(full, code('The full data', exactly(text)));
      } catch (error) {
        replace(full, el('p', {}, clip(error.message, 400)));
      }
    }

    async function showDeliveries() {
      try {
        const { items } = await call(eventPath(id, source, '/deliveries'));
        replace(deliveries, items.length === 0 ? el('p', {}, 'To no webhook.') : el('ul', {}, items.map(delivery => el('li', {},
          el('a', { href: to('webhook', { name: delivery.webhook }) }, outside(delivery.webhook)), ' ', outcome(delivery), ' ', outside(delivery.type)))));
      } catch (error) {
        replace(deliveries, el('p', {}, error.status === 403 ? 'Only administrators may see this: enter the administration key under Keys.' : clip(error.message, 400)));
      }
    }

    const button = (what, label, done) => el('button', { type: 'button', 'data-key': what, click: () => change(what, done) }, label);
    return {
      load: signal => call(eventPath(id, source), { as: 'exact', signal }),
      show(record) {
        const took = latency(record);
        const isFailure = ['failed', 'deadLettered'].includes(record.status);
        const isOver = isFailure || ['completed', 'filtered'].includes(record.status);
        replace(body,
          el('section', { 'aria-labelledby': 'state' },
            el('h2', { id: 'state', class: 'visually-hidden' }, 'State'),
            facts([
              ['Status', status(record.status)], ['Reason', record.reason], ['Dismissed', record.dismissed && 'yes'], ['Erased', record.erased && 'yes'],
              ['Type', record.type],
              ['Source', el('a', { href: to('events', { source: record.source }) }, outside(record.source))],
              ['Subject', record.subject && el('a', { href: to('entity', { source: record.source, subject: record.subject }) }, outside(record.subject))],
              ['Producer', record.producer], ['Recorded', time(record.recordedAt)], ['Took', took === undefined ? undefined : duration(took)],
              ['Run', record.run > 0 ? String(record.run) : undefined],
            ]),
            el('div', { class: 'buttons' },
              isOver && !record.erased && button('replay', 'Replay', 'Begun again; the relay publishes it with its next tick.'),
              isFailure && !record.dismissed && button('dismiss', 'Dismiss', 'Dismissed.'),
              record.dismissed && button('restore', 'Restore', 'Brought back.'))),
          el('section', { 'aria-labelledby': 'timeline' }, el('h2', { id: 'timeline' }, 'Timeline'), sequence(record), steps(record)),
          el('section', { 'aria-labelledby': 'data' }, el('h2', { id: 'data' }, 'Data'),
            record.data === undefined && record.data_base64 === undefined
              ? el('p', {}, record.erased ? 'The content was erased.' : 'The notification itself carries none.')
              : code('The notification’s data', typeof record.data === 'string' ? record.data : record.data === undefined ? record.data_base64 : pretty(record.data)),
            !record.erased && el('button', { type: 'button', 'data-key': 'full', click: showFull }, 'Show the full data'), full),
          el('section', { 'aria-labelledby': 'deliveries' }, el('h2', { id: 'deliveries' }, 'Webhooks'),
            el('button', { type: 'button', 'data-key': 'deliveries', click: showDeliveries }, 'Show the deliveries'), deliveries),
          el('section', { 'aria-labelledby': 'attributes' }, el('h2', { id: 'attributes' }, 'Attributes'),
            facts([...['id', 'source', 'type', 'subject', ...attributes].map(name => [name, record[name]]),
              ...Object.entries(record.extensions ?? {}).map(([name, value]) => [name, String(JSON.isRawJSON?.(value) ? value.rawJSON : value)])])));
      },
    };
  },
};

const code = (label, text) => [scrolling(label, el('pre', {}, el('code', {}, text.slice(0, longest)))),
  text.length > longest && el('p', {}, `The first ${longest} of ${text.length} characters.`)];

function exactly(text) {
  try {
    return pretty(parseExact(text));
  } catch {
    return text;
  }
}

const steps = record => el('details', {}, el('summary', { 'data-key': 'steps' }, `All ${record.timeline.length} steps in words`),
  scrolling('Steps', el('table', {},
    el('thead', {}, el('tr', {}, ['Time', 'Step', 'Run', 'Attempt', 'Detail', 'Trace'].map(name => el('th', { scope: 'col' }, name)))),
    el('tbody', {}, record.timeline.map(entry => el('tr', {},
      el('td', {}, time(entry.at)), el('td', {}, outside(entry.what), entry.count > 1 && ` ×${entry.count}`), el('td', {}, String(entry.run)),
      el('td', {}, String(entry.attempt ?? '')), el('td', {}, outside(entry.detail ?? '', 400)), el('td', {}, outside(entry.traceId ?? ''))))))));
