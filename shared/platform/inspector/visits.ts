import { join } from 'node:path';
import type { NotSeen } from '../../contracts/diagnosis.ts';
import { messageOf } from '../../contracts/errors.ts';
import { parseJson } from '../../contracts/json.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { processState } from '../process-identity.ts';
import type { TimeLimit } from './time-limit.ts';

const TURN_EVERY_MS = 25;
const CLOSED_DOOR = 'keep-away';
const IN_VAIN = '.in-vain';

/** Where the processes and their time are seen, and from which process. */
export interface InspectorSurroundings {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly pid: number;
}

/** Says, in the directory in which the visitors of a process meet, that none may come; throws what the disk throws. */
export function keepVisitorsAway(disk: Disk, directory: string, why: string): void {
  const door = join(directory, CLOSED_DOOR);
  disk.makeDirectory(directory);
  // Whole or not at all: a visitor may come in between.
  disk.write(`${door}.tmp`, why);
  disk.rename(`${door}.tmp`, door);
}

/** Why none may come; undefined where that is not said. */
export const whyKeptAway = (disk: Disk, directory: string): string | undefined =>
  disk.readTextIfAny(join(directory, CLOSED_DOOR));

/** A visit that is noted in the directory. */
export interface NotedVisit {
  /** Notes that the process was asked to open its inspector, and may still do so when it can: it closes it itself then. */
  inVain(): void;
}

const ANOTHER = { notSeen: 'another inspection is under way' };

/**
 * One visitor at a time, and the others wait, or go when the time is up. Each notes itself under a name of its own before it
 * looks whether it is alone, so that of two at least one sees the other; who has died does not count. `ports` are those on which
 * the process listens already. Never rejects by itself.
 */
export async function inTurn<T>(
  surroundings: InspectorSurroundings,
  { directory, ports }: { readonly directory: string; readonly ports: readonly number[] },
  limit: TimeLimit,
  visit: (noted: NotedVisit) => Promise<T>,
): Promise<T | NotSeen> {
  const { disk, pid } = surroundings;
  const name = `${pid}-${processState({ disk }, pid)?.startTicks ?? 0}`;
  const note = join(directory, name);
  const enter = (): boolean => {
    disk.makeDirectory(directory);
    disk.write(note, JSON.stringify(ports));
    const isAlone = visitorsIn(disk, directory).every((other) => other.name === name || !other.isThere);
    if (!isAlone) disk.removeFile(note);
    return isAlone;
  };
  try {
    while (!enter()) {
      if (limit.leftMs() === 0) return ANOTHER;
      // Those who came at the same moment do not come back at the same moment.
      await limit.pause(TURN_EVERY_MS + (pid % TURN_EVERY_MS));
    }
  } catch (thrown) {
    return { notSeen: `the visit cannot be noted: ${messageOf(thrown)}` };
  }
  try {
    return await visit({ inVain: () => disk.write(`${note}${IN_VAIN}`, JSON.stringify(ports)) });
  } finally {
    disk.removeFile(note);
  }
}

/** What a visitor has left in the directory. */
export interface VisitorNote {
  readonly name: string;
  /** Whether its visit is under way. */
  readonly isThere: boolean;
  /** Those on which the process listened before the visit. */
  readonly ports: readonly number[];
}

/** Of all visitors; none where there is no directory. */
export const visitorsIn = (disk: Disk, directory: string): readonly VisitorNote[] =>
  disk.list(directory).flatMap((name) => {
    const [, pid, ticks, rest] = /^(\d+)-(\d+)(\.in-vain)?$/.exec(name) ?? [];
    if (pid === undefined) return [];
    const isThere = rest === undefined && processState({ disk }, Number(pid))?.startTicks === Number(ticks);
    return [{ name, isThere, ports: parseJson(disk.readTextIfAny(join(directory, name)) ?? '', isPorts) ?? [] }];
  });

const isPorts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((port) => typeof port === 'number');
