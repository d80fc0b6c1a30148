import type { Disk } from '../../shared/platform/disk.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { aboutProcess } from '../../shared/platform/process-facts.ts';
import { signalProcess } from '../../shared/platform/process-group.ts';
import { isMarked, type RunMark } from './run-mark.ts';

/** A stray can start another while it is looked for: it is looked for again, but not for ever. */
const PASSES = 20;

/** A process that is just being started has no environment: only the second look that finds nobody is believed. */
const SECOND_LOOK_MS = 2;

/** Kills what ranks have left outside of their process groups. Without /proc nobody knows. */
export async function killStrays({ disk, clock }: Pick<Platform, 'disk' | 'clock'>, mark: RunMark): Promise<void> {
  const strangers = new Set<string>();
  let looksInVain = 0;
  for (let pass = 0; pass < PASSES && looksInVain < 2; pass += 1) {
    const strays = straysOf(disk, mark, strangers);
    for (const pid of strays) signalProcess(pid, 'SIGKILL');
    looksInVain = strays.length === 0 ? looksInVain + 1 : 0;
    if (looksInVain === 1) await new Promise<void>((resolve) => clock.after(SECOND_LOOK_MS, resolve));
  }
}

/** Notes the strangers: who has an environment without the mark, or none that we may read, is looked at only once. */
const straysOf = (disk: Disk, mark: RunMark, strangers: Set<string>): readonly number[] =>
  disk
    .list('/proc')
    .filter((name) => /^\d+$/.test(name) && !strangers.has(name))
    .map(Number)
    .filter((pid) => {
      const environment = aboutProcess(disk, pid, 'environ');
      const isStray = environment !== undefined && isMarked(environment, mark);
      if (!isStray && environment !== '') strangers.add(String(pid));
      return isStray;
    });
