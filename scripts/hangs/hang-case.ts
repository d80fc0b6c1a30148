import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HangClass } from '../../shared/contracts/diagnosis.ts';
import { ROOT } from '../source-files.ts';

/** One run that has to hang or to fail, and what has to be said of it. */
export interface HangCase {
  readonly class: HangClass;
  readonly worldSize: number;
  readonly args: readonly string[];
  /** The ranks that have to be named. */
  readonly ranks: readonly number[];
  /** The line that has to be named, as `file:line`; undefined where there is none. */
  readonly place: string | undefined;
}

/** A way to make a class of hangs. */
interface HangRecipe {
  readonly class: HangClass;
  /** The fault, as it is spelled on a command line. */
  readonly fault: (rank: number) => string;
  /** Whether it strikes the next rank as well, where others are left. */
  readonly isShared?: boolean;
  /** A text that stands on one line of one source, the line that has to be named. */
  readonly at?: readonly [file: string, text: string];
  /** Whether two ranks alone cannot tell which of them is wrong. */
  readonly hasSides?: boolean;
  readonly args?: readonly string[];
}

const SPIN = ['shared/platform/sabotage.ts', 'for (;;);'] as const;
const STALL = ['rank/faults/fault-injector.ts', 'else await doing.during('] as const;
const THROW = ['rank/faults/deeds.ts', 'new CkptError(message'] as const;
const SAVE = ['rank/checkpoint/checkpoint-commit.ts', "agreement.agree(meeting('written'"] as const;

/** What faults can make, in the order of the classes. */
const RECIPES: readonly HangRecipe[] = [
  { class: 'never-started', fault: (rank) => `no-start:rank=${rank}` },
  { class: 'world-size-mismatch', fault: (rank) => `world-size:rank=${rank}` },
  { class: 'died', fault: (rank) => `kill:rank=${rank},step=50` },
  { class: 'died', fault: (rank) => `exit:rank=${rank},barrier=7,code=3` },
  { class: 'killed-oom', fault: (rank) => `oom:rank=${rank},step=50` },
  { class: 'exited-early', fault: (rank) => `exit:rank=${rank},step=50,code=0` },
  { class: 'exception-before-barrier', fault: (rank) => `throw:rank=${rank},step=50`, at: THROW },
  { class: 'skipped-barrier', fault: (rank) => `skip:rank=${rank},barrier=7`, hasSides: true },
  { class: 'skipped-barrier', fault: (rank) => `early-return:rank=${rank},step=50` },
  { class: 'desync', fault: (rank) => `reorder:rank=${rank},barrier=7`, hasSides: true },
  { class: 'straggler', fault: (rank) => `slow:rank=${rank},step=25`, args: ['--barrier-timeout=1', '--hard-timeout=1.5'] },
  { class: 'stuck-await', fault: (rank) => `stall:rank=${rank},step=50`, at: STALL },
  { class: 'loop-blocked-js', fault: (rank) => `spin:rank=${rank},step=50`, at: SPIN },
  { class: 'loop-blocked-js', fault: (rank) => `spin:rank=${rank},point=start`, at: SPIN },
  { class: 'loop-blocked-native', fault: (rank) => `block-fs:rank=${rank},step=50` },
  { class: 'fs-pool-exhausted', fault: (rank) => `fill-pool:rank=${rank},step=50`, at: SAVE },
  { class: 'stopped', fault: (rank) => `stop:rank=${rank},step=50` },
  { class: 'host-frozen', fault: (rank) => `freeze-host:rank=${rank},step=50`, isShared: true },
  { class: 'lock-deadlock', fault: (rank) => `hold-lock:rank=${rank},step=50` },
  { class: 'stale-view', fault: (rank) => `hide-files:rank=${rank},step=50` },
  { class: 'clock-skew', fault: (rank) => `skew-clock:rank=${rank},step=50` },
];

/** Every recipe in worlds of these sizes, with the first rank as the culprit, the middle one, and the last. */
export const everyCase = (worldSizes: readonly number[]): readonly HangCase[] =>
  RECIPES.flatMap((recipe) =>
    worldSizes.flatMap((worldSize) =>
      [...new Set([0, Math.floor(worldSize / 2), worldSize - 1])].map((rank) => hangCase(recipe, worldSize, rank)),
    ),
  );

/** One case a class, the culprits in turn. */
export const oneCasePerClass = (worldSize: number): readonly HangCase[] =>
  RECIPES.filter((recipe, index) => RECIPES.findIndex((other) => other.class === recipe.class) === index).map((recipe, index) =>
    hangCase(recipe, worldSize, index % worldSize),
  );

function hangCase(recipe: HangRecipe, worldSize: number, rank: number): HangCase {
  const { fault, isShared = false, at, hasSides = false, args = [] } = recipe;
  const culprits = isShared && worldSize > 2 ? [rank, (rank + 1) % worldSize].toSorted((a, b) => a - b) : [rank];
  return {
    class: recipe.class,
    worldSize,
    args: [`--nproc-per-node=${worldSize}`, '--scenario=basic', `--inject=${culprits.map(fault).join(';')}`, ...args],
    ranks: hasSides && worldSize === 2 ? [0, 1] : culprits,
    place: at === undefined ? undefined : placeOf(...at),
  };
}

/** Found by searching, so that it is right when the sources change. */
function placeOf(file: string, text: string): string {
  const path = join(ROOT, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  const found = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []));
  if (found.length !== 1) throw new RangeError(`${file}: ${JSON.stringify(text)} stands there ${found.length} times, not once`);
  return `${path}:${found[0]}`;
}
