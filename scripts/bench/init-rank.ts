import { spawnSync } from 'node:child_process';
import { init } from '../../rank/program/init.ts';

/**
 * One rank: `init-rank <warm-up> <barriers>` prints what each barrier took, in ms. With a third argument, the command, each
 * barrier is one run of `ckpt-run barrier`.
 */
async function main([warmUp = '0', barriers = '1', command]: readonly string[]): Promise<void> {
  const barrier = command === undefined ? throughInit() : throughCommand(command);
  for (let k = 0; k < Number(warmUp); k += 1) await barrier();
  const durations: number[] = [];
  for (let k = 0; k < Number(barriers); k += 1) {
    const startedAtMs = performance.now();
    await barrier();
    durations.push(performance.now() - startedAtMs);
  }
  process.stdout.write(JSON.stringify(durations));
}

function throughInit(): () => Promise<void> {
  const group = init();
  process.once('beforeExit', () => group.close());
  return () => group.barrier('step');
}

const throughCommand = (command: string) => async (): Promise<void> => {
  const { status } = spawnSync(process.execPath, [command, 'barrier', 'step'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`ckpt-run barrier ended with ${status}`);
};

void main(process.argv.slice(2));
