import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../../../../scripts/source-files.ts';
import type { Arrival, Decision } from '../../../../shared/contracts/barrier.ts';
import { CkptError } from '../../../../shared/contracts/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../../shared/contracts/json.ts';
import { formatRanks } from '../../../../shared/contracts/rank-set.ts';
import { openFileBarrier } from '../../../../shared/platform/barrier/file-barrier.ts';
import { fingerprintOf } from '../../../../shared/platform/barrier/fingerprint.ts';
import { nodePlatform, type Platform } from '../../../../shared/platform/platform.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';

/** Files below a `barriers` directory, private names left out. */
type Files = Readonly<Record<string, Arrival | Decision>>;

type Call = Pick<Arrival, 'name' | 'rank' | 'worldSize' | 'pid' | 'host' | 'callSite' | 'arrivedAtMs' | 'payload'> & {
  readonly timeoutMs: number;
};

type Outcome = { readonly payloads: readonly Json[] } | { readonly error: string; readonly missing?: readonly number[] };

interface Vectors {
  readonly fingerprints: readonly Pick<Arrival, 'sequence' | 'name' | 'callSite' | 'fingerprint'>[];
  /** One call each, of a process that may not be the first to be its rank. */
  readonly barriers: readonly {
    readonly what: string;
    readonly before: Files;
    readonly call: Call;
    readonly after: Files;
    readonly outcome: Outcome;
  }[];
}

/** What every client of the protocol is held against, in whatever language. */
const VECTORS: Vectors = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/protocol-vectors.json'), 'utf8'));

test.for(VECTORS.fingerprints)('the fingerprint of #$sequence "$name" at $callSite', ({ fingerprint, ...vector }) => {
  expect(fingerprintOf(vector)).toBe(fingerprint);
});

function layOut(directory: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `${JSON.stringify(content)}\n`);
  }
}

const filesIn = (directory: string): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name))
      .map((path) => [path.slice(directory.length + 1), withoutLooks(JSON.parse(readFileSync(path, 'utf8')))]),
  );

/** What a client says of its waiting if it likes, and differs from one time to the next. */
const withoutLooks = ({ waitedMs: _, gettingOn: __, ...content }: JsonObject): JsonObject => content;

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
