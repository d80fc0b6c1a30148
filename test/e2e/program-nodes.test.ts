import { describe, expect, test } from 'vitest';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import { meet } from './barrier-client.ts';
import { type ProgramRun, runProgram, startProgram, wordOf, wordsOf } from './program-run.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

const node = (rank: number, ...more: readonly string[]): readonly string[] => [
  '--nnodes=2',
  `--node-rank=${rank}`,
  '--nproc-per-node=2',
  '--output-dir=out',
  '--rdzv-id=job 1',
  ...more,
];

/** The same with a single rank on each node. */
const alone = (rank: number): readonly string[] => node(rank).filter((option) => !option.startsWith('--nproc-per-node'));

const SCRIPT = `tell "$RANK of $WORLD_SIZE, $LOCAL_RANK of $LOCAL_WORLD_SIZE, node $GROUP_RANK of $GROUP_WORLD_SIZE" $MASTER_PORT
  [ -d "$CKPT_RANK_RUN_DIRECTORY/barriers" ] && tell "directory $RANK" "$CKPT_RANK_RUN_DIRECTORY"
  until [ -e go ]; do sleep 0.02; done`;

test('test_launch_elastic_multiple_agents: two launchers are the two nodes of one run: ranks count on, the directory is shared, and nothing stays', async () => {
  const box = sandbox();
  const runs = [0, 1].map((rank) => startProgram(box, node(rank), SCRIPT));
  await Promise.all([0, 1, 2, 3].map((rank) => runs[rank >> 1]?.told(`directory ${rank}`)));
  const worlds = [0, 1, 2, 3].map((rank) => `${rank} of 4, ${rank % 2} of 2, node ${rank >> 1} of 2`);
  expect(wordsOf(box).filter((word) => word.includes('of'))).toEqual(worlds);
  expect(worlds.map((word) => wordOf(box, word))).toEqual([29_500, 29_500, 29_500, 29_500]);
  expect(new Set([0, 1, 2, 3].map((rank) => box.read(`told/directory ${rank}`))).size).toBe(1);
  box.write('go', '');
  for (const run of runs) expect(await run.ended).toMatchObject({ code: 0, stderr: '' });
  expect(box.list('out/.ckpt-run')).toEqual([]);
});

test('test_rdzv_handler_shutdown_on_agent_error: a node of a failed run cannot enter it again', async () => {
  const box = sandbox();
  expect(await runProgram(box, node(1), 'exit 9')).toMatchObject({ code: 9 });
  const { code, stderr } = await runProgram(box, node(1), 'exit 0');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^ckpt-run: --rdzv-id: node 1 has run under this name before, or runs now\. Choose another --rdzv-id/);
  expect(box.list('out/.ckpt-run/job_20_1/attempt_0/node_1')).toEqual(['0', '1']);
});

test.for([
  ['--output-dir', ['--nnodes=2', '--rdzv-id=a']],
  ['--rdzv-id', ['--nnodes=2', '--output-dir=out']],
  ['--max-restarts', node(0, '--max-restarts=1')],
] as const)('several nodes without the right %s are refused', async ([option, args]) => {
  const box = sandbox();
  const { code, stderr } = await runProgram(box, args, 'tell started');
  expect(code).toBe(2);
  expect(stderr).toMatch(`ckpt-run: ${option}: `);
  expect(box.list('told')).toEqual([]);
});

describe('test_rdzv_handler_shutdown_on_agent_signal: what ends the ranks of one node ends those of the others, which say why', () => {
  /** Both nodes, when all their ranks have started. */
  async function started(box: Sandbox, script: string): Promise<readonly [ProgramRun, ProgramRun]> {
    const run = (rank: number): ProgramRun => startProgram(box, node(rank, `--report=report-${rank}.json`), script);
    const runs = [run(0), run(1)] as const;
    await Promise.all([0, 1, 2, 3].map((rank) => runs[rank < 2 ? 0 : 1].told(`started ${rank}`)));
    return runs;
  }
  const FOREVER = 'tell "started $RANK"; while :; do sleep 0.02; done';
  const failureOf = (box: Sandbox, rank: number): RunReport['failure'] =>
    (JSON.parse(box.read(`report-${rank}.json`)) as RunReport).failure;

  test('a failing rank, at once, with its exit code', async () => {
    const box = sandbox();
    const script = `tell "started $RANK"; until [ -e go ]; do sleep 0.02; done; [ $RANK = 3 ] && exit 7; exec sleep 300`;
    const runs = await started(box, script);
    box.write('go', '');
    const [first, second] = await Promise.all(runs.map(({ ended }) => ended));
    expect([first?.code, second?.code]).toEqual([7, 7]);
    expect(second?.stderr).toMatch(/^ckpt-run: sh: rank 3 exited with code 7 after .*\[CKPT_RANK_FAILED\]$/m);
    expect(second?.stderr).toMatch(/^ {4}ended: {4}rank 2, because of that$/m);
    expect(first?.stderr).toMatch(/^ckpt-run: sh: node 1: rank 3 exited with code 7 {2}\[CKPT_NODE_FAILED\]$/m);
    expect(first?.stderr).toMatch(/^ {4}ended: {4}ranks 0,1, because of that$/m);
    expect(failureOf(box, 0)).toMatchObject({
      kind: 'node-failed',
      node: 1,
      exitCode: 7,
      error: { evidence: { node: 1, rank: 3 } },
    });
  });

  test.for([
    ['of the same node', 2],
    ['of another node', 0],
  ] as const)('a failing rank, although one %s lost its connection to it and ended sooner', async ([, loser]) => {
    const box = sandbox();
    const script = `trap '' TERM; tell "started $RANK"; until [ -e go ]; do sleep 0.02; done
      [ $RANK = ${loser} ] && { echo 'Connection closed by peer' >&2; seq 20 >&2; exit 8; }
      until [ -e out/.ckpt-run/job_20_1/failure.json ]; do sleep 0.02; done
      [ $RANK = 3 ] && { echo 'Traceback (most recent call last):' >&2; exit 7; }; exit 0`;
    const runs = await started(box, script);
    box.write('go', '');
    const [first, second] = await Promise.all(runs.map(({ ended }) => ended));
    expect([first?.code, second?.code]).toEqual([7, 7]);
    expect(first?.stderr).toMatch(/^ckpt-run: sh: node 1: rank 3 exited with code 7 {2}\[CKPT_NODE_FAILED\]$/m);
    expect(second?.stderr).toMatch(/^ckpt-run: sh: rank 3 exited with code 7 after .*\[CKPT_RANK_FAILED\]$/m);
    // What it said itself is not kept from whoever reads only that.
    if (loser === 0) expect(first?.stderr).toMatch(/^ {4}stderr:\n {6}5\n(?:.*\n)*? {4}logs: {5}.*node_0\/0$/m);
  });

  test('a rank that has exited with 0 while the other node waits for it', async () => {
    const box = sandbox();
    const script = `tell "started $RANK"; until [ -e 'told/started 0' ]; do sleep 0.02; done; [ $RANK = 1 ] && exit 0; ${meet('save')}`;
    const runs = [0, 1].map((rank) => startProgram(box, alone(rank), script));
    const [first, second] = await Promise.all(runs.map(({ ended }) => ended));
    expect([first?.code, second?.code]).toEqual([124, 0]);
    expect(first?.stderr).toContain('ckpt-run: sh: rank 1 exited with code 0, while rank 0 waited for it at barrier #0 "save"');
  });

  test.for([
    ['an interrupt', 'SIGTERM', 'interrupted by SIGTERM', 143],
    ['SIGKILL to its launcher', 'SIGKILL', 'its launcher was killed', 137],
  ] as const)('%s', async ([, signal, what, code]) => {
    const box = sandbox();
    const runs = await started(box, FOREVER);
    runs[1].launcher.kill(signal);
    const { stderr, code: found } = await runs[0].ended;
    expect(stderr).toContain(`ckpt-run: sh: node 1: ${what}  [CKPT_NODE_FAILED]`);
    expect(found).toBe(code);
  });
});

test('a node that ends well ends no other', async () => {
  const box = sandbox();
  const script = `tell "started $RANK"; until [ -e "told/started 0" ]; do sleep 0.02; done
    [ $RANK -ge 2 ] || until [ -e go ]; do sleep 0.02; done`;
  const runs = [0, 1].map((rank) => startProgram(box, node(rank), script));
  await runs[0]?.told('started 0');
  expect(await runs[1]?.ended).toMatchObject({ code: 0, stderr: '' });
  box.write('go', '');
  expect(await runs[0]?.ended).toMatchObject({ code: 0, stderr: '' });
});
