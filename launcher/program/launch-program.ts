import { type CkptError, messageOf } from '../../shared/contracts/errors.ts';
import type { Console } from '../console/console.ts';
import { startDeadline } from '../deadline.ts';
import { type Guardian, startGuardian } from '../group/guardian.ts';
import type { GroupOutcome } from '../group/rank-group.ts';
import { killStrays } from '../group/strays.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { explain, warning } from '../notices.ts';
import { type Blame, blameOf } from '../outcome/blame.ts';
import { readErrorFile } from '../outcome/error-file.ts';
import { countOomKills } from '../outcome/out-of-memory.ts';
import { launcherFailure } from '../outcome/own-failure.ts';
import { concludeProgram } from '../outcome/program-conclusion.ts';
import { clear, giveBack } from '../output-directory/giving-back.ts';
import { newRunId } from '../run-id.ts';
import { type StopRequests, stopRequests } from '../stop-requests.ts';
import { agreedReason } from './agreed-reason.ts';
import { type AttemptSetting, firstRankOf, type ProgramAttempt, startAttempt } from './program-attempt.ts';
import { claimForProgram, type ProgramClaim } from './program-claim.ts';
import { openProgramConsole, type ProgramSurroundings } from './program-console.ts';
import { answerMessages, PROGRAM_MESSAGES } from './program-messages.ts';
import type { ProgramRequest } from './program-request.ts';
import { restartLine } from './restart-line.ts';
import { noticeStoppedRanks } from './stopped-ranks.ts';

/**
 * One whole run of a program: claim the directory, start the ranks, watch them, start them again if that is asked for, name
 * what went wrong, report, clean up. Returns the exit code. Throws a CkptError for what cannot be run, before anything starts.
 */
export async function launchProgram(request: ProgramRequest, surroundings: ProgramSurroundings): Promise<number> {
  const { console, voiced } = await openProgramConsole(request, surroundings);
  const requests = stopRequests();
  const cancel = startDeadline(surroundings.platform.clock, request.timeoutMs)(() => requests.stop({ kind: 'timeout' }));
  try {
    return await launchOn(console, request, voiced, requests);
  } finally {
    requests.passTo({ stop: console.hurry });
    await console.flushed();
    cancel();
  }
}

async function launchOn(
  console: Console,
  request: ProgramRequest,
  surroundings: ProgramSurroundings,
  requests: StopRequests,
): Promise<number> {
  const { clock, disk } = surroundings.platform;
  const startedAtMs = clock.nowMs();
  const startedAtMonotonicMs = clock.monotonicMs();
  const oomKillsSince = countOomKills(disk);
  const { subscribe, listen } = surroundings.interruption;
  let attempt: ProgramAttempt | undefined;
  const onStart = (started: ProgramAttempt): void => {
    attempt = started;
  };
  const silences = [
    subscribe(requests.stop),
    listen(
      PROGRAM_MESSAGES,
      answerMessages(surroundings, request, requests.stop, () => attempt),
    ),
  ];
  noticeStoppedRanks(surroundings, () => attempt);
  let claim: ProgramClaim | undefined;
  let guardian: Guardian | undefined;
  try {
    claim = await claimForProgram(request, surroundings, newRunId(startedAtMs), onLeaseLost(surroundings, requests));
    guardian = guardianOf(request, surroundings, claim);
    const unfollow = claim.exchange?.follow((failure) => requests.stop({ kind: 'node-failed', failure }));
    if (unfollow !== undefined) silences.push(unfollow);
    const ended = await supervise({ request, surroundings, console, claim, guardian, requests, onStart });
    const { bug } = requests;
    const { nodeRank } = request.placement;
    const { outcome, blame } = ended;
    const reason = claim.exchange === undefined ? outcome.reason : await agreedReason(claim.exchange, nodeRank, outcome, blame);
    return await concludeProgram({
      request,
      surroundings,
      claim,
      bug,
      startedAtMs,
      startedAtMonotonicMs,
      oomKillsSince,
      ...ended,
      reason,
    });
  } catch (thrown) {
    if (claim !== undefined) await breakOff(thrown, claim, surroundings, attempt === undefined || request.discardOutputs);
    throw thrown;
  } finally {
    guardian?.dismiss();
    for (const silence of silences) silence();
  }
}

/** Tells the other nodes, and gives the directory back, cleared where nobody wants to look at it. */
async function breakOff(
  thrown: unknown,
  { exchange, output }: ProgramClaim,
  { tell }: LaunchSurroundings,
  isCleared: boolean,
): Promise<void> {
  const failure = launcherFailure(messageOf(thrown), explain(thrown).exitCode);
  exchange?.announce(failure);
  exchange?.settle(failure);
  if (isCleared) clear(output, tell);
  await giveBack(output, tell);
}

const onLeaseLost =
  ({ tell }: LaunchSurroundings, requests: StopRequests) =>
  (error: CkptError): void => {
    tell(warning(error.message));
    requests.stop({ kind: 'lease-lost' });
  };

interface Supervision extends AttemptSetting {
  readonly requests: StopRequests;
  readonly onStart: (attempt: ProgramAttempt) => void;
}

/** The last attempt of a run, and how it ended. */
interface EndedAttempt {
  readonly attempt: ProgramAttempt;
  readonly outcome: GroupOutcome;
  readonly blame: Blame | undefined;
}

/** Starts attempts until one is the last. */
async function supervise({ requests, onStart, ...setting }: Supervision): Promise<EndedAttempt> {
  const { request, surroundings } = setting;
  for (let number = 0; ; number += 1) {
    const attempt = await startAttempt(setting, number);
    onStart(attempt);
    const ended = await endOf(setting, attempt, requests);
    const again =
      number < request.maxRestarts && requests.first() === undefined ? restartLine(ended.blame, number + 1, request) : undefined;
    if (again === undefined) return ended;
    surroundings.tell(warning(again));
  }
}

/**
 * What it left outside of its groups goes first: it may hold pipes open that its console waits for. Then only the console's reader
 * is waited for, and no longer than somebody wants: a run that must end before that did not end by itself.
 */
async function endOf(
  { request, surroundings, console, claim, guardian }: AttemptSetting,
  attempt: ProgramAttempt,
  requests: StopRequests,
): Promise<EndedAttempt> {
  requests.passTo(attempt.group);
  const ended = await attempt.group.ended;
  if (ended.reason === null) guardian.absolve();
  const { platform } = surroundings;
  await killStrays(platform, { launcherPid: platform.pid, runPath: claim.places.path });
  requests.passTo({ stop: console.hurry });
  await attempt.console.close();
  const outcome = { ...ended, reason: ended.reason ?? requests.first() ?? null };
  const blame = blameOf(outcome, ({ host }) => {
    const localRank = host.rank - firstRankOf(request.placement);
    const message = readErrorFile(platform.disk, attempt.places.errorFile(localRank))?.message;
    return { stderr: attempt.console.stderrTail(localRank, Infinity), message };
  });
  return { attempt, outcome, blame };
}

function guardianOf(request: ProgramRequest, { platform, tell }: LaunchSurroundings, claim: ProgramClaim): Guardian {
  const mark = { launcherPid: platform.pid, runPath: claim.places.path };
  const will = { links: claim.exchange?.lastWords, removes: leftoverOf(request, claim) };
  return startGuardian(mark, will, ({ message }) =>
    tell(warning(`nobody will end the ranks if this process is killed: ${message}`)),
  );
}

/** What goes although the launcher was killed; what nodes share is no single one's. */
function leftoverOf(
  { outputDir, discardOutputs, placement }: ProgramRequest,
  { output, places }: ProgramClaim,
): string | undefined {
  if (!discardOutputs || placement.nodeCount > 1) return undefined;
  return outputDir === undefined ? output.path : places.path;
}
