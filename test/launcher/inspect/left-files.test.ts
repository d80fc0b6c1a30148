import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type LeftFiles, readLeftFiles } from '../../../launcher/inspect/left-files.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { runDirectory } from '../../../shared/platform/run-directory.ts';

const START = { atMs: 1, type: 'rank:started', rank: 0, worldSize: 3, pid: 7, host: 'here', node: 'v20', bootMs: 1 };
const PLAN = { format: 'ckpt-run-plan', version: 1, worldSize: 2 };

/** What is read of a directory with these files. */
function left(files: Readonly<Record<string, string>>): LeftFiles {
  const root = mkdtempSync(join(tmpdir(), 'ckpt-run-inspect-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, 'the-run', 'attempt_0');
  mkdirSync(join(path, 'journal'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return readLeftFiles(nodeDisk, runDirectory(path));
}

const lines = (...events: readonly object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('a run is named by its directory, and has the ranks of its plan', () => {
  const { runId, attempt, worldSize, notRead, history } = left({ 'plan.json': JSON.stringify(PLAN) });
  expect({ runId, attempt, worldSize, notRead, history }).toEqual({
    ...{ runId: 'the-run', attempt: '0', worldSize: 2, notRead: [], history: [[], []] },
  });
});

test('without a plan, the ranks are those that left a journal, or were told of others', () => {
  expect(left({ 'journal/rank-0.jsonl': lines(START) })).toMatchObject({ worldSize: 3, notRead: ['plan.json is missing'] });
  expect(left({ 'journal/rank-5.jsonl': '' })).toMatchObject({ worldSize: 6 });
});

describe('what cannot be read is said', () => {
  test.for([
    ['torn', '{"format":', 'plan.json is no JSON object, or is torn'],
    ['of somebody else', '{"format":"other"}', 'plan.json does not say that it is a ckpt-run-plan'],
    ['of a later version', JSON.stringify({ ...PLAN, version: 2 }), 'plan.json is of version 2, read as version 1'],
    ['without ranks', JSON.stringify({ ...PLAN, worldSize: 1e9 }), 'plan.json: no worldSize in it'],
  ] as const)('a plan that is %s', ([, text, why]) => {
    expect(left({ 'plan.json': text }).notRead).toEqual([why]);
  });

  test.for([
    ['torn', '{"format":"ckpt-run-re', 'report.json is no JSON object, or is torn'],
    ['of other fields', '{"format":"ckpt-run-report","version":1}', 'report.json lacks fields that this version knows'],
  ] as const)('a report that is %s', ([, text, why]) => {
    expect(left({ 'plan.json': JSON.stringify(PLAN), 'report.json': text })).toMatchObject({ report: null, notRead: [why] });
  });

  test('journals that are torn, or hold what is no event, or events of other fields', () => {
    const { history, notRead } = left({
      'plan.json': JSON.stringify(PLAN),
      'journal/rank-0.jsonl': `${lines(START)}{"atMs":2,"type":"barr`,
      'journal/rank-1.jsonl': `${lines(START)}nonsense\n${lines({ atMs: 3, type: 'barrier:arrived' }, { atMs: 4, type: 'new:kind' })}`,
    });
    expect(notRead).toEqual([
      'rank 0: the last line of the journal is torn',
      'rank 1: lines of the journal are no event',
      'rank 1: events of the journal lack fields that this version knows',
    ]);
    expect(history.map((journal) => journal.map(({ type }) => type))).toEqual([['rank:started'], ['rank:started', 'new:kind']]);
  });
});
