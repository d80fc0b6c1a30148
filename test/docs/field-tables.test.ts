import { expect, test } from 'vitest';
import { FAULT_KINDS, FAULT_PLACES } from '../../shared/contracts/fault.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { exportsOf, fieldsOf } from './contract-fields.ts';
import { codesIn, firstCells, rowsOf, sectionOf } from './pages.ts';

const SCENARIO = 'shared/contracts/scenario.ts';
const CALLBACK = 'shared/contracts/callback.ts';

/** Fields of one table among several below a heading: those that are called so. */
const among = (cells: readonly string[], names: readonly string[]): readonly string[] =>
  cells.filter((cell) => names.includes(cell));

test('docs/scenarios.md has every field of a scenario, and no other', () => {
  const fields = [...fieldsOf(SCENARIO, 'ScenarioDefinition'), ...fieldsOf(SCENARIO, 'ScenarioParameters')];
  expect([...firstCells('docs/scenarios.md', 'Fields')].sort()).toEqual(fields.sort());
});

test('docs/scenarios.md gives the defaults that apply', () => {
  const scenario: Readonly<Record<string, unknown>> = { ...resolveScenario({ name: 'x', summary: 'x', metric: () => 1 }, {}, 1) };
  const rows = rowsOf('docs/scenarios.md', 'Fields').map(([name = '', , value = '']) => [codesIn(name)[0], codesIn(value)[0]]);
  const stated = rows.flatMap(([name = '', value]) =>
    value === undefined || scenario[name] === undefined ? [] : [[name, value]],
  );
  expect(stated.map(([name = '']) => [name, String(scenario[name])])).toEqual(
    stated.map(([name, value]) => [name, value?.replaceAll("'", '')]),
  );
  expect(stated.length).toBeGreaterThan(6);
});

test.for([
  ['TrainerCallback', CALLBACK],
  ['TrainerState', CALLBACK],
  ['TrainerControl', CALLBACK],
] as const)('docs/scenarios.md has every field of %s', ([declaration, file]) => {
  const fields = fieldsOf(file, declaration);
  expect(among(firstCells('docs/scenarios.md', 'Callbacks'), fields)).toEqual(fields);
});

test('docs/scenarios.md has what retention is given, and the options of the detector', () => {
  expect(firstCells('docs/scenarios.md', 'Your own retention')).toEqual(
    expect.arrayContaining([...fieldsOf('shared/contracts/checkpoint.ts', 'RetentionHistory')]),
  );
  const options = [
    ...fieldsOf('rank/callbacks/divergence-detector.ts', 'DivergenceDetectorOptions'),
    ...fieldsOf('shared/policy/divergence.ts', 'DivergenceRule'),
  ];
  expect(firstCells('docs/scenarios.md', 'Callbacks')).toEqual(expect.arrayContaining(options));
});

test('docs/scenarios.md has every kind of fault, and no other', () => {
  const rows = rowsOf('docs/scenarios.md', 'Faults').map((cells) => [codesIn(cells[0] ?? ''), codesIn(cells[3] ?? '')]);
  expect(rows).toEqual(FAULT_KINDS.map((kind) => [[kind], [...FAULT_PLACES[kind]]]));
});

test('docs/scenarios.md names everything that the door exports, and nothing else', () => {
  const named = [...sectionOf('docs/scenarios.md', 'What ckpt-run exports').matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const exported = exportsOf('rank/public.ts');
  expect(named.filter((name) => name !== 'saveTotalLimit').sort()).toEqual(exported);
});
