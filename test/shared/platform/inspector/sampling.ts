import { nodeClock } from '../../../../shared/platform/clock.ts';
import { type Disk, nodeDisk } from '../../../../shared/platform/disk.ts';
import { listeningPorts } from '../../../../shared/platform/inspector/inspector-port.ts';
import { type LoopQuestion, sampleLoop } from '../../../../shared/platform/inspector/loop-sample.ts';
import { catchesSignal } from '../../../../shared/platform/process-facts.ts';
import { processState } from '../../../../shared/platform/process-identity.ts';
import { until } from '../../../e2e/live-run.ts';
import { temporaryDirectory } from '../../../e2e/run-command.ts';
import type { StuckProcess } from '../../../fixtures/stuck-process.ts';

export const QUESTION: LoopQuestion = {
  ...{ samples: 2, apartMs: 100, limitMs: 10_000, placesMs: 10_000 },
  expression: '({ cwd: process.cwd() })',
};

export const sample = (
  pid: number,
  question: Partial<LoopQuestion> = {},
  { disk = nodeDisk, visits = temporaryDirectory(), startTicks = processState({ disk }, pid)?.startTicks ?? 0 }: Sampling = {},
): ReturnType<typeof sampleLoop> =>
  sampleLoop({ disk, clock: nodeClock, pid: process.pid }, { pid, startTicks, visits }, { ...QUESTION, ...question });

/** Where it is sampled, if that matters. */
export interface Sampling {
  readonly disk?: Disk;
  readonly visits?: string;
  readonly startTicks?: number;
}

export const untilClosed = (pid: number): Promise<true> =>
  until('the port to close', () => (listeningPorts(nodeDisk, pid)?.length === 0 ? true : undefined));

/** The first process that a main thread has started, once it is a program of its own: a copy of Node has Node's handlers. */
export function childOf(pid: number | undefined): number | undefined {
  const [first = ''] = nodeDisk.readText(`/proc/${pid}/task/${pid}/children`).split(' ');
  return first === '' || catchesSignal(nodeDisk, Number(first), 10) ? undefined : Number(first);
}

export const untilOn = ({ printed }: StuckProcess): Promise<true> => {
  const before = printed.stdout.length;
  return until('it to go on', () => (printed.stdout.slice(before).includes('onon') ? true : undefined));
};

export const untilOnDots = ({ printed }: StuckProcess): Promise<true> => {
  const before = printed.stdout.length;
  return until('more of its output', () => (printed.stdout.length > before ? true : undefined));
};

export const untilVisited = ({ printed }: StuckProcess): Promise<true> =>
  until('a visit', () => (printed.stderr.includes('attached') ? true : undefined));
