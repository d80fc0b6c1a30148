import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../shared/contracts/errors.ts';
import { EXIT_CODES, signalExitCode } from '../../shared/contracts/exit-code.ts';
import { codesIn, firstCells, rowsOf, sectionOf, textOf } from './pages.ts';

test('docs/errors.md explains every error and no other', () => {
  const headings = [...textOf('docs/errors.md').matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([...ERROR_CODES]);
});

test.for(ERROR_CODES)('%s: an example of the message, and what to do', (code) => {
  const section = sectionOf('docs/errors.md', code);
  expect(section).toMatch(/^```(?:console|text)$/m);
  expect(section).toContain('**What to do.**');
});

test('docs/exit-codes.md lists every exit code and no other', () => {
  const rows = rowsOf('docs/exit-codes.md', 'Codes').filter((cells) => cells.length === 3);
  expect(Object.fromEntries(rows.map((cells) => cells.flatMap(codesIn)).map(([code, name]) => [name, Number(code)]))).toEqual(
    EXIT_CODES,
  );
});

test('docs/exit-codes.md spells signals as the launcher does', () => {
  const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGSEGV', 'SIGTERM'].map((signal) =>
    String(signalExitCode(signal)),
  );
  const codes = firstCells('docs/exit-codes.md', 'Codes').filter((cell) => Number(cell) > 128);
  expect(codes).toEqual(signals);
});
