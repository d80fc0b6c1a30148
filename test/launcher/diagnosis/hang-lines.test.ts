import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { hangLines } from '../../../launcher/diagnosis/hang-lines.ts';
import { diagnose } from '../../../shared/policy/diagnosis/index.ts';
import '../../property-seed.ts';
import { anyEvidence } from '../../shared/policy/diagnosis/any-hang.ts';
import { arrivalOf, beat, busyIn, type Case, hangOf, moving, processes } from '../../shared/policy/diagnosis/hang-evidence.ts';

const ERROR = {
  code: 'CKPT_BARRIER_TIMEOUT',
  message: 'barrier #7 "spike/save@75:written" timed out after 30 s: missing rank 2 (arrived: ranks 0,1,3)',
} as const;

const linesOf = (given: Case): readonly string[] => {
  const evidence = hangOf(given);
  return hangLines(ERROR, diagnose(evidence), evidence, { workingDirectory: '/work' });
};

const spinning = {
  loop: busyIn(['validate', 'main'], ['validate', 'main']),
  heartbeat: beat(100, 28_400),
  processes: moving(0, 400),
};

describe('the report of a hang', () => {
  test('spells paths from the working directory where they are below it, and no others', () => {
    const busyAt = (file: string): readonly string[] => {
      const frames = [{ file, line: 3, column: 1, functionName: 'f' }];
      return linesOf({
        missing: { 2: { ...spinning, loop: { kind: 'busy', stacks: [1, 2].map((atMs) => ({ atMs, frames })) } } },
      });
    };
    expect(busyAt('/work/src/a.ts')).toContain('              f at src/a.ts:3:1');
    for (const file of ['/work2/a.ts', '/home/work/a.ts']) expect(busyAt(file)).toContain(`              f at ${file}:3:1`);
  });

  test('says who, where, why, and why not something else', () => {
    expect(linesOf({ missing: { 2: spinning } })).toEqual([
      'ckpt-run: HANG: barrier #7 "spike/save@75:written" timed out after 30 s: missing rank 2 (arrived: ranks 0,1,3)  [CKPT_BARRIER_TIMEOUT]',
      '    verdict:  rank 2 lives, but its event loop is blocked in JavaScript  [H11 loop-blocked-js, high]',
      '              validate at src/hooks/validate.ts:42:9',
      '    arrived:  ranks 0,1,3 (first rank 0, last rank 3, 3 ms later)',
      '    missing:  rank 2, pid 4702, alive, last record 29 s ago: passed barrier #6',
      '    states:   ranks 0,1,3: wait at the barrier',
      '              rank 2: runs JavaScript, validate at src/hooks/validate.ts:42:9',
      '    evidence: rank 2: validate at src/hooks/validate.ts:42:9, innermost in 2 samples, 400 ms apart, 100 % CPU, loop lag 28 s, no',
      '              record for 29 s, 0 bytes in 400 ms',
      '    why not:  world size of ranks 0-3 not seen; not dead: pid 4702 lives (R); no exception on record; not stopped: state R; host',
      '              not frozen: heartbeat 100 ms ago; no stale view: the launcher sees the same; no clock skew: at most 0 ms; no desync:',
      '              fingerprints equal; no lock named; not in a native call: its JavaScript could be halted; pool not exhausted: 0 of 4',
      '              threads wait; no straggler: no record for 29 s, 0 bytes in 400 ms',
      '    fix:      Look at the named line: a loop that does not end, a regular expression that backtracks, or work to cut into pieces.',
      '    files:    journal/rank-2.jsonl in /out/.ckpt-run/20260101t120000-0123abcd/attempt_0',
    ]);
  });

  test('points to no files that are removed', () => {
    const evidence = hangOf({ missing: { 2: spinning } });
    const lines = hangLines(ERROR, diagnose(evidence), evidence, { isDiscarded: true });
    expect(lines.at(-1)).toBe('    files:    removed: --discard-outputs');
  });

  test('shows both sides of a disagreement, and the last barrier they had in common', () => {
    const lines = linesOf({ arriving: { 3: { name: 'spike/log@75', fingerprint: 'ffffffff', callSite: 'src/log.ts:7:1' } } });
    expect(lines).toEqual(
      expect.arrayContaining([
        '    verdict:  rank 3 came to another barrier than ranks 0-2  [H08 desync, high]',
        '    evidence: ranks 0-2 at "spike/save@75:written" (src/save.ts:88:3)',
        '              rank 3 at "spike/log@75" (src/log.ts:7:1)',
        '              last common barrier: barrier #6 "spike/evaluate@75"',
      ]),
    );
    expect(lines.join('\n')).not.toContain('missing:');
  });

  test('names the states of the culprits where there are too many', () => {
    const missing = Object.fromEntries([1, 2, 3, 4, 5, 6].map((rank) => [rank, { processes: processes({ state: `X${rank}` }) }]));
    const lines = linesOf({ worldSize: 8, missing: { ...missing, 7: { processes: processes({ state: 'T' }) } } });
    expect(lines).toContain('    states:   rank 7: is stopped');
  });

  test('is no longer, and names every culprit, in a world of 4096', () => {
    const ranks = Array.from({ length: 4096 }, (_, rank) => rank);
    const lines = linesOf({
      worldSize: 4096,
      missing: Object.fromEntries(ranks.slice(1000, 3000).map((rank) => [rank, spinning])),
    });
    expect(lines.length).toBeLessThanOrEqual(25);
    expect(lines[1]).toContain('ranks 1000-2999 live, but their event loops are blocked in JavaScript');
  });
});

const ODD = Array.from({ length: 2048 }, (_, index) => 2 * index + 1);

const words = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.constantFrom('', '\u001b[2J', 'a\nb\tc', '𝒳'.repeat(400), 'word '.repeat(900)),
);

/** Evidence of a large world, and a diagnosis with whatever words and ranks. */
const largeHang = fc
  .record({
    ranks: fc.uniqueArray(fc.nat(4095), { maxLength: 60 }).map((few) => (few.length % 2 === 0 ? few : ODD)),
    texts: fc.array(words, { maxLength: 40 }),
    states: fc.integer({ min: 0, max: 50 }),
    text: words,
  })
  .map(({ ranks, texts, states, text }) => {
    const evidence = { ...hangOf({ worldSize: 4 }), runDirectory: text };
    const verdict = {
      class: 'stopped',
      ranks,
      place: null,
      confidence: 'high',
      says: text,
      evidence: texts,
      whyNot: texts,
      hint: text,
    } as const;
    const barrier =
      evidence.barrier === null
        ? null
        : { ...evidence.barrier, arrivals: ranks.map((rank) => arrivalOf(rank, { callSite: text })) };
    const groups = Array.from({ length: states }, (_, index) => ({
      ranks: ranks.filter((rank) => rank % states === index),
      state: text,
      place: null,
    }));
    return { message: text, evidence, diagnosis: { barrier, verdict, states: groups, alsoAffected: ranks } };
  });

const SAFE = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;

function expectReport(lines: readonly string[]): void {
  expect(lines.length).toBeGreaterThan(4);
  expect(lines.length).toBeLessThanOrEqual(25);
  expect(lines.filter((line) => !SAFE.test(line))).toEqual([]);
  const [head = '', ...rest] = lines;
  expect([...head].length).toBeLessThanOrEqual(240);
  expect(head).toMatch(/^ckpt-run: HANG: .* {2}\[CKPT_BARRIER_TIMEOUT\]$/u);
  expect(rest.filter((line) => [...line].length > 130)).toEqual([]);
}

describe('a report', () => {
  it('is short, narrow and safe to print, whatever the diagnosis says of however many ranks', () => {
    fc.assert(
      fc.property(largeHang, ({ message, evidence, diagnosis }) => {
        expectReport(hangLines({ code: 'CKPT_BARRIER_TIMEOUT', message }, diagnosis, evidence, { workingDirectory: '/work' }));
      }),
      { numRuns: 100 },
    );
  });

  it('is so for any evidence', () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        expectReport(hangLines(ERROR, diagnose(evidence), evidence, { workingDirectory: '/work' }));
      }),
      { numRuns: 200 },
    );
  });
});
