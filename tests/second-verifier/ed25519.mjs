// Section 2: Ed25519 without cofactor. OpenSSL takes keys that the format refuses, so keys are looked at here first.
import { createPublicKey, verify } from 'node:crypto';

const p = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (a) => ((a % p) + p) % p;
const known = new Map();

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
}

const d = mod(-121665n * power(121666n, p - 2n));

const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

function root(a) {
  const candidate = power(a, (p + 3n) / 8n);
  return [candidate, mod(candidate * power(2n, (p - 1n) / 4n))].find((x) => mod(x * x) === mod(a));
}

// The y of the points of order 1, 2, 4 and 8. Doubled, one of order 8 has y = 0, so d y^4 + 2 y^2 = 1.
const smallOrders = new Set([1n, p - 1n, 0n]);
for (const sign of [1n, -1n]) {
  const y = root(mod((-1n + sign * root(1n + d)) * power(d, p - 2n)));
  if (y !== undefined) smallOrders.add(y).add(p - y);
}

const isOfSmallOrder = (bytes) => smallOrders.has(mod(littleEndian(bytes) & (2n ** 255n - 1n)));

// Whether 32 bytes are the one text of a point (RFC 8032 section 5.1.3) that is not of order 1, 2, 4 or 8.
function isGoodPoint(bytes) {
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  if (y >= p || isOfSmallOrder(bytes)) return false;
  return root(mod((y * y - 1n) * power(d * y * y + 1n, p - 2n))) !== undefined;
}

// Whether these bytes may be a public key at all.
export function isPublicKey(bytes) {
  if (!bytes || bytes.length !== 32) return false;
  const name = bytes.toString('hex');
  if (!known.has(name)) known.set(name, isGoodPoint(bytes));
  return known.get(name);
}

export function isSignature(publicKey, message, signature) {
  if (!isPublicKey(publicKey) || signature.length !== 64) return false;
  if (littleEndian(signature.subarray(32)) >= order || isOfSmallOrder(signature.subarray(0, 32))) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, signature);
}
