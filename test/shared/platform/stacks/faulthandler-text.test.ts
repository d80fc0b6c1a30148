import { expect, test } from 'vitest';
import { threadsInDump } from '../../../../shared/platform/stacks/faulthandler-text.ts';

/** As Python 3.11 wrote it. */
const DUMP = `Thread 0x00007f5d1b5ff6c0 (most recent call first):
  File "/tmp/loader.py", line 3 in load_batch
  File "/usr/lib/python3.11/threading.py", line 975 in run

Current thread 0x00007f5d1b8c2040 (most recent call first):
  File "/home/u/train.py", line 31 in step
  File "/home/u/train.py", line 40 in <module>
`;
const MAIN = '0x7f5d1b8c2040';

test('the main thread comes first, each innermost frame first', () => {
  expect(threadsInDump(DUMP, MAIN)).toEqual([
    {
      name: null,
      isMain: true,
      frames: [
        { functionName: 'step', file: '/home/u/train.py', line: 31 },
        { functionName: '<module>', file: '/home/u/train.py', line: 40 },
      ],
    },
    {
      name: null,
      isMain: false,
      frames: [
        { functionName: 'load_batch', file: '/tmp/loader.py', line: 3 },
        { functionName: 'run', file: '/usr/lib/python3.11/threading.py', line: 975 },
      ],
    },
  ]);
});

test('of two dumps the first is taken', () => {
  const second = DUMP.replaceAll('line 3', 'line 99');
  expect(threadsInDump(DUMP + second, MAIN)).toEqual(threadsInDump(DUMP, MAIN));
});

test('what it writes of the answering thread alone is of the main one', () => {
  const text = 'Stack (most recent call first):\n  File "a.py", line 7 in wait\n';
  expect(threadsInDump(text, MAIN)).toEqual([
    { name: null, isMain: true, frames: [{ functionName: 'wait', file: 'a.py', line: 7 }] },
  ]);
});

test('names of threads, unknown places, and what is not ASCII are understood', () => {
  const text = [
    'Thread 0x00007f5d1b5ff6c0 [pin memory] (most recent call first):',
    '  File ???, line ??? in ???',
    '  File "/tmp/caf\\xe9/\\u65e5\\U0001f600.py", line 1 in <module>',
    '  ...',
    'Thread 0x00007f5d1b8c2040 (most recent call first):',
    '  Garbage-collecting',
    '  <no Python frame>',
  ].join('\n');
  expect(threadsInDump(text, MAIN)).toEqual([
    { name: null, isMain: true, frames: [] },
    {
      name: 'pin memory',
      isMain: false,
      frames: [
        { functionName: null, file: null, line: null },
        { functionName: '<module>', file: '/tmp/café/日😀.py', line: 1 },
      ],
    },
  ]);
});

test('what answers is no part of the program', () => {
  const text = `Current thread ${MAIN} (most recent call first):
  File "/opt/python/ckpt_run_watch/sitecustomize.py", line 76 in answer
  File "a.py", line 2 in spin
`;
  expect(threadsInDump(text, MAIN)[0]?.frames).toEqual([{ functionName: 'spin', file: 'a.py', line: 2 }]);
});

test('nothing is understood of anything else', () => {
  expect(threadsInDump('', MAIN)).toEqual([]);
  expect(threadsInDump('end\n  File "a.py", line 2 in spin\n', MAIN)).toEqual([]);
});
