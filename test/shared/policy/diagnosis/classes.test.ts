import { describe, expect, test } from 'vitest';
import { HANG_CLASSES } from '../../../../shared/contracts/diagnosis.ts';
import { HANG_RULES } from '../../../../shared/policy/diagnosis/index.ts';
import { CASES } from './hang-cases.ts';
import { verdictOn } from './hang-evidence.ts';

describe('each class is named from its evidence', () => {
  test.for(Object.entries(CASES))('%s', ([name, { given, ranks, confidence = 'high' }]) => {
    const verdict = verdictOn(given);
    expect(verdict).toMatchObject({ class: name, ranks, confidence });
    expect(verdict.says).not.toBe('');
    expect(verdict.evidence).not.toEqual([]);
    expect(verdict.whyNot).not.toEqual([]);
  });

  test('there is a case and a rule for every class, and one number for each', () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(HANG_CLASSES).sort());
    expect(HANG_RULES.map((rule) => rule.class).sort()).toEqual(Object.keys(HANG_CLASSES).sort());
    expect(new Set(Object.values(HANG_CLASSES)).size).toBe(HANG_RULES.length);
  });
});

describe('the culprit is named wherever it stands in a world of two, four or eight', () => {
  const rows = Object.entries(CASES).flatMap(([name, { single }]) =>
    single === undefined
      ? []
      : [2, 4, 8].flatMap((worldSize) =>
          [...new Set([0, worldSize / 2, worldSize - 1])].map((rank) => [name, worldSize, rank, single] as const),
        ),
  );
  test.for(rows)('%s in a world of %i, rank %i', ([name, worldSize, rank, change]) => {
    const verdict = verdictOn({ worldSize, missing: { [rank]: change } });
    expect(verdict).toMatchObject({ class: name, ranks: [rank] });
  });
});
