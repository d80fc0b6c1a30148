import { expect, test } from 'vitest';
import { GATES } from '../../scripts/gates.ts';

test.for(Object.entries(GATES))('%s', { timeout: 60_000 }, async ([, gate]) => {
  expect((await gate()).join('\n')).toBe('');
});
