import { expect, test } from 'vitest';
import { threadsInJson } from '../../../../shared/platform/stacks/py-spy.ts';

/** As py-spy 0.4.2 wrote it, shortened. */
const frame = (name: string, filename: string, line: number): object => ({
  ...{ name, filename, module: null, short_filename: 't.py', line },
  ...{ locals: null, is_entry: true, is_shim_entry: false },
});
const DUMP = JSON.stringify([
  { pid: 31156, thread_id: 1402112, thread_name: 'loader', os_thread_id: 31164, frames: [frame('load_batch', '/x/t.py', 3)] },
  { pid: 31156, thread_id: 1402113, thread_name: 'MainThread', os_thread_id: 31156, frames: [frame('<module>', '/x/t.py', 0)] },
]);

test('the main thread is the one with the number of the process, and comes first', () => {
  expect(threadsInJson(DUMP)).toEqual([
    { name: 'MainThread', isMain: true, frames: [{ functionName: '<module>', file: '/x/t.py', line: null }] },
    { name: 'loader', isMain: false, frames: [{ functionName: 'load_batch', file: '/x/t.py', line: 3 }] },
  ]);
});

test('nothing is understood of anything else', () => {
  for (const text of ['', '[]', '{}', 'null', '[1]', '[{"pid":1,"os_thread_id":2}]', DUMP.slice(1)])
    expect(threadsInJson(text)).toBeUndefined();
});
