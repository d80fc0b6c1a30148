import { expect, test } from 'vitest';
import { isMarked } from '../../../launcher/group/run-mark.ts';

const MARK = { launcherPid: 12, runPath: '/out/.ckpt-run/job' };

const environment = (...entries: readonly string[]): string => entries.map((entry) => `${entry}\0`).join('');

test.for([
  [true, ['CKPT_RANK_LAUNCHER_PID=12', 'A=b', 'CKPT_RANK_RUN_DIRECTORY=/out/.ckpt-run/job/attempt_3']],
  [false, ['CKPT_RANK_LAUNCHER_PID=123', 'CKPT_RANK_RUN_DIRECTORY=/out/.ckpt-run/job/attempt_0']],
  [false, ['CKPT_RANK_LAUNCHER_PID=12', 'CKPT_RANK_RUN_DIRECTORY=/out/.ckpt-run/job2/attempt_0']],
  [false, ['CKPT_RANK_LAUNCHER_PID=12']],
  [false, ['OLD=CKPT_RANK_LAUNCHER_PID=12', 'CKPT_RANK_RUN_DIRECTORY=/out/.ckpt-run/job/attempt_0']],
  [false, []],
] as const)('%s for %j', ([expected, entries]) => {
  expect(isMarked(environment(...entries), MARK)).toBe(expected);
});
