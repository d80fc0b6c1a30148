import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { noInterruption } from '../../../launcher/interruption.ts';
import { DEFAULT_REQUEST } from '../../../launcher/launch-request.ts';
import { asBug } from '../../../launcher/notices.ts';
import { conclude } from '../../../launcher/outcome/conclusion.ts';
import type { EndedRun } from '../../../launcher/outcome/findings.ts';
import type { RunPlan } from '../../../shared/contracts/run-plan.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { attemptPath, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

let said: string[] = [];
let place = '';
let reportFile = '';

beforeEach(() => {
  said = [];
  place = temporaryDirectory();
  reportFile = join(place, 'report.json');
});

/** A run that has passed. */
function endedRun(rest: Partial<EndedRun> = {}, output: Partial<EndedRun['output']> = {}): EndedRun {
  const run = runDirectory(attemptPath(place, 'mine', 0));
  mkdirSync(run.journals, { recursive: true });
  const verdict = { atMs: 0, type: 'verdict:reached', verdict: { status: 'passed' } };
  writeFileSync(run.journal(0), `${JSON.stringify(verdict)}\n`);
  const plan: RunPlan = {
    ...{ format: 'ckpt-run-plan', version: 1, ckptRun: '0', runId: 'mine', attempt: 0, worldSize: 0, outputDir: place },
    ...{
      scenarios: [{ name: 'basic', file: '/basic.cjs', parameters: {} }],
      barrierTimeoutMs: null,
      seed: 0,
      hardTimeoutMs: 600_000,
      faults: [],
      output: DEFAULT_REQUEST.output,
    },
  };
  const nothing = {
    isOurs: () => true,
    noteRank: () => undefined,
    clear: () => undefined,
    release: async () => undefined,
    leaveClaimed: () => undefined,
  };
  return {
    ...{ plan, run, startedAtMs: 0, outcome: { ranks: [], reason: null }, bug: () => undefined },
    oomKillsSince: () => undefined,
    request: { ...DEFAULT_REQUEST, reportFile },
    surroundings: {
      ...{ platform: nodePlatform(), environment: {}, interruption: noInterruption, primaryOutput: 'file' },
      tell: ({ text }) => said.push(text),
    },
    output: { path: place, ...nothing, ...output },
    ...rest,
  };
}

const failing = (words: string) => (): never => {
  throw new Error(words);
};

const written = (): unknown => JSON.parse(readFileSync(reportFile, 'utf8'));

test('a clean-up that fails is one line, and the report says what stayed', async () => {
  const { report } = await conclude(endedRun({}, { clear: failing('EACCES'), release: failing('EROFS') }));
  expect(report).toMatchObject({ exitCode: 0, status: 'passed', runDirectory: join(place, '.ckpt-run/mine/attempt_0') });
  expect(written()).toEqual(report);
  expect(said).toEqual([
    `ckpt-run: not everything in ${place} could be removed: EACCES`,
    `ckpt-run: ${place} could not be given back: EROFS`,
  ]);
});

test('what V8 left of a failed run is read, and not kept', async () => {
  const ended = endedRun({ outcome: { ranks: [], reason: { kind: 'interrupted', signal: 'SIGTERM' } } });
  const file = ended.run.lastReport(1);
  writeFileSync(file, '{"header":{"trigger":"OOMError"}}');
  const { report } = await conclude({ ...ended, plan: { ...ended.plan, worldSize: 2 } });
  expect(report.failure).toEqual({ kind: 'interrupted', signal: 'SIGTERM' });
  expect([existsSync(ended.run.path), existsSync(file)]).toEqual([true, false]);
});

test('a bug while it is found out how a run ended is how it ended', async () => {
  const ended = endedRun();
  mkdirSync(join(ended.run.logs(0), 'stdout.log'), { recursive: true });
  const { report } = await conclude(ended);
  expect(report).toMatchObject({ exitCode: 70, status: 'failed', failure: { kind: 'launcher-failed' } });
  expect(written()).toEqual(report);
  expect(said[0]).toMatch(/EISDIR.* {2}\[CKPT_INTERNAL\]\n/);
  expect(said.at(-1)).toBe(ended.run.path);
});

test.for(['clear', 'release'] as const)('a bug that shows itself in the course of %s is in the report', async (step) => {
  let seen = false;
  const bug = (): ReturnType<EndedRun['bug']> => (seen ? asBug(new TypeError('late')) : undefined);
  const showBug = (): void => {
    seen = true;
  };
  const { report } = await conclude(endedRun({ bug }, { [step]: showBug }));
  expect(report).toMatchObject({ exitCode: 70, failure: { kind: 'launcher-failed', error: { message: 'late' } } });
  expect(written()).toEqual(report);
  expect(said).toEqual([expect.stringMatching(/^ckpt-run: late {2}\[CKPT_INTERNAL\]/)]);
});

test('a bug that was seen before the ranks ended outweighs why they ended', async () => {
  const outcome = { ranks: [], reason: { kind: 'timeout' } } as const;
  const { report } = await conclude(endedRun({ outcome, bug: () => asBug(new TypeError('early')) }));
  expect(report).toMatchObject({ exitCode: 70, failure: { kind: 'launcher-failed', error: { message: 'early' } } });
});

test('of a rank that could not be ended one line names the process, and the directory stays claimed as it is', async () => {
  const done: string[] = [];
  const note = (what: string) => (): void => void done.push(what);
  const host = { rank: 1, pid: 4711, exited: new Promise<never>(() => undefined), signal: () => undefined };
  const stuck = { ...{ host, exitCode: null, signal: null, startError: null, exitedAtMs: 0 }, isAlive: true } as const;
  const outcome = {
    ranks: [{ ...stuck, wasStopped: true, mayHaveObeyed: false, sent: [] }],
    reason: { kind: 'timeout' },
  } as const;
  const output = { clear: note('clear'), release: async () => note('release')(), leaveClaimed: note('leave claimed') };
  const request = { ...DEFAULT_REQUEST, reportFile, discardOutputs: true };
  const { report } = await conclude(endedRun({ outcome, request }, output));
  expect(done).toEqual(['leave claimed']);
  expect(said.filter((line) => line.includes('4711'))).toEqual([
    `ckpt-run: rank 1 (pid 4711): not ended by SIGKILL, so it is stuck in the kernel; ${place} is nobody's to use until it is gone`,
  ]);
  expect(report).toMatchObject({ exitCode: 124, ranks: [{ endedByLauncher: false, exitedAfterMs: null }] });
});
