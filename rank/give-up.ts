import { type SerializedError, serializeError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import type { Journal } from '../shared/contracts/journal.ts';
import { codeOf } from '../shared/platform/disk.ts';
import type { TextOutput } from '../shared/platform/output.ts';

const BLAME = { code: 'CKPT_RANK_FAILED', hint: 'Read the stack; the rank itself threw.' } as const;
const FULL = {
  code: 'CKPT_RANK_FAILED',
  hint: 'Free space where the output directory is, or choose another --output-dir.',
} as const;

/** Journals why this rank gives up, or says it on standard error where the journal takes nothing more. Returns the exit code. */
export function giveUp(thrown: unknown, journal: Journal, stderr: TextOutput): number {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(codeOf(thrown) ?? '');
  const error = serializeError(thrown, isFull ? FULL : BLAME);
  try {
    journal.append({ type: 'rank:failed', error });
  } catch {
    stderr.write(`${describe(error)}\n`);
  }
  return error.code.startsWith('CKPT_BARRIER_') ? EXIT_CODES.hang : EXIT_CODES.failed;
}

const describe = ({ code, message, hint, stack }: SerializedError): string => `${stack ?? message}  [${code}]\n${hint}`;
