import { writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { decayingLoss, defineScenario } from 'ckpt-run';

const runDirectory = process.env['CKPT_RANK_RUN_DIRECTORY'] ?? '.';
const runId = basename(dirname(runDirectory));
const outputDir = resolve(runDirectory, '../../..');

export default defineScenario({
  name: 'checkpoint-write-failed',
  summary: 'somebody puts a file where checkpoint-50 is to be written',
  metric: decayingLoss,
  callbacks: () => [
    {
      name: 'Intruder',
      onEvaluate: (_metrics, { step }) => {
        if (step === 50) writeFileSync(`${outputDir}/checkpoint-write-failed/.checkpoint-50.tmp-${runId}-0`, '');
      },
    },
  ],
});
