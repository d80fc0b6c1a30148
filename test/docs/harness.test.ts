import { expect, test } from 'vitest';
import { OPTION_NAMES } from '../../launcher/command-line/option-table.ts';
import { fieldsOf } from './contract-fields.ts';
import { codesIn, firstCells, rowsOf } from './pages.ts';
import '../../docs/examples/harness.test.ts';

test('docs/harness.md has every option of the harness, and no other', () => {
  expect([...firstCells('docs/harness.md', 'Options')].sort()).toEqual(
    [...fieldsOf('launcher/harness.ts', 'HarnessOptions')].sort(),
  );
});

test('each option of the harness is a flag of the command', () => {
  const flags = rowsOf('docs/harness.md', 'Options').map(([, , , flag = '']) => codesIn(flag)[0]?.slice(2));
  expect(flags).toHaveLength(fieldsOf('launcher/harness.ts', 'HarnessOptions').length);
  expect(flags.filter((flag) => !OPTION_NAMES.some((name) => name === flag))).toEqual([]);
});

test('docs/harness.md has what a result has besides the report', () => {
  expect(firstCells('docs/harness.md', 'The result')).toEqual(fieldsOf('launcher/harness.ts', 'HarnessReport'));
});
