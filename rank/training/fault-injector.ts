import { checkpointName } from '../../shared/contracts/checkpoint.ts';
import { CkptError } from '../../shared/contracts/errors.ts';
import type { Fault } from '../../shared/contracts/fault.ts';
import type { RankContext } from '../context.ts';

/** The only sabotage in the house: does to this rank what the scenario ordered. */
export interface FaultInjector {
  /** Before the save of a step; says that the rank returns from it without a word. May end the process. */
  beforeSave(step: number): 'go-on' | 'early-return';
  /** While this rank's files are written; throws as a full disk does. */
  beforeWrite(step: number): void;
  /** After the commit, before anyone looks. */
  afterCommit(step: number, shardPath: string): void;
  /** Whether this rank's view lacks the checkpoint. */
  hides(step: number): boolean;
  /** After retention. */
  afterRetention(step: number, scenarioDirectory: string): void;
}

/** Picks this rank's faults from the scenario's; `end` ends the process. */
export function faultInjector(
  { world, platform, journal, barrier }: Pick<RankContext, 'world' | 'platform' | 'journal' | 'barrier'>,
  faults: readonly Fault[],
): FaultInjector {
  const { disk } = platform;
  const ordered = <K extends Fault['kind']>(kind: K, step: number): Extract<Fault, { kind: K }> | undefined => {
    const fault = faults.find(
      (each): each is Extract<Fault, { kind: K }> => each.kind === kind && each.rank === world.rank && each.step === step,
    );
    if (fault !== undefined) journal.append({ type: 'fault:injected', fault });
    return fault;
  };

  return {
    beforeSave: (step) => {
      const thrown = ordered('throw', step);
      if (thrown !== undefined) throw injected(thrown.message ?? `ordered to throw at step ${step}`);
      const exit = ordered('exit', step);
      if (exit !== undefined) platform.exit(exit.code);
      if (ordered('kill', step) !== undefined) platform.killSelf();
      if (ordered('early-return', step) === undefined) return 'go-on';
      barrier.close();
      return 'early-return';
    },
    beforeWrite: (step) => {
      if (ordered('write-error', step) !== undefined) throw injected('ENOSPC: no space left on device (simulated)');
    },
    afterCommit: (step, shardPath) => {
      if (ordered('corrupt-shard', step) === undefined) return;
      const bytes = disk.readBytes(shardPath);
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
      disk.write(shardPath, bytes);
    },
    hides: (step) => ordered('hide-checkpoint', step) !== undefined,
    afterRetention: (step, scenarioDirectory) => {
      if (ordered('lose-checkpoint', step) !== undefined) disk.removeTree(`${scenarioDirectory}/${checkpointName(step)}`);
    },
  };
}

const injected = (message: string): CkptError =>
  new CkptError(message, { code: 'CKPT_FAULT_INJECTED', hint: 'Remove the fault from the scenario to see the run without it.' });
