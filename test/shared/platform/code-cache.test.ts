import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { buildFixture } from '../../fixtures/build-fixture.ts';

let directory = '';
let starter = '';

beforeEach(() => {
  starter = buildFixture('cached-start', temporaryDirectory());
  directory = temporaryDirectory();
  mkdirSync(join(directory, 'lib'));
});

const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);

/** Starts the program in a process of its own, and gives what it printed. */
function start(): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [starter, directory], {
    encoding: 'utf8',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: '' },
  });
  return status === 0 ? stdout.trimEnd() : stderr;
}

const cacheFiles = (): readonly string[] => {
  const versions = join(directory, '.code-cache');
  return readdirSync(versions).flatMap((version) =>
    readdirSync(join(versions, version)).map((name) => join(versions, version, name)),
  );
};

/** A program with a file that it requires; prints 42 and three times true. */
function writeProgram(): void {
  write(
    'program.cjs',
    `#!/usr/bin/env node
const { twice } = require('./lib/twice.cjs');
console.log(twice(21), require('node:path').basename(__filename) === 'program.cjs', module.exports === exports, require.resolve('./lib/twice.cjs').startsWith(__dirname));
`,
  );
  write('lib/twice.cjs', `'use strict'; exports.twice = (n) => 2 * n;`);
}

const FINE = '42 true true true';

describe('with a code cache', () => {
  test('a program runs with all that it requires, the first time and from the cache', () => {
    writeProgram();
    expect(start()).toBe(FINE);
    const files = cacheFiles();
    expect(files.map((file) => file.replace(/^.*\/|-.*$/g, '')).sort()).toEqual(['program.cjs', 'twice.cjs']);
    const contents = files.map((file) => readFileSync(file));
    expect(start()).toBe(FINE);
    expect(cacheFiles().map((file) => readFileSync(file))).toEqual(contents);
  });

  test('a file required twice is run once, and a circle of files sees what is exported so far', () => {
    write('program.cjs', `exports.early = 1; require('./lib/b.cjs'); require('./lib/b.cjs');`);
    write('lib/b.cjs', `console.log(require('../program.cjs').early);`);
    expect([start(), start()]).toEqual(['1', '1']);
  });

  test('a program that was changed is run as it is now, even at the same length', () => {
    write('program.cjs', `console.log('old');`);
    start();
    write('program.cjs', `console.log('new');`);
    utimesSync(join(directory, 'program.cjs'), new Date(), new Date(Date.now() + 5000));
    expect([start(), start()]).toEqual(['new', 'new']);
  });

  test('damage to it costs nothing but time, and it is written anew', () => {
    writeProgram();
    start();
    const [first = '', second = ''] = cacheFiles();
    const whole = readFileSync(first);
    writeFileSync(first, 'not a cache');
    writeFileSync(second, '');
    expect(start()).toBe(FINE);
    expect(readFileSync(first).length).toBe(whole.length);
  });

  test('a package that cannot be written runs all the same', () => {
    writeProgram();
    // Not even root makes a directory in place of a file.
    write('.code-cache', '');
    expect([start(), start()]).toEqual([FINE, FINE]);
  });

  test('an error has the line and the file of its source, from the cache too', () => {
    write('program.cjs', `'use strict';\n\nif (globalThis) throw new RangeError('here');\n`);
    const place = `${join(directory, 'program.cjs')}:3`;
    for (const said of [start(), start()]) expect(said).toMatch(new RegExp(`^${place}\\n[^]*RangeError: here\\n +at ${place}:`));
  });
});
