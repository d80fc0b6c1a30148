import { EXIT_CODES, signalExitCode } from '../../shared/contracts/exit-code.ts';
import type { StopReason } from '../group/rank-group.ts';
import type { NodeFailure } from '../program/node-failure.ts';
import type { RankExit } from '../rank-host.ts';
import { exitCodeOfRank } from './program-exit-code.ts';
import { howItEnded } from './program-failure.ts';

/** What a node tells the others of why its ranks end; undefined for what it has been told itself. */
export function ownFailure(
  reason: StopReason,
  failed: RankExit | undefined,
  likeTorchrun: boolean,
): Omit<NodeFailure, 'node'> | undefined {
  switch (reason.kind) {
    case 'rank-failed': {
      const { rank } = reason;
      const what = `rank ${rank} ${failed === undefined ? 'failed' : howItEnded(failed)}`;
      const exitCode = failed === undefined || likeTorchrun ? EXIT_CODES.failed : exitCodeOfRank(failed);
      return { rank, what, exitCode };
    }
    case 'rank-ended-early': {
      const { rank, barrier } = reason;
      const what = `rank ${rank} exited with code 0 while others waited for it at barrier ${JSON.stringify(barrier.name)}`;
      return { rank, what, exitCode: likeTorchrun ? EXIT_CODES.failed : EXIT_CODES.hang };
    }
    case 'node-failed':
      return undefined;
    case 'timeout':
      return { rank: null, what: 'its --timeout was over', exitCode: EXIT_CODES.hang };
    case 'lease-lost':
      return { rank: null, what: 'the lease on the output directory was lost', exitCode: EXIT_CODES.failed };
    case 'bug':
      return { rank: null, what: `its launcher failed: ${reason.error.message}`, exitCode: EXIT_CODES.internal };
    case 'interrupted':
      return {
        rank: null,
        what: `interrupted by ${reason.signal}`,
        exitCode: likeTorchrun ? EXIT_CODES.failed : signalExitCode(reason.signal),
      };
  }
}
