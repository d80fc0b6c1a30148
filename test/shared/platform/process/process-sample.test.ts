import { expect, test } from 'vitest';
import { isSeen } from '../../../../shared/contracts/diagnosis.ts';
import type { ProcessSample } from '../../../../shared/contracts/process-sample.ts';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { nativeSleep } from '../../../../shared/platform/process/native-sleep.ts';
import { sampleProcess } from '../../../../shared/platform/process/process-sample.ts';
import { until } from '../../../e2e/live-run.ts';
import { startStuck } from '../../../fixtures/stuck-process.ts';

const platform = nodePlatform();

/** Samples until it is as it will stay. */
const sampleWhen = (pid: number, isStuck: (sample: ProcessSample) => boolean): Promise<ProcessSample> =>
  until('a sample of the stuck process', () => {
    const sample = sampleProcess(platform, pid);
    return isSeen(sample) && isStuck(sample) ? sample : undefined;
  });

/** And no copy of Node that is about to become one. */
const isShell = ({ command }: { readonly command: string }): boolean => command.startsWith('/bin/sh');

const callOf = ({ threads }: ProcessSample): string | undefined => threads[0]?.call?.name;

/** What is read one after the other may show it on its way there. */
const isAsleepIn =
  (name: string) =>
  (sample: ProcessSample): boolean =>
    sample.state === 'S' && sample.threads[0]?.state === 'S' && callOf(sample) === name;

const isPolling = (sample: ProcessSample): boolean =>
  sample.threads[0]?.waitChannel?.includes('poll') === true && callOf(sample)?.startsWith('epoll') === true;

test('an idle process sleeps in its poll, and may hear what happens', async () => {
  const { pid } = await startStuck('idle');
  const sample = await sampleWhen(pid, isPolling);
  expect(sample).toMatchObject({ state: 'S', children: [], tracerPid: 0 });
  expect(sample.threads[0]).toMatchObject({ tid: pid, state: 'S' });
  expect(sample.threads.length).toBeGreaterThan(4);
  expect(nativeSleep(nodeDisk, pid)).toBeUndefined();
});

test('a spinning process runs and uses its processor, and bytes are counted', async () => {
  const { pid } = await startStuck('spin');
  const first = await sampleWhen(pid, () => true);
  const later = await sampleWhen(pid, ({ cpuMs }) => cpuMs > first.cpuMs + 50);
  expect(later.state).toBe('R');
  expect(later.threads[0]?.call).toBeNull();
  expect(later.readBytes).toBeGreaterThan(0);
  expect((await sampleWhen(pid, ({ writtenBytes }) => Number(writtenBytes) > Number(first.writtenBytes))).state).toBe('R');
  expect(later.atMs).toBeGreaterThan(first.atMs);
});

test('a process that waits for a child names the child', async () => {
  const { pid, pipe } = await startStuck('child');
  const { children } = await sampleWhen(pid, (sample) => sample.children.some(isShell));
  expect(children).toEqual([{ pid: expect.any(Number), command: `/bin/sh -c cat ${pipe}` }]);
});

test('what its children use is counted with it, and it is said when that cannot be seen', async () => {
  const { pid } = await startStuck('child');
  const { children } = await sampleWhen(pid, (sample) => sample.children.some(isShell));
  const ofChild = `/proc/${children[0]?.pid}/io`;
  const [wrote, denied] = ['rchar: 0\nwchar: 1000000000\n', undefined].map((io) =>
    sampleProcess(
      withProc((path) => (path === ofChild ? io : nodeDisk.readTextIfAny(path))),
      pid,
    ),
  );
  expect(wrote).toMatchObject({ isWhole: true });
  expect(wrote !== undefined && isSeen(wrote) ? wrote.writtenBytes : 0).toBeGreaterThanOrEqual(1e9);
  expect(denied).toMatchObject({ isWhole: false, writtenBytes: expect.any(Number) });
});

test('a process that is blocked in a call about a path names the path', async () => {
  const { pid, pipe } = await startStuck('file');
  const { state, threads } = await sampleWhen(pid, isAsleepIn('openat'));
  expect([state, threads[0]?.call]).toEqual(['S', { name: 'openat', path: pipe }]);
  expect(nativeSleep(nodeDisk, pid)).toMatch(/^openat after \d+$/);
  expect(nativeSleep(nodeDisk, pid)).toBe(nativeSleep(nodeDisk, pid));
});

test('a process that is blocked in a call about a descriptor names what it stands for', async () => {
  const { pid, pipe } = await startStuck('read');
  const { threads } = await sampleWhen(pid, isAsleepIn('read'));
  expect(threads[0]?.call).toEqual({ name: 'read', path: pipe });
});

test('the threads of an exhausted pool name what each is stuck with, while the main thread is well', async () => {
  const { pid, pipe } = await startStuck('pool');
  const stuckIn = ({ threads }: ProcessSample): readonly unknown[] =>
    threads.map(({ call }) => call).filter((call) => call?.name === 'openat');
  const sample = await sampleWhen(pid, (each) => stuckIn(each).length === 4 && isPolling(each));
  expect(stuckIn(sample)).toEqual(Array(4).fill({ name: 'openat', path: pipe }));
});

test('a stopped process is stopped, and hears nothing', async () => {
  const { pid } = await startStuck('idle');
  process.kill(pid, 'SIGSTOP');
  const { state } = await sampleWhen(pid, ({ threads }) => threads.every((thread) => thread.state === 'T'));
  expect(state).toBe('T');
  expect(nativeSleep(nodeDisk, pid)).toBe('stopped');
});

test('of a process that has ended nothing is seen, nor where there is no /proc', () => {
  expect(sampleProcess(platform, 2 ** 30)).toEqual({ notSeen: 'it has ended' });
  expect(
    sampleProcess(
      withProc(() => undefined),
      process.pid,
    ),
  ).toEqual({ notSeen: 'this system has no /proc' });
});

test('what the kernel does not let us see is not known, and the rest is', async () => {
  const { pid } = await startStuck('file');
  await sampleWhen(pid, isAsleepIn('openat'));
  const denied = withProc((path) => (/\/(?:io|syscall|wchan|children)$/.test(path) ? deny() : nodeDisk.readTextIfAny(path)));
  const sample = sampleProcess(denied, pid);
  expect(sample).toMatchObject({ state: 'S', readBytes: null, writtenBytes: null, children: [] });
  expect(isSeen(sample) && sample.threads[0]).toEqual({
    tid: pid,
    state: 'S',
    waitChannel: null,
    call: null,
    cpuMs: expect.any(Number),
  });
  expect(nativeSleep(denied.disk, pid)).toBeUndefined();
});

test('memory is not read where its lock is waited for', async () => {
  const { pid } = await startStuck('file');
  await sampleWhen(pid, isAsleepIn('openat'));
  const locked = withProc((path) => (path.endsWith('/wchan') ? 'rwsem_down_read_slowpath' : nodeDisk.readTextIfAny(path)));
  const sample = sampleProcess({ ...locked, disk: { ...locked.disk, readAt: deny } }, pid);
  expect(isSeen(sample) && sample.threads[0]?.call).toEqual({ name: 'openat', path: null });
});

const withProc = (readTextIfAny: Platform['disk']['readTextIfAny']): Platform => ({
  ...platform,
  disk: { ...nodeDisk, readTextIfAny },
});

const deny = (): never => {
  throw new Error('not permitted');
};
