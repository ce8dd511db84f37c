// Where what is new comes from: a question every two seconds while somebody can see the answer. This is all that the views
// know of it, so that a stream can take its place here.

const every = 2_000;
const longest = 30_000;

/** Asks again and again; returns what ends it. */
export function follow(load, show, fail) {
  const ended = new AbortController();
  let timer;
  let pause = every;
  let asking = false;

  async function ask() {
    clearTimeout(timer);
    if (ended.signal.aborted || asking || document.hidden) return;
    asking = true;
    try {
      const data = await load(ended.signal);
      if (ended.signal.aborted) return;
      pause = every;
      show(data);
    } catch (error) {
      if (ended.signal.aborted) return;
      pause = Math.min(pause * 2, longest);
      fail(error);
    } finally {
      asking = false;
    }
    timer = setTimeout(ask, pause);
  }

  document.addEventListener('visibilitychange', ask, { signal: ended.signal });
  ask();
  return {
    now: ask,
    end() {
      clearTimeout(timer);
      ended.abort();
    },
  };
}
