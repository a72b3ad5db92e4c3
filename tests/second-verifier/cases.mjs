// What can be verified, each from a folder with files of fixed names, or where one file is enough from that. `trust.json` is what the
// verifier knows by another way.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { demand } from './rejection.mjs';
import { digestFrom, fromBase64Url } from './encoding.mjs';
import { checkDisclosures } from './disclosure.mjs';
import { isSignature, isPublicKey } from './ed25519.mjs';
import { parseEntry } from './entry.mjs';
import { checkEvidence } from './evidence.mjs';
import { checkHeadSignature, parseHead } from './head.mjs';
import { checkLog } from './log.mjs';
import { parseCheckpoint } from './note.mjs';
import { checkReceipt } from './receipt.mjs';
import { checkConsistency, checkInclusion } from './tree.mjs';

// `from` is a folder, or { file, trust } for one file and another with what is trusted.
const pathOf = (from, name) => (typeof from === 'string' ? join(from, name) : name === 'trust.json' ? from.trust : from.file);
const read = (from, name) => readFileSync(pathOf(from, name));
const readIf = (folder, name) => (existsSync(join(folder, name)) ? [read(folder, name)] : []);
const trustOf = (from) => JSON.parse(read(from, 'trust.json'));

export const isOneFile = (path) => statSync(path).isFile();

function keyOf(trust, kid) {
  const x = trust.keys?.[kid];
  demand(x !== undefined, 'keys', `${kid} is not known`);
  const publicKey = fromBase64Url(x);
  demand(isPublicKey(publicKey), 'keys', `${kid} is a key that nobody may have`);
  return publicKey;
}

function checkEntry(leaf, trust) {
  const entry = parseEntry(leaf);
  demand(trust.origin === undefined || entry.aud === trust.origin, 'chain', 'aud is another log');
  demand(isSignature(keyOf(trust, entry.kid), entry.signed, entry.signature), 'signature', 'the signature does not hold');
  return entry;
}

function proofOf(folder) {
  const proof = JSON.parse(read(folder, 'proof.json'));
  const hashes = proof.proof.map(digestFrom);
  demand(hashes.every((hash) => hash !== null), 'proof', 'the proof holds something else than digests');
  return { ...proof, hashes };
}

export const kinds = {
  entry(from) {
    checkEntry(read(from, 'entry.txt'), trustOf(from));
  },
  submission(from) {
    const bytes = read(from, 'submission.txt');
    demand(bytes.length <= 65536, 'disclosure', 'more than 65,536 bytes are sent');
    const [leaf, ...rest] = bytes.toString('latin1').split('~');
    demand(rest.pop() === '', 'disclosure', 'what is sent does not end in ~');
    const entry = checkEntry(Buffer.from(leaf, 'latin1'), trustOf(from));
    checkDisclosures(entry, rest, true);
  },
  note(from) {
    const trust = trustOf(from);
    const checkpoint = parseCheckpoint(read(from, 'note.txt'), trust.vkeys, trust);
    demand(trust.origin === undefined || checkpoint.origin === trust.origin, 'note', 'the checkpoint is of another log');
  },
  inclusion(folder) {
    const { hash, index, size, root, hashes } = proofOf(folder);
    checkInclusion(digestFrom(hash), BigInt(index), BigInt(size), hashes, digestFrom(root));
  },
  consistency(folder) {
    const { first, firstRoot, second, secondRoot, hashes } = proofOf(folder);
    checkConsistency(BigInt(first), digestFrom(firstRoot), BigInt(second), digestFrom(secondRoot), hashes);
  },
  receipt(folder) {
    checkReceipt(read(folder, 'receipt.txt'), read(folder, 'entry.txt'), trustOf(folder));
  },
  head(from) {
    const trust = trustOf(from);
    const head = parseHead(read(from, 'head.txt'));
    demand(trust.origin === undefined || head.origin === trust.origin, 'head', 'a head statement of another log');
    checkHeadSignature(head, keyOf(trust, head.kid));
    demand(trust.at === undefined || head.exp >= trust.at, 'head', 'the head statement is too old');
  },
  evidence: (from) => checkEvidence(read(from, 'evidence.json'), trustOf(from)),
  log(folder) {
    const receipts = readIf(folder, 'receipt.txt').map((receipt) => ({ receipt, leaf: read(folder, 'entry.txt') }));
    const before = join(folder, 'predecessors');
    const predecessors = existsSync(before) ? readdirSync(before).sort().map((name) => join(before, name)) : [];
    return checkLog(join(folder, 'log'), trustOf(folder), { heads: readIf(folder, 'head.txt'), receipts, predecessors });
  },
};
