import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBundles } from './build/bundles.ts';
import { buildDeclarations } from './build/declarations.ts';
import { writeNotices } from './build/notices.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What the build is made of: the set-up compares their times, the build their contents. */
const sources = readFileSync(join(root, 'scripts/build/sources'), 'utf8').trim().split('\n');
const dist = join(root, 'dist');
const fresh = join(root, `.dist-${process.pid}`);

function filesUnder(path: string): string[] {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of sources.flatMap(filesUnder))
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function stampOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, '.stamp'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}

function removeAbandoned(): void {
  for (const name of readdirSync(root)) {
    const pid = Number(/^\.dist-(\d+)(-old)?$/.exec(name)?.[1] ?? Number.NaN);
    if (pid === process.pid || (pid > 0 && !isAlive(pid))) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** True when it happened, false when another build was faster. */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Needs no lock: whoever finds the place taken moves what stands there away and tries again. */
function moveIntoPlace(): void {
  do {
    if (renamed(dist, `${fresh}-old`)) rmSync(`${fresh}-old`, { recursive: true });
  } while (!renamed(fresh, dist));
}

async function build(stamp: string, startedAt: Date): Promise<void> {
  removeAbandoned();
  mkdirSync(fresh);
  process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
  const [metafiles] = await Promise.all([buildBundles(root, fresh), buildDeclarations(root, join(fresh, 'types'))]);
  writeNotices(root, metafiles, join(fresh, 'THIRD-PARTY-NOTICES'));
  chmodSync(join(fresh, 'ckpt-run.cjs'), 0o755);
  writeFileSync(join(fresh, '.stamp'), `${stamp}\n`);
  // A source saved while we build must look newer than what we built from.
  utimesSync(join(fresh, '.stamp'), startedAt, startedAt);
  moveIntoPlace();
}

async function buildIfChanged(): Promise<void> {
  const startedAt = new Date();
  const stamp = fingerprint();
  if (process.argv.includes('--force') || stampOf(dist) !== stamp) await build(stamp, startedAt);
  else utimesSync(join(dist, '.stamp'), startedAt, startedAt);
}

buildIfChanged().catch((thrown: unknown) => {
  process.exitCode = 1;
  console.error(thrown instanceof Error ? thrown.message : thrown);
});
