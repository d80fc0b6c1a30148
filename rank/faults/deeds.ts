import { CkptError } from '../../shared/contracts/errors.ts';
import type { Deed } from '../../shared/contracts/fault.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { RankContext } from '../context.ts';
import { simulate } from './simulation.ts';

/** Does to this rank what was ordered. Throws CKPT_FAULT_INJECTED where that is the deed. */
export function commit(deed: Exclude<Deed, { kind: 'slow' }>, actors: Actors): Promise<void> | undefined {
  const { platform, sabotage, run, world } = actors;
  const pipe = `${run.path}/nobody-writes-to-rank-${world.rank}`;
  switch (deed.kind) {
    case 'stall':
      return forever(platform.clock);
    case 'spin':
      return sabotage.spin();
    case 'stop':
      return void sabotage.stop();
    case 'kill':
      return void platform.killSelf();
    case 'oom':
      return sabotage.exhaustMemory();
    case 'block-fs':
      return void sabotage.blockOn(pipe);
    case 'fill-pool':
      return void sabotage.fillPool(pipe);
    case 'throw':
      throw injected(deed.message ?? 'ordered to throw');
    case 'exit':
      return platform.exit(deed.code);
    case 'hold-lock':
    case 'freeze-host':
    case 'hide-files':
    case 'skew-clock':
      return simulate(deed, pipe, actors);
  }
}

type Actors = Pick<RankContext, 'platform' | 'sabotage' | 'run' | 'world' | 'doing' | 'heart'>;

/** Lives on, and never settles. */
export const forever = (clock: Clock): Promise<never> =>
  new Promise(() => {
    const again = (): void => void clock.after(60_000, again);
    again();
  });

/** What a rank throws that was ordered to fail. */
export const injected = (message: string): CkptError =>
  new CkptError(message, { code: 'CKPT_FAULT_INJECTED', hint: 'Remove the fault from the scenario to see the run without it.' });

/** An order that cannot be carried out is wrong in itself: where that was noticed in our code helps nobody. */
export function withoutFrames(error: CkptError): CkptError {
  error.stack = `${error.name}: ${error.message}`;
  return error;
}
