import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SeenStacks } from '../../../../shared/contracts/stacks.ts';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { nodePlatform } from '../../../../shared/platform/platform.ts';
import { processState } from '../../../../shared/platform/process-identity.ts';
import { findTool, searchPath } from '../../../../shared/platform/stacks/run-tool.ts';
import { seeDescendants } from '../../../../shared/platform/stacks/see-family.ts';
import { seeStacks } from '../../../../shared/platform/stacks/see-stacks.ts';
import { until } from '../../../e2e/live-run.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import { lookingIn, startWatched, type WatchedProgram } from '../../../fixtures/watched-program.ts';
import { NO_PYTHON, PYTHON } from '../../../python/find-python.ts';

const READY = `import os, sys, threading, time\nprint('ready', flush=True)\n`;
const start = (text: string, args: readonly string[] = []): Promise<WatchedProgram> =>
  startWatched([PYTHON, ...args], 'py', READY + text);

/** What the main thread is in, as `function:line`, innermost first. */
const main = (seen: SeenStacks): readonly string[] | string =>
  'notSeen' in seen
    ? seen.notSeen
    : (seen.threads[0]?.frames.map(({ functionName, line }) => `${functionName}:${line}`) ?? 'no thread');

/** Looks until it has come to where it stays. */
async function seenIn(program: WatchedProgram, place: string): Promise<SeenStacks> {
  for (const deadline = Date.now() + 20_000; ; ) {
    const seen = await program.see();
    if (main(seen)[0] === place) return seen;
    if (Date.now() > deadline) throw new Error(`it is not in ${place}: ${JSON.stringify(seen)}`);
  }
}

const PY_SPY = findTool(nodeDisk, 'py-spy', searchPath(process.env));
if (PY_SPY === undefined) console.log('skipped: py-spy is not installed');

describe.skipIf(NO_PYTHON !== undefined)('a program in Python', () => {
  test('tells where it sleeps, with its threads', async () => {
    const program = await start(
      `def load(): time.sleep(1000)\nthreading.Thread(target=load, daemon=True).start()\ndef train(): load()\ntrain()\n`,
    );
    const seen = await seenIn(program, 'load:3');
    expect(main(seen)).toEqual(['load:3', 'train:5', '<module>:6']);
    expect(seen).toMatchObject({ source: 'faulthandler', threads: [{ isMain: true }, { isMain: false }] });
    if ('threads' in seen) expect(seen.threads[1]?.frames[0]).toMatchObject({ functionName: 'load', file: program.file });
  });

  test.each([
    ['spins', 'def spin():\n  while True: pass\nspin()\n', 'spin:4'],
    ['is inside of a native function', `def native(): pow(7, 10**9)\nnative()\n`, 'native:3'],
    ['waits for a lock', `def wait(): lock.acquire()\nlock = threading.Lock(); lock.acquire()\nwait()\n`, 'wait:3'],
    ['reads what nobody writes', 'def read(): sys.stdin.read()\nread()\n', 'read:3'],
  ])('tells where it is when it %s', async (_how, text, place) => {
    expect(main(await seenIn(await start(text), place))).toContain(place);
  });

  test('comes to no harm, however often it is asked and whatever its threads do', async () => {
    const busy = `def busy(n):\n  return 0 if n == 0 else busy(n - 1) + len([x for x in range(3)])\n`;
    const program = await start(
      `${busy}def run():\n  while True: busy(30)\nfor n in range(3): threading.Thread(target=run, daemon=True).start()\nrun()\n`,
    );
    for (let times = 0; times < 40; times++) expect(await program.see()).toMatchObject({ source: 'faulthandler' });
    expect(program.child.exitCode).toBeNull();
  });

  test('goes on with what it did: a sleep is as long, and a read has all', async () => {
    const program = await start(
      `t = time.monotonic(); time.sleep(0.5); slept = time.monotonic() - t\nprint(sys.stdin.read(5), slept >= 0.5, flush=True)\n`,
    );
    for (let times = 0; times < 20; times++) await program.see();
    program.child.stdin?.end('hello');
    const [code] = await once(program.child, 'close');
    expect([code, program.printed]).toEqual([0, { stdout: 'ready\nhello True\n', stderr: '' }]);
  });

  test('has children that are told apart', async () => {
    const program = await start(
      `def work(): time.sleep(1000)\nfor n in range(2):\n  if os.fork() == 0: work()\ndef gather(): os.wait()\ngather()\n`,
    );
    const options = lookingIn(temporaryDirectory());
    const children = await until('two children', () => {
      const found = nodePlatform().disk.readText(`/proc/${program.pid}/task/${program.pid}/children`).trim().split(' ');
      return found.length === 2 ? found.map(Number) : undefined;
    });
    for (;;) {
      const seen = await seeDescendants(nodePlatform(), program.pid, options);
      expect(seen.map(({ pid, parentPid }) => [pid, parentPid])).toEqual(children.map((pid) => [pid, program.pid]));
      expect(seen[0]?.command).toContain('program.py');
      if (seen.every(({ stacks }) => main(stacks)[0] === 'work:3')) break;
    }
    expect(main(await program.see())).toContain('gather:6');
  });

  test('that is stopped is not asked, and answers when it goes on', async () => {
    const program = await start('time.sleep(1000)\n');
    process.kill(program.pid, 'SIGSTOP');
    await until('it to stop', () => (processState(nodePlatform(), program.pid)?.letter === 'T' ? true : undefined));
    expect(await program.see()).toEqual({ notSeen: 'it is stopped' });
    process.kill(program.pid, 'SIGCONT');
    expect(main(await seenIn(program, '<module>:3'))).toEqual(['<module>:3']);
  });

  test('that came to its number later is not asked', async () => {
    const { pid } = await start('time.sleep(1000)\n');
    const seen = await seeStacks(nodePlatform(), { pid, startTicks: 1 }, lookingIn(temporaryDirectory()));
    expect(seen).toEqual({ notSeen: 'it has ended' });
  });

  test.each([
    ['is isolated', ['-I'], '', /not started so that it tells/],
    ['ignores the environment', ['-E'], '', /not started so that it tells/],
    ['has no site', ['-S'], '', /not started so that it tells/],
    ['closes its files', [], 'os.closerange(3, 1000)\n', /not started so that it tells/],
    ['takes the file for another', [], `os.close(${200})\nf = os.dup2(1, ${200})\n`, /not started so that it tells/],
    ['blocks all signals', [], 'import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n', /blocks the signal/],
    ['unregisters', [], 'import faulthandler\nfor n in 50, 51: faulthandler.unregister(n)\n', /does not catch the signal/],
  ])('that %s is not harmed', async (_how, args, text, why) => {
    const program = await start(`${text}print('come', flush=True)\ntime.sleep(1000)\n`, args);
    await until('it to come', () => (program.printed.stdout.includes('come') ? true : undefined));
    const seen = await until('it to sleep', () =>
      nodePlatform().disk.readText(`/proc/${program.pid}/task/${program.pid}/wchan`).includes('nanosleep') ? true : undefined,
    ).then(() => program.see());
    expect(main(seen)).toMatch(why);
    expect(program.child.exitCode).toBeNull();
  });

  test('is read by py-spy where it is installed, and asked itself where that is refused', async () => {
    const program = await start('def wait(): time.sleep(1000)\nwait()\n');
    await seenIn(program, 'wait:3');
    const directory = temporaryDirectory();
    const tool = (script: string): void => {
      writeFileSync(join(directory, 'py-spy'), `#!/bin/sh\n${script}\n`);
      chmodSync(join(directory, 'py-spy'), 0o755);
    };
    const frame = { name: 'f', filename: '/x.py', line: 1 };
    const answer = JSON.stringify([{ pid: program.pid, os_thread_id: program.pid, thread_name: 'MainThread', frames: [frame] }]);
    tool(`[ "$*" = "dump --json --nonblocking --pid ${program.pid}" ] && echo '${answer}'`);
    expect(await program.see({ searchPath: [directory] })).toMatchObject({ source: 'py-spy' });
    tool('echo "Permission Denied: Try running again with elevated permissions" >&2; exit 1');
    expect(await program.see({ searchPath: [directory] })).toMatchObject({ source: 'faulthandler' });
    tool('exec sleep 1000');
    expect(await program.see({ searchPath: [directory], limitMs: 2000 })).toMatchObject({ source: 'faulthandler' });
  });

  test.skipIf(PY_SPY === undefined)('is read by the real py-spy, or that says that it is not permitted', async () => {
    const program = await startWatched([PYTHON], 'py', `${READY}def wait(): time.sleep(1000)\nwait()\n`, {
      PATH: '/usr/bin:/bin',
    });
    await until('it to sleep', () =>
      nodeDisk.readText(`/proc/${program.pid}/task/${program.pid}/wchan`).includes('nanosleep') ? true : undefined,
    );
    const seen = await program.see({ searchPath: [dirname(PY_SPY ?? '')] });
    if ('notSeen' in seen) expect(seen.notSeen).toContain('py-spy is not permitted to read it');
    else expect([seen.source, main(seen)]).toEqual(['py-spy', ['wait:3', '<module>:4']]);
  });
});
