import { type CkptError, messageOf } from '../../shared/contracts/errors.ts';
import type { Console } from '../console/console.ts';
import { type Deadline, startDeadline } from '../deadline.ts';
import { type Guardian, startGuardian } from '../group/guardian.ts';
import type { GroupOutcome } from '../group/rank-group.ts';
import { killStrays } from '../group/strays.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { explain, warning } from '../notices.ts';
import { type Blame, blameOf } from '../outcome/blame.ts';
import { oomKills } from '../outcome/out-of-memory.ts';
import { concludeProgram } from '../outcome/program-conclusion.ts';
import { clear, giveBack } from '../output-directory/giving-back.ts';
import { newRunId } from '../run-id.ts';
import { type StopRequests, stopRequests } from '../stop-requests.ts';
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
  try {
    return await launchOn(console, request, voiced);
  } finally {
    await console.flushed();
  }
}

async function launchOn(console: Console, request: ProgramRequest, surroundings: ProgramSurroundings): Promise<number> {
  const { clock, disk } = surroundings.platform;
  const startedAtMs = clock.nowMs();
  const startedAtMonotonicMs = clock.monotonicMs();
  const deadline = startDeadline(clock, request.timeoutMs);
  const oomKillsBefore = oomKills(disk);
  const requests = stopRequests();
  const { subscribe, listen } = surroundings.interruption;
  let attempt: ProgramAttempt | undefined;
  const onStart = (started: ProgramAttempt): void => {
    attempt = started;
  };
  const silences = [
    subscribe(requests.stop),
    listen(
      PROGRAM_MESSAGES,
      answerMessages(surroundings, request.placement, requests.stop, () => attempt),
    ),
  ];
  noticeStoppedRanks(surroundings, () => attempt);
  let guardian: Guardian | undefined;
  try {
    const claim = await claimForProgram(request, surroundings, newRunId(startedAtMs), onLeaseLost(surroundings, requests));
    guardian = guardianOf(request, surroundings, claim);
    const unfollow = claim.nodeFailures?.follow((failure) => requests.stop({ kind: 'node-failed', failure }));
    if (unfollow !== undefined) silences.push(unfollow);
    const ended = await supervise({ request, surroundings, console, claim, guardian, requests, deadline, onStart });
    const { bug } = requests;
    return await concludeProgram({
      request,
      surroundings,
      claim,
      bug,
      startedAtMs,
      startedAtMonotonicMs,
      oomKillsBefore,
      ...ended,
    });
  } finally {
    guardian?.dismiss();
    for (const silence of silences) silence();
  }
}

const onLeaseLost =
  ({ tell }: LaunchSurroundings, requests: StopRequests) =>
  (error: CkptError): void => {
    tell(warning(error.message));
    requests.stop({ kind: 'lease-lost' });
  };

interface Supervision extends AttemptSetting {
  readonly requests: StopRequests;
  readonly deadline: Deadline;
  readonly onStart: (attempt: ProgramAttempt) => void;
}

/** The last attempt of a run, and how it ended. */
interface EndedAttempt {
  readonly attempt: ProgramAttempt;
  readonly outcome: GroupOutcome;
  readonly blame: Blame | undefined;
}

/** Starts attempts until one is the last; whatever happens, none of their processes stays. */
async function supervise({ requests, deadline, onStart, ...setting }: Supervision): Promise<EndedAttempt> {
  const { request, surroundings, claim } = setting;
  let hasStarted = false;
  const cancel = deadline(() => requests.stop({ kind: 'timeout' }));
  try {
    for (let number = 0; ; number += 1) {
      const attempt = await startAttempt(setting, number);
      hasStarted = true;
      onStart(attempt);
      const ended = await endOf(setting, attempt, requests);
      const again =
        number < request.maxRestarts && requests.first() === undefined
          ? restartLine(ended.blame, number + 1, request)
          : undefined;
      if (again === undefined) return ended;
      surroundings.tell(warning(again));
    }
  } catch (thrown) {
    claim.nodeFailures?.announce({ rank: null, what: messageOf(thrown), exitCode: explain(thrown).exitCode });
    if (!hasStarted || request.discardOutputs) clear(claim.output, surroundings.tell);
    await giveBack(claim.output, surroundings.tell);
    throw thrown;
  } finally {
    cancel();
  }
}

/** What it left outside of its groups goes first: it may hold pipes open that its console waits for. */
async function endOf(
  { request, surroundings, claim }: AttemptSetting,
  attempt: ProgramAttempt,
  requests: StopRequests,
): Promise<EndedAttempt> {
  requests.passTo(attempt.group);
  const outcome = await attempt.group.ended;
  const { platform } = surroundings;
  await killStrays(platform, { launcherPid: platform.pid, runPath: claim.places.path });
  await attempt.console.close();
  const blame = blameOf(outcome, ({ host }) => attempt.console.stderrTail(host.rank - firstRankOf(request.placement)));
  return { attempt, outcome, blame };
}

function guardianOf(request: ProgramRequest, { platform, tell }: LaunchSurroundings, claim: ProgramClaim): Guardian {
  const mark = { launcherPid: platform.pid, runPath: claim.places.path };
  const will = { writes: claim.nodeFailures?.lastWords, removes: leftoverOf(request, claim) };
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
