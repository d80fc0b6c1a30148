import { expect, test } from 'vitest';
import { layerProblemsOf } from '../../scripts/layers.ts';

const problems = (path: string, text: string): readonly string[] => layerProblemsOf({ path, text });

test.for([
  ['shared/contracts/a.ts', `import { best } from '../policy/best-list.ts';`],
  ['shared/policy/a.ts', `import type { Disk } from '../platform/disk.ts';`],
  ['shared/platform/a.ts', `export { best } from '../policy/best-list.ts';`],
  ['rank/a.ts', `import {\n  startRank,\n} from '../launcher/rank-host.ts';`],
  ['launcher/a.ts', `type Context = import('../rank/context.ts').RankContext;`],
  ['scenarios/bugs/a.ts', `import { CkptError } from '../../shared/contracts/errors.ts';`],
  ['rank/a.ts', `import { pino } from 'pino';`],
  ['shared/platform/a.ts', `await import('left-pad');`],
  ['rank/a.ts', `import 'node:fs/promises';`],
  ['launcher/a.ts', 'const startedAt = performance.now();'],
  ['launcher/a.ts', 'setTimeout(stop, 10);'],
  ['launcher/a.ts', `import { spawn } from 'node:child_process';`],
  ['rank/a.ts', `import { connect } from 'node:net';`],
  ['rank/a.ts', `const { hostname } = await import('node:os');`],
  ['launcher/a.ts', `if (process.env['HOME'] === undefined) stop();`],
  ['launcher/a.ts', `process.once('SIGTERM', stop);`],
  ['rank/a.ts', 'process.exit(1);'],
  ['rank/a.ts', 'process.kill(pid);'],
  ['launcher/a.ts', 'process.stderr.write(text);'],
] as const)('%s may not contain: %s', ([path, text]) => {
  expect(problems(path, text)).toEqual([expect.stringContaining(`${path} `)]);
});

test('what is allowed to a file is all that is allowed to it', () => {
  expect(problems('launcher/rank-host.ts', `import { connect } from 'node:net';`)).toHaveLength(1);
});

test.for([
  ['rank/a.ts', `import { CkptError } from '../shared/contracts/errors.ts';`],
  ['rank/a.ts', ` * import { x } from '../launcher/main.ts'; Math.random()`],
  ['scenarios/bugs/a.ts', `import { defineScenario } from '../../rank/public.ts';`],
  ['shared/platform/logger.ts', `import { pino } from 'pino';`],
  ['shared/platform/a.ts', `import { openSync } from 'node:fs'; Date.now(); process.exit(hostname());`],
  ['launcher/rank-host.ts', `import { spawn } from 'node:child_process';`],
  ['launcher/a.ts', `const hint = 'Look for an early return, a process.exit or an await.';`],
  ['launcher/a.ts', 'subprocess.exit(); process.version;'],
] as const)('%s may contain: %s', ([path, text]) => {
  expect(problems(path, text)).toEqual([]);
});
