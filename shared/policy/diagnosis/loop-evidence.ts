import { type CodePlace, type Doing, isSeen, type RankEvidence, type StackSample } from '../../contracts/diagnosis.ts';

/** A watcher that beats less often than this does not run; milliseconds. */
export const STALE_BEAT_MS = 1500;

/** One that has beaten within so long runs: it beats four times a second. An older beat does not say so. Milliseconds. */
const FRESH_BEAT_MS = 600;

/** Whether the rank's watcher has beaten just now. */
export const isBeating = ({ heartbeat }: RankEvidence): boolean => isSeen(heartbeat) && heartbeat.ageMs < FRESH_BEAT_MS;

/** A loop that has not turned for so long is blocked; milliseconds. */
export const BLOCKED_LAG_MS = 1000;

/** What a rank with an idle loop says it does, outermost first; undefined when its loop was not found idle. */
export const doingsOf = ({ loop }: RankEvidence): readonly Doing[] | undefined =>
  isSeen(loop) && loop.kind === 'idle' ? loop.doing : undefined;

/** The stacks of a rank whose loop runs JavaScript; undefined for another. */
export const stacksOf = ({ loop }: RankEvidence): readonly StackSample[] | undefined =>
  isSeen(loop) && loop.kind === 'busy' ? loop.stacks : undefined;

/** Whether the rank's watcher says that the loop turns; undefined when it does not beat. */
export function loopTurns({ heartbeat }: RankEvidence): boolean | undefined {
  if (!isSeen(heartbeat) || !(heartbeat.ageMs < STALE_BEAT_MS)) return undefined;
  return heartbeat.lagMs < BLOCKED_LAG_MS;
}

/** The frames that are not Node's own. */
const userFrames = ({ frames }: StackSample): readonly CodePlace[] => frames.filter(({ file }) => !file.startsWith('node:'));

/** The innermost frame of the user's sources. */
export const innermost = (stack: StackSample): CodePlace | undefined => userFrames(stack)[0];

/** Where all samples are: the innermost function they share, and whether it is the innermost in each of them. */
export interface SharedFrame {
  readonly place: CodePlace;
  readonly isInnermost: boolean;
}

/** Undefined for fewer than two samples, and for samples that share nothing of the user's. */
export function sharedFrame(stacks: readonly StackSample[]): SharedFrame | undefined {
  const paths = stacks.map((stack) => userFrames(stack).toReversed());
  const [first, ...others] = paths;
  if (first === undefined || others.length === 0) return undefined;
  const differs = first.findIndex((frame, depth) => others.some((path) => !isSameFunction(frame, path[depth])));
  const depth = differs < 0 ? first.length : differs;
  // Its line in the newest sample, for it is the one that a reader can check against the report.
  const place = paths.at(-1)?.[depth - 1];
  return place === undefined ? undefined : { place, isInnermost: paths.every(({ length }) => length === depth) };
}

/** Functions without a name are told apart by their lines. */
const isSameFunction = (a: CodePlace, b: CodePlace | undefined): boolean =>
  b !== undefined && a.file === b.file && a.functionName === b.functionName && (a.functionName !== null || a.line === b.line);

/** The place of the user's that a rank is known to be at: in its code, or where it waits. */
export function placeOf(rank: RankEvidence): CodePlace | null {
  const stacks = stacksOf(rank);
  if (stacks !== undefined) return sharedFrame(stacks)?.place ?? stacks.map(innermost).at(-1) ?? null;
  return doingsOf(rank)?.at(-1)?.place ?? null;
}
