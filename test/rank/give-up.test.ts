import { expect, test } from 'vitest';
import { giveUp } from '../../rank/give-up.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import type { Journal, JournalEntry } from '../../shared/contracts/journal.ts';

const FULL: Journal = {
  append: () => {
    throw new Error('ENOSPC: no space left on device, write');
  },
};

/** What giving up over an error comes to, and what it says on standard error. */
const sayGiving = (thrown: unknown, journal: Journal): { readonly code: number; readonly said: string } => {
  const said: string[] = [];
  const code = giveUp(thrown, journal, { write: (text) => void said.push(text) });
  return { code, said: said.join('') };
};

test('why a rank gives up is in its journal, and nowhere else', () => {
  const entries: JournalEntry[] = [];
  const { code, said } = sayGiving(new RangeError('too many'), { append: (entry) => void entries.push(entry) });
  expect({ code, said }).toEqual({ code: 1, said: '' });
  expect(entries).toMatchObject([{ type: 'rank:failed', error: { code: 'CKPT_RANK_FAILED', message: 'too many' } }]);
});

test('a journal that takes nothing more does not hide it', () => {
  const { code, said } = sayGiving(new RangeError('too many'), FULL);
  expect(code).toBe(1);
  expect(said).toMatch(
    /^RangeError: too many\n {4}at .*give-up\.test.*\[CKPT_RANK_FAILED\]\nRead the stack; the rank itself threw\.\n$/s,
  );
});

test('a barrier that was given up is a hang, wherever it is written', () => {
  const hang = new CkptError('rank 1 is missing', { code: 'CKPT_BARRIER_TIMEOUT', hint: 'Arrive.' });
  expect(sayGiving(hang, FULL)).toMatchObject({ code: 124, said: expect.stringContaining('rank 1 is missing') });
});

test('a full disk is named as what it is', () => {
  const entries: JournalEntry[] = [];
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  sayGiving(full, { append: (entry) => void entries.push(entry) });
  expect(entries).toMatchObject([
    { error: { hint: 'Free space where the output directory is, or choose another --output-dir.' } },
  ]);
});
