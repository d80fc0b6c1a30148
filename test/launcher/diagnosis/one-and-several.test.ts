import { describe, expect, test } from 'vitest';
import { hangLines } from '../../../launcher/diagnosis/hang-lines.ts';
import { saidOf } from '../../../shared/policy/diagnosis/clauses.ts';
import { diagnose } from '../../../shared/policy/diagnosis/index.ts';
import { CASES } from '../../shared/policy/diagnosis/hang-cases.ts';
import {
  BARRIER,
  beat,
  blockedIn,
  type Case,
  type Change,
  hangOf,
  journalled,
  NOT_PERMITTED,
  processes,
  UNREACHABLE,
} from '../../shared/policy/diagnosis/hang-evidence.ts';

/** A verb, or what one has one of, behind several ranks; a reason that is of one rank. */
const OF_ONE_SAID_OF_SEVERAL = [
  /\branks [\d,-]+:? (?:is|was|has|does|waits|runs|lives|gets|awaits)\b/,
  /\b(?:clock|arrival|process|journal) of ranks [\d,-]+\b/,
  /(?<!each )of ranks [\d,-]+ not seen \((?:it|its) /,
  /\branks [\d,-]+ .* in its journal\b/,
];
const OF_SEVERAL_SAID_OF_ONE = [
  /(?<!and )\brank \d+:? (?:are|were|have|do|wait|run|live|get|await)\b/,
  /\b(?:clocks|arrivals|processes|journals) of (?:each of )?rank \d/,
  /\beach of rank \d/,
];

/** All that is printed of it, without the breaks of lines. */
function textOf(given: Case): string {
  const evidence = hangOf(given);
  const diagnosis = diagnose(evidence);
  const { says, evidence: clauses, whyNot } = diagnosis.verdict;
  const lines = hangLines({ code: 'CKPT_BARRIER_TIMEOUT', message: 'timed out' }, diagnosis, evidence);
  return [says, ...clauses, ...whyNot, ...lines].join('\n');
}

/** Ranks 2 and 3 of five are away for the same reason, or rank 2 alone. */
const away = (change: Change, count: number): Case => ({
  worldSize: 5,
  missing: count === 1 ? { 2: change } : { 2: change, 3: change },
});

const CHANGES: readonly (readonly [string, Change])[] = [
  ...Object.entries(CASES).flatMap(([name, { single }]) => (single === undefined ? [] : [[name, single] as const])),
  ['nothing seen', { loop: { notSeen: 'it has ended' }, processes: { notSeen: 'it has ended' }, heartbeat: NOT_PERMITTED }],
  ['no answer', { loop: UNREACHABLE, heartbeat: { notSeen: 'it was never started' } }],
  ['a call', { loop: UNREACHABLE, processes: blockedIn('openat', '/x') }],
  ['a debugger', { loop: UNREACHABLE, processes: processes({ state: 't', tracerPid: 7 }) }],
  ['no process and no word', { pid: null, heartbeat: { notSeen: 'it was never started' }, lastRecord: null, barriers: [] }],
];

/** What is no matter of missing ranks alone, for so many ranks. */
const OTHERS: readonly (readonly [string, (count: number) => Case])[] = [
  [
    'arrivals that the others do not see',
    (count) => {
      const hidden = { barriers: [journalled('arrived', 28_000, BARRIER)] };
      return { ...away(hidden, count), barrier: { seenByLauncher: [0, 1, 2, 3, 4] } };
    },
  ],
  [
    'arrivals that came too late to tell',
    (count) => ({ ...away({ barriers: [], clockSkewMs: null }, count), barrier: { seenByLauncher: [0, 1, 2, 3, 4] } }),
  ],
  [
    'clocks by which the time was over',
    (count) => {
      const wrong = { clockSkewMs: 3_600_000 };
      return {
        worldSize: 5,
        barrier: { waitedMs: 3 },
        missing: { 2: {} },
        ranks: count === 1 ? { 1: wrong } : { 0: wrong, 1: wrong },
      };
    },
  ],
  [
    'frozen hosts',
    (count) => {
      const frozen = (host: string): Change => ({ host, heartbeat: beat(9000), loop: UNREACHABLE });
      return { worldSize: 5, missing: { 2: frozen('two'), ...(count === 1 ? {} : { 3: frozen('three') }) } };
    },
  ],
  ['another world', (count) => ({ ...away({ worldSize: 1 }, count), barrier: { why: 'mismatch' } })],
  [
    'other barriers',
    (count) => {
      const elsewhere = { name: 'other', fingerprint: 'ffffffff' };
      return { worldSize: 5, arriving: count === 1 ? { 2: elsewhere } : { 2: elsewhere, 3: elsewhere } };
    },
  ],
];

const REPORTS = [...CHANGES.map(([name, change]) => [name, (count: number) => away(change, count)] as const), ...OTHERS];

describe.each([1, 2])('of %i', (count) => {
  test.for(REPORTS)('%s: verbs and nouns are in the number of the ranks', ([, given]) => {
    const text = textOf(given(count));
    for (const slip of [...OF_ONE_SAID_OF_SEVERAL, ...OF_SEVERAL_SAID_OF_ONE]) expect(text).not.toMatch(slip);
  });
});

test.for([
  ['was never started', 'were never started'],
  ['waits at the barrier', 'wait at the barrier'],
  ['does not answer', 'do not answer'],
  ['has left nothing in its journal', 'have left nothing in their journal'],
  ['reached its end', 'reached their end'],
  ['ended by SIGTERM', 'ended by SIGTERM'],
  ['waits at "has left nothing in its journal"', 'wait at "has left nothing in its journal"'],
] as const)('%s, of two: %s', ([one, two]) => {
  expect(saidOf(1, one)).toBe(one);
  expect(saidOf(2, one)).toBe(two);
});

test('two hosts have a word for both, and one side is one side', () => {
  const hosts = OTHERS.find(([name]) => name === 'frozen hosts')?.[1];
  expect(hosts === undefined ? '' : textOf(hosts(2))).toContain('hosts three, two stand still, and ranks 2,3 with them');
  const arriving = Object.fromEntries([1, 2, 3, 4].map((rank) => [rank, { name: `b${rank}`, fingerprint: `${rank}` }]));
  expect(textOf({ worldSize: 5, arriving })).toContain('and 1 more side\n');
});
