import { isSeen, type RankEvidence } from '../../contracts/diagnosis.ts';
import type { HangAccount } from './hang-account.ts';
import { isBeating } from './loop-evidence.ts';
import { progressOf } from './process-evidence.ts';

/** Whether something was seen to run on a host. Ranks that are too young for a heartbeat are known by what else is seen there. */
export const isHostAwake = ({ launcherHost, ranks }: HangAccount, host: string | null): boolean =>
  host !== null && (host === launcherHost || ranks.some((rank) => rank.host === host && isAwake(rank)));

/** Its watcher beats, its event loop answered or could be halted, or it moves bytes. */
const isAwake = (rank: RankEvidence): boolean =>
  isBeating(rank) || (isSeen(rank.loop) && rank.loop.kind !== 'unreachable') || progressOf(rank)?.moved === true;
