import { CkptError, messageOf } from '../contracts/errors.ts';
import { codeOf } from './disk.ts';

const HARD_LINKS_MISSING = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

const isAboutLinks = (cause: unknown): boolean =>
  cause instanceof Error && 'syscall' in cause && cause.syscall === 'link' && HARD_LINKS_MISSING.includes(codeOf(cause) ?? '');

/** The system refuses what a run needs in its output directory: hard links for its barriers, or whatever it says. */
export const outputUnusable = (outputDir: string, cause: unknown): CkptError =>
  new CkptError(
    `--output-dir ${outputDir}: ${isAboutLinks(cause) ? 'its file system has no hard links, which barriers need' : messageOf(cause)}`,
    {
      code: 'CKPT_OUTPUT_UNUSABLE',
      hint: isAboutLinks(cause) ? 'Choose an --output-dir on a file system with hard links.' : 'Choose another --output-dir.',
      cause,
    },
  );
