import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_TORCH, pythonWithTorch } from '../torch-python.ts';
import { BENCH_ENVIRONMENT, isInstalled } from './measure.ts';
import { outputOf, timesOfRanks, together } from './rank-times.ts';

/** Ranks that meet, however it is done: every rank's times at a barrier together, ascending, in ms. */
export type Meet = (worldSize: number, directory: string) => Promise<readonly number[]>;

/** How many barriers a rank comes to before its times count, and then. */
export interface Rounds {
  readonly warmUp: number;
  readonly barriers: number;
}

/** Behind what makes `barrier()`; arguments are rank, world size, directory, warm-up and barriers. */
const MEASURED = `
import json, sys, time
rank, size, path, warm_up, barriers = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
`;

/** Prints what each barrier took. */
const TIMES = `
for _ in range(warm_up): barrier()
times = []
for _ in range(barriers):
    started = time.perf_counter()
    barrier()
    times.append((time.perf_counter() - started) * 1000)
`;

const GLOO = `${MEASURED}
import torch.distributed as dist
dist.init_process_group('gloo', init_method='file://' + path + '/store', rank=rank, world_size=size)
barrier = dist.barrier
${TIMES}
print(json.dumps(times))`;

/** The last to arrive tells the others, as whoever has only a store does it. */
const FILE_STORE = `${MEASURED}
import torch.distributed as dist
store, sequence = dist.FileStore(path + '/store', size), 0
def barrier():
    global sequence
    sequence += 1
    if store.add(f'arrived/{sequence}', 1) == size: store.set(f'open/{sequence}', '1')
    store.wait([f'open/{sequence}'])
${TIMES}
print(json.dumps(times))`;

/** Open MPI by its library, because a compiler may be missing; mpirun would mix what ranks print. */
const OPEN_MPI = `${MEASURED}
import ctypes
mpi = ctypes.CDLL('libmpi.so.40', mode=ctypes.RTLD_GLOBAL)
world = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.in_dll(mpi, 'ompi_mpi_comm_world')))
mpi.MPI_Init(None, None)
number = ctypes.c_int()
mpi.MPI_Comm_rank(world, ctypes.byref(number))
def barrier(): mpi.MPI_Barrier(world)
${TIMES}
with open(f'{path}/{number.value}', 'w') as file: json.dump(times, file)
mpi.MPI_Finalize()`;

/** Its own client, in Python. */
export const PYTHON_CLIENT = `${MEASURED}
from ckpt_run import init
group = init()
def barrier(): group.barrier('step')
${TIMES}
print(json.dumps(times))`;

/** Runs one of these programs as the ranks; `environmentOf` says what a rank is given besides. */
export const meetInPython =
  (
    python: string,
    program: string,
    { warmUp, barriers }: Rounds,
    environmentOf: (rank: number, worldSize: number, directory: string) => NodeJS.ProcessEnv = () => ({}),
  ): Meet =>
  (worldSize, directory) =>
    timesOfRanks(worldSize, (rank) =>
      spawn(python, ['-c', program, ...[rank, worldSize, directory, warmUp, barriers].map(String)], {
        env: { ...BENCH_ENVIRONMENT, OMP_NUM_THREADS: '1', ...environmentOf(rank, worldSize, directory) },
      }),
    );

/** What others offer on this machine; a line says what is skipped. */
export function yardsticks(rounds: Rounds): Readonly<Record<string, Meet>> {
  const all = { gloo: gloo(rounds), 'torch FileStore': inTorch('FileStore', FILE_STORE, rounds), 'Open MPI': openMpi(rounds) };
  return Object.fromEntries(Object.entries(all).flatMap(([name, meet]) => (meet === undefined ? [] : [[name, meet]])));
}

/** Undefined where Python has no torch; a line then says so. */
export const gloo = (rounds: Rounds): Meet | undefined => inTorch('gloo', GLOO, rounds);

function inTorch(name: string, program: string, rounds: Rounds): Meet | undefined {
  const python = pythonWithTorch();
  if (python !== undefined) return meetInPython(python, program, rounds);
  console.log(`\nskipped: ${name}: ${NO_TORCH}`);
  return undefined;
}

function openMpi({ warmUp, barriers }: Rounds): Meet | undefined {
  const hasLibrary = spawnSync('python3', ['-c', `import ctypes; ctypes.CDLL('libmpi.so.40')`]).status === 0;
  if (!hasLibrary || !isInstalled('mpirun', '--version')) {
    console.log('\nskipped: Open MPI: mpirun or libmpi.so.40 is not here; install them (Debian: openmpi-bin)');
    return undefined;
  }
  return async (worldSize, directory) => {
    const own = join(directory, 'mpi');
    mkdirSync(own);
    const program = ['python3', '-c', OPEN_MPI, '0', String(worldSize), own, String(warmUp), String(barriers)];
    const options = ['--allow-run-as-root', '--oversubscribe', '-n', String(worldSize)];
    // Open MPI 4.1.4 sometimes waits for ever when its ranks end.
    await outputOf(spawn('mpirun', [...options, ...program], { env: BENCH_ENVIRONMENT, timeout: 60_000 }));
    const ranks = readdirSync(own);
    if (ranks.length !== worldSize) throw new Error(`mpirun started ${ranks.length} ranks in place of ${worldSize}`);
    return together(ranks.map((name) => readFileSync(join(own, name), 'utf8')));
  };
}
