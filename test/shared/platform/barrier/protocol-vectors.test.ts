import { expect, test } from 'vitest';
import { CkptError } from '../../../../shared/contracts/errors.ts';
import { isJsonObject, type Json } from '../../../../shared/contracts/json.ts';
import { formatRanks } from '../../../../shared/contracts/rank-set.ts';
import { openFileBarrier } from '../../../../shared/platform/barrier/file-barrier.ts';
import { fingerprintOf } from '../../../../shared/platform/barrier/fingerprint.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import { type Call, filesIn, layOut, type Outcome, VECTORS } from './protocol-vectors.ts';

test.for(VECTORS.fingerprints)('the fingerprint of #$sequence "$name" at $callSite', ({ fingerprint, ...vector }) => {
  expect(fingerprintOf(vector)).toBe(fingerprint);
});

async function outcomeOf(
  directory: string,
  { rank, worldSize, timeoutMs, callSite, name, payload, ...who }: Call,
): Promise<Json> {
  const { pid, host, arrivedAtMs } = who;
  const real = nodePlatform();
  const platform: Platform = { ...real, pid, host, clock: { ...real.clock, nowMs: () => arrivedAtMs } };
  const journal = { append: () => undefined };
  const place = { platform, directory, rank, worldSize, timeoutMs, journal, callSite: () => callSite, resumes: true };
  try {
    const barrier = openFileBarrier(place);
    try {
      return { payloads: await barrier.wait(name, payload) };
    } finally {
      barrier.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof CkptError)) throw thrown;
    const missing = isJsonObject(thrown.evidence) ? thrown.evidence['missing'] : undefined;
    return { error: thrown.code, ...(missing === undefined ? {} : { missing }) };
  }
}

/** Errors of ours spell the missing ranks. */
const asThrown = (outcome: Outcome): object =>
  'missing' in outcome ? { ...outcome, missing: formatRanks(outcome.missing ?? []) } : outcome;

test.for(VECTORS.barriers)('$what', async ({ before, call, after, outcome }) => {
  const directory = temporaryDirectory();
  layOut(directory, before);
  expect(await outcomeOf(directory, call)).toEqual(asThrown(outcome));
  expect(filesIn(directory)).toEqual(after);
});
