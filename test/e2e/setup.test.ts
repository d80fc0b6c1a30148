import { appendFileSync, chmodSync, cpSync, mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../scripts/source-files.ts';
import { type CommandResult, runCommand, temporaryDirectory } from './run-command.ts';

const BUILDING = 'ckpt-run: building…\n';
const PASSED = { code: 0, stdout: expect.stringContaining('✓ ALL ASSERTIONS PASSED') };

/** This checkout as it was cloned, with its packages linked in; its path has a space. */
function copyOfCheckout(): string {
  const root = join(temporaryDirectory(), 'check out');
  cpSync(ROOT, root, {
    recursive: true,
    filter: (path) => !/^(?:node_modules|dist|\.dist-.*|\.git)$/.test(relative(ROOT, path)),
  });
  // Never newer than the packages: an install here would go through the link and replace those of this checkout.
  utimesSync(join(root, 'package-lock.json'), 0, 0);
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return root;
}

const run = (root: string, env: Readonly<Record<string, string>> = {}): Promise<CommandResult> =>
  runCommand(join(root, 'scripts', 'ckpt-run'), ['--scenario', 'basic'], { cwd: dirname(root), env });

/** Puts a program of ours before all others. */
function fakeProgram(root: string, name: string, script: string): Readonly<Record<string, string>> {
  const directory = join(dirname(root), 'programs');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, name), 0o755);
  return { PATH: `${directory}:${process.env['PATH']}` };
}

test('builds once, again when a source changes, and through a link', async () => {
  const root = copyOfCheckout();
  const first = await run(root);
  expect(first).toMatchObject(PASSED);
  expect(first.stderr).toContain(BUILDING);
  expect(first.stdout).not.toContain('building');

  const link = join(dirname(root), 'a link');
  symlinkSync(join(root, 'scripts', 'ckpt-run'), link);
  const second = await runCommand(link, ['--scenario', 'basic'], { cwd: '/' });
  expect(second).toMatchObject(PASSED);
  expect(second.stderr).not.toContain('ckpt-run: ');

  appendFileSync(join(root, 'shared', 'contracts', 'version.ts'), '// changed\n');
  const third = await run(root);
  expect(third).toMatchObject(PASSED);
  expect(third.stderr).toContain(BUILDING);
});

test('two at once build once, and both run', async () => {
  const root = copyOfCheckout();
  const results = await Promise.all([run(root), run(root)]);
  expect(results).toMatchObject([PASSED, PASSED]);
  expect(results.filter(({ stderr }) => stderr.includes(BUILDING))).toHaveLength(1);
});

test('a build that fails says why and does not run', async () => {
  const root = copyOfCheckout();
  appendFileSync(join(root, 'shared', 'contracts', 'version.ts'), 'not TypeScript\n');
  const result = await run(root);
  expect(result).toMatchObject({ code: 126, stdout: '' });
  expect(result.stderr).toMatch(
    /shared\/contracts\/version\.ts[:(]\d+[:,]\d+\)?: error.*\nckpt-run: the build failed, see above\.\n$/is,
  );
});

test('installs what is missing, and shows what npm says only when it fails', async () => {
  const root = copyOfCheckout();
  rmSync(join(root, 'node_modules'));
  const failing = await run(root, fakeProgram(root, 'npm', 'echo no network; exit 1'));
  expect(failing).toMatchObject({ code: 126, stdout: '' });
  expect(failing.stderr).toBe('ckpt-run: installing…\nno network\nckpt-run: npm ci failed, see above.\n');

  const working = await run(root, fakeProgram(root, 'npm', `echo noise; ln -s '${join(ROOT, 'node_modules')}' node_modules`));
  expect(working).toMatchObject(PASSED);
  expect(working.stderr).toContain(`ckpt-run: installing…\n${BUILDING}`);
  expect(working.stderr).not.toContain('noise');
});

/** Everybody else but root, whom permissions do not stop. */
const asNobody = (command: string): [string, readonly string[]] =>
  process.getuid?.() === 0 ? ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', command]] : [command, []];

test('a checkout that cannot be written is refused in one line', async () => {
  const root = copyOfCheckout();
  chmodSync(dirname(root), 0o755);
  chmodSync(root, 0o555);
  const [command, args] = asNobody(join(root, 'scripts', 'ckpt-run'));
  const result = await runCommand(command, [...args, '--scenario', 'basic'], { cwd: '/' });
  chmodSync(root, 0o755);
  expect(result).toEqual({
    ...{ code: 126, signal: null, stdout: '' },
    stderr: `ckpt-run: cannot write to ${root}, where packages and the build go.\n`,
  });
});

test('a set-up changes no file of the checkout', async () => {
  const root = copyOfCheckout();
  utimesSync(join(root, 'package.json'), 1000, 1000);
  chmodSync(join(root, 'package.json'), 0o444);
  expect(await run(root)).toMatchObject(PASSED);
  expect(statSync(join(root, 'package.json'))).toMatchObject({ mtimeMs: 1_000_000, mode: 0o100444 });
});

test('an old Node is refused in one line before anything is installed', async () => {
  const root = copyOfCheckout();
  const result = await run(root, fakeProgram(root, 'node', 'echo v20.18.3'));
  expect(result).toMatchObject({ code: 126, stdout: '' });
  expect(result.stderr).toBe(
    'ckpt-run: Node.js 20.19 or newer is needed, and this is v20.18.3: install it from https://nodejs.org.\n',
  );
});
