import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder } from '../../scripts/source-files.ts';
import { linesOf, onlyVerdict, sandbox } from './sandbox.ts';

/** What the user's document calls the symptom, and its fix. */
const FAILURES = [
  {
    scenario: 'bug-update-after-save',
    invariant: 'best-exists',
    line: '✗ Best checkpoint missing: checkpoint-75 (step 75, rank 0)',
    fix: 'Ensure update_best_checkpoints() is called BEFORE save_checkpoint().',
    also: ['best-preserved', 'best-updated-before-save', 'preserved-list-accurate', 'no-good-deleted'],
  },
  {
    scenario: 'bug-no-on-evaluate',
    invariant: 'divergence-detected',
    line: '✗ Divergence detector did not trigger (ranks 0,1)',
    fix: 'Verify on_evaluate() is implemented; lower the threshold or increase the spike magnitude.',
    also: ['detector-receives-evaluations'],
  },
  {
    scenario: 'bug-no-trim',
    invariant: 'best-count',
    line: '✗ Best checkpoints count: 4 <= preserve_n_best=2 (step 75, ranks 0,1)',
    fix: 'Verify preserve_n_best slicing happens in update_best_checkpoints().',
    also: ['best-tracked', 'disk-expected'],
  },
];

test.for(FAILURES)(
  '$scenario fails with the text and the fix of the document',
  async ({ scenario, invariant, line, fix, also }) => {
    const box = sandbox();
    const { code, stdout, report } = await box.runForReport(['--nproc_per_node=2', '--scenario', scenario, '--discard-outputs']);
    expect(code).toBe(1);
    const lines = linesOf(stdout);
    const at = lines.indexOf(line);
    expect(lines.slice(at, at + 4)).toEqual([
      line,
      expect.stringMatching(/^ {4}expected: /),
      expect.stringMatching(/^ {4}found: {4}/),
      `    fix:      ${fix}`,
    ]);
    expect(stdout).toMatch(/^✗ \d OF \d\d ASSERTIONS FAILED$/m);
    expect(stdout).not.toContain('ALL ASSERTIONS PASSED');
    expect(report).toMatchObject({ status: 'failed', exitCode: 1, failure: null, ranks: [{ exitCode: 0 }, { exitCode: 0 }] });
    const { status, findings } = onlyVerdict(report);
    expect(status).toBe('failed');
    const failed = findings.filter((finding) => finding.status === 'failed').map((finding) => finding.invariant);
    expect(failed.toSorted()).toEqual([invariant, ...also].toSorted());
    expect(box.leftovers()).toEqual([]);
  },
);

test('bug-early-return hangs: 124, and the missing rank is named with its process', async () => {
  const box = sandbox();
  // Longer than the scenario's own two seconds, so that a slow machine is not taken for the hang.
  const args = ['--nproc_per_node=2', '--scenario', 'bug-early-return', '--barrier-timeout=4', '--output-dir=out'];
  const { code, stdout, stderr, report } = await box.runForReport(args);
  expect(code).toBe(124);
  expect(stdout).toBe('');
  const pid = report.ranks[1]?.pid;
  const lines = linesOf(stderr);
  expect(lines.slice(lines.findIndex((line) => line.startsWith('ckpt-run: HANG:')))).toEqual([
    expect.stringMatching(
      /^ckpt-run: HANG: barrier #\d+ "bug-early-return\/save@75:written" timed out .*: missing rank 1 \(arrived: rank 0\) {2}\[CKPT_BARRIER_TIMEOUT\]$/,
    ),
    expect.stringMatching(
      /^ {4}verdict: {2}rank 1 lives, but does nothing that leads to the barrier: .* {2}\[H07 skipped-barrier, /,
    ),
    '    arrived:  rank 0',
    expect.stringMatching(`^    missing:  rank 1, pid ${pid}, alive, last record `),
    ...lines.slice(
      lines.findIndex((line) => line.startsWith('    states:')),
      -3,
    ),
    '    fix:      All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls.',
    expect.stringMatching(/^ {4}files: {4}journal\/rank-1\.jsonl in /),
    report.runDirectory,
  ]);
  expect(report).toMatchObject({
    status: 'failed',
    failure: { kind: 'hang', barrier: { reason: 'timeout', arrived: [0], missing: [1] } },
    ranks: [{ rank: 0 }, { rank: 1, endedByLauncher: true, reachedEnd: false }],
  });
  const kept = report.runDirectory?.slice(box.directory.length + 1);
  expect(box.read(`${kept}/report.json`)).toBe(box.read('report.json'));
  expect(box.leftovers()).toEqual([]);
});

test('bug-early-return is refused with one rank, which cannot wait for another', async () => {
  const box = sandbox();
  const run = await box.run(['--scenario', 'bug-early-return']);
  expect(run).toMatchObject({ code: 2, stdout: '' });
  expect(run.stderr).toBe(
    'ckpt-run: --nproc-per-node 1: scenario bug-early-return needs at least 2 ranks. Add --nproc-per-node=2.\n',
  );
  expect(box.leftovers()).toEqual([]);
});

test('ckpt-run scenarios lists every scenario with one line', async () => {
  const { code, stdout, stderr } = await sandbox().run(['scenarios']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const names = filesUnder(['scenarios'], ['.ts']).map(({ path }) => basename(path, '.ts'));
  expect(names).toEqual(expect.arrayContaining(['basic', 'spike', 'bug-early-return', 'hang-loop-blocked-js']));
  expect(linesOf(stdout).map((line) => line.split(/ {2,}/))).toEqual(names.sort().map((name) => [name, expect.any(String)]));
});
