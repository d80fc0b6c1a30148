import { CheckpointTestHarness } from 'ckpt-run/harness';
import { expect, test } from 'vitest';

test('a loss spike costs no good checkpoint', async () => {
  const harness = new CheckpointTestHarness({ preserveNBest: 2, saveTotalLimit: 3, injectSpikeAtStep: 75, worldSize: 2 });
  const report = await harness.run();
  expect(report.passed, report.output).toBe(true);
  expect(report.verdicts[0]).toMatchObject({ scenario: 'spike', divergedAtStep: 100, onDisk: [25, 50, 75, 100] });
});
