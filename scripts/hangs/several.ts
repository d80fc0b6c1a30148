import type { RunReport } from '../../shared/contracts/run-report.ts';
import { type RandomStream, randomStream } from '../../shared/platform/random.ts';
import { observeRun } from './observed-run.ts';
import { sideBySide } from './side-by-side.ts';

/** Half again as many as there are cores on a small machine: ranks are in each other's way. */
const WIDTH = 3;

const RUNS = 100;

const KINDS = ['kill', 'exit', 'throw', 'stall', 'spin', 'stop', 'block-fs', 'fill-pool', 'early-return', 'skip'] as const;
const STEPS = [25, 50, 75];
/** Seconds; the first are shorter than a rank that is well may take on a busy machine. */
const TIMEOUTS = [0.2, 0.5, 1, 2];

/** A run in which several ranks go wrong, each in its own way and its own time. */
interface SeveralCulprits {
  readonly culprits: readonly number[];
  readonly args: readonly string[];
}

/** Runs with one to three culprits, fewer than half of the ranks, and counts those that blame another. Gives the exit code. */
export async function playSeveral(seed: number): Promise<number> {
  const chance = randomStream(seed);
  console.log(`${RUNS} runs with several culprits, with seed ${seed}`);
  const runs = Array.from({ length: RUNS }, () => severalCulprits(chance));
  const outcomes = await sideBySide(WIDTH, runs, async ({ culprits, args }) => {
    const { code, stderr, report } = await observeRun(args);
    const outcome = code === 0 || code === null || report === null ? 'wrong' : judge(culprits, report);
    if (outcome === 'wrong') console.log(`${args.join(' ')}: expected some of ${culprits}, code ${code}\n${stderr}`);
    return outcome;
  });
  const count = (outcome: Outcome): number => outcomes.filter((each) => each === outcome).length;
  const early = `${count('before')} over before any fault`;
  console.log(`${count('right')} right, ${count('wrong')} wrong, ${count('unknown')} unknown, ${early}, with seed ${seed}`);
  return count('wrong') === 0 ? 0 : 1;
}

type Outcome = 'right' | 'wrong' | 'unknown' | 'before';

function judge(culprits: readonly number[], report: RunReport): Outcome {
  const named = namedIn(report);
  if (named === undefined) return 'wrong';
  if (named.length === 0) return 'unknown';
  if (isBeforeFaults(report)) return 'before';
  return named.every((rank) => culprits.includes(rank)) ? 'right' : 'wrong';
}

/** No fault acts before the first barrier: who is late there, on a busy machine, is late and nothing else. */
const isBeforeFaults = ({ diagnosis, failure }: RunReport): boolean =>
  failure?.kind === 'hang' && failure.barrier?.sequence === 0 && diagnosis?.verdict.class === 'straggler';

/** The ranks of the verdict; without one, the rank that failed. Undefined for a run that names neither. */
function namedIn({ diagnosis, failure }: RunReport): readonly number[] | undefined {
  if (diagnosis !== null) return diagnosis.verdict.class === 'unknown' ? [] : diagnosis.verdict.ranks;
  return failure !== null && 'rank' in failure ? [failure.rank] : undefined;
}

function severalCulprits(chance: RandomStream): SeveralCulprits {
  const below = (count: number): number => Math.floor(chance.next() * count);
  const oneOf = <T>(many: readonly T[]): T => {
    const one = many[below(many.length)];
    if (one === undefined) throw new RangeError('one of none');
    return one;
  };
  const worldSize = 3 + below(5);
  const ranks = Array.from({ length: worldSize }, (_, rank) => rank);
  const count = 1 + below(Math.min(3, Math.ceil(worldSize / 2) - 1));
  const culprits = Array.from({ length: count }, () => ranks.splice(below(ranks.length), 1)).flat();
  const faults = culprits.map((rank) => fault(oneOf(KINDS), rank));
  return {
    culprits,
    args: [
      `--nproc-per-node=${worldSize}`,
      '--scenario=basic',
      `--barrier-timeout=${oneOf(TIMEOUTS)}`,
      `--inject=${faults.join(';')}`,
    ],
  };

  function fault(kind: (typeof KINDS)[number], rank: number): string {
    if (kind === 'skip') return `skip:rank=${rank},barrier=${3 + below(8)}`;
    return `${kind}:rank=${rank},step=${oneOf(STEPS)}${kind === 'exit' ? `,code=${oneOf([0, 3])}` : ''}`;
  }
}
