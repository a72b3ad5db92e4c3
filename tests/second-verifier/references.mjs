// Section 7: the form of out, in, ref and for, and the commitment that joins a giver to a taker.
import { demand } from './rejection.mjs';
import { digestFrom, fromBase64Url, sha256, toBase64Url } from './encoding.mjs';
import { demandMembers } from './strict-json.mjs';
import { isChain, isOperator } from './names.mjs';

const layer = 'references';

export function checkReferences({ d, iss }) {
  if (d.has('out')) {
    const lines = d.get('out');
    demand(Array.isArray(lines) && lines.length >= 1 && lines.length <= 64, layer, 'out is no array of 1 to 64');
    demand(lines.every((line) => digestFrom(line) !== null), layer, 'out holds something else than digests');
    demand(new Set(lines).size === lines.length, layer, 'a commitment stands twice in out');
  }
  for (const name of d.keys()) demand(!/^(q|codes)[0-9]+$/.test(name), layer, `${name} stands in clear`);
  if (d.has('in')) {
    const taken = d.get('in');
    demand(Array.isArray(taken) && taken.length >= 1, layer, 'in is no array with anything in it');
    for (const line of taken) {
      demandMembers(line, ['h', 'i', 's'], layer, 'a line taken');
      demand(digestFrom(line.get('h')) !== null, layer, 'h of a line taken is no digest');
      demand(Number.isInteger(line.get('i')) && line.get('i') >= 0 && line.get('i') < 64, layer, 'i of a line taken is no line');
      const opening = line.get('s');
      demand(typeof opening === 'string' && fromBase64Url(opening)?.length === 16, layer, 's of a line taken is no opening');
    }
    demand(new Set(taken.map((line) => `${line.get('h')} ${line.get('i')}`)).size === taken.length, layer, 'a line stands twice in in');
  }
  if (d.has('ref')) {
    const read = d.get('ref');
    demand(Array.isArray(read) && read.length >= 1, layer, 'ref is no array with anything in it');
    for (const reference of read) {
      demandMembers(reference, ['h', 'sub'], layer, 'a reference');
      demand(digestFrom(reference.get('h')) !== null && isChain(reference.get('sub')), layer, 'a reference is not of a digest and a chain');
    }
    demand(new Set(read.map((reference) => reference.get('h'))).size === read.length, layer, 'an entry stands twice in ref');
  }
  if (d.has('for')) {
    demand(isOperator(d.get('for')), 'names', 'for is no operator');
    demand(d.get('for') !== iss, layer, 'for is iss itself');
  }
}

export const commitment = (chain, operator, opening) =>
  toBase64Url(sha256(`cm-out/v1\n${chain}\n${operator}\n${opening}\n`));
