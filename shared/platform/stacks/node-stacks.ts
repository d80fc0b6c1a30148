import { join } from 'node:path';
import { type CodePlace, isSeen } from '../../contracts/diagnosis.ts';
import type { SeenStacks } from '../../contracts/stacks.ts';
import type { Disk } from '../disk.ts';
import type { EngineFrame } from '../inspector/engine-scripts.ts';
import { sampleLoop } from '../inspector/loop-sample.ts';
import type { InspectorSurroundings } from '../inspector/visits.ts';
import { linkOfProcess } from '../process-facts.ts';

/** How a program of Node is asked. */
export interface NodeQuestion {
  /** The directory in which those meet who visit processes of this run; each process has a directory of its own in it. */
  readonly visits: string;
  /** Where a frame is in its source; undefined for Node's own and for what has no file. */
  readonly mapFrame: (frame: EngineFrame) => CodePlace | undefined;
  readonly limitMs: number;
}

/** A loop that turns does so within this, and a native call is seen to last. */
const APART_MS = 60;
const PERMISSION = /\/watched-node\.[cm]?js$/;
const NOT_PERMITTED = { notSeen: 'not permitted' };
const NO_SIGNAL = { notSeen: 'it handles SIGUSR1 itself, or its Node was not started so that it tells (see NODE_OPTIONS)' };
const NATIVE = { notSeen: 'its event loop is inside a native call and does not answer' };

/** Asks the inspector of a process of Node where its JavaScript is; no frames where its event loop waits for something to happen. */
export async function askInspectorForStacks(
  surroundings: InspectorSurroundings,
  { pid, startTicks }: { readonly pid: number; readonly startTicks: number },
  { visits, mapFrame, limitMs }: NodeQuestion,
): Promise<SeenStacks> {
  const permits = permitsSignal(surroundings.disk, pid);
  if (permits !== true) return permits === undefined ? NOT_PERMITTED : NO_SIGNAL;
  const question = { samples: 1, apartMs: APART_MS, limitMs, placesMs: 0, expression: 'null' };
  const sample = await sampleLoop(surroundings, { pid, startTicks, visits: join(visits, String(pid)) }, question);
  if (!isSeen(sample)) return sample;
  if (sample.kind === 'unreachable') return NATIVE;
  const stack = sample.kind === 'busy' ? sample.stacks[0] : undefined;
  const frames = stack?.frames.flatMap((frame) => mapFrame(frame) ?? []) ?? [];
  const main = { name: null, isMain: true, frames: frames.map(({ functionName, file, line }) => ({ functionName, file, line })) };
  return { source: 'inspector', atMs: stack?.atMs ?? surroundings.clock.monotonicMs(), threads: [main] };
}

/** Whether a process leaves SIGUSR1 to Node and has said so; undefined where it is not permitted to see. */
function permitsSignal(disk: Disk, pid: number): boolean | undefined {
  try {
    return disk.list(`/proc/${pid}/fd`).some((name) => PERMISSION.test(linkOfProcess(disk, pid, `fd/${name}`) ?? ''));
  } catch {
    return undefined;
  }
}
