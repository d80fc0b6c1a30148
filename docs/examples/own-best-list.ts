import { type BestListUpdate, defineScenario } from 'ckpt-run';

/** Puts the candidate in front of the first entry that it beats: of equals the earlier stays in front. */
const insert: BestListUpdate = (best, { step, metric }, { preserveNBest }) => {
  if (metric === undefined || !Number.isFinite(metric)) return best;
  const beaten = best.findIndex((entry) => entry.metric < metric);
  const place = beaten === -1 ? best.length : beaten;
  return [...best.slice(0, place), { step, metric }, ...best.slice(place)].slice(0, preserveNBest);
};

export default defineScenario({
  name: 'own-best-list',
  summary: 'accuracy goes up and down, with ties: the best three stay, the earlier of equals first',
  evalInterval: 10,
  saveInterval: 10,
  saveTotalLimit: 2,
  preserveNBest: 3,
  metricName: 'accuracy',
  mode: 'max',
  metric: (step) => [0.2, 0.6, 0.9, 0.7, 0.9][(step / 10) % 5],
  updateBestCheckpoints: insert,
  expect: { onDisk: [20, 40, 70, 90, 100] },
});
