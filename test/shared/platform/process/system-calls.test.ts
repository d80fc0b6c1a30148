import { expect, test } from 'vitest';
import { systemCall } from '../../../../shared/platform/process/system-calls.ts';

test.for([
  [257, 'x64', 'openat', { path: 1 }],
  [56, 'arm64', 'openat', { path: 1 }],
  [0, 'x64', 'read', { descriptor: 0 }],
  [63, 'arm64', 'read', { descriptor: 0 }],
  [332, 'x64', 'statx', { path: 1 }],
  [291, 'arm64', 'statx', { path: 1 }],
  [202, 'x64', 'futex', null],
  [999, 'x64', 'system call 999', null],
  [257, 'riscv64', 'system call 257', null],
] as const)('the call %i of %s is %s', ([number, processor, name, file]) => {
  expect(systemCall(number, processor)).toEqual({ name, file });
});

test('no number means two calls', () => {
  for (const processor of ['x64', 'arm64']) {
    const names = Array.from({ length: 500 }, (_, number) => systemCall(number, processor).name);
    expect(new Set(names).size).toBe(names.length);
  }
});
