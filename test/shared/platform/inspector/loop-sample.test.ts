import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { type Disk, nodeDisk } from '../../../../shared/platform/disk.ts';
import { listeningPorts } from '../../../../shared/platform/inspector/inspector-port.ts';
import { nativeSleep } from '../../../../shared/platform/process/native-sleep.ts';
import { until } from '../../../e2e/live-run.ts';
import { type StuckProcess, startStuck } from '../../../fixtures/stuck-process.ts';
import { childOf, sample, untilClosed, untilOn, untilOnDots, untilVisited } from './sampling.ts';

const untilAsleep = (pid: number): Promise<string> => until('its sleep', () => nativeSleep(nodeDisk, pid));

/** Of its own file, as `function:line`. */
const framesIn = (found: Awaited<ReturnType<typeof sample>>, { file }: StuckProcess): readonly (readonly string[])[] =>
  'kind' in found && found.kind === 'busy'
    ? found.stacks.map(({ frames }) =>
        frames.filter(({ url }) => url.endsWith(basename(file))).map((frame) => `${frame.functionName}:${frame.line}`),
      )
    : [];

test('an idle loop answers what it is asked, again and again, and nothing stays open', async () => {
  const { pid, printed } = await startStuck('idle');
  for (const _ of [1, 2]) {
    expect(await sample(pid)).toEqual({ kind: 'idle', answer: { cwd: expect.any(String) }, functions: [] });
    await untilClosed(pid);
  }
  expect(await sample(pid, { expression: 'nonsense()' })).toEqual({ kind: 'idle', answer: null, functions: [] });
  expect(printed.stderr.replaceAll('Debugger attached.\n', '')).toBe('');
});

test('a loop that turns says where functions begin, without calling anything', async () => {
  const { pid, file } = await startStuck('functions');
  const functions = 'globalThis.functions';
  const found = await sample(pid, { functions });
  expect(found).toMatchObject({
    kind: 'idle',
    functions: [{ line: 5, functionName: 'first' }, null, null, { functionName: 'get' }],
  });
  expect('functions' in found ? found.functions.map((each) => each && basename(each.url)) : []).toEqual([
    basename(file),
    ...[null, null, basename(file)],
  ]);
  expect(await sample(pid, { functions: 'nonsense()' })).toMatchObject({ kind: 'idle', functions: [] });
});

test('whoever has answered has time to say where functions begin, though the limit is over', async () => {
  const { pid } = await startStuck('functions');
  const limitMs = 2000;
  const functions = `{ for (const end = Date.now() + ${limitMs + 50}; Date.now() < end; ); globalThis.functions }`;
  // On a busy machine the answer itself may come too late.
  for (;;) {
    const found = await sample(pid, { functions, limitMs });
    await untilClosed(pid);
    if (!('kind' in found) || found.kind !== 'idle') continue;
    expect(found).toMatchObject({ functions: [{ line: 5 }, null, null, { line: 5 }] });
    break;
  }
});

test.for([
  ['spin', ['spin:5', ':5']],
  ['regex', [':5']],
  ['microtasks', ['starve:5']],
  ['atomics', [':5']],
] as const)('a loop that is kept by %s shows where, in two samples', async ([how, frames]) => {
  const stuck = await startStuck(how);
  const found = await sample(stuck.pid);
  expect(found).toMatchObject({ kind: 'busy' });
  expect(framesIn(found, stuck)).toEqual([frames, frames]);
  await untilClosed(stuck.pid);
});

test('a process goes on when it has been looked at', async () => {
  const stuck = await startStuck('spin');
  await sample(stuck.pid);
  await untilOnDots(stuck);
});

test('a loop that was kept has forgotten the visit when it turns again', async () => {
  const stuck = await startStuck('while');
  expect(await sample(stuck.pid)).toMatchObject({ kind: 'busy' });
  writeFileSync(`${stuck.pipe}.end`, '');
  await untilOn(stuck);
  expect(listeningPorts(nodeDisk, stuck.pid)).toEqual([]);
});

test('a loop that is inside a native call is not disturbed, and told by that', async () => {
  const stuck = await startStuck('file');
  await untilAsleep(stuck.pid);
  expect(await sample(stuck.pid)).toEqual({ kind: 'unreachable' });
  openSync(stuck.pipe, 'r+');
  await untilOn(stuck);
  expect(stuck.printed.stderr).toBe('');
  expect(listeningPorts(nodeDisk, stuck.pid)).toEqual([]);
});

test('a loop that stops to answer finds, when it goes on, that nobody is there any more', async () => {
  const stuck = await startStuck('later');
  expect(await sample(stuck.pid, { expression: 'block()', limitMs: 1500 }, stuck)).toEqual({ kind: 'unreachable' });
  writeFileSync(stuck.pipe, '');
  await untilOn(stuck);
  await untilClosed(stuck.pid);
  expect(await sample(stuck.pid)).toMatchObject({ kind: 'idle' });
});

test('a stopped process is not woken, and stays as it is', async () => {
  const { pid } = await startStuck('idle');
  process.kill(pid, 'SIGSTOP');
  await untilAsleep(pid);
  expect(await sample(pid)).toEqual({ kind: 'unreachable' });
  expect(nativeSleep(nodeDisk, pid)).toBe('stopped');
  process.kill(pid, 'SIGCONT');
  await until('it to go on', () => (nativeSleep(nodeDisk, pid) === undefined ? true : undefined));
  expect(listeningPorts(nodeDisk, pid)).toEqual([]);
});

test('a process that ends meanwhile is not held, and nothing is thrown', async () => {
  const exiting = await startStuck('idle');
  const ended = once(exiting.child, 'exit');
  const found = sample(exiting.pid, { expression: 'process.exit(7)' });
  expect(await ended).toEqual([7, null]);
  expect(await found).toEqual({ notSeen: 'it closed its inspector, as it does when it ends' });

  const killed = await startStuck('spin');
  const halted = sample(killed.pid, { apartMs: 5000 });
  await untilVisited(killed);
  killed.child.kill('SIGKILL');
  expect(await halted).toEqual({ notSeen: expect.stringMatching(/ends?/) });
});

test('a signal from a stranger is answered without a word', async () => {
  const { pid, printed } = await startStuck('later');
  process.kill(pid, 'SIGUSR1');
  await until('its port', () => listeningPorts(nodeDisk, pid)?.[0]);
  expect(printed.stderr).toBe('');
  // Nor is that somebody's inspector used, or closed.
  expect(await sample(pid, { limitMs: 300 })).toEqual({ notSeen: 'it listens already on a port that may be its inspector' });
  expect(listeningPorts(nodeDisk, pid)).toHaveLength(1);
  expect(printed.stderr).toBe('');
});

test('where the kernel does not let us see, nobody is signalled', async () => {
  const { pid, printed } = await startStuck('later');
  const list = (): never => {
    throw new Error('EACCES');
  };
  expect(await sample(pid, {}, { disk: { ...nodeDisk, list } })).toEqual({ notSeen: 'not permitted' });
  expect([listeningPorts(nodeDisk, pid), printed.stderr]).toEqual([[], '']);
});

test('a process that runs and gets no processor has not been silent', async () => {
  const { pid } = await startStuck('idle');
  const stat = nodeDisk.readText(`/proc/${pid}/stat`).replace(') S ', ') R ');
  const starved: Disk['readTextIfAny'] = (path) => {
    if (path.endsWith('/net/tcp')) return 'nobody listens\n';
    return path === `/proc/${pid}/task/${pid}/stat` ? stat : nodeDisk.readTextIfAny(path);
  };
  const found = await sample(pid, { limitMs: 100 }, { disk: { ...nodeDisk, readTextIfAny: starved } });
  expect(found).toEqual({ notSeen: 'the machine is too busy for it to answer in time' });
});

test('a process without an inspector of its own, and one that is gone, are left alone', async () => {
  expect(await sample(2 ** 30)).toEqual({ notSeen: 'it has ended' });
  const { child } = await startStuck('child');
  const shell = await until('its child', () => childOf(child.pid));
  expect(await sample(shell)).toEqual({ notSeen: 'it has no inspector that a signal opens' });
});
