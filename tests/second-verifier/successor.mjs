// Section 20: what the opening of a log says that it goes on from.
import { digestFrom } from './encoding.mjs';
import { isCount } from './entry.mjs';
import { isOrigin, logChain } from './names.mjs';

export const mostPredecessors = 64;

// { origin, size, root } of `after` in the first entry of a log; null where it names none, or in no form that means one.
export function afterOf(entry, origin) {
  const after = entry?.aud === origin && entry.evt === 'log-opened.v1' && entry.sub === logChain(origin) ? entry.d.get('after') : undefined;
  if (!(after instanceof Map)) return null;
  const [ended, size, root] = ['origin', 'size', 'root'].map((name) => after.get(name));
  return isOrigin(ended) && isCount(size) && size > 0 && typeof root === 'string' && digestFrom(root) ? { origin: ended, size, root } : null;
}
