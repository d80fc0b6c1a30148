import type { BestEntry } from '../../shared/contracts/checkpoint.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/contracts/json.ts';
import { decodeMetric, type EncodedMetric, encodeMetric } from '../../shared/contracts/metric.ts';
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
  isJsonObject(value) && Array.isArray(value['delete']) && Array.isArray(value['best']);

/** Writes a ruling for the barrier. */
export const encodeRuling = (ruling: Ruling): EncodedRuling => ({
  delete: ruling.delete,
  best: ruling.best.map(({ step, metric }) => ({ step, metric: encodeMetric(metric) })),
});

/** Reads the one that rank 0 brought. */
export function rulingIn(results: readonly SaveResult[]): Ruling {
  const { delete: doomed = [], best = [] } = results[0]?.ruling ?? {};
  return { delete: doomed, best: best.map(({ step, metric }) => ({ step, metric: decodeMetric(metric) ?? Number.NaN })) };
}
