import { usageError } from '../../shared/contracts/errors.ts';
import { count, describe, type Expected, expectValue, oneOf, rankCount, text } from '../../shared/contracts/expectation.ts';
import { isJson, type Json, parseJson } from '../../shared/contracts/json.ts';

const SECONDS = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The last whole hour that Node's timers can count to. */
const MOST_HOURS = 596;

/** A duration in milliseconds from seconds, or with a unit: `30`, `500ms`, `5m`. Throws CKPT_USAGE. */
export function parseDuration(option: string, given: string): number {
  const [, digits, unit = 's'] = SECONDS.exec(given) ?? [];
  const milliseconds = Number(digits) * (UNIT_MS[unit] ?? Number.NaN);
  if (milliseconds > 0 && milliseconds <= MOST_HOURS * 3_600_000) return milliseconds;
  const expected = `seconds above 0, or a duration such as 500ms, 30s or 5m, up to ${MOST_HOURS}h`;
  throw usageError(`${option}: got ${JSON.stringify(given)}, expected ${expected}`);
}

/** A whole number; its range is judged where it is used. Throws CKPT_USAGE. */
export function parseInteger(option: string, given: string): number {
  if (/^[+-]?\d+$/.test(given)) return Number(given);
  throw usageError(`${option}: got ${JSON.stringify(given)}, expected a whole number`);
}

/** A whole number, or the word none. Throws CKPT_USAGE. */
export function parseIntegerOrNone(option: string, given: string): number | 'none' {
  if (given === 'none') return given;
  if (/^[+-]?\d+$/.test(given)) return Number(given);
  throw usageError(`${option}: got ${JSON.stringify(given)}, expected a positive whole number or none`);
}

/** A whole number that counts: 0 or more. Throws CKPT_USAGE. */
export const parseCount = (option: string, given: string): number => expectValue(option, parseInteger(option, given), count);

/** A number of ranks: torchrun's words auto and cpu mean one per core. Throws CKPT_USAGE. */
export function parseProcesses(option: string, given: string, cores: number): number {
  if (given === 'auto' || given === 'cpu') return cores;
  if (given === 'gpu' || given === 'xpu')
    throw usageError(
      `${option}: got "${given}", but accelerators are not counted here, expected ${rankCount.words}, auto or cpu`,
    );
  const value = /^[+-]?\d+$/.test(given) ? Number(given) : given;
  return expectValue(option, value, { ...rankCount, words: `${rankCount.words}, auto or cpu` });
}

const logFormat: Expected<'text' | 'json'> = oneOf('text', 'json');

/** `text` or `json`. Throws CKPT_USAGE. */
export const parseLogFormat = (option: string, given: string): 'text' | 'json' => expectValue(option, given, logFormat);

/** Any JSON. Throws CKPT_USAGE. */
export function parsePayload(option: string, given: string): Json {
  const payload = parseJson(given, isJson);
  if (payload !== undefined) return payload;
  throw usageError(`${option}: got ${describe(given)}, expected JSON, such as 0.5, true, '"text"' or '{"loss":0.5}'`);
}

const mode: Expected<'auto' | 'launch' | 'worker'> = oneOf('auto', 'launch', 'worker');

/** `auto`, `launch` or `worker`. Throws CKPT_USAGE. */
export const parseMode = (option: string, given: string): 'auto' | 'launch' | 'worker' => expectValue(option, given, mode);

/** A text that is not empty. Throws CKPT_USAGE. */
export const parseText = (option: string, given: string): string => expectValue(option, given, text);

const hangAction: Expected<'end' | 'report'> = oneOf('end', 'report');

/** `end` or `report`. Throws CKPT_USAGE. */
export const parseHangAction = (option: string, given: string): 'end' | 'report' => expectValue(option, given, hangAction);
