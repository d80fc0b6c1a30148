import type { Evidence } from '../../contracts/evidence.ts';
import type { JournalEvent } from '../../contracts/journal.ts';
import { dissent } from './agreement.ts';
import { findingOf, names, namesWithMetric, type Violation } from './finding.ts';
import type { Invariant } from './invariant.ts';
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

/** What a rank decided on one topic; where it did so more than once, one after the other. */
interface Answer {
  readonly step: number;
  readonly topic: string;
  readonly answer: string;
}

function differences(evidence: Evidence): readonly Violation[] {
  const decided = journalsOf(evidence).map(answersOf);
  const topics = new Map(decided.flatMap((ofRank) => [...ofRank.values()].map(({ topic, step }) => [topic, step])));
  return [...topics].flatMap(([topic, step]) => {
    const answers = decided.map((ofRank) => ofRank.get(topic)?.answer ?? 'nothing');
    const { agreed, ranks } = dissent(answers);
    const message = `Ranks differ in ${topic}`;
    return ranks.map((rank) => ({ step, rank, message, expected: agreed, found: `${answers[rank]}` }));
  });
}

function answersOf(journal: RankJournal): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>();
  for (const { step, topic, answer } of journal.flatMap(answersIn)) {
    const before = answers.get(topic);
    answers.set(topic, { step, topic, answer: before === undefined ? answer : `${before.answer}, then ${answer}` });
  }
  return answers;
}

function answersIn(event: JournalEvent): readonly Answer[] {
  const on = (step: number, topic: string, answer: string): readonly Answer[] => [
    { step, topic: `${topic} at step ${step}`, answer },
  ];
  switch (event.type) {
    case 'evaluation:finished':
      return on(event.step, 'the metric', String(event.metric));
    case 'step:decided':
      return on(event.step, 'the decision', `stop ${event.stop}, abort ${event.abort}, save ${event.save}`);
    case 'save:decided':
      return on(event.step, 'the decision after the save', `stop ${event.stop}, abort ${event.abort}`);
    case 'best:updated':
      return on(event.step, 'the best list', namesWithMetric(event.best));
    case 'retention:decided':
      return on(event.step, 'retention', `preserve ${names(event.preserve)}; delete ${names(event.delete)}`);
    default:
      return [];
  }
}
