import { OPTION_NAMES, type OptionKind, rowOf } from '../../launcher/command-line/option-table.ts';
import { filesUnder } from '../../scripts/source-files.ts';
import type { ScenarioDefinition } from '../../shared/contracts/scenario.ts';
import { environmentOf } from '../../shared/contracts/world.ts';
import { INVARIANTS } from '../../shared/policy/invariants/index.ts';
import { INVARIANT_GROUPS } from '../../shared/policy/invariants/invariant.ts';
import { resolveScenario } from '../../shared/policy/scenario-parameters.ts';
import { code, table } from './markdown-table.ts';
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
  'integer-or-none': 'whole number or `none`',
  seconds: 'seconds, or with a unit: `500ms`, `30s`, `5m`, `1h`',
  processes: 'whole number, `auto` or `cpu`',
  'log-format': '`text` or `json`',
};

function options(): string {
  const rows = OPTION_NAMES.map((name) => {
    const { kind, group, describe, alias, default: fallback = '', isTorchrun } = rowOf(name);
    const suffix = name.toUpperCase().replaceAll('-', '_');
    const spelled = [`--${name}`, ...(alias === undefined ? [] : [`-${alias}`])].map(code).join(', ');
    const variables = [`CKPT_RUN_${suffix}`, ...(isTorchrun === true ? [`PET_${suffix}`] : [])].map(code).join(', ');
    return [group, spelled, VALUES[kind], fallback, describe, variables];
  });
  return table(['group', 'option', 'value', 'default', 'meaning', 'variable'], rows);
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

/** What stands between `<!-- table: NAME -->` and `<!-- end -->`. */
export const TABLES: Readonly<Record<string, () => string | Promise<string>>> = {
  scenarios,
  options,
  rankEnvironment,
  invariants,
  verification,
};
