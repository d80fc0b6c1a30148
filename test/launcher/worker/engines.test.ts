import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineIn } from '../../../launcher/worker/engines.ts';
import '../../property-seed.ts';

/** What torchrun 1.13 and 2.x give to a rank, of which only this counts. */
const torchrun = (rank: number, size: number, nodes = 1): Record<string, string> => ({
  TORCHELASTIC_RUN_ID: 'none',
  TORCHELASTIC_RESTART_COUNT: '0',
  TORCHELASTIC_MAX_RESTARTS: '0',
  TORCHELASTIC_ERROR_FILE: `/tmp/torchelastic_ab12/none_cd34/attempt_0/${rank}/error.json`,
  RANK: String(rank),
  WORLD_SIZE: String(size),
  LOCAL_RANK: String(rank),
  LOCAL_WORLD_SIZE: String(size),
  GROUP_RANK: '0',
  GROUP_WORLD_SIZE: String(nodes),
});

/** mpirun 4.1.4. */
const openMpi = (rank: number, size: number): Record<string, string> => ({
  OMPI_COMM_WORLD_RANK: String(rank),
  OMPI_COMM_WORLD_SIZE: String(size),
  OMPI_COMM_WORLD_LOCAL_RANK: String(rank),
  OMPI_COMM_WORLD_LOCAL_SIZE: String(size),
  OMPI_COMM_WORLD_NODE_RANK: String(rank),
  OMPI_UNIVERSE_SIZE: String(size),
  OMPI_MCA_orte_precondition_transports: '52fab1aec23b3070-5dd187695890d1e1',
  PMIX_NAMESPACE: '1042153473',
  PMIX_RANK: String(rank),
});

/** mpirun 5, which has no number of its own for a run. */
const openMpi5 = (rank: number, size: number): Record<string, string> => {
  const { OMPI_MCA_orte_precondition_transports: _, ...others } = openMpi(rank, size);
  return { ...others, PMIX_NAMESPACE: 'prterun-north-4711@1', PRTE_LAUNCHED: '1' };
};

const mpich = (rank: number, size: number): Record<string, string> => ({
  PMI_RANK: String(rank),
  PMI_SIZE: String(size),
  PMI_FD: '7',
  MPI_LOCALRANKID: String(rank),
  MPI_LOCALNRANKS: String(size),
});

const slurmJob = {
  SLURM_JOB_ID: '4711',
  SLURM_CLUSTER_NAME: 'north',
  SLURM_NTASKS: '4',
  SLURM_NNODES: '2',
  SLURM_JOB_NUM_NODES: '2',
};
const slurmStep = (rank: number, size: number, nodes = 2): Record<string, string> => ({
  ...slurmJob,
  SLURM_STEP_ID: '0',
  SLURM_STEP_NUM_TASKS: String(size),
  SLURM_STEP_NUM_NODES: String(nodes),
  SLURM_STEP_NODELIST: 'n[1-2]',
  SLURM_PROCID: String(rank),
  SLURM_LOCALID: '0',
  SLURM_NODEID: '0',
});
/** A shell of sbatch or salloc looks like rank 0, and is none. */
const slurmBatch = { ...slurmJob, SLURM_PROCID: '0', SLURM_LOCALID: '0', SLURM_NODEID: '0', SLURM_TASKS_PER_NODE: '2(x2)' };

const indexedJob = (index: number): Record<string, string> => ({
  JOB_COMPLETION_INDEX: String(index),
  HOSTNAME: `train-${index}`,
});

test.for([
  ['torchrun', torchrun(1, 2), 1, 2, 'torchrun-none_cd34'],
  ['Open MPI', openMpi(3, 4), 3, 4, 'openmpi-52fab1aec23b3070-5dd187695890d1e1'],
  ['Open MPI', openMpi5(3, 4), 3, 4, 'openmpi-prterun-north-4711@1'],
  ['MPICH', mpich(1, 4), 1, 4, undefined],
  ['MPICH', { ...mpich(1, 4), PALS_APID: 'e1f2' }, 1, 4, 'mpich-e1f2'],
  ['Slurm', slurmStep(3, 4), 3, 4, 'slurm-north-4711-0'],
  ['Kubernetes Indexed Job', indexedJob(2), 2, undefined, undefined],
] as const)('%s says which rank this is', ([engine, environment, rank, worldSize, runId]) => {
  expect(engineIn({ PATH: '/bin', ...environment })).toMatchObject({ engine, rank, worldSize, runId, attempt: 0 });
});

test('a requeued job and a restarted group are other attempts of the same run', () => {
  expect(engineIn({ ...slurmStep(0, 4), SLURM_RESTART_COUNT: '2' })).toMatchObject({ attempt: 2, runId: 'slurm-north-4711-0' });
  expect(engineIn({ ...torchrun(0, 2), TORCHELASTIC_RESTART_COUNT: '1' })).toMatchObject({ attempt: 1 });
});

test('who gives the run its name says how often it was started under it', () => {
  const inStep = { ...slurmStep(1, 4), SLURM_RESTART_COUNT: '1', ...mpich(1, 4) };
  expect(engineIn(inStep)).toMatchObject({ engine: 'MPICH', runId: 'slurm-north-4711-0', attempt: 1 });
});

test("torchrun's own default is no name that several machines have in common", () => {
  expect(engineIn(torchrun(0, 4, 2))).toMatchObject({ runId: undefined });
  expect(engineIn({ ...torchrun(0, 4, 2), TORCHELASTIC_RUN_ID: 'night' })).toMatchObject({ runId: 'torchrun-night' });
});

test('local ranks are those of this machine', () => {
  expect(engineIn(openMpi(1, 2))).toMatchObject({ localRank: 1, localWorldSize: 2 });
  expect(engineIn({ ...slurmStep(3, 4), SLURM_LOCALID: '1', SLURM_NODEID: '1' })).toMatchObject({
    localRank: 1,
    localWorldSize: 2,
    groupRank: 1,
  });
});

test.for([
  ['3,1', 0, 3],
  ['3,1', 1, 1],
  ['2(x2),1', 1, 2],
  ['2(x2),1', 2, 1],
  ['many', 0, 1],
] as const)('of %s, machine %i has %i', ([sizes, node, size]) => {
  const step = { ...slurmStep(0, 5, 3), SLURM_NODEID: String(node), SLURM_STEP_TASKS_PER_NODE: sizes };
  expect(engineIn(step)).toMatchObject({ groupRank: node, localWorldSize: size });
});

test.for([
  ['nothing', { PATH: '/bin' }],
  ['the shell of a batch job', slurmBatch],
  [
    'a batch job whose shell has the number of its own step',
    { ...slurmBatch, SLURM_STEP_ID: '4294967291', SLURM_STEP_NUM_TASKS: '1' },
  ],
  ['variables that somebody emptied', { ...openMpi(0, 2), OMPI_COMM_WORLD_SIZE: '' }],
  ['bare variables, which every container may have', { RANK: '0', WORLD_SIZE: '2' }],
] as const)('%s is no engine', ([, environment]) => {
  expect(engineIn(environment)).toBeUndefined();
});

test.for([
  [
    'torchrun on each node of a Slurm step',
    { ...slurmStep(1, 2, 2), ...torchrun(5, 8, 2), TORCHELASTIC_RUN_ID: 'a' },
    'torchrun',
  ],
  ['the daemons of mpirun in a Slurm step', { ...slurmStep(1, 2, 2), ...openMpi(5, 8) }, 'Open MPI'],
  ['mpirun in a batch job', { ...slurmBatch, ...openMpi(3, 4) }, 'Open MPI'],
  ['torchrun in each pod of an Indexed Job', { ...indexedJob(1), ...torchrun(5, 8, 2) }, 'torchrun'],
  ['srun that speaks PMI', { ...slurmStep(3, 4), PMI_RANK: '3', PMI_SIZE: '4' }, 'MPICH'],
] as const)('%s is one engine above another', ([, environment, engine]) => {
  expect(engineIn(environment)).toMatchObject({ engine });
});

test('where an engine has no name for the run, one that agrees with it may have', () => {
  expect(engineIn({ ...slurmStep(3, 4), PMI_RANK: '3', PMI_SIZE: '4' })).toMatchObject({ runId: 'slurm-north-4711-0' });
});

test('two engines that disagree are named, with what each says', () => {
  expect(() => engineIn({ ...slurmStep(1, 4, 2), ...torchrun(3, 8) })).toThrow(
    'torchrun says that this is rank 3 of 8, and Slurm that it is rank 1 of 4',
  );
});

test.for([
  [{ ...openMpi(0, 2), OMPI_COMM_WORLD_RANK: 'one' }, 'OMPI_COMM_WORLD_RANK: got "one", expected a whole number, 0 or more'],
  [{ ...mpich(0, 2), PMI_RANK: '2' }, 'PMI_RANK: got 2, expected a whole number below PMI_SIZE 2'],
] as const)('what an engine cannot have said is refused: %s', ([environment, message]) => {
  expect(() => engineIn(environment)).toThrow(message);
});

const place = fc
  .integer({ min: 1, max: 4096 })
  .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));
const sized = { torchrun, openMpi, mpich, slurm: (rank: number, size: number) => slurmStep(rank, size, 3) };
const makers = fc.constantFrom(...Object.values(sized));

test('every engine is believed about every place, and every second one that says the same', () => {
  fc.assert(
    fc.property(place, makers, makers, ([rank, size], one, other) => {
      expect(engineIn({ ...one(rank, size), ...other(rank, size) })).toMatchObject({ rank, worldSize: size });
    }),
  );
});

test('of two that say different things none is ever believed, unless one counts machines', () => {
  const pair = fc.constantFrom([openMpi, mpich] as const, [torchrun, mpich] as const, [torchrun, openMpi] as const);
  fc.assert(
    fc.property(place, place, pair, (a, b, [one, other]) => {
      fc.pre(a[0] !== b[0] || a[1] !== b[1]);
      // A torchrun on one machine may have been started by an engine that starts one process.
      fc.pre(!(one === torchrun && b[1] === 1));
      expect(() => engineIn({ ...one(...a), ...other(...b) })).toThrow(/ says that this is .*, and .* that it is /);
    }),
  );
});
