import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { aboutProcess } from '../process-facts.ts';
import { signalProcess } from '../process-group.ts';
import type { PortWatch } from './inspector-port.ts';
import { type InspectorSession, openInspectorSession } from './inspector-session.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

const LOOK_EVERY_MS = 15;
const LATE_LOOK_EVERY_MS = 250;
/** For the last words to arrive, and for a process that listens to close its port. */
const FAREWELL_MS = 150;

/** Where the processes and their time are seen. */
export interface InspectorSurroundings {
  readonly disk: Disk;
  readonly clock: Clock;
}

/** A visit: the inspector of a process is open for as long as it lasts. */
export interface InspectorVisit {
  readonly session: InspectorSession;
  /** Lets the process go on, and has it close its port. */
  end(): Promise<void>;
}

/**
 * Has a process of Node open its inspector, and begins a conversation. `closed` when it does not open it in time; should it
 * do so later, it is closed then. `open` when it does, and there was no time left to speak. Rejects when the process ends
 * meanwhile. Node's own handler of SIGUSR1 must be installed.
 */
export async function visitInspector(
  surroundings: InspectorSurroundings,
  pid: number,
  { newPort }: PortWatch,
  limit: TimeLimit,
): Promise<InspectorVisit | 'closed' | 'open'> {
  const { clock } = surroundings;
  signalProcess(pid, 'SIGUSR1');
  let port = newPort();
  for (; port === undefined && limit.leftMs() > 0; port = newPort()) await limit.pause(LOOK_EVERY_MS);
  if (port === undefined) {
    closeWhenItOpens(surroundings, pid, newPort);
    return 'closed';
  }
  const opening = openInspectorSession(port);
  const session = await limit.within(opening);
  if (session === undefined) {
    void opening.then((late) => leave(clock, late)).catch(() => undefined);
    return 'open';
  }
  // A process that exits waits for whoever inspects it.
  session.on('NodeRuntime.waitingForDisconnect', session.close);
  void session.ask('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
  return { session, end: () => leave(clock, session) };
}

/**
 * A loop that was blocked has the wish to open the inspector still before it, and would open it again when it turns: it is
 * closed once more in each of its next turns.
 */
const CLOSE = `(() => {
  let turns = 4;
  const close = () => {
    process._debugEnd();
    turns -= 1;
    if (turns > 0) setImmediate(close);
  };
  close();
})()`;

/** A process that does not listen now will find these words when it does. */
async function leave(clock: Clock, session: InspectorSession): Promise<void> {
  void session.ask('Debugger.disable');
  void session.ask('Runtime.evaluate', { expression: CLOSE });
  await timeLimit(clock, FAREWELL_MS).within(session.closed);
  session.close();
}

/** For as long as this process lives, without keeping it alive. */
function closeWhenItOpens({ disk, clock }: InspectorSurroundings, pid: number, newPort: () => number | undefined): void {
  let isDone = false;
  clock.every(LATE_LOOK_EVERY_MS, () => {
    if (isDone) return;
    const port = newPort();
    isDone = port !== undefined || aboutProcess(disk, pid, 'stat') === undefined;
    if (port === undefined) return;
    void openInspectorSession(port)
      .then((session) => leave(clock, session))
      .catch(() => undefined);
  });
}
