import type { Examiner } from '../diagnosis/examination.ts';
import type { GroupRules, RankGroup } from '../group/rank-group.ts';
import { type EndingRun, type Findings, findingsOf } from './findings.ts';

/** What is found, and said, before ranks are ended. */
export interface EarlyFindings {
  /** What a group asks for before it ends its ranks. */
  readonly examine: NonNullable<GroupRules['examine']>;
  readonly said: () => Findings | undefined;
}

/** Finds out why a run ends, and says it, while its ranks live: they may take long to end, or never do. */
export function earlyFindings(
  known: Omit<EndingRun, 'outcome'>,
  examiner: Examiner,
  outcomes: RankGroup['outcomes'],
): EarlyFindings {
  let said: Findings | undefined;
  return {
    said: () => said,
    examine: (reason) =>
      examiner.examine(reason)?.then((examination) => {
        if (examination === undefined) return;
        said = findingsOf({ ...known, outcome: { ranks: outcomes(), reason }, examination });
        if (said.notice !== undefined) known.surroundings.tell(said.notice);
      }),
  };
}
