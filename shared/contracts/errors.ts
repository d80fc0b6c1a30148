import { isJsonObject, type Json } from './json.ts';

/** Every code an error of ours can carry; each is a heading in docs/errors.md. */
export const ERROR_CODES = [
  'CKPT_USAGE',
  'CKPT_SCENARIO_INVALID',
  'CKPT_OUTPUT_UNUSABLE',
  'CKPT_OUTPUT_IN_USE',
  'CKPT_LEASE_LOST',
  'CKPT_BARRIER_TIMEOUT',
  'CKPT_BARRIER_MISMATCH',
  'CKPT_RANK_DUPLICATED',
  'CKPT_RANK_ENDED_EARLY',
  'CKPT_RANK_FAILED',
  'CKPT_RANK_KILLED',
  'CKPT_NODE_FAILED',
  'CKPT_PROGRAM_NOT_FOUND',
  'CKPT_PROGRAM_NOT_EXECUTABLE',
  'CKPT_RUN_TIMEOUT',
  'CKPT_RUN_STALLED',
  'CKPT_RESULTS_UNWRITTEN',
  'CKPT_CHECKPOINT_WRITE_FAILED',
  'CKPT_CALLBACK_INVALID',
  'CKPT_RETENTION_INVALID',
  'CKPT_FAULT_INJECTED',
  'CKPT_INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

interface ErrorParts {
  readonly code: ErrorCode;
  /** What to do, in the imperative. */
  readonly hint: string;
  /** The facts behind the message, for reports and tools. */
  readonly evidence?: Json;
  readonly cause?: unknown;
}

/** An error that says what happened, what is known about it, and what to do. */
export class CkptError extends Error {
  override readonly name = 'CkptError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly evidence: Json;

  constructor(message: string, { code, hint, evidence = null, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.evidence = evidence;
    // It was thrown where its cause was: whoever caught that is no place to look at.
    if (cause !== undefined) this.stack = `${this.name}: ${message}${framesOf(cause)}`;
  }
}

/** The way to where something was thrown, as V8 spells it; nothing for what is no Error. */
function framesOf(thrown: unknown): string {
  const { message = '', stack = '' } = thrown instanceof Error ? thrown : {};
  const told = stack.indexOf(message);
  const begin = stack.indexOf('\n    at ', told === -1 ? 0 : told + message.length);
  return begin === -1 ? '' : stack.slice(begin);
}

/** An error as it crosses a process boundary. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly evidence: Json;
  readonly stack: string | null;
}

/** What went wrong, and what to do, where something is thrown that is not ours. */
export type ErrorBlame = Pick<ErrorParts, 'code' | 'hint'>;

/** Any thrown value as an error of ours; what is not ours keeps its message and its stack, and gets the blame. */
export function asCkptError(thrown: unknown, blame: ErrorBlame): CkptError {
  if (thrown instanceof CkptError) return thrown;
  const error = new CkptError(messageOf(thrown), { ...blame, cause: thrown });
  // Where a text was thrown nobody knows; it was not here.
  error.stack = (thrown instanceof Error ? thrown.stack : undefined) ?? `${error.name}: ${error.message}`;
  return error;
}

/** Writes any thrown value; what is not ours gets the blame. */
export function serializeError(thrown: unknown, blame: ErrorBlame): SerializedError {
  const { code, message, hint, evidence, stack } = asCkptError(thrown, blame);
  return { code, message, hint, evidence, stack: stack ?? null };
}

const isErrorCode = (value: unknown): value is ErrorCode => ERROR_CODES.some((code) => code === value);

/** True for what {@link serializeError} wrote. */
export const isSerializedError = (value: unknown): value is SerializedError =>
  isJsonObject(value) &&
  isErrorCode(value['code']) &&
  typeof value['message'] === 'string' &&
  typeof value['hint'] === 'string' &&
  value['evidence'] !== undefined &&
  (value['stack'] === null || typeof value['stack'] === 'string');

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** Refuses impossible input: one line that names the option, what was given and what is expected. */
export const usageError = (message: string, hint = 'Run ckpt-run --help for the options.'): CkptError =>
  new CkptError(message, { code: 'CKPT_USAGE', hint });
