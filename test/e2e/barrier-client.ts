import { join } from 'node:path';
import { ROOT } from '../../scripts/source-files.ts';

/** A program in another language than ours would do: it follows docs/protocol.md and knows none of our code. */
const CLIENT = join(ROOT, 'docs', 'examples', 'barrier-client.mjs');

/** The command by which a shell script's rank meets the others at barriers of these names, one after the other. */
export const meet = (...names: readonly string[]): string =>
  `node ${CLIENT} "$CKPT_RANK_RUN_DIRECTORY/barriers" $RANK $WORLD_SIZE 20000 ${names.join(' ')}`;
