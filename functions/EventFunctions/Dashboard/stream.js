// The service's stream of changes, while somebody can see them. Read with fetch: EventSource cannot send a key in a header.

import { open } from './api.js';

const silence = 40_000;
const soon = 1_000;
const longest = 30_000;

/**
 * Listens until the signal ends it, again and again: a stream ends after a minute. Calls `opened()` when one begins, `take(records)`
 * for what it tells, and `closed()` when it is over. What changed in between is not told.
 */
export async function listen(filters, { opened, take, closed }, signal) {
  let pause = soon;
  while (!signal.aborted) {
    await looked(signal);
    try {
      for await (const records of changes(filters, signal, opened)) {
        pause = soon;
        take(records);
      }
    } catch (error) {
      if (signal.aborted) return;
      pause = Math.min(pause * 2, longest);
    }
    closed();
    await new Promise(resolve => setTimeout(resolve, pause));
  }
}

/** One stream: the records of each part of the answer. Ends with the page being hidden, or with a silence too long to be alive. */
async function* changes(filters, signal, opened) {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const hide = () => document.hidden && over.abort();
  let timer = setTimeout(() => over.abort(), silence);
  document.addEventListener('visibilitychange', hide);
  try {
    const answer = await open('stream', { ...filters, data: false }, either);
    opened();
    let rest = '';
    for await (const text of answer.body.pipeThrough(new TextDecoderStream(), { signal: either })) {
      clearTimeout(timer);
      timer = setTimeout(() => over.abort(), silence);
      const messages = (rest + text).split('\n\n');
      rest = messages.pop();
      yield messages.flatMap(message => message.split('\n').filter(line => line.startsWith('data: ')).map(line => JSON.parse(line.slice(6))));
    }
  } finally {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', hide);
    over.abort();
  }
}

const looked = signal => new Promise(resolve => {
  const look = () => {
    if (document.hidden && !signal.aborted) return;
    document.removeEventListener('visibilitychange', look);
    signal.removeEventListener('abort', look);
    resolve();
  };
  document.addEventListener('visibilitychange', look);
  signal.addEventListener('abort', look);
  look();
});
