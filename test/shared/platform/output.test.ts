import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descriptorOutput, escapeControl } from '../../../shared/platform/output.ts';
import { temporaryDirectory } from '../../e2e/run-command.ts';
import { buildFixture } from '../../fixtures/build-fixture.ts';
import '../../property-seed.ts';

const anyCharacter = fc.integer({ min: 0, max: 0x2fff }).map((code) => String.fromCharCode(code));

describe('text for people', () => {
  test('has its control characters escaped, and its lines and tabs left', () => {
    expect(escapeControl('a\tb\nc\u001b[31md\r\u0000\u007f\u009b\u2028')).toBe('a\tb\nc\\x1b[31md\\x0d\\x00\\x7f\\x9b\\x2028');
  });

  test('can neither turn what is written around nor hide in it', () => {
    expect(escapeControl('a\u202eb\u2066c\u200bd\u200fe\ufefff\u00ad')).toBe('a\\x202eb\\x2066c\\x200bd\\x200fe\\xfefff\\xad');
  });

  test('is never able to move a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (any) => {
        expect(escapeControl(any)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });

  test('that is printable stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (any) => {
        expect(escapeControl(any)).toBe(any);
      }),
    );
    expect(escapeControl('✓ größer ≤ 漢字 🚀')).toBe('✓ größer ≤ 漢字 🚀');
  });
});

test('a descriptor gets all of a long text', () => {
  const file = join(temporaryDirectory(), 'out');
  const descriptor = openSync(file, 'w');
  const long = '✓ line\n'.repeat(50_000);
  descriptorOutput(descriptor).write(long);
  closeSync(descriptor);
  expect(readFileSync(file, 'utf8')).toBe(long);
});

test('what is no closed pipe is an error', () => {
  expect(() => descriptorOutput(999_999).write('x')).toThrow(expect.objectContaining({ code: 'EBADF' }));
});

/** Starts a program that writes 20 000 lines to a pipe by our output, and says on stderr what kind of pipe that is. */
function startWriter(kind: string): ChildProcessByStdio<null, Readable, Readable> {
  const program = buildFixture('long-writer', temporaryDirectory());
  return spawn(process.execPath, [program, kind], { stdio: ['ignore', 'pipe', 'pipe'] });
}

test('a pipe whose reader has gone drops the rest quietly', { timeout: 30_000 }, async () => {
  const child = startWriter('blocking');
  child.stdout.once('data', () => child.stdout.destroy());
  const said = text(child.stderr);
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await said).toBe('blocking\nend\n');
});

test('a pipe that does not block gets everything, however late it is read', { timeout: 30_000 }, async () => {
  const child = startWriter('non-blocking');
  const [kind] = (await once(child.stderr, 'data')) as [Buffer];
  expect(kind.toString()).toBe('non-blocking\n');
  const lines = (await text(child.stdout)).split('\n');
  expect([lines.length, lines[19_999], lines[20_000]]).toEqual([20_001, 'line 19999', '']);
});
