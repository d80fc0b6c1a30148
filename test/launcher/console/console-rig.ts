import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Console, type ConsoleSurroundings, openConsole } from '../../../launcher/console/console.ts';
import type { OutletPlaces, RankOutlet } from '../../../launcher/console/rank-outlet.ts';
import type { RankStreams } from '../../../launcher/console/stream-plan.ts';
import type { ByteOutput } from '../../../shared/platform/byte-output.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { makePipes } from '../../../shared/platform/real-pipes.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

/** An output that keeps what it is given, and takes a moment for it. */
export function memoryOutput(): ByteOutput & { text(): string } {
  const written: Buffer[] = [];
  return {
    write: async (bytes) => {
      await Promise.resolve();
      written.push(bytes);
    },
    text: () => Buffer.concat(written).toString(),
  };
}

/** Where the ranks of a test leave what. */
export const placesIn = (directory: string): OutletPlaces => ({
  logs: (localRank) => join(directory, String(localRank)),
  pipes: join(directory, 'pipes'),
});

/** A console in memory over real files and pipes. */
export function rig(changes: Partial<ConsoleSurroundings> = {}) {
  const [stdout, stderr] = [memoryOutput(), memoryOutput()];
  const warnings: string[] = [];
  const directory = temporaryDirectory();
  const console: Console = openConsole({
    outputs: { stdout, stderr },
    terminals: { stdout: false, stderr: false },
    disk: nodeDisk,
    clock: nodeClock,
    makePipes,
    warn: (text) => void warnings.push(text),
    ...changes,
  });
  const places = placesIn(directory);
  const open = (streams: readonly RankStreams[]): readonly RankOutlet[] => {
    for (const { localRank } of streams) nodeDisk.makeDirectory(places.logs(localRank));
    return console.openRanks(streams, places);
  };
  const file = (localRank: number, stream: 'stdout' | 'stderr'): string =>
    readFileSync(join(directory, String(localRank), `${stream}.log`), 'utf8');
  return { console, directory, open, file, stdout, stderr, warnings };
}

/** A shell script as a rank, with its number in $RANK; settles when it has ended. */
export function startScript(script: string, rank: number, outlet: RankOutlet): Promise<number | null> {
  const { stdin, stdout, stderr } = outlet.streams;
  const child = spawn('sh', ['-c', script], {
    stdio: [stdin === 'inherit' ? 'ignore' : stdin, stdout, stderr],
    env: { ...process.env, RANK: String(rank) },
    detached: true,
  });
  outlet.release();
  onTestFinished(() => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  return new Promise((resolve, reject) => void child.once('exit', resolve).once('error', reject));
}

/** Runs the script as every rank, to the end of what it prints. */
export async function runScripts(script: string, outlets: readonly RankOutlet[]): Promise<void> {
  await Promise.all(
    outlets.map(async (outlet, rank) => {
      await startScript(script, rank, outlet);
      await outlet.drained();
    }),
  );
}
