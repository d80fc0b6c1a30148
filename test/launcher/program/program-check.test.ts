import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Runner } from '../../../launcher/program/program.ts';
import { refuseUnusable } from '../../../launcher/program/program-check.ts';
import { nodeDisk } from '../../../shared/platform/disk.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

/** A directory with a program, one without permission, a script and a directory called as a program. */
function place(): string {
  const directory = temporaryDirectory();
  for (const name of ['program', 'forbidden', 'train.py']) writeFileSync(join(directory, name), '#!/bin/sh\n');
  chmodSync(join(directory, 'program'), 0o755);
  mkdirSync(join(directory, 'folder'));
  return directory;
}

function refusal(name: string, runner: Runner, path?: string, executable = name): unknown {
  try {
    refuseUnusable(nodeDisk, { name, args: [], runner }, executable, path);
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

const NOT_FOUND = 'CKPT_PROGRAM_NOT_FOUND';
const NOT_EXECUTABLE = 'CKPT_PROGRAM_NOT_EXECUTABLE';

describe('a program', () => {
  test('that can be executed is taken, by its path and from PATH', () => {
    const here = place();
    expect(refusal(`${here}/program`, 'itself')).toBeUndefined();
    expect(refusal('program', 'itself', `/nowhere:${here}`)).toBeUndefined();
    expect(refusal('sh', 'itself')).toBeUndefined();
  });

  test('that is not there is not found, in 127', () => {
    const here = place();
    const sentence = (name: string, why: string): object => ({ code: NOT_FOUND, message: `${name}: ${why}` });
    expect(refusal(`${here}/no`, 'itself')).toMatchObject(sentence(`${here}/no`, 'there is no such file'));
    expect(refusal(`${here}/program/no`, 'itself')).toMatchObject({ code: NOT_FOUND });
    expect(refusal('no-such', 'itself', here)).toMatchObject(sentence('no-such', 'there is no such program in PATH'));
    expect(refusal('scenario', 'itself', here)).toMatchObject(
      sentence('scenario', 'there is no such program in PATH (did you mean scenarios?)'),
    );
  });

  test('is not guessed to be the command of which it was said that it is none', () => {
    expect(refusal('scenarios', 'itself', '/nowhere')).toMatchObject({ message: 'scenarios: there is no such program in PATH' });
  });

  test('of this directory must be named by its path', () => {
    expect(refusal('package.json', 'itself', '/nowhere')).toMatchObject({ hint: expect.stringContaining('./package.json') });
  });

  test.for(['forbidden', 'folder'])('that cannot be executed is refused, in 126: %s', (name) => {
    const here = place();
    const why = { code: NOT_EXECUTABLE, message: expect.stringMatching(new RegExp(`${name}: it cannot be executed$`)) };
    expect(refusal(`${here}/${name}`, 'itself')).toMatchObject(why);
    expect(refusal(name, 'itself', here)).toMatchObject(why);
  });
});

describe('a script', () => {
  test('must be there, and needs no permission but to be read', () => {
    const here = place();
    expect(refusal(`${here}/train.py`, 'python', '', '/bin/sh')).toBeUndefined();
    expect(refusal(`${here}/train.py`, 'node')).toBeUndefined();
    for (const runner of ['python', 'node', 'tsx'] as const)
      expect(refusal(`${here}/no.py`, runner, '', '/bin/sh')).toMatchObject({ code: NOT_FOUND });
  });

  test('needs its interpreter, and so does a module', () => {
    const here = place();
    const message = `python9: there is no such program, and a.module needs it`;
    expect(refusal('a.module', 'python-module', here, 'python9')).toMatchObject({ code: NOT_FOUND, message });
    const forbidden = refusal(`${here}/train.py`, 'python', '', `${here}/forbidden`);
    expect(forbidden).toMatchObject({ code: NOT_EXECUTABLE, hint: expect.stringContaining('PYTHON_EXEC') });
  });
});
