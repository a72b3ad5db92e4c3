// Who may say what: roles, delegation, succession and granted prefixes, as they stand at an index (sections 7 and 14).
import { demand } from './rejection.mjs';
import { grantsChain, thing } from './names.mjs';

const layer = 'rights';

export class Rights {
  constructor(log) {
    this.log = log;
    this.roles = new Map(); // operator -> set of roles
    this.prefixes = []; // { operator, scheme, prefix }
    this.delegations = []; // { principal, delegate, events, chains, entry }
    this.successions = []; // { principal, delegate, chains }
  }

  // What an admitted entry changes in rights.
  apply({ evt, d, sub, hash }) {
    const operator = sub.replace(/\/grants$/, '');
    const read = (name) => d.get(name);
    switch (evt) {
      case 'operator-enrolled.v1': this.roles.set(read('operator'), new Set(read('roles'))); break;
      case 'role-granted.v1': this.roles.get(operator)?.add(read('role')); break;
      case 'role-withdrawn.v1': this.roles.get(operator)?.delete(read('role')); break;
      case 'identifier-granted.v1': this.prefixes.push({ operator, scheme: read('scheme'), prefix: read('prefix') }); break;
      case 'identifier-withdrawn.v1':
        this.prefixes = this.prefixes.filter((p) => p.operator !== operator || p.scheme !== read('scheme') || p.prefix !== read('prefix'));
        break;
      case 'delegated.v1':
        this.delegations.push({ principal: operator, delegate: read('delegate'), events: read('events'), chains: read('chains'), entry: hash });
        break;
      case 'delegation-revoked.v1': {
        const ended = (read('ref') ?? []).map((reference) => reference.get('h'));
        this.delegations = this.delegations.filter(({ principal, entry }) => principal !== operator || !ended.includes(entry));
        break;
      }
      case 'succeeded.v1': this.successions.push({ principal: operator, delegate: read('successor'), chains: read('chains') }); break;
    }
  }

  // Did the authority name `iss` in place of `for`, on this chain or on all?
  isSuccessor({ iss, actor, sub }) {
    return this.successions.some((said) => said.principal === actor && said.delegate === iss && (said.chains === undefined || said.chains.includes(sub)));
  }

  // May `iss` speak for `for` here? `isThere` tells whether the chain that would say so is at hand.
  checkPrincipal({ iss, d, evt, sub }, isThere) {
    const principal = d.get('for');
    if (principal === undefined || !isThere(grantsChain(principal)) || !isThere(principal)) return;
    const speaks = (said) => said.principal === principal && said.delegate === iss
      && (said.chains === undefined || said.chains.includes(sub)) && (said.events === undefined || said.events.includes(evt));
    demand([...this.delegations, ...this.successions].some(speaks), layer, `${principal} has not delegated this to ${iss}, nor is ${iss} its successor here`);
  }

  checkPrefix({ sub, actor }) {
    const named = thing(sub);
    if (named === null || named.scheme === 'uuid') return;
    const granted = this.prefixes.some((p) => p.operator === actor && p.scheme === named.scheme && named.value.startsWith(p.prefix));
    demand(granted, layer, `${actor} holds no granted prefix of ${sub}`);
  }

  // One of the rights of the event fits the actor. `chain` is what stands before the entry; null for the entry that opens it.
  checkActor(entry, key, rights, chain, referenced) {
    const fits = rights.some(({ relation, roles }) => {
      const held = this.roles.get(entry.actor);
      if (roles && !roles.some((role) => held?.has(role))) return false;
      switch (relation) {
        case 'the log\'s authority': return key.use === 'authority';
        case 'the log\'s authority or recovery key': return entry.iss === this.log;
        case 'the operator itself': return entry.actor === entry.sub.replace(/\/grants$/, '');
        case 'whoever opens the chain': return held !== undefined;
        case 'whoever opened the chain': return chain.opener === entry.actor;
        case 'any operator': return held !== undefined;
        case 'the signer of the entry referenced': return referenced.some((other) => other.actor === entry.actor || other.iss === entry.iss);
        // Whose a battery is once it changed hands, and to whom it is offered, are rules of the events: not decided here.
        case 'the responsible operator or holder': return chain.moved || chain.opener === entry.actor;
        case 'the operator to whom responsibility is offered': return held !== undefined;
        default: throw new Error(`schemas/README.md names a relation that is not known here: ${relation}`);
      }
    });
    demand(fits, layer, `${entry.actor} may not say ${entry.evt} here`);
  }
}
