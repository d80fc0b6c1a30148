import { expect, test } from 'vitest';
import { scenarioWith } from './live-run.ts';
import { linesOf, sandbox, scenarioText } from './sandbox.ts';

const PIPE = `import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs';
if (process.env.RANK === '2') execFileSync('mkfifo', ['pipe']);`;

const SHORT = ['--barrier-timeout=1', '--quiet', '--discard-outputs'];

test.for([
  ['a rank that is alone', ['--nproc-per-node=1', '--inject=stall:rank=0,step=50'], 'stuck-await', [0]],
  ['all ranks at once', ['--nproc-per-node=2', '--inject=stall:rank=0,step=50;stall:rank=1,step=50'], 'stuck-await', [0, 1]],
  ['ranks that were never started', ['--nproc-per-node=2', '--inject=no-start:rank=0;no-start:rank=1'], 'never-started', [0, 1]],
  [
    'a loop, after the hard time-out',
    ['--nproc-per-node=1', '--inject=spin:rank=0,step=50', '--hard-timeout=3'],
    'loop-blocked-js',
    [0],
  ],
] as const)('%s: a hang at which nobody waits is a hang', async ([, args, ofClass, ranks]) => {
  const { code, stderr, report } = await sandbox().runForReport(['--scenario=basic', ...args, ...SHORT]);
  expect(code, stderr).toBe(124);
  expect(stderr).toMatch(/^ckpt-run: HANG: no rank has .* for .*, and none waits at a barrier {2}\[CKPT_RUN_STALLED\]$/m);
  expect(report).toMatchObject({
    failure: { kind: 'hang', barrier: null, error: { code: 'CKPT_RUN_STALLED' } },
    diagnosis: { barrier: null, verdict: { class: ofClass, ranks } },
  });
});

test.for([
  ['loops in a handler of its exit', '', `process.on('exit', () => { while (true); });`, 'loop-blocked-js'],
  ['has a file open that nobody writes', PIPE, `readFile('pipe', () => undefined);`, 'loop-blocked-native'],
] as const)('a rank that has finished, but %s, is named as one that does not end', async ([, before, work, ofClass]) => {
  const box = sandbox();
  const hook = `callbacks: () => [{ name: 'Mine', onTrainEnd: ({ rank }) => { if (rank === 2) { ${work} } } }],`;
  box.write('mine.mjs', scenarioText(hook, before));
  const args = ['--scenario=./mine.mjs', '--nproc-per-node=3', '--barrier-timeout=1', '--hard-timeout=3', '--shutdown-timeout=1'];
  const { code, stderr, report } = await box.runForReport([...args, '--quiet']);
  expect(code, stderr).toBe(124);
  expect(stderr).toMatch(/^ckpt-run: HANG: every rank has finished its work, but rank 2 does not end: .*\[CKPT_RUN_STALLED\]$/m);
  expect(stderr).toMatch(/^ {4}ranks: {4}rank 2, pid \d+, alive, last record .* ago: rank finished$/m);
  expect(report.diagnosis).toMatchObject({ verdict: { class: ofClass, ranks: [2] }, states: [{ ranks: [2] }] });
  // The line of the loop, or the path of the file.
  expect(stderr).toMatch(/mine\.mjs:\d+:\d+$|the call open\w* \S*pipe/m);
  const inspected = await box.run(['inspect', linesOf(stderr).at(-1) ?? '']);
  expect(inspected.stdout).toMatch(/^ {4}ranks: {4}rank 2, pid \d+, last record .* ago: rank finished\n {4}states:/m);
});

test.for([
  ['computes', 'for (const end = Date.now() + 2500; Date.now() < end; );'],
  ['writes', `for (let i = 0; i < 25; i += 1) { await pause(100); writeFileSync('/dev/null', Buffer.alloc(100_000)); }`],
] as const)('a rank that is alone and %s for longer than the time-out is healthy', async ([, work]) => {
  const box = sandbox();
  box.write('mine.mjs', scenarioWith(0, work, `const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`));
  expect(await box.run(['--scenario=./mine.mjs', ...SHORT])).toMatchObject({ code: 0, stderr: '' });
});

test('of a run that took too long it is said what its ranks did, and who kept the others waiting', async () => {
  const args = ['--nproc-per-node=2', '--scenario=basic', '--inject=stall:rank=1,step=50', '--timeout=4', '--quiet'];
  const { code, stderr, report } = await sandbox().runForReport([...args, '--discard-outputs']);
  expect(code, stderr).toBe(124);
  expect(stderr).toMatch(
    /^ckpt-run: the run took longer than --timeout 4 s: .*\[CKPT_RUN_TIMEOUT\]\n {4}verdict: {2}rank 1 lives/m,
  );
  expect(report).toMatchObject({ failure: { kind: 'timeout' }, diagnosis: { verdict: { class: 'stuck-await', ranks: [1] } } });
});

test('and nobody is blamed where no rank waits for another', async () => {
  const args = ['--scenario=basic', '--inject=spin:rank=0,step=50', '--timeout=2', '--quiet', '--discard-outputs'];
  const { code, stderr, report } = await sandbox().runForReport(args);
  expect(code, stderr).toBe(124);
  expect(report.diagnosis).toMatchObject({ verdict: { class: 'unknown' }, states: [{ ranks: [0], state: 'runs JavaScript' }] });
});
