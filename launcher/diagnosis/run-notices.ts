import type { Logger } from '../../shared/platform/logger.ts';
import { progress } from '../notices.ts';
import type { Examiner } from './examination.ts';
import { pictureLines } from './picture.ts';
import { type WatchedRun, watchWaits } from './wait-watch.ts';
import { waitingFields, waitingLine } from './waiting-line.ts';

/** What is said of a run while it goes on. */
export interface RunNotices {
  /** Says how it stands, to whoever asked. */
  describe(): void;
  /** Says nothing more. */
  end(): void;
}

/** Begins to say for whom barriers wait, unless that is not wanted. */
export function openRunNotices(
  watched: WatchedRun,
  examiner: Pick<Examiner, 'picture'>,
  isQuiet: boolean,
  tell: Logger['log'],
): RunNotices {
  let hasEnded = false;
  const unwatch = isQuiet
    ? undefined
    : watchWaits(watched, (wait) => tell(progress('waiting', waitingLine(wait), waitingFields(wait))));
  const describe = async (): Promise<void> => {
    const picture = await examiner.picture();
    const { diagnosis, isStill } = picture;
    if (hasEnded) return;
    const fields = { event: 'picture', diagnosis: isStill ? diagnosis : null, states: diagnosis.states };
    tell({ kind: 'event', text: pictureLines(picture).join('\n'), fields });
  };
  return {
    describe: () => void describe().catch(() => tell(progress('picture', 'the run could not be looked at'))),
    end: () => {
      hasEnded = true;
      unwatch?.();
    },
  };
}
