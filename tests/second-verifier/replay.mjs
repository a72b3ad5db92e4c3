// Decides entries in the order of their indexes: keys, order, rights, references (sections 7 to 9 and 14, without the events' own rules).
import { demand } from './rejection.mjs';
import { events } from './catalog.mjs';
import { isSignature } from './ed25519.mjs';
import { nothingBefore } from './entry.mjs';
import { Keys } from './keys.mjs';
import { Lines } from './lines.mjs';
import { logChain, logOperator, mayBeNamed } from './names.mjs';
import { Rights } from './rights.mjs';
import { demandMembers } from './strict-json.mjs';

const ofRecovery = ['key-added.v1', 'key-revoked.v1', 'key-compromised.v1'];

export class Replay {
  // `isWhole(chain)` and `isThere(leafHash)` say what is at hand; of a whole log everything is.
  constructor(origin, { isWhole = () => true, isThere = () => true } = {}) {
    this.origin = origin;
    this.log = logOperator(origin);
    this.isWhole = isWhole;
    this.isThere = isThere;
    this.keys = new Keys(origin);
    this.rights = new Rights(this.log);
    this.lines = new Lines();
    this.chains = new Map(); // sub -> { kind, opener, length, head, took, moved }
    this.entries = new Map(); // leaf hash -> entry
    this.said = []; // { index, kid } of all entries decided
    this.first = 0; // index of the oldest entry
    this.after = null; // what the opening has to name
    this.ended = new Set(); // operators of the logs before
    this.passedOver = 0;
  }

  // Section 20: another log goes on from this one, as far as it is decided.
  succeed(origin, size, root) {
    this.after = { origin: this.origin, size, root };
    this.ended.add(this.log);
    this.origin = origin;
    this.log = logOperator(origin);
    this.keys.succeed(origin, size);
    this.rights.log = this.log;
    this.first -= size;
    for (const said of this.said) said.index -= size;
  }

  // An entry of a whole chain, with all entries below decided before it.
  decide(index, entry) {
    demand(entry.aud === this.origin, 'chain', 'aud is another log');
    if (index === 0 || this.chains.size === 0) return this.#open(index, entry);
    const key = this.#signer(index, entry);
    const chain = this.chains.get(entry.sub) ?? null;
    demand(chain?.kind !== 'log' || entry.sub === logChain(this.origin), 'chain', 'the chain of a log that ended');
    this.#order(entry, chain);

    const event = events.get(entry.evt);
    demand(event, 'event', `${entry.evt} is no event`);
    const kind = chain?.kind ?? this.#kindOpened(entry, event);
    if (chain) demand(['continues', 'either'].includes(event.chains.get(kind)), 'event', `${entry.evt} does not continue a chain of kind ${kind}`);
    else if (['lot', 'component', 'battery'].includes(kind)) this.rights.checkPrefix(entry);

    this.rights.checkPrincipal(entry, this.isWhole);
    const referenced = this.#references(entry);
    this.rights.checkActor(entry, key, event.rights, chain, referenced);

    const now = chain ?? { kind, opener: entry.actor, length: 0, took: new Set(), moved: false };
    this.passedOver += this.lines.take(entry, event, now, this.isThere);
    this.#change(index, entry, key, kind);
    this.#keep(index, entry, now);
  }

  // An entry of a chain that is not at hand as a whole: its key, signature and suspension, as far as their chains are there.
  decideCited(index, entry) {
    demand(entry.aud === this.origin, 'chain', 'aud is another log');
    if (this.isWhole(entry.iss === this.log ? logChain(this.origin) : entry.iss)) this.#signer(index, entry);
    this.lines.give(entry, null);
    this.entries.set(entry.hash, entry);
  }

  disputed() {
    return this.said.filter(({ index, kid }) => this.keys.isDisputed(kid, index)).map(({ index }) => index);
  }

  #open(index, entry) {
    const d = entry.d;
    demand(index === 0 && entry.evt === 'log-opened.v1' && entry.sub === logChain(this.origin) && entry.iss === this.log && !d.has('for'),
      'registry', 'a log begins with log-opened.v1 of its own operator on its own chain');
    demand(entry.seq === 0, 'chain', 'a chain begins with sequence 0');
    for (const name of ['origin', 'authority', 'recovery', 'head', 'log']) demand(d.has(name), 'registry', `log-opened.v1 has no ${name}`);
    demand(d.get('origin') === this.origin, 'registry', 'the log opened is another');
    demand(!this.chains.has(entry.sub) && !this.rights.roles.has(this.log), 'registry', 'the log is one that ended, or is named as an operator is');
    demand(d.has('after') === (this.after !== null), 'predecessor', 'the log goes on from another than is here');
    if (this.after) {
      demandMembers(d.get('after'), ['origin', 'size', 'root'], 'predecessor', 'after');
      for (const name of ['origin', 'size', 'root']) demand(d.get('after').get(name) === this.after[name], 'predecessor', `after names another ${name}`);
    }
    for (const use of ['authority', 'recovery', 'head', 'log']) this.keys.add(d.get(use), use, this.log, { index, kid: entry.kid });
    const key = this.keys.get(entry.kid);
    demand(key?.use === 'authority', 'keys', 'log-opened.v1 is not signed by the authority key that it declares');
    demand(isSignature(key.publicKey, entry.signed, entry.signature), 'signature', 'the signature does not hold');
    this.#keep(index, entry, { kind: 'log', opener: entry.iss, length: 0, took: new Set(), moved: false });
  }

  #signer(index, entry) {
    const key = this.keys.signer(entry.kid, index);
    const may = key.use === 'operator' || key.use === 'authority'
      || (key.use === 'recovery' && ofRecovery.includes(entry.evt) && entry.sub === logChain(this.origin));
    demand(may, 'keys', `a key of use ${key.use} does not sign ${entry.evt}`);
    demand(isSignature(key.publicKey, entry.signed, entry.signature), 'signature', 'the signature does not hold');
    const ends = ['key-revoked.v1', 'key-compromised.v1'].includes(entry.evt) && entry.sub === entry.iss && !entry.d.has('for');
    for (const operator of [entry.iss, entry.actor]) {
      const speaks = ends || (operator !== entry.iss && this.rights.isSuccessor(entry));
      demand(speaks || !this.keys.suspended.has(operator), 'suspension', `${operator} is suspended at this index`);
    }
    return key;
  }

  #order(entry, chain) {
    demand(entry.seq === (chain?.length ?? 0), 'chain', `sequence ${entry.seq} where ${chain?.length ?? 0} comes next`);
    demand(entry.prv === (chain?.head ?? nothingBefore), 'chain', 'prv is not the leaf hash of the entry before');
  }

  #kindOpened(entry, event) {
    const kinds = [...event.chains].filter(([, how]) => how !== 'continues').map(([kind]) => kind);
    demand(kinds.length > 0, 'event', `${entry.evt} opens no chain`);
    const kind = kinds.find((name) => mayBeNamed(name, entry.sub, this.origin));
    demand(kind !== undefined && kind !== 'log' && !this.ended.has(entry.sub), 'names', `${entry.sub} is no name for what ${entry.evt} opens`);
    if (kind === 'grants') {
      const operator = entry.sub.slice(0, -7);
      demand(!this.isWhole(operator) || this.rights.roles.has(operator), 'event', 'a grants chain of an operator that is not enrolled');
    }
    return kind;
  }

  #references(entry) {
    const found = [];
    for (const reference of entry.d.get('ref') ?? []) {
      const other = this.entries.get(reference.get('h'));
      if (!other && !this.isThere(reference.get('h')) && !this.isWhole(reference.get('sub'))) {
        this.passedOver++;
        continue;
      }
      demand(other, 'references', `${reference.get('h')} stands nowhere below`);
      demand(other.sub === reference.get('sub'), 'references', `${reference.get('h')} is of another chain`);
      found.push(other);
    }
    return found;
  }

  // What the entry changes for those above it.
  #change(index, entry, key, kind) {
    const { d, evt, sub } = entry;
    const owner = kind === 'log' ? this.log : sub;
    const changing = kind === 'log' ? 'log' : 'operator';
    switch (evt) {
      case 'operator-enrolled.v1':
        demand(d.get('operator') === sub, 'registry', 'operator is not the chain');
        demand(Array.isArray(d.get('roles')) && d.get('roles').length > 0, 'registry', 'an operator without roles');
        this.keys.add(d.get('key'), 'operator', sub, { index, kid: entry.kid });
        break;
      case 'key-added.v1':
        this.keys.checkChanger(key, { use: d.get('use') }, changing);
        this.keys.add(d, d.get('use'), owner, { index, kid: entry.kid });
        break;
      case 'key-revoked.v1':
        this.keys.checkChanger(key, this.keys.get(d.get('kid')) ?? {}, changing);
        this.keys.revoke(d.get('kid'), owner, index);
        break;
      case 'key-compromised.v1':
        demand(d.get('kid') !== entry.kid, 'registry', 'a key does not report itself');
        demand(Number.isSafeInteger(d.get('fromIndex')) && d.get('fromIndex') >= this.first && d.get('fromIndex') <= index, 'registry', 'fromIndex is no index');
        this.keys.checkChanger(key, this.keys.get(d.get('kid')) ?? {}, changing);
        this.keys.compromise(d.get('kid'), d.get('fromIndex'), owner, index);
        break;
      case 'affirmed.v1':
        demand(kind !== 'log' || key.use === 'authority', 'keys', 'entries of the log are affirmed by an authority key');
        this.keys.affirm(d.get('kid'), d.get('from'), d.get('to'), d.get('except') ?? [], owner);
        break;
      case 'operator-suspended.v1': this.keys.suspended.add(sub); break;
      case 'operator-reinstated.v1': this.keys.suspended.delete(sub); break;
      case 'withdrawn.v1': this.lines.withdraw(entry); break;
      case 'voided.v1': this.lines.release(sub); break;
    }
    this.rights.apply(entry);
  }

  #keep(index, entry, chain) {
    if (['responsibility-accepted.v1', 'collected.v1', 'released.v1', 'recycled.v1'].includes(entry.evt)) chain.moved = true;
    this.lines.give(entry, chain);
    chain.length++;
    chain.head = entry.hash;
    this.chains.set(entry.sub, chain);
    this.entries.set(entry.hash, entry);
    this.said.push({ index, kid: entry.kid });
  }
}

