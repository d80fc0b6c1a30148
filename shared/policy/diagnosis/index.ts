import type { Diagnosis, HangEvidence, HangVerdict, RankEvidence } from '../../contracts/diagnosis.ts';
import { messageOf } from '../../contracts/errors.ts';
import { BARRIER_ORDER } from './barrier-order.ts';
import { eachOf, spellRanks, spellSubject } from './clauses.ts';
import { ceilingFor, leastSure, unexplained } from './confidence.ts';
import { DEATH } from './death.ts';
import { EVENT_LOOP } from './event-loop.ts';
import { accountOf, type HangAccount, numbersOf } from './hang-account.ts';
import type { Conclusion, HangRule } from './hang-rule.ts';
import { LOCK_DEADLOCK } from './lock-deadlock.ts';
import { NEVER_STARTED } from './never-started.ts';
import { progressOf } from './process-evidence.ts';
import { rankStates } from './rank-states.ts';
import { SHARED_VIEW } from './shared-view.ts';
import { STILLNESS } from './stillness.ts';
import { WAITING } from './waiting.ts';

/**
 * Every class of hangs, in the order in which they are looked for: what explains more comes first. Who is dead explains all
 * that wait, who is stopped cannot be blocked, and only of a rank that nothing holds can it be said that it is slow.
 */
export const HANG_RULES: readonly HangRule[] = [
  ...NEVER_STARTED,
  ...DEATH,
  ...STILLNESS,
  ...SHARED_VIEW,
  ...BARRIER_ORDER,
  ...LOCK_DEADLOCK,
  ...EVENT_LOOP,
  ...WAITING,
];

/** Names the one root cause of a barrier that did not open, or says that there is no telling. Pure, and never throws. */
export function diagnose(evidence: HangEvidence): Diagnosis {
  try {
    const account = accountOf(evidence);
    const verdict = verdictOn(account);
    return { barrier: evidence.barrier, verdict, states: rankStates(account), alsoAffected: affected(account, verdict) };
  } catch (thrown) {
    const says = 'the evidence could not be judged';
    const verdict: HangVerdict = { class: 'unknown', says, evidence: [messageOf(thrown)], whyNot: [], hint: UNKNOWN_HINT };
    return { barrier: evidence.barrier, verdict, states: [], alsoAffected: [] };
  }
}

function verdictOn(account: HangAccount): HangVerdict {
  for (const rule of HANG_RULES) {
    const conclusion = rule.examine(account);
    if (conclusion !== undefined) return verdictOf(account, rule, conclusion);
  }
  return undecided(account);
}

function verdictOf(account: HangAccount, rule: HangRule, conclusion: Conclusion): HangVerdict {
  const { ranks, place, says, evidence, confidence, hint = rule.hint } = conclusion;
  const others = unexplained(account, conclusion);
  const suspects = account.missing.filter(({ rank }) => ranks.includes(rank));
  return {
    class: rule.class,
    ranks,
    place,
    confidence: leastSure(confidence, ceilingFor(account, rule, conclusion)),
    says,
    evidence: [
      ...evidence,
      ...(others.length === 0 ? [] : [`missing as well, perhaps for another reason: ${spellRanks(others)}`]),
    ],
    whyNot: clausesAgainst(account, suspects, rule),
    hint,
  };
}

const clausesAgainst = (account: HangAccount, suspects: readonly RankEvidence[], except?: HangRule): readonly string[] =>
  HANG_RULES.flatMap((rule) => (rule === except ? [] : (rule.whyNot(account, suspects) ?? [])));

const UNKNOWN_HINT = 'Run ckpt-run inspect on the run directory, and read the journals of the ranks that are missing.';

function undecided(account: HangAccount): HangVerdict {
  const { suspects, hidden } = account;
  const away = suspects.length > 0 ? suspects : hidden;
  return {
    class: 'unknown',
    says: account.barrier === null ? whyNotOn(away) : whyNotOpen(away),
    evidence: [
      ...eachOf(suspects, (rank) => `rank ${rank.rank}: ${seenOf(rank)}`),
      ...(hidden.length === 0
        ? []
        : [`the launcher sees the arrival${hidden.length === 1 ? '' : 's'} of ${spellRanks(hidden)}, the waiting ranks did not`]),
    ],
    whyNot: clausesAgainst(account, suspects),
    hint: UNKNOWN_HINT,
  };
}

const whyNotOpen = (away: readonly RankEvidence[]): string =>
  away.length === 0
    ? 'all ranks arrived, and nothing shows why the barrier did not open'
    : `what was seen does not tell why ${spellRanks(away)} did not arrive`;

/** Where no barrier is meant. */
const whyNotOn = (away: readonly RankEvidence[]): string =>
  away.length === 0
    ? 'no rank was left that could be looked at'
    : `what was seen does not tell why ${spellSubject(numbersOf(away), 'does', 'do')} not get on`;

/** What there is of a rank about which nothing can be said. */
function seenOf(rank: RankEvidence): string {
  const { pid, processes, loop } = rank;
  const process =
    'notSeen' in processes ? `process not seen (${processes.notSeen})` : `state ${processes.at(-1)?.state ?? 'unknown'}`;
  const answer = 'notSeen' in loop ? `event loop not seen (${loop.notSeen})` : `event loop ${loop.kind}`;
  return [`pid ${pid}`, process, answer, progressOf(rank)?.says ?? 'progress not seen'].join(', ');
}

/** Those that wait because of the culprits. */
function affected(account: HangAccount, verdict: HangVerdict): readonly number[] {
  if (verdict.class === 'unknown') return [];
  return numbersOf(account.ranks.filter(({ rank }) => account.arrived.has(rank) && !verdict.ranks.includes(rank)));
}
