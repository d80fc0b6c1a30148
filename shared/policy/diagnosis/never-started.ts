import { spellRanks, spellSubject } from './clauses.ts';
import { numbersOf } from './hang-account.ts';
import type { HangRule } from './hang-rule.ts';

const worldSizeMismatch: HangRule = {
  class: 'world-size-mismatch',
  claim: 'A rank was told another number of ranks than the others, and waits for the wrong ones.',
  needs: 'the world size that each rank says it was told',
  hint: 'Start all ranks with the same WORLD_SIZE: look at who else sets it, and at --nproc-per-node and --nnodes on every node.',
  isCertain: true,
  examine: ({ ranks, worldSize }) => {
    const wrong = ranks.filter((rank) => rank.worldSize !== null && rank.worldSize !== worldSize);
    const [first] = wrong;
    if (first === undefined) return undefined;
    const told = [...new Set(wrong.map((rank) => rank.worldSize))].toSorted((a, b) => Number(a) - Number(b));
    const numbers = numbersOf(wrong);
    const sizes = told.slice(0, 3);
    return {
      ranks: numbers,
      place: null,
      confidence: 'high',
      says: `${spellSubject(numbers, 'was', 'were')} told a world of ${sizes.join(' or ')} ${String(sizes) === '1' ? 'rank' : 'ranks'}, but this run has ${worldSize}`,
      evidence: [`world size ${sizes.join(', ')} on ${spellRanks(wrong)}, ${worldSize} in the plan of the run`],
    };
  },
  whyNot: ({ ranks, worldSize }) => {
    const silent = ranks.filter(({ pid, ...rank }) => pid !== null && rank.worldSize === null);
    if (silent.length === 0) return `no world size mismatch: all were told ${worldSize}`;
    return `world size of ${spellRanks(silent)} not seen`;
  },
};

const neverStarted: HangRule = {
  class: 'never-started',
  claim: 'There is no process for the rank.',
  needs: 'the process number, or the error of the start',
  hint: 'Read why the process could not be started; on several nodes, start ckpt-run on each of them with the same --nnodes.',
  isCertain: true,
  examine: ({ missing, ranks, barrier }) => {
    const absent = missing.filter(({ pid, end }) => pid === null && end === null);
    if (absent.length === 0) return undefined;
    const errors = [...new Set(absent.flatMap(({ startError }) => startError ?? []))];
    const numbers = numbersOf(absent);
    return {
      ranks: numbers,
      place: null,
      confidence: 'high',
      // A start that fails ends the run: the others were told to end.
      explains: barrier === null && errors.length > 0 ? numbersOf(ranks) : [],
      says: `${spellSubject(numbers, 'was', 'were')} never started`,
      evidence: [`no process for ${spellRanks(absent)}`, ...errors.slice(0, 2).map((error) => `the start failed: ${error}`)],
    };
  },
  // That it is not dead says so, too.
  whyNot: () => undefined,
};

/** Ranks that are not there, or not in this world. */
export const NEVER_STARTED: readonly HangRule[] = [worldSizeMismatch, neverStarted];
