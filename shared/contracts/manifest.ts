import type { Manifest, ManifestFile } from './checkpoint.ts';
import { count } from './expectation.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from './json.ts';

/** Reads a manifest; undefined for text that is not one of ours. */
export const parseManifest = (text: string | undefined): Manifest | undefined => parseJson(text ?? 'null', isManifest);

const isManifest = (read: unknown): read is Manifest =>
  isJsonObject(read) &&
  read['format'] === 'ckpt-run-checkpoint' &&
  read['version'] === 1 &&
  typeof read['runId'] === 'string' &&
  typeof read['step'] === 'number' &&
  Array.isArray(read['files']) &&
  read['files'].every(isManifestFile);

/** True for what a manifest says of one file. */
export const isManifestFile = (value: unknown): value is JsonObject & ManifestFile =>
  isJsonObject(value) &&
  isFileName(value['path']) &&
  count.accepts(value['bytes']) &&
  typeof value['sha256'] === 'string' &&
  count.accepts(value['rank']);

/** A manifest says what may be removed with its checkpoint: nothing outside of its directory. */
const isFileName = (path: Json | undefined): boolean => typeof path === 'string' && /^(?!\.{1,2}$)[^/\0]+$/.test(path);
