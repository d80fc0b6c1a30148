import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { keepVisitorsAway, type VisitorNote, visitorsIn } from './visits.ts';

const LOOK_EVERY_MS = 250;
/** A loop that was blocked has the wish to open the inspector still before it, and would open it again in its next turns. */
const TURNS = 4;

/** What a process needs that is visited. */
export interface VisitedProcess {
  readonly disk: Disk;
  readonly clock: Clock;
  /** In which its visitors meet. */
  readonly directory: string;
}

/**
 * Makes this process one that can be visited. It says so when it takes SIGUSR1 for itself, for then a visitor would harm it; and
 * it closes its inspector when that has opened for a visitor who is there no more.
 */
export function receiveVisits({ disk, clock, directory }: VisitedProcess): void {
  const keepAway = (): void => {
    try {
      keepVisitorsAway(disk, directory, 'it has a handler of its own for SIGUSR1');
    } catch {
      // A full or missing disk must not keep a program from its signal.
    }
  };
  if (process.listenerCount('SIGUSR1') > 0) keepAway();
  // Before Node's own listener, which installs the handler: a visitor must never find one that it does not know of.
  const listeners: NodeJS.EventEmitter = process;
  listeners.prependListener('newListener', (name: unknown) => {
    if (name === 'SIGUSR1') keepAway();
  });
  clock.every(LOOK_EVERY_MS, () => {
    try {
      const notes = visitorsIn(disk, directory);
      if (notes.length > 0 && notes.every(({ isThere }) => !isThere)) closeAfter(notes, () => forget(notes));
    } catch {
      // What cannot be read now may be the next time.
    }
  });
  const forget = (notes: readonly VisitorNote[]): void => {
    for (const { name } of notes) disk.removeFile(join(directory, name));
  };
}

/** One that listened before they came is somebody else's. */
function closeAfter(notes: readonly VisitorNote[], then: () => void): void {
  const { close, url } = process.getBuiltinModule('node:inspector');
  let turns = TURNS;
  const turn = (): void => {
    const port = Number(new URL(url() ?? 'ws://none').port);
    if (url() !== undefined && notes.every(({ ports }) => !ports.includes(port))) close();
    turns -= 1;
    if (turns > 0) setImmediate(turn);
    else then();
  };
  turn();
}
