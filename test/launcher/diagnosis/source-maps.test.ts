import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { openSourceMaps } from '../../../launcher/diagnosis/source-maps.ts';
import { placesIn } from '../../../launcher/diagnosis/stack-text.ts';
import type { CodePlace } from '../../../shared/contracts/diagnosis.ts';
import { type Disk, nodeDisk } from '../../../shared/platform/disk.ts';
import type { EngineFrame } from '../../../shared/platform/inspector/engine-scripts.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';

const SOURCE = `interface Metrics { readonly loss: number }

type Options = { readonly name: string };

export function validate(metrics: Metrics, options: Options): Error {
  const text: string = options.name + metrics.loss;
  return new Error(text);
}
`;

interface Built {
  readonly source: string;
  readonly script: string;
  /** Of the error that the script makes. */
  readonly frame: EngineFrame;
}

/** Bundles the source, as users do. */
function built(options: BuildOptions): Built {
  const directory = temporaryDirectory();
  const [source, script] = [join(directory, 'src', 'validate.ts'), join(directory, 'out', 'bundle.mjs')];
  nodeDisk.makeDirectory(join(directory, 'src'));
  writeFileSync(source, SOURCE);
  buildSync({ entryPoints: [source], outfile: script, bundle: true, format: 'esm', minifyWhitespace: true, ...options });
  const [code = ''] = nodeDisk.readText(script).split('\n');
  const column = code.indexOf('new Error') + 1;
  return { source, script, frame: { url: script, sourceMapUrl: null, line: 1, column, functionName: 'validate' } };
}

const mapped = (frame: EngineFrame): CodePlace | undefined => openSourceMaps(nodeDisk).mapFrame(frame);

test.for([
  ['beside the script', { sourcemap: 'linked' }, 'src/validate.ts'],
  ['within the script', { sourcemap: 'inline' }, 'src/validate.ts'],
  ['with a source root', { sourcemap: 'linked', sourceRoot: '../src/' }, 'src/validate.ts'],
] as const)('a map %s leads to the source', ([, options]) => {
  const { source, frame } = built(options);
  const place = { file: source, line: 7, column: 10, functionName: 'validate' };
  expect(mapped(frame)).toEqual(place);
  expect(mapped({ ...frame, url: pathToFileURL(frame.url).href })).toEqual(place);
});

test('without a map, or with one that cannot be read, the place is that in the script', () => {
  const plain = built({});
  const { line, column, functionName } = plain.frame;
  expect(mapped(plain.frame)).toEqual({ file: plain.script, line, column, functionName });
  const { script, frame } = built({ sourcemap: 'linked' });
  for (const broken of ['', '{', '{}', '{"version":3,"mappings":1,"sources":[]}']) {
    writeFileSync(`${script}.map`, broken);
    expect(mapped(frame)?.file).toBe(script);
  }
});

test('what is on a line without an entry is not taken for what is on an earlier one', () => {
  const { script, frame } = built({ sourcemap: 'linked' });
  expect(mapped({ ...frame, line: 900 })).toEqual({ file: script, line: 900, column: frame.column, functionName: 'validate' });
});

test('what the engine says of a map is believed, and a map is read once', () => {
  const { source, script, frame } = built({ sourcemap: 'external' });
  expect(mapped(frame)?.file).toBe(script);
  let reads = 0;
  const disk: Disk = { ...nodeDisk, readText: (path) => nodeDisk.readText(path) + ' '.repeat(reads++) };
  const maps = openSourceMaps(disk);
  const named = { ...frame, sourceMapUrl: 'bundle.mjs.map' };
  expect([maps.mapFrame(named), maps.mapFrame(named)]).toMatchObject([{ file: source, line: 7 }, { line: 7 }]);
  expect(reads).toBe(1);
  const data = `data:application/json,${encodeURIComponent(nodeDisk.readText(`${script}.map`))}`;
  expect(mapped({ ...frame, sourceMapUrl: data })).toMatchObject({ line: 7, column: 10 });
});

test("an error's stack leads to the sources, without Node's own", () => {
  const { source, frame } = built({ sourcemap: 'linked' });
  const stack = `Error: no
    at validate (${frame.url}:1:${frame.column})
    at async node:internal/timers:1:1
    at async /plain.js:3:4`;
  expect(placesIn({ message: 'no', stack }, openSourceMaps(nodeDisk))).toEqual([
    { file: source, line: 7, column: 10, functionName: 'validate' },
    { file: '/plain.js', line: 3, column: 4, functionName: null },
  ]);
});

test("Node's own code and what has no file have no place", () => {
  const maps = openSourceMaps(nodeDisk);
  for (const url of ['node:internal/timers', '', 'evalmachine.<anonymous>', 'data:text/javascript,1', 'file://elsewhere/x'])
    expect(maps.mapFrame({ url, sourceMapUrl: null, line: 1, column: 1, functionName: 'f' })).toBeUndefined();
});

test('a source that is no file is named as it is', () => {
  const map = { version: 3, sources: ['webpack://app/./save.ts'], names: [], mappings: 'AAAA' };
  const sourceMapUrl = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`;
  const place = openSourceMaps(nodeDisk).mapFrame({ url: '/a.js', sourceMapUrl, line: 1, column: 1, functionName: '' });
  expect(place).toEqual({ file: 'webpack://app/./save.ts', line: 1, column: 1, functionName: null });
});
