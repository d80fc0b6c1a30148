import { spawnSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../../../../shared/platform/disk.ts';
import { type Lease, takeLease } from '../../../../shared/platform/lease/lease.ts';
import type { LeaseHolder } from '../../../../shared/platform/lease/lease-record.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { processIdentity } from '../../../../shared/platform/process-identity.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';

/** The real platform, and this process under a name that no lease of the test has. */
export const PLATFORM = nodePlatform();
export const SELF: LeaseHolder = { ...processIdentity(PLATFORM), token: 'somebody' };

/** Somebody on this host who has died. */
export const deadHolder = (token = 'somebody'): LeaseHolder => ({ ...SELF, pid: spawnSync('true').pid, token });

/** A directory on which leases are taken. */
export interface LeaseDirectory {
  readonly directory: string;
  /** What was said while a lease was taken or held. */
  readonly told: readonly string[];
  /** The runs that were found dead. */
  readonly dead: readonly string[];
  take(): Promise<Lease>;
  /** Puts down what a holder leaves in the directory while it holds. */
  held(holder: object, ageMs?: number): void;
}

/** A new one, for the test that runs. */
export function leaseDirectory(disk: Partial<Disk> = {}, rest: Partial<Platform> = {}): LeaseDirectory {
  const directory = join(temporaryDirectory(), '.ckpt-run');
  mkdirSync(directory);
  const told: string[] = [];
  const dead: string[] = [];
  const platform = { ...PLATFORM, ...rest, disk: { ...PLATFORM.disk, ...disk } };
  const tell = (line: string): void => void told.push(line);
  const lock = join(directory, 'lease.lock');
  return {
    directory,
    told,
    dead,
    take: () =>
      takeLease(platform, directory, {
        runId: 'mine',
        takeover: tell,
        dead: (runId) => dead.push(runId),
        lost: ({ message }) => tell(message),
      }),
    held: (holder, ageMs = 0) => {
      mkdirSync(lock, { recursive: true });
      const at = new Date(Date.now() - ageMs);
      utimesSync(lock, at, at);
      const record = join(directory, 'lease.owner.json');
      writeFileSync(record, JSON.stringify(holder));
      utimesSync(record, at, at);
    },
  };
}
