import type { Clock } from '../clock.ts';
import { signalProcess } from '../process-group.ts';
import type { PortWatch } from './inspector-port.ts';
import { type InspectorSession, openInspectorSession } from './inspector-session.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';
import type { NotedVisit } from './visits.ts';

const LOOK_EVERY_MS = 15;
/** For the last words to arrive, and for a process that listens to close its port. */
const FAREWELL_MS = 150;

/** A visit: the inspector of a process is open for as long as it lasts. */
export interface InspectorVisit {
  readonly session: InspectorSession;
  /** Lets the process go on, and has it close its port. */
  end(): Promise<void>;
}

/** Whom a visitor comes to, and how it is noted. */
export interface VisitPlan {
  readonly pid: number;
  readonly ports: PortWatch;
  readonly noted: NotedVisit;
}

/**
 * Has a process of Node open its inspector, and begins a conversation. `closed` when it does not open it in time, `open` when it
 * does, and there was no time left to speak; it is noted that this was in vain. Rejects when the process ends meanwhile. Node's
 * own handler of SIGUSR1 must be installed.
 */
export async function visitInspector(
  clock: Clock,
  { pid, ports: { newPort }, noted }: VisitPlan,
  limit: TimeLimit,
): Promise<InspectorVisit | 'closed' | 'open'> {
  signalProcess(pid, 'SIGUSR1');
  let port = newPort();
  for (; port === undefined && limit.leftMs() > 0; port = newPort()) await limit.pause(LOOK_EVERY_MS);
  if (port === undefined) {
    noted.inVain();
    return 'closed';
  }
  const opening = openInspectorSession(port);
  const session = await limit.within(opening);
  if (session === undefined) {
    noted.inVain();
    void opening.then((late) => late.close()).catch(() => undefined);
    return 'open';
  }
  // A process that exits waits for whoever inspects it.
  session.on('NodeRuntime.waitingForDisconnect', session.close);
  void session.ask('NodeRuntime.notifyWhenWaitingForDisconnect', { enabled: true });
  return { session, end: () => leave(clock, session, noted) };
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

/** A process that does not listen now will find these words when it does, if it finds them at all. */
async function leave(clock: Clock, session: InspectorSession, noted: NotedVisit): Promise<void> {
  void session.ask('Debugger.disable');
  void session.ask('Runtime.evaluate', { expression: CLOSE });
  await timeLimit(clock, FAREWELL_MS).within(session.closed);
  if (!session.isClosed()) noted.inVain();
  session.close();
}
