import { join } from 'node:path';
import type { AppendOnlyFile, Disk } from '../../shared/platform/disk.ts';
import { escapeControl } from '../../shared/platform/output.ts';
import type { ProcessStreams, RankProcess } from '../rank-host.ts';

/** Where the ranks of one attempt print, and what they printed last. */
export interface ProgramConsole {
  /** Starts a local rank with the streams that it gets; takes over those that come to the launcher. */
  start(localRank: number, start: (streams: ProcessStreams) => RankProcess): RankProcess;
  /** The last line of output, if it is known without effort; made safe to print. */
  lastLine(localRank: number): string | undefined;
  /** The last lines of standard error, made safe to print. */
  stderrTail(localRank: number): readonly string[];
  /** Settles when all that ranks printed has arrived. All their processes must have ended. */
  close(): Promise<void>;
}

const TAIL_LINES = 10;

/** Local rank 0 prints to the launcher's own output, the others into files. */
export function openProgramConsole(disk: Disk, logs: (localRank: number) => string): ProgramConsole {
  const tailOf = (localRank: number, name: string): readonly string[] => {
    const text = disk.readTextIfAny(join(logs(localRank), name)) ?? '';
    const lines = escapeControl(text).trimEnd().split('\n').slice(-TAIL_LINES);
    return lines.filter((line) => line !== '');
  };
  return {
    start: (localRank, start) => {
      if (localRank === 0) return start({ stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' });
      const open = (name: string): AppendOnlyFile => disk.openAppend(join(logs(localRank), name));
      const files = [open('stdout.log'), open('stderr.log')] as const;
      try {
        return start({ stdin: 'ignore', stdout: files[0].descriptor, stderr: files[1].descriptor });
      } finally {
        for (const file of files) file.close();
      }
    },
    lastLine: (localRank) => tailOf(localRank, 'stdout.log').at(-1),
    stderrTail: (localRank) => tailOf(localRank, 'stderr.log'),
    close: () => Promise.resolve(),
  };
}
