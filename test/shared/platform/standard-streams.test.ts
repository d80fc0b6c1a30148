import { expect, test } from 'vitest';
import type { TextOutput } from '../../../shared/platform/output.ts';
import { openNotices, openResults } from '../../../shared/platform/standard-streams.ts';

const failing = (code: string): TextOutput => ({
  write: () => {
    throw Object.assign(new Error(`${code}: write`), { code });
  },
});

test('results are written', () => {
  const written: string[] = [];
  const results = openResults({ write: (text) => void written.push(text) });
  results.write('✓\n');
  expect(written).toEqual(['✓\n']);
  expect(results.check).not.toThrow();
});

test('results that cannot be written stop nothing, and are not forgotten', () => {
  const results = openResults(failing('ENOSPC'));
  for (const text of ['a', 'b']) expect(() => results.write(text)).not.toThrow();
  expect(results.check).toThrow(
    expect.objectContaining({ code: 'CKPT_RESULTS_UNWRITTEN', message: 'the results could not be written: ENOSPC: write' }),
  );
});

test('a reader that has left loses nothing', () => {
  const results = openResults(failing('EPIPE'));
  results.write('a');
  expect(results.check).not.toThrow();
});

test('notices that cannot be written change nothing', () => {
  expect(() => openNotices(failing('ENOSPC')).write('a')).not.toThrow();
});
