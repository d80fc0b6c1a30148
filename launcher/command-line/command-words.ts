import { usageError } from '../../shared/contracts/errors.ts';
import { COMMANDS, type CommandName, type OptionName, rowOf } from './option-table.ts';

/** What the words that are no options say: a subcommand, or what is to be run. */
export interface CommandWords {
  readonly command: CommandName | 'run';
  readonly positionals: readonly string[];
}

/** Takes a subcommand off the words. */
export function splitCommand(words: readonly string[]): CommandWords {
  const [first, ...rest] = words;
  return isCommand(first) ? { command: first, positionals: rest } : { command: 'run', positionals: words };
}

/** Subcommands take no words, and of the options those that every command takes. Throws CKPT_USAGE. */
export function refuseStray({ command, positionals }: CommandWords, options: readonly OptionName[]): void {
  if (command === 'run') return;
  const strayOptions = options.filter((name) => rowOf(name).isGlobal !== true).map((name) => `--${name}`);
  const [stray] = [...positionals, ...strayOptions];
  if (stray !== undefined) throw usageError(`ckpt-run ${command}: got ${stray}, expected nothing that is about a run`);
}

const isCommand = (word: string | undefined): word is CommandName => word !== undefined && Object.hasOwn(COMMANDS, word);
