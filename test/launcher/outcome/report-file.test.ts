import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { refuseReportFile } from '../../../launcher/outcome/report-file.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

test("whether a report can be written is tried without touching anybody's file", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, '.report.json.tmp-probe'), 'precious');
  symlinkSync('.report.json.tmp-probe', join(directory, '.report.json.tmp-link'));
  const before = readdirSync(directory);
  const created: string[] = [];
  const create = (path: string, text: string | Uint8Array): void => {
    nodeDisk.create(path, text);
    created.push(path);
  };
  for (let times = 0; times < 2; times += 1) refuseReportFile({ ...nodeDisk, create }, join(directory, 'report.json'));
  expect(new Set(created).size).toBe(2);
  expect(readdirSync(directory)).toEqual(before);
  expect(readFileSync(join(directory, '.report.json.tmp-probe'), 'utf8')).toBe('precious');
});
