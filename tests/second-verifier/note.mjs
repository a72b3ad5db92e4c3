// Section 11: signed notes, the checkpoint that such a note holds, and cosignatures of witnesses.
import { demand, reject } from './rejection.mjs';
import { fromBase64, sha256, utf8 } from './encoding.mjs';
import { isPublicKey, isSignature } from './ed25519.mjs';
import { isOrigin } from './names.mjs';
import { largest, rootOf } from './tree.mjs';

const byLog = 1;
const byWitness = 4;

// A verifier key: name+id+base64(algorithm, key).
export function parseVerifierKey(text) {
  const match = /^([^+ ]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const blob = match ? fromBase64(match[3]) : null;
  demand(blob?.length === 33 && [byLog, byWitness].includes(blob[0]), 'note', 'no verifier key');
  const key = { name: match[1], id: match[2], algorithm: blob[0], publicKey: blob.subarray(1) };
  demand(isPublicKey(key.publicKey), 'keys', 'the verifier key is a key that nobody may have');
  demand(sha256(`${key.name}\n`, blob).toString('hex', 0, 4) === key.id, 'note', 'the id of the verifier key is not its own');
  return key;
}

export function parseNote(bytes) {
  demand(bytes.length <= 262144, 'note', 'the note is longer than 262,144 bytes');
  const whole = utf8(bytes);
  demand(whole !== null && !/[\x00-\x09\x0b-\x1f]/.test(whole), 'note', 'the note is no text of lines');
  const cut = whole.lastIndexOf('\n\n');
  demand(cut > 0 && whole.endsWith('\n'), 'note', 'no empty line parts text and signatures');
  const lines = whole.slice(cut + 2).split('\n').slice(0, -1);
  demand(lines.length >= 1 && lines.length <= 64, 'note', 'not 1 to 64 signature lines');
  const signatures = lines.map((line) => {
    const match = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    const blob = match ? fromBase64(match[2]) : null;
    demand(blob && blob.length >= 5, 'note', 'a signature line is not of dash, name and base64');
    return { name: match[1], id: blob.toString('hex', 0, 4), blob: blob.subarray(4) };
  });
  return { text: whole.slice(0, cut + 1), signatures };
}

function signatureHolds(key, text, blob) {
  if (key.algorithm === byLog) return blob.length === 64 && isSignature(key.publicKey, Buffer.from(text), blob);
  if (blob.length !== 72) return false;
  const time = blob.readBigUInt64BE(0);
  return isSignature(key.publicKey, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), blob.subarray(8));
}

// The checkpoint, after a known key named like its origin has signed it.
export function parseCheckpoint(bytes, vkeys, { witnesses = [], quorum = 0 } = {}) {
  const { text, signatures } = parseNote(bytes);
  const lines = text.split('\n');
  demand(lines.length === 4, 'note', 'a checkpoint has three lines');
  const [origin, size, rootText] = lines;
  demand(isOrigin(origin), 'note', 'the first line is no origin');
  demand(/^(0|[1-9][0-9]{0,18})$/.test(size) && BigInt(size) <= largest, 'note', 'the second line is no size');
  const root = fromBase64(rootText);
  demand(root?.length === 32, 'note', 'the third line is no root');
  demand(size !== '0' || root.equals(rootOf([])), 'note', 'the root of an empty tree is another');

  const signers = [];
  const witnessed = new Set();
  const keys = [...vkeys, ...witnesses].map(parseVerifierKey);
  for (const { name, id, blob } of signatures) {
    // Two known keys may share a name and an id: one of them has to have signed.
    const named = keys.filter((known) => known.name === name && known.id === id);
    const holding = named.filter((key) => signatureHolds(key, text, blob));
    demand(named.length === 0 || holding.length > 0, 'note', `the signature of ${name} is not its own`);
    for (const key of holding) {
      if (key.algorithm === byLog && name === origin) signers.push(key);
      if (key.algorithm === byWitness) witnessed.add(name);
    }
  }
  if (signers.length === 0) reject('note', 'no known key named like the origin has signed');
  demand(witnessed.size >= quorum, 'note', `${witnessed.size} of ${quorum} witnesses cosigned`);
  return { origin, size: BigInt(size), root, signers, text };
}
