import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Remains, reachedEnd, readRemains, telling } from '../../../launcher/outcome/remains.ts';
import { nodePlatform } from '../../../shared/platform/platform.ts';
import { type RunDirectory, runDirectory } from '../../../shared/platform/run-directory.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const PLATFORM = nodePlatform();

let run: RunDirectory;

beforeEach(() => {
  run = runDirectory(temporaryDirectory());
});

function put(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

const remains = (): Remains => readRemains(PLATFORM, run, 2);

const ended = { exitCode: 1, signal: null, startError: null, wasStopped: false, mayHaveObeyed: false, sent: [], exitedAtMs: 0 };
const host = { rank: 0, pid: 1, exited: Promise.resolve(ended), signal: () => undefined };

test.for<[string, string | Uint8Array]>([
  ['a line of zeros', new Uint8Array(4096).fill(0)],
  ['a line that is no event', '{"type":3}\n'],
  ['an event without its fields', '{"atMs":1,"type":"verdict:reached"}\n{"atMs":1,"type":"rank:failed"}\n'],
])('a journal with %s says nothing, and breaks nothing', ([, content]) => {
  put(run.journal(0), content);
  put(run.journal(0), Buffer.concat([Buffer.from(content), Buffer.from('\n')]));
  const { verdicts, history, outcomeOf } = remains();
  expect(verdicts).toEqual([]);
  expect(history).toHaveLength(2);
  expect(outcomeOf({ ...ended, host }, 0)).toMatchObject({ reachedEnd: false, error: null });
});

test('a journal that is no file says nothing', () => {
  mkdirSync(run.journal(0), { recursive: true });
  expect([remains().verdicts, reachedEnd(PLATFORM, run, 0)]).toEqual([[], false]);
});

test('of the outcomes of barriers only those count that can be read', () => {
  const abort = { outcome: 'abort', arrived: [0], missing: [1], arrivals: [] };
  const texts = ['', '\u0000', 'null', '{"outcome":"abort"}', JSON.stringify(abort)];
  for (const [sequence, text] of texts.entries()) put(join(run.barriers, 'decisions', `00000${sequence}.json`), text);
  mkdirSync(join(run.barriers, 'decisions/000009.json'));
  expect(remains().decisions).toEqual([abort]);
});

test('what a rank wrote to standard error need not be there', () => {
  mkdirSync(join(run.logs(0), 'stderr.log'), { recursive: true });
  expect([remains().stderrTail(0), remains().stderrTail(1)]).toEqual([[], []]);
});

const many = (line: (index: number) => string): readonly string[] => Array.from({ length: 20 }, (_, index) => line(index));

test.for([
  [
    'the message of an error',
    ['x', '', 'Error: lost', 'it was long'],
    many((n) => `    at f${n} (a.js:1:1)`),
    ['Error: lost', 'it was long'],
  ],
  [
    'what V8 says last',
    ['FATAL ERROR: heap out of memory', '', 'Writing Node.js report to file: x', 'Node.js report completed', ''],
    many((n) => ` ${n}: 0xb7 [node]`),
    ['FATAL ERROR: heap out of memory'],
  ],
] as const)('of a long stack %s is told, and its end', ([, before, stack, message]) => {
  const told = telling([...before, ...stack, '', 'Node.js v20'], 10);
  expect(told).toHaveLength(10);
  expect(told.slice(0, message.length)).toEqual(message);
  expect(told.at(-1)).toBe('Node.js v20');
});

test.for([
  ['a short one', ['Error: lost', '    at f (a.js:1:1)'], 5],
  ['what is no stack', many(String), 5],
  ['what came after a stack', ['Error: old', '    at f (a.js:1:1)', ...many(String)], 5],
  ['a stack without a message', many(() => '    at f (a.js:1:1)'), 5],
] as const)('of %s the last lines are told', ([, lines, most]) => {
  expect(telling(lines, most)).toEqual(lines.slice(-most));
});
