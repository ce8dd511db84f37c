// The contract as a page to read: each call of the OpenAPI document, by its tag.

import { el } from './dom.js';
import { markdown } from './markdown.js';
import { operation } from './operation.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const [main, list, filter, found] = ['content', 'calls', 'filter', 'found'].map(id => document.getElementById(id));

const callsOf = contract => Object.entries(contract.paths).flatMap(([path, item]) => methods.filter(method => item[method]).map(method => ({
  id: item[method].operationId, method, path, spec: item[method], shared: item.parameters ?? [],
})));

function show(contract) {
  const calls = callsOf(contract);
  const groups = contract.tags.map(tag => ({ ...tag, calls: calls.filter(call => call.spec.tags.includes(tag.name)) }));
  main.replaceChildren(
    el('h1', {}, 'HTTP API'),
    el('div', { class: 'intro' }, markdown(contract.info.description)),
    ...groups.map(group => el('section', { class: 'group', 'aria-label': group.name },
      el('h2', {}, group.name), markdown(group.description), group.calls.map(call => operation(call, contract)))));
  list.replaceChildren(...groups.map(group => el('div', { class: 'group' },
    el('h2', {}, group.name),
    el('ul', {}, group.calls.map(({ id, method, spec }) => el('li', { 'data-call': id },
      el('a', { href: '#/' + id }, el('span', { class: 'method ' + method }, method.toUpperCase()), ' ', spec.summary)))))));
  filter.addEventListener('input', () => narrow(calls));
  addEventListener('hashchange', go);
  go();
}

function narrow(calls) {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = new Set(calls.filter(({ id, method, path, spec }) => {
    const text = [id, method, path, spec.summary, spec.description, ...spec.tags].join(' ').toLowerCase();
    return words.every(word => text.includes(word));
  }).map(call => call.id));
  for (const { id } of calls) {
    document.getElementById('call-' + id).hidden = !wanted.has(id);
    list.querySelector(`[data-call="${id}"]`).hidden = !wanted.has(id);
  }
  for (const group of document.querySelectorAll('.group')) group.hidden = !group.querySelector('.call:not([hidden]), li:not([hidden])');
  found.textContent = `${wanted.size} of ${calls.length} calls`;
}

function go() {
  const title = document.getElementById('title-' + location.hash.slice(2));
  for (const link of list.querySelectorAll('a')) {
    if (link.getAttribute('href') === location.hash) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
  title?.scrollIntoView();
  title?.focus({ preventScroll: true });
}

document.getElementById('skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});

const answer = await fetch(new URL('../openapi.json', import.meta.url)).catch(() => undefined);
if (answer?.ok) show(await answer.json());
else document.getElementById('loading').textContent = 'The contract cannot be read now. Reload the page in a moment.';
