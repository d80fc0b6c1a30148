import { isJsonObject, parseJson } from '../../contracts/json.ts';
import type { Disk } from '../disk.ts';
import type { Platform } from '../platform.ts';
import { isAlive, type ProcessIdentity, processState } from '../process-identity.ts';
import { leaseInUse } from './lease-error.ts';
import type { LeaseFiles, LeaseHolder } from './lease-record.ts';
import { isRankBelow } from './rank-proof.ts';

interface Note {
  readonly rank: number;
  readonly pid: number;
  readonly startTicks: number;
}

interface NotedRank {
  readonly rank: number;
  readonly identity: ProcessIdentity;
}

const LOOK_EVERY_MS = 10;
const GIVE_UP_AFTER_MS = 5000;

/** Writes down a rank that the holder has started, so that it can be found when the holder is dead. */
export function noteRank({ disk }: Platform, { ranks }: LeaseFiles, rank: number, pid: number): void {
  try {
    const startTicks = processState({ disk }, pid)?.startTicks ?? null;
    appendLine(disk, ranks, JSON.stringify({ rank, pid, startTicks }));
  } catch {
    // The rank runs already: a full disk, or too many open files, must not make us lose sight of it.
  }
}

function appendLine(disk: Disk, path: string, line: string): void {
  const file = disk.openAppend(path);
  try {
    file.append(`${line}\n`);
  } finally {
    file.close();
  }
}

/**
 * Ends the ranks of a dead holder that provably are ranks and still the same processes, and waits until they are gone: blocked, they have
 * not seen that it is dead, and would go on writing where somebody else does now. Throws CKPT_OUTPUT_IN_USE if they stay.
 */
export async function endRanks(
  platform: Platform,
  files: LeaseFiles,
  holder: LeaseHolder,
  tell: (line: string) => void,
): Promise<void> {
  const isOurs = ({ identity }: NotedRank): boolean =>
    isAlive(platform, identity) === 'alive' && isRankBelow(platform.disk, files.directory, identity.pid);
  const alive = notedRanks(platform, files, holder).filter(isOurs);
  if (alive.length === 0) return;
  tell(`ending what it left alive: ${alive.map(({ rank, identity: { pid } }) => `rank ${rank} (pid ${pid})`).join(', ')}`);
  for (const { identity } of alive) platform.killGroup(identity.pid);
  const deadlineMs = platform.clock.monotonicMs() + GIVE_UP_AFTER_MS;
  while (alive.some(({ identity }) => isAlive(platform, identity) === 'alive')) {
    if (platform.clock.monotonicMs() > deadlineMs) throw leaseInUse(files.directory, holder);
    await new Promise<void>((resolve) => platform.clock.after(LOOK_EVERY_MS, resolve));
  }
}

function notedRanks({ disk }: Platform, { ranks }: LeaseFiles, holder: LeaseHolder): readonly NotedRank[] {
  // A full disk may have torn a line.
  const notes = (disk.readTextIfAny(ranks) ?? '').split('\n').map((line) => parseJson(line, isNote));
  return notes.flatMap((note) => (note === undefined ? [] : [{ rank: note.rank, identity: { ...holder, ...note } }]));
}

const isNote = (read: unknown): read is Note =>
  isJsonObject(read) &&
  typeof read['rank'] === 'number' &&
  typeof read['pid'] === 'number' &&
  typeof read['startTicks'] === 'number';
