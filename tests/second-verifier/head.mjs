// Section 12: head statements.
import { demand } from './rejection.mjs';
import { digestFrom } from './encoding.mjs';
import { demandMembers } from './strict-json.mjs';
import { parseJws } from './jws.mjs';
import { isCount, isInstant } from './entry.mjs';
import { isChain, isOrigin } from './names.mjs';
import { isSignature } from './ed25519.mjs';

const layer = 'head';

export function parseHead(bytes) {
  const jws = parseJws(bytes, { most: 2048, type: 'cm-head+jwt', layer });
  const payload = jws.payload;
  demandMembers(payload, ['origin', 'sub', 'seq', 'h', 'size', 'iat', 'exp'], layer, 'the payload');
  const head = Object.fromEntries(payload);
  demand(isOrigin(head.origin) && isChain(head.sub), 'names', 'origin or sub is no such name');
  demand(isCount(head.seq) && isCount(head.size), layer, 'seq or size is no count');
  demand(digestFrom(head.h) !== null, layer, 'h is no digest');
  demand(isInstant(head.iat) && isInstant(head.exp), layer, 'iat or exp is no instant');
  return { ...head, kid: jws.kid, signed: jws.signed, signature: jws.signature };
}

export function checkHeadSignature(head, publicKey) {
  demand(isSignature(publicKey, head.signed, head.signature), 'signature', 'the signature of the head statement does not hold');
}
