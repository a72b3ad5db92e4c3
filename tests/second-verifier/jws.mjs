// The compact form (RFC 7515) that entries, head statements and tokens share: three parts, strict in all of them.
import { demand } from './rejection.mjs';
import { fromBase64Url, isAscii } from './encoding.mjs';
import { parseJson, demandMembers } from './strict-json.mjs';
import { operatorOf } from './names.mjs';

export function parseJws(bytes, { most, type, layer }) {
  demand(bytes.length <= most, layer, `longer than ${most}`);
  demand(isAscii(bytes), layer, 'not all visible ASCII');
  const text = bytes.toString('latin1');
  const parts = text.split('.');
  demand(parts.length === 3, layer, 'not exactly two dots');
  const [header, payload, signature] = parts.map(fromBase64Url);
  demand(header && payload && signature, layer, 'a part is not strict base64url');
  demand(signature.length === 64, layer, 'the signature is not of 64 bytes');

  const head = parseJson(header);
  demandMembers(head, ['alg', 'kid', 'typ'], 'header', 'the header');
  demand(head.get('typ') === type, 'header', `typ is not ${type}`);
  demand(['Ed25519', 'EdDSA'].includes(head.get('alg')), 'header', 'alg is neither Ed25519 nor EdDSA');
  const operator = operatorOf(head.get('kid'));
  demand(operator !== null, 'names', 'kid is no key id');

  const signed = Buffer.from(text.slice(0, text.lastIndexOf('.')), 'latin1');
  return { kid: head.get('kid'), operator, payload: parseJson(payload), signed, signature };
}
