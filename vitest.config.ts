import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { readonly version: string };

/** Those outside test/e2e that start processes. */
const PROCESS_TESTS = [
  'test/docs/{barrier-client,ci,engine-manifest,examples,harness,protocol,report-schema,transcripts}.test.ts',
  'test/launcher/{command-line/help,diagnosis/loop-evidence,group/{guardian,strays},python-template,program/program-runs}.test.ts',
  'test/launcher/console/{attempt-console,console-processes}.test.ts',
  'test/python/protocol-vectors.test.ts',
  'test/shared/platform/{byte-output,code-cache,output,process-identity,real-pipes}.test.ts',
  'test/shared/platform/{process/process-sample,inspector/{loop-sample,visits}}.test.ts',
  'test/shared/platform/stacks/{native-stacks,node-stacks,python-stacks,sitecustomize}.test.ts',
  'test/shared/platform/{barrier/file-barrier-processes,lease/lease-contention,lease/lease-left-behind}.test.ts',
];

/** Tests that start processes mostly wait for them: a few at once, and not as many as make each other late. */
const WORKERS = 3;

export default defineConfig({
  define: { __CKPT_RUN_VERSION__: JSON.stringify(version) },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          testTimeout: 30_000,
          include: ['test/**/*.test.ts'],
          exclude: ['test/{e2e,torch}/**', ...PROCESS_TESTS],
          // No source has state of its own, so that test files need no process each.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          globalSetup: ['test/e2e/fresh-build.ts'],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          include: PROCESS_TESTS,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/fresh-build.ts'],
          maxWorkers: WORKERS,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'torch',
          include: ['test/torch/**/*.test.ts'],
          globalSetup: ['test/e2e/fresh-build.ts', 'test/torch/find-torch.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
