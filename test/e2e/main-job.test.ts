import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { runCommand } from './run-command.ts';
import { linesOf, sandbox } from './sandbox.ts';

const RULE = '='.repeat(60);
const CONCLUSION = [RULE, '✓ ALL ASSERTIONS PASSED', RULE];

/** The lines of the user's document, with the true numbers, in its order. */
const documentLines = (ranks: string): readonly string[] => [
  ...[`Scenario basic on ${ranks}`, 'Verifying results...', 'Checkpoints on disk: 3'],
  ...['  checkpoint-50', '  checkpoint-75', '  checkpoint-100', ''],
  ...['Best checkpoints tracked: 2', '  checkpoint-100: loss=2.7310', '  checkpoint-75: loss=2.7584', ''],
  '✓ Best checkpoints count: 2 <= preserve_n_best=2',
  ...['✓ Best checkpoint exists: checkpoint-75', '✓ Best checkpoint exists: checkpoint-100'],
  ...['✓ Total checkpoints: 3 <= 5', '✓ No divergence detected, none injected'],
  ...['✓ Best checkpoints sorted correctly: [2.7310, 2.7584]', ...CONCLUSION],
  ...[`Scenario spike on ${ranks}`, 'Verifying results...', 'Checkpoints on disk: 4'],
  ...['  checkpoint-25', '  checkpoint-50', '  checkpoint-75', '  checkpoint-100', ''],
  ...['Best checkpoints tracked: 2', '  checkpoint-50: loss=2.7891', '  checkpoint-25: loss=2.8234', ''],
  '✓ Best checkpoints count: 2 <= preserve_n_best=2',
  ...['✓ Best checkpoint exists: checkpoint-25', '✓ Best checkpoint exists: checkpoint-50'],
  ...['✓ Total checkpoints: 4 <= 5', '✓ Divergence detector triggered as expected'],
  ...['✓ Best checkpoints sorted correctly: [2.7891, 2.8234]', ...CONCLUSION],
];

/** Those of the wanted lines that follow one another among the lines. */
function inOrder(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  let from = 0;
  return wanted.filter((line) => {
    const place = lines.indexOf(line, from);
    if (place >= 0) from = place + 1;
    return place >= 0;
  });
}

test.for([
  [1, '1 rank'],
  [2, '2 ranks'],
  [4, '4 ranks'],
] as const)('%i ranks pass both scenarios and print the lines of the document in its order', async ([worldSize, ranks]) => {
  const box = sandbox();
  const { code, stdout, stderr, report } = await box.runForReport([`--nproc_per_node=${worldSize}`, '--scenario', 'all']);
  expect(code, stderr).toBe(0);
  expect(inOrder(linesOf(stdout), documentLines(ranks))).toEqual(documentLines(ranks));
  expect(stdout).not.toContain('✗');
  // The steps that rank 0 logs, and nothing else: no warning, no other rank.
  expect(linesOf(stderr).map((line) => line.replace(/ {2}(?:loss|diverged).*$/, ''))).toEqual(
    ['basic', 'spike'].flatMap((name) => [' 25', ' 50', ' 75', '100'].map((step) => `${name}  step ${step}`)),
  );
  expect(report).toMatchObject({ worldSize, status: 'passed', exitCode: 0, failure: null, runDirectory: null });
  expect(report.ranks).toHaveLength(worldSize);
  expect(report.ranks.every(({ reachedEnd, exitCode }) => reachedEnd && exitCode === 0)).toBe(true);
  expect(box.leftovers()).toEqual([]);
});

test('the report has the numbers of the design', async () => {
  const { report } = await sandbox().runForReport(['--nproc-per-node', '2', '--scenario=all', '--quiet']);
  const numbers = report.verdicts.map(({ scenario, onDisk, best, checkpoints, divergedAtStep }) => ({
    ...{ scenario, onDisk, divergedAtStep, best: best.map(({ step }) => step), saved: checkpoints.map(({ step }) => step) },
    losses: checkpoints.map(({ metric }) => Number(metric).toFixed(4)),
  }));
  expect(numbers).toEqual([
    {
      ...{ scenario: 'basic', onDisk: [50, 75, 100], divergedAtStep: null, best: [100, 75], saved: [25, 50, 75, 100] },
      losses: ['2.8234', '2.7891', '2.7584', '2.7310'],
    },
    {
      ...{ scenario: 'spike', onDisk: [25, 50, 75, 100], divergedAtStep: 100, best: [50, 25], saved: [25, 50, 75, 100] },
      losses: ['2.8234', '2.7891', '8.0000', '8.0000'],
    },
  ]);
});

test('without options it is both scenarios in a single process', async () => {
  const { code, stdout } = await sandbox().run([]);
  expect(code).toBe(0);
  expect(linesOf(stdout).filter((line) => line.startsWith('Scenario '))).toEqual([
    'Scenario basic on 1 rank',
    'Scenario spike on 1 rank',
  ]);
});

test('--quiet leaves the verdict line of each scenario', async () => {
  const run = await sandbox().run(['--nproc-per-node=2', '--quiet']);
  expect(run).toMatchObject({ code: 0, stdout: '✓ ALL ASSERTIONS PASSED\n'.repeat(2), stderr: '' });
});

test('--log-format json prints only JSON lines, verdicts among them', async () => {
  const { code, stdout } = await sandbox().run(['--nproc-per-node=2', '--log-format', 'json']);
  expect(code).toBe(0);
  const lines = linesOf(stdout).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(lines.every(({ rank, time, level }) => rank === 0 && typeof time === 'number' && level === 30)).toBe(true);
  expect(lines.filter(({ event }) => event === 'verdict')).toMatchObject([
    { scenario: 'basic', status: 'passed', msg: '✓ ALL ASSERTIONS PASSED' },
    { scenario: 'spike', status: 'passed', msg: '✓ ALL ASSERTIONS PASSED' },
  ]);
  const findings = lines.filter(({ event, scenario }) => event === 'finding' && scenario === 'basic');
  expect(findings).toContainEqual(expect.objectContaining({ invariant: 'best-count', status: 'passed' }));
});

test('piped output has no control codes', async () => {
  const { stdout, stderr } = await sandbox().run(['--nproc-per-node=2'], { env: { FORCE_COLOR: '1', TERM: 'xterm' } });
  expect(stdout).toContain('✓ ALL');
  expect(`${stdout}${stderr}`).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

const HAS_TERMINALS = existsSync('/usr/bin/script');

test.for([
  [undefined, '\u001b[32m✓\u001b[0m ALL ASSERTIONS PASSED'],
  ['1', '✓ ALL ASSERTIONS PASSED'],
] as const)('in a terminal with NO_COLOR=%s the marks are painted accordingly', async ([noColor, line], { skip }) => {
  skip(!HAS_TERMINALS, 'script(1), which makes pseudo-terminals, is not here');
  const box = sandbox();
  const command = `'${process.execPath}' '${join(ROOT, 'dist', 'ckpt-run.cjs')}' --scenario basic`;
  const env = { TMPDIR: box.temporary, TERM: 'xterm', NO_COLOR: noColor };
  const { code, stdout } = await runCommand('script', ['-qec', command, '/dev/null'], { cwd: box.directory, env });
  expect(code).toBe(0);
  expect(stdout.split('\r\n')).toContain(line);
});
