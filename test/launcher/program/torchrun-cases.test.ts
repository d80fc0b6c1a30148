// biome-ignore-all lint/suspicious/noTemplateCurlyInString: torchrun's placeholders look like that
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../launcher/rank-host.ts';
import { asked, refusal, request } from './asked.ts';

// Each test is called as the one of PyTorch's suite that it stands for; in brackets what it says where ckpt-run differs.

const commands = (args: readonly string[], environment?: Readonly<Record<string, string>>): readonly Command[] => {
  const { commandOf, placement } = asked(args, environment).request;
  return Array.from({ length: placement.localWorldSize }, (_, localRank) => commandOf(localRank));
};

test('test_launch_user_script_python', () => {
  const command = { file: 'python3', args: ['-u', 'test_script.py', '--touch-file-dir=/tmp'] };
  const launched = commands(['--nnodes=1', '--nproc-per-node=4', 'test_script.py', '--touch-file-dir=/tmp']);
  expect(launched).toEqual([command, command, command, command]);
});

test('test_launch_user_script_python_caffe2_bc', () => {
  const { placement } = request(['--nproc_per_node=4', '--master_addr=localhost', '--master_port=2345', '--node_rank=0']);
  expect(placement).toMatchObject({ localWorldSize: 4, masterAddr: 'localhost', masterPort: 2345, nodeRank: 0, nodeCount: 1 });
});

test('test_launch_user_script_bash', () => {
  expect(commands(['--nproc-per-node=1', '--no-python', './test.sh', '${local_rank}'])).toEqual([
    { file: './test.sh', args: ['0'] },
  ]);
  expect(refusal(['--no-python', '-m'])).toBe('--module and --no-python: given together, expected one of them');
});

test('test_launch_user_script_default_nproc', () => expect(request([]).placement.localWorldSize).toBe(1));

describe('test_launch_with_env_vars', () => {
  const PET = {
    PET_NNODES: '1',
    PET_NPROC_PER_NODE: '4',
    PET_RDZV_ID: 'job',
    PET_MAX_RESTARTS: '3',
    PET_NO_PYTHON: '1',
    PET_START_METHOD: 'fork',
    PET_MONITOR_INTERVAL: '1',
  };

  test('PET_NNODES, PET_NPROC_PER_NODE, PET_NO_PYTHON and others are as the options', () => {
    const { placement, maxRestarts, commandOf } = request([], PET);
    expect({ ...placement, maxRestarts }).toMatchObject({ localWorldSize: 4, nodeCount: 1, runId: 'job', maxRestarts: 3 });
    expect(commandOf(0).file).toBe('train.py');
  });

  test('PET_MODULE=1 with PET_NO_PYTHON=1 is an error, and PET_MODULE=0 is fine', () => {
    expect(refusal([], { ...PET, PET_MODULE: '1' })).toBe('PET_MODULE and PET_NO_PYTHON: given together, expected one of them');
    expect(refusal([], { ...PET, PET_MODULE: '0' })).toBeUndefined();
  });

  test('the command line wins', () => expect(request(['--nproc-per-node=2'], PET).placement.localWorldSize).toBe(2));
});

test('test_nproc_launch_auto_configurations', () => {
  expect(request(['--nproc-per-node=auto']).placement.localWorldSize).toBe(availableParallelism());
});

test('test_nproc_launch_number_configurations', () => expect(request(['--nproc-per-node=4']).placement.localWorldSize).toBe(4));

test('test_nproc_launch_unknown_configurations', () =>
  expect(refusal(['--nproc-per-node=unknown'])).toBe(
    '--nproc-per-node: got "unknown", expected a whole number from 1 to 4096, auto or cpu',
  ));

test('test_nproc_gpu_launch_configurations (no accelerators are counted here)', () => {
  for (const kind of ['gpu', 'xpu'])
    expect(refusal([`--nproc-per-node=${kind}`])).toBe(
      `--nproc-per-node: got "${kind}", but accelerators are not counted here, expected a whole number from 1 to 4096, auto or cpu`,
    );
});

test('test_determine_local_world_size_cpu, test_determine_local_world_size_integer, test_determine_local_world_size_invalid', () => {
  const sizes = ['cpu', '4'].map((text) => request([`--nproc-per-node=${text}`]).placement.localWorldSize);
  expect(sizes).toEqual([availableParallelism(), 4]);
  for (const text of ['tpu', '0', '-1', '2.5', ''])
    expect(refusal([`--nproc-per-node=${text}`])).toMatch(/^--nproc-per-node: (?:got .*, expected|a value is missing)/);
});

test('test_min_max_nodes_parse, test_parse_min_max_nnodes_* (a range is refused)', () => {
  expect(['1', '1:1', '20:20'].map((text) => request([`--nnodes=${text}`]).placement.nodeCount)).toEqual([1, 1, 20]);
  for (const text of ['2:20', '1:2', '2:20:30', '0', '0:0', '-1', 'two', ':', '2:'])
    expect(refusal([`--nnodes=${text}`])).toBe(
      `--nnodes: got "${text}", expected a positive whole number (nodes neither come nor go here, so there is no MIN:MAX)`,
    );
});

test('test_launch_elastic (a range of nodes is refused)', () => {
  const options = ['--nnodes=1:2', '--nproc-per-node=4', '--rdzv-backend=c10d', '--rdzv-endpoint=localhost:0', '--rdzv-id=x'];
  expect(refusal(options)).toMatch(/^--nnodes: got "1:2", expected a positive whole number \(nodes neither come nor go here/);
});

test('test_binary_duplicate_log_filters (refused)', () => {
  for (const stream of ['stdout', 'stderr'])
    expect(refusal(['--tee=3', `--duplicate-${stream}-filters=helloA`])).toBe(
      `--duplicate-${stream}-filters: got "helloA", but lines are not copied by their text, expected -t ${stream === 'stdout' ? 1 : 2} and grep`,
    );
});

test('run_agent_local_watchdog_setup_enabled, run_agent_local_watchdog_setup_disabled (refused, or nothing)', () => {
  expect(refusal([], { TORCHELASTIC_ENABLE_FILE_TIMER: '1' })).toBe(
    'TORCHELASTIC_ENABLE_FILE_TIMER: got "1", but nobody reads the timers of ranks here, expected --timeout',
  );
  expect(refusal([], { TORCHELASTIC_ENABLE_FILE_TIMER: '0' })).toBeUndefined();
});

test('test_logs_logs_spec_entrypoint_must_be_defined (always refused)', () => {
  expect(refusal(['--logs-specs=DOESNOT_EXIST'])).toBe(
    '--logs-specs: got "DOESNOT_EXIST", but the layout is no Python class, expected --log-dir, -r and -t',
  );
});

test('test_single_node_explicit_port_uses_static', () => {
  expect(request(['--master-port=12345']).placement.masterPort).toBe(12345);
  expect(request([]).placement).toMatchObject({ masterAddr: undefined, masterPort: undefined });
});

test('test_standalone_still_works', () => {
  const { placement } = request(['--standalone', '--rdzv-id=x', '--rdzv-backend=etcd', '--master-port=1', '--nproc-per-node=2']);
  expect(placement).toMatchObject({ localWorldSize: 2, masterAddr: undefined, masterPort: undefined, runId: undefined });
  expect(refusal(['--standalone', '--nnodes=2'])).toBe('--standalone and --nnodes 2: given together, expected one of them');
});

describe('test_get_rdzv_endpoint_*', () => {
  test.for([
    [['--master-addr=10.0.0.1', '--master-port=5'], '10.0.0.1', 5],
    [['--rdzv-endpoint=h:7', '--master-addr=10.0.0.1', '--master-port=5'], 'h', 7],
    [['--rdzv-endpoint=[::1]:7'], '::1', 7],
    [['--rdzv-backend=c10d', '--rdzv-endpoint=localhost:0'], 'localhost', undefined],
    [['--rdzv-endpoint=localhost'], 'localhost', undefined],
    [['--nnodes=2'], '127.0.0.1', 29_500],
    [['--nnodes=2', '--node-rank=1', '--rdzv-endpoint=h'], 'h', 29_500],
  ] as const)('%j', ([options, masterAddr, masterPort]) =>
    expect(request(options).placement).toMatchObject({ masterAddr, masterPort }),
  );

  test.for(['h:x', ':5', 'a:b:c', 'h:', '[::1'])('%s is refused', (text) =>
    expect(refusal([`--rdzv-endpoint=${text}`])).toBe(`--rdzv-endpoint: got "${text}", expected HOST:PORT`),
  );
});

test('test_launch_without_env (--local-rank is asked for)', () => {
  const launched = commands(['--nproc-per-node=2', 'train.py', '--local-rank=${local_rank}']);
  expect(launched.map(({ args }) => args.at(-1))).toEqual(['--local-rank=0', '--local-rank=1']);
});

test('test_launch_with_env', () =>
  expect(commands(['--use-env', 'train.py'])).toEqual([{ file: 'python3', args: ['-u', 'train.py'] }]));

test('test_args_env_len_mismatch, test_validate_full_rank (a function of the rank lacks none)', () => {
  const launched = commands(['--nproc-per-node=40', 'train.py', '$local_rank']);
  expect(launched.map(({ args }) => args.at(-1))).toEqual(Array.from({ length: 40 }, (_, rank) => String(rank)));
});

describe('test_start_handles_invalid_signals', () => {
  test('a signal that does not exist is named in a warning, and the others are handled', () => {
    const { warnings, request: understood } = asked(['--signals-to-handle=SIGTERM, INVALID_SIGNAL', 'train.py']);
    expect(warnings).toEqual(['--signals-to-handle: there is no signal INVALID_SIGNAL on this machine, so it is left out']);
    expect(understood.signalsToHandle).toEqual(['SIGTERM']);
  });

  test("without it they are torchrun's", () => {
    expect(asked(['train.py'])).toMatchObject({
      warnings: [],
      request: { signalsToHandle: ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] },
    });
  });
});

describe('ShutdownTimeoutTest.*', () => {
  const inherited = { TORCH_ELASTIC_SHUTDOWN_TIMEOUT: '45' };

  test.for([
    ['by default 30 s', [], {}, 30_000],
    ['from the variable', [], inherited, 45_000],
    ['from the option before the variable', ['--shutdown-timeout=60'], inherited, 60_000],
    ['0 is allowed', ['--shutdown-timeout=0'], inherited, 0],
    ['0 from the variable', [], { TORCH_ELASTIC_SHUTDOWN_TIMEOUT: '0' }, 0],
    ['from PET', [], { ...inherited, PET_SHUTDOWN_TIMEOUT: '2.5' }, 2500],
  ] as const)('%s', ([, options, environment, expected]) =>
    expect(request(options, environment).shutdownTimeoutMs).toBe(expected),
  );

  test('it must be non-negative', () => {
    expect(refusal(['--shutdown-timeout', '-5'])).toBe(
      '--shutdown-timeout: got "-5", expected seconds, which must be non-negative',
    );
    expect(refusal([], { TORCH_ELASTIC_SHUTDOWN_TIMEOUT: '-5' })).toBe(
      'TORCH_ELASTIC_SHUTDOWN_TIMEOUT: got "-5", expected seconds, which must be non-negative',
    );
  });
});
