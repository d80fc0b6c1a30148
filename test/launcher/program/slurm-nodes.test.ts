import { expect, test } from 'vitest';
import { slurmNode } from '../../../launcher/program/slurm-nodes.ts';

const STEP = {
  ...{ SLURM_JOB_ID: '17', SLURM_STEP_ID: '0', SLURM_STEP_NUM_NODES: '2', SLURM_STEP_NUM_TASKS: '2', SLURM_NODEID: '1' },
  SLURM_STEP_NODELIST: 'n[07-08]',
};

test('one launcher on each node is told which it is', () => {
  const first = { nodeCount: 2, nodeRank: 1, firstHost: 'n07', runId: 'slurm-17-0-0' };
  expect(slurmNode(STEP)).toEqual(first);
  expect(slurmNode({ ...STEP, SLURM_RESTART_COUNT: '3' })).toEqual({ ...first, runId: 'slurm-17-0-3' });
});

test.for([
  ['a,b', 'a'],
  ['gpu-1.cluster', 'gpu-1.cluster'],
  ['n[3,5-7],m1', 'n3'],
  ['n[1-2]x[1-2]', undefined],
  ['', undefined],
] as const)('rank 0 of the nodes %s runs on %s', ([list, firstHost]) => {
  expect(slurmNode({ ...STEP, SLURM_STEP_NODELIST: list })).toMatchObject({ firstHost });
});

test.for([
  ['a single node', { SLURM_STEP_NUM_NODES: '1', SLURM_STEP_NUM_TASKS: '1', SLURM_NODEID: '0' }],
  ['several tasks on a node', { SLURM_STEP_NUM_TASKS: '4' }],
  ['the shell of a batch job', { SLURM_STEP_ID: undefined }],
  ['a number that is none', { SLURM_NODEID: 'x' }],
  ['a node that is not there', { SLURM_NODEID: '2' }],
] as const)('%s is no such launcher', ([, change]) => {
  expect(slurmNode({ ...STEP, ...change })).toBeUndefined();
});
