import { checkpointName } from '../../shared/contracts/checkpoint.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import { type Deed, type Fault, type FaultKind, isDeed } from '../../shared/contracts/fault.ts';
import type { RankContext } from '../context.ts';
import { commit, injected, withoutFrames } from './deeds.ts';
import { LeftStep } from './left-step.ts';
import { isSimulated, simulationNotice } from './simulation.ts';

/** The only sabotage in the house: does to this rank what was ordered, each thing once. */
export interface FaultInjector {
  /** Takes a scenario's orders. */
  enlist(faults: readonly Fault[]): void;
  /** Before the first scenario is loaded. */
  atStart(): Promise<void>;
  /** Says at what the rank arrives in place of `name`. Throws LeftStep when it leaves the barrier out. */
  beforeBarrier(sequence: number, name: string): Promise<string>;
  /** At every step; undefined where nothing holds the rank. */
  atStep(): Promise<void> | undefined;
  /** Before the save of a step; says that the rank returns from it without a word. */
  beforeSave(step: number): Promise<'go-on' | 'early-return'>;
  /** While this rank's files are written; throws as a full disk does. */
  beforeWrite(step: number): void;
  /** After the commit, before anyone looks. */
  afterCommit(step: number, shardPath: string): void;
  /** Whether this rank's view lacks the checkpoint. */
  hides(step: number): boolean;
  /** After retention. */
  afterRetention(step: number, scenarioDirectory: string): void;
  /** At the end. Throws when something was ordered that never came to pass: a run must not pass that was meant to fail. */
  check(): void;
}

const SLOW_STEP_MS = 100;

/** Opens it with the orders of the command line. */
export function faultInjector(
  context: Pick<RankContext, 'world' | 'platform' | 'sabotage' | 'run' | 'journal' | 'plan' | 'doing' | 'heart' | 'notices'>,
): FaultInjector {
  const { world, platform, journal, plan, doing, notices } = context;
  const { clock, disk } = platform;
  const orders: Fault[] = [];
  const names: string[] = [];
  let isSlow = false;

  const isOwn = ({ rank }: Fault): boolean => rank === world.rank;

  const enlist = (faults: readonly Fault[]): void => {
    const own = faults.filter(isOwn);
    const skewed = faults.filter((fault) => !isOwn(fault) && fault.kind === 'skew-clock');
    orders.push(...own, ...(own.some(({ kind }) => kind === 'skew-clock') ? [] : skewed));
  };

  const take = (wanted: (fault: Fault) => boolean): Fault | undefined => {
    const index = orders.findIndex(wanted);
    const [order] = index < 0 ? [] : orders.splice(index, 1);
    if (order === undefined) return undefined;
    // A wrong clock shows where its rank has to wait: the others stall, or it might be the last to come everywhere.
    const fault: Fault = isOwn(order) || !isDeed(order) ? order : { ...order, kind: 'stall', rank: world.rank };
    journal.append({ type: 'fault:injected', fault });
    return fault;
  };

  const strike = async (isHere: (fault: Fault) => boolean): Promise<void> => {
    for (let fault = take(isHere); fault !== undefined; fault = take(isHere)) {
      if (!isDeed(fault)) continue;
      if (fault.kind === 'slow') isSlow = true;
      else await doing.during(`${orderOf(fault)}${announce(fault)}`, () => commit(fault, context));
    }
  };

  const announce = ({ kind }: Deed): string => {
    if (!isSimulated(kind)) return '';
    notices.write(simulationNotice(world.rank, kind));
    return ' (simulated)';
  };

  const pause = (): Promise<void> => new Promise((resolve) => clock.after(SLOW_STEP_MS, resolve));

  const takeAt = (kind: FaultKind, step: number): boolean =>
    take((fault) => fault.kind === kind && 'step' in fault && fault.step === step) !== undefined;

  enlist(plan.faults);
  return {
    enlist,
    atStart: () => strike((fault) => isDeed(fault) && 'point' in fault),
    beforeBarrier: async (sequence, name) => {
      const isHere = (fault: Fault): boolean => 'barrier' in fault && fault.barrier === sequence;
      await strike((fault) => isHere(fault) && isDeed(fault));
      if (take((fault) => isHere(fault) && fault.kind === 'skip') !== undefined) throw new LeftStep(sequence, name);
      const isReordered = take((fault) => isHere(fault) && fault.kind === 'reorder') !== undefined;
      names.push(name);
      return isReordered ? nextInTurn(names) : name;
    },
    atStep: () => (isSlow ? doing.during('a step that is slow as ordered', pause) : undefined),
    beforeSave: async (step) => {
      await strike((fault) => isDeed(fault) && 'step' in fault && fault.step === step);
      return takeAt('early-return', step) ? 'early-return' : 'go-on';
    },
    beforeWrite: (step) => {
      if (takeAt('write-error', step)) throw injected('ENOSPC: no space left on device (simulated)');
    },
    afterCommit: (step, shardPath) => {
      if (!takeAt('corrupt-shard', step)) return;
      const bytes = disk.readBytes(shardPath);
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      disk.write(shardPath, bytes);
    },
    hides: (step) => takeAt('hide-checkpoint', step),
    afterRetention: (step, scenarioDirectory) => {
      if (takeAt('lose-checkpoint', step)) disk.removeTree(`${scenarioDirectory}/${checkpointName(step)}`);
    },
    check: () => {
      const [idle] = orders.filter(({ kind }) => kind !== 'world-size');
      if (idle !== undefined) throw neverStruck(idle);
    },
  };
}

const orderOf = ({ kind }: Deed): string => `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} that was ordered`;

function neverStruck(fault: Fault): CkptError {
  const place =
    'barrier' in fault ? ` to barrier #${fault.barrier}` : 'step' in fault ? ` to the save of step ${fault.step}` : ' there';
  return withoutFrames(
    new CkptError(`the fault ${fault.kind} of rank ${fault.rank} never struck: the rank never came${place}`, {
      code: 'CKPT_FAULT_INJECTED',
      hint: 'Order it for a barrier or a step that the run reaches.',
    }),
  );
}

/**
 * What came after the same barrier of an earlier step, at the step of the last name. Where no step has shown that yet, it is what
 * comes in any case: the end of the scenario, or a new start behind its end.
 */
function nextInTurn(names: readonly string[]): string {
  const name = names.at(-1) ?? '';
  const step = /@(\d+)/.exec(name)?.[1] ?? '';
  const kind = (each: string): string => each.replace(/@\d+/, '@');
  const earlier = names.findLastIndex((each, index) => index < names.length - 1 && kind(each) === kind(name));
  const next = earlier < 0 ? name : names[earlier + 1]?.replace(/@\d+/, `@${step}`);
  if (next !== undefined && next !== name) return next;
  return name.replace(/[^/]*$/, (last) => (last === 'end' ? 'start' : 'end'));
}
