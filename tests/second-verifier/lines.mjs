// Section 7: what was given and who took it. A line is taken once, by who it was committed to, for what it was given.
import { demand } from './rejection.mjs';
import { commitment } from './references.mjs';

const layer = 'lines';
const ofEvent = { 'part-replaced.v1': 'part', 'dismantled.v1': 'part', 'recycled.v1': 'recovered' };

export class Lines {
  constructor() {
    this.givers = new Map(); // leaf hash -> { entry, purpose }
    this.takers = new Map(); // "hash line" -> chain that took it, or null after its giver withdrew it
  }

  // What the lines of an entry are for; null when that cannot be told, because something that the chain took is not at hand.
  #purpose(entry, chain) {
    if (ofEvent[entry.evt]) return ofEvent[entry.evt];
    if (entry.evt === 'released.v1') return entry.d.get('operation');
    if (chain === null) return null;
    const carries = { consignment: ['part', 'recovered'], component: ['part'] }[chain.kind] ?? [];
    return carries.find((purpose) => chain.took.has(purpose)) ?? (carries.length > 0 && chain.took.has(null) ? null : 'stock');
  }

  // `isThere` tells whether the giving entry is at hand; what is not is passed over.
  take(entry, event, chain, isThere) {
    let passed = 0;
    for (const line of entry.d.get('in') ?? []) {
      const [h, i, s] = ['h', 'i', 's'].map((name) => line.get(name));
      const giver = this.givers.get(h);
      if (!giver && !isThere(h)) {
        passed++;
        chain.took.add(null);
        continue;
      }
      const committed = giver?.entry.d.get('out')?.[i];
      demand(committed !== undefined, layer, `no entry below gives line ${i} of ${h}`);
      demand(committed === commitment(entry.sub, entry.actor, s), layer, `line ${i} of ${h} was given to another`);
      const name = `${h} ${i}`;
      demand(this.takers.get(name) !== null, layer, `line ${i} of ${h} was withdrawn`);
      demand(!this.takers.has(name), layer, `line ${i} of ${h} was taken before`);
      demand(giver.purpose === null || event.takes.includes(giver.purpose), layer, `${entry.evt} takes no line that is for ${giver.purpose}`);
      this.takers.set(name, entry.sub);
      chain.took.add(giver.purpose);
    }
    return passed;
  }

  give(entry, chain) {
    if (entry.d.has('out')) this.givers.set(entry.hash, { entry, purpose: this.#purpose(entry, chain) });
  }

  withdraw(entry) {
    for (const reference of entry.d.get('ref') ?? []) {
      const given = this.givers.get(reference.get('h'));
      if (!given || given.entry.sub !== entry.sub) continue;
      const name = `${reference.get('h')} ${entry.d.get('line')}`;
      demand(!this.takers.has(name), layer, 'the line was taken or withdrawn before');
      this.takers.set(name, null);
    }
  }

  // A chain that was a mistake: the lines that it took return.
  release(sub) {
    for (const [name, taker] of this.takers) if (taker === sub) this.takers.delete(name);
  }
}
