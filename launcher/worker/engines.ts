import { usageError } from '../../shared/contracts/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What an engine says of one of the processes that it started. */
export interface EngineRank {
  /** As people call it. */
  readonly engine: string;
  readonly rank: number;
  /** Undefined where the engine does not say. */
  readonly worldSize: number | undefined;
  readonly localRank: number;
  readonly localWorldSize: number;
  readonly groupRank: number;
  /** How many machines there are; undefined where the engine does not say. */
  readonly nodes: number | undefined;
  /** What all ranks of this run have in common, and no other run has. */
  readonly runId: string | undefined;
  /** How many times the engine had started the run before. */
  readonly attempt: number;
}

/** The variables in which an engine says it. */
interface Engine {
  readonly name: string;
  /** It is there when all of these are set. */
  readonly marks: readonly string[];
  readonly rank: string;
  readonly worldSize?: string;
  readonly localRank: readonly string[];
  readonly localWorldSize: readonly string[];
  /** The ranks of each machine: `3,1`, or `2(x4)` for four machines with two each. */
  readonly localWorldSizes?: string;
  readonly groupRank?: string;
  readonly nodes?: string;
  readonly attempt?: string;
  readonly runId: (environment: Environment) => string | undefined;
  /** Undefined where every process that has the marks is a rank. */
  readonly isRank?: (environment: Environment) => boolean;
}

/** In the order in which they are asked: an engine is often started by one that stands below it. */
const ENGINES: readonly Engine[] = [
  {
    name: 'torchrun',
    marks: ['TORCHELASTIC_RUN_ID', 'RANK', 'WORLD_SIZE'],
    rank: 'RANK',
    worldSize: 'WORLD_SIZE',
    localRank: ['LOCAL_RANK'],
    localWorldSize: ['LOCAL_WORLD_SIZE'],
    groupRank: 'GROUP_RANK',
    nodes: 'GROUP_WORLD_SIZE',
    attempt: 'TORCHELASTIC_RESTART_COUNT',
    runId: torchrunId,
  },
  {
    name: 'Open MPI',
    marks: ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
    rank: 'OMPI_COMM_WORLD_RANK',
    worldSize: 'OMPI_COMM_WORLD_SIZE',
    localRank: ['OMPI_COMM_WORLD_LOCAL_RANK'],
    localWorldSize: ['OMPI_COMM_WORLD_LOCAL_SIZE'],
    // The first is random. The other is made of host and pid, so that one day it comes again.
    runId: firstOf('openmpi', ['OMPI_MCA_orte_precondition_transports', 'PMIX_NAMESPACE']),
  },
  {
    name: 'MPICH',
    marks: ['PMI_RANK', 'PMI_SIZE'],
    rank: 'PMI_RANK',
    worldSize: 'PMI_SIZE',
    localRank: ['MPI_LOCALRANKID', 'PMI_LOCAL_RANK'],
    localWorldSize: ['MPI_LOCALNRANKS', 'PMI_LOCAL_SIZE'],
    runId: firstOf('mpich', ['PALS_APID']),
  },
  {
    name: 'Slurm',
    marks: ['SLURM_STEP_ID', 'SLURM_STEP_NUM_TASKS', 'SLURM_PROCID'],
    rank: 'SLURM_PROCID',
    worldSize: 'SLURM_STEP_NUM_TASKS',
    localRank: ['SLURM_LOCALID'],
    localWorldSize: [],
    localWorldSizes: 'SLURM_STEP_TASKS_PER_NODE',
    groupRank: 'SLURM_NODEID',
    nodes: 'SLURM_STEP_NUM_NODES',
    attempt: 'SLURM_RESTART_COUNT',
    runId: slurmId,
    isRank: isSlurmStep,
  },
  {
    name: 'Kubernetes Indexed Job',
    marks: ['JOB_COMPLETION_INDEX'],
    rank: 'JOB_COMPLETION_INDEX',
    localRank: [],
    localWorldSize: [],
    groupRank: 'JOB_COMPLETION_INDEX',
    runId: () => undefined,
  },
];

/**
 * The engine that started this process as one of its ranks; undefined where there is none. Throws CKPT_USAGE where two say
 * different things, and neither can have started the other.
 */
export function engineIn(environment: Environment): EngineRank | undefined {
  const [first, ...others] = ENGINES.filter((engine) => isPresent(engine, environment)).map((engine) =>
    ranked(engine, environment),
  );
  if (first === undefined) return undefined;
  for (const other of others) if (!agree(first, other) && !hasStarted(other, first)) throw disagreement(first, other);
  // Who gives the name says how often the run was started under it.
  const named = [first, ...others].find((each) => agree(first, each) && each.runId !== undefined);
  return { ...first, runId: named?.runId, attempt: named?.attempt ?? first.attempt };
}

const isPresent = ({ marks, isRank = () => true }: Engine, environment: Environment): boolean =>
  marks.every((name) => isSet(environment[name])) && isRank(environment);

const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

function ranked(engine: Engine, environment: Environment): EngineRank {
  const read = (name: string | undefined): number | undefined => integer(environment, name);
  const readAny = (names: readonly string[]): number | undefined => read(names.find((name) => isSet(environment[name])));
  const rank = read(engine.rank) ?? 0;
  const worldSize = read(engine.worldSize);
  if (worldSize !== undefined && rank >= worldSize)
    throw usageError(`${engine.rank}: got ${rank}, expected a whole number below ${engine.worldSize} ${worldSize}`, HINT);
  const localRank = readAny(engine.localRank) ?? 0;
  const groupRank = read(engine.groupRank) ?? 0;
  const localWorldSize = readAny(engine.localWorldSize) ?? sizesIn(environment[engine.localWorldSizes ?? ''])[groupRank] ?? 1;
  return {
    engine: engine.name,
    rank,
    worldSize,
    localRank,
    localWorldSize: Math.max(localWorldSize, localRank + 1),
    groupRank,
    nodes: read(engine.nodes),
    runId: engine.runId(environment),
    attempt: read(engine.attempt) ?? 0,
  };
}

const HINT = 'Take the variable out of the environment, or say what is meant with --mode, --rank and --world-size.';

function integer(environment: Environment, name: string | undefined): number | undefined {
  const text = name === undefined ? undefined : environment[name];
  if (!isSet(text)) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`${name}: got ${JSON.stringify(text)}, expected a whole number, 0 or more`, HINT);
}

/** Empty where it is said in another way. */
function sizesIn(text = ''): readonly number[] {
  const parts = text.split(',').map((part) => /^(\d{1,6})(?:\(x(\d{1,6})\))?$/.exec(part));
  if (parts.includes(null)) return [];
  return parts.flatMap((part) => Array.from({ length: Number(part?.[2] ?? 1) }, () => Number(part?.[1])));
}

const agree = (one: EngineRank, other: EngineRank): boolean => one.rank === other.rank && one.worldSize === other.worldSize;

/** Whether one engine has started the other, once on each machine: then it counts machines and not ranks. */
function hasStarted(outer: EngineRank, inner: EngineRank): boolean {
  if (outer.worldSize === undefined) return true;
  return outer.worldSize === (inner.nodes ?? outer.nodes);
}

const disagreement = (first: EngineRank, other: EngineRank): Error =>
  usageError(
    `${first.engine} says that this is ${placeOf(first)}, and ${other.engine} that it is ${placeOf(other)}`,
    'Say which is meant with --rank and --world-size, or --mode launch to start the ranks here.',
  );

const placeOf = ({ rank, worldSize }: EngineRank): string => `rank ${rank} of ${worldSize ?? 'an unknown number'}`;

function firstOf(prefix: string, names: readonly string[]): Engine['runId'] {
  return (environment) => names.flatMap((name) => (isSet(environment[name]) ? [`${prefix}-${environment[name]}`] : []))[0];
}

/** Its own default for the run's name says nothing; the directory of its logs has a random part, but one machine knows it. */
function torchrunId(environment: Environment): string | undefined {
  const logs = torchrunLogs(environment);
  if (logs !== undefined) return `torchrun-${logs.run}`;
  const chosen = environment['TORCHELASTIC_RUN_ID'];
  return chosen === 'none' ? undefined : `torchrun-${chosen}`;
}

/** Where torchrun lets the ranks of one machine leave errors: `<…>/<run>/attempt_<n>/<local rank>/error.json`. */
export function torchrunLogs(
  environment: Environment,
): { readonly run: string; readonly runPath: string; readonly attemptPath: string } | undefined {
  if (environment['GROUP_WORLD_SIZE'] !== '1') return undefined;
  const [, attemptPath = '', runPath = '', run = ''] =
    /^(((?:\/.*)?\/([^/]+))\/attempt_\d+)\/\d+\/error\.json$/.exec(environment['TORCHELASTIC_ERROR_FILE'] ?? '') ?? [];
  return run === '' ? undefined : { run, runPath, attemptPath };
}

function slurmId(environment: Environment): string | undefined {
  const { SLURM_CLUSTER_NAME: cluster, SLURM_JOB_ID: job, SLURM_STEP_ID: step } = environment;
  return isSet(job) ? ['slurm', ...(isSet(cluster) ? [cluster] : []), job, step].join('-') : undefined;
}

/** The shells of sbatch and salloc have all other variables of a rank, and in newer versions a step with a number from the very end. */
function isSlurmStep({ SLURM_STEP_ID: step }: Environment): boolean {
  return /^\d+$/.test(step ?? '') && Number(step) < 0xffff_fff0;
}
