import { describe, expect, test } from 'vitest';
import type { LeftFiles } from '../../../launcher/inspect/left-files.ts';
import { type RankCondition, rankConditions } from '../../../launcher/inspect/rank-conditions.ts';
import type { JournalEvent } from '../../../shared/contracts/journal.ts';
import { nodePlatform, type Platform } from '../../../shared/platform/platform.ts';

const HERE = 'here';
const started = (host = HERE): JournalEvent => ({
  ...{ type: 'rank:started', rank: 0, worldSize: 1, pid: 7, host, node: 'v20', bootMs: 1, atMs: 1 },
});

/** A machine with one process, 7, of which /proc has these files. */
function machine(files: Readonly<Record<string, string>>): Platform {
  const platform = nodePlatform();
  const known: Readonly<Record<string, string>> = { '/proc/self/stat': '1 (node) S', ...files };
  return { ...platform, host: HERE, disk: { ...platform.disk, readTextIfAny: (path) => known[path] } };
}

const RUNS = { '/proc/7/stat': '7 (node) S 1' };
const OURS = { ...RUNS, '/proc/7/environ': 'A=b\0CKPT_RANK_RUN_DIRECTORY=/out/.ckpt-run/the-run/attempt_0\0' };

function conditionOf(journal: readonly JournalEvent[], platform: Platform): RankCondition | undefined {
  const left: LeftFiles = {
    ...{ runId: 'the-run', attempt: '0', worldSize: 1, plan: null, report: null, history: [journal], notRead: [] },
  };
  return rankConditions(platform, left)[0];
}

describe('a rank of a run without a report', () => {
  test('lives if its process was told of this run', () => {
    expect(conditionOf([started()], machine(OURS))).toMatchObject({ kind: 'alive', pid: 7 });
  });

  test.for([
    ['has no process any more', {}],
    ['is a zombie', { '/proc/7/stat': '7 (node) Z 1' }],
    ['has a pid that another process has now', { ...RUNS, '/proc/7/environ': 'CKPT_RANK_RUN_DIRECTORY=/other/attempt_0\0' }],
  ] as const)('is gone if it %s', ([, files]) => {
    expect(conditionOf([started()], machine(files))).toMatchObject({ kind: 'gone' });
  });

  test('of another user or host is not looked at, and it is said why', () => {
    expect(conditionOf([started()], machine(RUNS))).toMatchObject({ kind: 'unseen', says: 'was not looked at: not permitted' });
    expect(conditionOf([started('there')], machine(OURS))).toMatchObject({
      kind: 'unseen',
      says: 'was not looked at: started on there, and this is here',
    });
  });

  test('has reached its end only if it says so last', () => {
    const finished: JournalEvent = { type: 'rank:finished', peakMemoryBytes: 1, atMs: 2 };
    expect(conditionOf([started(), finished], machine({}))).toMatchObject({ kind: 'finished' });
    expect(conditionOf([], machine(OURS))).toMatchObject({ kind: 'unheard' });
  });
});
