import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning, until, untilGone } from '../../e2e/live-run.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { buildFixture } from '../../fixtures/build-fixture.ts';

/** A process that leads a group, with an environment, gone when the test ends. */
function sleeper(environment: Readonly<Record<string, string>> = {}): number {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: { ...process.env, ...environment } });
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep did not start');
  onTestFinished(() => void child.kill('SIGKILL'));
  return pid;
}

const RUN = '/nowhere/.ckpt-run/job';

interface Guarded {
  readonly owner: ChildProcess;
  readonly say: (word: string) => void;
  readonly guardian: () => Promise<number>;
}

/** A process that has a guardian, and passes words on to it. */
function guarded(...will: readonly string[]): Guarded {
  const directory = temporaryDirectory();
  const owner = spawn(process.execPath, [buildFixture('guardian-owner', directory), RUN, ...will], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  onTestFinished(() => void owner.kill('SIGKILL'));
  const { pid = 0 } = owner;
  return { owner, say: (word) => void owner.stdin?.write(`${word}\n`), guardian: () => until('a guardian', () => childOf(pid)) };
}

const childOf = (parent: number): number | undefined =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => statusOf(pid).includes(`\nPPid:\t${parent}\n`));

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

const marks = (launcherPid: number | undefined): Record<string, string> => ({
  CKPT_RANK_LAUNCHER_PID: String(launcherPid),
  CKPT_RANK_RUN_DIRECTORY: `${RUN}/attempt_0`,
});

test('what a killed launcher leaves behind is killed: its groups, its strays, and nobody else', async () => {
  const { owner, say, guardian } = guarded();
  const watcher = await guardian();
  const [kept, forgotten, otherRun] = [sleeper(), sleeper(), sleeper({ ...marks(owner.pid), CKPT_RANK_LAUNCHER_PID: '1' })];
  const stray = sleeper(marks(owner.pid));
  for (const word of [`+${forgotten}`, `+${kept}`, `-${forgotten}`]) say(word);
  say('die');
  await untilGone([kept, stray, watcher]);
  expect([forgotten, otherRun].map(isRunning)).toEqual([true, true]);
});

test('a guardian ends with its run and harms nobody', async () => {
  const { owner, say, guardian } = guarded();
  const watcher = await guardian();
  const [group, stray] = [sleeper(), sleeper(marks(owner.pid))];
  say(`+${group}`);
  say('dismiss');
  await untilGone([watcher]);
  expect([group, stray].map(isRunning)).toEqual([true, true]);
});

test('a guardian that must end a run says so in a file, unless somebody else has', async () => {
  const directory = temporaryDirectory();
  const [prepared, free, taken] = ['prepared', 'free', 'taken'].map((name) => join(directory, name));
  writeFileSync(String(prepared), 'last words');
  writeFileSync(String(taken), 'said before');
  for (const file of [free, taken]) {
    const { say, guardian } = guarded('', String(prepared), String(file));
    const watcher = await guardian();
    say('die');
    await untilGone([watcher]);
  }
  expect([free, taken].map((file) => readFileSync(String(file), 'utf8'))).toEqual(['last words', 'said before']);
});

test('a guardian whose ranks have all ended well writes nothing', async () => {
  const file = join(temporaryDirectory(), 'failure');
  const { say, guardian } = guarded('', file);
  const watcher = await guardian();
  say('=');
  say('die');
  await untilGone([watcher]);
  expect(existsSync(file)).toBe(false);
});

test('that a guardian was killed is said', async () => {
  const { owner, guardian } = guarded();
  process.kill(await guardian(), 'SIGKILL');
  if (owner.stderr === null) throw new Error('no standard error');
  expect(String(await once(owner.stderr, 'data'))).toContain('its guardian was killed by SIGKILL');
});

test('a guardian that must end a run removes what it was told to', async () => {
  const leftover = join(temporaryDirectory(), 'a name with $(blanks)');
  mkdirSync(join(leftover, 'attempt_0'), { recursive: true });
  const { say, guardian } = guarded(leftover);
  const watcher = await guardian();
  say('die');
  await untilGone([watcher]);
  expect(existsSync(leftover)).toBe(false);
});
