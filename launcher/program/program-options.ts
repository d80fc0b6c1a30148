import { constants } from 'node:os';
import { usageError } from '../../shared/contracts/errors.ts';
import { parseCount, parseDuration, parseHangAction, parseText } from '../command-line/option-values.ts';
import type { CommandLine } from '../command-line/options.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { warning } from '../notices.ts';
import { runSettings, type Terminal, type ValueReader, valueReader } from '../run-settings.ts';
import { interpretersOf } from './interpreters.ts';
import { placementOf, slurmPlace } from './placement.ts';
import { commandOf, type Program, titleOf } from './program.ts';
import { refuseUnusable } from './program-check.ts';
import { TORCHRUN_SIGNALS } from './program-environment.ts';
import { refuseImpossible } from './program-refusals.ts';
import type { HangRules, LogRouting, NodePlacement, ProgramRequest } from './program-request.ts';
import { parseGrace, parseInterval, parseLocalRanks, parseNames, parsePairs, parseStartMethod } from './program-values.ts';
import { programOf } from './program-words.ts';
import { refuseForeign } from './refused-options.ts';
import type { SlurmNode } from './slurm-nodes.ts';
import { NO_STREAMS, parseStreams } from './stream-choice.ts';

type Environment = LaunchSurroundings['environment'];

/** What is asked for, and what is to be said of it before anything is started. */
export interface AskedProgram {
  readonly request: ProgramRequest;
  readonly warnings: readonly string[];
}

/**
 * Everything that is asked for when a program is launched. Throws CKPT_USAGE for what cannot be meant,
 * CKPT_PROGRAM_NOT_FOUND and CKPT_PROGRAM_NOT_EXECUTABLE for a program that cannot be started.
 */
export function programRequest(
  line: CommandLine,
  terminal: Terminal,
  { platform, environment, tell }: Pick<LaunchSurroundings, 'platform' | 'environment' | 'tell'>,
): ProgramRequest {
  const program = programOf(line);
  const { request, warnings } = understand(line, program, terminal, environment);
  refuseUnusable(platform.disk, program, request.commandOf(0).file, environment['PATH']);
  refuseImpossible(platform.disk, request);
  if (!request.output.quiet) for (const text of warnings) tell(warning(text));
  return request;
}

/** Understands the options of a launch. Throws CKPT_USAGE for the first that cannot be meant. */
export function understand(line: CommandLine, program: Program, terminal: Terminal, environment: Environment): AskedProgram {
  refuseForeign(line, environment);
  const read = valueReader(line);
  checkWithoutEffect(read);
  const interpreters = interpretersOf(environment);
  const signals = read('signals-to-handle', parseNames) ?? TORCHRUN_SIGNALS;
  const settings = runSettings(line, terminal);
  const placement = placementOf(line, environment);
  const logs = logRouting(read, environment);
  const request: ProgramRequest = {
    ...settings,
    // Elsewhere it would be nowhere.
    keepOutputs: settings.keepOutputs || (!settings.discardOutputs && logs.logDir === undefined && redirectsAny(logs, placement)),
    commandOf: (localRank) => commandOf(program, interpreters, localRank),
    title: titleOf(program),
    placement,
    maxRestarts: read('max-restarts', parseCount) ?? 0,
    logs,
    shutdownTimeoutMs: shutdownTimeout(read, environment),
    hang: hangRules(line, read),
    signalsToHandle: signals.filter(isSignal),
    torchrunExitCodes: line.isSet('torchrun-exit-codes'),
  };
  return {
    request,
    warnings: [...slurmNotice(slurmPlace(line, environment)), ...signalWarnings(signals), ...filterWarnings(logs, placement)],
  };
}

/** Said by one of the launchers. */
const slurmNotice = (node: SlurmNode | undefined): readonly string[] =>
  node?.nodeRank === 0
    ? [
        `a launcher on each of ${node.nodeCount} nodes, started by Slurm, run ${node.runId}; --nnodes and --node-rank say otherwise`,
      ]
    : [];

/** Throws CKPT_USAGE where something is said of hangs for which nobody watches. */
function hangRules(line: CommandLine, read: ValueReader): HangRules | undefined {
  const timeoutMs = read('hang-timeout', parseDuration);
  const action = read('hang-action', parseHangAction);
  const nativeStacks = line.isSet('native-stacks');
  if (timeoutMs !== undefined) return { timeoutMs, action: action ?? 'end', nativeStacks };
  const [alone] = (['hang-action', 'native-stacks'] as const).filter((name) =>
    name === 'native-stacks' ? nativeStacks : action !== undefined,
  );
  if (alone === undefined) return undefined;
  throw usageError(`--${alone}: given without --hang-timeout, expected both`, 'Add --hang-timeout 60, or leave it out.');
}

/** What has no effect here must still be what torchrun takes. */
function checkWithoutEffect(read: ValueReader): void {
  read('rdzv-conf', parsePairs);
  read('monitor-interval', parseInterval);
  read('start-method', parseStartMethod);
  read('local-addr', parseText);
}

const logRouting = (read: ValueReader, environment: Environment): LogRouting => ({
  redirects: read('redirects', parseStreams) ?? NO_STREAMS,
  tee: read('tee', parseStreams) ?? NO_STREAMS,
  consoleRanks: read('local-ranks-filter', parseLocalRanks),
  prefixTemplate: environment['TORCHELASTIC_LOG_LINE_PREFIX_TEMPLATE'] || undefined,
  logDir: read('log-dir', parseText),
});

/** Whether some rank of this node prints into a file and nowhere else. */
const redirectsAny = ({ redirects }: LogRouting, { localWorldSize }: NodePlacement): boolean =>
  Array.from({ length: localWorldSize }, (_, localRank) => redirects.byLocalRank.get(localRank) ?? redirects.others).some(
    (streams) => streams !== 'none',
  );

function filterWarnings({ consoleRanks }: LogRouting, { localWorldSize }: NodePlacement): readonly string[] {
  if (consoleRanks === undefined || consoleRanks.some((localRank) => localRank < localWorldSize)) return [];
  return [`--local-ranks-filter: it names none of the local ranks 0 to ${localWorldSize - 1}, so the console stays empty`];
}

const DEFAULT_GRACE_MS = 30_000;
const GRACE_VARIABLE = 'TORCH_ELASTIC_SHUTDOWN_TIMEOUT';

function shutdownTimeout(read: ValueReader, environment: Environment): number {
  const inherited = environment[GRACE_VARIABLE];
  return read('shutdown-timeout', parseGrace) ?? (inherited ? parseGrace(GRACE_VARIABLE, inherited) : DEFAULT_GRACE_MS);
}

const isSignal = (name: string): boolean => Object.hasOwn(constants.signals, name);

const signalWarnings = (signals: readonly string[]): readonly string[] =>
  signals
    .filter((name) => !isSignal(name))
    .map((name) => `--signals-to-handle: there is no signal ${name} on this machine, so it is left out`);
