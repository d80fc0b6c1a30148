import { type Contender, interleave, isInstalled, printTable, quantile } from './measure.ts';

/** At most so many times the wall time of `node -e 0`, by world size. */
const LIMITS = new Map([[1, 6], [2, 8], [4, 10], [64, 90]]); // biome-ignore format: pairs

/** Measures `--scenario all` against an empty Node process, beside other launchers of as many empty processes. */
export async function benchWallTime(): Promise<void> {
  const small = [1, 2, 4].map(scenarioAll);
  const [yardstick, ...times] = await interleave([emptyNode, ...small, ...otherLaunchers()], 11);
  const [largeYardstick, large] = await interleave([emptyNode, scenarioAll(64)], 3);
  const rows = [
    row(emptyNode, yardstick, yardstick),
    ...[...small, ...otherLaunchers()].map((contender, index) => row(contender, times[index], yardstick)),
    row(scenarioAll(64), large, largeYardstick),
  ];
  printTable('Wall time of a whole run, medians', ['what', 'ms', 'fastest', 'x node -e 0', 'limit'], rows);
}

const emptyNode: Contender = { name: 'node -e 0', command: [process.execPath, '-e', '0'] };

const scenarioAll = (ranks: number): Contender => ({
  name: `--scenario all, ${ranks} ${ranks === 1 ? 'rank' : 'ranks'}`,
  command: [process.execPath, 'dist/ckpt-run.cjs', `--nproc-per-node=${ranks}`, '--scenario', 'all'],
});

function otherLaunchers(): readonly Contender[] {
  const node = process.execPath;
  return [
    ...(isInstalled('torchrun', '--help')
      ? [
          {
            name: 'torchrun, 2 x /bin/true',
            command: ['torchrun', '--standalone', '--nproc_per_node=2', '--no_python', '/bin/true'],
            env: { PET_REDIRECTS: '9:1', PET_TEE: '9:1', PET_MONITOR_INTERVAL: '0.1' },
          } satisfies Contender,
        ]
      : []),
    ...(isInstalled('mpirun', '--version')
      ? [
          {
            name: 'mpirun, 2 x node -e 0',
            command: ['mpirun', '--allow-run-as-root', '--oversubscribe', '-n', '2', node, '-e', '0'],
          } satisfies Contender,
        ]
      : []),
  ];
}

function row({ name }: Contender, times: readonly number[] = [], yardstick: readonly number[] = []): readonly string[] {
  const median = quantile(times, 0.5);
  const ranks = Number(/(\d+) ranks?$/.exec(name)?.[1]);
  return [
    name,
    median.toFixed(0),
    (times[0] ?? Number.NaN).toFixed(0),
    (median / quantile(yardstick, 0.5)).toFixed(1),
    String(LIMITS.get(ranks) ?? ''),
  ];
}
