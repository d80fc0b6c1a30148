import type { NotSeen } from '../../contracts/diagnosis.ts';
import type { Disk } from '../disk.ts';
import { linkOfProcess } from '../process-facts.ts';

/** The file without a name to which a process of Python writes its stacks. */
export interface StackFile {
  /** All that has been written to it so far. */
  text(): string;
  /** How Python names the main thread. */
  readonly main: string;
}

const LINK = /\/(?:memfd:)?ckpt-run-stacks(?:-\d+)?(?: \(deleted\))?$/;
const FIRST_LINE = /^pid (\d+) fd (\d+) main (0x[0-9a-f]+)\n/;

const NOT_PERMITTED = { notSeen: 'not permitted' };
const NONE = { notSeen: 'its Python was not started so that it tells (see PYTHONPATH, -I, -E and -S)' };
const INHERITED = { notSeen: 'it is a copy of a process that tells, and has no file of its own' };

/** Finds it; a process that has none, or has put another file in its place, must not be asked to write. */
export function findStackFile(disk: Disk, pid: number): StackFile | NotSeen {
  const descriptors = descriptorsOf(disk, pid);
  if (descriptors === undefined) return NOT_PERMITTED;
  const descriptor = descriptors.find((name) => LINK.test(linkOfProcess(disk, pid, `fd/${name}`) ?? ''));
  if (descriptor === undefined) return NONE;
  try {
    const text = (): string => disk.readText(`/proc/${pid}/fd/${descriptor}`);
    const [, owner, written, main] = FIRST_LINE.exec(text()) ?? [];
    if (main === undefined || Number(owner) !== pid || written !== descriptor) return INHERITED;
    return { text, main };
  } catch {
    return NOT_PERMITTED;
  }
}

function descriptorsOf(disk: Disk, pid: number): readonly string[] | undefined {
  try {
    // The last opened first: it has a high number.
    return [...disk.list(`/proc/${pid}/fd`)].sort((a, b) => Number(b) - Number(a));
  } catch {
    return undefined;
  }
}
