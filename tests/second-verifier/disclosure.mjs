// Section 6: the digests of an entry and the disclosures that belong to them.
import { demand } from './rejection.mjs';
import { digestFrom, fromBase64Url, sha256, toBase64Url } from './encoding.mjs';
import { parseJson, holdsName } from './strict-json.mjs';
import { isProperty } from './names.mjs';

const never = ['out', 'in', 'ref', 'for'];

export function checkDigests(d) {
  if (!d.has('_sd')) return;
  const digests = d.get('_sd');
  demand(Array.isArray(digests) && digests.length >= 1 && digests.length <= 64, 'disclosure', '_sd is no array of 1 to 64');
  digests.forEach((digest, i) => {
    demand(digestFrom(digest) !== null, 'disclosure', '_sd holds something else than digests');
    demand(i === 0 || digests[i - 1] < digest, 'disclosure', '_sd is not in strictly ascending order');
  });
}

export function parseDisclosure(text) {
  demand(text.length <= 8192, 'disclosure', 'a disclosure is longer than 8,192 characters');
  const bytes = fromBase64Url(text);
  demand(bytes !== null, 'disclosure', 'a disclosure is not strict base64url');
  const parts = parseJson(bytes);
  demand(Array.isArray(parts) && parts.length === 3, 'disclosure', 'a disclosure is no array of three');
  const [salt, name, value] = parts;
  const salted = typeof salt === 'string' && salt.length <= 128 ? fromBase64Url(salt) : null;
  demand(salted !== null && salted.length >= 16, 'disclosure', 'a salt is not base64url of at least 16 bytes');
  demand(isProperty(name) && !never.includes(name), 'disclosure', 'a disclosure has no name that may be disclosed');
  demand(!holdsName(value, (inner) => ['_sd', '_sd_alg', '...'].includes(inner)), 'disclosure', 'a disclosed value holds _sd, _sd_alg or ...');
  return { salt, name, value, digest: toBase64Url(sha256(Buffer.from(text, 'latin1'))) };
}

// All disclosures shown belong to the entry; with `complete`, none is withheld.
export function checkDisclosures(entry, texts, complete) {
  demand(texts.length <= 64, 'disclosure', 'more than 64 disclosures');
  const digests = entry.d.get('_sd') ?? [];
  const seen = { digest: new Set(), salt: new Set(), name: new Set() };
  for (const text of texts) {
    const disclosure = parseDisclosure(text);
    demand(digests.includes(disclosure.digest), 'disclosure', 'a disclosure matches no digest');
    demand(!entry.d.has(disclosure.name), 'disclosure', 'a disclosed name stands also in clear');
    for (const part of Object.keys(seen)) {
      demand(!seen[part].has(disclosure[part]), 'disclosure', `two disclosures share a ${part}`);
      seen[part].add(disclosure[part]);
    }
  }
  demand(!complete || texts.length === digests.length, 'disclosure', 'a digest has no disclosure');
  return digests.length - texts.length;
}
