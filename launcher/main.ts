import { usageError } from '../shared/contracts/errors.ts';
import { EXIT_CODES } from '../shared/contracts/exit-code.ts';
import { VERSION } from '../shared/contracts/version.ts';
import { type Logger, openLogger } from '../shared/platform/logger.ts';
import { descriptorOutput, type TextOutput } from '../shared/platform/output.ts';
import { nodePlatform } from '../shared/platform/platform.ts';
import { openNotices, openResults } from '../shared/platform/standard-streams.ts';
import { parseLogFormat } from './command-line/option-values.ts';
import { type CommandLine, readCommandLine, wantsJson, wantsRun, wantsTorchrunExitCodes } from './command-line/options.ts';
import type { Interruption } from './interruption.ts';
import { launch } from './launch.ts';
import { launchRequest } from './launch-request.ts';
import type { LaunchSurroundings } from './launch-surroundings.ts';
import { explain } from './notices.ts';
import { guardProcessEnd } from './process-end.ts';
import { type Terminal, valueReader } from './run-settings.ts';
import { RefusedAlike, readAlike } from './worker/refused-alike.ts';
import { type WorkerPlace, workerPlace } from './worker/worker-place.ts';

interface Console {
  readonly stdout: TextOutput;
  readonly tell: Logger['log'];
  readonly interruption: Interruption;
}

/** The command from its arguments to its exit status. */
async function main(argv: readonly string[], console: Console): Promise<number> {
  const { stdout } = console;
  refuseUnsupported();
  const read = (): CommandLine => readCommandLine(argv, process.env);
  // Scripts that meet at barriers may each be wrong in a way of its own.
  const line = wantsRun(argv) ? readAlike(process.env, read) : read();
  if (line.isSet('help')) {
    const { helpText } = await import('./command-line/help.ts');
    stdout.write(`${await helpText(Math.min(process.stdout.columns ?? 100, 120))}\n`);
    return EXIT_CODES.passed;
  }
  if (line.isSet('version')) {
    stdout.write(`ckpt-run ${VERSION}\n`);
    return EXIT_CODES.passed;
  }
  switch (line.command) {
    case 'scenarios': {
      const { scenarioLines } = await import('./command-line/scenarios-command.ts');
      for (const text of await scenarioLines(nodePlatform().disk)) stdout.write(`${text}\n`);
      return EXIT_CODES.passed;
    }
    case 'inspect': {
      const { inspectionText } = await import('./inspect/inspect-command.ts');
      const { PACKAGE_DIRECTORY: packageDirectory } = await import('./scenario-selection.ts');
      const [given = ''] = line.positionals;
      const logFormat = valueReader(line)('log-format', parseLogFormat) ?? 'text';
      stdout.write(
        await inspectionText({ platform: nodePlatform(), environment: process.env, packageDirectory }, given, logFormat),
      );
      return EXIT_CODES.passed;
    }
    case 'barrier': {
      const { meetAtBarrier } = await import('./program/barrier-command.ts');
      stdout.write(await meetAtBarrier(line, { platform: nodePlatform(), environment: process.env }));
      return EXIT_CODES.passed;
    }
    case 'python-path': {
      const { PACKAGE_DIRECTORY } = await import('./scenario-selection.ts');
      stdout.write(`${PACKAGE_DIRECTORY}python\n`);
      return EXIT_CODES.passed;
    }
    case 'completion': {
      const { completionScript } = await import('./command-line/help.ts');
      stdout.write(await completionScript());
      return EXIT_CODES.passed;
    }
    case 'run':
      return run(line, console);
  }
}

async function run(line: CommandLine, { tell, interruption }: Console): Promise<number> {
  const surroundings: LaunchSurroundings = {
    platform: nodePlatform(),
    // A copy: every look into the real one is a call of the system's library, and each rank is given all of it.
    environment: { ...process.env },
    interruption,
    primaryOutput: 'inherit',
    tell,
  };
  if (line.positionals.length > 0) return runProgram(line, surroundings);
  const { environment } = surroundings;
  const request = readAlike(environment, () => launchRequest(line, terminal()));
  const placed = (): WorkerPlace | undefined => workerPlace(line, environment);
  const place = line.given('rank') === undefined ? readAlike(environment, placed) : placed();
  if (place !== undefined) {
    const { launchWorker } = await import('./worker/launch-worker.ts');
    return launchWorker(request, place, surroundings);
  }
  const { report } = await launch(request, surroundings);
  return report.exitCode;
}

async function runProgram(line: CommandLine, surroundings: LaunchSurroundings): Promise<number> {
  const { programRequest } = await import('./program/program-options.ts');
  const { launchProgram } = await import('./program/launch-program.ts');
  const terminals = { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true };
  return launchProgram(programRequest(line, terminal(), surroundings), { ...surroundings, terminals });
}

function terminal(): Terminal {
  const noColor = process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '';
  return { color: process.stdout.isTTY === true && !noColor, progress: process.stderr.isTTY === true };
}

function refuseUnsupported(): void {
  if (process.platform === 'win32') throw usageError('ckpt-run needs Linux or macOS', 'Run it under WSL.');
}

/** Everything the launcher says goes to standard error, --quiet or not. */
function openVoice(argv: readonly string[]): Promise<Logger> {
  const style = { logFormat: wantsJson(argv, process.env) ? ('json' as const) : ('text' as const), quiet: false, color: false };
  const stderr = openNotices(descriptorOutput(2));
  return openLogger(style, nodePlatform().clock, stderr, stderr, {});
}

async function command(argv: readonly string[]): Promise<never> {
  const { log: tell } = await openVoice(argv);
  const { end, interruption } = guardProcessEnd(tell);
  try {
    const stdout = openResults(descriptorOutput(1));
    const exitCode = await main(argv, { stdout, tell, interruption });
    stdout.check();
    return end(exitCode);
  } catch (thrown) {
    const isSaid = thrown instanceof RefusedAlike;
    const { line, exitCode } = explain(isSaid ? thrown.refusal : thrown, wantsTorchrunExitCodes(argv, process.env));
    if (!isSaid) tell(line);
    return end(exitCode);
  }
}

void command(process.argv.slice(2));
