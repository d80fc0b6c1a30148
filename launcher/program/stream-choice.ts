import { usageError } from '../../shared/contracts/errors.ts';
import type { StreamChoice, StreamSet } from './program-request.ts';

const SETS: ReadonlyMap<string, StreamSet> = new Map([
  ['0', 'none'],
  ['1', 'stdout'],
  ['2', 'stderr'],
  ['3', 'both'],
]);

const MAP = /^\d+:[0-3](?:,\d+:[0-3])*$/;

/** No stream of any rank. */
export const NO_STREAMS: StreamChoice = { others: 'none', byLocalRank: new Map() };

/** torchrun's `3`, or `0:1,12:3` for single local ranks. Throws CKPT_USAGE. */
export function parseStreams(option: string, given: string): StreamChoice {
  const all = SETS.get(given);
  if (all !== undefined) return { ...NO_STREAMS, others: all };
  if (MAP.test(given)) return { ...NO_STREAMS, byLocalRank: new Map(given.split(',').map(parsePair)) };
  throw usageError(
    `${option}: got ${JSON.stringify(given)}, expected 0 (none), 1 (stdout), 2 (stderr) or 3 (both), or such as 0:1,12:3 for local ranks`,
  );
}

function parsePair(pair: string): readonly [number, StreamSet] {
  const [rank, value = ''] = pair.split(':');
  return [Number(rank), SETS.get(value) ?? 'none'];
}
