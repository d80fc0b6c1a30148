import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CkptError, isSerializedError, messageOf, serializeError, usageError } from '../../../shared/contracts/errors.ts';
import { expectValue, oneOf, positiveInteger, describe as show } from '../../../shared/contracts/expectation.ts';
import '../../property-seed.ts';

test('an error of ours crosses processes with all it knows', () => {
  const thrown = new CkptError('disk full', { code: 'CKPT_CHECKPOINT_WRITE_FAILED', hint: 'Make room.', evidence: { free: 0 } });
  const crossed: unknown = JSON.parse(JSON.stringify(serializeError(thrown, { code: 'CKPT_INTERNAL', hint: 'other' })));
  expect(crossed).toEqual({
    ...{ code: 'CKPT_CHECKPOINT_WRITE_FAILED', message: 'disk full', hint: 'Make room.', evidence: { free: 0 } },
    stack: expect.stringContaining('errors.test.ts'),
  });
  expect(isSerializedError(crossed)).toBe(true);
});

test('whatever else is thrown gets the code and the hint of the place where it was caught', () => {
  fc.assert(
    fc.property(fc.anything({ maxKeys: 0 }), (thrown) => {
      const serialized = serializeError(thrown, { code: 'CKPT_RANK_FAILED', hint: 'Read the stack.' });
      expect(serialized).toMatchObject({ code: 'CKPT_RANK_FAILED', hint: 'Read the stack.', evidence: null });
      expect(serialized.message).toBe(messageOf(thrown));
    }),
  );
});

test('what is thrown and is no error was thrown at no place that is known', () => {
  const blame = { code: 'CKPT_CALLBACK_INVALID', hint: 'Correct it.' } as const;
  for (const thrown of ['boom', null, { at: 3 }]) expect(serializeError(thrown, blame).stack).not.toMatch(/\n\s+at /);
});

test('an error with a cause was thrown where its cause was', () => {
  const cause = new RangeError('too\n    at many');
  cause.stack = 'RangeError: too\n    at many\n    at theirs (/home/me/train.ts:3:5)';
  const because = (of: unknown): string | undefined =>
    new CkptError('no', { code: 'CKPT_SCENARIO_INVALID', hint: 'Do.', cause: of }).stack;
  expect(because(cause)).toBe('CkptError: no\n    at theirs (/home/me/train.ts:3:5)');
  expect(because('text')).toBe('CkptError: no');
});

const WHOLE = { code: 'CKPT_USAGE', message: '', hint: '', evidence: null, stack: null };

test.for([
  ...[null, {}, [], 'CKPT_USAGE'],
  ...[{ code: 'CKPT_NEW' }, { message: 1 }, { hint: null }, { evidence: undefined }, { stack: 3 }].map((wrong) => ({
    ...WHOLE,
    ...wrong,
  })),
])('%o is no error that crossed', (value) => {
  expect(isSerializedError(WHOLE)).toBe(true);
  expect(isSerializedError(value)).toBe(false);
});

test('a refused value is named, shown and told from what is expected', () => {
  expect(expectValue('--x', 3, positiveInteger)).toBe(3);
  expect(() => expectValue('--x', '3', positiveInteger)).toThrow(
    expect.objectContaining({ code: 'CKPT_USAGE', message: '--x: got "3", expected a positive whole number' }),
  );
  expect(() => expectValue('mode', 'median', oneOf('min', 'max'))).toThrow('mode: got "median", expected min or max');
  expect(usageError('no')).toMatchObject({ code: 'CKPT_USAGE', hint: 'Run ckpt-run --help for the options.' });
});

test('any value that JSON knows is shown in one short line', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(show(value).length).toBeLessThanOrEqual(60);
      expect(show(value)).not.toContain('\n');
    }),
  );
  expect([undefined, null, Number.NaN, () => 3, 'text', { a: [1] }].map(show)).toEqual([
    ...['undefined', 'null', 'NaN', 'a function', '"text"', '{"a":[1]}'],
  ]);
});
