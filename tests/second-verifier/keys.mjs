// Section 9: which key may sign at which index, which entries are disputed, and who is suspended.
import { demand } from './rejection.mjs';
import { fromBase64Url } from './encoding.mjs';
import { demandMembers } from './strict-json.mjs';
import { isPublicKey, isSignature } from './ed25519.mjs';
import { logOperator, operatorOf } from './names.mjs';

const uses = ['operator', 'authority', 'recovery', 'head', 'log'];
const reserved = ['authority', 'recovery'];
const layer = 'registry';

export class Keys {
  constructor(origin) {
    this.origin = origin;
    this.log = logOperator(origin);
    this.byKid = new Map();
    this.taken = new Set(); // public keys
    this.suspended = new Set();
    this.affirmed = []; // { kid, from, to, except }
  }

  // Section 20: the log goes on in another. Indexes so far lie below 0, and the log's own keys end with the opening of that one, whose they are then.
  succeed(origin, size) {
    const log = logOperator(origin);
    const lower = (index) => (index === null ? null : index - size);
    for (const key of this.byKid.values()) {
      Object.assign(key, { addedAt: key.addedAt - size, revokedAt: lower(key.revokedAt), fallenFrom: lower(key.fallenFrom) });
      if (key.owner === this.log) Object.assign(key, { owner: log, revokedAt: key.revokedAt ?? 0 });
    }
    this.affirmed = this.affirmed.map((a) => ({ ...a, from: a.from - size, to: a.to - size, except: a.except.map(lower) }));
    Object.assign(this, { origin, log });
  }

  get(kid) {
    return this.byKid.get(kid);
  }

  // `declared` is { kid, jwk, proof }: the key holds its own name, log and use.
  add(declared, use, owner, { index, kid: adder }) {
    demandMembers(declared, ['kid', 'jwk', 'proof'], layer, 'a key', ['use', 'ref']);
    const kid = declared.get('kid');
    demand(operatorOf(kid) !== null && operatorOf(kid) === owner, layer, 'the kid is not of the operator on whose chain it stands');
    demand(uses.includes(use) && (use === 'operator') === (owner !== this.log), layer, `a key of use ${use} does not stand on this chain`);
    const jwk = declared.get('jwk');
    demandMembers(jwk, ['kty', 'crv', 'x'], layer, 'a jwk');
    demand(jwk.get('kty') === 'OKP' && jwk.get('crv') === 'Ed25519', layer, 'a jwk is not of Ed25519');
    const x = jwk.get('x');
    const publicKey = typeof x === 'string' ? fromBase64Url(x) : null;
    demand(isPublicKey(publicKey), 'keys', 'x is no public key that may stand here');
    const proof = typeof declared.get('proof') === 'string' ? fromBase64Url(declared.get('proof')) : null;
    const text = `cm-key/v1\n${this.origin}\n${owner}\n${kid}\n${use}\n${x}\n`;
    demand(proof && isSignature(publicKey, Buffer.from(text), proof), layer, 'the proof of possession does not hold');
    demand(!this.byKid.has(kid), 'uniqueness', `the kid ${kid} was used before`);
    demand(!this.taken.has(x), 'uniqueness', 'the public key was used before');
    this.taken.add(x);
    this.byKid.set(kid, { kid, use, owner, x, publicKey, addedAt: index, adder, revokedAt: null, fallenFrom: null });
  }

  // The key that signs at this index, or a rejection.
  signer(kid, index) {
    const key = this.byKid.get(kid);
    demand(key && key.addedAt < index, 'keys', `${kid} was not added below this index`);
    demand(key.revokedAt === null || key.revokedAt >= index, 'keys', `${kid} ended below this index`);
    demand(!this.#isTainted(key), 'keys', `${kid} goes back to a disputed entry of the log`);
    return key;
  }

  // Which keys of the log's and operators' chains an entry may change, by the use of the key changed.
  checkChanger(signer, target, chain) {
    if (chain !== 'log') return;
    const by = reserved.includes(target.use) ? 'recovery' : 'authority';
    demand(signer.use === by, 'keys', `a key of use ${target.use} is changed by a key of use ${by} only`);
  }

  revoke(kid, owner, index) {
    this.#end(this.#owned(kid, owner), index);
  }

  compromise(kid, from, owner, index) {
    const fallen = [this.#owned(kid, owner)];
    for (const key of fallen) {
      key.fallenFrom = key.fallenFrom === null ? from : Math.min(key.fallenFrom, from);
      this.#end(key, index);
      for (const added of this.byKid.values()) {
        if (added.owner === owner && added.adder === key.kid && added.addedAt >= from && !fallen.includes(added)) fallen.push(added);
      }
    }
  }

  affirm(kid, from, to, except, owner) {
    this.#owned(kid, owner);
    this.affirmed.push({ kid, from, to, except });
  }

  isDisputed(kid, index) {
    const key = this.byKid.get(kid);
    if (this.#isTainted(key)) return true;
    return key.fallenFrom !== null && index >= key.fallenFrom
      && !this.affirmed.some((a) => a.kid === kid && index >= a.from && index <= a.to && !a.except.includes(index));
  }

  // A key of an operator that goes back, over whatever keys lie between, to a disputed entry of a fallen key of the log.
  #isTainted(key) {
    if (key.owner === this.log) return false;
    const adder = this.byKid.get(key.adder);
    return adder.owner === this.log ? this.isDisputed(adder.kid, key.addedAt) : this.#isTainted(adder);
  }

  #owned(kid, owner) {
    const key = this.byKid.get(kid);
    demand(key && key.owner === owner, layer, `${kid} is no key of this chain`);
    return key;
  }

  #end(key, index) {
    key.revokedAt ??= index;
  }
}
