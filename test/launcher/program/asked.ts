import { readCommandLine } from '../../../launcher/command-line/options.ts';
import { type AskedProgram, understand } from '../../../launcher/program/program-options.ts';
import type { ProgramRequest } from '../../../launcher/program/program-request.ts';
import { programOf } from '../../../launcher/program/program-words.ts';

type Environment = Readonly<Record<string, string>>;

/** What a command line asks for, and what is said of it. */
export function asked(args: readonly string[], environment: Environment = {}): AskedProgram {
  const line = readCommandLine(args, environment);
  return understand(line, programOf(line), { color: false, progress: false }, environment);
}

/** What options ask for in front of a program. */
export const request = (options: readonly string[], environment?: Environment): ProgramRequest =>
  asked([...options, 'train.py'], environment).request;

/** The one line in which options are refused; undefined where they are not. */
export function refusal(options: readonly string[], environment?: Environment): unknown {
  try {
    request(options, environment);
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'CKPT_USAGE' ? thrown.message : thrown;
  }
}
