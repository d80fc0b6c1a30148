import { expect, test } from 'vitest';
import { runProgram, startProgram, wordOf, wordsOf } from './program-run.ts';
import { sandbox } from './sandbox.ts';

const node = (rank: number, ...more: readonly string[]): readonly string[] => [
  '--nnodes=2',
  `--node-rank=${rank}`,
  '--nproc-per-node=2',
  '--output-dir=out',
  '--rdzv-id=job 1',
  ...more,
];

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

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGKILL', null],
] as const)(
  'test_rdzv_handler_shutdown_on_agent_signal: %s to one launcher ends its ranks and no others',
  async ([signal, code]) => {
    const box = sandbox();
    const runs = [0, 1].map((rank) => startProgram(box, node(rank), SCRIPT));
    await Promise.all([0, 1, 2, 3].map((rank) => runs[rank >> 1]?.told(`directory ${rank}`)));
    runs[1]?.launcher.kill(signal);
    expect(await runs[1]?.ended).toMatchObject({ code });
    box.write('go', '');
    expect(await runs[0]?.ended).toMatchObject({ code: 0, stderr: '' });
  },
);
