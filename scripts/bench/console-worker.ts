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
import { placement, routing } from '../../test/launcher/console/routing.ts';

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
  const streams = planStreams(routing(), placement(Number(ranks)), { stdout: false, stderr: false });
  const outlets = console.openRanks(streams, {
    logs: (localRank) => join(directory, String(localRank)),
    pipes: join(directory, 'pipes'),
  });
  await Promise.all(outlets.map((outlet) => printed(outlet, program, args)));
  writeFileSync(join(directory, 'memory'), String(peakMemoryBytes()));
}

async function printed(outlet: RankOutlet, program: string, args: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr } = outlet.streams;
  const child = spawn(program, args, { stdio: [stdin, stdout, stderr] });
  outlet.release();
  await once(child, 'exit');
  await outlet.drained();
}

void main(process.argv.slice(2));
