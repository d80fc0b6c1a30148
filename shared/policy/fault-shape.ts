import { usageError } from '../contracts/errors.ts';
import { count, type Expected, expectValue, oneOf, positiveInteger, text } from '../contracts/expectation.ts';
import { FAULT_KINDS, FAULT_PLACES, type Fault, type FaultKind } from '../contracts/fault.ts';
import { isJsonObject } from '../contracts/json.ts';

type Fields = Readonly<Record<string, unknown>>;

const PLACES: Readonly<Record<'step' | 'barrier' | 'point', Expected<unknown>>> = {
  step: positiveInteger,
  barrier: count,
  point: oneOf('start'),
};
const MORE: Partial<Record<FaultKind, Readonly<Record<string, Expected<unknown>>>>> = {
  throw: { message: text },
  exit: { code: count },
};
const REQUIRED = { exit: ['code'] } as const satisfies Partial<Record<FaultKind, readonly string[]>>;

/** Checks one fault. Throws CKPT_USAGE; `prefix` stands before the name of a field. */
export function checkFault(fault: unknown, prefix: string, hint: string): Fault {
  const fields: Fields = isJsonObject(fault) ? fault : {};
  const kind = expectValue(`${prefix}kind`, fields['kind'], oneOf(...FAULT_KINDS), hint);
  expectValue(`${prefix}rank`, fields['rank'], count, hint);
  checkPlace(kind, fields, prefix, hint);
  const more = MORE[kind] ?? {};
  for (const [name, expected] of Object.entries(more)) {
    const isRequired = kind in REQUIRED;
    if (isRequired || fields[name] !== undefined) expectValue(`${prefix}${name}`, fields[name], expected, hint);
  }
  const known = ['kind', 'rank', ...FAULT_PLACES[kind], ...Object.keys(more)];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw usageError(`${prefix}${unknown}: a fault of kind ${kind} has no such field`, `Use ${known.join(', ')}.`);
  if (!isFault(fields)) throw usageError(`${prefix}kind: not a fault`);
  return fields;
}

function checkPlace(kind: FaultKind, fields: Fields, prefix: string, hint: string): void {
  const places: readonly (keyof typeof PLACES)[] = FAULT_PLACES[kind];
  const [given, another] = places.filter((place) => fields[place] !== undefined);
  const [first] = places;
  if (given !== undefined) expectValue(`${prefix}${given}`, fields[given], PLACES[given], hint);
  else if (first !== undefined && places.length === 1) expectValue(`${prefix}${first}`, undefined, PLACES[first], hint);
  else if (first !== undefined) throw usageError(`${prefix}step: missing, expected one of ${places.join(', ')}`, hint);
  if (another !== undefined) throw usageError(`${prefix}${given} and ${another}: given together, expected one of them`, hint);
}

/** Checked field by field. */
const isFault = (fields: Fields): fields is Fields & Fault => FAULT_KINDS.some((kind) => kind === fields['kind']);

/**
 * Reads faults as they are spelled on a command line: `stall:rank=1,barrier=7`, several with `;` between them. Throws
 * CKPT_USAGE.
 */
export function parseFaults(option: string, spelled: string): readonly Fault[] {
  return spelled.split(';').map((each) => {
    const [kind = '', rest = ''] = each.trim().split(/:(.*)/s);
    const fields = rest === '' ? [] : rest.split(',').map((field) => readField(option, each, field));
    return checkFault({ kind, ...Object.fromEntries(fields) }, `${option} ${each.trim()}: `, HINT);
  });
}

const HINT = 'Spell it as KIND:rank=2,barrier=7, or with step=50 or point=start; docs/scenarios.md has every kind.';

function readField(option: string, fault: string, field: string): readonly [string, string | number] {
  const [, name, value] = /^\s*([a-z]+)=(.*)$/.exec(field) ?? [];
  if (name === undefined || value === undefined)
    throw usageError(`${option} ${fault.trim()}: got ${JSON.stringify(field)}, expected NAME=VALUE`, HINT);
  return [name, /^\d+$/.test(value) ? Number(value) : value];
}
