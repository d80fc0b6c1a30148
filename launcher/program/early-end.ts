import { join } from 'node:path';
import { type Waiting, waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import { codeOf, type Disk } from '../../shared/platform/disk.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RankGroup } from '../group/rank-group.ts';
import type { RankHost } from '../rank-host.ts';
import type { AttemptPlaces } from './program-places.ts';

/** How often it is looked whether somebody waits for a rank that has ended: soon after its end, and then ever less often. */
const SHORTEST_MS = 50;
const LONGEST_MS = 1000;

/**
 * Ends the group when a rank has exited with 0 and others wait for it at a barrier: it will never come. Each of several nodes
 * leaves the numbers of its ranks that have for the others. A single one looks at nothing before a rank has ended.
 */
export function watchForEarlyEnd(
  { clock, disk }: Platform,
  { run, gone }: Pick<AttemptPlaces, 'run' | 'gone'>,
  hosts: readonly RankHost[],
  group: RankGroup,
): void {
  const ours: number[] = [];
  let periodMs = SHORTEST_MS;
  let cancel: (() => void) | undefined;

  const look = (): void => {
    const found = orNobody(() => deserter(disk, run.barriers, [...ours, ...(gone === undefined ? [] : marksIn(disk, gone))]));
    if (found !== undefined) {
      const { rank, waiting } = found;
      group.stop({ kind: 'rank-ended-early', rank, barrier: waiting.barrier, waiting: waiting.ranks });
      return;
    }
    cancel = clock.after(periodMs, look);
    periodMs = Math.min(2 * periodMs, LONGEST_MS);
  };

  for (const { rank, exited } of hosts)
    void exited.then(({ exitCode }) => {
      if (exitCode !== 0) return;
      ours.push(rank);
      if (gone !== undefined) orNobody(() => disk.create(join(gone, String(rank)), ''));
      cancel?.();
      periodMs = SHORTEST_MS;
      if (hosts.some(group.isAlive)) look();
    });
  if (gone !== undefined) cancel = clock.after(periodMs, look);
  void group.ended.then(() => cancel?.());
}

/** A rank that is gone and the others that wait for it, if there is one. */
function deserter(
  disk: Disk,
  barriers: string,
  gone: readonly number[],
): { readonly rank: number; readonly waiting: Waiting } | undefined {
  const waiting = gone.length === 0 ? undefined : waitingRanks(disk, barriers);
  const rank = gone.find((each) => waiting?.ranks.includes(each) === false);
  return waiting === undefined || rank === undefined ? undefined : { rank, waiting };
}

const marksIn = (disk: Disk, gone: string): readonly number[] =>
  disk
    .list(gone)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** A directory that cannot be read for a while proves nothing about anybody. */
function orNobody<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (codeOf(thrown) === undefined) throw thrown;
    return undefined;
  }
}
