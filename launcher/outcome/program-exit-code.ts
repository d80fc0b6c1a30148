import { EXIT_CODES, exitCodeOf, signalExitCode } from '../../shared/contracts/exit-code.ts';
import type { RunFailure } from '../../shared/contracts/run-report.ts';
import type { HostOutcome } from '../group/rank-group.ts';
import type { RankExit, StartError } from '../rank-host.ts';

/** How a rank ended, with the signals that it had been sent by then, if any. */
export type EndOfRank = RankExit & Partial<Pick<HostOutcome, 'sent'>>;

/** Whether a rank that failed was ended by our own signal before it had exited: then it has no exit code of its own. */
export const wasCutShort = ({ signal, sent = [] }: EndOfRank): boolean => sent.some((name) => name === signal);

/** What the first failed rank makes of the run's exit code: its own, as a shell has it. */
export function exitCodeOfRank(end: EndOfRank): number {
  const { exitCode, signal, startError } = end;
  if (wasCutShort(end)) return EXIT_CODES.failed;
  if (startError !== null) return exitCodeOfStart(startError);
  return signal === null ? (exitCode ?? EXIT_CODES.failed) : signalExitCode(signal);
}

const exitCodeOfStart = ({ code }: StartError): number => (code === 'ENOENT' ? EXIT_CODES.notFound : EXIT_CODES.cannotExecute);

/** The exit code of a run of a program. */
export function programExitCode(failure: RunFailure | null, first: EndOfRank | undefined, likeTorchrun: boolean): number {
  if (likeTorchrun && failure !== null && isKnownToTorchrun(failure)) return EXIT_CODES.failed;
  const isRanksOwn = failure?.kind === 'rank-failed' || failure?.kind === 'rank-killed';
  return first === undefined || !isRanksOwn ? exitCodeOf(failure, 'passed') : exitCodeOfRank(first);
}

/** torchrun ends with 1 whatever a rank did, and when it is interrupted. */
function isKnownToTorchrun(failure: RunFailure): boolean {
  const kinds: readonly RunFailure['kind'][] = ['rank-failed', 'rank-killed', 'rank-ended-early', 'interrupted'];
  // A rank that waited in vain has failed.
  if (failure.kind === 'hang') return failure.barrier !== null;
  return kinds.includes(failure.kind === 'node-failed' ? failure.cause : failure.kind);
}
