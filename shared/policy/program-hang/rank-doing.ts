import { isSeen } from '../../contracts/diagnosis.ts';
import type { ProgramClass, ProgramPlace, ProgramRankLook } from '../../contracts/program-hang.ts';
import type { ProcessStacks } from '../../contracts/stacks.ts';
import { callOf, collectiveIn, mainFrames, stillnessOf, userPlace } from './stack-frames.ts';

/** What a rank is in. Ranks with the same `says` are one class. */
export interface RankDoing extends Pick<ProgramClass, 'says' | 'place' | 'isCollective'> {
  readonly kind: 'ended' | 'stopped' | 'barrier' | 'stack' | 'kernel' | 'children' | 'native-sleep' | 'unseen';
  /** The collective or the barrier; null for none. */
  readonly collective: string | null;
}

/** Says it from what was seen. Pure. */
export function doingOf(look: ProgramRankLook): RankDoing {
  const { end, moment, stacks, barrier, children } = look;
  const nowhere = { place: null, isCollective: false, collective: null };
  if (end !== null) {
    const how = end.signal === null ? `ended with exit code ${end.exitCode}` : `was killed by ${end.signal}`;
    return { ...nowhere, kind: 'ended', says: how };
  }
  const state = isSeen(moment) ? moment.state : '?';
  const call = isSeen(moment) ? moment.call : null;
  const seen = stacks.findLast((each): each is ProcessStacks => isSeen(each));
  const place = seen === undefined ? null : userPlace(mainFrames(seen));
  if (/^[Tt]$/.test(state)) return { ...nowhere, kind: 'stopped', place, says: withPlace('stopped by a signal', place) };
  if (barrier !== null) {
    const says = withPlace(`ckpt-run barrier ${JSON.stringify(barrier)}`, place);
    return { kind: 'barrier', place, isCollective: true, collective: barrier, says };
  }
  if (seen !== undefined && mainFrames(seen).length > 0) return ofStack(seen, place, call, state);
  const path = call?.path ?? null;
  if (state === 'D' || path !== null) {
    const says = call === null ? 'stuck in the kernel' : `in the call ${[call.name, path ?? ''].join(' ').trim()}`;
    return { ...nowhere, kind: 'kernel', says };
  }
  if (seen === undefined && call !== null && /nanosleep$/.test(call.name))
    return { ...nowhere, kind: 'native-sleep', says: `sleeps in native code, in the call ${call.name}` };
  const [child] = children;
  if (child !== undefined) return { ...nowhere, kind: 'children', says: `waits for its child ${spellChild(child)}` };
  const what = call === null ? (seen === undefined ? 'not seen' : 'waits for something to happen') : `in the call ${call.name}`;
  return { ...nowhere, kind: 'unseen', says: `${what}, state ${state}` };
}

function ofStack(
  stacks: ProcessStacks,
  place: ProgramPlace | null,
  call: { readonly name: string; readonly path: string | null } | null,
  state: string,
): RankDoing {
  const frames = mainFrames(stacks);
  const collective = collectiveIn(frames) ?? null;
  const innermost = frames[0]?.functionName ?? '?';
  const isUsers = frames[0]?.file === place?.file && innermost === place?.functionName;
  const path = call?.path == null ? '' : `, in the call ${call.name} ${call.path}`;
  const what = collective ?? (isUsers ? (state === 'R' ? 'computes' : 'waits') : innermost);
  return { kind: 'stack', place, isCollective: collective !== null, collective, says: `${withPlace(what, place)}${path}` };
}

/** `all_reduce … train train.py:9`. */
function withPlace(what: string, place: ProgramPlace | null): string {
  if (place === null) return what;
  const where = `${place.file}${place.line === null ? '' : `:${place.line}`}`;
  const name = place.functionName === null || place.functionName === '<module>' ? '' : `${place.functionName} `;
  return `${what} … ${name}${where}`;
}

const spellChild = ({ pid, command, state }: ProgramRankLook['children'][number]): string => `${pid} (${state}): ${command}`;

/** Whether two samples of a rank show that it moves: it is seen in both, in different frames. */
export function hasMoved({ end, stacks: [first, last] }: ProgramRankLook): boolean {
  return end === null && isSeen(first) && isSeen(last) && stillnessOf(first) !== stillnessOf(last);
}

/** Whether one that has moved is still in the same call, in another line of the function in which it is: it may loop there. */
export function staysInOneFunction({ stacks: [first, last] }: ProgramRankLook): boolean {
  return isSeen(first) && isSeen(last) && callOf(first) === callOf(last);
}

/** Ranks that do the same, the largest class first. */
export function classesOf(looks: readonly ProgramRankLook[]): readonly ProgramClass[] {
  const classes = new Map<string, ProgramClass>();
  for (const look of looks) {
    const { says, place, isCollective } = doingOf(look);
    const ranks = [...(classes.get(says)?.ranks ?? []), look.rank];
    classes.set(says, { ranks, says, place, isCollective });
  }
  return [...classes.values()].sort((a, b) => b.ranks.length - a.ranks.length);
}
