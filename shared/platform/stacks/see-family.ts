import type { SeenStacks } from '../../contracts/stacks.ts';
import { commandOf } from '../process/process-sample.ts';
import { childrenOf } from '../process/process-use.ts';
import { aboutProcess } from '../process-facts.ts';
import { processState } from '../process-identity.ts';
import { type StackOptions, type StackSurroundings, seeStacks } from './see-stacks.ts';

/** A process that a rank has started, itself or through others, as a worker of its data loader. */
export interface Descendant {
  readonly pid: number;
  readonly parentPid: number;
  /** Its arguments, blanks between them; its name where they cannot be read. */
  readonly command: string;
  /** As /proc names it: R, S, D, T or Z. */
  readonly state: string;
  readonly stacks: SeenStacks;
}

/** Of a process that has started more, the first. */
const MOST_DESCENDANTS = 32;
/** So many are asked for their stacks at a time. */
const AT_A_TIME = 8;

/** The living descendants of a process, each behind its parent. Never throws. */
export async function seeDescendants(
  surroundings: StackSurroundings,
  pid: number,
  options: StackOptions,
): Promise<readonly Descendant[]> {
  const found = descendantsOf(surroundings, pid);
  const seen: Descendant[] = [];
  for (let first = 0; first < found.length; first += AT_A_TIME)
    seen.push(
      ...(await Promise.all(
        found.slice(first, first + AT_A_TIME).map(async ({ startTicks, ...each }) => ({
          ...each,
          stacks: await seeStacks(surroundings, { pid: each.pid, startTicks }, options),
        })),
      )),
    );
  return seen;
}

type Found = Omit<Descendant, 'stacks'> & { readonly startTicks: number };

function descendantsOf(surroundings: StackSurroundings, pid: number): readonly Found[] {
  const { disk } = surroundings;
  const found: Found[] = [];
  const parents = [pid];
  for (let parentPid = parents.shift(); parentPid !== undefined; parentPid = parents.shift())
    for (const child of childrenOf(disk, parentPid)) {
      const state = processState(surroundings, child);
      if (state === undefined || found.length === MOST_DESCENDANTS) continue;
      const command = commandOf(disk, child) ?? aboutProcess(disk, child, 'comm')?.trimEnd() ?? '';
      found.push({ pid: child, parentPid, command, state: state.letter, startTicks: state.startTicks });
      parents.push(child);
    }
  return found;
}
