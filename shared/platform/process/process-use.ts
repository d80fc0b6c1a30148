import type { ProcessUse } from '../../contracts/process-sample.ts';
import type { Disk } from '../disk.ts';
import { aboutProcess, statFields } from '../process-facts.ts';

/** /proc counts CPU time in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10;

/** Of a process that has started more than this, only a part is counted. */
const MOST_PROCESSES = 64;

/** What a process and its living descendants have used so far; undefined when it has ended. */
export function useOf(disk: Disk, pid: number): ProcessUse | undefined {
  // From the parents down: a child that ends meanwhile is counted too little, and with the next look, but never twice.
  const own = useOfOne(disk, pid);
  if (own === undefined) return undefined;
  const uses = [own];
  let isWhole = true;
  const pids = [...childrenOf(disk, pid)];
  for (let child = pids.shift(); child !== undefined; child = pids.shift()) {
    const use = uses.length < MOST_PROCESSES ? useOfOne(disk, child) : undefined;
    if (uses.length >= MOST_PROCESSES) isWhole = false;
    if (use === undefined) continue;
    if (use.readBytes === null) isWhole = false;
    uses.push(use);
    pids.push(...childrenOf(disk, child));
  }
  const sum = (bytesOf: (use: UseOfOne) => number | null): number => uses.reduce((total, use) => total + (bytesOf(use) ?? 0), 0);
  return {
    cpuMs: sum(({ cpuMs }) => cpuMs),
    readBytes: own.readBytes === null ? null : sum(({ readBytes }) => readBytes),
    writtenBytes: own.writtenBytes === null ? null : sum(({ writtenBytes }) => writtenBytes),
    isWhole,
  };
}

type UseOfOne = Omit<ProcessUse, 'isWhole'>;

/** With that of children that have ended and been waited for. Undefined for a process that has ended. */
function useOfOne(disk: Disk, pid: number): UseOfOne | undefined {
  const stat = aboutProcess(disk, pid, 'stat');
  if (stat === undefined || /^[ZX]$/.test(statFields(stat)[0] ?? '')) return undefined;
  return { cpuMs: cpuMsIn(stat, 4), ...transferIn(aboutProcess(disk, pid, 'io')) };
}

/** CPU time in a `stat`, milliseconds: of the process, its user and system time, and with four fields that of its children. */
export const cpuMsIn = (stat: string, fields: 2 | 4 = 2): number =>
  statFields(stat)
    .slice(11, 11 + fields)
    .reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);

/** What an `io` of /proc says went through read(2), write(2) and their like; null where it is not permitted to see it. */
export function transferIn(io: string | undefined): Pick<ProcessUse, 'readBytes' | 'writtenBytes'> {
  const counter = (name: string): number | null => {
    const value = new RegExp(`^${name}: (\\d+)$`, 'm').exec(io ?? '')?.[1];
    return value === undefined ? null : Number(value);
  };
  return { readBytes: counter('rchar'), writtenBytes: counter('wchar') };
}

/** Those that any thread has started and that have not been waited for. */
export const childrenOf = (disk: Disk, pid: number): readonly number[] =>
  threadIdsOf(disk, pid).flatMap((tid) =>
    (aboutProcess(disk, pid, `task/${tid}/children`) ?? '')
      .split(' ')
      .filter((name) => name !== '')
      .map(Number),
  );

/** Ascending. */
export function threadIdsOf(disk: Disk, pid: number): readonly number[] {
  try {
    return disk
      .list(`/proc/${pid}/task`)
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}
