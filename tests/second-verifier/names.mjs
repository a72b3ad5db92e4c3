// Section 3: the grammars of names.
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const host = `${label}(?:\\.${label})*`;
const port = '[1-9][0-9]*';
const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const grammar = (pattern, most = Infinity) => {
  const whole = new RegExp(`^(?:${pattern})$`);
  return (text) => typeof text === 'string' && text.length <= most && whole.test(text);
};

export const isOrigin = grammar(`${host}(?::${port})?(?:/[A-Za-z0-9._-]+)+`, 150);
export const isOperator = grammar(`did:web:${host}(?:%3A${port})?(?::[A-Za-z0-9._-]+)*`, 200);
export const isChain = grammar('[a-z][a-z0-9+.-]*:[!-~]+', 256);
export const isEvent = grammar('[a-z][a-z0-9]*(?:-[a-z0-9]+)*\\.v[1-9][0-9]{0,2}', 64);
export const isProperty = grammar('[a-z][A-Za-z0-9]{0,63}');
export const isUuid = grammar(uuid);

// The operator part of a key id, or null.
export function operatorOf(kid) {
  const cut = typeof kid === 'string' ? kid.indexOf('#') : -1;
  return cut > 0 && isOperator(kid.slice(0, cut)) && /^[A-Za-z0-9_-]{1,64}$/.test(kid.slice(cut + 1)) ? kid.slice(0, cut) : null;
}

export const logOperator = (origin) => `did:web:${origin.replaceAll(':', '%3A').replaceAll('/', ':')}`;
export const logChain = (origin) => `https://${origin}`;
export const grantsChain = (operator) => `${operator}/grants`;

// A GTIN's check digit: weights 3 and 1 from the left, the sum a multiple of ten.
function isGtin(digits) {
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return digits.length === 14 && sum % 10 === 0;
}

// How a thing is named: { scheme, value } under a granted prefix, or the scheme `uuid`, which nobody grants; null for no name of a thing.
export function thing(chain) {
  const unit = /^https:\/\/id\.gs1\.org\/01\/([0-9]{14})\/(21|10)\/[0-9A-Z-]{1,20}$/.exec(chain);
  if (unit) return isGtin(unit[1]) ? { form: unit[2] === '21' ? 'item' : 'batch', scheme: 'gtin', value: unit[1].slice(1) } : null;
  const asset = /^https:\/\/id\.gs1\.org\/8004\/([0-9A-Z-]{5,30})$/.exec(chain);
  if (asset) return { form: 'item', scheme: 'giai', value: asset[1] };
  return chain.startsWith('urn:uuid:') && isUuid(chain.slice(9)) ? { form: 'uuid', scheme: 'uuid', value: chain.slice(9) } : null;
}

// Whether a chain of a kind may bear this name.
export function mayBeNamed(kind, chain, origin) {
  if (kind === 'log') return chain === logChain(origin);
  if (kind === 'operator') return isOperator(chain) && chain !== logOperator(origin);
  if (kind === 'grants') return chain.endsWith('/grants') && isOperator(chain.slice(0, -7));
  const named = thing(chain);
  const forms = { lot: ['batch', 'uuid'], component: ['item', 'batch', 'uuid'], battery: ['item', 'uuid'], model: ['uuid'], consignment: ['uuid'] };
  return named !== null && (forms[kind] ?? []).includes(named.form);
}
