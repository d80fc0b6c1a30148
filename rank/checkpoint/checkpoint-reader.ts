import { join } from 'node:path';
import { checkpointStep, MANIFEST, type Manifest, type ManifestFile } from '../../shared/contracts/checkpoint.ts';
import { messageOf } from '../../shared/contracts/errors.ts';
import type { CheckpointOnDisk } from '../../shared/contracts/evidence.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../shared/contracts/json.ts';
import { parseManifest } from '../../shared/contracts/manifest.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import { rankStateName, sha256 } from './checkpoint-files.ts';

/** A committed checkpoint as it was read back. */
export interface ReadCheckpoint {
  readonly manifest: Manifest | undefined;
  readonly manifestSha256: string;
  /** What is wrong with it, in one sentence; null when it is whole. */
  readonly problem: string | null;
}

/** Reads a checkpoint and compares it with its manifest; of the files only those that `examines` chooses are hashed. */
export function readCheckpoint(
  disk: Disk,
  directory: string,
  examines: (file: ManifestFile) => boolean = () => true,
): ReadCheckpoint {
  const text = disk.readTextIfAny(join(directory, MANIFEST));
  if (text === undefined) return { manifest: undefined, manifestSha256: '', problem: `${directory} has no ${MANIFEST}` };
  const manifest = parseManifest(text);
  const manifestSha256 = sha256(text);
  if (manifest === undefined) return { manifest, manifestSha256, problem: `${directory}/${MANIFEST} is not a manifest` };
  return {
    manifest,
    manifestSha256,
    problem: listingProblem(disk, directory, manifest) ?? contentProblem(disk, directory, manifest, examines),
  };
}

/** What the callbacks of a rank remembered; nothing where that cannot be read. */
export function readCallbackState(disk: Disk, directory: string, rank: number): JsonObject {
  const saved = parseJson(disk.readTextIfAny(join(directory, rankStateName(rank))) ?? 'null', isJsonObject)?.['callbacks'];
  return isJsonObject(saved) ? saved : {};
}

function listingProblem(disk: Disk, directory: string, { files }: Manifest): string | null {
  const present = new Set(disk.list(directory));
  const missing = files.find(({ path }) => !present.has(path));
  return missing === undefined ? null : `${missing.path} is missing`;
}

function contentProblem(
  disk: Disk,
  directory: string,
  { files }: Manifest,
  examines: (file: ManifestFile) => boolean,
): string | null {
  for (const file of files.filter(examines)) {
    try {
      if (sha256(disk.readBytes(join(directory, file.path))) !== file.sha256)
        return `${file.path} has changed since it was written`;
    } catch (thrown) {
      return `${file.path} cannot be read: ${messageOf(thrown)}`;
    }
  }
  return null;
}

/** Steps of the committed checkpoints in a scenario's directory, ascending: exactly `checkpoint-<digits>` with a manifest. */
export const listCommitted = (disk: Disk, scenarioDirectory: string): readonly number[] =>
  committedDirectories(disk, scenarioDirectory).map(({ step }) => step);

/** The same checkpoints, each read whole and held against the digest of the manifest that was committed for its step. */
export const examineAll = (
  disk: Disk,
  scenarioDirectory: string,
  digests: ReadonlyMap<number, string>,
): readonly CheckpointOnDisk[] =>
  committedDirectories(disk, scenarioDirectory).map(({ step, path }) => {
    const { manifestSha256, problem } = readCheckpoint(disk, path);
    const committed = digests.get(step);
    const isOther = committed !== undefined && committed !== manifestSha256;
    return { step, problem: problem ?? (isOther ? `${MANIFEST} is not the one that was committed` : null) };
  });

function committedDirectories(
  disk: Disk,
  scenarioDirectory: string,
): readonly { readonly path: string; readonly step: number }[] {
  return disk
    .list(scenarioDirectory)
    .map((name) => ({ step: checkpointStep(name), path: join(scenarioDirectory, name) }))
    .filter(
      (entry): entry is { step: number; path: string } => entry.step !== undefined && disk.kindOf(entry.path) === 'directory',
    )
    .filter(({ path }) => disk.kindOf(join(path, MANIFEST)) === 'file')
    .sort((a, b) => a.step - b.step);
}
