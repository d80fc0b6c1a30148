import { CkptError } from '../../shared/contracts/errors.ts';
import { anyNumber, type Expected, expectValue, flag, oneOf, text } from '../../shared/contracts/expectation.ts';
import { isJson, type Json } from '../../shared/contracts/json.ts';
import { encodeMetric, isEncodedMetric } from '../../shared/contracts/metric.ts';
import { formatRanks } from '../../shared/contracts/rank-set.ts';
import type { World } from '../../shared/contracts/world.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import { openProgramRank } from '../../shared/platform/program-rank.ts';
import { callSiteAbove } from './call-site.ts';
import type { BarrierOptions, InitOptions, ProcessGroup } from './process-group.ts';
import { type BooleanReduction, type NumberReduction, reduceBooleans, reduceNumbers } from './reduction.ts';

/** Takes this process's place among the ranks. Throws CKPT_USAGE for what cannot be meant, or where it is no rank. */
export function openProcessGroup(
  platform: Platform,
  environment: Readonly<Record<string, string | undefined>>,
  { timeoutMs, callSites = true }: InitOptions,
): ProcessGroup {
  expectValue('init(): callSites', callSites, flag);
  let callSite: string | null = null;
  const rank = openProgramRank({
    platform,
    environment,
    ...(timeoutMs === undefined ? {} : { timeoutMs: expectValue('init(): timeoutMs', timeoutMs, patience) }),
    callSite: () => (callSites ? callSite : null),
  });
  const { world, barrier: barriers } = rank;

  /** Called by the methods themselves, so that their caller is the program. */
  function meet(name: string, payload: Json, { timeoutMs }: BarrierOptions): Promise<readonly Json[]> {
    expectValue('the name of a barrier', name, text);
    const patient = timeoutMs === undefined ? barriers : barriers.within(expectValue(`${name}: timeoutMs`, timeoutMs, patience));
    const calledAt = callSiteAbove(meet);
    callSite = calledAt;
    return patient.wait(name, payload).catch((thrown: unknown) => {
      throw asSeenFrom(calledAt, thrown);
    });
  }

  async function barrier(name: string, options: BarrierOptions = {}): Promise<void> {
    await meet(name, null, options);
  }

  async function broadcast(
    name: string,
    value?: Json,
    { src = 0, ...options }: BarrierOptions & { readonly src?: number } = {},
  ): Promise<Json> {
    expectValue(`${name}: src`, src, rankOf(world));
    const payload = world.rank === src ? expectValue(`${name}: value`, value, json) : null;
    return (await meet(name, payload, options))[src] ?? null;
  }

  async function allGather(name: string, value: Json, options: BarrierOptions = {}): Promise<readonly Json[]> {
    return meet(name, expectValue(`${name}: value`, value, json), options);
  }

  function allReduce(name: string, value: number, reduction: NumberReduction, options?: BarrierOptions): Promise<number>;
  function allReduce(name: string, value: boolean, reduction: BooleanReduction, options?: BarrierOptions): Promise<boolean>;
  async function allReduce(
    name: string,
    value: number | boolean,
    reduction: NumberReduction | BooleanReduction,
    options: BarrierOptions = {},
  ): Promise<number | boolean> {
    const asked = expectValue(`${name}: reduction`, reduction, oneOf('sum', 'min', 'max', 'and', 'or'));
    switch (asked) {
      case 'and':
      case 'or': {
        const payload = expectValue(`${name}: value`, value, flag);
        return reduceBooleans(asked, allOf(name, await meet(name, payload, options), isBoolean, 'boolean'));
      }
      case 'sum':
      case 'min':
      case 'max': {
        const payload = encodeMetric(expectValue(`${name}: value`, value, anyNumber));
        return reduceNumbers(asked, allOf(name, await meet(name, payload, options), isNumber, 'number').map(Number));
      }
    }
  }

  const close = (): void => {
    rank.finish();
    rank.close();
  };

  return { ...world, barrier, broadcast, allGather, allReduce, close };
}

/** An error as its reader wants to see it printed: with the program's place, and without pages of evidence. */
function asSeenFrom(callSite: string | null, thrown: unknown): unknown {
  if (!(thrown instanceof CkptError)) return thrown;
  thrown.stack = `${thrown.name}: ${thrown.message}${callSite === null ? '' : `\n    at ${callSite}`}`;
  return Object.defineProperty(thrown, 'evidence', { enumerable: false });
}

const patience: Expected<number> = {
  words: 'milliseconds above 0',
  accepts: (value): value is number => typeof value === 'number' && value > 0,
};

const json: Expected<Json> = { words: 'what JSON can carry whole', accepts: isJson };

const rankOf = ({ worldSize }: World): Expected<number> => ({
  words: `a rank from 0 to ${worldSize - 1}`,
  accepts: (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < worldSize,
});

const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';

const isNumber = (value: Json) => value !== null && isEncodedMetric(value);

/** What all ranks brought, if it is what was expected of them. */
function allOf<T extends Json>(
  name: string,
  payloads: readonly Json[],
  accepts: (value: Json) => value is T,
  kind: string,
): readonly T[] {
  if (payloads.every(accepts)) return payloads;
  const others = payloads.flatMap((payload, rank) => (accepts(payload) ? [] : [rank]));
  throw new CkptError(`ranks disagree about ${JSON.stringify(name)}: ${formatRanks(others)} brought no ${kind}`, {
    code: 'CKPT_BARRIER_MISMATCH',
    hint: `Have every rank call allReduce here, with a ${kind}.`,
    evidence: { name, payloads },
  });
}
