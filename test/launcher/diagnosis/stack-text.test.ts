import { expect, test } from 'vitest';
import { framesIn } from '../../../launcher/diagnosis/stack-text.ts';

const frame = (functionName: string, url: string, line: number, column: number): object => ({
  url,
  sourceMapUrl: null,
  line,
  column,
  functionName,
});

test('every kind of frame is read, and what has no place is left out', () => {
  const stack = `Error: no
    at Foo.bar [as baz] (file:///a/b.mjs:1:45)
    at new Foo (/a (b)/c.js:2:3)
    at Object.<anonymous> (/a/d.cjs:3:4)
    at Array.map (<anonymous>)
    at eval (eval at run (/a/e.js:1:1), <anonymous>:1:6)
    at async Promise.all (index 0)
    at async outer (file:///a/b.mjs:2:33)
    at async file:///a/b.mjs:3:1
    at /a/f.js:7:8
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)`;
  expect(framesIn({ message: 'no', stack })).toEqual([
    frame('Foo.bar', 'file:///a/b.mjs', 1, 45),
    frame('new Foo', '/a (b)/c.js', 2, 3),
    frame('', '/a/d.cjs', 3, 4),
    frame('outer', 'file:///a/b.mjs', 2, 33),
    frame('', 'file:///a/b.mjs', 3, 1),
    frame('', '/a/f.js', 7, 8),
    frame('process.processTicksAndRejections', 'node:internal/process/task_queues', 95, 5),
  ]);
});

test('what a message says of frames, and what is told below the stack, is not the stack', () => {
  const message = 'it failed:\n    at fake (/x.js:1:2)';
  const stack = `Error: ${message}\n    at real (/y.js:3:4)\ncaused by: Error\n    at other (/z.js:5:6)`;
  expect(framesIn({ message, stack })).toEqual([frame('real', '/y.js', 3, 4)]);
  expect(framesIn({ message: 'another one', stack: 'Error: one\n    at real (/y.js:3:4)' })).toEqual([
    frame('real', '/y.js', 3, 4),
  ]);
});

test('an error without a stack, or without frames, has no place', () => {
  expect(framesIn({ message: 'no', stack: null })).toEqual([]);
  expect(framesIn({ message: 'no', stack: 'Error: no' })).toEqual([]);
  expect(framesIn({ message: 'no', stack: 'Error: no\nmore of it' })).toEqual([]);
});

test('a real stack leads to this file', () => {
  const here = new Error('here');
  expect(framesIn({ message: here.message, stack: here.stack ?? null })[0]?.url).toContain('stack-text.test.ts');
});
