import { EXIT_CODES, exitCodeOf, signalExitCode } from '../../shared/contracts/exit-code.ts';
import type { RunFailure } from '../../shared/contracts/run-report.ts';
import type { RankExit, StartError } from '../rank-host.ts';

/** What the first failed rank makes of the run's exit code: its own, as a shell has it. */
export function exitCodeOfRank({ exitCode, signal, startError }: RankExit): number {
  if (startError !== null) return exitCodeOfStart(startError);
  return signal === null ? (exitCode ?? EXIT_CODES.failed) : signalExitCode(signal);
}

const exitCodeOfStart = ({ code }: StartError): number => (code === 'ENOENT' ? EXIT_CODES.notFound : EXIT_CODES.cannotExecute);

/** The exit code of a run of a program. */
export function programExitCode(failure: RunFailure | null, first: RankExit | undefined, likeTorchrun: boolean): number {
  if (likeTorchrun && isKnownToTorchrun(failure)) return EXIT_CODES.failed;
  const isRanksOwn = failure?.kind === 'rank-failed' || failure?.kind === 'rank-killed';
  return first === undefined || !isRanksOwn ? exitCodeOf(failure, 'passed') : exitCodeOfRank(first);
}

/** torchrun ends with 1 whatever a rank did, and when it is interrupted. */
function isKnownToTorchrun(failure: RunFailure | null): boolean {
  const kinds: readonly RunFailure['kind'][] = ['rank-failed', 'rank-killed', 'rank-ended-early', 'interrupted'];
  return failure !== null && kinds.includes(failure.kind);
}
