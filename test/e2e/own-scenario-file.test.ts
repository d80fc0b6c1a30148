import { expect, test } from 'vitest';
import { onlyVerdict, sandbox } from './sandbox.ts';

const JAVASCRIPT = `
import { decayingLoss, defineScenario } from 'ckpt-run';
export default defineScenario({ name: 'mine', summary: 'x', metric: decayingLoss, preserveNBest: 1 });
`;

const TYPESCRIPT = `
import { decayingLoss, defineScenario, type RetentionPolicy, type ScenarioDefinition } from 'ckpt-run';
import { summary } from './curve/summary.ts';

enum Keep { Newest = 2 }
const newest: RetentionPolicy = ({ checkpoints, best }) => {
  const kept = new Set([...checkpoints.slice(-Keep.Newest), ...best].map(({ step }) => step));
  const steps: readonly number[] = checkpoints.map(({ step }) => step);
  return { preserve: steps.filter((step) => kept.has(step)), delete: steps.filter((step) => !kept.has(step)) };
};
const scenario: ScenarioDefinition = { name: 'mine', summary, metric: decayingLoss, preserveNBest: 1, retention: newest };
export default defineScenario(scenario);
`;

const COMMONJS = `module.exports = { name: 'mine', summary: 'x', metric: (step) => 1 / step, preserveNBest: 1 };`;

const REQUIRES = `
const { defineScenario } = require('ckpt-run');
const metric = (step) => require('ckpt-run').decayingLoss(step);
module.exports = defineScenario({ name: 'mine', summary: 'x', metric, preserveNBest: 1 });
`;

test.for([
  ['mine.mjs', 2, JAVASCRIPT],
  ['mine.js', 1, JAVASCRIPT],
  ['mine.cjs', 2, COMMONJS],
  ['mine.cjs', 2, REQUIRES],
  [
    'mine.mjs',
    1,
    `import { createRequire } from 'node:module'; export default createRequire(import.meta.url)('./requires.cjs');`,
  ],
  ['mine.ts', 2, TYPESCRIPT],
  ['mine.mts', 1, TYPESCRIPT],
  ['mine.cts', 1, JAVASCRIPT],
  ['dir with space/mine #1 é.mjs', 1, JAVASCRIPT],
] as const)('%s runs from outside any project, on %i ranks, and leaves nothing', async ([name, ranks, text]) => {
  const box = sandbox();
  box.write('curve/summary.ts', 'export const summary: string = "imported";');
  box.write('requires.cjs', REQUIRES);
  box.write(name, text);
  const { code, stderr, report } = await box.runForReport([`--nproc-per-node=${ranks}`, '--scenario', `./${name}`, '--quiet']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(onlyVerdict(report)).toMatchObject({ scenario: 'mine', status: 'passed', best: [{ step: 100 }] });
  expect(box.leftovers()).toEqual([]);
});

test('a scenario in a project of CommonJS may be TypeScript with imports', async () => {
  const box = sandbox();
  box.write('package.json', '{ "type": "commonjs" }');
  box.write('curve/summary.ts', 'export const summary: string = "imported";');
  box.write('mine.ts', TYPESCRIPT);
  expect(await box.run(['--scenario=mine.ts', '--quiet'])).toMatchObject({ code: 0, stderr: '' });
});

test('the parameters of a scenario file are options too', async () => {
  const box = sandbox();
  box.write('mine.mjs', JAVASCRIPT);
  const args = [
    '--scenario=./mine.mjs',
    '--num-steps=60',
    '--eval-interval=10',
    '--save-interval=10',
    '--save-total-limit=none',
    '--preserve-n-best=3',
  ];
  const { code, report } = await box.runForReport(args);
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({
    onDisk: [10, 20, 30, 40, 50, 60],
    best: [{ step: 60 }, { step: 50 }, { step: 40 }],
  });
});
