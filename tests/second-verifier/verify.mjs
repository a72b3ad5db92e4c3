// A second verifier of the ledger format, written from schemas/ledger-format.md. See README.md beside it.
//   node verify.mjs <kind> <folder>             one verdict as a line of JSON; exit code 0 verified, 1 rejected, 2 usage
//   node verify.mjs <kind> <file> <trust.json>  the same for one file: an entry, a submission, a note, a head statement, evidence
//   node verify.mjs --all <folder>              one line for each case of a folder of vectors; exit code 0 when all are as expected
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Rejection } from './rejection.mjs';
import { isOneFile, kinds } from './cases.mjs';

// Section 14: a verifier without the events' rules has to say so.
const notDone = { rules: 'not checked', quantities: 'not checked', detail: 'Checked without the events\' own rules.' };

function verdictOf(kind, from) {
  try {
    const shown = kinds[kind](from);
    return { verdict: 'verified', ...shown, ...(['evidence', 'log'].includes(kind) ? notDone : { detail: null }) };
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    return { verdict: 'rejected', layer: error.layer, index: error.index, detail: error.message };
  }
}

const [kind, path, trust] = process.argv.slice(2);
if (kind === '--all' && existsSync(path ?? '')) {
  let asExpected = true;
  for (const name of readdirSync(path).sort()) {
    const file = join(path, name, 'expect.json');
    if (!existsSync(file)) continue;
    const expect = JSON.parse(readFileSync(file));
    const verdict = verdictOf(expect.kind, join(path, name));
    asExpected &&= verdict.verdict === expect.verdict;
    console.log(JSON.stringify({ case: name, ...verdict }));
  }
  process.exitCode = asExpected ? 0 : 1;
} else if (Object.hasOwn(kinds, kind ?? '') && existsSync(path ?? '') && isOneFile(path) === (trust !== undefined)) {
  const verdict = verdictOf(kind, trust === undefined ? path : { file: path, trust });
  console.log(JSON.stringify(verdict));
  process.exitCode = verdict.verdict === 'verified' ? 0 : 1;
} else {
  console.error(`usage: node verify.mjs <${Object.keys(kinds).join('|')}> <folder>\n       node verify.mjs <kind> <file> <trust.json>\n       node verify.mjs --all <folder of cases>`);
  process.exitCode = 2;
}
