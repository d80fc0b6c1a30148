import { expect, test } from 'vitest';
import { readCommandLine } from '../../../launcher/command-line/options.ts';
import { workerPlace } from '../../../launcher/worker/worker-place.ts';

const MPI = {
  OMPI_COMM_WORLD_RANK: '1',
  OMPI_COMM_WORLD_SIZE: '4',
  OMPI_COMM_WORLD_LOCAL_RANK: '1',
  OMPI_COMM_WORLD_LOCAL_SIZE: '4',
  OMPI_MCA_orte_precondition_transports: 'aa-bb',
};
const JOB = { JOB_COMPLETION_INDEX: '2' };

const placeOf = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): unknown =>
  workerPlace(readCommandLine(args, environment), environment);

test.for([
  ['no engine', [], {}],
  ['an engine, and a number of ranks', ['--nproc_per_node=2'], MPI],
  ["an engine, and torchrun's variable", [], { ...MPI, PET_NPROC_PER_NODE: '2' }],
  ['an engine, and our variable', [], { ...MPI, CKPT_RUN_NPROC_PER_NODE: '2' }],
  ["an engine, and torchrun's number of nodes", [], { ...MPI, PET_NNODES: '1' }],
  ['an engine, and --mode launch', ['--mode=launch'], MPI],
  ['engines that disagree, and --mode launch', ['--mode=launch'], { ...MPI, PMI_RANK: '0', PMI_SIZE: '2' }],
] as const)('it launches: %s', ([, args, environment]) => {
  expect(placeOf(args, environment)).toBeUndefined();
});

test('under an engine it is a worker', () => {
  const place = {
    engine: 'Open MPI',
    rank: 1,
    worldSize: 4,
    localRank: 1,
    localWorldSize: 4,
    runId: 'openmpi-aa-bb',
    attempt: 0,
  };
  expect(placeOf([], MPI)).toMatchObject(place);
  expect(placeOf(['--mode', 'worker'], MPI)).toMatchObject(place);
});

test('the command line wins over the engine, and a name becomes part of file names', () => {
  expect(placeOf(['--rank=3', '--world-size=8', '--run-id=a/b'], MPI)).toMatchObject({ rank: 3, worldSize: 8, runId: 'a_2f_b' });
  const disagreeing = { ...MPI, PMI_RANK: '0', PMI_SIZE: '2' };
  expect(placeOf(['--rank=3', '--world-size=8', '--run-id=a'], disagreeing)).toMatchObject({ rank: 3, engine: undefined });
});

test('variables can say what an Indexed Job does not', () => {
  const environment = { ...JOB, CKPT_RUN_WORLD_SIZE: '4', CKPT_RUN_RUN_ID: 'uid-1' };
  expect(placeOf([], environment)).toMatchObject({ rank: 2, worldSize: 4, runId: 'uid-1', engine: 'Kubernetes Indexed Job' });
});

test.for([
  [['--mode=worker'], {}, '--rank: nothing given, and no engine was found'],
  [['--rank=0'], {}, '--world-size: nothing given, and no engine was found'],
  [['--rank=0', '--world-size=2'], {}, '--run-id: nothing given, and no engine was found'],
  [[], JOB, '--world-size: nothing given, and Kubernetes Indexed Job does not say it'],
  [['--world-size=4'], JOB, '--run-id: nothing given, and Kubernetes Indexed Job gives its ranks no name in common'],
  [['--world-size=2'], JOB, '--rank: got 2, expected a whole number below --world-size 2'],
  [['--mode=worker', '--nproc-per-node=2'], MPI, '--nproc-per-node and --mode worker: given together'],
  [['--rank=1', '--nproc-per-node=2'], MPI, '--nproc-per-node and --rank: given together'],
  [['--mode=launch', '--run-id=x'], MPI, '--mode launch and --run-id: given together'],
  [['--mode=both'], {}, '--mode: got "both", expected auto or launch or worker'],
  [['--rank=-1'], {}, '--rank: got -1, expected a whole number, 0 or more'],
  [[], { ...MPI, PMI_RANK: '0', PMI_SIZE: '2' }, 'Open MPI says that this is rank 1 of 4, and MPICH that it is rank 0 of 2'],
] as const)('%s under %s is refused', ([args, environment, message]) => {
  expect(() => placeOf(args, environment)).toThrow(message);
});
