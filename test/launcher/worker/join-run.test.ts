import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noInterruption } from '../../../launcher/interruption.ts';
import { DEFAULT_REQUEST } from '../../../launcher/launch-request.ts';
import { type JoinedRun, joinRun } from '../../../launcher/worker/join-run.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SELECTION = { scenarios: [{ name: 'basic', file: '/basic.cjs', parameters: {} }], faults: [], patienceMs: 600_000 };

function joining(outputDir: string, rank: number): Promise<JoinedRun> {
  const place = {
    engine: 'Slurm',
    rank,
    worldSize: 3,
    localRank: rank,
    localWorldSize: 3,
    groupRank: 0,
    runId: 'run',
    attempt: 0,
  };
  return joinRun(
    { ...DEFAULT_REQUEST, worldSize: 3, outputDir },
    place,
    { platform: nodePlatform(), environment: {}, interruption: noInterruption, primaryOutput: 'file', tell: () => undefined },
    SELECTION,
    () => undefined,
  );
}

test('rank 0 makes the directory, the first to come writes the plan, and all of it goes again', async () => {
  const above = temporaryDirectory();
  const path = join(above, 'a', 'out');
  const others = [joining(path, 2), joining(path, 1)];
  expect(existsSync(join(above, 'a'))).toBe(false);
  const runs = await Promise.all([joining(path, 0), ...others]);
  expect(readdirSync(runs[0]?.run.workers ?? '').sort()).toEqual([0, 1, 2].map((rank) => `rank-${rank}.joined.json`));
  expect(new Set(runs.map(({ plan }) => JSON.stringify(plan))).size).toBe(1);
  for (const { output } of runs.toReversed()) {
    output.clear();
    await output.release();
  }
  expect(readdirSync(above)).toEqual([]);
});

test('who joins under the same name again is refused', async () => {
  const path = join(temporaryDirectory(), 'out');
  const first = await joining(path, 0);
  await expect(joining(path, 0)).rejects.toMatchObject({ code: 'CKPT_OUTPUT_IN_USE' });
  await first.output.release();
  await expect(joining(path, 0)).rejects.toMatchObject({ code: 'CKPT_RANK_DUPLICATED' });
});
