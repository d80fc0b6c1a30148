import { dirname } from 'node:path';
import { CkptError } from '../../contracts/errors.ts';
import type { LeaseHolder } from './lease-record.ts';

/** Somebody who is alive, as far as can be known, uses the directory. */
export function leaseInUse(directory: string, holder: LeaseHolder | undefined, cause?: unknown): CkptError {
  const who = holder === undefined ? 'another ckpt-run' : `another ckpt-run, pid ${holder.pid} on host ${holder.host},`;
  return new CkptError(`--output-dir ${dirname(directory)}: ${who} is using this directory`, {
    code: 'CKPT_OUTPUT_IN_USE',
    hint: 'Wait for it to end, or choose another --output-dir.',
    evidence: holder === undefined ? null : { pid: holder.pid, host: holder.host },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What to do where a lease was lost. */
export const LEASE_LOST_HINT = 'Check whether somebody removed files there, or whether this machine was suspended.';

/** The lease is somebody else's, or nobody's, although it was never given back. */
export const leaseLost = (directory: string, cause: Error): CkptError =>
  new CkptError(`the lease on ${dirname(directory)} was lost: ${cause.message}`, {
    code: 'CKPT_LEASE_LOST',
    hint: LEASE_LOST_HINT,
    cause,
  });
