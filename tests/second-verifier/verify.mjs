// A second verifier of the ledger format, written from schemas/ledger-format.md. See README.md beside it.
//   node verify.mjs <kind> <folder>       one verdict as a line of JSON; exit code 0 verified, 1 rejected, 2 usage
//   node verify.mjs --all <folder>        one line for each case of a folder of vectors; exit code 0 when all are as expected
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Rejection } from './rejection.mjs';
import { kinds } from './cases.mjs';

const notDone = 'events\' own rules, quantities and compliance are not checked';

function verdictOf(kind, folder) {
  try {
    const shown = kinds[kind](folder);
    return { verdict: 'verified', ...shown, detail: ['evidence', 'log'].includes(kind) ? notDone : null };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { verdict: 'rejected', layer: error.layer, index: error.index, detail: error.message };
  }
}

const [kind, folder] = process.argv.slice(2);
if (kind === '--all' && folder) {
  let asExpected = true;
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name, 'expect.json');
    if (!existsSync(file)) continue;
    const expect = JSON.parse(readFileSync(file));
    const verdict = verdictOf(expect.kind, join(folder, name));
    asExpected &&= verdict.verdict === expect.verdict;
    console.log(JSON.stringify({ case: name, ...verdict }));
  }
  process.exitCode = asExpected ? 0 : 1;
} else if (kinds[kind] && folder) {
  const verdict = verdictOf(kind, folder);
  console.log(JSON.stringify(verdict));
  process.exitCode = verdict.verdict === 'verified' ? 0 : 1;
} else {
  console.error(`usage: node verify.mjs <${Object.keys(kinds).join('|')}> <folder>\n       node verify.mjs --all <folder of cases>`);
  process.exitCode = 2;
}
