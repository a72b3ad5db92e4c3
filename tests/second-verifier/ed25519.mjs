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

// Whether 32 bytes are the one text of a point (RFC 8032 section 5.1.3) that is not of order 1, 2, 4 or 8.
function isGoodPoint(bytes) {
  const sign = bytes[31] >> 7;
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  if (y >= p) return false;
  const u = mod(y * y - 1n);
  const v = mod(d * y * y + 1n);
  const xx = mod(u * power(v, p - 2n));
  if (xx === 0n || power(xx, (p - 1n) / 2n) !== 1n) return false; // x = 0 is order 1 or 2; no square is no point.
  // 8P is the identity exactly when 4P has x = 0 or y = 0, and so on down: doubling three times decides.
  let x = power(xx, (p + 3n) / 8n);
  if (mod(x * x) !== xx) x = mod(x * power(2n, (p - 1n) / 4n));
  if (Number(x & 1n) !== sign) x = p - x;
  let point = [x, y];
  for (let i = 0; i < 3; i++) point = double(point);
  return point[0] !== 0n || point[1] !== 1n;
}

function double([x, y]) {
  const xy = mod(x * y);
  const t = mod(d * xy * xy);
  return [mod(2n * xy * power(1n + t, p - 2n)), mod((y * y + x * x) * power(1n - t, p - 2n))];
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
  if (littleEndian(signature.subarray(32)) >= order) return false;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, signature);
}
