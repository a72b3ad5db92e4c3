// Section 10: the tree of RFC 6962 and the proofs of RFC 9162. Hashes are 32-byte buffers, sizes and indexes BigInts.
import { demand } from './rejection.mjs';
import { sha256 } from './encoding.mjs';

export const mostHashes = 63;
export const largest = 2n ** 62n;
const one = Buffer.from([1]);
export const interior = (left, right) => sha256(one, left, right);

export function rootOf(hashes) {
  if (hashes.length === 0) return sha256();
  if (hashes.length === 1) return hashes[0];
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return interior(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}

// RFC 9162 section 2.1.3.2.
export function checkInclusion(hash, index, size, proof, root, layer = 'proof') {
  demand(size <= largest && index < size, layer, 'the index is not in the tree');
  demand(proof.length <= mostHashes, layer, `more than ${mostHashes} hashes`);
  let fn = index;
  let sn = size - 1n;
  let r = hash;
  for (const p of proof) {
    demand(sn !== 0n, layer, 'the proof is too long');
    if (fn % 2n === 1n || fn === sn) {
      r = interior(p, r);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      r = interior(r, p);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  demand(sn === 0n, layer, 'the proof is too short');
  demand(r.equals(root), layer, 'the proof leads to another root');
}

// RFC 9162 section 2.1.4.2. Equal trees and the empty tree are proved by no hash at all.
export function checkConsistency(first, firstRoot, second, secondRoot, proof, layer = 'proof') {
  demand(first <= second && second <= largest, layer, 'the earlier tree is the larger one');
  demand(proof.length <= mostHashes, layer, `more than ${mostHashes} hashes`);
  if (first === second || first === 0n) {
    demand(proof.length === 0, layer, 'a proof where none is needed');
    demand(first === second ? firstRoot.equals(secondRoot) : firstRoot.equals(sha256()), layer, 'two roots of one size');
    return;
  }
  const path = (first & (first - 1n)) === 0n ? [firstRoot, ...proof] : [...proof];
  demand(path.length > 0, layer, 'the proof is empty');
  let fn = first - 1n;
  let sn = second - 1n;
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let fr = path[0];
  let sr = path[0];
  for (const c of path.slice(1)) {
    demand(sn !== 0n, layer, 'the proof is too long');
    if (fn % 2n === 1n || fn === sn) {
      fr = interior(c, fr);
      sr = interior(c, sr);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = interior(sr, c);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  demand(sn === 0n, layer, 'the proof is too short');
  demand(fr.equals(firstRoot), layer, 'the proof leads to another earlier root');
  demand(sr.equals(secondRoot), layer, 'the proof leads to another later root');
}
