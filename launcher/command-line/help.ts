import type { OptionKind } from './option-row.ts';
import { COMMANDS, rowOf, TAKEN_OPTIONS } from './option-table.ts';

/** Kinds whose values are numbers. */
const NUMERIC: readonly OptionKind[] = ['integer', 'count', 'port', 'seconds'];

const EXAMPLES = [
  ['--nproc_per_node=2 --scenario all', 'both scenarios on two ranks'],
  ['--nproc_per_node=4 train.py --lr 0.1', 'any program, as torchrun launches it'],
  ['--scenario spike --num-steps 300 --inject-spike-at-step 150', 'a later spike'],
  ['--scenario ./mine.ts --report report.json', 'your own retention and callbacks'],
  ['barrier loaded --timeout 60', 'in a script that is a rank: wait for the others'],
  ['--output-dir /tmp/checkpoints --keep-outputs', 'keep the checkpoints for inspection'],
] as const;

/** The help text: options by group, commands, examples, exit codes. yargs lays it out. */
export async function helpText(width: number): Promise<string> {
  return (await describedCommandLine(width)).getHelp();
}

/** A script for bash and zsh that completes options. */
export async function completionScript(): Promise<string> {
  const words = [...Object.keys(COMMANDS), ...TAKEN_OPTIONS.map((name) => `--${name}`)].join(' ');
  return [
    '# ckpt-run completion: add this to ~/.bashrc or ~/.zshrc',
    'if type compdef >/dev/null 2>&1; then autoload -U bashcompinit && bashcompinit; fi',
    `complete -o default -W '${words}' ckpt-run`,
    '',
  ].join('\n');
}

async function describedCommandLine(width: number): Promise<{ getHelp(): Promise<string> }> {
  const { default: yargs } = await import('yargs');
  const described = yargs([])
    .scriptName('ckpt-run')
    .wrap(width)
    .help(false)
    .version(false)
    .usage(
      'Usage: $0 [options] [[--] program [arguments]]\n\nWithout a program: does this way of keeping checkpoints ever lose a good one? With one: launches it as torchrun does.',
    )
    .epilogue(
      'Every option can be written with underscores, shortened to a unique prefix, or set as CKPT_RUN_<NAME>, those of torchrun as PET_<NAME> too. Times are seconds, or such as 500ms and 5m.\nExit codes: 0 passed, 1 an assertion failed, 2 usage, 124 a hang; docs/exit-codes.md lists all.',
    );
  for (const [name, describe] of Object.entries(COMMANDS)) described.command(name, describe);
  for (const name of TAKEN_OPTIONS) {
    const { kind, group, describe, ...row } = rowOf(name);
    const fallback = row.default === undefined ? {} : { defaultDescription: row.default };
    const type = kind === 'flag' ? ('boolean' as const) : NUMERIC.includes(kind) ? ('number' as const) : ('string' as const);
    described.option(name, {
      type,
      group: `${group}:`,
      describe,
      ...fallback,
      ...(row.alias === undefined ? {} : { alias: row.alias }),
    });
  }
  for (const [command, description] of EXAMPLES) described.example(`$0 ${command}`, description);
  return described;
}
