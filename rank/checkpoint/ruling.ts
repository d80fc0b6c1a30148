import type { BestEntry } from '../../shared/contracts/checkpoint.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import { count, steps } from '../../shared/contracts/expectation.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/contracts/json.ts';
import { decodeMetric, type EncodedMetric, encodeMetric, isEncodedMetric } from '../../shared/contracts/metric.ts';
import { type CallbackRequest, isRequest } from '../training/decision.ts';

/** What rank 0 makes of a save, and all ranks obey: a user's policies may give another answer on each rank. */
export interface Ruling {
  /** The steps that go. */
  readonly delete: readonly number[];
  readonly best: readonly BestEntry[];
}

type EncodedEntry = JsonObject & { readonly step: number; readonly metric: EncodedMetric };
type EncodedRuling = JsonObject & { readonly delete: readonly number[]; readonly best: readonly EncodedEntry[] };

/** What a rank brings to the meeting after a commit; only rank 0 brings a ruling. */
export type SaveResult = CallbackRequest & { readonly ruling: EncodedRuling | null };

/** True for what a rank may bring. */
export const isSaveResult = (value: Json): value is SaveResult =>
  isRequest(value) && (value['ruling'] === null || isEncodedRuling(value['ruling']));

const isEncodedRuling = (value: Json | undefined): value is EncodedRuling =>
  isJsonObject(value) && steps.accepts(value['delete']) && Array.isArray(value['best']) && value['best'].every(isEncodedEntry);

const isEncodedEntry = (value: Json): value is EncodedEntry =>
  isJsonObject(value) && count.accepts(value['step']) && isEncodedMetric(value['metric']);

/** Writes a ruling for the barrier. */
export const encodeRuling = (ruling: Ruling): EncodedRuling => ({
  delete: ruling.delete,
  best: ruling.best.map(({ step, metric }) => ({ step, metric: encodeMetric(metric) })),
});

const MISSING = { code: 'CKPT_INTERNAL', hint: 'Start all ranks with the same version of ckpt-run.' } as const;

/** Reads the one that rank 0 brought. Throws CKPT_INTERNAL where it brought none. */
export function rulingIn(results: readonly SaveResult[]): Ruling {
  const ruling = results[0]?.ruling ?? null;
  if (ruling === null) throw new CkptError('rank 0 brought no ruling', MISSING);
  const { delete: doomed, best } = ruling;
  return { delete: doomed, best: best.map(({ step, metric }) => ({ step, metric: decodeMetric(metric) ?? Number.NaN })) };
}
