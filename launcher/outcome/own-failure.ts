import { EXIT_CODES, signalExitCode } from '../../shared/contracts/exit-code.ts';
import type { StopReason } from '../group/rank-group.ts';
import type { Blame } from './blame.ts';
import { type EndOfRank, exitCodeOfRank, wasCutShort } from './program-exit-code.ts';
import { howItEnded } from './program-failure.ts';
import type { NodeFailure } from './root-cause.ts';

/** What a node tells the others of itself. */
export type OwnFailure = Omit<NodeFailure, 'node'>;

/** What a node tells at once of why its ranks end; undefined for what it has been told itself. */
export function ownFailure(reason: StopReason, failed: EndOfRank | undefined): OwnFailure | undefined {
  const noRank = { rank: null, lostPeer: false };
  switch (reason.kind) {
    case 'rank-failed':
      return rankFailure(reason.rank, failed, false);
    case 'rank-ended-early': {
      const { kind, rank, barrier } = reason;
      const what = `rank ${rank} exited with code 0 while others waited for it at barrier ${JSON.stringify(barrier.name)}`;
      return { kind, rank, what, exitCode: EXIT_CODES.hang, lostPeer: false };
    }
    case 'node-failed':
      return undefined;
    case 'stalled':
      return { ...noRank, kind: 'hang', what: 'none of its ranks got on', exitCode: EXIT_CODES.hang };
    case 'hung':
      return { ...noRank, kind: 'hang', what: reason.hang.verdict.says, exitCode: EXIT_CODES.hang };
    case 'timeout':
      return { ...noRank, kind: 'timeout', what: 'its --timeout was over', exitCode: EXIT_CODES.hang };
    case 'lease-lost':
      return { ...noRank, kind: 'lease-lost', what: 'the lease on the output directory was lost', exitCode: EXIT_CODES.failed };
    case 'bug':
      return launcherFailure(reason.error.message, EXIT_CODES.internal);
    case 'interrupted': {
      const { kind, signal } = reason;
      return { ...noRank, kind, what: `interrupted by ${signal}`, exitCode: signalExitCode(signal) };
    }
  }
}

/** What it tells when its ranks have ended and it is known who was to blame. */
export function settledFailure(reason: StopReason | null, blame: Blame | undefined): OwnFailure | undefined {
  if (reason === null) return undefined;
  if (blame !== undefined && (reason.kind === 'rank-failed' || reason.kind === 'node-failed'))
    return rankFailure(blame.first.host.rank, blame.first, blame.lostPeer);
  return ownFailure(reason, undefined);
}

/** What it tells when its launcher has failed. */
export const launcherFailure = (message: string, exitCode: number): OwnFailure => ({
  ...{ kind: 'launcher-failed', rank: null, what: `its launcher failed: ${message}`, exitCode, lostPeer: false },
});

const rankFailure = (rank: number, failed: EndOfRank | undefined, lostPeer: boolean): OwnFailure =>
  failed?.exitCode === 0 ? deserted(rank) : failedBy(rank, failed, lostPeer);

const deserted = (rank: number): OwnFailure => ({
  kind: 'rank-ended-early',
  rank,
  what: `rank ${rank} exited with code 0 while others still called collectives with it`,
  exitCode: EXIT_CODES.hang,
  lostPeer: false,
});

const failedBy = (rank: number, failed: EndOfRank | undefined, lostPeer: boolean): OwnFailure => ({
  kind: failed === undefined || failed.signal === null || wasCutShort(failed) ? 'rank-failed' : 'rank-killed',
  rank,
  what: `rank ${rank} ${failed === undefined ? 'failed' : howItEnded(failed)}`,
  exitCode: failed === undefined ? EXIT_CODES.failed : exitCodeOfRank(failed),
  lostPeer,
});
