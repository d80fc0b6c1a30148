import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { diagnose } from '../../shared/policy/diagnosis/index.ts';
import { runProgram } from '../e2e/program-run.ts';
import { sandbox, scenarioText } from '../e2e/sandbox.ts';
import { CASES } from '../shared/policy/diagnosis/hang-cases.ts';
import { hangOf } from '../shared/policy/diagnosis/hang-evidence.ts';
import { fieldsOf } from './contract-fields.ts';
import { firstCells, textOf } from './pages.ts';

const schema = JSON.parse(textOf('docs/report.schema.json')) as {
  readonly properties: object;
  readonly $defs: Record<string, object>;
};
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const validate = ajv.compile(schema);

/** What is wrong with a report, in words. */
const problemsOf = (report: unknown): string => (validate(report) ? '' : ajv.errorsText(validate.errors, { separator: '\n' }));

const RUNS: readonly (readonly [what: string, args: readonly string[], kind: string | null, exitCode: number])[] = [
  ['that passed', ['--scenario=all'], null, 0],
  ['with a failed assertion', ['--scenario=bug-no-trim'], null, 1],
  ['that hung', ['--scenario=bug-early-return', '--barrier-timeout=500ms'], 'hang', 124],
  ['of a rank that threw', ['--scenario=./throws.ts'], 'rank-failed', 1],
  ['of a rank that was killed', ['--scenario=./kills.ts'], 'rank-killed', 137],
  ['of a rank that ended early', ['--scenario=./exits.ts'], 'rank-ended-early', 124],
  ['that hung without a barrier', ['--nproc-per-node=1', '--inject=stall:rank=0,step=50', '--barrier-timeout=1'], 'hang', 124],
  ['of a run that took too long', ['--scenario=bug-early-return', '--timeout=1'], 'timeout', 124],
];

test.for(RUNS)('a report %s fits the schema', async ([, args, kind, exitCode]) => {
  const box = sandbox();
  box.write('throws.ts', scenarioText(`faults: [{ kind: 'throw', rank: 1, step: 50 }]`));
  box.write('kills.ts', scenarioText(`faults: [{ kind: 'kill', rank: 1, step: 50 }]`));
  box.write('exits.ts', scenarioText(`faults: [{ kind: 'exit', code: 0, rank: 1, step: 50 }]`));
  const { report } = await box.runForReport(['--nproc-per-node=2', ...args, '--quiet', '--discard-outputs']);
  expect(problemsOf(report)).toBe('');
  expect(report).toMatchObject({ exitCode, failure: kind === null ? null : { kind } });
});

test.for([
  ['passed', 'exit 0', null],
  ['failed', 'exit $((3 + RANK))', 'rank-failed'],
  ['was killed', 'kill -KILL $$', 'rank-killed'],
] as const)('a report of a program that %s fits the schema', async ([, script, kind]) => {
  const box = sandbox();
  await runProgram(box, ['--nproc-per-node=2', '--rdzv-id=my job', '--report=report.json'], script);
  const report: unknown = JSON.parse(box.read('report.json'));
  expect(problemsOf(report)).toBe('');
  expect(report).toMatchObject({ runId: expect.stringMatching(/^my_20_job_/), failure: kind === null ? null : { kind } });
});

test.for([...Object.keys(CASES), 'unknown'])('a diagnosis of %s fits the schema', (name) => {
  const given = Object.entries(CASES).find(([each]) => each === name)?.[1].given ?? {};
  const diagnosis: unknown = JSON.parse(JSON.stringify(diagnose(hangOf(given))));
  expect(diagnosis).toMatchObject({ verdict: { class: name } });
  const fits = ajv.compile({ $defs: schema.$defs, $ref: '#/$defs/diagnosis' });
  expect(fits(diagnosis) ? '' : ajv.errorsText(fits.errors, { separator: '\n' })).toBe('');
});

test('the schema is strict', () => {
  expect(problemsOf({ format: 'ckpt-run-report', more: 1 })).toMatch(/must NOT have additional properties/);
});

test.for([
  ['Fields', 'run-report', 'RunReport', undefined],
  ['A verdict', 'verdict', 'Verdict', 'verdict'],
  ['A diagnosis', 'diagnosis', 'Diagnosis', 'diagnosis'],
  ['A rank', 'run-report', 'RankOutcome', 'rankOutcome'],
] as const)('under "%s" the page and the schema have the fields of the contract', ([heading, file, declaration, definition]) => {
  const fields = fieldsOf(`shared/contracts/${file}.ts`, declaration);
  const { properties } = definition === undefined ? schema : (schema.$defs[definition] as { properties: object });
  expect(Object.keys(properties)).toEqual(fields);
  expect(firstCells('docs/report.md', heading)).toEqual(fields);
});
