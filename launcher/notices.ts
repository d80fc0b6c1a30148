import { CkptError, type ErrorCode, messageOf, type SerializedError, serializeError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import { VERSION } from '../shared/contracts/version.ts';
import type { LogLine } from '../shared/platform/logger.ts';

/** What the launcher says about a run that goes on. */
export const warning = (text: string): LogLine => ({
  kind: 'warning',
  text: `ckpt-run: ${text}`,
  fields: { event: 'warning' },
});

/** How a run is getting on, for whoever asked. */
export const progress = (event: string, text: string, fields: Readonly<Record<string, unknown>> = {}): LogLine => ({
  kind: 'event',
  text: `ckpt-run: ${text}`,
  fields: { event, ...fields },
});

/** Where a run has left what it made. */
export const kept = (text: string, path: string): LogLine => ({ kind: 'event', text, fields: { event: 'kept', path } });

/** The last words of a command that could not do what it was asked, and its exit code. */
export interface LastWords {
  readonly line: LogLine;
  readonly exitCode: number;
}

/** Explains what was thrown: a refusal in one line, everything else with its stack. */
export function explain(thrown: unknown, likeTorchrun = false): LastWords {
  return thrown instanceof CkptError && thrown.code !== 'CKPT_INTERNAL' ? refused(thrown, likeTorchrun) : bug(thrown);
}

/** What may end a command besides its being refused. */
const NOT_USAGE: Readonly<Partial<Record<ErrorCode, number>>> = {
  CKPT_RUN_TIMEOUT: EXIT_CODES.hang,
  CKPT_BARRIER_TIMEOUT: EXIT_CODES.hang,
  CKPT_RESULTS_UNWRITTEN: EXIT_CODES.failed,
  CKPT_PROGRAM_NOT_FOUND: EXIT_CODES.notFound,
  CKPT_PROGRAM_NOT_EXECUTABLE: EXIT_CODES.cannotExecute,
};

/** To torchrun a program that cannot be started is one that has failed. */
const TORCHRUNS: Readonly<Partial<Record<ErrorCode, number>>> = {
  ...NOT_USAGE,
  CKPT_PROGRAM_NOT_FOUND: EXIT_CODES.failed,
  CKPT_PROGRAM_NOT_EXECUTABLE: EXIT_CODES.failed,
};

function refused({ code, message, hint }: CkptError, likeTorchrun: boolean): LastWords {
  const exitCode = (likeTorchrun ? TORCHRUNS : NOT_USAGE)[code] ?? EXIT_CODES.usage;
  const text = `ckpt-run: ${oneLine(message)}. ${oneLine(hint)}`;
  return { line: { kind: 'failure', text, fields: { event: 'refusal', code, exitCode, hint } }, exitCode };
}

/** Something that cannot happen has happened. */
export function bug(thrown: unknown): LastWords {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  const text = `ckpt-run ${VERSION}: a bug of ours, please report it with this stack and your command line:\n${stack}`;
  const fields = { event: 'bug', code: 'CKPT_INTERNAL', exitCode: EXIT_CODES.internal, stack };
  return { line: { kind: 'failure', text, fields }, exitCode: EXIT_CODES.internal };
}

/** The same for a report. */
export const asBug = (thrown: unknown): SerializedError =>
  serializeError(thrown, {
    code: 'CKPT_INTERNAL',
    hint: 'This is a bug of ours: please report it with this stack and your command line.',
  });

const oneLine = (text: string): string => text.replaceAll('\n', '\\n');
