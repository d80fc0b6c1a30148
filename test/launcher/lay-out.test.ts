import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { noInterruption } from '../../launcher/interruption.ts';
import { launch } from '../../launcher/launch.ts';
import { DEFAULT_REQUEST } from '../../launcher/launch-request.ts';
import { type Disk, nodeDisk } from '../../shared/platform/disk.ts';
import { nodePlatform } from '../../shared/platform/platform.ts';
import { temporaryDirectory } from '../e2e/run-command.ts';

/** What the system says against a call. */
const refused = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: the system's own words, ${syscall} 'x'`), { code, syscall });

/** A disk on which calls fail that are about a file. */
function failing(file: string, code: string): Partial<Disk> {
  const unless =
    <A extends readonly [...string[], string]>(syscall: string, work: (...paths: A) => boolean) =>
    (...paths: A): boolean => {
      if (basename(paths.at(-1) ?? '') === file) throw refused(code, syscall);
      return work(...paths);
    };
  return { linkIfFree: unless('link', nodeDisk.linkIfFree), makeDirectory: unless('mkdir', nodeDisk.makeDirectory) };
}

/** Runs on such a disk, and expects that nothing stays. */
async function runOn(disk: Partial<Disk>): Promise<unknown> {
  const place = temporaryDirectory();
  const platform = { ...nodePlatform(), disk: { ...nodeDisk, ...disk } };
  const thrown: unknown = await launch(
    { ...DEFAULT_REQUEST, scenario: 'basic', outputDir: join(place, 'out') },
    { platform, environment: process.env, interruption: noInterruption, primaryOutput: 'file', tell: () => undefined },
  ).catch((error: unknown) => error);
  expect(readdirSync(place)).toEqual([]);
  return thrown;
}

const FILES = ['plan.json', 'lease.owner.json'];

test.for(FILES.flatMap((file) => ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].map((code) => [file, code] as const)))(
  'a file system that refuses a link at %s with %s has no hard links',
  async ([file, code]) => {
    const message = expect.stringMatching(/: its file system has no hard links, which barriers need$/);
    expect(await runOn(failing(file, code))).toMatchObject({ code: 'CKPT_OUTPUT_UNUSABLE', message });
  },
);

test.for(
  [...FILES, 'barriers'].flatMap((file) => ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EIO'].map((code) => [file, code] as const)),
)('what else the system says at %s is said: %s', async ([file, code]) => {
  const message = expect.stringMatching(
    new RegExp(`^--output-dir \\S+/out: ${code}: the system's own words, (?:link|mkdir) 'x'$`),
  );
  expect(await runOn(failing(file, code))).toMatchObject({ code: 'CKPT_OUTPUT_UNUSABLE', message });
});
