import { relative, sep } from 'node:path';
import type { CodePlace } from '../../shared/contracts/diagnosis.ts';

/** Whose code it is: the user's own, that of a package of theirs, or ours. */
export type CodeOwner = 'user' | 'package' | 'ckpt-run';

/** Our sources, and what is built of them. */
const OURS = ['dist', 'launcher', 'rank', 'shared'];
/** Written as users write theirs. */
const SCENARIOS = ['scenarios', `dist${sep}scenarios`];
/** Through these every barrier is called; the place that says something is the next one. */
const BARRIER_CODE = [`shared${sep}platform${sep}barrier`, `rank${sep}agreement.ts`];

/** Tells owners apart, given the directory of our package. */
export function codeOwner(packageDirectory: string): (place: CodePlace) => CodeOwner {
  return ({ file }) => {
    const path = relative(packageDirectory, file);
    if (SCENARIOS.some((directory) => isBelow(path, directory))) return 'user';
    if (OURS.some((directory) => isBelow(path, directory))) return 'ckpt-run';
    return file.split(sep).includes('node_modules') ? 'package' : 'user';
  };
}

/** Where a barrier was called, given the places that an error of the barrier went through. */
export const barrierCallSite = (packageDirectory: string, places: readonly CodePlace[]): CodePlace | undefined =>
  places.find(({ file }) => !BARRIER_CODE.some((code) => isBelow(relative(packageDirectory, file), code)));

const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}${sep}`);
