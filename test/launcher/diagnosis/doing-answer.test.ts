import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askWhatItDoes } from '../../../launcher/diagnosis/doing-answer.ts';
import { openSourceMaps } from '../../../launcher/diagnosis/source-maps.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';

const PACKAGE = '/package';
const { understand } = askWhatItDoes(openSourceMaps(nodeDisk), PACKAGE);

const stack = (...files: readonly string[]): string =>
  ['Error: the work', ...files.map((file) => `    at does (${file}:3:5)`)].join('\n');

test('what a rank does is placed where it was called, past the code through which everything is called', () => {
  const ours = ['rank/doing.ts', 'rank/agreement.ts', 'shared/platform/barrier/file-barrier.ts'].map((file) =>
    join(PACKAGE, file),
  );
  const answer = JSON.stringify([{ what: 'the work', forMs: 12, stack: stack(...ours, '/home/me/train.ts') }]);
  const place = { file: '/home/me/train.ts', line: 3, column: 5, functionName: 'does' };
  expect(understand(answer, [])).toEqual([{ what: 'the work', forMs: 12, place }]);
});

test('without a stack there is no place, and what is no such entry is left out', () => {
  const answer = JSON.stringify([{ what: 'a', forMs: 1 }, { what: 'b' }, null, 'c']);
  expect(understand(answer, [])).toEqual([{ what: 'a', forMs: 1, place: null }]);
});

test('the code that is called is named, and not from where', () => {
  const begun = { what: 'callback mine.onSave', forMs: 12, stack: stack('/home/me/train.ts') };
  const code = { file: '/home/me/hooks.ts', line: 7, column: 1, functionName: 'onSave' };
  expect(understand(JSON.stringify([begun, begun]), [null, code])).toMatchObject([
    { place: { file: '/home/me/train.ts' } },
    { place: code },
  ]);
});

test("the user's file is the place where its function is not to be found, and not our code that calls it", () => {
  const begun = { what: 'loading', forMs: 12, stack: stack('/package/rank/run-rank.ts'), file: '/home/me/train.ts' };
  const place = { file: '/home/me/train.ts', line: null, column: null, functionName: null };
  expect(understand(JSON.stringify([begun]), [null])).toMatchObject([{ place }]);
});

test('nothing begun is an answer', () => {
  expect(understand('[]', [])).toEqual([]);
});

test.for([null, 7, 'not JSON', '{}'])('%j says nothing', (answer) => {
  expect(understand(answer, [])).toBeUndefined();
});
