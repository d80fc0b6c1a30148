import { expect, test } from 'vitest';
import type { StopReason } from '../../../launcher/group/rank-group.ts';
import { watchForEarlyEnd } from '../../../launcher/program/early-end.ts';
import type { RankHost } from '../../../launcher/rank-host.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';
import { meetingPlace } from '../../shared/platform/barrier/meeting-place.ts';

const host = (rank: number, exited: RankHost['exited']): RankHost => ({ rank, pid: 1, exited, signal: () => undefined });

test('a directory that cannot be read ends nothing, is looked at ever less often, and in the end says who waits', async () => {
  const { directory, join } = meetingPlace(2);
  const platform = nodePlatform();
  const stopped: StopReason[] = [];
  const delays: number[] = [];
  const pending: (() => void)[] = [];
  const clock = {
    ...platform.clock,
    after: (delayMs: number, callback: () => void) => {
      delays.push(delayMs);
      pending.push(callback);
      return () => undefined;
    },
  };
  let isDown = true;
  const disk = {
    ...platform.disk,
    list: (path: string) => {
      if (isDown) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return platform.disk.list(path);
    },
  };
  const exited = Promise.resolve({ exitCode: 0, signal: null, startError: null });
  const never = new Promise<never>(() => undefined);
  const group = {
    ended: never,
    stop: (reason: StopReason) => void stopped.push(reason),
    outcomes: () => [],
    isAlive: () => true,
  };
  const places = { run: { ...runDirectory('/nowhere'), barriers: directory }, gone: undefined };
  watchForEarlyEnd({ ...platform, clock, disk }, places, [host(0, exited), host(1, never)], group);
  await exited;
  for (let looks = 0; looks < 6; looks += 1) pending.shift()?.();
  expect(delays).toEqual([50, 100, 200, 400, 800, 1000, 1000]);
  void join(1).wait('save');
  await Promise.resolve();
  isDown = false;
  pending.shift()?.();
  expect(stopped).toEqual([{ kind: 'rank-ended-early', rank: 0, barrier: { sequence: 0, name: 'save' }, waiting: [1] }]);
});
