import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from 'kubernetes-types/batch/v1.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/source-files.ts';
import { engineExample } from '../e2e/engine-run.ts';
import { ckptRun, runCommand, temporaryDirectory } from '../e2e/run-command.ts';
import { sandbox } from '../e2e/sandbox.ts';

const MANIFEST: Job = parse(readFileSync(engineExample('indexed-job.yaml'), 'utf8'));
const CONTAINER = MANIFEST.spec?.template.spec?.containers[0];

/** Holds a manifest against the types that are made of Kubernetes' own API description: a field that it does not know is an error. */
function typeErrorsIn(manifest: unknown): Promise<string> {
  const file = join(temporaryDirectory(), 'manifest.ts');
  const types = join(ROOT, 'node_modules', 'kubernetes-types', 'batch', 'v1.js');
  writeFileSync(file, `import type { Job } from '${types}';\nexport const job: Job = ${JSON.stringify(manifest)};\n`);
  const compiler = [
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--types',
    '',
  ];
  const options = ['--module', 'nodenext', '--target', 'es2022', file];
  return runCommand(process.execPath, [...compiler, ...options]).then(({ stdout }) => stdout);
}

test('docs/examples/engines/indexed-job.yaml is what Kubernetes takes, and has no field that it does not know', async () => {
  expect(await typeErrorsIn(MANIFEST)).toBe('');
  const wrong = { ...MANIFEST, spec: { ...MANIFEST.spec, paralellism: 4 } };
  expect(await typeErrorsIn(wrong)).toMatch(/error TS\d+: .*paralellism.* does not exist in type 'JobSpec'/);
});

test('the world of docs/examples/engines/indexed-job.yaml is as large as its Job', () => {
  const { completions, parallelism } = MANIFEST.spec ?? {};
  expect([completions, parallelism, CONTAINER?.args]).toEqual([4, 4, expect.arrayContaining(['--world-size=4'])]);
});

test('the pods of docs/examples/engines/indexed-job.yaml are the ranks of one run', async () => {
  const box = sandbox();
  const { command, args = [], env = [], volumeMounts: [mount] = [] } = CONTAINER ?? {};
  expect([command, env.map(({ name }) => name)]).toEqual([['ckpt-run'], ['JOB_UID']]);
  // What the kubelet does: the uid by the downward API, the variables in arguments, the volume, and the index.
  const given = args.map((arg) => arg.replace('$(JOB_UID)', '5f0c').replace(mount?.mountPath ?? '', box.directory));
  const pods = [0, 1, 2, 3].map((index) =>
    ckptRun(given, { cwd: box.directory, env: { JOB_COMPLETION_INDEX: String(index), TMPDIR: box.temporary } }),
  );
  const [first, ...others] = await Promise.all(pods);
  expect(first).toMatchObject({ code: 0 });
  expect(first?.stdout.match(/^✓ ALL ASSERTIONS PASSED$/gm)).toHaveLength(2);
  expect(first?.stderr).toMatch(/^ckpt-run: worker, rank 0 of 4 .*, started by Kubernetes Indexed Job, run 5f0c, attempt 0; /);
  for (const other of others) expect(other).toMatchObject({ code: 0, stdout: '', stderr: '' });
});
