import { isJsonObject, type Json } from '../../contracts/json.ts';
import type { InspectorSession } from './inspector-session.ts';

/** A frame as the engine knows it, source maps not applied. */
export interface EngineFrame {
  /** A path or a URL, as the script was loaded; empty for one without a file. */
  readonly url: string;
  /** What the script says of its source map; null for none. */
  readonly sourceMapUrl: string | null;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Empty for one without a name, and at the top of a file. */
  readonly functionName: string;
}

/** The scripts that a process has loaded. */
export interface EngineScripts {
  /** Asks for them, once; settles when all are known. */
  known(): Promise<void>;
  /** What the engine calls a location, in words of its script, as far as that is known. */
  frameAt(location: Json | undefined, functionName: string): EngineFrame;
}

/** Begins to hear of them. */
export function scriptsOf(session: InspectorSession): EngineScripts {
  const scripts = new Map<Json | undefined, Pick<EngineFrame, 'url' | 'sourceMapUrl'>>();
  let asked: Promise<void> | undefined;
  session.on('Debugger.scriptParsed', ({ scriptId, url, sourceMapURL }) => {
    scripts.set(scriptId, { url: textOf(url), sourceMapUrl: textOf(sourceMapURL) || null });
  });
  return {
    known: () => (asked ??= session.ask('Debugger.enable').then(() => undefined)),
    frameAt: (location, functionName) => {
      const { scriptId, lineNumber, columnNumber } = isJsonObject(location) ? location : {};
      return {
        ...(scripts.get(scriptId) ?? { url: '', sourceMapUrl: null }),
        line: Number(lineNumber ?? 0) + 1,
        column: Number(columnNumber ?? 0) + 1,
        functionName,
      };
    },
  };
}

/** What an inspector says as a text. */
export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
