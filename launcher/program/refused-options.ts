import { usageError } from '../../shared/contracts/errors.ts';
import { OPTION_NAMES, type OptionName, rowOf } from '../command-line/option-table.ts';
import type { CommandLine } from '../command-line/options.ts';

/** Refuses torchrun's options that cannot mean anything here, each with its reason. Throws CKPT_USAGE. */
export function refuseForeign(line: CommandLine): void {
  for (const name of OPTION_NAMES) refuseIfGiven(line, name);
}

function refuseIfGiven(line: CommandLine, name: OptionName): void {
  const { kind, refusal } = rowOf(name);
  if (refusal === undefined) return;
  const given = kind === 'flag' && !line.isSet(name) ? undefined : line.given(name);
  const what = kind === 'flag' ? '' : `got ${JSON.stringify(given?.text)}, but `;
  if (given !== undefined)
    throw usageError(`${given.name}: ${what}${refusal}`, 'docs/torchrun.md lists what becomes of each option.');
}
