// Section 4: JSON that every reader reads alike. Objects become Maps, so that no member name is special.
import { reject } from './rejection.mjs';
import { utf8 } from './encoding.mjs';

const deepest = 16;
const escapes = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const refused = (why) => reject('json', why);

export function parseJson(bytes) {
  const text = utf8(bytes);
  if (text === null) refused('not UTF-8');
  let at = 0;

  const value = readValue(1);
  skipSpace();
  if (at !== text.length) refused(`something follows the value at ${at}`);
  return value;

  function skipSpace() {
    while (at < text.length && ' \t\n\r'.includes(text[at])) at++;
  }

  function readValue(depth) {
    skipSpace();
    const first = text[at];
    if (first === '{' || first === '[') {
      if (depth > deepest) refused(`deeper than ${deepest}`);
      return first === '{' ? readObject(depth) : readArray(depth);
    }
    if (first === '"') return readText();
    for (const [word, meaning] of [['true', true], ['false', false], ['null', null]]) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return meaning;
      }
    }
    return readNumber();
  }

  function readObject(depth) {
    const members = new Map();
    at++;
    skipSpace();
    if (text[at] === '}') return at++, members;
    for (;;) {
      skipSpace();
      if (text[at] !== '"') refused(`no member name at ${at}`);
      const name = readText();
      if (members.has(name)) refused(`member ${JSON.stringify(name)} stands twice`);
      skipSpace();
      if (text[at++] !== ':') refused(`no colon before ${at}`);
      members.set(name, readValue(depth + 1));
      skipSpace();
      const next = text[at++];
      if (next === '}') return members;
      if (next !== ',') refused(`neither comma nor end of the object before ${at}`);
    }
  }

  function readArray(depth) {
    const items = [];
    at++;
    skipSpace();
    if (text[at] === ']') return at++, items;
    for (;;) {
      items.push(readValue(depth + 1));
      skipSpace();
      const next = text[at++];
      if (next === ']') return items;
      if (next !== ',') refused(`neither comma nor end of the array before ${at}`);
    }
  }

  function readText() {
    let read = '';
    for (at++; ; ) {
      const character = text[at++];
      if (character === undefined) refused('a text does not end');
      if (character === '"') break;
      if (character < ' ') refused('a control character stands bare in a text');
      if (character !== '\\') {
        read += character;
        continue;
      }
      const kind = text[at++];
      if (kind === 'u') {
        const digits = text.slice(at, at + 4);
        if (!/^[0-9A-Fa-f]{4}$/.test(digits)) refused('an escape lacks its four digits');
        read += String.fromCharCode(parseInt(digits, 16));
        at += 4;
      } else {
        if (kind === undefined || !Object.hasOwn(escapes, kind)) refused('an unknown escape');
        read += escapes[kind];
      }
    }
    for (const character of read) {
      if (isRefused(character.codePointAt(0))) refused('a character that is not allowed in a text');
    }
    return read;
  }

  function readNumber() {
    const match = /^-?(0|[1-9][0-9]*)/.exec(text.slice(at, at + 24));
    if (!match) refused(`no value at ${at}`);
    at += match[0].length;
    if (/[0-9.eE]/.test(text[at] ?? '')) refused('a number that is no short integer');
    const number = Number(match[0]);
    if (match[0] === '-0' || !Number.isSafeInteger(number)) refused(`the number ${match[0]}`);
    return number;
  }
}

function isRefused(point) {
  return point === 0
    || (point >= 0xd800 && point <= 0xdfff)
    || (point >= 0xfdd0 && point <= 0xfdef) || (point & 0xfffe) === 0xfffe
    || point === 0x061c || point === 0x200e || point === 0x200f
    || (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

// A Map with exactly these members, or the rejection `layer` names.
export function demandMembers(value, names, layer, what, optional = []) {
  if (!(value instanceof Map)) reject(layer, `${what} is no object`);
  for (const name of names) if (!value.has(name)) reject(layer, `${what} has no ${name}`);
  for (const name of value.keys()) {
    if (!names.includes(name) && !optional.includes(name)) reject(layer, `${what} has a member ${JSON.stringify(name)}`);
  }
}

// Whether a name stands anywhere in a value.
export function holdsName(value, test) {
  if (Array.isArray(value)) return value.some((item) => holdsName(item, test));
  if (!(value instanceof Map)) return false;
  return [...value].some(([name, inner]) => test(name) || holdsName(inner, test));
}
