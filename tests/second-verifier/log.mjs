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
import { afterOf } from './successor.mjs';
import { checkTiles, readLeaves } from './tiles.mjs';
import { checkInclusion, rootOf } from './tree.mjs';

export function checkLog(folder, trust, { heads = [], receipts = [], predecessors = [] } = {}) {
  const checkpoint = parseCheckpoint(readFileSync(join(folder, 'checkpoint')), trust.vkeys, trust);
  demand(trust.origin === undefined || checkpoint.origin === trust.origin, 'note', 'the checkpoint is of another log');
  const size = Number(checkpoint.size);
  const { leaves, hashes } = readTree(folder, checkpoint);
  if (trust.pin) checkPin(trust.pin, hashes);
  demand(size > 0, 'registry', 'a log without entries says nothing');

  const ids = new Set();
  const later = [];
  const replay = begin(checkpoint.origin, leaves[0], predecessors, trust, ids, later);
  const entries = decideAll(replay, leaves, ids);
  checkLogKeys(replay, checkpoint, trust);
  // No chain goes on in two logs: what a predecessor took in after the cut has the next sequence there.
  for (const { index, entry } of later) demand(!((replay.chains.get(entry.sub)?.length ?? 0) > entry.seq), 'chain', 'the chain goes on in two logs', index);
  for (const head of heads) checkHead(parseHead(head), entries, replay, checkpoint.origin);
  for (const receipt of receipts) checkOldReceipt(receipt, hashes, trust);
  return { size, entries: size, disputed: replay.disputed() };
}

function readTree(folder, checkpoint) {
  const leaves = readLeaves(folder, Number(checkpoint.size));
  const hashes = leaves.map(leafHash);
  checkTiles(folder, hashes);
  demand(rootOf(hashes).equals(checkpoint.root), 'tree', 'the leaves make another root than the checkpoint has');
  return { leaves, hashes };
}

function decideAll(replay, leaves, ids) {
  return leaves.map((leaf, index) => at(index, () => {
    const entry = parseEntry(leaf);
    const id = `${entry.kid} ${entry.jti}`;
    demand(!replay.entries.has(entry.hash) && !ids.has(id), 'uniqueness', 'kid and jti came before');
    ids.add(id);
    replay.decide(index, entry);
    return entry;
  }));
}

// Section 20: a log's beginning, after all that its predecessors hold up to where it goes on from them. `folders` are theirs, the oldest first.
function begin(origin, opening, folders, trust, ids, later) {
  const after = at(0, () => afterOf(parseEntry(opening), origin));
  if (after === null) {
    demand(folders.length === 0, 'predecessor', 'the log begins by itself', 0);
    return new Replay(origin);
  }
  demand(folders.length > 0, 'predecessor', `${after.origin} is missing`, 0);
  const folder = folders.at(-1);
  const checkpoint = parseCheckpoint(readFileSync(join(folder, 'checkpoint')), trust.vkeys);
  demand(checkpoint.origin === after.origin, 'predecessor', 'the log goes on from another', 0);
  demand(checkpoint.size >= BigInt(after.size), 'predecessor', 'the predecessor ends before the log goes on from it', 0);
  const { leaves, hashes } = readTree(folder, checkpoint);
  demand(rootOf(hashes.slice(0, after.size)).equals(digestFrom(after.root)), 'predecessor', 'the predecessor has another history', 0);
  const replay = begin(after.origin, leaves[0], folders.slice(0, -1), trust, ids, later);
  decideAll(replay, leaves.slice(0, after.size), ids);
  checkLogKeys(replay, { ...checkpoint, size: BigInt(after.size) }, { vkeys: trust.vkeys });
  leaves.slice(after.size).forEach((leaf, i) => later.push({ index: after.size + i, entry: at(after.size + i, () => parseEntry(leaf)) }));
  replay.succeed(origin, after.size, after.root);
  return replay;
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
