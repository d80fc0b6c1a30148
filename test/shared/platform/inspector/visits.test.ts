import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { listeningPorts } from '../../../../shared/platform/inspector/inspector-port.ts';
import { processState } from '../../../../shared/platform/process-identity.ts';
import { until } from '../../../e2e/live-run.ts';
import { mustRun } from '../../../e2e/run-command.ts';
import { buildFixture } from '../../../fixtures/build-fixture.ts';
import { startStuck } from '../../../fixtures/stuck-process.ts';
import { childOf, sample, untilClosed, untilOn, untilOnDots, untilVisited } from './sampling.ts';

test('a process goes on when whoever looks at it is killed, and forgets the visit when its loop turns', async () => {
  const stuck = await startStuck('while');
  const sampler = spawn(process.execPath, [buildFixture('loop-sampler', dirname(stuck.file)), String(stuck.pid), stuck.visits]);
  onTestFinished(() => void sampler.kill('SIGKILL'));
  await untilVisited(stuck);
  sampler.kill('SIGKILL');
  await once(sampler, 'exit');
  writeFileSync(`${stuck.pipe}.end`, '');
  await untilOn(stuck);
  await untilClosed(stuck.pid);
});

test('whoever has looked in vain may be gone when the inspector opens: the process closes it itself', async () => {
  const stuck = await startStuck('child');
  await until('its child', () => childOf(stuck.pid));
  // A process of its own, as an inspection from the command line is.
  const sampler = buildFixture('loop-sampler', dirname(stuck.file));
  await mustRun(process.execPath, [sampler, String(stuck.pid), stuck.visits, '400']);
  expect(listeningPorts(nodeDisk, stuck.pid)).toEqual([]);
  expect(nodeDisk.list(stuck.visits)).toHaveLength(1);
  writeFileSync(stuck.pipe, '');
  await untilOn(stuck);
  await until('it to forget', () => (nodeDisk.list(stuck.visits).length === 0 ? true : undefined));
  await untilClosed(stuck.pid);
});

test('a process with a handler of its own for SIGUSR1 is left alone, and it is said why', async () => {
  const stuck = await startStuck('handler');
  const notSeen = 'it has a handler of its own for SIGUSR1';
  expect(await sample(stuck.pid, {}, stuck)).toEqual({ notSeen });
  await untilOn(stuck);
  expect(stuck.child.exitCode).toBeNull();
});

test('two who look at the same process take turns', async () => {
  const stuck = await startStuck('spin');
  const sampler = spawn(process.execPath, [buildFixture('loop-sampler', dirname(stuck.file)), String(stuck.pid), stuck.visits]);
  onTestFinished(() => void sampler.kill('SIGKILL'));
  await untilVisited(stuck);
  // The other one's visit lasts a minute.
  expect(await sample(stuck.pid, {}, stuck)).toEqual({ notSeen: 'another inspection is under way' });
  sampler.kill('SIGKILL');
  await once(sampler, 'exit');
  await untilOnDots(stuck);
  expect(nodeDisk.list(stuck.visits)).toHaveLength(1);
});

test('a pid that has come again is not the process', async () => {
  const { pid, printed } = await startStuck('later');
  const startTicks = (processState({ disk: nodeDisk }, pid)?.startTicks ?? 0) - 1;
  expect(await sample(pid, {}, { startTicks })).toEqual({ notSeen: 'it has ended' });
  expect([listeningPorts(nodeDisk, pid), printed.stderr]).toEqual([[], '']);
});

test('a loop that waits for a child is told by its silence', async () => {
  const stuck = await startStuck('child');
  await until('its child', () => childOf(stuck.pid));
  expect(await sample(stuck.pid, { limitMs: 1200 }, stuck)).toEqual({ kind: 'unreachable' });
});
