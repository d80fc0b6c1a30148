import { openFileBarrier } from '../../shared/platform/barrier/file-barrier.ts';
import { openJournal } from '../../shared/platform/journal-file.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';

/** One rank: `worker <directory> <rank> <world size> <warm-up> <barriers>` prints what each barrier took, in ms. */
async function main([directory = '.', rank = '0', worldSize = '1', warmUp = '0', barriers = '1']: string[]): Promise<void> {
  const platform = nodePlatform();
  const world = { directory: `${directory}/barriers`, rank: Number(rank), worldSize: Number(worldSize) };
  const journal = openJournal(platform, `${directory}/rank-${rank}.jsonl`);
  const barrier = openFileBarrier({ platform, ...world, timeoutMs: 60_000, journal });
  for (let k = 0; k < Number(warmUp); k += 1) await barrier.wait('warm-up', { step: k });
  const durations: number[] = [];
  for (let k = 0; k < Number(barriers); k += 1) {
    const startedAtMs = platform.clock.monotonicMs();
    await barrier.wait(`step@${k}`, { step: k, loss: 2.5 });
    durations.push(platform.clock.monotonicMs() - startedAtMs);
  }
  barrier.close();
  journal.close();
  process.stdout.write(JSON.stringify(durations));
}

void main(process.argv.slice(2));
