// Section 7: what was given and who took it. A line is taken once, by who it was committed to, for what it was given.
import { demand } from './rejection.mjs';
import { commitment } from './references.mjs';

const layer = 'lines';
const ofEvent = { 'part-replaced.v1': 'part', 'dismantled.v1': 'part', 'recycled.v1': 'recovered' };

export class Lines {
  constructor() {
    this.givers = new Map(); // leaf hash -> { entry, purposes }
    this.takers = new Map(); // "hash line" -> chain that took it, or null after its giver withdrew it
  }

  // What the lines of an entry are for. A consignment gives on what it took, so it may be for more than one thing.
  #purposes(entry, chain) {
    if (ofEvent[entry.evt]) return new Set([ofEvent[entry.evt]]);
    if (entry.evt === 'released.v1') return new Set([entry.d.get('operation')]);
    return new Set(['stock', ...(chain?.kind === 'consignment' ? chain.took : [])]);
  }

  // `isThere` tells whether the giving entry is at hand; what is not is passed over.
  take(entry, event, chain, isThere) {
    let passed = 0;
    for (const line of entry.d.get('in') ?? []) {
      const [h, i, s] = ['h', 'i', 's'].map((name) => line.get(name));
      const giver = this.givers.get(h);
      if (!giver && !isThere(h)) {
        passed++;
        continue;
      }
      const committed = giver?.entry.d.get('out')?.[i];
      demand(committed !== undefined, layer, `no entry below gives line ${i} of ${h}`);
      demand(committed === commitment(entry.sub, entry.actor, s), layer, `line ${i} of ${h} was given to another`);
      const name = `${h} ${i}`;
      demand(this.takers.get(name) !== null, layer, `line ${i} of ${h} was withdrawn`);
      demand(!this.takers.has(name), layer, `line ${i} of ${h} was taken before`);
      demand(event.takes.some((purpose) => giver.purposes.has(purpose)), layer, `${entry.evt} takes no line that is for ${[...giver.purposes]}`);
      this.takers.set(name, entry.sub);
      for (const purpose of giver.purposes) chain.took.add(purpose);
    }
    return passed;
  }

  give(entry, chain) {
    if (entry.d.has('out')) this.givers.set(entry.hash, { entry, purposes: this.#purposes(entry, chain) });
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
