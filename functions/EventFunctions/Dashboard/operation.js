// One call of the contract: what it takes, what it answers, and a line to try it with.

import { el, scrolling } from './dom.js';
import { markdown, spans } from './markdown.js';
import { later, resolved, schemaOf } from './schema.js';

const keys = {
  functionKey: 'a function key', functionKeyInQuery: 'a function key in the URL', administrationKey: 'the administration key', entra: 'an Entra ID token',
};
const headers = { functionKey: 'x-functions-key: $KEY', administrationKey: 'x-admin-key: $ADMIN_KEY', producerKey: 'x-producer-key: $PRODUCER_KEY' };

export function operation(call, document) {
  const { id, method, path, spec } = call;
  const parameters = [...call.shared, ...spec.parameters ?? []].map(parameter => resolved(parameter, document).node);
  const body = spec.requestBody && resolved(spec.requestBody, document).node;
  const ways = spec.security ?? document.security;
  return el('section', { id: 'call-' + id, class: 'call', 'aria-labelledby': 'title-' + id },
    el('h3', { id: 'title-' + id, tabindex: '-1' }, el('span', { class: 'method ' + method }, method.toUpperCase()), ' ', el('code', {}, path), ' ', el('a', { href: '#/' + id, class: 'summary' }, spec.summary)),
    spec.description && markdown(spec.description),
    el('p', { class: 'access' }, access(ways)),
    parameters.length > 0 && [el('h4', {}, 'Parameters'), parameterTable(parameters, id, document)],
    body && [el('h4', {}, 'Body'), body.description && markdown(body.description), contents(body.content, document, `Body of ${id}`, true)],
    el('h4', {}, 'Answers'),
    el('ul', { class: 'answers' }, Object.entries(spec.responses).map(([status, response]) => answer(id, status, resolved(response, document).node, document))),
    el('h4', {}, 'Try it'), tryIt(call, parameters, body, ways));
}

function access(ways) {
  const words = ways.map(way => Object.keys(way).map(name => keys[name] ?? name).join(' and '));
  const isOpen = words.length === 0 || words.includes('');
  const needed = words.filter(Boolean).join(', or ');
  return isOpen ? 'For everybody.' + (needed && ` Or with ${needed}.`) : `With ${needed}.`;
}

const parameterTable = (parameters, id, document) => scrolling('Parameters of ' + id, el('table', {},
  el('thead', {}, el('tr', {}, ['Name', 'In', 'What'].map(title => el('th', { scope: 'col' }, title)))),
  el('tbody', {}, parameters.map(parameter => el('tr', {},
    el('td', {}, el('code', {}, parameter.name), parameter.required && el('span', { class: 'required' }, ' required')),
    el('td', {}, parameter.in),
    el('td', {}, parameter.description && [spans(parameter.description.trim()), ' '], schemaOf(parameter.schema, document)))))));

const contents = (content, document, label, isOpen = false) => Object.entries(content ?? {}).map(([type, { schema, example, examples, 'x-data-schema': data }]) => el('div', { class: 'content' },
  el('p', {}, el('code', {}, type), ' ', schema && schemaOf(schema, document), data && [', each ', el('code', {}, 'data'), ' ', schemaOf(data, document)]),
  examplesOf(example, examples, document).map(({ title, value }, i) => later(title, () => code(`${label}, ${type}, ${title}`, textOf(value)), isOpen && i === 0))));

const examplesOf = (example, examples, document) => [
  ...example === undefined ? [] : [{ title: 'Example', value: example }],
  ...Object.entries(examples ?? {}).map(([name, one]) => {
    const { node } = resolved(one, document);
    return { title: `Example: ${node.summary ?? name}`, value: node.value };
  }),
];

function answer(id, status, response, document) {
  const parts = () => el('div', {},
    response.headers && el('ul', { class: 'properties' }, Object.entries(response.headers).map(([name, header]) => {
      const { node } = resolved(header, document);
      return el('li', {}, el('code', {}, name), ' ', node.description && [spans(node.description), ' '], node.schema && schemaOf(node.schema, document));
    })),
    contents(response.content, document, `Answer ${status} of ${id}`));
  const title = [el('b', { class: status < '300' ? 'good' : 'bad' }, status), ' ', spans(response.description)];
  return el('li', {}, response.headers || response.content ? later(title, parts) : el('p', {}, title));
}

const textOf = value => typeof value === 'string' ? value : JSON.stringify(value, null, 2);

const code = (label, text) => scrolling(label, el('pre', {}, el('code', {}, text)));

const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

function tryIt({ id, method, path }, parameters, body, ways) {
  const given = parameter => String(parameter.example ?? parameter.schema?.examples?.[0] ?? parameter.name.toUpperCase());
  const address = parameters.filter(parameter => parameter.in === 'path').reduce(
    (text, parameter) => text.replace(`{${parameter.name}}`, encodeURIComponent(given(parameter))), path);
  const asked = new URLSearchParams(parameters.filter(parameter => parameter.in === 'query' && parameter.required).map(parameter => [parameter.name, given(parameter)]));
  const [type, media] = Object.entries(body?.content ?? {})[0] ?? [];
  const example = media && (media.example ?? Object.values(media.examples ?? {})[0]?.value);
  const line = [
    `curl${method === 'get' ? '' : ' -X ' + method.toUpperCase()} ${quoted(location.origin + address + (asked.size ? '?' + asked : ''))}`,
    ...Object.keys(ways[0] ?? {}).filter(name => headers[name]).map(name => `-H "${headers[name]}"`),
    ...type ? [`-H ${quoted('Content-Type: ' + type)}`] : [],
    ...example === undefined || example === null ? [] : [`-d ${quoted(typeof example === 'string' ? example : JSON.stringify(example))}`],
  ].join(' \\\n  ');
  const copy = el('button', { type: 'button', 'aria-label': 'Copy the line for ' + id, click: async () => {
    try {
      await navigator.clipboard.writeText(line);
      copy.textContent = 'Copied';
    } catch {
      copy.textContent = 'Select and copy it';
    }
  } }, 'Copy');
  return el('div', { class: 'try' }, code('A line to try ' + id, line), copy);
}
