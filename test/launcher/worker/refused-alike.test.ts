import { expect, test } from 'vitest';
import { RefusedAlike, readAlike } from '../../../launcher/worker/refused-alike.ts';
import { CkptError, usageError } from '../../../shared/contracts/errors.ts';

const WRONG = usageError('--seed: got "x", expected a whole number');

const mpi = (rank: number): Record<string, string> => ({ OMPI_COMM_WORLD_RANK: `${rank}`, OMPI_COMM_WORLD_SIZE: '4' });

/** What is thrown where reading throws this. */
function thrownIn(environment: Readonly<Record<string, string>>, error: Error = WRONG): unknown {
  try {
    readAlike(environment, () => {
      throw error;
    });
  } catch (thrown) {
    return thrown;
  }
  throw new Error('nothing was thrown');
}

test('of ranks that are refused alike, the first says it, and the others end as it does', () => {
  expect(thrownIn(mpi(0))).toBe(WRONG);
  expect(thrownIn(mpi(3))).toMatchObject({ refusal: WRONG });
  expect(thrownIn(mpi(3))).toBeInstanceOf(RefusedAlike);
});

test.for([
  ['no engine', {}],
  ['a pod, which has its own log', { JOB_COMPLETION_INDEX: '3' }],
  ['engines that disagree', { ...mpi(3), PMI_RANK: '1', PMI_SIZE: '2' }],
  ['a place that cannot be', mpi(9)],
] as const)('a rank says it itself under %s', ([, environment]) => {
  expect(thrownIn(environment)).toBe(WRONG);
});

test('what is no refusal is said by every rank', () => {
  const bug = new TypeError('undefined is not a function');
  const other = new CkptError('rank 3 has no disk', { code: 'CKPT_OUTPUT_UNUSABLE', hint: '' });
  for (const error of [bug, other]) expect(thrownIn(mpi(3), error)).toBe(error);
});

test('what is read is given back', () => {
  expect(readAlike(mpi(3), () => 7)).toBe(7);
});
