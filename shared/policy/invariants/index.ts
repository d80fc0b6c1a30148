import { messageOf } from '../../contracts/errors.ts';
import type { Evidence } from '../../contracts/evidence.ts';
import { type Finding, type Verdict, worst } from '../../contracts/verdict.ts';
import { type Account, accountOf } from './account.ts';
import { BEST_TRACKING, finalBest } from './best-tracking.ts';
import { CHECKPOINT_PRESERVATION } from './checkpoint-preservation.ts';
import { DDP_COORDINATION } from './ddp-coordination.ts';
import { DIVERGENCE_DETECTION, firstDivergence } from './divergence-detection.ts';
import { DIVERGENCE_RESPONSE } from './divergence-response.ts';
import { fatesOf } from './fates.ts';
import type { Invariant } from './invariant.ts';
import { journalOf } from './journals.ts';
import { METRICS_TRACKING } from './metrics-tracking.ts';
import { RACE_CONDITION } from './race-condition.ts';
import { stepsOf } from './ranking.ts';

/** Every invariant, in the order in which the findings are printed. */
export const INVARIANTS: readonly Invariant[] = [
  ...BEST_TRACKING,
  ...CHECKPOINT_PRESERVATION,
  ...RACE_CONDITION,
  ...DIVERGENCE_DETECTION,
  ...DIVERGENCE_RESPONSE,
  ...DDP_COORDINATION,
  ...METRICS_TRACKING,
];

/** Judges one run of a scenario: every invariant over everything that is known about it. What cannot be judged is unknown. */
export function judge(evidence: Evidence): Verdict {
  try {
    return verdictOn(accountOf(evidence));
  } catch (thrown) {
    return undecided(evidence, thrown);
  }
}

function verdictOn(account: Account): Verdict {
  const findings = INVARIANTS.flatMap((invariant) => findingsOf(invariant, account));
  return {
    ...whatIsThere(account),
    status: worst(findings.map(({ status }) => status)),
    best: finalBest(journalOf(account, 0)),
    checkpoints: fatesIn(account),
    divergedAtStep: firstDivergence(account) ?? null,
    findings,
  };
}

const undecided = (evidence: Evidence, why: unknown): Verdict => ({
  ...whatIsThere(evidence),
  status: 'unknown',
  best: [],
  checkpoints: [],
  divergedAtStep: null,
  findings: INVARIANTS.map((invariant) => uncheckable(invariant, why)),
});

const whatIsThere = ({ scenario, disk }: Evidence): Pick<Verdict, 'scenario' | 'metricName' | 'onDisk'> => ({
  scenario: scenario.name,
  metricName: scenario.metricName,
  onDisk: stepsOf(disk).toSorted((a, b) => a - b),
});

/** None where they cannot be told: then the invariant `fates-known` says so. */
function fatesIn(account: Account): Verdict['checkpoints'] {
  try {
    return fatesOf(account);
  } catch {
    return [];
  }
}

/** What an invariant finds, with its hint where it fails; a check that breaks down decides nothing. */
export function findingsOf(invariant: Invariant, account: Account): readonly Finding[] {
  try {
    const hint = account.scenario.hint ?? invariant.hint;
    return invariant.check(account).map((finding) => (finding.status === 'failed' ? { ...finding, hint } : finding));
  } catch (thrown) {
    return [uncheckable(invariant, thrown)];
  }
}

const uncheckable = ({ name }: Invariant, why: unknown): Finding => ({
  invariant: name,
  status: 'unknown',
  message: `${name} could not be checked: ${messageOf(why)}`,
});
