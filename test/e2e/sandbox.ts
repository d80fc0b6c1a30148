import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunReport } from '../../shared/contracts/run-report.ts';
import type { Verdict } from '../../shared/contracts/verdict.ts';
import { type CommandOptions, type CommandResult, ckptRun, temporaryDirectory } from './run-command.ts';

/** A place of its own for the runs of a test, gone when the test ends. */
export interface Sandbox {
  /** The working directory of the runs. */
  readonly directory: string;
  /** Their TMPDIR. */
  readonly temporary: string;
  /** Runs ckpt-run here. */
  run(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs it with `--report report.json` and reads that. */
  runForReport(args: readonly string[], options?: CommandOptions): Promise<CommandResult & { readonly report: RunReport }>;
  /** Names in a directory below the working directory; empty where there is none. */
  list(path: string): readonly string[];
  /** Every path below the working directory, with its size and its time of change. */
  listAll(): readonly string[];
  /** What runs left in TMPDIR. */
  leftovers(): readonly string[];
  /** Permission bits. */
  modeOf(path: string): number;
  /** Makes the directories above it too, and gives the whole path. */
  write(path: string, text: string): string;
  read(path: string): string;
}

/** Makes a sandbox for the test that runs. */
export function sandbox(): Sandbox {
  const directory = temporaryDirectory();
  const temporary = join(directory, 'tmp');
  mkdirSync(temporary);
  const run: Sandbox['run'] = (args, options = {}) =>
    ckptRun(args, { cwd: directory, ...options, env: { TMPDIR: temporary, NODE_EXTRA_CA_CERTS: undefined, ...options.env } });
  const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
  return {
    directory,
    temporary,
    run,
    read,
    runForReport: async (args, options) => {
      const result = await run([...args, '--report', 'report.json'], options);
      return { ...result, report: JSON.parse(read('report.json')) as RunReport };
    },
    list: (path) => namesIn(join(directory, path)),
    listAll: () =>
      readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((path) => describe(directory, path)),
    modeOf: (path) => lstatSync(join(directory, path)).mode & 0o777,
    leftovers: () => namesIn(temporary),
    write: (path, text) => {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
      return join(directory, path);
    },
  };
}

function describe(directory: string, path: string): string {
  const { size, mtimeMs } = lstatSync(join(directory, path));
  return `${path} ${size} ${mtimeMs}`;
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** The only verdict of a run of one scenario. */
export function onlyVerdict({ verdicts }: RunReport): Verdict {
  const [verdict, ...more] = verdicts;
  if (verdict === undefined || more.length > 0) throw new Error(`expected one verdict, found ${verdicts.length}`);
  return verdict;
}

/** The text of a scenario file whose scenario has these fields; `ckpt` is the package. */
export const scenarioText = (fields: string, before = ''): string => `import * as ckpt from 'ckpt-run';
${before}
export default ckpt.defineScenario({
  name: 'mine',
  summary: 'a scenario of a test',
  metric: ckpt.decayingLoss,
  saveTotalLimit: 3,
  preserveNBest: 2,
  ${fields}
});
`;

/** The lines of a text, without the empty one behind the last. */
export const linesOf = (text: string): readonly string[] => text.replace(/\n$/, '').split('\n');
