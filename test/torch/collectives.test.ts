import { describe, expect } from 'vitest';
import { freeMasterAddress } from '../../launcher/group/master-address.ts';
import { linesOf, sandbox } from '../e2e/sandbox.ts';
import { pathOf, startTorch, torchTest } from './torch-run.ts';

const ALL_REDUCE = pathOf('all_reduce.py');

/** What the ranks print when each has got N(N-1)/2. */
const sums = (ranks: readonly number[], worldSize: number): unknown =>
  expect.arrayContaining(ranks.map((rank) => `[rank ${rank}] all ranks add up to ${(worldSize * (worldSize - 1)) / 2}`));

describe('run_distributed_sum_homogeneous', () => {
  torchTest.for([
    ['test_init_method_env_with_torchelastic', 'env', 2],
    ['test_init_method_env_with_torchelastic', 'env', 4],
    ['test_init_method_tcp_with_torchelastic', 'tcp', 2],
    ['test_init_method_tcp_with_torchelastic', 'tcp', 4],
  ] as const)('%s: %s://, %i ranks', async ([, method, worldSize]) => {
    const { code, stdout, stderr } = await startTorch(sandbox(), [`--nproc-per-node=${worldSize}`], [ALL_REDUCE, method]).ended;
    expect(code, stderr).toBe(0);
    const ranks = Array.from({ length: worldSize }, (_, rank) => rank);
    expect(linesOf(stdout)).toEqual(sums(ranks, worldSize));
  });
});

torchTest('test_launch_elastic_multiple_agents: the ranks of two launchers are one process group', async () => {
  const box = sandbox();
  const { port } = await freeMasterAddress();
  const shared = ['--nnodes=2', '--nproc-per-node=2', `--master-port=${port}`, '--output-dir=out', '--rdzv-id=job'];
  const runs = [0, 1].map((node) => startTorch(box, [...shared, `--node-rank=${node}`], [ALL_REDUCE, 'env']));
  for (const [node, run] of runs.entries()) {
    const { code, stdout, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    expect(linesOf(stdout)).toEqual(sums([2 * node, 2 * node + 1], 4));
  }
});
