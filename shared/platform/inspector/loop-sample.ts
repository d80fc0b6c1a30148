import type { NotSeen } from '../../contracts/diagnosis.ts';
import { messageOf } from '../../contracts/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts';
import type { Clock } from '../clock.ts';
import type { Disk } from '../disk.ts';
import { nativeSleep } from '../process/native-sleep.ts';
import { cpuMsOf, threadsOf } from '../process/process-sample.ts';
import { catchesSignal } from '../process-facts.ts';
import { processState } from '../process-identity.ts';
import { type EngineFrame, scriptsOf } from './engine-scripts.ts';
import { type EngineStack, stacksOf } from './engine-stack.ts';
import { functionPlaces } from './function-places.ts';
import { watchPorts } from './inspector-port.ts';
import type { InspectorSession } from './inspector-session.ts';
import { visitInspector } from './inspector-visit.ts';
import { type TimeLimit, timeLimit } from './time-limit.ts';
import { type InspectorSurroundings, inTurn, type NotedVisit, whyKeptAway } from './visits.ts';

const SIGUSR1 = 10;
const LOOK_EVERY_MS = 20;
/** A loop that turns does so long before, and one that is slow may still answer later. */
const FIRST_ANSWER_MS = 150;
/** Less than this part of a processor, and a process that runs has not had the time to answer. */
const FAIR_SHARE = 0.5;
/** Nobody has been silent for less. */
const LEAST_SILENCE_MS = 250;
/** For what has arrived to be heard, where this process itself is slow. */
const LAST_WORDS_MS = 30;

/** For somebody else's visit to end. */
const TURN_MS = 700;

/** How a loop is sampled. */
export interface LoopQuestion {
  /** How many stacks of a loop that does not turn. */
  readonly samples: number;
  readonly apartMs: number;
  /** For everything together. */
  readonly limitMs: number;
  /** For finding functions behind an answer, at least, however late that was. */
  readonly placesMs: number;
  /** JavaScript whose value, JSON, is the answer of a loop that turns. */
  readonly expression: string;
  /** JavaScript whose value, after that, is an array of functions of which it is asked where they begin. Default none. */
  readonly functions?: string;
}

/** Whose loop. */
export interface SampledProcess {
  readonly pid: number;
  /** When it started: a pid comes again. */
  readonly startTicks: number;
  /** The directory in which its visitors meet. */
  readonly visits: string;
}

/** What a loop was found to do. */
export type LoopSample =
  /** Of the functions there are no more than could be found in time; null for one without a place. */
  | { readonly kind: 'idle'; readonly answer: Json; readonly functions: readonly (EngineFrame | null)[] }
  | { readonly kind: 'busy'; readonly stacks: readonly EngineStack[] }
  | { readonly kind: 'unreachable' };

const ENDED = { notSeen: 'it has ended' };
/** An inspector that is open already opens no port at a signal, and belongs to somebody else. */
const MAYBE_OPEN = { notSeen: 'it listens already on a port that may be its inspector' };
const CLOSED = { notSeen: 'it closed its inspector, as it does when it ends' };
const HALTED_TOO_RARELY = { notSeen: 'it could not be halted often enough in time' };
const TOO_BUSY = { notSeen: 'the machine is too busy for it to answer in time' };

/**
 * Looks what the event loop of another process does, through Node's inspector, and leaves the process as it was: running, and
 * its inspector closed. The process must run Node already; one that keeps visitors away is left alone. Never throws.
 */
export async function sampleLoop(
  surroundings: InspectorSurroundings,
  sampled: SampledProcess,
  question: LoopQuestion,
): Promise<LoopSample | NotSeen> {
  const { disk, clock } = surroundings;
  const { pid, visits } = sampled;
  const ports = watchPorts(disk, pid);
  const away = whyLeftAlone(disk, sampled);
  if (away !== undefined) return away;
  if (ports === undefined) return { notSeen: 'not permitted' };
  // It would open its inspector when nobody waits for that any more, and a signal can disturb native code.
  if (await sleepsThroughout(surroundings, pid, timeLimit(clock, question.apartMs))) return { kind: 'unreachable' };
  return inTurn(surroundings, { directory: visits, ports: ports.before }, timeLimit(clock, TURN_MS), (noted) =>
    visit(surroundings, sampled, question, noted),
  );
}

/** Undefined for a process that a signal does no harm. */
function whyLeftAlone(disk: Disk, { pid, startTicks, visits }: SampledProcess): NotSeen | undefined {
  if (processState({ disk }, pid)?.startTicks !== startTicks) return ENDED;
  if (!catchesSignal(disk, pid, SIGUSR1)) return { notSeen: 'it has no inspector that a signal opens' };
  const why = whyKeptAway(disk, visits);
  return why === undefined ? undefined : { notSeen: why };
}

async function visit(
  surroundings: InspectorSurroundings,
  sampled: SampledProcess,
  question: LoopQuestion,
  noted: NotedVisit,
): Promise<LoopSample | NotSeen> {
  const { disk, clock } = surroundings;
  const { pid } = sampled;
  const limit = timeLimit(clock, question.limitMs);
  const now = (): Beginning => ({ atMs: clock.monotonicMs(), cpuMs: cpuMsOf(disk, pid) });
  try {
    // After somebody else's visit: the port that was theirs is none of ours.
    const ports = watchPorts(disk, pid);
    const away = whyLeftAlone(disk, sampled);
    if (away !== undefined) return away;
    if (ports === undefined) return { notSeen: 'not permitted' };
    const signalled = now();
    const visit = await visitInspector(clock, { pid, ports, noted }, limit);
    // That it opens its inspector is an answer.
    if (visit === 'open') return TOO_BUSY;
    if (visit === 'closed') return ports.before.length > 0 ? MAYBE_OPEN : silence(surroundings, pid, signalled);
    const asked = now();
    const sample = await converse(visit.session, clock, question, limit);
    const meaning = sample ?? silence(surroundings, pid, asked);
    await visit.end();
    return meaning;
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

/** Where a process stood when it was first spoken to. */
interface Beginning {
  readonly atMs: number;
  readonly cpuMs: number;
}

/**
 * What it means that a process gives no answer. It counts only where the process had the time for one: it has used it for
 * something else, or all of it sleeps.
 */
function silence({ disk, clock }: InspectorSurroundings, pid: number, since: Beginning): LoopSample | NotSeen {
  const threads = threadsOf(disk, pid);
  const [main] = threads;
  if (main === undefined || main.state === 'Z') return ENDED;
  const elapsedMs = clock.monotonicMs() - since.atMs;
  const hadTime =
    main.state === 'R'
      ? (cpuMsOf(disk, pid) - since.cpuMs) / elapsedMs >= FAIR_SHARE
      : threads.every(({ state }) => state !== 'R');
  return hadTime && elapsedMs >= LEAST_SILENCE_MS ? { kind: 'unreachable' } : TOO_BUSY;
}

/** Undefined when it says nothing and cannot be halted. */
async function converse(
  session: InspectorSession,
  clock: Clock,
  { samples, apartMs, placesMs, expression, functions }: LoopQuestion,
  limit: TimeLimit,
): Promise<LoopSample | NotSeen | undefined> {
  let answer: { readonly value: Json } | undefined;
  const scripts = scriptsOf(session);
  const reply = session.ask('Runtime.evaluate', {
    // What is evaluated at once would be answer from within whatever keeps the loop.
    expression: `new Promise((turned) => setImmediate(turned)).then(() => (${expression}))`,
    awaitPromise: true,
    returnByValue: true,
  });
  const turned = reply.then((said) => {
    answer = { value: valueIn(said) };
  });
  const stacksHere = stacksOf(session, scripts, () => clock.monotonicMs());
  await limit.within(Promise.race([turned, session.closed]), FIRST_ANSWER_MS);
  const stacks: EngineStack[] = [];
  while (answer === undefined && stacks.length < samples) {
    if (stacks.length > 0) await limit.within(Promise.race([turned, session.closed]), Math.min(apartMs, limit.leftMs() / 2));
    if (answer !== undefined) break;
    const stack = await limit.within(Promise.race([stacksHere.next(), session.closed]));
    if (stack === undefined) break;
    stacks.push(stack);
  }
  if (stacks.length < samples) await timeLimit(clock, LAST_WORDS_MS).within(Promise.race([turned, session.closed]));
  if (answer !== undefined) {
    const places = functions === undefined ? [] : functionPlaces(session, scripts, functions);
    const placesLimit = timeLimit(clock, Math.max(placesMs, limit.leftMs()));
    const found = await placesLimit.within(Promise.race([places, session.closed]));
    return { kind: 'idle', answer: answer.value, functions: found ?? [] };
  }
  if (session.isClosed()) return CLOSED;
  if (stacks.length === samples) return { kind: 'busy', stacks };
  return stacks.length === 0 ? undefined : HALTED_TOO_RARELY;
}

const valueIn = (reply: JsonObject | undefined): Json => {
  const result = reply?.['result'];
  return (reply?.['exceptionDetails'] === undefined && isJsonObject(result) ? result['value'] : undefined) ?? null;
};
