import { SourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CodePlace } from '../../shared/contracts/diagnosis.ts';
import { isJsonObject, parseJson } from '../../shared/contracts/json.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import type { EngineFrame } from '../../shared/platform/inspector/engine-scripts.ts';

/** The way from what the engine runs to what somebody wrote. */
export interface SourceMaps {
  /** Where a frame is in its source; the place itself where there is no map. Undefined for Node's own and for what has no file. */
  mapFrame(frame: EngineFrame): CodePlace | undefined;
}

interface LoadedMap {
  readonly map: SourceMap;
  /** What its sources are relative to. */
  readonly file: string;
  readonly sourceRoot: string;
}

/** At most so many bytes from the end of a script hold the comment that names its map. */
const COMMENT_BYTES = 1024;
const COMMENT = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/m;

/** Each map is read once, when the first frame asks for it; one that cannot be read or understood maps nothing. */
export function openSourceMaps(disk: Disk): SourceMaps {
  const loaded = new Map<string, LoadedMap | undefined>();
  const mapOf = (file: string, { url, sourceMapUrl }: EngineFrame): LoadedMap | undefined => {
    const key = `${url} ${sourceMapUrl}`;
    if (!loaded.has(key)) loaded.set(key, loadMap(disk, file, sourceMapUrl));
    return loaded.get(key);
  };
  return {
    mapFrame: (frame) => {
      const file = fileOf(frame.url);
      if (file === undefined) return undefined;
      const functionName = frame.functionName === '' ? null : frame.functionName;
      return { ...(sourceOf(mapOf(file, frame), frame) ?? { file, line: frame.line, column: frame.column }), functionName };
    },
  };
}

function fileOf(url: string): string | undefined {
  if (isAbsolute(url)) return url;
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : undefined;
  } catch {
    return undefined;
  }
}

function sourceOf(loaded: LoadedMap | undefined, { line, column }: EngineFrame): Omit<CodePlace, 'functionName'> | undefined {
  const entry = loaded?.map.findEntry(line - 1, column - 1);
  // The nearest entry can be that of an earlier line, which says nothing of this one.
  if (loaded === undefined || entry === undefined || !('originalSource' in entry) || entry.generatedLine !== line - 1)
    return undefined;
  if (!entry.originalSource) return undefined;
  const file = inDirectoryOf(loaded, entry.originalSource);
  return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** A source with a scheme of its own (webpack:) is no file, and named as it is. */
function inDirectoryOf({ file, sourceRoot }: LoadedMap, source: string): string {
  const rooted = /^[a-z]+:/.test(source) || sourceRoot === '' ? source : `${sourceRoot.replace(/\/$/, '')}/${source}`;
  return fileOf(rooted) ?? (/^[a-z]+:/.test(rooted) ? rooted : resolve(dirname(file), rooted));
}

function loadMap(disk: Disk, script: string, named: string | null): LoadedMap | undefined {
  try {
    const name = named ?? COMMENT.exec(disk.readEnd(script, COMMENT_BYTES).toString())?.[1];
    if (name === undefined) return undefined;
    const url = new URL(name, pathToFileURL(script));
    return url.protocol === 'data:'
      ? understand(dataOf(url), script)
      : understand(disk.readText(fileURLToPath(url)), fileURLToPath(url));
  } catch {
    return undefined;
  }
}

function dataOf({ href }: URL): string {
  const [head = '', ...data] = href.split(',');
  const text = data.join(',');
  return head.endsWith(';base64') ? Buffer.from(text, 'base64').toString() : decodeURIComponent(text);
}

function understand(text: string, file: string): LoadedMap | undefined {
  const { mappings, sources, sourceRoot } = parseJson(text, isJsonObject) ?? {};
  if (typeof mappings !== 'string' || !Array.isArray(sources)) return undefined;
  const names = sources.map((source: unknown) => (typeof source === 'string' ? source : ''));
  const payload = { file: '', version: 3, sources: names, sourcesContent: [], names: [], mappings, sourceRoot: '' };
  return { map: new SourceMap(payload), file, sourceRoot: typeof sourceRoot === 'string' ? sourceRoot : '' };
}
