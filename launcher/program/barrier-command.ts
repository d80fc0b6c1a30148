import { CkptError } from '../../shared/contracts/errors.ts';
import { expectValue, text } from '../../shared/contracts/expectation.ts';
import type { Json } from '../../shared/contracts/json.ts';
import { RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';
import { outputUnusable } from '../../shared/platform/output-unusable.ts';
import { openProgramRank, type ProgramRankOptions } from '../../shared/platform/program-rank.ts';
import { parseDuration, parsePayload } from '../command-line/option-values.ts';
import type { CommandLine } from '../command-line/options.ts';
import { valueReader } from '../run-settings.ts';

type Surroundings = Pick<ProgramRankOptions, 'platform' | 'environment'>;

/**
 * `ckpt-run barrier`, in a script that is a rank: waits until all ranks are there, and gives what is to be printed. Throws
 * CKPT_USAGE, CKPT_BARRIER_TIMEOUT, CKPT_BARRIER_MISMATCH, CKPT_RANK_DUPLICATED and CKPT_OUTPUT_UNUSABLE.
 */
export async function meetAtBarrier(line: CommandLine, surroundings: Surroundings): Promise<string> {
  const name = expectValue('ckpt-run barrier', line.positionals[0], text);
  const timeoutMs = timeoutOf(line);
  const payload = valueReader(line)('payload', parsePayload) ?? null;
  try {
    const payloads = await meet({ ...surroundings, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, name, payload);
    return line.isSet('gather') ? `${JSON.stringify(payloads)}\n` : '';
  } catch (thrown) {
    throw thrown instanceof CkptError ? thrown : outputUnusable(surroundings.environment[RUN_DIRECTORY_VARIABLE] ?? '', thrown);
  }
}

async function meet(options: ProgramRankOptions, name: string, payload: Json): Promise<readonly Json[]> {
  const rank = openProgramRank(options);
  try {
    return await rank.barrier.wait(name, payload);
  } finally {
    rank.close();
  }
}

/** A rank inherits the variable that limits its whole run, which is about no barrier. */
function timeoutOf(line: CommandLine): number | undefined {
  const given = line.given('timeout');
  return given?.name === '--timeout' ? parseDuration(given.name, given.text) : undefined;
}
