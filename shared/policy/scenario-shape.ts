import { usageError } from '../contracts/errors.ts';
import {
  anyNumber,
  callable,
  count,
  describe,
  directoryName,
  type Expected,
  expectValue,
  flag,
  oneOf,
  positiveInteger,
  positiveNumber,
  positiveOrNone,
  steps,
  text,
} from '../contracts/expectation.ts';
import { isJsonObject } from '../contracts/json.ts';
import type { ScenarioDefinition } from '../contracts/scenario.ts';
import { checkFault } from './fault-shape.ts';

const object: Expected<object> = {
  words: 'an object',
  accepts: (value): value is object => typeof value === 'object' && value !== null,
};
const list: Expected<readonly unknown[]> = { words: 'an array', accepts: Array.isArray };

type Shape = Readonly<Record<string, Expected<unknown>>>;

const REQUIRED = { name: directoryName, summary: text, metric: callable } satisfies Shape;

const OPTIONAL = {
  numSteps: positiveInteger,
  evalInterval: positiveInteger,
  saveInterval: positiveInteger,
  saveTotalLimit: positiveOrNone,
  preserveNBest: count,
  injectSpikeAtStep: positiveOrNone,
  metricName: text,
  mode: oneOf('min', 'max'),
  spikeMetric: anyNumber,
  callbacks: callable,
  retention: callable,
  updateBestCheckpoints: callable,
  saveOrder: oneOf('update-before-save', 'update-after-save'),
  faults: list,
  expect: object,
  barrierTimeoutMs: positiveNumber,
  minWorldSize: positiveInteger,
  hint: text,
} satisfies Shape & Record<Exclude<keyof ScenarioDefinition, keyof typeof REQUIRED>, Expected<unknown>>;

const EXPECT: Shape = { divergence: flag, onDisk: steps };

const HINT = 'Correct the scenario file; docs/scenarios.md has every field.';

/** Checks the default export of a scenario file. Throws CKPT_USAGE that names the file and the field. */
export function checkScenarioShape(exported: unknown, file: string): ScenarioDefinition {
  if (!isRecord(exported)) {
    throw usageError(
      `--scenario ${file}: its default export is ${describe(exported)}, expected a scenario`,
      'Write `export default defineScenario({ ... })`; docs/scenarios.md shows one.',
    );
  }
  checkFields(exported, `--scenario ${file}: `, REQUIRED, OPTIONAL);
  if (exported['expect'] !== undefined) checkFields(exported['expect'], `--scenario ${file}: expect.`, {}, EXPECT);
  const faults = Array.isArray(exported['faults']) ? exported['faults'] : [];
  for (const [index, fault] of faults.entries()) checkFault(fault, `--scenario ${file}: faults[${index}].`, HINT);
  if (!isDefinition(exported)) throw usageError(`--scenario ${file}: not a scenario`);
  return exported;
}

function checkFields(value: unknown, prefix: string, required: Shape, optional: Shape): void {
  const fields = isRecord(value) ? value : {};
  for (const [name, expected] of Object.entries(required)) expectValue(`${prefix}${name}`, fields[name], expected, HINT);
  for (const [name, given] of Object.entries(fields)) {
    const expected = required[name] ?? optional[name];
    if (expected === undefined) throw usageError(`${prefix}${name}: there is no such field`, knownFields(required, optional));
    if (given !== undefined) expectValue(`${prefix}${name}`, given, expected, HINT);
  }
}

const knownFields = (...shapes: readonly Shape[]): string => `Use one of ${shapes.flatMap(Object.keys).join(', ')}.`;

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields => isJsonObject(value);

/** Checked by the tables above, which have every field. */
const isDefinition = (value: Fields): value is Fields & ScenarioDefinition =>
  fits(value, REQUIRED) && fits(value, OPTIONAL, true);

const fits = (fields: Fields, shape: Shape, isOptional = false): boolean =>
  Object.entries(shape).every(([name, { accepts }]) => accepts(fields[name]) || (isOptional && fields[name] === undefined));
