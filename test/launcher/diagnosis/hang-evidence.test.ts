import { expect, test } from 'vitest';
import type { Examination } from '../../../launcher/diagnosis/examination.ts';
import { gatherHangEvidence } from '../../../launcher/diagnosis/hang-evidence.ts';
import type { HostOutcome } from '../../../launcher/group/rank-group.ts';
import type { HangEvidence } from '../../../shared/contracts/diagnosis.ts';
import type { JournalEvent } from '../../../shared/contracts/journal.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { arrivalOf, BARRIER, BEFORE } from '../../shared/policy/diagnosis/hang-evidence.ts';
import { error } from '../outcome/failure-evidence.ts';
import { put } from './barrier-remains.ts';

const AT_MS = 50_000;

const started = (rank: number, worldSize = 2): JournalEvent => ({
  ...{ type: 'rank:started', atMs: 0, rank, worldSize, pid: 4700 + rank, host: 'one', node: '20', bootMs: 1 },
});

const failed = (thrown: ReturnType<typeof error>): JournalEvent => ({ type: 'rank:failed', atMs: AT_MS, error: thrown });

const ended = (rank: number, rest: Partial<HostOutcome> = {}): HostOutcome => ({
  ...{
    exitCode: null,
    signal: 'SIGTERM',
    startError: null,
    exitedAtMs: 0,
    wasStopped: true,
    mayHaveObeyed: false,
    sent: ['SIGTERM'],
  },
  host: { rank, pid: 4700 + rank, exited: new Promise(() => undefined), signal: () => undefined },
  ...rest,
});

const examination = (rest: Partial<Examination['barrier']> = {}): Examination => ({
  ...{ arrivals: [arrivalOf(0), arrivalOf(1)], atMs: AT_MS, waitedMs: 1200, looks: new Map(), heartbeats: new Map() },
  barrier: {
    ...{ ...BARRIER, outcome: 'abort', reason: 'timeout', decidedBy: 0, timeoutMs: 1000 },
    ...{ arrived: [0], missing: [1], arrivals: [arrivalOf(0, { arrivedAtMs: AT_MS - 1200, callSite: null })], ...rest },
  },
});

interface Given {
  readonly ranks: readonly HostOutcome[];
  readonly history?: readonly (readonly JournalEvent[])[];
  readonly examination?: Examination;
  readonly oomKillsSince?: number;
  readonly files?: (run: ReturnType<typeof runDirectory>) => void;
}

function gathered({ ranks, history = [], examination: seen, files, oomKillsSince }: Given): HangEvidence {
  const run = runDirectory(temporaryDirectory());
  files?.(run);
  return gatherHangEvidence({
    ...{
      disk: nodeDisk,
      host: 'one',
      environment: { UV_THREADPOOL_SIZE: '6' },
      packageDirectory: '/package',
      run,
      atMs: AT_MS,
      ranks,
      oomKillsSince,
    },
    ...{ examination: seen, remains: { history, stderrTail: () => ['last words'] } },
    plan: { runId: 'mine', worldSize: 2 },
  });
}

test('a barrier was waited for since the first arrival, and a rank that gave it up says where it was called', () => {
  const stack = 'CkptError: it went wrong: CKPT_BARRIER_TIMEOUT\n    at save (/home/me/train.ts:8:3)';
  const gaveUp = error('CKPT_BARRIER_TIMEOUT', { stack });
  const journal: readonly JournalEvent[] = [
    started(0),
    { type: 'barrier:arrived', atMs: AT_MS - 1200, callSite: null, ...BARRIER },
    failed(gaveUp),
  ];
  const { barrier, ranks, poolSize } = gathered({ ranks: [ended(0), ended(1)], history: [journal], examination: examination() });
  expect(barrier).toMatchObject({ why: 'timeout', waitedMs: 1200, seenByLauncher: [0, 1] });
  expect(barrier?.arrivals).toMatchObject([{ rank: 0, callSite: 'save at /home/me/train.ts:8:3' }]);
  expect(ranks[0]).toMatchObject({ end: null, error: null, thrownAt: null, worldSize: 2, host: 'one' });
  expect(poolSize).toBe(6);
});

test('where ranks disagree, all that came are counted', () => {
  const seen = examination({ reason: 'mismatch' });
  expect(gathered({ ranks: [ended(0), ended(1)], examination: seen }).barrier?.arrivals.map(({ rank }) => rank)).toEqual([0, 1]);
});

test('the last barriers and the last record are told with their ages, and not that the rank gave up', () => {
  const journal: readonly JournalEvent[] = [
    started(1, 3),
    { type: 'barrier:arrived', atMs: AT_MS - 900, callSite: null, ...BEFORE },
    { type: 'barrier:passed', atMs: AT_MS - 800, waitedMs: 1, ...BEFORE },
    { type: 'save:started', atMs: AT_MS - 700, step: 75 },
    failed(error('CKPT_BARRIER_TIMEOUT')),
  ];
  const [, rank] = gathered({ ranks: [ended(0), ended(1)], history: [[], journal], examination: examination() }).ranks;
  expect(rank?.barriers).toMatchObject([
    { outcome: 'arrived', agoMs: 900, ...BEFORE },
    { outcome: 'passed', agoMs: 800, ...BEFORE },
  ]);
  expect([rank?.lastRecord, rank?.worldSize]).toEqual([{ what: 'save started 75', agoMs: 700 }, 3]);
});

test('who was seen to get on by those that gave up is told', () => {
  const seen = examination({ gettingOn: [{ rank: 1, agoMs: 400 }] });
  const { ranks } = gathered({ ranks: [ended(0), ended(1)], examination: seen });
  expect(ranks.map(({ gotOnAgoMs }) => gotOnAgoMs)).toEqual([null, 400]);
});

test('without an examination there is no barrier, and who was told to end has not ended by itself', () => {
  const thrown = error('CKPT_RANK_FAILED', {
    stack:
      'Error: it went wrong: CKPT_RANK_FAILED\n    at inner (/work/node_modules/p/p.js:1:1)\n    at metric (/home/me/train.ts:7:42)',
  });
  const dead = ended(1, { exitCode: 1, signal: null, sent: [], wasStopped: false });
  const { barrier, ranks } = gathered({ ranks: [ended(0), dead], history: [[], [failed(thrown)]] });
  expect(barrier).toBeNull();
  expect(ranks[0]).toMatchObject({ end: null, error: null, loop: { notSeen: 'it was not looked at' } });
  expect(ranks[1]).toMatchObject({
    end: { exitCode: 1, signal: null, outOfMemory: null, stderrTail: ['last words'] },
    error: { code: 'CKPT_RANK_FAILED' },
    thrownAt: { file: '/home/me/train.ts', line: 7, column: 42, functionName: 'metric' },
  });
});

test('a rank that was told to end before it could say what it threw has thrown what the others heard', () => {
  const heard = error('CKPT_CALLBACK_INVALID', { evidence: { rank: 1, barrier: 'mine/decide@25' } });
  const dead = ended(0, { exitCode: 1, signal: null, sent: [], wasStopped: false });
  const { ranks } = gathered({ ranks: [dead, ended(1)], history: [[failed(heard)], [started(1)]] });
  expect(ranks[1]?.error).toEqual(heard);
});

test.for([
  ['CKPT_SCENARIO_INVALID', '/home/me/train.ts', '/home/me/train.ts'],
  ['CKPT_SCENARIO_INVALID', '/home/me/node_modules/tsx/dist/register.mjs', undefined],
  ['CKPT_FAULT_INJECTED', '/package/rank/faults/deeds.ts', '/package/rank/faults/deeds.ts'],
] as const)('of %s, thrown in %s, the place is %s', ([code, file, named]) => {
  const ours = '/package/shared/platform/scenario-loader.ts';
  const stack = `Error: it went wrong: ${code}\n    at load (${file}:7:42)\n    at importDefault (${ours}:39:1)`;
  const dead = ended(1, { exitCode: 1, signal: null, sent: [], wasStopped: false });
  const { ranks } = gathered({ ranks: [ended(0), dead], history: [[], [failed(error(code, { stack }))]] });
  expect(ranks[1]?.thrownAt?.file).toBe(named);
});

test('the report of V8 says that memory was short, and is left for others to read', () => {
  const dead = ended(0, { signal: 'SIGABRT', sent: [], wasStopped: false });
  let file = '';
  const { ranks } = gathered({
    ranks: [dead, ended(1)],
    files: (run) => {
      file = run.lastReport(0);
      put(file, '{"header":{"event":"Allocation failed - JavaScript heap out of memory","trigger":"OOMError"}}');
    },
  });
  expect(ranks[0]?.end).toMatchObject({ signal: 'SIGABRT', outOfMemory: 'v8' });
  expect(nodeDisk.kindOf(file)).toBe('file');
});

test('a rank that was killed while the kernel killed for want of memory was killed for that', () => {
  const dead = ended(1, { signal: 'SIGKILL', sent: [], wasStopped: false });
  const endWith = (oomKillsSince: number): unknown => gathered({ ranks: [ended(0), dead], oomKillsSince }).ranks[1]?.end;
  expect(endWith(1)).toMatchObject({ signal: 'SIGKILL', outOfMemory: 'kernel' });
  expect(endWith(0)).toMatchObject({ signal: 'SIGKILL', outOfMemory: null });
});

test('a rank that was never started has no end', () => {
  const host = { rank: 0, pid: null, exited: new Promise<never>(() => undefined), signal: () => undefined };
  const absent = ended(0, { host, signal: null, sent: [], startError: { message: 'EAGAIN', code: 'EAGAIN' } });
  expect(gathered({ ranks: [absent, ended(1)] }).ranks[0]).toMatchObject({ pid: null, end: null, startError: 'EAGAIN' });
});
