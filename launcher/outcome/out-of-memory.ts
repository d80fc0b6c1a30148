import { join } from 'node:path';
import type { Disk } from '../../shared/platform/disk.ts';

const ROOT = '/sys/fs/cgroup';

/** How many processes of this one's control group the kernel has killed for want of memory; undefined where it does not say. */
export function oomKills(disk: Disk): number | undefined {
  const counts = counterFiles(read(disk, '/proc/self/cgroup')).map((file) => /^oom_kill (\d+)$/m.exec(read(disk, file))?.[1]);
  const known = counts.filter((count) => count !== undefined).map(Number);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Of both versions of control groups; in a container the root is the container's own. */
function counterFiles(groups: string): readonly string[] {
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const memory = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  return [
    ...(unified === undefined ? [] : [join(ROOT, unified, 'memory.events'), join(ROOT, 'memory.events')]),
    ...(memory === undefined
      ? []
      : [join(ROOT, 'memory', memory, 'memory.oom_control'), join(ROOT, 'memory/memory.oom_control')]),
  ];
}

function read(disk: Disk, path: string): string {
  try {
    return disk.readTextIfAny(path) ?? '';
  } catch {
    return '';
  }
}
