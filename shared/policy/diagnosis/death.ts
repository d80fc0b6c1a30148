import type { EndEvidence, HangClass, RankEvidence } from '../../contracts/diagnosis.ts';
import { isJsonObject } from '../../contracts/json.ts';
import { atPlace, commonPlace, eachOf, spellRanks, spellSubject } from './clauses.ts';
import { type HangAccount, numbersOf } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { lastSample } from './process-evidence.ts';

type Death = Extract<HangClass, 'died' | 'killed-oom' | 'exited-early' | 'exception-before-barrier'>;

/** What ended a missing rank, or keeps it away though it lives; undefined when nothing like it is known. */
function deathOf(rank: RankEvidence): Death | undefined {
  const { end } = rank;
  if (end !== null && end.outOfMemory !== null) return 'killed-oom';
  if (threwItself(rank)) return 'exception-before-barrier';
  // Who heard at a barrier that another rank has failed ended because of that.
  if (end === null || throwerOf(rank) !== undefined) return undefined;
  return end.exitCode === 0 || end.exitCode === 13 ? 'exited-early' : 'died';
}

/** A barrier that was given up, and an error that was carried here from another rank, are somebody else's fault. */
function threwItself({ rank, error }: RankEvidence): boolean {
  if (error === null || error.code.startsWith('CKPT_BARRIER_')) return false;
  return (throwerOf({ error }) ?? rank) === rank;
}

/** The rank whose failure was carried to a barrier. */
function throwerOf({ error }: Pick<RankEvidence, 'error'>): number | undefined {
  const thrower = isJsonObject(error?.evidence) ? error.evidence['rank'] : undefined;
  return typeof thrower === 'number' ? thrower : undefined;
}

function deadOf(account: HangAccount, death: Death, says: (numbers: readonly number[]) => string): Conclusion | undefined {
  const dead = account.missing.filter((rank) => deathOf(rank) === death);
  if (dead.length === 0) return undefined;
  const others = account.missing.some((rank) => deathOf(rank) !== undefined && !dead.includes(rank));
  return {
    ranks: numbersOf(dead),
    place: death === 'exception-before-barrier' ? commonPlace(dead.map(({ thrownAt }) => thrownAt)) : null,
    // Which of two deaths came first is not known.
    confidence: others ? 'medium' : 'high',
    // Where nobody had come to a barrier nobody is missing there: the living were told to end.
    explains: account.barrier === null ? numbersOf(account.ranks) : [],
    says: says(numbersOf(dead)),
    evidence: eachOf(
      dead,
      (rank) => `rank ${rank.rank}: ${[endOf(rank.end), errorOf(rank), lastWords(rank)].filter(Boolean).join('; ')}`,
    ),
  };
}

const endOf = (end: EndEvidence | null): string => {
  if (end === null) return 'the process lives';
  if (end.signal !== null) return `ended by ${end.signal}`;
  return end.exitCode === null ? 'ended' : `exit code ${end.exitCode}`;
};

const errorOf = ({ error }: RankEvidence): string => (error === null ? '' : `${error.code}: ${error.message}`);

const lastWords = ({ end }: RankEvidence): string => {
  const line = end?.stderrTail.findLast((text) => text.trim() !== '');
  return line === undefined ? '' : `last line of its stderr: ${line.trim()}`;
};

const killedForMemory: HangRule = {
  class: 'killed-oom',
  claim: 'The process was ended because memory was short.',
  needs: 'SIGKILL with a higher count of kills in the control group, or the last words of V8',
  hint: 'Give the rank more memory (the container limit, or NODE_OPTIONS=--max-old-space-size), or keep less in it.',
  isCertain: true,
  examine: (account) =>
    deadOf(account, 'killed-oom', (numbers) => `${spellSubject(numbers, 'was', 'were')} ended because memory was short`),
  whyNot: (_, suspects) =>
    suspects.length > 0 && suspects.every(({ end }) => end !== null && end.outOfMemory === null)
      ? 'not short of memory: neither the kernel nor V8 says so'
      : undefined,
};

const died: HangRule = {
  class: 'died',
  claim: 'The process ended with an exit code or by a signal.',
  needs: 'the end of the process as the launcher saw it',
  hint: "Read the rank's stderr.log in the run directory, and look for who sent the signal.",
  isCertain: true,
  examine: (account) => deadOf(account, 'died', (numbers) => `${spellSubject(numbers, 'is', 'are')} dead`),
  whyNot: (_, suspects) => {
    if (suspects.length === 0 || suspects.some(({ end, pid }) => end !== null || pid === null)) return undefined;
    if (suspects.length > 1) return `not dead: the processes of ${spellRanks(suspects)} have not ended`;
    const sample = suspects[0] === undefined ? undefined : lastSample(suspects[0]);
    return `not dead: pid ${suspects[0]?.pid} ${sample === undefined ? 'has not ended' : `lives (${sample.state})`}`;
  },
};

const exception: HangRule = {
  class: 'exception-before-barrier',
  claim: 'An exception kept the rank from calling the barrier, whether its process ended or not.',
  needs: "the error in the rank's journal",
  hint: 'Let no exception prevent a barrier: carry the error to the barrier and throw it on all ranks together.',
  isCertain: true,
  examine: (account) => {
    const found = deadOf(
      account,
      'exception-before-barrier',
      (numbers) => `${spellSubject(numbers, 'threw', 'threw')} before the barrier`,
    );
    const thrown = account.missing.find(({ rank }) => rank === found?.ranks[0])?.error;
    return found === undefined || found.ranks.length > 1 || thrown == null
      ? found
      : { ...found, says: `${found.says}: ${thrown.message}` };
  },
  whyNot: (_, suspects) =>
    suspects.length > 0 && suspects.every(({ error }) => error === null) ? 'no exception on record' : undefined,
};

const exitedEarly: HangRule = {
  class: 'exited-early',
  claim: 'The process ended with 0 or 13, as if all was well, before its end.',
  needs: "exit code 0 or 13, and no end in the rank's journal",
  hint: 'Look for an early return, a process.exit or an await that never settles.',
  isCertain: true,
  examine: (account) => {
    const found = deadOf(
      account,
      'exited-early',
      (numbers) => `${spellSubject(numbers, 'has', 'have')} exited before the barrier as if all was well`,
    );
    if (found === undefined) return undefined;
    const first = account.missing.find(({ rank }) => rank === found.ranks[0]);
    const last = first?.barriers.at(-1);
    const journal = found.ranks.length === 1 ? 'its journal' : `the journal of rank ${first?.rank}`;
    return {
      ...found,
      evidence: [
        ...found.evidence,
        ...(first === undefined || first.lastRecord === null ? [] : [`last record in ${journal}: ${first.lastRecord.what}`]),
        ...(last === undefined
          ? [`no barrier in ${journal}`]
          : [`last barrier in ${journal}: ${JSON.stringify(last.name)}, ${last.outcome}${atPlace(last.callSite)}`]),
      ],
    };
  },
  whyNot: () => undefined,
};

/** Ranks that have ended, or that have thrown and will not come. */
export const DEATH: readonly HangRule[] = [killedForMemory, died, exception, exitedEarly];
