import { posix } from 'node:path';
import { filesUnder, type SourceFile } from './source-files.ts';

interface Layer {
  readonly folder: string;
  readonly mayImport: readonly string[];
  readonly because: string;
}

/** Who may import whom, types included; the first row that fits a file decides. */
const LAYERS: readonly Layer[] = [
  { folder: 'shared/contracts/', mayImport: ['shared/contracts/'], because: 'contracts are what everybody agrees on' },
  {
    folder: 'shared/policy/',
    mayImport: ['shared/policy/', 'shared/contracts/'],
    because: 'policies are pure: data in, data out',
  },
  { folder: 'shared/platform/', mayImport: ['shared/platform/', 'shared/contracts/'], because: 'effects decide nothing' },
  { folder: 'shared/', mayImport: ['shared/'], because: 'what both processes share knows neither' },
  { folder: 'rank/', mayImport: ['rank/', 'shared/'], because: 'the two processes meet only in shared/' },
  { folder: 'launcher/', mayImport: ['launcher/', 'shared/'], because: 'the two processes meet only in shared/' },
  { folder: 'scenarios/', mayImport: ['scenarios/', 'rank/public.ts'], because: 'a scenario is written as users write theirs' },
];

/** The one file that may import a package; everything else goes through that file. */
const OWNERS: Readonly<Record<string, string>> = {
  pino: 'shared/platform/logger.ts',
  'proper-lockfile': 'shared/platform/lease/lease.ts',
  tsx: 'shared/platform/scenario-hooks.ts',
  ws: 'shared/platform/inspector/inspector-session.ts',
  yargs: 'launcher/command-line/help.ts',
  'yargs-parser': 'launcher/command-line/options.ts',
};

const EFFECTS_OWNER = 'shared/platform/';

/** What reaches time, chance, the disk, other processes or this one, and what to use in its place. */
const EFFECTS: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/'(?:node:)?fs(?:\/promises)?'/g, 'a Disk'],
  [/\b(?:Date|performance)\.now\b|\bnew Date\(\)|\bhrtime\b/g, 'a Clock'],
  [/\bset(?:Timeout|Interval|Immediate)\b|'(?:node:)?timers(?:\/promises)?'/g, 'Clock.after'],
  [/'(?:node:)?child_process'/g, 'a RankHost'],
  [/'(?:node:)?worker_threads'/g, 'a Heart'],
  [/'(?:node:)?net'/g, 'a MasterAddress'],
  [/'(?:node:)?os'/g, 'a Platform'],
  // What stands behind it tells code from words about it.
  [
    /(?<![\w.])process\.(?:env|exit(?:Code)?|kill|stdout|stderr|stdin|on|once|off)\b(?= *[.(=[,);])/g,
    "what the process's entry knows",
  ],
  [/\bMath\.random\b|\brandom(?:Bytes|UUID|Int)\b|\bgetRandomValues\b/g, 'randomStream or randomHex'],
];

/** Where a process begins or ends, or meets the system in a way that nobody else needs. */
const EXCEPTIONS: Readonly<Record<string, { readonly mayUse: RegExp; readonly because: string }>> = {
  'launcher/boot.ts': {
    mayUse: /^process\.(?:on|once|exit)$/,
    because: 'it refuses an old Node.js, keeps the inspector closed, and saves the code cache at the very end',
  },
  'rank/boot.ts': { mayUse: /^process\.(?:env|once)$/, because: 'it saves the code cache at the very end, on one rank' },
  'launcher/main.ts': { mayUse: /^process\.(?:env|stdout|stderr)$/, because: 'it hands environment and terminal to the run' },
  'rank/program/init.ts': { mayUse: /^process\.env$/, because: 'it hands the environment to the program' },
  'rank/main.ts': { mayUse: /^process\.env$/, because: 'it hands the environment to the rank' },
  'launcher/harness.ts': { mayUse: /^process\.env$/, because: 'it hands the environment to the run' },
  'launcher/process-end.ts': { mayUse: /^process\.(?:on|once|off|exit|exitCode)$/, because: 'it guards how this process ends' },
  'launcher/interruption.ts': { mayUse: /^process\.(?:on|off)$/, because: 'signals come to the process' },
  'launcher/rank-host.ts': { mayUse: /child_process/, because: 'it is the handle on a process' },
  'launcher/group/guardian.ts': { mayUse: /child_process/, because: 'it is the handle on a process that is no rank' },
  'launcher/group/master-address.ts': { mayUse: /net/, because: 'only the system knows a free port' },
  'launcher/launch-request.ts': { mayUse: /os/, because: 'only the system knows its cores' },
  'launcher/program/placement.ts': { mayUse: /os/, because: 'only the system knows its cores' },
  'launcher/program/program-options.ts': { mayUse: /os/, because: 'only the system knows its signals' },
};

const IMPORT =
  /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]/gm;
const COMMENT = /^\s*(?:\/\/|\/?\*).*$|\s\/\/ .*$/gm;

const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

function importProblem(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  if (!specifier.startsWith('.')) {
    const owner = OWNERS[packageOf(specifier)];
    if (owner === path) return undefined;
    return owner === undefined
      ? `${path} imports '${specifier}', a package without an owner: do without it, or give it one in scripts/layers.ts`
      : `${path} imports '${specifier}', which only ${owner} may: go through that file`;
  }
  const target = posix.join(posix.dirname(path), specifier);
  const layer = LAYERS.find(({ folder }) => path.startsWith(folder));
  if (layer === undefined || layer.mayImport.some((prefix) => target.startsWith(prefix))) return undefined;
  return `${path} imports ${target}, but ${layer.folder} may import only ${layer.mayImport.join(', ')} (${layer.because})`;
}

function effectProblems(path: string, code: string): readonly string[] {
  if (path.startsWith(EFFECTS_OWNER)) return [];
  const mayUse = EXCEPTIONS[path]?.mayUse;
  return EFFECTS.flatMap(([pattern, instead]) => {
    const found = [...code.matchAll(pattern)].map(([text]) => text).find((text) => mayUse?.test(text) !== true);
    return found === undefined ? [] : [`${path} uses ${found}, which only ${EFFECTS_OWNER} may: be given ${instead}`];
  });
}

/** What one file imports or does that its place does not allow, each with what to do. */
export function layerProblemsOf({ path, text }: SourceFile): readonly string[] {
  const code = text.replace(COMMENT, '');
  const specifiers = [...code.matchAll(IMPORT)].flatMap(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? []);
  return [...specifiers.flatMap((specifier) => importProblem(path, specifier) ?? []), ...effectProblems(path, code)];
}

/** Every import and every effect that the house does not allow. */
export const layerProblems = (): readonly string[] =>
  filesUnder(['launcher', 'rank', 'shared', 'scenarios'], ['.ts']).flatMap(layerProblemsOf);
