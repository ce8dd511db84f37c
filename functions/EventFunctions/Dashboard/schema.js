// JSON Schemas in words. What is within another is written when it is opened, so that a schema may hold itself.

import { el } from './dom.js';
import { spans } from './markdown.js';

/** What a reference refers to; the name it has there, and what stands beside it. */
export function resolved(node, document) {
  let name;
  while (node?.$ref) {
    const { $ref, ...beside } = node;
    const parts = $ref.slice(2).split('/').map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    name = parts.at(-1);
    node = { ...parts.reduce((value, part) => value[part], document), ...beside };
  }
  return { node, name };
}

const range = (least, most, what = '') =>
  least !== undefined && most !== undefined ? `${least} to ${most}${what}`
  : least !== undefined ? `at least ${least}${what}` : most !== undefined ? `at most ${most}${what}` : undefined;

const limits = schema => [
  schema.format,
  Object.hasOwn(schema, 'const') && JSON.stringify(schema.const),
  schema.enum && 'one of ' + schema.enum.map(value => JSON.stringify(value)).join(', '),
  range(schema.minimum, schema.maximum),
  range(schema.minLength, schema.maxLength, ' characters'),
  range(schema.minItems, schema.maxItems, ' items'),
  schema.pattern && `matches ${schema.pattern}`,
  Object.hasOwn(schema, 'default') && `${JSON.stringify(schema.default)} unless given`,
  schema.readOnly && 'only in answers',
];

function typeOf(schema, document) {
  const { node, name } = resolved(schema, document);
  if (node.items) return 'array of ' + typeOf(node.items, document);
  if (node.oneOf) return name ?? 'one of ' + node.oneOf.length;
  if (node.properties || node.additionalProperties) return name ?? 'object';
  return [node.type ?? (Object.hasOwn(node, 'const') || node.enum ? [] : 'any')].flat().join(' or ');
}

/** A schema's type, limits and description, and what is within. */
export function schemaOf(schema, document) {
  const { node } = resolved(schema, document);
  return [
    el('span', { class: 'type' }, [typeOf(schema, document), ...limits(node)].filter(Boolean).join(', ')),
    node.description && [' ', el('span', { class: 'about' }, spans(node.description.trim()))],
    within(schema, document),
  ];
}

function within(schema, document) {
  const { node, name } = resolved(schema, document);
  if (node.items) return within(node.items, document);
  const required = new Set(node.required);
  const parts = [
    ...Object.entries(node.properties ?? {}).map(([key, value]) => [key, value, required.has(key)]),
    ...typeof node.additionalProperties === 'object' ? [['any other name', node.additionalProperties, false]] : [],
    ...(node.oneOf ?? []).map((value, i) => [value.title ?? resolved(value, document).name ?? `way ${i + 1}`, value, false]),
  ];
  return parts.length > 0 && later(name ?? (node.oneOf ? 'Ways' : 'Properties'), () => el('ul', { class: 'properties' }, parts.map(([key, value, isRequired]) =>
    el('li', {}, el('code', {}, key), isRequired && el('span', { class: 'required' }, ' required'), ' ', schemaOf(value, document)))));
}

/** Something that is made when it is opened. */
export function later(title, make, isOpen = false) {
  const details = el('details', { toggle: () => details.open && details.childElementCount === 1 && details.append(make()) }, el('summary', {}, title));
  if (isOpen) {
    details.append(make());
    details.open = true;
  }
  return details;
}
