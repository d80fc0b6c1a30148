import { expect } from 'vitest';
import { linesOf, type Sandbox } from './sandbox.ts';

/** A command line that must be refused, and the sentence that says why, without its hint. */
export interface Refusal {
  readonly what: string;
  readonly args: readonly string[];
  readonly sentence: string;
}

/** Runs it and expects exit code 2, one line on stderr that begins with the sentence, and a directory as it was. */
export async function expectRefusal(
  box: Sandbox,
  { args, sentence }: Omit<Refusal, 'what'>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = box.listAll();
  const { code, stdout, stderr } = await box.run(args, { env });
  expect(linesOf(stderr)).toEqual([expect.any(String)]);
  expect(stderr.slice(0, `ckpt-run: ${sentence}. `.length)).toBe(`ckpt-run: ${sentence}. `);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(box.listAll()).toEqual(before);
}
