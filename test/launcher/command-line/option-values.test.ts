import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseCount,
  parseDuration,
  parseInteger,
  parseIntegerOrNone,
  parseLogFormat,
  parseProcesses,
  parseText,
} from '../../../launcher/command-line/option-values.ts';
import '../../property-seed.ts';

const refusing = (message: string): unknown => expect.objectContaining({ code: 'CKPT_USAGE', message });

describe('a duration', () => {
  test.for([
    ['30', 30_000],
    ['0.25', 250],
    ['.5', 500],
    ['500ms', 500],
    ['1.5ms', 1.5],
    ['2s', 2000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['596h', 2_145_600_000],
  ] as const)('of %s is %i milliseconds', ([text, milliseconds]) => expect(parseDuration('--timeout', text)).toBe(milliseconds));

  test.for([
    '',
    '0',
    '0ms',
    '-1',
    '+1',
    '1e3',
    '5 m',
    '5d',
    'm',
    '1.',
    '1..5',
    'Infinity',
    'NaN',
    'none',
    '597h',
    '2145600001ms',
  ])('of "%s" is refused', (text) => {
    const message = `--timeout: got "${text}", expected seconds above 0, or a duration such as 500ms, 30s or 5m, up to 596h`;
    expect(() => parseDuration('--timeout', text)).toThrow(refusing(message));
  });

  test('never outruns the timers of Node', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('ms', 's', 'm', 'h', ''), (amount, unit) => {
        try {
          expect(parseDuration('--timeout', `${amount}${unit}`)).toBeLessThan(2 ** 31);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'CKPT_USAGE' });
        }
      }),
    );
  });
});

test('every whole number is read as it is written', () => {
  fc.assert(
    fc.property(fc.integer(), (number) => {
      expect(parseInteger('--num-steps', `${number}`)).toBe(number);
      expect(parseIntegerOrNone('--save-total-limit', `${number}`)).toBe(number);
    }),
  );
});

test.for(['', ' ', '1.0', '1e3', '0x10', '1_000', '12a', '--5', '٣'])('"%s" is no whole number', (text) => {
  expect(() => parseInteger('--num-steps', text)).toThrow(refusing(`--num-steps: got "${text}", expected a whole number`));
});

test('none is a limit and not a number', () => {
  expect(parseIntegerOrNone('--save-total-limit', 'none')).toBe('none');
  expect(() => parseInteger('--num-steps', 'none')).toThrow(refusing('--num-steps: got "none", expected a whole number'));
});

test('a count begins at 0 and ends where numbers are exact', () => {
  expect(parseCount('--seed', '0')).toBe(0);
  expect(() => parseCount('--seed', '-1')).toThrow(refusing('--seed: got -1, expected a whole number, 0 or more'));
  expect(() => parseCount('--seed', `${2 ** 53}`)).toThrow(
    refusing(`--seed: got ${2 ** 53}, expected a whole number, 0 or more`),
  );
});

test('the number of ranks may be one per core', () => {
  expect(['3', 'auto', 'cpu'].map((text) => parseProcesses('--nproc-per-node', text, 16))).toEqual([3, 16, 16]);
  expect(() => parseProcesses('--nproc-per-node', 'gpu', 16)).toThrow(
    refusing(
      '--nproc-per-node: got "gpu", but accelerators are not counted here, expected a whole number from 1 to 4096, auto or cpu',
    ),
  );
  expect(() => parseProcesses('--nproc-per-node', 'tpu', 16)).toThrow(
    refusing('--nproc-per-node: got "tpu", expected a whole number from 1 to 4096, auto or cpu'),
  );
  expect(parseProcesses('--nproc-per-node', '4096', 16)).toBe(4096);
  expect(() => parseProcesses('--nproc-per-node', '4097', 16)).toThrow(
    refusing('--nproc-per-node: got 4097, expected a whole number from 1 to 4096, auto or cpu'),
  );
});

test('words and texts are checked', () => {
  expect(parseLogFormat('--log-format', 'json')).toBe('json');
  expect(() => parseLogFormat('--log-format', 'JSON')).toThrow(refusing('--log-format: got "JSON", expected text or json'));
  expect(parseText('--report', 'a b')).toBe('a b');
  expect(() => parseText('--report', ' ')).toThrow(refusing('--report: got " ", expected a text that is not empty'));
});
