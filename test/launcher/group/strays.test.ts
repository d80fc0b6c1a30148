import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { killStrays } from '../../../launcher/group/strays.ts';
import { nodeClock } from '../../../shared/platform/clock.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';

const RUN = '/nowhere/.ckpt-run/strays';

const MARKS = { CKPT_RANK_LAUNCHER_PID: String(process.pid), CKPT_RANK_RUN_DIRECTORY: `${RUN}/attempt_0` };

/** A process outside of every group of the run; says how it ends. */
function sleeper(environment: Readonly<Record<string, string>>): {
  readonly pid: number;
  readonly ended: Promise<string | null>;
} {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: { ...process.env, ...environment } });
  if (child.pid === undefined) throw new Error('sleep did not start');
  onTestFinished(() => void child.kill('SIGKILL'));
  return { pid: child.pid, ended: new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal))) };
}

test('what has the mark is killed, also when it has no environment at first; a stranger is looked at once and lives', async () => {
  const [stray, late, stranger] = [sleeper(MARKS), sleeper(MARKS), sleeper({})];
  const looks: string[] = [];
  const disk: Disk = {
    ...nodeDisk,
    readTextIfAny: (path) => {
      const isFirst = !looks.includes(path);
      looks.push(path);
      return isFirst && path === `/proc/${late.pid}/environ` ? '' : nodeDisk.readTextIfAny(path);
    },
  };
  await killStrays({ disk, clock: nodeClock }, { launcherPid: process.pid, runPath: RUN });
  expect(await Promise.all([stray.ended, late.ended])).toEqual(['SIGKILL', 'SIGKILL']);
  expect(looks.filter((path) => path === `/proc/${stranger.pid}/environ`)).toHaveLength(1);
  expect(process.kill(stranger.pid, 0)).toBe(true);
});
