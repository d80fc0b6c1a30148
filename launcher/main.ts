import { CkptError, messageOf, usageError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import { VERSION } from '../shared/contracts/version.ts';
import { descriptorOutput, escapeControl, type TextOutput } from '../shared/platform/output.ts';
import { nodePlatform } from '../shared/platform/platform.ts';
import { processInterruption } from './interruption.ts';
import { launch } from './launch.ts';
import { launchRequest } from './launch-request.ts';
import { type CommandLine, readCommandLine } from './options.ts';

interface Console {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
}

/** The command from its arguments to its exit status. */
async function main(argv: readonly string[], { stdout, stderr }: Console): Promise<number> {
  refuseUnsupported();
  const line = readCommandLine(argv, process.env);
  if (line.isSet('help')) {
    const { helpText } = await import('./help.ts');
    stdout.write(`${await helpText(Math.min(process.stdout.columns ?? 100, 120))}\n`);
    return EXIT_CODES.passed;
  }
  if (line.isSet('version')) {
    stdout.write(`ckpt-run ${VERSION}\n`);
    return EXIT_CODES.passed;
  }
  switch (line.command) {
    case 'scenarios': {
      const { scenarioLines } = await import('./scenarios-command.ts');
      for (const text of await scenarioLines(nodePlatform().disk)) stdout.write(`${text}\n`);
      return EXIT_CODES.passed;
    }
    case 'completion': {
      const { completionScript } = await import('./help.ts');
      stdout.write(await completionScript());
      return EXIT_CODES.passed;
    }
    case 'run':
      return run(line, stderr);
  }
}

async function run(line: CommandLine, stderr: TextOutput): Promise<number> {
  const [stray] = line.positionals;
  if (stray !== undefined) throw usageError(`${stray}: launching programs is not supported yet, expected options only`);
  const noColor = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '';
  const request = launchRequest(line, {
    color: process.stdout.isTTY === true && !noColor,
    progress: process.stderr.isTTY === true,
  });
  const { report } = await launch(request, {
    platform: nodePlatform(),
    environment: process.env,
    interruption: processInterruption,
    primaryOutput: 'inherit',
    tell: (text) => stderr.write(`${escapeControl(text)}\n`),
  });
  return report.exitCode;
}

function refuseUnsupported(): void {
  if (process.platform === 'win32') throw usageError('ckpt-run needs Linux or macOS', 'Run it under WSL.');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw usageError(`Node ${process.versions.node}: expected 20.19 or later`);
}

function explain(thrown: unknown, stderr: TextOutput): number {
  if (thrown instanceof CkptError && thrown.code !== 'CKPT_INTERNAL') {
    stderr.write(`ckpt-run: ${oneLine(thrown.message)}. ${oneLine(thrown.hint)}\n`);
    return EXIT_CODES.usage;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  stderr.write(
    `ckpt-run ${VERSION}: a bug of ours, please report it with this stack and your command line:\n${escapeControl(stack)}\n`,
  );
  return EXIT_CODES.internal;
}

const oneLine = (text: string): string => escapeControl(text).replaceAll('\n', '\\n');

const ENDED_FROM_WITHIN =
  'ckpt-run: the scenario file ended this process, or waits for what never comes. Let it only define and export a scenario.\n';

/**
 * Loading a scenario runs somebody's code in this process: a process.exit(0) in it, or an await that never settles, must
 * not pass for success.
 */
function guardEnd({ stderr }: Console): (code: number) => never {
  let isOurs = false;
  process.once('exit', () => {
    if (isOurs) return;
    stderr.write(ENDED_FROM_WITHIN);
    process.exitCode = EXIT_CODES.usage;
  });
  return (code) => {
    isOurs = true;
    process.exit(code);
  };
}

const terminal: Console = { stdout: descriptorOutput(1), stderr: descriptorOutput(2) };
const end = guardEnd(terminal);
main(process.argv.slice(2), terminal).then(end, (thrown: unknown) => end(explain(thrown, terminal.stderr)));
