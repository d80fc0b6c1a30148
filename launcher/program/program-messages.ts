import { catchesSignal } from '../../shared/platform/process-facts.ts';
import { signalProcess } from '../../shared/platform/process-group.ts';
import { processState } from '../../shared/platform/process-identity.ts';
import type { StopReason } from '../group/rank-group.ts';
import type { MessageSignal } from '../interruption.ts';
import type { LaunchSurroundings } from '../launch-surroundings.ts';
import { progress, warning } from '../notices.ts';
import { answerQuit } from '../quit-request.ts';
import type { RankHost } from '../rank-host.ts';
import { pictureOf } from './hang-watch.ts';
import type { ProgramAttempt } from './program-attempt.ts';
import { firstRankOf } from './program-attempt.ts';
import { classLines } from './program-hang-lines.ts';
import type { ProgramRequest } from './program-request.ts';

/** What the launcher of a program hears besides what ends it. */
export const PROGRAM_MESSAGES = ['SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const satisfies readonly MessageSignal[];

const NUMBERS = { SIGUSR1: 10, SIGUSR2: 12 } as const;

/** Answers the signals that end nothing: `attemptNow` is the attempt that runs, if one does. */
export function answerMessages(
  { platform, environment, tell }: LaunchSurroundings,
  { placement, hang }: Pick<ProgramRequest, 'placement' | 'hang'>,
  stop: (reason: StopReason) => void,
  attemptNow: () => ProgramAttempt | undefined,
): (signal: MessageSignal) => void {
  const quit = answerQuit(platform.clock, stop, () => {
    const attempt = attemptNow();
    if (attempt !== undefined) describe(attempt);
  });

  const forward = (signal: 'SIGUSR1' | 'SIGUSR2', hosts: readonly RankHost[]): void => {
    const deaf = hosts.filter(({ pid }) => pid !== null && !catchesSignal(platform.disk, pid, NUMBERS[signal]));
    // A rank without a handler would be ended by it.
    for (const { pid } of hosts.filter((host) => !deaf.includes(host))) if (pid !== null) signalProcess(pid, signal);
    if (deaf.length > 0) tell(warning(`${signal} not forwarded to rank ${ranksOf(deaf)}: no handler there`));
  };

  const describe = (attempt: ProgramAttempt): void => {
    for (const host of running(attempt)) tell(progress('rank', stateOf(attempt, host)));
    const picture = pictureOf({ platform, environment, tell }, attempt, hang?.nativeStacks === true);
    void picture.then((looks) => tell(progress('picture', classLines(looks).join('\n'))));
  };

  const stateOf = ({ console, startedAtMs }: ProgramAttempt, { rank, pid }: RankHost): string => {
    const letter = pid === null ? undefined : processState(platform, pid)?.letter;
    const seconds = ((platform.clock.monotonicMs() - startedAtMs) / 1000).toFixed(1);
    const last = console.lastLine(rank - firstRankOf(placement));
    return `rank ${rank}: pid ${pid}, state ${letter ?? 'unknown'}, running for ${seconds} s${last === undefined ? '' : `, last line: ${last}`}`;
  };

  return (signal) => {
    const attempt = attemptNow();
    switch (signal) {
      case 'SIGUSR1':
      case 'SIGUSR2':
        return attempt === undefined ? undefined : forward(signal, running(attempt));
      case 'SIGQUIT':
        return quit();
    }
  };
}

const running = ({ hosts, group }: ProgramAttempt): readonly RankHost[] => hosts.filter(group.isAlive);

const ranksOf = (hosts: readonly RankHost[]): string => hosts.map(({ rank }) => rank).join(', ');
