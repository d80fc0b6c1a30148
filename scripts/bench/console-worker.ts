import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openConsole } from '../../launcher/console/console.ts';
import type { RankOutlet } from '../../launcher/console/rank-outlet.ts';
import { planStreams } from '../../launcher/console/stream-plan.ts';
import { byteOutput } from '../../shared/platform/byte-output.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { makePipes } from '../../shared/platform/real-pipes.ts';

const NONE = { others: 'none', byLocalRank: new Map<number, 'none'>() } as const;

/** `worker <directory> <ranks> <program> <arguments…>`: the program as every rank, as the launcher lets it print; then its own peak memory, in bytes, into a file. */
async function main([directory = '.', ranks = '1', program = 'true', ...args]: string[]): Promise<void> {
  const { clock, disk, peakMemoryBytes } = nodePlatform();
  const console = openConsole({
    outputs: { stdout: byteOutput(1, clock), stderr: byteOutput(2, clock) },
    terminals: { stdout: false, stderr: false },
    disk,
    clock,
    makePipes,
    warn: (text) => process.stderr.write(`${text}\n`),
  });
  const outlets = console.openRanks(planOf(Number(ranks)), (localRank) => join(directory, String(localRank)));
  await Promise.all(outlets.map((outlet) => printed(outlet, program, args)));
  writeFileSync(join(directory, 'memory'), String(peakMemoryBytes()));
}

const planOf = (localWorldSize: number) =>
  planStreams(
    { redirects: NONE, tee: NONE, consoleRanks: undefined, prefixTemplate: undefined, logDir: undefined },
    {
      localWorldSize,
      nodeCount: 1,
      nodeRank: 0,
      role: 'default',
      masterAddr: undefined,
      masterPort: undefined,
      runId: undefined,
    },
    { stdout: false, stderr: false },
  );

async function printed(outlet: RankOutlet, program: string, args: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr } = outlet.streams;
  const child = spawn(program, args, { stdio: [stdin, stdout, stderr] });
  outlet.release();
  await once(child, 'exit');
  await outlet.drained();
}

void main(process.argv.slice(2));
