import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programEnvironment, type RankStart } from '../../../launcher/program/program-environment.ts';
import type { ProgramRequest } from '../../../launcher/program/program-request.ts';
import { worldFromEnvironment } from '../../../shared/contracts/world.ts';
import { request } from './asked.ts';
import '../../property-seed.ts';

// Tests called as those of PyTorch's suite for which they stand.

const START: RankStart = {
  localRank: 0,
  runId: 'job',
  attempt: 0,
  master: { host: 'localhost', port: 12_345 },
  errorFile: '/logs/attempt_0/0/error.json',
};

type Environment = Readonly<Record<string, string | undefined>>;

const environmentOf = (
  options: readonly string[],
  start: Partial<RankStart> = {},
  launchers: Environment = {},
): Record<string, string> => programEnvironment(launchers, request(options), { ...START, ...start });

test('run_check_env_function: exactly these variables, for one rank of several nodes', () => {
  const options = ['--nnodes=3', '--node-rank=1', '--nproc-per-node=2', '--role=trainer', '--max-restarts=5'];
  expect(environmentOf(options, { localRank: 1, attempt: 2 })).toEqual({
    LOCAL_RANK: '1',
    RANK: '3',
    GROUP_RANK: '1',
    ROLE_RANK: '3',
    LOCAL_WORLD_SIZE: '2',
    WORLD_SIZE: '6',
    GROUP_WORLD_SIZE: '3',
    ROLE_WORLD_SIZE: '6',
    ROLE_NAME: 'trainer',
    MASTER_ADDR: 'localhost',
    MASTER_PORT: '12345',
    TORCHELASTIC_RESTART_COUNT: '2',
    TORCHELASTIC_MAX_RESTARTS: '5',
    TORCHELASTIC_RUN_ID: 'job',
    TORCHELASTIC_USE_AGENT_STORE: 'False',
    TORCHELASTIC_ERROR_FILE: '/logs/attempt_0/0/error.json',
    TORCHELASTIC_SIGNALS_TO_HANDLE: 'SIGTERM,SIGINT,SIGHUP,SIGQUIT',
    TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
    OMP_NUM_THREADS: '1',
  });
});

describe("the launcher's own environment", () => {
  test('is handed on (TEST_SENTINEL_PARENT)', () => {
    expect(environmentOf([], {}, { TEST_SENTINEL_PARENT: 'FOOBAR', PATH: '/bin', UNSET: undefined })).toMatchObject({
      TEST_SENTINEL_PARENT: 'FOOBAR',
      PATH: '/bin',
    });
    expect(Object.keys(environmentOf([], {}, { UNSET: undefined }))).not.toContain('UNSET');
  });

  test('does not make a rank another one', () => {
    const inherited = { RANK: '7', WORLD_SIZE: '8', LOCAL_RANK: '7', MASTER_PORT: '1', TORCHELASTIC_ERROR_FILE: '/x' };
    const environment = environmentOf([], {}, inherited);
    expect(environment).toMatchObject({ RANK: '0', WORLD_SIZE: '1', LOCAL_RANK: '0', MASTER_PORT: '12345' });
    expect(environment['TORCHELASTIC_ERROR_FILE']).toBe(START.errorFile);
  });
});

test('run_check_nccl_async_error_handling_env, run_check_nccl_async_error_handling_env_default', () => {
  const name = 'TORCH_NCCL_ASYNC_ERROR_HANDLING';
  const given = ['0', '', undefined].map((value) => environmentOf([], {}, { [name]: value })[name]);
  expect(given).toEqual(['0', '', '1']);
});

describe('OMP_NUM_THREADS', () => {
  test.for([
    ['one rank', ['--nproc-per-node=1'], undefined, undefined],
    ['several ranks', ['--nproc-per-node=2'], undefined, '1'],
    ['several ranks, and it is set', ['--nproc-per-node=2'], '4', '4'],
    ['several nodes with a rank each', ['--nnodes=2'], undefined, undefined],
  ] as const)('%s', ([, options, inherited, expected]) => {
    expect(environmentOf(options, {}, { OMP_NUM_THREADS: inherited })['OMP_NUM_THREADS']).toBe(expected);
  });
});

test('a rank is told the id of its run', () => {
  expect(environmentOf([])['TORCHELASTIC_RUN_ID']).toBe('job');
  expect(request(['--rdzv-id=mine']).placement.runId).toBe('mine');
});

test('what --signals-to-handle says is told to the ranks', () => {
  const environment = environmentOf(['--signals-to-handle=SIGTERM,SIGUSR1,NONSENSE']);
  expect(environment['TORCHELASTIC_SIGNALS_TO_HANDLE']).toBe('SIGTERM,SIGUSR1');
});

/** Every rank's environment, as the launchers of all nodes make it. */
function wholeWorld(nodes: number, each: number): readonly Record<string, string>[] {
  const options = [`--nnodes=${nodes}`, `--nproc-per-node=${each}`];
  return Array.from({ length: nodes }, (_, node) => request([...options, `--node-rank=${node}`])).flatMap(
    (node: ProgramRequest) =>
      Array.from({ length: each }, (_, localRank) => programEnvironment({}, node, { ...START, localRank })),
  );
}

test('correct_rank_assignment_*, test_assign_worker_ranks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }), (nodes, each) => {
      const ranks = wholeWorld(nodes, each);
      const expected = Array.from({ length: nodes * each }, (_, rank) => String(rank));
      expect(ranks.map(({ RANK }) => RANK)).toEqual(expected);
      expect(ranks.map(({ ROLE_RANK }) => ROLE_RANK)).toEqual(expected);
      expect(ranks.map(({ LOCAL_RANK }) => LOCAL_RANK)).toEqual(expected.map((rank) => String(Number(rank) % each)));
      expect(ranks.map(({ GROUP_RANK }) => GROUP_RANK)).toEqual(expected.map((rank) => String(Math.floor(Number(rank) / each))));
      for (const rank of ranks)
        expect(worldFromEnvironment(rank)).toMatchObject({ worldSize: nodes * each, localWorldSize: each });
    }),
    { numRuns: 20 },
  );
});
