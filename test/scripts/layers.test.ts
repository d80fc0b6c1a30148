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
] as const)('%s may not contain: %s', ([path, text]) => {
  expect(problems(path, text)).toEqual([expect.stringContaining(`${path} `)]);
});

test.for([
  ['rank/a.ts', `import { CkptError } from '../shared/contracts/errors.ts';`],
  ['rank/a.ts', ` * import { x } from '../launcher/main.ts'; Math.random()`],
  ['scenarios/bugs/a.ts', `import { defineScenario } from '../../rank/public.ts';`],
  ['shared/platform/logger.ts', `import { pino } from 'pino';`],
  ['shared/platform/a.ts', `import { openSync } from 'node:fs'; Date.now();`],
] as const)('%s may contain: %s', ([path, text]) => {
  expect(problems(path, text)).toEqual([]);
});
