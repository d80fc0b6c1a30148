import { pythonWithTorch } from '../torch-python.ts';
import { isInstalled } from './measure.ts';

/** Makes the command that runs a program as so many ranks. */
export type Launch = (ranks: number, program: readonly string[]) => LaunchCommand;

/** The command of a launcher, and what its environment needs. */
export interface LaunchCommand {
  readonly command: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
}

/** This project's own; nothing stays of a run that fails. */
export const ckptRun: Launch = (ranks, program) => ({
  command: [process.execPath, 'dist/ckpt-run.cjs', '--discard-outputs', '--no-python', `--nproc-per-node=${ranks}`, ...program],
});

/** Undefined where it is not installed; a line then says so. */
export const mpirun = (): Launch | undefined =>
  unlessMissing('mpirun', isInstalled('mpirun', '--version'), (ranks, program) => ({
    command: ['mpirun', '--allow-run-as-root', '--oversubscribe', '-n', String(ranks), ...program],
  }));

/**
 * Torch 1.13 cannot read the defaults of --redirects and --tee with Python 3.11, so a rank that is not there is named; and it
 * knows only options with underscores, and looks after its ranks every 5 s unless it is told what its successors do.
 */
const TORCHRUN_ENVIRONMENT = { PET_REDIRECTS: '9:1', PET_TEE: '9:1', PET_MONITOR_INTERVAL: '0.1' };

/** Leaves its log directories below `logs`. Undefined where it is not installed; a line then says so. */
export const torchrun = (logs: string): Launch | undefined =>
  unlessMissing('torchrun', isInstalled('torchrun', '--help'), (ranks, program) => ({
    command: ['torchrun', '--standalone', `--log_dir=${logs}`, `--nproc_per_node=${ranks}`, '--no_python', ...program],
    env: TORCHRUN_ENVIRONMENT,
  }));

/** What torchrun is, but that `--tee 3` can be read: torch 1.13 does not find the value with Python 3.11. */
const TEEING = `
from torch.distributed.elastic.multiprocessing.api import Std
Std.from_str = classmethod(lambda cls, text: cls(int(text)))
from torch.distributed.run import main
main()
`;

/** With `--tee 3`, its files below a directory. Undefined where it is not installed; a line then says so. */
export function torchrunTeeing(logs: string): Launch | undefined {
  const python = pythonWithTorch();
  if (python === undefined) return unlessMissing('torchrun --tee 3', false, ckptRun);
  const options = ['--standalone', '--redirects=0', '--tee=3', `--log_dir=${logs}`];
  return (ranks, program) => ({
    command: [python, '-c', TEEING, ...options, `--nproc_per_node=${ranks}`, '--no_python', ...program],
    env: { PET_MONITOR_INTERVAL: '0.1' },
  });
}

function unlessMissing(name: string, isThere: boolean, launch: Launch): Launch | undefined {
  if (isThere) return launch;
  console.log(`\nskipped: ${name} is not installed`);
  return undefined;
}
