import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ways to get on, each for longer than a second; what stands in the callback of a rank. */
const WORK = {
  writer: `await again(() => writeFileSync(mine, Buffer.alloc(200_000)));`,
  reader: `writeFileSync(mine, Buffer.alloc(200_000)); await again(() => readFileSync(mine));`,
  children: `await again(() => shell('head -c 300000 /dev/zero > "$0"', mine));`,
  upload: `await shell('for i in $(seq 25); do head -c 300000 /dev/zero; sleep 0.1; done > "$0"', mine);`,
} as const;

export type SlowKind = keyof typeof WORK;

/** All of them. */
export const SLOW_KINDS: readonly SlowKind[] = ['writer', 'reader', 'children', 'upload'];

/** Writes a scenario in which a rank is slow at its 15th step; gives the path. */
export function writeSlowScenario(directory: string, kind: SlowKind, rank: number): string {
  const file = join(directory, `${kind}-of-rank-${rank}.mjs`);
  writeFileSync(file, textOf(kind, rank));
  return file;
}

const textOf = (kind: SlowKind, rank: number): string => `import * as ckpt from 'ckpt-run';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const shell = (script, path) => promisify(execFile)('sh', ['-c', script, path]);
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
const again = async (piece) => {
  for (const endMs = Date.now() + 2500; Date.now() < endMs; await pause()) await piece();
};

const onEvaluate = async (metrics, state) => {
  if (state.rank !== ${rank} || state.step !== 15) return;
  const mine = new URL(\`slow-\${process.pid}\`, import.meta.url).pathname;
  ${WORK[kind]}
};

export default ckpt.defineScenario({
  ...{ name: 'slow', summary: 'a rank is slow', metric: ckpt.decayingLoss, saveTotalLimit: 3, preserveNBest: 2 },
  callbacks: () => [{ name: 'Slow', onEvaluate }],
});
`;
