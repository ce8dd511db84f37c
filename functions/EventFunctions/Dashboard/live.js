// Keeps a view up to date while somebody can see it: by a question now and then, and by the service's stream where the view
// can take changes.

import { listen } from './stream.js';

const every = 2_000;
const rarely = 10_000;
const longest = 30_000;
const pace = 250;
const mostLate = 1_000;

/**
 * Shows what `view.load(signal)` answers, again and again, `view.every` milliseconds apart; returns what ends it. A view with
 * `follows`, filters of the stream, has a `merge(data, records)` that answers with what to show then.
 */
export function follow(view, show, fail) {
  const ended = new AbortController();
  const { signal } = ended;
  let data, timer, painting, late;
  let isLive = false;
  let askAgain = false;
  let pause = every;

  async function ask() {
    clearTimeout(timer);
    askAgain = Boolean(late);
    if (signal.aborted || late || document.hidden) return;
    late = [];
    try {
      const loaded = await view.load(signal);
      if (signal.aborted) return;
      data = late.length ? view.merge(loaded, late) : loaded;
      pause = isLive ? rarely : view.every ?? every;
      paint();
    } catch (error) {
      if (signal.aborted) return;
      pause = Math.min(pause * 2, longest);
      fail(error);
    }
    late = undefined;
    timer = setTimeout(ask, askAgain ? 0 : pause);
  }

  function paint() {
    clearTimeout(painting);
    painting = undefined;
    show(data, isLive);
  }

  function take(records) {
    // An answer that is on its way may have been written before these.
    if (late) late = [...late, ...records].slice(-mostLate);
    if (!data || records.length === 0) return;
    data = view.merge(data, records);
    painting ??= setTimeout(paint, pace);
  }

  function opened() {
    isLive = true;
    // What changed before it was open, it does not tell.
    ask();
  }

  document.addEventListener('visibilitychange', ask, { signal });
  ask();
  if (view.follows) listen(view.follows, { opened, take, closed: () => { isLive = false; } }, signal);
  return {
    now: ask,
    end() {
      clearTimeout(timer);
      clearTimeout(painting);
      ended.abort();
    },
  };
}
