// Section 5: one entry from its leaf.
import { demand } from './rejection.mjs';
import { digestFrom, sha256, toBase64Url } from './encoding.mjs';
import { demandMembers, holdsName } from './strict-json.mjs';
import { parseJws } from './jws.mjs';
import { isChain, isEvent, isOperator, isOrigin, isProperty, isUuid } from './names.mjs';
import { checkReferences } from './references.mjs';
import { checkDigests } from './disclosure.mjs';

export const longestLeaf = 16384;
export const nothingBefore = toBase64Url(Buffer.alloc(32));
const lastSecond = 253402300799;

export const leafHash = (leaf) => sha256(Buffer.from([0]), leaf);
export const isCount = (value) => Number.isInteger(value) && value >= 0;
export const isInstant = (value) => isCount(value) && value <= lastSecond;

export function parseEntry(leaf) {
  const jws = parseJws(leaf, { most: longestLeaf, type: 'cm-entry+sd-jwt', layer: 'entry' });
  const payload = jws.payload;
  demandMembers(payload, ['v', 'aud', 'iss', 'sub', 'seq', 'prv', 'jti', 'iat', 'toe', 'evt', 'd'], 'entry', 'the payload', ['_sd_alg']);
  const get = (name) => payload.get(name);
  const d = get('d');

  demand(get('v') === 1, 'entry', 'v is not 1');
  demand(isOrigin(get('aud')), 'names', 'aud is no origin');
  demand(isOperator(get('iss')) && get('iss') === jws.operator, 'names', 'iss is not the operator of kid');
  demand(isChain(get('sub')), 'names', 'sub is no chain');
  demand(isUuid(get('jti')), 'names', 'jti is no UUID in lower case');
  demand(isEvent(get('evt')), 'names', 'evt is no event');
  demand(isCount(get('seq')), 'entry', 'seq is no sequence');
  demand(digestFrom(get('prv')) !== null, 'entry', 'prv is no digest');
  demand((get('seq') === 0) === (get('prv') === nothingBefore), 'chain', 'prv is 32 zero bytes at seq 0 and only there');
  demand(isInstant(get('iat')) && isInstant(get('toe')), 'entry', 'iat or toe is no instant');
  demand(d instanceof Map, 'entry', 'd is no object');

  for (const name of d.keys()) demand(isProperty(name) || name === '_sd', 'names', `d has a member ${JSON.stringify(name)}`);
  for (const inner of d.values()) demand(!holdsName(inner, isReserved), 'entry', '_sd, _sd_alg or ... stands deeper in d');
  demand(d.has('_sd') === payload.has('_sd_alg'), 'entry', '_sd_alg stands without _sd, or _sd without it');
  demand(!payload.has('_sd_alg') || get('_sd_alg') === 'sha-256', 'entry', '_sd_alg is not sha-256');
  checkDigests(d);

  const entry = {
    leaf, hash: toBase64Url(leafHash(leaf)), kid: jws.kid, signed: jws.signed, signature: jws.signature, d,
    aud: get('aud'), iss: get('iss'), sub: get('sub'), seq: get('seq'), prv: get('prv'), jti: get('jti'), evt: get('evt'),
    actor: d.get('for') ?? get('iss'),
  };
  checkReferences(entry);
  return entry;
}

export const isReserved = (name) => name === '_sd' || name === '_sd_alg' || name === '...';
