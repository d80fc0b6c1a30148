import { CkptError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import type { Logger } from '../shared/platform/logger.ts';
import { type Interruption, processInterruption } from './interruption.ts';
import { asBug, bug, explain, type LastWords } from './notices.ts';

/** The end of this process, guarded: one that nobody meant must not pass for success. */
export interface ProcessEnd {
  /** Ends the process, with another code if a bug of ours has shown itself that the code does not tell of. */
  end(code: number): never;
  /** This process's signals and errors. From the subscription on, whatever ends it unexpectedly is a bug of ours. */
  readonly interruption: Interruption;
}

/** Until a run has subscribed, a scenario is being loaded: somebody's code runs in this process. */
export function guardProcessEnd(log: Logger['log']): ProcessEnd {
  let isMeant = false;
  let found: LastWords | undefined;
  let lastWords = explain(
    new CkptError('the scenario file ended this process, or waits for what never comes', {
      code: 'CKPT_SCENARIO_INVALID',
      hint: 'Let it only define and export a scenario.',
    }),
  );
  process.once('exit', () => {
    if (isMeant) return;
    log(lastWords.line);
    process.exitCode = lastWords.exitCode;
  });

  const interruption: Interruption = {
    ...processInterruption,
    subscribe: (stop) => {
      lastWords = bug(new Error('the launcher ended before its ranks'));
      const onError = (thrown: unknown): void => {
        found ??= bug(thrown);
        lastWords = found;
        stop({ kind: 'bug', error: asBug(thrown) });
      };
      const unsubscribe = processInterruption.subscribe(stop);
      process.on('uncaughtException', onError);
      return () => {
        process.off('uncaughtException', onError);
        unsubscribe();
      };
    },
  };
  const end = (code: number): never => {
    isMeant = code === EXIT_CODES.internal || found === undefined;
    process.exit(code);
  };
  return { end, interruption };
}
