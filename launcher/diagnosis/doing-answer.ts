import type { AwaitedLock, CodePlace, Doing } from '../../shared/contracts/diagnosis.ts';
import { isJsonObject, type Json, parseJson } from '../../shared/contracts/json.ts';
import { callSiteIn } from './code-owner.ts';
import type { LoopEnquiry } from './loop-evidence.ts';
import type { SourceMaps } from './source-maps.ts';
import { placesIn } from './stack-text.ts';

/** What a rank of ours is asked: rank/main.ts has the answer ready. */
export const askWhatItDoes = (maps: SourceMaps, packageDirectory: string): Asked => ({
  expression: `globalThis[Symbol.for('ckpt-run.doing')]?.() ?? null`,
  functions: `globalThis[Symbol.for('ckpt-run.doing')]?.functions() ?? []`,
  understand: (answer, functions) =>
    understand(answer, functions, (stack) => callSiteIn(packageDirectory, placesIn(stack, maps))),
});

type Asked = Pick<LoopEnquiry, 'expression' | 'functions' | 'understand'>;

type SiteOf = (stack: Parameters<typeof placesIn>[0]) => CodePlace | undefined;

function understand(answer: Json, functions: Functions, siteOf: SiteOf): readonly Doing[] | undefined {
  if (typeof answer !== 'string') return undefined;
  return parseJson(answer, isList)?.flatMap((each, index) => doingIn(each, functions[index] ?? null, siteOf) ?? []);
}

type Functions = readonly (CodePlace | null)[];

const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

function doingIn(begun: Json, code: CodePlace | null, siteOf: SiteOf): Doing | undefined {
  if (!isJsonObject(begun)) return undefined;
  const { what, forMs, stack, file } = begun;
  if (typeof what !== 'string' || typeof forMs !== 'number') return undefined;
  return {
    ...(isLock(begun['lock']) ? { lock: begun['lock'] } : {}),
    what,
    forMs,
    place:
      code ??
      (typeof file === 'string' ? somewhereIn(file) : undefined) ??
      (typeof stack === 'string' ? siteOf({ message: what, stack }) : undefined) ??
      null,
  };
}

/** V8 does not know where the top of a file awaits, nor where ours calls it is the place. */
const somewhereIn = (file: string): CodePlace => ({ file, line: null, column: null, functionName: null });

const isLock = (value: Json | undefined): value is Json & AwaitedLock =>
  isJsonObject(value) &&
  typeof value['path'] === 'string' &&
  typeof value['holder'] === 'string' &&
  (value['holderPid'] === null || typeof value['holderPid'] === 'number');
