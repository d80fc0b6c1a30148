import { expect, test } from 'vitest';
import { poolSize } from '../../../shared/platform/thread-pool.ts';

test.for([
  [undefined, 4],
  ['6', 6],
  ['0', 1],
  ['many', 1],
  ['2000', 1024],
  ['-1', 1024],
] as const)('UV_THREADPOOL_SIZE=%s is a pool of %i', ([asked, threads]) => {
  expect(poolSize({ UV_THREADPOOL_SIZE: asked })).toBe(threads);
});
