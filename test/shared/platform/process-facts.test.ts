import { expect, test } from 'vitest';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { catchesSignal } from '../../../shared/platform/process-facts.ts';

const withMask = (mask: string) => ({
  ...nodeDisk,
  readTextIfAny: () => `Name:\tx\nSigIgn:\tffffffffffffffff\nSigCgt:\t${mask}\n`,
});

test.for([
  ['0000000000000200', 10, true],
  ['0000000000000200', 12, false],
  ['fffffffffffffdff', 10, false],
  ['8000000000000000', 64, true],
] as const)('the mask %s has signal %i: %s', ([mask, signal, caught]) => {
  expect(catchesSignal(withMask(mask), 1, signal)).toBe(caught);
});

test('a process that is not there catches nothing', () => {
  expect(catchesSignal(nodeDisk, 2 ** 30, 10)).toBe(false);
});
