import { describe, expect, test } from 'vitest';
import { oneCasePerClass } from '../../scripts/hangs/hang-case.ts';
import { playCase } from '../../scripts/hangs/play-case.ts';
import { HANG_CLASSES } from '../../shared/contracts/diagnosis.ts';

test('every class has a case', () => {
  expect(oneCasePerClass(3).map((hang) => hang.class)).toEqual(Object.keys(HANG_CLASSES));
});

describe.concurrent('the class of a hang is named, with the rank and the line', () => {
  test.for(oneCasePerClass(3).map((hang) => ({ ...hang, number: HANG_CLASSES[hang.class] })))(
    '$number $class',
    { timeout: 60_000 },
    async (hang) => {
      const { problems, stderr } = await playCase(hang);
      expect(problems, stderr).toEqual([]);
    },
  );
});
