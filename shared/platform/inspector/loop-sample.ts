import type { NotSeen } from '../../contracts/diagnosis.ts';
import { messageOf } from '../../contracts/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts';
import type { Clock } from '../clock.ts';
import { nativeSleep } from '../process/native-sleep.ts';
import { cpuMsOf } from '../process/process-sample.ts';
import { catchesSignal } from '../process-facts.ts';
import { processState } from '../process-identity.ts';
import { type EngineStack, stacksOf } from './engine-stack.ts';
import { listeningPorts } from './inspector-port.ts';
import type { InspectorSession } from './inspector-session.ts';
import { type InspectorSurroundings, visitInspector } from './inspector-visit.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';

const SIGUSR1 = 10;
const LOOK_EVERY_MS = 20;
/** A loop that turns does so long before, and one that is slow may still answer later. */
const FIRST_ANSWER_MS = 150;
/** Less than this part of a processor, and a process that runs has not had the time to answer. */
const FAIR_SHARE = 0.5;

/** How a loop is sampled. */
export interface LoopQuestion {
  /** How many stacks of a loop that does not turn. */
  readonly samples: number;
  readonly apartMs: number;
  /** For everything together. */
  readonly limitMs: number;
  /** JavaScript whose value, JSON, is the answer of a loop that turns. */
  readonly expression: string;
}

/** What a loop was found to do. */
export type LoopSample =
  | { readonly kind: 'idle'; readonly answer: Json }
  | { readonly kind: 'busy'; readonly stacks: readonly EngineStack[] }
  | { readonly kind: 'unreachable' };

const ENDED = { notSeen: 'it has ended' };
const CLOSED = { notSeen: 'it closed its inspector, as it does when it ends' };
const TOO_BUSY = { notSeen: 'the machine is too busy for it to answer in time' };

/**
 * Looks what the event loop of another process does, through Node's inspector, and leaves the process as it was: running, and
 * its inspector closed. The process must be one of Node without a handler of its own for SIGUSR1. Never throws.
 */
export async function sampleLoop(
  surroundings: InspectorSurroundings,
  pid: number,
  question: LoopQuestion,
): Promise<LoopSample | NotSeen> {
  const { disk, clock } = surroundings;
  const limit = timeLimit(clock, question.limitMs);
  const since = { atMs: clock.monotonicMs(), cpuMs: cpuMsOf(disk, pid) };
  const portsBefore = listeningPorts(disk, pid);
  if (processState({ disk }, pid) === undefined) return ENDED;
  if (portsBefore === undefined) return { notSeen: 'not permitted' };
  if (!catchesSignal(disk, pid, SIGUSR1)) return { notSeen: 'it has no inspector that a signal opens' };
  // It would open its inspector when nobody waits for that any more, and a signal can disturb native code.
  if (await sleepsThroughout(surroundings, pid, timeLimit(clock, question.apartMs))) return { kind: 'unreachable' };
  try {
    const visit = await visitInspector(surroundings, pid, portsBefore, limit);
    const sample = visit === undefined ? undefined : await converse(visit.session, clock, question, limit).finally(visit.end);
    return sample ?? silence(surroundings, pid, since);
  } catch (thrown) {
    return processState({ disk }, pid) === undefined ? ENDED : { notSeen: `its inspector failed: ${messageOf(thrown)}` };
  }
}

/** Whether it is in one and the same sleep for the whole time, and hears nothing. */
async function sleepsThroughout({ disk }: InspectorSurroundings, pid: number, limit: TimeLimit): Promise<boolean> {
  const sleep = nativeSleep(disk, pid);
  while (sleep !== undefined && limit.leftMs() > 0) {
    await limit.pause(LOOK_EVERY_MS);
    if (nativeSleep(disk, pid) !== sleep) return false;
  }
  return sleep !== undefined;
}

/** Where a process stood when the look at it began. */
interface Beginning {
  readonly atMs: number;
  readonly cpuMs: number;
}

/** What it means that a process gave no answer since. */
function silence({ disk, clock }: InspectorSurroundings, pid: number, since: Beginning): LoopSample | NotSeen {
  const letter = processState({ disk }, pid)?.letter;
  if (letter === undefined || letter === 'Z') return ENDED;
  const share = (cpuMsOf(disk, pid) - since.cpuMs) / (clock.monotonicMs() - since.atMs);
  return letter === 'R' && share < FAIR_SHARE ? TOO_BUSY : { kind: 'unreachable' };
}

/** Undefined when it says nothing, and cannot be halted as often as was asked for. */
async function converse(
  session: InspectorSession,
  clock: Clock,
  { samples, apartMs, expression }: LoopQuestion,
  limit: TimeLimit,
): Promise<LoopSample | NotSeen | undefined> {
  let answered: LoopSample | undefined;
  const answer = session.ask('Runtime.evaluate', {
    // What is evaluated at once would be answered from within whatever keeps the loop.
    expression: `new Promise((turned) => setImmediate(turned)).then(() => (${expression}))`,
    awaitPromise: true,
    returnByValue: true,
  });
  const turned = answer.then((reply) => {
    answered = { kind: 'idle', answer: valueIn(reply) };
  });
  const stacksHere = stacksOf(session, () => clock.monotonicMs());
  await limit.within(Promise.race([turned, session.closed]), FIRST_ANSWER_MS);
  const stacks: EngineStack[] = [];
  while (answered === undefined && stacks.length < samples) {
    if (stacks.length > 0) await limit.within(Promise.race([turned, session.closed]), apartMs);
    if (answered !== undefined) break;
    const stack = await limit.within(Promise.race([stacksHere.next(), session.closed]));
    if (stack === undefined) break;
    stacks.push(stack);
  }
  if (answered !== undefined) return answered;
  if (session.isClosed()) return CLOSED;
  return stacks.length < samples ? undefined : { kind: 'busy', stacks };
}

const valueIn = (reply: JsonObject | undefined): Json => {
  const result = reply?.['result'];
  return (reply?.['exceptionDetails'] === undefined && isJsonObject(result) ? result['value'] : undefined) ?? null;
};
