import type { Evidence } from '../../contracts/evidence.ts';
import type { Invariant } from '../../contracts/invariant.ts';
import type { JournalEvent } from '../../contracts/journal.ts';
import { dissent } from './agreement.ts';
import { findingOf, names, namesWithMetric, type Violation } from './finding.ts';
import { journalsOf } from './journals.ts';

/** All ranks decide alike. */
export const decisionsEqual: Invariant = {
  name: 'decisions-equal',
  group: 'DDP Coordination',
  covers: 'All ranks coordinate via barriers',
  claim: 'At each step all ranks have the same metric and decide alike to save, to stop, what is best and what is deleted.',
  hint: 'Derive every decision from values that all ranks share, and exchange what only one rank knows at a barrier.',
  check: (evidence) => [findingOf('decisions-equal', 'All ranks decided alike at every step', differences(evidence))],
};

/** What a rank decided on one topic. */
interface Answer {
  readonly step: number;
  readonly topic: string;
  readonly answer: string;
}

function differences(evidence: Evidence): readonly Violation[] {
  const decided = journalsOf(evidence).map((journal) => journal.flatMap(answersIn));
  const topics = new Map(decided.flat().map(({ topic, step }) => [topic, step]));
  return [...topics].flatMap(([topic, step]) => {
    const answers = decided.map((ofRank) => answerTo(topic, ofRank));
    const { agreed, ranks } = dissent(answers);
    return ranks.map((rank) => ({
      step,
      rank,
      message: `Ranks differ in ${topic}`,
      expected: agreed,
      found: `${answers[rank]}`,
    }));
  });
}

const answerTo = (topic: string, answers: readonly Answer[]): string =>
  answers
    .filter((answer) => answer.topic === topic)
    .map(({ answer }) => answer)
    .join(', then ') || 'nothing';

function answersIn(event: JournalEvent): readonly Answer[] {
  const on = (step: number, topic: string, answer: string): readonly Answer[] => [
    { step, topic: `${topic} at step ${step}`, answer },
  ];
  switch (event.type) {
    case 'evaluation:finished':
      return on(event.step, 'the metric', String(event.metric));
    case 'step:decided':
      return on(event.step, 'the decision', `stop ${event.stop}, abort ${event.abort}, save ${event.save}`);
    case 'best:updated':
      return on(event.step, 'the best list', namesWithMetric(event.best));
    case 'retention:decided':
      return on(event.step, 'retention', `preserve ${names(event.preserve)}; delete ${names(event.delete)}`);
    default:
      return [];
  }
}
