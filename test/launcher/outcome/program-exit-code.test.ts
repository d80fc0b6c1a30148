import { expect, test } from 'vitest';
import { programExitCode } from '../../../launcher/outcome/program-exit-code.ts';
import type { RankExit } from '../../../launcher/rank-host.ts';
import { serializeError } from '../../../shared/contracts/errors.ts';
import type { RunFailure } from '../../../shared/contracts/run-report.ts';

const error = serializeError(new Error('no'), { code: 'CKPT_RANK_FAILED', hint: 'none' });
const exited = (exitCode: number): RankExit => ({ exitCode, signal: null, startError: null });
const killed: RankExit = { exitCode: null, signal: 'SIGSEGV', startError: null };
const notStarted = (code: string): RankExit => ({ exitCode: null, signal: null, startError: { message: 'no', code } });

const rankFailed: RunFailure = { kind: 'rank-failed', rank: 0, error };

test.for([
  ['passed', null, undefined, 0, 0],
  ['failed', rankFailed, exited(7), 7, 1],
  ['was killed', { kind: 'rank-killed', rank: 0, signal: 'SIGSEGV', error }, killed, 139, 1],
  ['could not be found', rankFailed, notStarted('ENOENT'), 127, 1],
  ['could not be started', rankFailed, notStarted('EACCES'), 126, 1],
  ['ended early', { kind: 'rank-ended-early', rank: 0, error }, exited(0), 124, 1],
  ['failed on another node', { kind: 'node-failed', node: 1, cause: 'rank-failed', exitCode: 7, error }, undefined, 7, 1],
  [
    'took too long on another node',
    { kind: 'node-failed', node: 1, cause: 'timeout', exitCode: 124, error },
    undefined,
    124,
    124,
  ],
  ['failed when our signal cut its end short', rankFailed, { ...killed, signal: 'SIGTERM', sent: ['SIGTERM'] }, 1, 1],
  ['was interrupted', { kind: 'interrupted', signal: 'SIGTERM' }, undefined, 143, 1],
  ['took too long, of which torchrun knows nothing,', { kind: 'timeout', error }, undefined, 124, 124],
  ['met a bug of ours', { kind: 'launcher-failed', error }, exited(7), 70, 70],
] as const)("a run that %s: the exit code, and torchrun's", ([, failure, first, own, torchruns]) => {
  expect([false, true].map((likeTorchrun) => programExitCode(failure, first, likeTorchrun))).toEqual([own, torchruns]);
});
