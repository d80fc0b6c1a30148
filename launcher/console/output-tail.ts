import type { Disk } from '../../shared/platform/disk.ts';
import { escapeControl } from '../../shared/platform/output.ts';

const MOST_BYTES = 16 * 1024;

/** The last lines of what a rank printed, safe to print; none where no file can be read. */
export function lastLines(disk: Disk, path: string, count: number): readonly string[] {
  const end = endOf(disk, path);
  const lines = end.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The first of them may have begun before.
  const whole = end.length === MOST_BYTES && lines.length > 1 ? lines.slice(1) : lines;
  return whole.slice(-count).map((line) => escapeControl(lastState(line)));
}

function endOf(disk: Disk, path: string): Buffer {
  try {
    return disk.readEnd(path, MOST_BYTES);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Of a progress bar, what was to be seen last. */
const lastState = (line: string): string =>
  line
    .split('\r')
    .filter((state) => state !== '')
    .at(-1) ?? '';
