// The keys of one producer: made, rotated, revoked, removed.

import { call } from './api.js';
import { clip, el, empty, facts, outside, replace } from './dom.js';
import { time } from './format.js';

const looks = { active: 'completed', expired: 'filtered', revoked: 'failed' };
const states = { active: 'Active', expired: 'Expired', revoked: 'Revoked' };

const own = (names, key, other) => Object.hasOwn(names, key) ? names[key] : other;

export const producer = {
  title: 'Producer',
  under: 'producers',
  mount(root, parameters, refresh) {
    const name = parameters.get('name') ?? '';
    const path = (part = '') => `producers/${encodeURIComponent(name)}/keys${part}`;
    const ofKey = (key, part = '') => path(`/${encodeURIComponent(key.id)}${part}`);
    const body = el('div');
    const said = el('p', { role: 'status', class: 'said' });

    // Outside of what is drawn anew, so that what is typed stays.
    const label = el('input', { id: 'label', type: 'text', maxlength: '100' });
    const expires = el('input', { id: 'expires', type: 'date' });
    root.append(el('h1', {}, 'Producer ', outside(name)), said,
      el('form', { class: 'search', 'aria-label': 'Make a key', submit: event => { event.preventDefault(); make(); } },
        el('div', { class: 'field' }, el('label', { for: 'label' }, 'What it is for'), label),
        el('div', { class: 'field' }, el('label', { for: 'expires' }, 'Ends on (UTC)'), expires),
        el('button', { type: 'submit' }, 'Make a key')),
      body);

    async function act(part, tell, request) {
      try {
        replace(said, tell(await call(part, { method: 'POST', ...request })));
        refresh();
      } catch (error) {
        said.textContent = clip(error.message, 400);
      }
    }

    const shown = answer => ['The new key, shown this once: ', el('code', {}, answer.key), ' ', copier(answer.key)];

    async function make() {
      const asked = { label: label.value.trim() || undefined, expiresAt: expires.value ? expires.value + 'T00:00:00Z' : undefined };
      await act(path(), shown, { body: asked });
    }

    async function rotate(key) {
      if (confirm('Make a new key in the place of this one? Both are valid for a day, so that the producer can change over.')) {
        await act(ofKey(key, '/rotate'), shown, { body: {} });
      }
    }

    async function revoke(key) {
      if (confirm('Revoke this key? A producer that has no other cannot send any more.')) {
        await act(ofKey(key), () => 'The key is revoked. Every instance refuses it within seconds.', { method: 'DELETE', as: 'text' });
      }
    }

    async function remove() {
      if (confirm('Remove all keys? Every holder of a function key may send for this producer from then on.')) {
        await act(path(), () => 'All keys are removed.', { method: 'DELETE', as: 'text' });
      }
    }

    const button = (key, text, click, about) => el('button', { type: 'button', 'data-key': key, click, 'aria-label': about }, text);
    const row = key => el('li', {},
      el('p', {}, el('span', { class: 'status ' + own(looks, key.state, 'other') }, own(states, key.state, 'Other')), ' ', el('code', {}, outside(key.prefix, 100))),
      facts([
        ['For', key.label], ['Made', el('span', {}, time(key.createdAt), ' by ', outside(key.createdBy, 80))],
        ['Ends', key.expiresAt && time(key.expiresAt)], ['Replaced by', key.replacedBy],
        ['Revoked', key.revokedAt && el('span', {}, time(key.revokedAt), ' by ', outside(key.revokedBy, 80))],
      ]),
      key.state === 'active' && el('div', { class: 'buttons' },
        !key.replacedBy && button('rotate ' + key.id, 'Rotate', () => rotate(key), 'Rotate ' + clip(key.prefix, 80)),
        button('revoke ' + key.id, 'Revoke', () => revoke(key), 'Revoke ' + clip(key.prefix, 80))));

    return {
      every: 10_000,
      load: signal => call(path(), { signal }),
      show: ({ required, items }) => replace(body,
        el('section', { 'aria-labelledby': 'keys' }, el('h2', { id: 'keys' }, 'Keys'),
          el('p', {}, required ? 'Events of this producer are accepted only with one of its keys, in the header x-producer-key.'
            : 'Every holder of a function key may send for this producer. From its first key on, its events need one.'),
          items.length === 0 ? empty('No keys', 'Make one above, and hand it to the producer.') : el('ul', { class: 'cards' }, items.map(row)),
          items.length > 0 && el('div', { class: 'buttons' }, button('remove', 'Remove all keys', remove)))),
    };
  },
};

function copier(text) {
  const copy = el('button', { type: 'button', 'aria-label': 'Copy the key', click: async () => {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Select and copy it';
    }
  } }, 'Copy');
  return copy;
}
