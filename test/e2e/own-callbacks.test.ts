import { expect, test } from 'vitest';
import { complaints, failedIn, runOwn } from './own-scenario.ts';
import { onlyVerdict } from './sandbox.ts';

/** A callback that counts evaluations, with the two methods that make it survive a restart. */
const counter = (stateDict: string, loadStateDict: string): string => `
class Counter {
  name = 'Counter';
  seen = 0;
  onEvaluate() { this.seen += 1; }
  stateDict() { ${stateDict} }
  loadStateDict(state) { ${loadStateDict} }
}`;

test('a callback that takes its state back passes', async () => {
  const before = counter('return { seen: this.seen };', 'this.seen = state.seen;');
  expect((await runOwn('callbacks: () => [new Counter()],', { before })).code).toBe(0);
});

test.for([
  ['forgets its state', 'return { seen: this.seen };', ''],
  ['takes back something else', 'return { seen: this.seen };', 'this.seen = state.seen + 1;'],
  ['saves what it cannot load', 'return { seen: this.seen, at: this.seen * 10 };', 'this.seen = state.at;'],
])('a callback that %s is caught at the first save on every rank', async ([, save = '', load = '']) => {
  const { code, report } = await runOwn('callbacks: () => [new Counter()],', { ranks: 2, before: counter(save, load) });
  expect(code).toBe(1);
  expect(failedIn(report)).toEqual(['callback-state-restored']);
  const finding = onlyVerdict(report).findings.find(({ invariant }) => invariant === 'callback-state-restored');
  expect(finding).toMatchObject({ step: 25, ranks: [0, 1], found: expect.stringMatching(/^Counter\./) });
});

const SPY = `import { appendFileSync, existsSync } from 'node:fs';
const spy = ({ rank }) => {
  const say = (what, { step, bestStep }) => appendFileSync(new URL('said-' + rank, import.meta.url), what + ' ' + step + ' best ' + bestStep + '\\n');
  return [{
    name: 'Spy',
    onEvaluate: async (metrics, state) => { await null; say('evaluate ' + metrics.loss.toFixed(2), state); },
    onLog: (metrics, state) => say('log', state),
    onSave: (state) => say('save', state),
    onTrainEnd: (state) => say('end', state),
  }];
};`;

test('callbacks are called on every rank in the order of a trainer', async () => {
  const { code, box } = await runOwn('numSteps: 100, evalInterval: 25, saveInterval: 50, callbacks: spy,', {
    ranks: 2,
    before: SPY,
  });
  expect(code).toBe(0);
  expect(box.read('said-0').split('\n').slice(0, -1)).toEqual([
    ...['evaluate 2.82 25 best undefined', 'log 25 best undefined'],
    ...['evaluate 2.79 50 best undefined', 'log 50 best undefined', 'save 50 best 50'],
    ...['evaluate 2.76 75 best 50', 'log 75 best 50'],
    ...['evaluate 2.73 100 best 50', 'log 100 best 50', 'save 100 best 100', 'end 100 best 100'],
  ]);
  expect(box.read('said-1')).toBe(box.read('said-0'));
});

test('onSave runs when the checkpoint is there and before anything is deleted for it', async () => {
  const look = `onSave: ({ step }) => { if (step === 100) appendFileSync(new URL('seen', import.meta.url), [25, 50, 75, 100].map((each) => existsSync(process.cwd() + '/out/mine/checkpoint-' + each)).join(' ')); }`;
  const before = `import { appendFileSync, existsSync } from 'node:fs';`;
  const { code, box, report } = await runOwn(`callbacks: ({ rank }) => rank === 0 ? [{ name: 'Look', ${look} }] : [],`, {
    before,
    args: ['--output-dir=out'],
  });
  expect(code).toBe(0);
  expect(box.read('seen')).toBe('true true true true');
  expect(onlyVerdict(report).onDisk).toEqual([50, 75, 100]);
});

/** A callback of one rank that asks for something at step 50. */
const asking = (what: string): string =>
  `callbacks: ({ rank }) => [{ name: 'Asking', onEvaluate: (metrics, state, control) => { if (rank === 1 && state.step === 50) { ${what} } } }],`;

test('a stop that one rank asks for stops all, after the save of that step', async () => {
  const { code, report } = await runOwn(asking('control.shouldTrainingStop = true;'), { ranks: 3 });
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ onDisk: [25, 50], divergedAtStep: null });
});

test('an abort that one rank asks for stops all, without the save of that step', async () => {
  const { code, report } = await runOwn(asking('control.shouldAbortWithoutSave = true;'), { ranks: 2 });
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ onDisk: [25] });
});

test('divergence that one rank reports is known on all, and unexpected divergence fails', async () => {
  const what = `control.divergence = 'grad norm 1e9'; control.shouldTrainingStop = true;`;
  const { code, report, stdout } = await runOwn(asking(what), { ranks: 2 });
  expect(code).toBe(1);
  expect(onlyVerdict(report).divergedAtStep).toBe(50);
  expect(failedIn(report)).toEqual(['divergence-detected']);
  expect(stdout).toContain('    found:    grad norm 1e9\n');
});

test('a callback of its own may be the detector of a spike', async () => {
  const detector = `({ name: 'Own', detectsDivergence: true, onEvaluate: ({ loss }, state, control) => {
    if (loss > 5) { control.divergence = 'loss ' + loss; control.shouldAbortWithoutSave = true; }
  } })`;
  const { code, report } = await runOwn(`numSteps: 150, injectSpikeAtStep: 75, callbacks: () => [${detector}],`);
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ divergedAtStep: 75, onDisk: [25, 50] });
});

test.for([
  ['beside one that works', 'numSteps: 150, injectSpikeAtStep: 75, callbacks: () => [new ckpt.DivergenceDetector(), deaf()],'],
  ['where no spike is injected', 'callbacks: () => [deaf()],'],
])('a detector that is given nothing is caught %s', async ([, fields = '']) => {
  const before = `const deaf = () => ({ name: 'Deaf', detectsDivergence: true, watch: () => {} });`;
  const { code, report } = await runOwn(fields, { ranks: 2, before });
  expect({ code, failed: failedIn(report) }).toEqual({ code: 1, failed: ['detector-receives-evaluations'] });
  expect(onlyVerdict(report).findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { step: 25, ranks: [0, 1], found: 'not given to Deaf' },
  ]);
});

test.for([
  ['share a name', `[{ name: 'Twin' }, { name: 'Twin' }]`, 'two callbacks are called Twin  [CKPT_CALLBACK_INVALID]'],
  [
    'save what JSON cannot hold',
    `[{ name: 'Big', stateDict: () => ({ count: 1n }) }]`,
    'stateDict of Big: Do not know how to serialize a BigInt  [CKPT_CALLBACK_INVALID]',
  ],
  [
    'are not made anew',
    `((shared) => [shared])(globalThis.shared ??= { name: 'Shared', stateDict: () => ({}) })`,
    'callbacks() returns the same Shared again, so its state cannot be restored into a fresh one  [CKPT_CALLBACK_INVALID]',
  ],
  [
    'ask for what cannot be',
    `[{ name: 'Odd', onEvaluate: (metrics, state, control) => { control.shouldTrainingStop = 1; } }]`,
    'Odd sets control.shouldTrainingStop: got 1, expected true or false  [CKPT_CALLBACK_INVALID]',
  ],
  [
    'throw when they are told of a save',
    `[{ name: 'Lost', onSave: () => { throw new Error('no such bucket'); } }]`,
    'no such bucket  [CKPT_CALLBACK_INVALID]',
  ],
  [
    'throw when they load',
    `[{ name: 'Lost', stateDict: () => ({}), loadStateDict: () => { throw new Error('no such key'); } }]`,
    'no such key  [CKPT_CALLBACK_INVALID]',
  ],
] as const)('callbacks that %s end the run with one clear error', async ([, callbacks, complaint]) => {
  const { code, stderr } = await runOwn(`callbacks: () => ${callbacks},`);
  expect(code).toBe(1);
  expect(complaints(stderr)[0]).toBe(`ckpt-run: rank 0: ${complaint}`);
});

test('a callback that prints on a rank other than 0 is caught, and its words are in the log of that rank', async () => {
  const { code, stdout, report } = await runOwn(
    `callbacks: ({ rank }) => [{ name: 'Loud', onSave: () => { if (rank === 1) console.log('hello from 1'); } }],`,
    { ranks: 2 },
  );
  expect(code).toBe(1);
  expect(failedIn(report)).toEqual(['only-rank-0-logs']);
  expect(stdout).not.toContain('hello from 1');
});

test('what another rank prints while the scenario file loads is caught, too', async () => {
  const { code, report } = await runOwn('', { ranks: 2, before: `if (process.env.RANK === '1') console.log('loaded');` });
  expect(code).toBe(1);
  expect(onlyVerdict(report).findings.filter(({ status }) => status === 'failed')).toMatchObject([
    { invariant: 'only-rank-0-logs', ranks: [1], found: '7 bytes on its standard output and error' },
  ]);
});

test('a stop that one rank asks for after a save stops all at that step', async () => {
  const once = `{ name: 'Once', onSave: ({ step }, control) => { control.shouldTrainingStop = rank === 1 && step === 50; } }`;
  const { code, report } = await runOwn(`callbacks: ({ rank }) => [${once}],`, { ranks: 2 });
  expect(code).toBe(0);
  expect(onlyVerdict(report)).toMatchObject({ onDisk: [25, 50], divergedAtStep: null });
});

test('callbacks() is called on a rank with that rank alone: once for its set, and once for each restored checkpoint', async () => {
  const before = `import { appendFileSync } from 'node:fs';
const note = (rank) => { if (process.env.RANK !== undefined) appendFileSync(new URL('made-' + process.env.RANK, import.meta.url), rank + ' '); };`;
  const callbacks = 'callbacks: ({ rank }) => { note(rank); if (rank === 0) console.log("made by 0"); return []; },';
  const { code, box, report } = await runOwn(callbacks, { ranks: 2, before });
  expect({ code, failed: failedIn(report) }).toEqual({ code: 0, failed: [] });
  expect([box.read('made-0'), box.read('made-1')]).toEqual(['0 '.repeat(5), '1 '.repeat(5)]);
});

test('a journal that somebody else wrote into leaves the verdict undecided', async () => {
  const before = `import { appendFileSync } from 'node:fs';
const spoil = () => appendFileSync(process.env.CKPT_RANK_RUN_DIRECTORY + '/journal/rank-1.jsonl', '{"torn\\n');`;
  const spoiler = `callbacks: ({ rank }) => [{ name: 'Spoiler', onTrainEnd: () => { if (rank === 1) spoil(); } }],`;
  const { code, stdout, report } = await runOwn(spoiler, { ranks: 2, before });
  expect({ code, status: report.status, failure: report.failure }).toEqual({ code: 3, status: 'unknown', failure: null });
  expect(stdout).toMatch(/^\? best-count could not be checked: lines in the journal of rank 1 cannot be read: 1$/m);
  expect(stdout).toMatch(/^\? 20 OF 20 ASSERTIONS UNDECIDED$/m);
  expect(stdout).toContain('Checkpoints on disk: 3\n');
});

test.for(['onEvaluate', 'onLog', 'onSave', 'onTrainEnd'])(
  'a throw in %s is diagnosed, whichever rank is the first to end of it',
  async (hook) => {
    const fields = `callbacks: () => [{ name: 'Mine', ${hook}: (...given) => {
    if (given.find((each) => 'rank' in each).rank === 2) throw new Error('no');
  } }],`;
    const { code, report } = await runOwn(fields, { ranks: 4, args: ['--quiet'] });
    expect(code).toBe(1);
    const place = { file: expect.stringMatching(/mine\.mjs$/), line: 10, functionName: expect.any(String) };
    expect(report.diagnosis?.verdict).toMatchObject({ class: 'exception-before-barrier', ranks: [2], confidence: 'high', place });
  },
);
