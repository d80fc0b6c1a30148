import { expect, test } from 'vitest';
import { watchEnvironment } from '../../../../shared/platform/stacks/watch-environment.ts';

const FILES = { pythonDirectory: '/opt/watch', nodeModule: '/opt/my "dist"/watched-node.cjs' };
const OURS = '--inspect-port=127.0.0.1:0 --inspect-publish-uid=http --require "/opt/my \\"dist\\"/watched-node.cjs"';

test('ours come first, and what was there is kept for the program', () => {
  expect(watchEnvironment({ A: '1', PYTHONPATH: '/lib:/x', NODE_OPTIONS: '--no-warnings' }, FILES)).toEqual({
    A: '1',
    PYTHONPATH: '/opt/watch:/lib:/x',
    CKPT_RUN_WATCH_PYTHONPATH: '/lib:/x',
    NODE_OPTIONS: `${OURS} --no-warnings`,
    CKPT_RUN_WATCH_NODE_OPTIONS: '--no-warnings',
  });
});

test('what was unset is told from what was empty, and an empty path does not become the working directory', () => {
  expect(watchEnvironment({}, FILES)).toEqual({ PYTHONPATH: '/opt/watch', NODE_OPTIONS: OURS });
  expect(watchEnvironment({ PYTHONPATH: '' }, FILES)).toMatchObject({
    PYTHONPATH: '/opt/watch',
    CKPT_RUN_WATCH_PYTHONPATH: '',
  });
});
