import type { Evidence } from '../../contracts/evidence.ts';
import type { Invariant } from '../../contracts/invariant.ts';
import type { JournalEvent } from '../../contracts/journal.ts';
import { dissent } from './agreement.ts';
import { findingOf, names, namesWithMetric, type Violation } from './finding.ts';
import { journalsOf, type RankJournal } from './journals.ts';

/** All ranks decide alike. */
export const decisionsEqual: Invariant = {
  name: 'decisions-equal',
  group: 'DDP Coordination',
  covers: 'All ranks coordinate via barriers',
  claim: 'At each step all ranks have the same metric and decide alike to save, to stop, what is best and what is deleted.',
  hint: 'Derive every decision from values that all ranks share, and exchange what only one rank knows at a barrier.',
  check: (evidence) => [findingOf('decisions-equal', 'All ranks decided alike at every step', differences(evidence))],
};

function differences(evidence: Evidence): readonly Violation[] {
  const decisions = journalsOf(evidence).map(decisionsOf);
  const topics = new Map(decisions.flatMap((ofRank) => [...ofRank].map(([topic, { step }]) => [topic, step] as const)));
  return [...topics].flatMap(([topic, step]) => {
    const answers = decisions.map((ofRank) => ofRank.get(topic)?.answer ?? 'nothing');
    const { agreed, ranks } = dissent(answers);
    return ranks.map((rank) => ({
      step,
      rank,
      message: `Ranks differ in ${topic}`,
      expected: agreed,
      found: answers[rank] ?? '',
    }));
  });
}

/** What a rank decided, by topic; a topic that comes up again adds to the answer. */
function decisionsOf(journal: RankJournal): ReadonlyMap<string, { readonly step: number; readonly answer: string }> {
  const decisions = new Map<string, { readonly step: number; readonly answer: string }>();
  for (const event of journal) {
    const decision = decisionIn(event);
    if (decision === undefined) continue;
    const topic = `${decision.topic} at step ${decision.step}`;
    const earlier = decisions.get(topic)?.answer;
    decisions.set(topic, {
      step: decision.step,
      answer: earlier === undefined ? decision.answer : `${earlier}, then ${decision.answer}`,
    });
  }
  return decisions;
}

function decisionIn(event: JournalEvent): { readonly topic: string; readonly step: number; readonly answer: string } | undefined {
  switch (event.type) {
    case 'evaluation:finished':
      return { topic: 'the metric', step: event.step, answer: String(event.metric) };
    case 'step:decided':
      return { topic: 'the decision', step: event.step, answer: `stop ${event.stop}, abort ${event.abort}, save ${event.save}` };
    case 'best:updated':
      return { topic: 'the best list', step: event.step, answer: namesWithMetric(event.best) };
    case 'retention:decided':
      return { topic: 'retention', step: event.step, answer: `preserve ${names(event.preserve)}; delete ${names(event.delete)}` };
    default:
      return undefined;
  }
}
