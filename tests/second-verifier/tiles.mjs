// Section 10: a folder of tiles and entry bundles as C2SP tlog-tiles lays them out.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, demand } from './rejection.mjs';
import { rootOf } from './tree.mjs';

const width = 256;

// 1234067 is x001/x234/067; a partial tile of w hashes ends in .p/w.
export function tilePath(level, number, count) {
  const groups = [];
  for (let rest = number, first = true; first || rest > 0; rest = Math.floor(rest / 1000), first = false) {
    groups.unshift((first ? '' : 'x') + String(rest % 1000).padStart(3, '0'));
  }
  return `tile/${level}/${groups.join('/')}${count === width ? '' : `.p/${count}`}`;
}

function* tilesOf(count) {
  for (let number = 0; number * width < count; number++) yield { number, count: Math.min(width, count - number * width) };
}

function read(folder, path, layer, index) {
  demand(existsSync(join(folder, path)), layer, `${path} is missing`, index);
  return readFileSync(join(folder, path));
}

// All leaves of a log of this size, from its entry bundles.
export function readLeaves(folder, size) {
  const leaves = [];
  for (const { number, count } of tilesOf(size)) {
    const path = tilePath('entries', number, count);
    const bytes = read(folder, path, 'bundle', leaves.length);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      const index = leaves.length;
      demand(offset + 2 <= bytes.length, 'bundle', `${path} ends before entry ${index}`, index);
      const length = bytes.readUInt16BE(offset);
      demand(offset + 2 + length <= bytes.length, 'bundle', `${path} ends within entry ${index}`, index);
      leaves.push(bytes.subarray(offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    demand(offset === bytes.length, 'bundle', `${path} goes on after its last entry`, leaves.length - 1);
  }
  return leaves;
}

// Every tile of every level is what the leaf hashes make; an index is the first leaf below the wrong hash.
export function checkTiles(folder, hashes) {
  let below = 1;
  for (let level = 0, row = hashes; row.length > 0; level++, below *= width) {
    for (const { number, count } of tilesOf(row.length)) {
      const first = number * width;
      const path = tilePath(level, number, count);
      const bytes = read(folder, path, 'tile', first * below);
      demand(bytes.length === 32 * count, 'tile', `${path} is not of ${count} hashes`, first * below);
      for (let i = 0; i < count; i++) {
        at((first + i) * below, () => demand(bytes.subarray(32 * i, 32 * i + 32).equals(row[first + i]), 'tile', `hash ${i} of ${path} is another`));
      }
    }
    row = Array.from({ length: Math.floor(row.length / width) }, (_, i) => rootOf(row.slice(i * width, (i + 1) * width)));
  }
}

