/** Spells a set of ranks: `rank 1`, `ranks 0-5,7`, `no rank`. Order and repetitions in the input do not matter. */
export function formatRanks(ranks: readonly number[]): string {
  const sorted = [...new Set(ranks)].sort((a, b) => a - b);
  if (sorted.length === 0) return 'no rank';
  return `${sorted.length === 1 ? 'rank' : 'ranks'} ${spellRankList(sorted)}`;
}

/** The numbers alone: `0-5,7`; the empty text for none. */
export const spellRankList = (ranks: readonly number[]): string =>
  runsOf([...new Set(ranks)].sort((a, b) => a - b))
    .map(formatRun)
    .join(',');

/** Splits ascending numbers where one is left out. */
function runsOf(sorted: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const rank of sorted) {
    const run = runs.at(-1);
    if (run?.at(-1) === rank - 1) run.push(rank);
    else runs.push([rank]);
  }
  return runs;
}

const formatRun = (run: readonly number[]): string => (run.length < 3 ? run.join(',') : `${run[0]}-${run.at(-1)}`);
