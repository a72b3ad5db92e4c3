// Section 11: a receipt, which proves with one checkpoint that an entry is in the log.
import { demand } from './rejection.mjs';
import { fromBase64, utf8 } from './encoding.mjs';
import { leafHash } from './entry.mjs';
import { parseCheckpoint } from './note.mjs';
import { checkInclusion, mostHashes } from './tree.mjs';

export function parseReceipt(bytes) {
  const layer = 'receipt';
  const text = utf8(bytes);
  const cut = text?.indexOf('\n\n') ?? -1;
  demand(cut > 0, layer, 'no empty line parts proof and checkpoint');
  const lines = text.slice(0, cut).split('\n');
  demand(lines.shift() === 'c2sp.org/tlog-proof@v1', layer, 'the first line is not that of a receipt');
  if (lines[0]?.startsWith('extra ')) demand(fromBase64(lines.shift().slice(6)) !== null, layer, 'extra is not base64');
  const index = /^index (0|[1-9][0-9]{0,18})$/.exec(lines.shift() ?? '');
  demand(index, layer, 'no line with the index');
  demand(lines.length <= mostHashes, layer, `more than ${mostHashes} hashes`);
  const proof = lines.map(fromBase64);
  demand(proof.every((hash) => hash?.length === 32), layer, 'a line is no hash');
  return { index: BigInt(index[1]), proof, note: Buffer.from(text.slice(cut + 2)) };
}

export function checkReceipt(bytes, leaf, trust) {
  const { index, proof, note } = parseReceipt(bytes);
  const checkpoint = parseCheckpoint(note, trust.vkeys, trust);
  checkInclusion(leafHash(leaf), index, checkpoint.size, proof, checkpoint.root);
  return { index, checkpoint };
}
