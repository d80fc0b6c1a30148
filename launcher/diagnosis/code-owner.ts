import { relative, sep } from 'node:path';
import type { CodePlace } from '../../shared/contracts/diagnosis.ts';

/** Whose code it is: the user's own, that of a package of theirs, or ours. */
export type CodeOwner = 'user' | 'package' | 'ckpt-run';

/** Our sources, and what is built of them. */
const OURS = ['dist', 'launcher', 'rank', 'shared'];
/** With these we load files of the user's. */
const LOADERS = /\/node_modules\/(?:tsx|esbuild)\//;
/** Written as users write theirs. */
const SCENARIOS = ['scenarios', `dist${sep}scenarios`];
/** Through these all that a rank does is called; the place that says something is the next one. */
const CALLING_CODE = [
  `shared${sep}platform${sep}barrier`,
  ...['agreement.ts', 'doing.ts', `faults${sep}faulty-barrier.ts`].map((file) => `rank${sep}${file}`),
];

/** Tells owners apart, given the directory of our package. */
export function codeOwner(packageDirectory: string): (place: CodePlace) => CodeOwner {
  return ({ file }) => {
    const path = relative(packageDirectory, file);
    if (SCENARIOS.some((directory) => isBelow(path, directory))) return 'user';
    if (OURS.some((directory) => isBelow(path, directory)) || LOADERS.test(file)) return 'ckpt-run';
    return file.split(sep).includes('node_modules') ? 'package' : 'user';
  };
}

/** Where a rank of ours called what it does, given the places that led there. */
export const callSiteIn = (packageDirectory: string, places: readonly CodePlace[]): CodePlace | undefined =>
  places.find(({ file }) => !CALLING_CODE.some((code) => isBelow(relative(packageDirectory, file), code)));

const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}${sep}`);
