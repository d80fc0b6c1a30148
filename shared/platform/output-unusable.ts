import { CkptError, messageOf } from '../contracts/errors.ts';
import { codeOf } from './disk.ts';

const HARD_LINKS_MISSING = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

const isAboutLinks = (cause: unknown): boolean =>
  cause instanceof Error && 'syscall' in cause && cause.syscall === 'link' && HARD_LINKS_MISSING.includes(codeOf(cause) ?? '');

/** The system refuses what a run needs in a directory of its own: hard links for its barriers, or whatever it says. */
export const outputUnusable = (directory: string, cause: unknown, option = '--output-dir'): CkptError =>
  new CkptError(
    `${option} ${directory}: ${isAboutLinks(cause) ? 'its file system has no hard links, which barriers need' : messageOf(cause)}`,
    {
      code: 'CKPT_OUTPUT_UNUSABLE',
      hint: hintFor(cause, option),
      cause,
    },
  );

function hintFor(cause: unknown, option: string): string {
  if (isAboutLinks(cause)) return `Choose an ${option} on a file system with hard links.`;
  if (codeOf(cause) === 'EMFILE') return 'Start fewer ranks, or raise the limit on open files (ulimit -n).';
  return `Choose another ${option}.`;
}
