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

// The file of a tile. A log may drop a partial tile once the full one is there: then that is read, and only its beginning counts.
function read(folder, pathOf, count, layer, index) {
  for (const path of [pathOf(count), pathOf(width)]) {
    if (existsSync(join(folder, path))) return { path, bytes: readFileSync(join(folder, path)), whole: path === pathOf(count) };
  }
  return demand(false, layer, `${pathOf(count)} is missing`, index);
}

// All leaves of a log of this size, from its entry bundles.
export function readLeaves(folder, size) {
  const leaves = [];
  for (const { number, count } of tilesOf(size)) {
    const first = leaves.length;
    const { path, bytes, whole } = read(folder, (w) => tilePath('entries', number, w), count, 'bundle', first);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      demand(offset + 2 <= bytes.length, 'bundle', `${path} ends before entry ${first + i}`, first + i);
      const length = bytes.readUInt16BE(offset);
      demand(offset + 2 + length <= bytes.length, 'bundle', `${path} ends within entry ${first + i}`, first + i);
      leaves.push(bytes.subarray(offset + 2, offset + 2 + length));
      offset += 2 + length;
    }
    demand(!whole || offset === bytes.length, 'bundle', `${path} goes on after its last entry`, first + count - 1);
  }
  return leaves;
}

// Every tile of every level is what the leaf hashes make; an index is the first leaf below the wrong hash.
export function checkTiles(folder, hashes) {
  let below = 1;
  for (let level = 0, row = hashes; row.length > 0; level++, below *= width) {
    for (const { number, count } of tilesOf(row.length)) {
      const first = number * width;
      const { path, bytes, whole } = read(folder, (w) => tilePath(level, number, w), count, 'tile', first * below);
      demand(bytes.length === 32 * (whole ? count : width), 'tile', `${path} is of another length`, first * below);
      for (let i = 0; i < count; i++) {
        at((first + i) * below, () => demand(bytes.subarray(32 * i, 32 * i + 32).equals(row[first + i]), 'tile', `hash ${i} of ${path} is another`));
      }
    }
    row = Array.from({ length: Math.floor(row.length / width) }, (_, i) => rootOf(row.slice(i * width, (i + 1) * width)));
  }
}

