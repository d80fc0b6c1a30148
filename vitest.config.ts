import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { readonly version: string };

/** Beside those in test/e2e: they wait for what other processes do, and would make each other late. */
const PROCESS_TESTS = [
  'test/docs/{barrier-client,ci,examples,harness,protocol,report-schema,transcripts}.test.ts',
  'test/launcher/{command-line/help,diagnosis/loop-evidence,group/{guardian,strays},python-template,program/program-runs}.test.ts',
  'test/launcher/console/{attempt-console,console-processes}.test.ts',
  'test/shared/platform/{byte-output,code-cache,output,process-identity,real-pipes}.test.ts',
  'test/shared/platform/{process/process-sample,inspector/loop-sample}.test.ts',
  'test/shared/platform/{barrier/file-barrier-processes,lease/lease-contention,lease/lease-left-behind}.test.ts',
];

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
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/fresh-build.ts'],
          // Each run starts processes of its own and is measured in milliseconds: one file at a time.
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
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
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
