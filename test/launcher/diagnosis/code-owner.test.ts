import { expect, test } from 'vitest';
import { callSiteIn, codeOwner } from '../../../launcher/diagnosis/code-owner.ts';
import type { CodePlace } from '../../../shared/contracts/diagnosis.ts';

const HERE = '/app/node_modules/ckpt-run';
const at = (file: string): CodePlace => ({ file, line: 1, column: 1, functionName: null });

test.for([
  ['/app/src/train.ts', 'user'],
  [`${HERE}/scenarios/basic.ts`, 'user'],
  [`${HERE}/dist/scenarios/basic.cjs`, 'user'],
  [`${HERE}/dist/rank-program.cjs`, 'ckpt-run'],
  [`${HERE}/rank/run-rank.ts`, 'ckpt-run'],
  [`${HERE}/shared/policy/retention.ts`, 'ckpt-run'],
  ['/app/node_modules/tsx/dist/loader.mjs', 'ckpt-run'],
  [`${HERE}/node_modules/pino/pino.js`, 'package'],
  ['/app/node_modules/lodash/index.js', 'package'],
  ['/app/shared/ours.ts', 'user'],
] as const)('%s is code of: %s', ([file, owner]) => {
  expect(codeOwner(HERE)(at(file))).toBe(owner);
});

test('a barrier was called outside of what makes barriers', () => {
  const within = [`${HERE}/shared/platform/barrier/file-barrier.ts`, `${HERE}/rank/agreement.ts`].map(at);
  const caller = at(`${HERE}/rank/training/trainer.ts`);
  expect(callSiteIn(HERE, [...within, caller, at('/app/train.ts')])).toBe(caller);
  expect(callSiteIn(HERE, [at('/app/rank/agreement.ts')])?.file).toBe('/app/rank/agreement.ts');
  expect(callSiteIn(HERE, within)).toBeUndefined();
});
