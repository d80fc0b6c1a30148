import { expect, test } from 'vitest';
import type { Inspection } from '../../../launcher/inspect/inspection.ts';
import { inspectionLines } from '../../../launcher/inspect/inspection-lines.ts';
import type { TimelineBarrier } from '../../../launcher/inspect/timeline.ts';

const barrier = (sequence: number, ranks: number, missing: readonly number[]): TimelineBarrier => ({
  ...{ sequence, name: `b${sequence}\u001b\n`, firstAtMs: 0 },
  visits: Array.from({ length: ranks }, (_, rank) => rank)
    .filter((rank) => !missing.includes(rank))
    .map((rank) => ({
      ...{ rank, name: `b${sequence}\u001b\n`, outcome: 'arrived', arrivedAtMs: rank, afterFirstMs: rank, waitedMs: null },
    })),
});

const inspected = (worldSize: number, change: Partial<Inspection> = {}): Inspection => ({
  ...{ runDirectory: '/out/run/attempt_0', runId: 'run', attempt: '0', worldSize, state: 'left', plan: null, report: null },
  ...{ aborted: null, evidence: null, diagnosis: null, picture: null, notRead: [] },
  ranks: Array.from({ length: worldSize }, (_, rank) => ({
    ...{ rank, pid: rank, host: 'here', kind: 'gone', says: `ended without word ${rank % 50}` },
  })),
  barriers: [4, 5, 6, 7].map((sequence) => barrier(sequence, worldSize, sequence === 7 ? [worldSize - 1] : [])),
  ...change,
});

const linesOf = (inspection: Inspection): readonly string[] => inspectionLines(inspection, () => []);

test('has a bounded length at any world size, and shows who is missing', () => {
  const lines = linesOf(inspected(4096));
  expect(lines.length).toBeLessThanOrEqual(45);
  for (const line of lines) expect(line).not.toMatch(/[\n\u001b]/);
  expect(lines.find((line) => / rank 4095 /.test(line))).toMatch(/^ +rank 4095 +.*-$/);
  expect(lines.at(-2)).toMatch(/ and ranks 0-4084, no later$/);
});

test('has a row for every rank of a small world', () => {
  const lines = linesOf(inspected(3));
  expect(lines.filter((line) => /\brank \d +\+\d/.test(line))).toEqual([
    '              rank 0   +0 ms, waits  +0 ms, waits  +0 ms, waits  +0 ms, waits',
    '              rank 1   +1 ms, waits  +1 ms, waits  +1 ms, waits  +1 ms, waits',
    '              rank 2   +2 ms, waits  +2 ms, waits  +2 ms, waits  -',
  ]);
});

test('a plan of another version is told as far as it is understood', () => {
  const plan = { worldSize: 3, scenarios: [{ name: 'mine' }, 7], faults: [{ kind: 'spin', rank: 1 }], seed: { new: 1 } };
  const asked = linesOf(inspected(3, { plan })).slice(1, 3).join(' ').replaceAll(/ +/g, ' ');
  expect(asked).toContain('asked: mine on 3 ranks, seed {"new":1}, faults spin:rank=1, output directory unknown');
});
