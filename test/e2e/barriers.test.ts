import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { reportOf, runProgram } from './program-run.ts';
import { ckptRun } from './run-command.ts';
import { linesOf } from './sandbox.ts';
import { workplace } from './workplace.ts';

const NODE_RANK = `
import { init } from 'ckpt-run';
const group = init({ timeoutMs: 20_000 });
await group.barrier('start');
for (let step = 0; step < 3; step += 1) console.log('sum', await group.allReduce('sum', group.rank + step, 'sum'));
console.log('all', JSON.stringify(await group.allGather('who', 'node')));
await group.barrier('end');
group.close();
`;

const SHELL_RANK = `
ckpt-run barrier start --timeout 20 &&
for step in 0 1 2; do ckpt-run barrier sum --timeout 20 --payload $((RANK + step)) --gather || exit; done &&
ckpt-run barrier who --timeout 20 --payload '"shell"' --gather &&
exec ckpt-run barrier end --timeout 20
`;

test('shell ranks and Node ranks meet at the same barriers', async () => {
  const { box, env } = workplace();
  box.write('rank.mjs', NODE_RANK);
  const script = `case $RANK in 0|3) exec node rank.mjs;; esac\n${SHELL_RANK}`;
  const options = ['--nproc-per-node=4', '--output-dir=out', '--keep-outputs'];
  const { code, stdout, stderr } = await runProgram(box, options, script, { env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const who = JSON.stringify(['node', 'shell', 'shell', 'node']);
  const ofNode = ['sum 6', 'sum 10', 'sum 14', `all ${who}`];
  const ofShell = ['[0,1,2,3]', '[1,2,3,4]', '[2,3,4,5]', who];
  const printed = (rank: number): readonly string[] =>
    linesOf(stdout).flatMap((line) => (line.startsWith(`[rank ${rank}] `) ? [line.slice(9)] : []));
  expect([0, 1, 2, 3].map(printed)).toEqual([ofNode, ofShell, ofShell, ofNode]);

  const [runId = ''] = box.list('out/.ckpt-run').filter((name) => !name.startsWith('lease'));
  const journals = [0, 1, 2, 3].map((rank) => box.read(`out/.ckpt-run/${runId}/attempt_0/journal/rank-${rank}.jsonl`));
  for (const journal of journals) {
    const events = journal.trimEnd().split('\n').map((line): { type: string } => JSON.parse(line)); // biome-ignore format: short
    const types = events.map(({ type }) => type).filter((type) => type !== 'rank:finished');
    expect(types).toEqual(['rank:started', ...Array(6).fill(['barrier:arrived', 'barrier:passed']).flat()]);
  }
});

test('a shell rank is told who is missing, now and at the next barrier, and nothing of it is printed as a result', async () => {
  const { box, env } = workplace();
  const script = `[ $RANK = 0 ] || { until [ -e told/rank-0 ]; do sleep 0.02; done; exit 0; }
    ckpt-run barrier save --timeout 300ms --gather; first=$?
    ckpt-run barrier next --timeout 20; echo "$first $?"
    tell rank-0`;
  const run = await runProgram(box, ['--nproc-per-node=3'], script, { env });
  expect(run).toMatchObject({ code: 0, stdout: '[rank 0] 124 124\n' });
  const told = linesOf(run.stderr);
  expect(told).toHaveLength(2);
  for (const line of told) expect(line).toContain('barrier #0 "save" timed out after 0.3 s: missing ranks 1,2 (arrived: rank 0)');
});

test('a Node rank that waits too long ends with the names of the missing and its own line', async () => {
  const { box, env } = workplace();
  box.write(
    'rank.ts',
    `import { init } from 'ckpt-run';\n\nconst group: { barrier(name: string): Promise<void> } = init({ timeoutMs: 300 });\nawait group.barrier('save');\n`,
  );
  const script = `[ $RANK = 0 ] || { echo "I dream" >&2; exec sleep 20; }; exec ${process.execPath} --import tsx rank.ts`;
  symlinkSync(join(ROOT, 'node_modules', 'tsx'), join(box.directory, 'node_modules', 'tsx'));
  box.write('package.json', '{ "type": "module" }');
  const { code, stderr } = await runProgram(box, ['--nproc-per-node=2', '--report=report.json'], script, { env });
  expect(code).toBe(124);
  expect(reportOf(box).failure).toMatchObject({ kind: 'hang', barrier: { name: 'save', missing: [1] } });
  expect(linesOf(stderr.replaceAll(/^\[rank .*\n/gm, '')).slice(0, -1)).toEqual([
    'ckpt-run: sh: HANG: barrier #0 "save" timed out after 0.3 s: missing rank 1 (arrived: rank 0)  [CKPT_BARRIER_TIMEOUT]',
    expect.stringMatching(/^ {4}missing: {2}rank 1, pid \d+, was alive when the others gave up$/),
    '    ended:    rank 0, because of that',
    '    stderr:',
    '      I dream',
    expect.stringMatching(/^ {4}logs: {5}.*attempt_0\/1$/),
    expect.stringMatching(/^ {4}fix: {6}All ranks must hit barriers: /),
  ]);
  expect(stderr).toContain('CkptError: barrier #0 "save" timed out after 0.3 s: missing rank 1 (arrived: rank 0)');
  expect(stderr).toContain(`at ${join(box.directory, 'rank.ts')}:4`);
  expect(stderr).not.toContain('arrivals:');
});

test.for<[string, readonly string[], string]>([
  ['a payload that is no JSON', ['here', '--payload={x}'], '--payload: got "{x}", expected JSON'],
  ['a time-out of nothing', ['here', '--timeout=0'], '--timeout: got "0", expected seconds above 0'],
  ['an empty name', [' '], 'ckpt-run barrier: got " ", expected a text that is not empty'],
  ['no name', [], 'ckpt-run barrier: got nothing, expected one NAME'],
  [
    'a process that is no rank',
    ['here'],
    'this process is no rank: CKPT_RANK_RUN_DIRECTORY is not set. Launch its program as the ranks',
  ],
])('%s is refused in one line', async ([, args, sentence]) => {
  const { code, stdout, stderr } = await ckptRun(['barrier', ...args], { env: { CKPT_RANK_RUN_DIRECTORY: undefined } });
  expect({ code, stdout, lines: linesOf(stderr).length }).toEqual({ code: 2, stdout: '', lines: 1 });
  expect(stderr).toContain(`ckpt-run: ${sentence}`);
});
