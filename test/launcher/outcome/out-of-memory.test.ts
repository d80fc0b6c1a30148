import { expect, test } from 'vitest';
import { oomKills } from '../../../launcher/outcome/out-of-memory.ts';
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

test('of this machine is a number or not there', () => {
  expect(['number', 'undefined']).toContain(typeof oomKills(nodeDisk));
});
