import { expect, test } from 'vitest';
import { OPTION_NAMES } from '../../launcher/option-table.ts';
import { fieldsOf } from './contract-fields.ts';
import { firstCells, sectionOf } from './pages.ts';
import '../../docs/examples/harness.test.ts';

test('docs/harness.md has every option of the harness, and no other', () => {
  expect([...firstCells('docs/harness.md', 'Options')].sort()).toEqual(
    [...fieldsOf('launcher/harness.ts', 'HarnessOptions')].sort(),
  );
});

test('each option of the harness is a flag of the command', () => {
  const flags = [...sectionOf('docs/harness.md', 'Options').matchAll(/\| `--([\w-]+)`/g)].map(([, flag]) => flag);
  expect(flags).toHaveLength(fieldsOf('launcher/harness.ts', 'HarnessOptions').length);
  expect(flags.filter((flag) => !OPTION_NAMES.some((name) => name === flag))).toEqual([]);
});

test('docs/harness.md has what a result has besides the report', () => {
  expect(firstCells('docs/harness.md', 'The result')).toEqual(fieldsOf('launcher/harness.ts', 'HarnessReport'));
});
