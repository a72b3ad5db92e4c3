// The table of schemas/README.md: on which chains an event stands, what it takes and who signs it.
import { readFileSync } from 'node:fs';

const readme = new URL('../../schemas/README.md', import.meta.url);

export const events = new Map();
for (const line of readFileSync(readme, 'utf8').split('\n')) {
  const cells = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim());
  const name = /^\[`([^`]+)`\]/.exec(cells[0]);
  if (!name || cells.length < 5) continue;
  const chains = new Map();
  for (const chain of cells[2].split(', ')) {
    const [, kind, opens, may] = /^([a-z]+)( \(opens it\))?( \(may open it\))?$/.exec(chain);
    chains.set(kind, opens ? 'opens' : may ? 'either' : 'continues');
  }
  const rights = cells[4].split('; ').map((right) => {
    const [relation, roles] = right.split(' with role ');
    return { relation, roles: roles ? roles.split(' or ') : null };
  });
  events.set(name[1], { chains, takes: cells[3] === '' ? [] : cells[3].split(', '), rights });
}

if (events.size === 0) throw new Error('schemas/README.md has no table of events.');
