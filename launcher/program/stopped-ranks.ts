import { processState } from '../../shared/platform/process-identity.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import type { RankHost } from '../rank-host.ts';
import type { ProgramAttempt } from './program-attempt.ts';

/** The kernel tells a parent of a stopped child, but Node.js does not pass it on: this is asked for. */
const ASKED_EVERY_MS = 1000;

/** Says when a rank has been stopped (SIGSTOP): it does not end, and the others wait for it. */
export function noticeStoppedRanks({ platform, tell }: LaunchSurroundings, attemptNow: () => ProgramAttempt | undefined): void {
  let known: readonly RankHost[] = [];
  platform.clock.every(ASKED_EVERY_MS, () => {
    const attempt = attemptNow();
    const stopped = attempt?.hosts.filter(
      (host) => host.pid !== null && attempt.group.isAlive(host) && processState(platform, host.pid)?.letter === 'T',
    );
    for (const { rank, pid } of stopped?.filter((host) => !known.includes(host)) ?? [])
      tell(warning(`rank ${rank} is stopped: kill -CONT ${pid} lets it go on`));
    known = stopped ?? [];
  });
}
