import { expect, test } from 'vitest';
import { nodeDisk } from '../../../../shared/platform/disk.ts';
import { listeningPorts } from '../../../../shared/platform/inspector/inspector-port.ts';
import { until } from '../../../e2e/live-run.ts';
import { runCommand } from '../../../e2e/run-command.ts';
import { startWatched, type WatchedProgram, watchedEnvironment } from '../../../fixtures/watched-program.ts';

const start = (text: string): Promise<WatchedProgram> =>
  startWatched([process.execPath], 'mjs', `import fs from 'node:fs'; fs.writeSync(1, 'ready');\n${text}\n`);

const closed = (pid: number): Promise<true> =>
  until('the port to close', () => (listeningPorts(nodeDisk, pid)?.length === 0 ? true : undefined));

test('a loop that is kept by JavaScript tells where, and its inspector is closed again', async () => {
  const program = await start('function spin() { for (;;); }\nspin();');
  const seen = await program.see();
  expect(seen).toMatchObject({ source: 'inspector', threads: [{ isMain: true }] });
  if ('threads' in seen) expect(seen.threads[0]?.frames[0]).toMatchObject({ functionName: 'spin', line: 2 });
  await closed(program.pid);
  expect(program.child.exitCode).toBeNull();
});

test('a loop that waits has no frames', async () => {
  const program = await start('setInterval(() => undefined, 1e9);');
  expect(await program.see()).toMatchObject({ source: 'inspector', threads: [{ isMain: true, frames: [] }] });
  await closed(program.pid);
});

test('one that is inside a native call does not answer', async () => {
  const program = await start(`fs.readSync(0, Buffer.alloc(1));`);
  await until('it to read', () =>
    /^0 /.test(nodeDisk.readText(`/proc/${program.pid}/task/${program.pid}/syscall`)) ? true : undefined,
  );
  expect(await program.see()).toEqual({ notSeen: 'its event loop is inside a native call and does not answer' });
});

test.each([
  ['on', `process.on('SIGUSR1', () => process.exit(75)); fs.writeSync(1, 'set'); setInterval(() => undefined, 1e9);`],
  [
    'once, and not any more',
    `const f = () => 0; process.once('SIGUSR1', f).off('SIGUSR1', f); fs.writeSync(1, 'set'); for (;;);`,
  ],
])('one that takes SIGUSR1 for itself (%s) is left alone', async (_how, text) => {
  const program = await start(text);
  await until('its handler', () => (program.printed.stdout.includes('set') ? true : undefined));
  expect(await program.see()).toEqual({ notSeen: expect.stringContaining('it handles SIGUSR1 itself') });
  expect([program.child.exitCode, program.printed.stderr]).toEqual([null, '']);
});

test('one that was not started so that it tells is left alone', async () => {
  const env = { PATH: process.env['PATH'] ?? '' };
  const text = `console.log('ready'); setInterval(() => undefined, 1e9);`;
  const program = await startWatched([process.execPath], 'mjs', text, env);
  expect(await program.see()).toEqual({ notSeen: expect.stringContaining('was not started so that it tells') });
});

test('a program has the environment and the arguments that it would have, and so have its children and workers', async () => {
  const look = `JSON.stringify([process.env, process.execArgv, process.argv.length])`;
  const text = `
    const { execFileSync } = require('node:child_process');
    const { Worker } = require('node:worker_threads');
    console.log(${look}, String(execFileSync(process.execPath, ['-p', ${JSON.stringify(look)}])));
    new Worker(${JSON.stringify(`console.log(${look})`)}, { eval: true });`;
  const bare = { HOME: '/', NODE_OPTIONS: '--no-warnings' };
  const { CKPT_RUN_WATCH_NODE_OPTIONS, NODE_OPTIONS } = watchedEnvironment(bare);
  const unset = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const [without, with_] = [
    await runCommand(process.execPath, ['-e', text], { env: { ...unset, ...bare } }),
    await runCommand(process.execPath, ['-e', text], { env: { ...unset, ...bare, CKPT_RUN_WATCH_NODE_OPTIONS, NODE_OPTIONS } }),
  ];
  expect(without).toMatchObject({ code: 0, stderr: '' });
  expect(with_).toEqual(without);
});
