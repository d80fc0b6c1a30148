import { expect, test } from 'vitest';
import { verdictLines } from '../../../rank/verification/verdict-lines.ts';
import { type Status, type Verdict, worst } from '../../../shared/contracts/verdict.ts';

const verdictWith = (...statuses: readonly Status[]): Verdict => ({
  ...{ scenario: 'mine', status: worst(statuses), metricName: 'loss', onDisk: [], best: [], checkpoints: [] },
  divergedAtStep: null,
  findings: statuses.map((status, index) => ({ invariant: `invariant-${index}`, status, message: `message ${index}` })),
});

test.for<readonly [string, readonly Status[]]>([
  ['✓ ALL ASSERTIONS PASSED', ['passed', 'passed']],
  ['✗ 1 OF 2 ASSERTIONS FAILED', ['passed', 'failed']],
  ['? 1 OF 2 ASSERTIONS UNDECIDED', ['passed', 'unknown']],
  ['✗ 2 OF 4 ASSERTIONS FAILED, 1 UNDECIDED', ['failed', 'unknown', 'failed', 'passed']],
  ['? 0 OF 0 ASSERTIONS UNDECIDED', []],
])('%s is the conclusion of %j', ([line, statuses]) => {
  const texts = verdictLines(verdictWith(...statuses), 2).map(({ text }) => text);
  expect(texts.filter((text) => text.includes('ASSERTIONS'))).toEqual([line]);
});

test('an undecided finding has a mark of its own', () => {
  const texts = verdictLines(verdictWith('passed', 'unknown', 'failed'), 1).map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['✓ message 0', '? message 1', '✗ message 2']));
});
