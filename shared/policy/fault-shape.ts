import { usageError } from '../contracts/errors.ts';
import { count, type Expected, expectValue, oneOf, positiveInteger, text } from '../contracts/expectation.ts';
import { FAULT_KINDS, FAULT_PLACES, type Fault, type FaultKind } from '../contracts/fault.ts';
import { isJsonObject } from '../contracts/json.ts';
import { didYouMean } from './nearest.ts';

type Fields = Readonly<Record<string, unknown>>;

type Place = 'step' | 'barrier' | 'point';

const everyPlace: readonly Place[] = ['step', 'barrier', 'point'];
const PLACES: Readonly<Record<Place, Expected<unknown>>> = {
  step: positiveInteger,
  barrier: count,
  point: oneOf('start'),
};
const exitCode: Expected<unknown> = {
  words: 'a whole number from 0 to 255',
  accepts: (value): value is number => count.accepts(value) && value <= 255,
};
/** What a kind has besides its place. */
const MORE: Partial<
  Record<FaultKind, { readonly name: string; readonly expected: Expected<unknown>; readonly isOptional?: true }>
> = {
  throw: { name: 'message', expected: text, isOptional: true },
  exit: { name: 'code', expected: exitCode },
};

/** Checks one fault. Throws CKPT_USAGE; `prefix` stands before the name of a field. */
export function checkFault(fault: unknown, prefix: string, hint: string): Fault {
  const fields: Fields = isJsonObject(fault) ? fault : {};
  const kind = checkKind(fields['kind'], prefix, hint);
  checkField('rank', fields, count, prefix, hint);
  checkPlace(kind, fields, prefix, hint);
  const more = MORE[kind];
  if (more !== undefined && !(more.isOptional && fields[more.name] === undefined))
    checkField(more.name, fields, more.expected, prefix, hint);
  const known = ['kind', 'rank', ...FAULT_PLACES[kind], ...(more === undefined ? [] : [more.name])];
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw usageError(`${prefix}${unknown}: a fault of kind ${kind} has no such field`, `Use ${known.join(', ')}.`);
  if (!isFault(fields)) throw usageError(`${prefix}kind: not a fault`);
  return fields;
}

function checkKind(given: unknown, prefix: string, hint: string): FaultKind {
  const guess = typeof given === 'string' ? didYouMean(given, FAULT_KINDS) : '';
  if (guess === '') return expectValue(`${prefix}kind`, given, oneOf(...FAULT_KINDS), hint);
  return expectValue(`${prefix}kind`, given, { ...oneOf(...FAULT_KINDS), words: `a kind of fault${guess}` }, hint);
}

function checkField(name: string, fields: Fields, expected: Expected<unknown>, prefix: string, hint: string): void {
  if (fields[name] === undefined) throw usageError(`${prefix}${name}: missing, expected ${expected.words}`, hint);
  expectValue(`${prefix}${name}`, fields[name], expected, hint);
}

function checkPlace(kind: FaultKind, fields: Fields, prefix: string, hint: string): void {
  const places: readonly Place[] = FAULT_PLACES[kind];
  const [given, another] = places.filter((place) => fields[place] !== undefined);
  const wrong = everyPlace.find((place) => fields[place] !== undefined && !places.includes(place));
  const [first] = places;
  if (given === undefined && wrong !== undefined && first !== undefined)
    throw usageError(`${prefix}${wrong}: no place for a fault of kind ${kind}, expected ${places.join(', ')}`, hint);
  if (given !== undefined) checkField(given, fields, PLACES[given], prefix, hint);
  else if (first !== undefined && places.length === 1) checkField(first, fields, PLACES[first], prefix, hint);
  else if (first !== undefined) throw usageError(`${prefix}step: missing, expected one of ${places.join(', ')}`, hint);
  if (another !== undefined) throw usageError(`${prefix}${given} and ${another}: given together, expected one of them`, hint);
}

/** Checked field by field. */
const isFault = (fields: Fields): fields is Fields & Fault => FAULT_KINDS.some((kind) => kind === fields['kind']);

/**
 * Reads faults as they are spelled on a command line: `stall:rank=1,barrier=7`, several with `;` between or behind them. Throws
 * CKPT_USAGE.
 */
export function parseFaults(option: string, spelled: string): readonly Fault[] {
  const faults = spelled.split(';').filter((each) => each.trim() !== '');
  if (faults.length === 0) throw usageError(`${option} ${spelled}: no fault, expected one or more`, HINT);
  return faults.map((each) => {
    const [kind = '', rest = ''] = each.trim().split(/:(.*)/s);
    const fields = rest === '' ? [] : rest.split(',').map((field) => readField(option, each, field));
    const twice = fields.find(([name], index) => fields.findIndex(([other]) => other === name) < index)?.[0];
    if (twice !== undefined) throw usageError(`${option} ${each.trim()}: ${twice}: given twice, expected once`, HINT);
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
