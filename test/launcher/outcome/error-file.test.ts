import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readErrorFile } from '../../../launcher/outcome/error-file.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

test.for([
  ['nested', '{"message": {"message": "no", "extraInfo": {}}}', 'no'],
  ['flat', '{"message": "no", "timestamp": "10"}', 'no'],
  ['torn', '{"message": "n', undefined],
  ['of another shape', '{"message": 3}', undefined],
  ['that is no object', '["message"]', undefined],
  ['that is empty', '', undefined],
] as const)('an error file %s', ([, text, message]) => {
  const path = join(temporaryDirectory(), 'error.json');
  writeFileSync(path, text);
  expect(readErrorFile(nodeDisk, path)?.message).toBe(message);
});

test('an error file that nobody wrote', () => {
  expect(readErrorFile(nodeDisk, join(temporaryDirectory(), 'error.json'))).toBeUndefined();
});

test.for([
  ['a directory', mkdirSync],
  ['a pipe that nobody writes to', (path: string): Buffer => execFileSync('mkfifo', [path])],
] as const)('%s in place of an error file says nothing, and keeps nobody waiting', ([, make]) => {
  const path = join(temporaryDirectory(), 'error.json');
  make(path);
  expect(readErrorFile(nodeDisk, path)).toBeUndefined();
});
