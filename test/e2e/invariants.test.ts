import { expect, test } from 'vitest';
import { INVARIANTS } from '../../shared/policy/invariants/index.ts';
import { runOwn } from './own-scenario.ts';
import { onlyVerdict } from './sandbox.ts';

/** Retention that preserves the steps for which a condition holds. */
const keeping = (condition: string): string => `retention: ({ checkpoints }) => {
  const steps = checkpoints.map(({ step }) => step);
  const keeps = (step) => ${condition};
  return { preserve: steps.filter(keeps), delete: steps.filter((step) => !keeps(step)) };
},`;

/** The best list is whatever comes of this, never cut. */
const bestList = (list: string): string => `updateBestCheckpoints: (best, { step, metric }) => ${list},`;

/** The detector of a spike at step 75. */
const detecting = (detector: string): string => `numSteps: 150, injectSpikeAtStep: 75, callbacks: () => [${detector}],`;

/** Something that a rank does after the save of step 50. */
const after50 = (rank: number, action: string): string =>
  `callbacks: (context) => [{ name: 'Trouble', onSave: ({ step }) => { if (context.rank === ${rank} && step === 50) { ${action} } } }],`;

/** A rank that writes into its own journal what did not happen. */
const forging = (rank: number, event: object): string =>
  after50(
    rank,
    `appendFileSync(process.env.CKPT_RANK_RUN_DIRECTORY + '/journal/rank-${rank}.jsonl', ${JSON.stringify(`${JSON.stringify({ atMs: 0, ...event })}\n`)});`,
  );

const FORGERY = `import { appendFileSync } from 'node:fs';`;

/** For each invariant a run that breaks it: the fields of its scenario. */
const BREAKING: Readonly<Record<string, string>> = {
  'best-count': bestList('[...best, { step, metric }].sort((a, b) => a.metric - b.metric)'),
  'best-tracked': bestList('[{ step, metric }]'),
  'best-exists': `metric: (step) => step, ${keeping('step === steps.at(-1)')}`,
  'best-preserved': `metric: (step) => step, faults: [{ kind: 'lose-checkpoint', rank: 0, step: 25 }],`,
  'total-limit': `numSteps: 200, ${keeping('true')}`,
  'disk-expected': 'expect: { onDisk: [25, 100] },',
  'best-updated-before-save': `saveOrder: 'update-after-save',`,
  'preserved-list-accurate': `metric: (step) => step, ${keeping('step >= 50')}`,
  'no-good-deleted': `saveTotalLimit: 2, saveOrder: 'update-after-save', retention: ckpt.inclusiveRetention,`,
  'detector-receives-evaluations': detecting(`{ name: 'Deaf', detectsDivergence: true }`),
  'divergence-detected': detecting('new ckpt.DivergenceDetector({ threshold: 10 })'),
  'stopped-in-time': detecting(
    `{ name: 'Idle', detectsDivergence: true, onEvaluate: ({ loss }, state, control) => { if (loss > 5) control.divergence = 'high'; } }`,
  ),
  'callback-state-restored': `callbacks: () => [{ name: 'Forgetful', stateDict: () => ({ made: (made += 1) }) }],`,
  'only-rank-0-logs': after50(1, `console.error('me too')`),
  'barriers-in-order': forging(1, { type: 'barrier:arrived', sequence: 99, name: 'mine/nowhere', callSite: null }),
  'checkpoints-visible': `faults: [{ kind: 'hide-checkpoint', rank: 1, step: 50 }],`,
  'decisions-equal': `callbacks: ({ rank }) => { me = rank; return []; }, ${keeping('me === 1 || step !== 25 || steps.length < 4')}`,
  'metrics-recorded': forging(0, { type: 'evaluation:finished', step: 50, local: 2, metric: 2 }),
  'best-sorted': bestList('[...best, { step, metric }].slice(-2)'),
  'fates-known': `faults: [{ kind: 'lose-checkpoint', rank: 0, step: 100 }],`,
};

/** What one rank alone cannot break. */
const BETWEEN_RANKS = ['only-rank-0-logs', 'barriers-in-order', 'checkpoints-visible', 'decisions-equal'];

test('there is a run for every invariant and for nothing else', () => {
  expect(Object.keys(BREAKING).toSorted()).toEqual(INVARIANTS.map(({ name }) => name).toSorted());
});

test.for(Object.entries(BREAKING))('a run that breaks %s is caught', async ([name, fields]) => {
  const ranks = BETWEEN_RANKS.includes(name) ? 2 : 1;
  const { code, stdout, report } = await runOwn(fields, { ranks, before: `${FORGERY} let made = 0; let me = 0;` });
  expect(code).toBe(1);
  const verdict = onlyVerdict(report);
  expect(verdict.status).toBe('failed');
  const finding = verdict.findings.find(({ invariant, status }) => invariant === name && status === 'failed');
  expect(finding, stdout).toMatchObject({ message: expect.any(String), expected: expect.any(String), found: expect.any(String) });
  const lines = stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`✗ ${finding?.message}`));
  const details = [`    expected: ${finding?.expected}`, `    found:    ${finding?.found}`, `    fix:      ${finding?.hint}`];
  expect(lines.slice(at + 1, at + 4)).toEqual(details);
});

test('the same scenario without any of this passes', async () => {
  const { code, report } = await runOwn('', { ranks: 2, before: `${FORGERY} let made = 0; let me = 0;` });
  expect(code).toBe(0);
  expect(new Set(onlyVerdict(report).findings.map(({ invariant }) => invariant))).toEqual(
    new Set(INVARIANTS.map(({ name }) => name)),
  );
});
