// Calls to the service that the page came from.

import { parseExact } from './json.js';
import { keyHeaders } from './keys.js';

const base = new URL('..', import.meta.url);

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The parsed answer; `as` is 'json', 'exact' (numbers digit for digit) or 'text'. */
export async function call(path, { method = 'GET', body, as = 'json', accept = [], signal } = {}) {
  let answer, text;
  try {
    answer = await request(path, { method, signal, body: body ? JSON.stringify(body) : undefined }, body ? { 'Content-Type': 'application/json' } : {});
    text = await answer.text();
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The service cannot be reached.');
  }
  if (!answer.ok && !accept.includes(answer.status)) throw new ApiError(answer.status, detail(text) ?? `The service answered ${answer.status}.`);
  return as === 'text' ? text : as === 'exact' ? parseExact(text) : JSON.parse(text);
}

/** An answer whose body is read while it comes. */
export async function open(path, parameters, signal) {
  const answer = await request(path + query(parameters), { signal });
  if (!answer.ok) throw new ApiError(answer.status, `The service answered ${answer.status}.`);
  return answer;
}

const request = (path, options, headers) =>
  fetch(new URL(path, base), { cache: 'no-store', credentials: 'same-origin', headers: { ...keyHeaders(), ...headers }, ...options });

function detail(text) {
  try {
    const problem = JSON.parse(text);
    return [problem.detail, ...(problem.errors ?? []).map(error => `${error.parameter ?? error.pointer}: ${error.detail}`)].filter(Boolean).join(' ') || undefined;
  } catch {
    return undefined;
  }
}

/** An ID, source or subject as one path segment, as the service writes it. */
export function segment(text) {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(text)) return text;
  const bytes = Array.from(new TextEncoder().encode(text), byte => String.fromCharCode(byte)).join('');
  return '~' + btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export const query = parameters => {
  const given = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null && value !== ''));
  return given.size ? '?' + given : '';
};

export const eventPath = (id, source, part = '') => `events/${segment(id)}${part}${query({ source })}`;

export const entityPath = (source, subject, part = '') => `entities/${segment(source)}/${segment(subject)}${part}`;
