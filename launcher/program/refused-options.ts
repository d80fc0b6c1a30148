import { usageError } from '../../shared/contracts/errors.ts';
import { OPTION_NAMES, type OptionName, rowOf } from '../command-line/option-table.ts';
import type { CommandLine } from '../command-line/options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Refuses what torchrun takes and cannot mean anything here, each with its reason. Throws CKPT_USAGE. */
export function refuseForeign(line: CommandLine, environment: Environment): void {
  for (const name of OPTION_NAMES) refuseIfGiven(line, name);
  refuseWatchdog(environment);
}

const WATCHDOG_VARIABLE = 'TORCHELASTIC_ENABLE_FILE_TIMER';

/** Ranks that count on being killed when their timer expires would hang for ever. */
function refuseWatchdog(environment: Environment): void {
  if (environment[WATCHDOG_VARIABLE] === '1')
    throw usageError(`${WATCHDOG_VARIABLE}: got "1", but nobody reads the timers of ranks here, expected --timeout`, HINT);
}

const HINT = 'docs/torchrun.md lists what becomes of each option.';

function refuseIfGiven(line: CommandLine, name: OptionName): void {
  const { kind, refusal } = rowOf(name);
  if (refusal === undefined) return;
  const given = kind === 'flag' && !line.isSet(name) ? undefined : line.given(name);
  const what = kind === 'flag' ? '' : `got ${JSON.stringify(given?.text)}, but `;
  if (given !== undefined) throw usageError(`${given.name}: ${what}${refusal}`, HINT);
}
