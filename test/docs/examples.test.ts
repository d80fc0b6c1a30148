import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, ROOT } from '../../scripts/source-files.ts';
import { FAULT_KINDS, FAULT_PLACES } from '../../shared/contracts/fault.ts';
import { ckptRun, mustRun, temporaryDirectory } from '../e2e/run-command.ts';
import { codesIn, rowsOf, textOf } from './pages.ts';

const EXAMPLES = filesUnder(['docs/examples'], ['.ts']).map(({ path }) => path);

/** Those that fail on purpose, and how; the others pass. */
const FAILING: Readonly<Record<string, number>> = { 'save-order': 1, faults: 1 };

const SCENARIOS = EXAMPLES.filter((path) => !path.includes('/errors/') && !path.endsWith('.test.ts'));

test.for(SCENARIOS)('%s runs as its page says', async (path) => {
  const name = path.replace(/^.*\/|\.ts$/g, '');
  expect(textOf('docs/scenarios.md')).toContain(`<!-- file: ${path} -->`);
  const run = await ckptRun(['--nproc-per-node=2', '--scenario', path, '--discard-outputs', '--quiet']);
  expect(run, run.stderr).toMatchObject({ code: FAILING[name] ?? 0 });
});

test('the examples type-check as files of a user', async () => {
  const directory = temporaryDirectory();
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: true };
  const types = { types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] };
  const files = EXAMPLES.map((path) => join(ROOT, path));
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, ...types }, files }));
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(await mustRun(process.execPath, [compiler, '-p', directory])).toBe('');
});

test.for(FAULT_KINDS)('a fault of kind %s ends as docs/scenarios.md says', async (kind) => {
  const file = join(temporaryDirectory(), 'scenario.mjs');
  const place = { step: { step: 50 }, barrier: { barrier: 6 }, point: { point: 'start' }, none: {} };
  const fault = { kind, rank: 1, ...place[FAULT_PLACES[kind][0] ?? 'none'], ...(kind === 'exit' ? { code: 3 } : {}) };
  const stated = rowsOf('docs/scenarios.md', 'Faults').find(([cell = '']) => codesIn(cell)[0] === kind)?.[2] ?? '';
  // Only a hang has to wait for its time-out; before any other end, be it as slow as the filling of a heap, it must not be over.
  const barrierTimeoutMs = stated === '124' ? 1500 : 60_000;
  const fields = { name: 'one-fault', summary: kind, preserveNBest: 2, barrierTimeoutMs, faults: [fault] };
  writeFileSync(file, `export default { ...${JSON.stringify(fields)}, metric: (step) => 3 - step / 100 };\n`);
  const run = await ckptRun(['--nproc-per-node=2', '--scenario', file, '--discard-outputs', '--quiet']);
  expect(run, run.stderr).toMatchObject({ code: Number.parseInt(stated, 10) });
});
