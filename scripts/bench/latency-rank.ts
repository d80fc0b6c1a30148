import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rank that fails. */
const FAILING = '1';

/**
 * One rank: `latency-rank <directory>`. When all others are ready, rank 1 writes down the time and dies; the others write down when
 * SIGTERM reaches them. All have the machine's one monotonic clock, in nanoseconds; SIGKILL leaves no time for anything after it.
 */
function main(directory: string, rank: string, worldSize: number): void {
  const note = (name: string): void => writeFileSync(join(directory, name), String(process.hrtime.bigint()));
  const die = (): void => {
    if (readdirSync(directory).length < worldSize - 1) return;
    note('failed');
    process.kill(process.pid, 'SIGKILL');
  };
  if (rank === FAILING) return void setInterval(die, 5);
  process.on('SIGTERM', () => {
    note(`ended-${rank}`);
    process.exit();
  });
  note(`ready-${rank}`);
  setInterval(() => undefined, 1000);
}

main(process.argv[2] ?? '.', process.env['RANK'] ?? '0', Number(process.env['WORLD_SIZE']));
