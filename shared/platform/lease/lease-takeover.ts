import { join } from 'node:path';
import type { Platform } from '../platform.ts';
import { isAlive } from '../process-identity.ts';
import { leaseInUse } from './lease-error.ts';
import {
  type LeaseFiles,
  type LeaseHolder,
  placeRecord,
  readRecord,
  replaceRecord,
  type StandingRecord,
} from './lease-record.ts';

/** How long nothing may be heard of a holder that cannot be seen, until it counts as gone. */
export const STALE_AFTER_MS = 60_000;

/** Who wants the lease. */
export interface Contender {
  readonly platform: Platform;
  readonly files: LeaseFiles;
  readonly self: LeaseHolder;
}

/** Whether nobody can be hurt when a record is replaced. */
export function isGone({ platform, files }: Omit<Contender, 'self'>, { holder, writtenAtMs }: StandingRecord): boolean {
  const state = holder === undefined ? 'unknown' : isAlive(platform, holder);
  if (state !== 'unknown') return state === 'dead';
  // From here nobody sees whether its ranks still write.
  if (holder?.hasLeftRanks === true) return false;
  // Who has only just put down the record has not made the lock yet.
  const heardAtMs = Math.max(writtenAtMs, platform.disk.changedAtMs(files.lock) ?? 0);
  return platform.clock.nowMs() - heardAtMs > STALE_AFTER_MS;
}

/**
 * Puts our record over one whose holder is gone. Of several contenders one wins: a record can be replaced only by who holds
 * the claim on it, and only while it stands. A claim is such a record itself: that of a contender which died is replaced by
 * who holds the claim on the claim. `prepare` runs with the claim held. Throws CKPT_OUTPUT_IN_USE for all but the winner.
 */
export async function supersede(
  contender: Contender,
  path: string,
  standing: StandingRecord,
  prepare: () => Promise<void> = async () => undefined,
): Promise<void> {
  const { files, self } = contender;
  const { disk } = contender.platform;
  const claim = files.claimOn(standing);
  await takeClaim(contender, claim);
  try {
    refuseChanged(contender, path, standing);
    await prepare();
    replaceRecord(disk, path, self);
  } finally {
    disk.removeFile(claim);
  }
}

async function takeClaim(contender: Contender, claim: string): Promise<void> {
  const { files, self } = contender;
  const { disk } = contender.platform;
  if (placeRecord(disk, claim, self)) return;
  const other = readRecord(disk, claim);
  if (other === undefined || !isGone(contender, other)) throw leaseInUse(files.directory, other?.holder);
  await supersede(contender, claim, other);
}

/** Whoever held the claim before us may have replaced the record. */
function refuseChanged({ platform, files }: Contender, path: string, { text }: StandingRecord): void {
  const current = readRecord(platform.disk, path);
  if (current?.text !== text) throw leaseInUse(files.directory, current?.holder);
}

/**
 * Removes claims, and what is not yet in its place, of those that died. What does not say whose it is goes, too: a process that
 * died while it wrote has left it, and one that lives writes it again. Only the holder of the lease may do so.
 */
export function removeLeftBehind(platform: Platform, { directory, isOfContender }: LeaseFiles): void {
  for (const path of platform.disk
    .list(directory)
    .filter(isOfContender)
    .map((name) => join(directory, name))) {
    const holder = readRecord(platform.disk, path)?.holder;
    if (holder === undefined || isAlive(platform, holder) === 'dead') platform.disk.removeFile(path);
  }
}
