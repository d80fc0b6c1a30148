import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from '../../shared/contracts/manifest.ts';
import { parseSafetensors } from '../rank/checkpoint/parse-safetensors.ts';
import { mustRun } from './run-command.ts';
import { type Sandbox, sandbox } from './sandbox.ts';

const CHECKPOINT = 'out/spike/checkpoint-100';

/** Keeps the outputs of spike on two ranks. */
async function keptRun(args: readonly string[] = []): Promise<Sandbox> {
  const box = sandbox();
  const run = await box.run(['--nproc-per-node=2', '--scenario=spike', '--output-dir=out', '--keep-outputs', '--quiet', ...args]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  return box;
}

const bytesOf = (box: Sandbox, name: string): Buffer => readFileSync(join(box.directory, CHECKPOINT, name));

test('a checkpoint holds the model, the trainer, and a shard and a random state of each rank', async () => {
  const box = await keptRun();
  expect(box.list(CHECKPOINT)).toEqual([
    ...['manifest.json', 'model.safetensors', 'optimizer_state_0.safetensors', 'optimizer_state_1.safetensors'],
    ...['rng_state_0.json', 'rng_state_1.json', 'trainer_state.json'],
  ]);

  const model = parseSafetensors(bytesOf(box, 'model.safetensors'));
  expect(model.metadata).toEqual({ format: 'pt', step: '100' });
  expect([...model.tensors.keys()]).toEqual(['weight']);
  const shards = [0, 1].map((rank) =>
    parseSafetensors(bytesOf(box, `optimizer_state_${rank}.safetensors`)).tensors.get('momentum'),
  );
  expect(shards[0]?.values).not.toEqual(shards[1]?.values);

  const states = [0, 1].map((rank): unknown => JSON.parse(box.read(`${CHECKPOINT}/rng_state_${rank}.json`)));
  expect(states).toMatchObject(
    [0, 1].map((rank) => ({
      ...{ rank, algorithm: 'mulberry32', state: expect.any(Number) },
      callbacks: { DivergenceDetector: { reason: expect.stringContaining('threshold 1.5') } },
    })),
  );
});

test('trainer_state.json has the fields of Hugging Face', async () => {
  const box = await keptRun();
  expect(JSON.parse(box.read(`${CHECKPOINT}/trainer_state.json`))).toMatchObject({
    ...{ global_step: 100, max_steps: 150, eval_steps: 25, save_steps: 25, epoch: 100 / 150, is_world_process_zero: true },
    ...{ best_global_step: 50, best_metric: expect.closeTo(2.7891, 4) },
    best_model_checkpoint: join(box.directory, 'out/spike/checkpoint-50'),
    log_history: [25, 50, 75, 100].map((step) => ({ step, eval_loss: expect.any(Number), epoch: step / 150 })),
    stateful_callbacks: { DivergenceDetector: { args: {}, attributes: { reason: expect.stringContaining('threshold 1.5') } } },
  });
});

test('the manifest lists every file with its size and hash, and what was best', async () => {
  const box = await keptRun();
  const manifest = parseManifest(box.read(`${CHECKPOINT}/manifest.json`));
  expect(manifest).toMatchObject({
    ...{ format: 'ckpt-run-checkpoint', version: 1, scenario: 'spike', step: 100, worldSize: 2, metricName: 'loss', mode: 'min' },
    ...{ metric: 8, best: [{ step: 50 }, { step: 25 }], callbacks: { DivergenceDetector: {} } },
  });
  const files = manifest?.files ?? [];
  expect(files.map(({ path }) => path).toSorted()).toEqual(box.list(CHECKPOINT).filter((name) => name !== 'manifest.json'));
  for (const { path, bytes, sha256, rank } of files) {
    const content = bytesOf(box, path);
    expect({ path, bytes, sha256 }).toEqual({
      path,
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect(rank).toBe(path.includes('_1.') ? 1 : 0);
  }
});

test('the same seed gives the same bytes, and another seed others', async () => {
  const hashes = async (...args: readonly string[]): Promise<unknown> => {
    const box = await keptRun(args);
    return parseManifest(box.read(`${CHECKPOINT}/manifest.json`))?.files.flatMap(({ path, sha256 }) =>
      path === 'trainer_state.json' ? [] : [sha256],
    );
  };
  const first = await hashes('--seed=7');
  expect(await hashes('--seed=7')).toEqual(first);
  expect(await hashes('--seed=8')).not.toEqual(first);
});

const PROGRAM = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework='np') as file:
    weight = file.get_tensor('weight')
    print(json.dumps({'keys': list(file.keys()), 'metadata': file.metadata(), 'dtype': str(weight.dtype), 'values': weight.tolist()}))
`;

test("Python's safetensors opens a checkpoint and reads the same numbers", async ({ skip }) => {
  const probe = spawnSync('python3', ['-c', 'import numpy, safetensors'], { encoding: 'utf8' });
  skip(probe.status !== 0, `python3 cannot import numpy and safetensors: ${probe.stderr?.trim().split('\n').at(-1)}`);
  const box = await keptRun();
  const read = JSON.parse(
    await mustRun('python3', ['-c', PROGRAM, join(box.directory, CHECKPOINT, 'model.safetensors')]),
  ) as unknown;
  const values = parseSafetensors(bytesOf(box, 'model.safetensors')).tensors.get('weight')?.values;
  expect(read).toEqual({ keys: ['weight'], metadata: { format: 'pt', step: '100' }, dtype: 'float32', values });
});
