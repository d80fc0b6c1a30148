import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { completionScript, helpText } from '../../../launcher/command-line/help.ts';
import { COMMANDS, OPTION_NAMES, rowOf, TAKEN_OPTIONS } from '../../../launcher/command-line/option-table.ts';

describe('the help', () => {
  test('shows every option with its alias and its default, and every command', async () => {
    const help = await helpText(120);
    for (const name of TAKEN_OPTIONS) {
      const { alias, default: fallback } = rowOf(name);
      expect(help).toMatch(new RegExp(`^ +${alias === undefined ? '' : `-${alias}, `}--${name} `, 'm'));
      if (fallback !== undefined) expect(help).toContain(`[default: ${fallback}]`);
    }
    for (const name of Object.keys(COMMANDS)) expect(help).toContain(`ckpt-run ${name} `);
  });

  test('does not offer what is always refused', async () => {
    const help = await helpText(120);
    const refused = OPTION_NAMES.filter((name) => rowOf(name).refusal !== undefined);
    expect(refused).toContain('run-path');
    for (const name of refused) expect(help).not.toContain(`--${name}`);
  });

  test('says which options have no effect', async () => {
    for (const name of TAKEN_OPTIONS.filter((option) => rowOf(option).isNoOp === true))
      expect(rowOf(name).describe, name).toMatch(/no (?:other )?effect/i);
  });

  test('fits the terminal it is given', async () => {
    for (const width of [80, 120]) {
      const longest = Math.max(...(await helpText(width)).split('\n').map((line) => line.length));
      expect(longest).toBeLessThanOrEqual(width);
    }
  });
});

test('the completion is a script that bash takes, and completes a long option', async ({ skip }) => {
  skip(spawnSync('bash', ['-c', 'true']).status !== 0, 'bash is not here');
  const script = `${await completionScript()}\ncomplete -p ckpt-run; compgen -W "$(complete -p ckpt-run | sed "s/.*-W '\\([^']*\\)'.*/\\1/")" -- --save-t`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('--save-total-limit');
});
