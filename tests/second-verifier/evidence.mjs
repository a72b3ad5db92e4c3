// Section 13: an evidence bundle, steps 1 to 8 in their order, without the events' own rules.
import { demand, at } from './rejection.mjs';
import { fromBase64Url, digestFrom } from './encoding.mjs';
import { parseJson, demandMembers } from './strict-json.mjs';
import { checkDisclosures } from './disclosure.mjs';
import { isCount, parseEntry } from './entry.mjs';
import { checkHeadSignature, parseHead } from './head.mjs';
import { isChain, isOrigin, logChain } from './names.mjs';
import { parseCheckpoint } from './note.mjs';
import { Replay } from './replay.mjs';
import { afterOf, mostPredecessors } from './successor.mjs';
import { checkInclusion } from './tree.mjs';

const layer = 'evidence';
const isText = (value) => typeof value === 'string';

export function checkEvidence(bytes, trust) {
  const bundle = parseEvidence(bytes);
  const checkpoint = parseCheckpoint(Buffer.from(bundle.checkpoint), trust.vkeys, trust);
  demand(checkpoint.origin === bundle.origin, layer, 'the checkpoint is of another log');
  const whole = bundle.chains.flatMap((chain) => chain.entries.map((item) => ({ ...item, chain })));
  const all = [...whole, ...bundle.cited.map((item) => ({ ...item, chain: null }))].sort(bundle.order);

  all.forEach((item, i) => at(item.index, () => {
    const { index, entry, proof } = item;
    demand(i === 0 || bundle.order(all[i - 1], item) !== 0, layer, 'an index stands twice');
    const { size, root } = entry.aud === bundle.origin ? checkpoint : bundle.logs.find(({ origin }) => origin === entry.aud) ?? {};
    demand(root !== undefined, 'chain', 'aud is another log');
    checkInclusion(leafHashOf(entry), BigInt(index), BigInt(size), proof, typeof root === 'string' ? digestFrom(root) : root);
  }));
  for (const chain of bundle.chains) checkWholeChain(chain, bundle, checkpoint.size);
  const replay = replayEntries(all, bundle);

  for (const { head } of bundle.chains) {
    const key = replay.keys.get(head.kid);
    demand(key && key.use === 'head', 'head', `${head.kid} is no head key of the log`);
    demand(key.addedAt < head.size && (key.revokedAt === null || key.revokedAt >= head.size), 'head', 'the head key is not in force at this size');
    checkHeadSignature(head, key.publicKey);
  }
  at(0, () => checkLogKeys(replay, checkpoint, trust));
  if (trust.at !== undefined) demand(bundle.chains[0].head.exp >= trust.at, 'head', 'the head statement of the subject is too old');
  return {
    size: Number(checkpoint.size), entries: all.length, passedOver: replay.passedOver, disputed: replay.disputed(),
    withheld: all.reduce((sum, { withheld }) => sum + withheld, 0),
  };
}

const leafHashOf = (entry) => fromBase64Url(entry.hash);

// Step 1.
function parseEvidence(bytes) {
  demand(bytes.length <= 33554432, layer, 'longer than 33,554,432 bytes');
  const bundle = parseJson(bytes);
  demandMembers(bundle, ['format', 'origin', 'subject', 'checkpoint', 'chains', 'cited'], layer, 'the bundle');
  const get = (name) => bundle.get(name);
  demand(get('format') === 'cm-evidence/v1', layer, 'another format');
  demand(isOrigin(get('origin')) && isChain(get('subject')), 'names', 'origin or subject is no such name');
  demand(isText(get('checkpoint')), layer, 'the checkpoint is no text');
  demand(Array.isArray(get('chains')) && get('chains').length >= 1 && get('chains').length <= 4096, layer, 'chains is no array of 1 to 4,096');
  demand(Array.isArray(get('cited')), layer, 'cited is no array');

  const chains = get('chains').map((chain) => {
    demandMembers(chain, ['sub', 'head', 'entries'], layer, 'a chain');
    demand(isChain(chain.get('sub')) && isText(chain.get('head')), layer, 'a chain without name or head statement');
    demand(Array.isArray(chain.get('entries')) && chain.get('entries').length > 0, layer, 'a chain without entries');
    return { sub: chain.get('sub'), head: parseHead(Buffer.from(chain.get('head'))), entries: chain.get('entries').map(parseItem) };
  });
  const cited = get('cited').map(parseItem);
  demand(chains.reduce((sum, { entries }) => sum + entries.length, cited.length) <= 16384, layer, 'more than 16,384 entries');

  const log = logChain(get('origin'));
  const fixed = get('subject') === log ? [log] : [get('subject'), log];
  demand(fixed.every((sub, i) => chains[i]?.sub === sub), layer, 'the subject is not first or the log\'s chain not second');
  const others = chains.slice(fixed.length).map(({ sub }) => sub);
  demand(others.every((sub, i) => !fixed.includes(sub) && (i === 0 || others[i - 1] < sub)), layer, 'the other chains are not in ascending order');
  const logs = logsOf(get('origin'), chains);
  const order = orderOf(logs);
  demand(cited.every((item, i) => i === 0 || order(cited[i - 1], item) < 0), layer, 'the cited entries are not in ascending order');
  for (const { index, entry } of cited) demand(!chains.some(({ sub }) => sub === entry.sub), layer, 'an entry is cited of a chain that is here', index);
  return { origin: get('origin'), checkpoint: get('checkpoint'), chains, cited, logs, order };
}

// Section 20: the logs in which the entries stand, the oldest first, the bundle's own last; of those before it the trees that the openings name.
function logsOf(origin, chains) {
  const logs = [{ origin }];
  for (let next = origin; logs.length <= mostPredecessors;) {
    const after = afterOf(chains.find(({ sub }) => sub === logChain(next))?.entries[0].entry, next);
    if (after === null || logs.some((log) => log.origin === after.origin)) break;
    logs.unshift(after);
    next = after.origin;
  }
  return logs;
}

// First by log, then by index.
function orderOf(logs) {
  const place = ({ entry }) => logs.findIndex(({ origin }) => origin === entry.aud) >>> 0;
  return (a, b) => place(a) - place(b) || a.index - b.index;
}

function parseItem(item) {
  demandMembers(item, ['index', 'leaf', 'disclosures', 'proof'], layer, 'an entry');
  const [index, leaf, disclosures, proof] = ['index', 'leaf', 'disclosures', 'proof'].map((name) => item.get(name));
  demand(isCount(index), layer, 'an index is no count');
  return at(index, () => {
    demand(isText(leaf), layer, 'a leaf is no text');
    demand(Array.isArray(disclosures) && disclosures.every(isText), layer, 'disclosures is no array of texts');
    demand(Array.isArray(proof) && proof.length <= 63, layer, 'a proof is no array of at most 63');
    const hashes = proof.map(digestFrom);
    demand(hashes.every((hash) => hash !== null), layer, 'a proof holds something else than digests');
    const entry = parseEntry(Buffer.from(leaf));
    return { index, entry, proof: hashes, withheld: checkDisclosures(entry, disclosures, false) };
  });
}

// Step 4.
function checkWholeChain({ sub, head, entries }, { origin, order }, size) {
  entries.forEach(({ index, entry }, i) => at(index, () => {
    demand(entry.sub === sub, 'chain', 'an entry of another chain');
    demand(entry.seq === i, 'chain', `sequence ${entry.seq} where ${i} comes next`);
    demand(i === 0 || order(entries[i - 1], entries[i]) < 0, 'chain', 'indexes do not ascend');
    demand(i === 0 || entry.prv === entries[i - 1].entry.hash, 'chain', 'prv is not the leaf hash of the entry before');
  }));
  const last = entries.at(-1);
  const fits = head.origin === origin && head.sub === sub && head.seq === last.entry.seq && head.h === last.entry.hash;
  demand(fits && BigInt(head.size) === size, 'head', 'the head statement is not of the last entry at this size', last.index);
}

// Step 5.
function replayEntries(all, { logs, chains }) {
  const whole = new Set(chains.map(({ sub }) => sub));
  const there = new Set(all.map(({ entry }) => entry.hash));
  const replay = new Replay(logs[0].origin, { isWhole: (sub) => whole.has(sub), isThere: (hash) => there.has(hash) });
  demand(all[0].index === 0, 'registry', 'the first entry of the log is not here', all[0].index);
  for (const { index, entry, chain } of all) {
    at(index, () => {
      // Into the log in which it stands: its opening is the first entry there.
      while (replay.origin !== entry.aud) {
        const i = logs.findIndex(({ origin }) => origin === replay.origin);
        replay.succeed(logs[i + 1].origin, logs[i].size, logs[i].root);
        demand(index === 0, 'registry', 'the first entry of the log is not here');
      }
      if (chain) replay.decide(index, entry);
      else replay.decideCited(index, entry);
    });
  }
  return replay;
}

// Step 7, and the same for a whole log.
export function checkLogKeys(replay, checkpoint, trust) {
  const declared = [...replay.keys.byKid.values()].filter(({ use, addedAt }) => use === 'log' && BigInt(addedAt) < checkpoint.size);
  const inForce = declared.filter(({ revokedAt }) => revokedAt === null || BigInt(revokedAt) >= checkpoint.size);
  demand(checkpoint.signers.some(({ publicKey }) => inForce.some((key) => key.publicKey.equals(publicKey))), 'registry',
    'no log key of the log\'s chain signed the checkpoint');
  if (trust.authority === undefined) return;
  const first = [...replay.keys.byKid.values()].find(({ use, addedAt }) => use === 'authority' && addedAt === 0);
  demand(first.x === trust.authority, 'registry', 'the log was opened by another authority');
}
