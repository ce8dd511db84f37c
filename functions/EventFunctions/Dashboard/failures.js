// What failed, by group, for whoever decides.

import { call } from './api.js';
import { clip, el, empty, facts, outside, replace, to } from './dom.js';
import { time } from './format.js';

const over = ['completed', 'cancelled', 'failed'];
const doing = { replay: 'Replay', dismiss: 'Dismiss', restore: 'Restore' };

export const failures = {
  title: 'Failures',
  mount(root, parameters, refresh) {
    const dismissed = parameters.get('dismissed') === 'true';
    const body = el('div');
    const said = el('p', { role: 'status', class: 'said' });
    let job;
    root.append(el('h1', {}, dismissed ? 'Dismissed failures' : 'Failures'),
      el('p', {}, el('a', { href: dismissed ? '#/failures' : '#/failures?dismissed=true' }, dismissed ? 'Show what is to decide on' : 'Show what was dismissed')), said, body);

    async function handle(action, group) {
      if (!confirm(`${doing[action]} ${group.count} × ${clip(group.type, 80)}, ${clip(group.reason, 80)}?`)) return;
      try {
        const { producer, type, reason } = group;
        job = await call('failures', { method: 'POST', body: { action, producer, type, reason, dismissed } });
        tell();
        refresh();
      } catch (error) {
        said.textContent = clip(error.message, 400);
      }
    }

    function tell() {
      said.textContent = `${doing[job.action] ?? 'Job'}: ${job.state}, ${job.started} of ${job.matched} begun`
        + (job.skipped ? `, ${job.skipped} skipped` : '') + (job.failed ? `, ${job.failed} refused by the store` : '') + '.';
    }

    const button = (action, group) => el('button', {
      type: 'button', 'data-key': [action, group.producer, group.type, group.reason].join(' '), click: () => handle(action, group),
      'aria-label': `${doing[action]} all: ${clip(group.type, 80)}, ${clip(group.reason, 80)}`,
    }, doing[action] + ' all');

    return {
      async load(signal) {
        const groups = await call('failures' + (dismissed ? '?dismissed=true' : ''), { signal });
        if (job && !over.includes(job.state)) {
          job = await call('replays/' + encodeURIComponent(job.id), { signal });
          tell();
        }
        return groups;
      },
      show: ({ items, complete }) => replace(body,
        items.length === 0
          ? dismissed ? empty('Nothing is dismissed', 'What is dismissed stays here until it expires.') : empty('No failures', 'Nothing waits for a decision.')
          : el('ul', { class: 'cards' }, items.map(group => el('li', {},
            el('h2', {}, outside(group.reason, 80)),
            facts([
              ['Events', String(group.count) + (group.failedAgain ? `, ${group.failedAgain} of them after a replay` : '')], ['Producer', group.producer], ['Type', group.type],
              ['Recorded', el('span', {}, time(group.first), ' to ', time(group.last))],
              ['For example', el('span', { class: 'samples' }, group.samples.map(sample => el('a', { href: to('event', sample) }, outside(sample.id, 80))))],
            ]),
            el('div', { class: 'buttons' }, dismissed ? button('restore', group) : [button('replay', group), button('dismiss', group)])))),
        !complete && el('p', {}, 'There are more failures than were counted.')),
    };
  },
};
