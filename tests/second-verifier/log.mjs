// A whole log from a folder: checkpoint, tiles, entry bundles, and what an auditor remembers or was given of it before.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, demand } from './rejection.mjs';
import { digestFrom } from './encoding.mjs';
import { leafHash, parseEntry } from './entry.mjs';
import { checkLogKeys } from './evidence.mjs';
import { checkHeadSignature, parseHead } from './head.mjs';
import { parseCheckpoint } from './note.mjs';
import { parseReceipt } from './receipt.mjs';
import { Replay } from './replay.mjs';
import { checkTiles, readLeaves } from './tiles.mjs';
import { checkInclusion, rootOf } from './tree.mjs';

export function checkLog(folder, trust, { heads = [], receipts = [] } = {}) {
  const checkpoint = parseCheckpoint(readFileSync(join(folder, 'checkpoint')), trust.vkeys, trust);
  demand(trust.origin === undefined || checkpoint.origin === trust.origin, 'note', 'the checkpoint is of another log');
  const size = Number(checkpoint.size);
  const leaves = readLeaves(folder, size);
  const hashes = leaves.map(leafHash);
  checkTiles(folder, hashes);
  demand(rootOf(hashes).equals(checkpoint.root), 'tree', 'the leaves make another root than the checkpoint has');
  if (trust.pin) checkPin(trust.pin, hashes);

  const replay = new Replay(checkpoint.origin);
  const ids = new Map();
  const entries = leaves.map((leaf, index) => at(index, () => {
    const entry = parseEntry(leaf);
    const id = `${entry.kid} ${entry.jti}`;
    demand(!replay.entries.has(entry.hash) && !ids.has(id), 'uniqueness', 'kid and jti came before');
    ids.set(id, index);
    replay.decide(index, entry);
    return entry;
  }));
  demand(size > 0, 'registry', 'a log without entries says nothing');
  checkLogKeys(replay, checkpoint, trust);
  for (const head of heads) checkHead(parseHead(head), entries, replay, checkpoint.origin);
  for (const receipt of receipts) checkOldReceipt(receipt, hashes, trust);
  return { size, entries: size, disputed: replay.disputed() };
}

// What was seen before is a prefix of what is here.
function checkPin(pin, hashes) {
  demand(pin.size <= hashes.length, 'pin', `the log has ${hashes.length} entries and had ${pin.size}`);
  demand(rootOf(hashes.slice(0, pin.size)).equals(digestFrom(pin.root)), 'pin', 'the log is no continuation of what was seen');
}

// Section 15: a head statement that the log contradicts is proof that the log broke its word.
function checkHead(head, entries, replay, origin) {
  demand(head.origin === origin, 'head', 'a head statement of another log');
  demand(head.size <= entries.length, 'head', 'a head statement for more than the log has');
  const key = replay.keys.get(head.kid);
  demand(key?.use === 'head' && key.addedAt < head.size && (key.revokedAt === null || key.revokedAt >= head.size), 'head', 'no head key in force at this size');
  checkHeadSignature(head, key.publicKey);
  const index = entries.findLastIndex(({ sub }, i) => sub === head.sub && i < head.size);
  demand(index >= 0 && entries[index].seq === head.seq && entries[index].hash === head.h, 'head', 'another entry was the newest of this chain', index < 0 ? null : index);
}

function checkOldReceipt({ receipt, leaf }, hashes, trust) {
  const { index, proof, note } = parseReceipt(receipt);
  const checkpoint = parseCheckpoint(note, trust.vkeys, trust);
  checkInclusion(leafHash(leaf), index, checkpoint.size, proof, checkpoint.root);
  demand(checkpoint.size <= BigInt(hashes.length), 'receipt', 'the receipt is for more than the log has');
  demand(rootOf(hashes.slice(0, Number(checkpoint.size))).equals(checkpoint.root), 'receipt', 'the log is no continuation of what the receipt shows', Number(index));
}
