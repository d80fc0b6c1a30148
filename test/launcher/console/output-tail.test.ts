import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastLines } from '../../../launcher/console/output-tail.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

function tailOf(content: string | Buffer, count: number): readonly string[] {
  const path = join(temporaryDirectory(), 'stderr.log');
  writeFileSync(path, content);
  return lastLines(nodeDisk, path, count);
}

test('the last lines are the last, ended or not', () => {
  expect(tailOf('1\n2\n3\n', 2)).toEqual(['2', '3']);
  expect(tailOf('1\n2\n3', 2)).toEqual(['2', '3']);
  expect(tailOf('1\n', 5)).toEqual(['1']);
  expect(tailOf('', 5)).toEqual([]);
});

test('control characters are written out, and of a progress bar there is the last state', () => {
  expect(tailOf('\u001b[31mError\u001b[0m\n10%\r20%\r\n', 2)).toEqual(['\\x1b[31mError\\x1b[0m', '20%']);
});

test('of a long file only the end is read, from the beginning of a line', () => {
  const lines = tailOf(`${'x'.repeat(79)}\n`.repeat(100_000), 1_000_000);
  expect(lines.length).toBe(204);
  expect(new Set(lines)).toEqual(new Set(['x'.repeat(79)]));
});

test('of a last line longer than what is read there is its end', () => {
  expect(tailOf('x'.repeat(1_000_000), 3)).toEqual(['x'.repeat(16 * 1024)]);
});

test('where there is no file that can be read there are no lines', () => {
  const directory = temporaryDirectory();
  expect(lastLines(nodeDisk, join(directory, 'stderr.log'), 3)).toEqual([]);
  mkdirSync(join(directory, 'stdout.log'));
  expect(lastLines(nodeDisk, join(directory, 'stdout.log'), 3)).toEqual([]);
  expect(lastLines(nodeDisk, join(directory, 'stdout.log', 'no-directory'), 3)).toEqual([]);
});
