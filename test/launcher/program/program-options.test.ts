import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCommandLine } from '../../../launcher/command-line/options.ts';
import { programRequest } from '../../../launcher/program/program-options.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { asked, refusal, request } from './asked.ts';

const NONE = { others: 'none', byLocalRank: new Map() };

describe('what is asked for', () => {
  test("by nothing but a program is torchrun's default", () => {
    expect(request([])).toEqual({
      commandOf: expect.any(Function),
      title: 'train.py',
      placement: { localWorldSize: 1, nodeCount: 1, nodeRank: 0, role: 'default', masterAddr: undefined, masterPort: undefined, runId: undefined },
      maxRestarts: 0,
      logs: { redirects: NONE, tee: NONE, consoleRanks: undefined, prefixTemplate: undefined, logDir: undefined },
      shutdownTimeoutMs: 30_000,
      timeoutMs: undefined,
      outputDir: undefined,
      keepOutputs: false,
      discardOutputs: false,
      reportFile: undefined,
      signalsToHandle: ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'],
      torchrunExitCodes: false,
      output: { logFormat: 'text', quiet: false, color: false, progress: false },
    }); // biome-ignore format: a table
  });

  test('of the run is as in a scenario run', () => {
    const options = ['--output-dir=/out', '--keep-outputs', '--timeout=5m', '--report=r.json', '--quiet', '--log-format=json'];
    expect(request(options)).toMatchObject({
      outputDir: '/out',
      keepOutputs: true,
      timeoutMs: 300_000,
      reportFile: 'r.json',
      output: { quiet: true, logFormat: 'json' },
    });
    expect(refusal(['--keep-outputs', '--discard-outputs'])).toMatch(/^--keep-outputs and --discard-outputs: /);
  });

  test('of the logs', () => {
    const template = { TORCHELASTIC_LOG_LINE_PREFIX_TEMPLATE: '[x]: ' };
    const { logs } = request(['-r', '3', '-t', '0:1,11:2', '--local_ranks_filter=0,11', '--log-dir=logs'], template);
    expect(logs).toEqual({
      redirects: { others: 'both', byLocalRank: new Map() },
      tee: { others: 'none', byLocalRank: new Map([[0, 'stdout'], [11, 'stderr']]) },
      consoleRanks: [0, 11],
      prefixTemplate: '[x]: ',
      logDir: 'logs',
    }); // biome-ignore format: a table
    expect(request([], { PET_TEE: '9:1' }).logs.tee.byLocalRank).toEqual(new Map([[9, 'stdout']]));
  });

  test('of exit codes and restarts', () => {
    expect(request(['--torchrun-exit-codes', '--max_restarts', '3'])).toMatchObject({ torchrunExitCodes: true, maxRestarts: 3 });
  });
});

test.for([
  ['--max-restarts', '-1', 'got -1, expected a whole number, 0 or more'],
  ['--node-rank', '1', 'got 1, expected a whole number below --nnodes 1'],
  ['--master-port', '0', 'got 0, expected a port from 1 to 65535'],
  ['--master-port', '65536', 'got 65536, expected a port from 1 to 65535'],
  ['--master-port', 'http', 'got "http", expected a port from 1 to 65535'],
  ['--local-ranks-filter', '0,a', 'got "0,a", expected local ranks with commas between, such as 0,1,2'],
  ['--rdzv-backend', 'etcd-v2', 'got "etcd-v2", expected static or c10d'],
  ['--rdzv-conf', 'timeout=5,is_host', 'got "is_host", expected KEY=VALUE'],
  ['--monitor-interval', 'soon', 'got "soon", expected seconds, 0 or more'],
  ['--start-method', 'thread', 'got "thread", expected spawn or fork or forkserver'],
  ['--event-log-handler', 'console', 'got "console", but handlers are Python objects, expected --report FILE or --log-format=json in its place'],
  ['--numa-binding', 'node', 'got "node", but nothing is known of GPUs here, expected numactl in front of the program'],
  ['--duplicate-stdout-filters', 'a,b', 'got "a,b", but lines are not copied by their text, expected -t 1 and grep'],
] as const)('%s %s is refused', ([option, text, why]) => expect(refusal([`${option}=${text}`])).toBe(`${option}: ${why}`)); // biome-ignore format: a table

test('c10d does not bring several nodes together', () => {
  expect(request(['--rdzv-backend=c10d']).placement.nodeCount).toBe(1);
  expect(refusal(['--rdzv-backend=c10d', '--nnodes=2'])).toBe('--rdzv-backend: got "c10d", expected static');
});

test.for(['run-path', 'virtual-local-rank'] as const)('--%s is refused, and by its variable, but not where that is 0', (name) => {
  const variable = `PET_${name.toUpperCase().replaceAll('-', '_')}`;
  expect(refusal([`--${name}`])).toMatch(new RegExp(`^--${name}: .*, expected .*`));
  expect(refusal([], { [variable]: '1' })).toMatch(new RegExp(`^${variable}: .*, expected .*`));
  expect(refusal([], { [variable]: '0' })).toBeUndefined();
});

test('what has no effect is taken in every spelling that torchrun takes', () => {
  const options = ['--rdzv_conf=join_timeout=600,is_host=1', '--monitor_interval', '0.1', '--start_method=forkserver'];
  expect(refusal([...options, '--local-addr=10.0.0.1'])).toBeUndefined();
});

describe('before anything is started', () => {
  const asks = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): readonly string[] => {
    const told: string[] = [];
    const surroundings = {
      platform: nodePlatform(),
      environment,
      tell: ({ text }: { readonly text: string }) => void told.push(text),
    };
    programRequest(readCommandLine(args, environment), { color: false, progress: false }, surroundings);
    return told;
  };

  test('warnings are said, but not with --quiet', () => {
    const strange = '--signals-to-handle=SIGTERM,NONSENSE';
    expect(asks([strange, 'sh'])).toEqual([
      expect.stringMatching(/^ckpt-run: --signals-to-handle: there is no signal NONSENSE /),
    ]);
    expect(asks([strange, '--quiet', 'sh'])).toEqual([]);
    expect(asks(['sh'])).toEqual([]);
  });

  test('a filter that leaves nobody on the console is warned of', () => {
    expect(asks(['--local-ranks-filter=2,9', '--nproc-per-node=2', 'sh'])).toEqual([
      'ckpt-run: --local-ranks-filter: it names none of the local ranks 0 to 1, so the console stays empty',
    ]);
    expect(asks(['--local-ranks-filter=1,9', '--nproc-per-node=2', 'sh'])).toEqual([]);
  });

  test('test_binary_incorrect_entrypoint (the part without processes)', () => {
    expect(() => asks(['--nproc-per-node=2', './does_not_exist.py'])).toThrow(
      expect.objectContaining({ code: 'CKPT_PROGRAM_NOT_FOUND' }),
    );
  });

  test('test_invalid_log_dir', () => {
    const file = join(temporaryDirectory(), 'file');
    nodePlatform().disk.write(file, '');
    const message = `--log-dir ${file}: it is a file, expected a directory`;
    expect(() => asks(['--log-dir', file, 'sh'])).toThrow(expect.objectContaining({ code: 'CKPT_USAGE', message }));
  });

  test('an empty name is no program', () => {
    expect(() => asks([''])).toThrow(expect.objectContaining({ code: 'CKPT_USAGE' }));
  });
});

test('what is redirected and would be nowhere else stays', () => {
  const stays = (...args: readonly string[]): boolean => asked(['--nproc-per-node=2', ...args, 'train.py']).request.keepOutputs;
  expect([stays('-r', '3'), stays('-r', '1:1'), stays('-r3', '-t', '0:1')]).toEqual([true, true, true]);
  expect([stays(), stays('-t', '3'), stays('-r', '0'), stays('-r', '2:3')]).toEqual([false, false, false, false]);
  expect([stays('-r', '3', '--log-dir=logs'), stays('-r', '3', '--discard-outputs')]).toEqual([false, false]);
});
