import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../../../scripts/source-files.ts';
import {
  WATCH_PYTHON_PATH_VARIABLE,
  watchEnvironment,
  watchFilesIn,
} from '../../../../shared/platform/stacks/watch-environment.ts';
import { runCommand, temporaryDirectory } from '../../../e2e/run-command.ts';
import { startWatched, watchedEnvironment } from '../../../fixtures/watched-program.ts';
import { NO_PYTHON, PYTHON } from '../../../python/find-python.ts';

/** A program's end and output, without the watch and with it. */
async function withAndWithout(text: string, env: Readonly<Record<string, string>> = {}): Promise<readonly object[]> {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'program.py'), text);
  const bare = { PYTHONPATH: undefined, PYTHONDONTWRITEBYTECODE: '1', ...env };
  const watched = { ...bare, ...watchEnvironment(env, watchFilesIn(ROOT)) };
  const run = (given: Readonly<Record<string, string | undefined>>): Promise<object> =>
    runCommand(PYTHON, [join(directory, 'program.py')], { cwd: directory, env: given });
  return [await run(bare), await run(watched)];
}

const EVERYTHING = `
import os, signal, sys
print(sorted(k for k in os.environ), os.environ.get('PYTHONPATH'), sys.path, sys.argv)
print('sitecustomize' in sys.modules, sys.flags, sorted(sys.path_importer_cache))
print([signal.getsignal(n) for n in range(1, 50) if n not in (32, 33)])
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), os.open('/dev/null', os.O_RDONLY))
`;

describe.skipIf(NO_PYTHON !== undefined)('what Python loads first', () => {
  test.each([
    ['nothing', undefined],
    ['an empty path', ''],
    ['a path', '/nowhere:/nothing'],
  ])('leaves a program as it is that has %s', async (_what, path) => {
    const [bare, watched] = await withAndWithout(EVERYTHING, path === undefined ? {} : { PYTHONPATH: path, NODE_OPTIONS: '' });
    expect(bare).toMatchObject({ code: 0, stderr: '' });
    const withoutNode = JSON.stringify(watched)
      .replaceAll("'CKPT_RUN_WATCH_NODE_OPTIONS', ", '')
      .replaceAll("'NODE_OPTIONS', ", '');
    expect(withoutNode).toBe(JSON.stringify(bare).replaceAll("'NODE_OPTIONS', ", ''));
  });

  test.each([
    ['fails', `raise RuntimeError('bad luck')`],
    ['is killed', `import os\nos.kill(os.getpid(), 9)`],
    ['exits with a code', `import sys\nprint('x', file=sys.stderr)\nsys.exit(7)`],
    [
      'uses faulthandler itself',
      `import faulthandler\nfaulthandler.enable()\nfaulthandler.register(10)\nprint(faulthandler.is_enabled())`,
    ],
    ['forks', `import os\npid = os.fork()\nprint('child' if pid == 0 else os.waitpid(pid, 0)[1], flush=True)`],
    [
      'has a subprocess',
      `import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import os; print(os.environ.get("PYTHONPATH"))']))`,
    ],
  ])('changes nothing of a program that %s', async (_what, text) => {
    const [bare, watched] = await withAndWithout(text);
    expect(watched).toEqual(bare);
  });

  test.each([
    ['is well', `import sys\nsys.marked = __file__\nprint('shadowed')`],
    ['fails', `raise RuntimeError('shadowed fails')`],
    ['lacks something', `import no_such_module`],
  ])('has the sitecustomize that it shadows loaded, which %s', async (_what, text) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'site'));
    writeFileSync(join(directory, 'site', 'sitecustomize.py'), text);
    const program = `import sys\nprint(getattr(sys, 'marked', None), getattr(sys.modules.get('sitecustomize'), '__file__', None))`;
    const [bare, watched] = await withAndWithout(program, { PYTHONPATH: join(directory, 'site') });
    expect(watched).toEqual(bare);
    expect(JSON.stringify(bare)).toMatch(/shadowed|no_such_module/);
  });

  test('is no burden where nothing can be opened: the program goes on, and there is nothing to see', async () => {
    const limited = ['sh', '-c', `ulimit -n 100; exec ${PYTHON} "$0"`] as const;
    const program = await startWatched(limited, 'py', `import time\nprint('ready', flush=True)\ntime.sleep(1000)\n`);
    expect(program.printed.stderr).toBe('');
    expect(await program.see()).toEqual({ notSeen: expect.stringContaining('not started so that it tells') });
  });

  test('children that are started anew are not watched, and have the environment that they would have', async () => {
    const text = `import subprocess, sys\nprint('ready', flush=True)\nsubprocess.run([sys.executable, '-c', ${JSON.stringify(
      `import os; print([k for k in os.environ if 'WATCH' in k or k == 'PYTHONPATH'], [os.readlink('/proc/self/fd/' + n) for n in os.listdir('/proc/self/fd') if int(n) >= 200])`,
    )}])\n`;
    const env = watchedEnvironment();
    delete env[WATCH_PYTHON_PATH_VARIABLE];
    const { pythonDirectory } = watchFilesIn(ROOT);
    const { child, printed } = await startWatched([PYTHON], 'py', text, { ...env, PYTHONPATH: pythonDirectory });
    await new Promise((resolve) => child.once('close', resolve));
    expect(printed.stdout).toMatch(/^ready\n\[.*\] \[\]\n$/);
    expect(printed.stdout).not.toContain('PYTHONPATH');
  });
});
