import { waitingRanks } from '../../shared/platform/barrier/waiting-ranks.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RankGroup } from '../group/rank-group.ts';
import type { RankHost } from '../rank-host.ts';

/** How often it is looked whether somebody waits for a rank that has ended. */
const PERIOD_MS = 50;

/**
 * Ends the group when a rank has exited with 0 and others wait for it at a barrier below `barriers`: it will never come.
 * Looks at nothing before a rank has ended.
 */
export function watchForEarlyEnd(
  { clock, disk }: Platform,
  barriers: string,
  hosts: readonly RankHost[],
  group: RankGroup,
): void {
  const gone: number[] = [];
  let cancel: (() => void) | undefined;

  const look = (): void => {
    const waiting = gone.length === 0 ? undefined : waitingRanks(disk, barriers);
    const rank = gone.find((each) => waiting?.ranks.includes(each) === false);
    if (waiting !== undefined && rank !== undefined)
      group.stop({ kind: 'rank-ended-early', rank, barrier: waiting.barrier, waiting: waiting.ranks });
    else cancel = clock.after(PERIOD_MS, look);
  };

  for (const { rank, exited } of hosts)
    void exited.then(({ exitCode }) => {
      if (exitCode !== 0) return;
      gone.push(rank);
      cancel?.();
      if (hosts.some(group.isAlive)) look();
    });
  void group.ended.then(() => cancel?.());
}
