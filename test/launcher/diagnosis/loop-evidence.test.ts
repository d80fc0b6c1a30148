import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { codeOwner } from '../../../launcher/diagnosis/code-owner.ts';
import { gatherLoop, type LoopEnquiry } from '../../../launcher/diagnosis/loop-evidence.ts';
import { openSourceMaps } from '../../../launcher/diagnosis/source-maps.ts';
import { ROOT } from '../../../scripts/source-files.ts';
import type { CodePlace, StackSample } from '../../../shared/contracts/diagnosis.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { listeningPorts } from '../../../shared/platform/inspector/inspector-port.ts';
import { signalProcess } from '../../../shared/platform/process-group.ts';
import { processState } from '../../../shared/platform/process-identity.ts';
import { scenarioWith, startRun, told, until } from '../../e2e/live-run.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { sandbox } from '../../e2e/sandbox.ts';

const ENQUIRY: LoopEnquiry = {
  samples: 2,
  apartMs: 100,
  limitMs: 10_000,
  placesMs: 10_000,
  expression: `({ what: 'nothing' })`,
  understand: (answer) => [{ what: JSON.stringify(answer), forMs: 0, place: null }],
};

const look = (pid: number): ReturnType<typeof gatherLoop> =>
  gatherLoop(
    { disk: nodeDisk, clock: nodeClock, pid: process.pid },
    { pid, startTicks: processState({ disk: nodeDisk }, pid)?.startTicks ?? 0, visits: temporaryDirectory() },
    ENQUIRY,
    openSourceMaps(nodeDisk),
  );

async function stacksOf(pid: number): Promise<readonly StackSample[]> {
  const found = await look(pid);
  if (!('kind' in found) || found.kind !== 'busy') throw new Error(`not busy: ${JSON.stringify(found)}`);
  return found.stacks;
}

const place = (file: string, line: number, functionName: string): Partial<CodePlace> => ({ file, line, functionName });

test('a rank that spins in a scenario in TypeScript shows the line in it, and those of ours that led there', async () => {
  const box = sandbox();
  const spin = `tell(String(process.pid));\n      for (;;);`;
  const text = scenarioWith(1, spin, 'type Unused = { readonly pid: number };\n');
  const file = box.write('mine.ts', text);
  const run = startRun(box, ['--scenario', 'mine.ts', '--nproc_per_node=2']);
  onTestFinished(() => void run.launcher.kill('SIGKILL'));
  const pid = Number(await told(box, run, /^\d+$/));
  const stacks = await stacksOf(pid);
  const line = text.split('\n').findIndex((each) => each.includes('for (;;);')) + 1;
  expect(stacks.map(({ frames }) => frames[0])).toMatchObject(Array(2).fill(place(file, line, 'onEvaluate')));
  const [stack = { frames: [] }] = stacks;
  const owners = new Set(stack.frames.slice(1).map(codeOwner(ROOT)));
  expect(stack.frames[1]?.file).toMatch(/\/rank\/callbacks\/[a-z-]+\.ts$/);
  expect(owners).toEqual(new Set(['ckpt-run']));
  signalProcess(run.launcher.pid ?? 0, 'SIGTERM');
  await run.ended;
});

test('a rank that a stranger signals says nothing of it, and goes on', async () => {
  const box = sandbox();
  const wait = `tell(String(process.pid));
      while (!existsSync(new URL('go', import.meta.url))) await new Promise((resolve) => setTimeout(resolve, 10));`;
  box.write('mine.mjs', scenarioWith(0, wait, `import { existsSync } from 'node:fs';`));
  // Whatever the surroundings say of the inspector's address, nobody else reaches it.
  const env = { NODE_OPTIONS: '--inspect-port=0.0.0.0:9229' };
  const run = startRun(box, ['--scenario', 'mine.mjs', '--nproc_per_node=2'], { env });
  const pid = Number(await told(box, run, /^\d+$/));
  signalProcess(pid, 'SIGUSR1');
  const port = await run.during(until('its port', () => listeningPorts(nodeDisk, pid)?.[0]));
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  expect(nodeDisk.readText('/proc/net/tcp')).toContain(` 0100007F:${hexPort} `);
  box.write('go', '');
  const { code, stderr } = await run.ended;
  expect(code, stderr).toBe(0);
  expect(stderr).not.toMatch(/[Dd]ebugger|inspector/);
});

test('a loop that turns says what its process says it is doing, as the caller understands it', async () => {
  const args = [
    '--inspect-port=127.0.0.1:0',
    '--inspect-publish-uid=http',
    '-e',
    `setInterval(() => {}, 1e9); console.log('ready')`,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: join(ROOT, 'test') });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const doing = [{ what: '{"what":"nothing"}', forMs: 0, place: null }];
  expect(await look(child.pid ?? 0)).toEqual({ kind: 'idle', doing });
});
