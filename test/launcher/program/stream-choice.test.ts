import { describe, expect, test } from 'vitest';
import type { StreamChoice } from '../../../launcher/program/program-request.ts';
import { parseStreams } from '../../../launcher/program/stream-choice.ts';

// Tests called as PyTorch's.

const parse = (text: string): StreamChoice => parseStreams('--redirects', text);

describe('StdTest.test_from_value', () => {
  test.for([
    ['0', 'none'],
    ['1', 'stdout'],
    ['2', 'stderr'],
    ['3', 'both'],
  ] as const)('%s is %s for every rank', ([text, others]) => expect(parse(text)).toEqual({ others, byLocalRank: new Map() }));
});

describe('StdTest.test_from_value_map', () => {
  test.for([
    ['0:1', [[0, 'stdout']]],
    ['0:1,1:1', [[0, 'stdout'], [1, 'stdout']]],
    ['0:3,1:0,2:1,3:2', [[0, 'both'], [1, 'none'], [2, 'stdout'], [3, 'stderr']]],
    ['9:1,10:2,127:3', [[9, 'stdout'], [10, 'stderr'], [127, 'both']]],
    ['1:1,1:2', [[1, 'stderr']]],
  ] as const)('%s', ([text, pairs]) => expect(parse(text)).toEqual({ others: 'none', byLocalRank: new Map(pairs) })); // biome-ignore format: a table
});

describe('StdTest.test_from_str_bad_input', () => {
  test.for(['0:1,', '11', '0:1,1', '1,0:1', '4', '0:4', ':1', '0:', '-1', '0:1;1:1', '0: 1', 'both', 'toString', ' '])(
    '%s',
    (text) =>
      expect(() => parse(text)).toThrow(
        expect.objectContaining({
          code: 'CKPT_USAGE',
          message: `--redirects: got ${JSON.stringify(text)}, expected 0 (none), 1 (stdout), 2 (stderr) or 3 (both), or such as 0:1,12:3 for local ranks`,
        }),
      ),
  );
});
