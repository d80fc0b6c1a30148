import { usageError } from '../../shared/contracts/errors.ts';
import type { World } from '../../shared/contracts/world.ts';
import type { OptionName } from '../command-line/option-table.ts';
import { parseCount, parseMode, parseProcesses, parseText } from '../command-line/option-values.ts';
import type { CommandLine } from '../command-line/options.ts';
import { asRunId } from '../run-id.ts';
import { givenTogether, valueReader } from '../run-settings.ts';
import { type EngineRank, engineIn } from './engines.ts';

/** Which rank of which run this process is. */
export interface WorkerPlace extends World {
  /** Who started it; undefined where the command line says everything. */
  readonly engine: string | undefined;
}

/** What says how many ranks are to be started here. */
const LAUNCHING = ['nproc-per-node', 'nnodes', 'node-rank'] as const satisfies readonly OptionName[];
/** What only a worker is told. */
const PLACING = ['rank', 'world-size', 'run-id'] as const satisfies readonly OptionName[];

type Line = Pick<CommandLine, 'given' | 'isSet' | 'command' | 'positionals'>;

/**
 * Which rank of a scenario run this process is; undefined where it is to start the ranks itself. Throws CKPT_USAGE where it is a
 * rank, and cannot know which.
 */
export function workerPlace(line: Line, environment: Readonly<Record<string, string | undefined>>): WorkerPlace | undefined {
  const read = valueReader(line);
  const mode = read('mode', parseMode) ?? 'auto';
  const launching = LAUNCHING.flatMap((name) => line.given(name) ?? [])[0]?.name;
  const placing = PLACING.flatMap((name) => line.given(name) ?? [])[0]?.name;
  if (
    mode !== 'worker' &&
    placing !== undefined &&
    (launching ?? (mode === 'launch' ? '--mode launch' : undefined)) !== undefined
  )
    throw givenTogether(launching ?? '--mode launch', placing);
  if (mode === 'worker' && launching !== undefined) throw givenTogether(launching, '--mode worker');
  if (mode === 'launch' || launching !== undefined) return undefined;

  const rank = read('rank', parseCount);
  const worldSize = read('world-size', (name, text) => parseProcesses(name, text, 1));
  const runId = read('run-id', parseText);
  const engine = rank === undefined || worldSize === undefined ? engineIn(environment) : quietly(environment);
  if (mode === 'auto' && placing === undefined && engine === undefined) return undefined;
  return complete({ rank, worldSize, runId }, engine);
}

/** Where the command line says it all, engines may disagree. */
function quietly(environment: Readonly<Record<string, string | undefined>>): EngineRank | undefined {
  try {
    return engineIn(environment);
  } catch {
    return undefined;
  }
}

interface Told {
  readonly rank: number | undefined;
  readonly worldSize: number | undefined;
  readonly runId: string | undefined;
}

function complete(told: Told, engine: EngineRank | undefined): WorkerPlace {
  const who = engine === undefined ? 'no engine was found' : `${engine.engine} does not say it`;
  const rank = told.rank ?? engine?.rank;
  if (rank === undefined)
    throw usageError(`--rank: nothing given, and ${who}`, 'Add --rank, or start the workers with an engine.');
  const worldSize = told.worldSize ?? engine?.worldSize;
  if (worldSize === undefined)
    throw usageError(
      `--world-size: nothing given, and ${who}`,
      'Add --world-size, or set CKPT_RUN_WORLD_SIZE, to the number of ranks.',
    );
  if (rank >= worldSize)
    throw usageError(`--rank: got ${rank}, expected a whole number below --world-size ${worldSize}`, 'Ranks count from 0.');
  const runId = told.runId ?? engine?.runId;
  if (runId === undefined)
    throw usageError(
      `--run-id: nothing given, and ${engine === undefined ? who : `${engine.engine} gives its ranks no name in common that is new for each run`}`,
      'Add --run-id, or set CKPT_RUN_RUN_ID, to what all ranks of this run have in common and no other run has.',
    );
  const { localRank = 0, localWorldSize = 1, groupRank = 0, attempt = 0, engine: name } = engine ?? {};
  return { engine: name, rank, worldSize, localRank, localWorldSize, groupRank, attempt, runId: asRunId(runId) };
}
