import { expect, test } from 'vitest';
import { countOomKills, oomKills, outOfMemory } from '../../../launcher/outcome/out-of-memory.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';

const UNIFIED = '/sys/fs/cgroup/user.slice/job/memory.events';
const DIVIDED = '/sys/fs/cgroup/memory/job/memory.oom_control';

test.for([
  ['of version 2', '0::/user.slice/job\n', { [UNIFIED]: 'low 0\noom 9\noom_kill 3\noom_group_kill 1\n' }, 3],
  ['of version 1', '4:memory:/job\n0::/\n', { [DIVIDED]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n' }, 2],
  ['of a container', '0::/host/path\n', { '/sys/fs/cgroup/memory.events': 'oom_kill 1\n' }, 1],
  ['without a counter', '0::/\n', {}, undefined],
] as const)('the counter of a control group %s', ([, groups, files, expected]) => {
  const all: Readonly<Record<string, string>> = { '/proc/self/cgroup': groups, ...files };
  expect(oomKills({ ...nodeDisk, readTextIfAny: (path) => all[path] })).toBe(expected);
});

test('kills are counted from the moment on at which it is asked for', () => {
  const files: Record<string, string> = { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.events': 'oom_kill 3\n' };
  const disk = { ...nodeDisk, readTextIfAny: (path: string) => files[path] };
  const since = countOomKills(disk);
  expect(since()).toBe(0);
  files['/sys/fs/cgroup/memory.events'] = 'oom_kill 5\n';
  expect(since()).toBe(2);
  expect(countOomKills({ ...nodeDisk, readTextIfAny: () => undefined })()).toBeUndefined();
});

test('of this machine is a number or not there', () => {
  expect(['number', 'undefined']).toContain(typeof oomKills(nodeDisk));
});

const V8 = [
  '[27234:0x1c6]      183 ms: Mark-Compact 24.4 (41.3) -> 24.4 (41.3) MB, 4.03 / 0.00 ms  (average mu = 0.128)',
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  '----- Native stack trace -----',
];

const end = { exitCode: null, signal: null, wasKilled: false, stderrTail: [], oomKillsSince: 0 };

test.for([
  ['an abort with the words of V8', { signal: 'SIGABRT', stderrTail: V8 }, 'v8'],
  ['what a shell makes of that', { exitCode: 134, stderrTail: V8 }, 'v8'],
  ['another abort', { signal: 'SIGABRT', stderrTail: ['Assertion failed'] }, null],
  ['the words alone', { exitCode: 1, stderrTail: V8 }, null],
  ['a kill while the counter went up', { signal: 'SIGKILL', oomKillsSince: 1 }, 'kernel'],
  ['a kill of our own meanwhile', { signal: 'SIGKILL', oomKillsSince: 1, wasKilled: true }, null],
  ['a kill without a count', { signal: 'SIGKILL' }, null],
  ['a kill where nobody counts', { signal: 'SIGKILL', oomKillsSince: undefined }, null],
] as const)('%s', ([, known, who]) => {
  expect(outOfMemory({ ...end, ...known })).toBe(who);
});
