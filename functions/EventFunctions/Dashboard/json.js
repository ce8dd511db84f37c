// Numbers are shown digit for digit, also those that no double holds (where the browser can: JSON.rawJSON).

const raw = JSON.rawJSON;

export const parseExact = text => raw
  ? JSON.parse(text, (_, value, context) => typeof value === 'number' && context?.source && String(value) !== context.source ? raw(context.source) : value)
  : JSON.parse(text);

export function pretty(value) {
  try {
    return JSON.stringify(value, null, 2);
  } catch {
    return 'Nested too deeply to be shown.';
  }
}

/** What differs between two JSON values: a JSON pointer and the texts before and after, undefined where there was none. */
export function differences(before, after, limit = 100) {
  const [old, now] = [leaves(before), leaves(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter(path => old.get(path) !== now.get(path)).slice(0, limit)
    .map(path => ({ path, before: old.get(path), after: now.get(path) }));
}

function leaves(root) {
  const found = new Map();
  const waiting = [['', root]];
  while (waiting.length) {
    const [path, value] = waiting.pop();
    const inner = value && typeof value === 'object' && !JSON.isRawJSON?.(value) ? Object.entries(value) : [];
    if (inner.length === 0) found.set(path, JSON.stringify(value));
    else for (const [name, item] of inner.reverse()) waiting.push([path + '/' + name.replaceAll('~', '~0').replaceAll('/', '~1'), item]);
  }
  return found;
}
