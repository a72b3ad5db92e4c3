// Section 2: one text for each byte string, in both base64 alphabets; and SHA-256.
import { createHash } from 'node:crypto';

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

// The bytes of a text, or null when the text is not the one text of any bytes.
function strict(text, alphabet, encoding) {
  if (!alphabet.test(text)) return null;
  const bytes = Buffer.from(text, encoding);
  return bytes.toString(encoding) === text ? bytes : null;
}

export const fromBase64Url = (text) => strict(text, /^[A-Za-z0-9_-]*$/, 'base64url');
export const fromBase64 = (text) => strict(text, /^[A-Za-z0-9+/]*={0,2}$/, 'base64');
export const toBase64Url = (bytes) => Buffer.from(bytes).toString('base64url');
export const toBase64 = (bytes) => Buffer.from(bytes).toString('base64');

// 32 bytes from 43 characters of base64url, or null.
export function digestFrom(text) {
  if (typeof text !== 'string' || text.length !== 43) return null;
  const bytes = fromBase64Url(text);
  return bytes?.length === 32 ? bytes : null;
}

export function utf8(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export const isAscii = (bytes) => bytes.every((byte) => byte >= 0x21 && byte <= 0x7e);
