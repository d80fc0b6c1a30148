import type { OptionKind } from '../../launcher/command-line/option-row.ts';
import { OPTION_NAMES, type OptionName, rowOf, TAKEN_OPTIONS, variablesOf } from '../../launcher/command-line/option-table.ts';
import { table } from '../../scripts/markdown-table.ts';
import { filesUnder } from '../../scripts/source-files.ts';
import { HANG_CLASSES } from '../../shared/contracts/diagnosis.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { environmentOf } from '../../shared/contracts/world.ts';
import { HANG_RULES } from '../../shared/policy/diagnosis/index.ts';
import { INVARIANTS } from '../../shared/policy/invariants/index.ts';
import { INVARIANT_GROUPS } from '../../shared/policy/invariants/invariant.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { code } from './markdown-table.ts';
import { filesOfCase, TORCHRUN_CASES } from './torchrun-cases.ts';
import { VERIFICATION } from './users-document.ts';

/** Every scenario file of ours, in the order of `ckpt-run scenarios`. */
async function builtInScenarios(): Promise<readonly ScenarioDefinition[]> {
  const urls = filesUnder(['scenarios'], ['.ts']).map(({ path }) => new URL(`../../${path}`, import.meta.url).href);
  const files = await Promise.all(urls.map((url): Promise<{ default: ScenarioDefinition }> => import(/* @vite-ignore */ url)));
  return files.map((file) => file.default).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function scenarios(): Promise<string> {
  const rows = (await builtInScenarios()).map((definition) => {
    const { minWorldSize = 1 } = definition;
    const scenario = resolveScenario(definition, {}, minWorldSize);
    const { name, summary, numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, injectSpikeAtStep } = scenario;
    const numbers = [numSteps, evalInterval, saveInterval, saveTotalLimit, preserveNBest, injectSpikeAtStep, minWorldSize];
    return [code(name), summary, ...numbers.map(String)];
  });
  return table(['scenario', 'what happens', 'steps', 'eval', 'save', 'newest', 'best', 'spike at', 'ranks'], rows);
}

const VALUES: Readonly<Record<OptionKind, string>> = {
  flag: '',
  text: 'text',
  path: 'path',
  integer: 'whole number',
  count: 'whole number, 0 or more',
  'integer-or-none': 'whole number or `none`',
  seconds: 'seconds, or with a unit: `500ms`, `30s`, `5m`, `1h`',
  processes: 'whole number, `auto` or `cpu`',
  port: '1 to 65535',
  endpoint: '`HOST:PORT` or `HOST`',
  streams: '`0` to `3`, or `RANK:0` to `RANK:3` with commas',
  'local-ranks': 'ranks with commas',
  signals: 'names with commas',
  json: 'JSON',
  faults: '`KIND:rank=2,barrier=7`, with `;` between several',
  'start-method': '`spawn`, `fork` or `forkserver`',
  'log-format': '`text` or `json`',
  'hang-action': '`end` or `report`',
  mode: '`auto`, `launch` or `worker`',
};

const spelled = (name: OptionName): string => {
  const { alias } = rowOf(name);
  return [`--${name}`, ...(alias === undefined ? [] : [`-${alias}`])].map(code).join(', ');
};

const SCOPES = { both: '', scenarios: 'scenarios', program: 'programs', barrier: '`barrier`' };

function options(): string {
  const rows = TAKEN_OPTIONS.map((name) => {
    const { kind, group, describe, default: fallback = '', only = 'both' } = rowOf(name);
    return [group, spelled(name), VALUES[kind], fallback, SCOPES[only], describe, variablesOf(name).map(code).join(', ')];
  });
  return table(['group', 'option', 'value', 'default', 'only for', 'meaning', 'variable'], rows);
}

function torchrunOptions(): string {
  const rows = OPTION_NAMES.filter((name) => rowOf(name).isTorchrun === true).map((name) => {
    const { kind, describe, isNoOp, refusal } = rowOf(name);
    const pet = variablesOf(name).find((variable) => variable.startsWith('PET_'));
    const status = refusal === undefined ? (isNoOp === true ? 'no effect' : 'works') : 'refused';
    const meaning = refusal === undefined ? describe : `${describe}. Refused: ${refusal}`;
    return [spelled(name), VALUES[kind], status, meaning, pet === undefined ? '' : code(pet)];
  });
  return table(['option', 'value', 'status', 'meaning', 'variable'], rows);
}

function rankEnvironment(): string {
  const world = {
    rank: 1,
    localRank: 1,
    worldSize: 2,
    localWorldSize: 2,
    groupRank: 0,
    runId: '20260101t120000-0123abcd',
    attempt: 0,
  };
  const variables = environmentOf(world, { host: '127.0.0.1', port: 29500 });
  return table(
    ['variable', 'on rank 1 of 2'],
    Object.entries(variables).map(([name, value]) => [code(name), code(value)]),
  );
}

function invariants(): string {
  const rows = INVARIANT_GROUPS.flatMap((group) => INVARIANTS.filter((invariant) => invariant.group === group));
  return table(
    ['group', 'line of the document', 'invariant', 'what must hold', 'hint when it does not'],
    rows.map(({ group, covers, name, claim, hint }) => [group, covers, code(name), claim, hint]),
  );
}

const verification = (): string =>
  table(
    ['point', 'invariant', 'printed'],
    VERIFICATION.map(({ point, invariant, printed }) => [point, code(invariant), code(printed)]),
  );

const torchrunCases = (): string =>
  table(
    ['case', 'where'],
    TORCHRUN_CASES.map((name) => [code(name), filesOfCase(name).map(code).join(', ')]),
  );

function hangs(): string {
  const rows = Object.entries(HANG_CLASSES).flatMap(([name, id]) =>
    HANG_RULES.filter((rule) => rule.class === name).map(({ claim, needs, hint }) => [
      ...[id, code(name), claim, needs, hint],
      code(`hang-${name}`),
    ]),
  );
  return table(['number', 'class', 'what is the matter', 'by what it is known', 'what to do', 'scenario'], rows);
}

/** What stands between `<!-- table: NAME -->` and `<!-- end -->`. */
export const TABLES: Readonly<Record<string, () => string | Promise<string>>> = {
  scenarios,
  options,
  torchrunOptions,
  torchrunCases,
  rankEnvironment,
  invariants,
  verification,
  hangs,
};
