import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../../scripts/source-files.ts';
import type { Arrival, Decision } from '../../../../shared/contracts/barrier.ts';
import type { Json, JsonObject } from '../../../../shared/contracts/json.ts';

/** Files below a `barriers` directory, private names left out. */
export type Files = Readonly<Record<string, Arrival | Decision>>;

export type Call = Pick<Arrival, 'name' | 'rank' | 'worldSize' | 'pid' | 'host' | 'callSite' | 'arrivedAtMs' | 'payload'> & {
  readonly timeoutMs: number;
};

export type Outcome = { readonly payloads: readonly Json[] } | { readonly error: string; readonly missing?: readonly number[] };

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
export const VECTORS: Vectors = JSON.parse(readFileSync(join(ROOT, 'test/fixtures/protocol-vectors.json'), 'utf8'));

/** Makes the files that are there before a call. */
export function layOut(directory: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `${JSON.stringify(content)}\n`);
  }
}

/** The files that are there after it. */
export const filesIn = (directory: string): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name))
      .map((path) => [path.slice(directory.length + 1), withoutLooks(JSON.parse(readFileSync(path, 'utf8')))]),
  );

/** What a client says of its waiting if it likes, and differs from one time to the next. */
const withoutLooks = ({ waitedMs: _, gettingOn: __, ...content }: JsonObject): JsonObject => content;
