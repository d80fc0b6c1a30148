import { expect, test } from 'vitest';
import { refusalOf } from '../../launcher/node-version.ts';

test.for(['18.20.8', '19.9.0', '20.0.0', '20.18.3'])('Node.js %s is refused in one line that names it', (version) => {
  expect(refusalOf(version)).toEqual({
    line: `ckpt-run: Node.js 20.19 or newer is needed, and this is v${version}: install it from https://nodejs.org.`,
    exitCode: 126,
  });
});

test.for(['20.19.0', '20.20.2', '22.0.0', '24.11.1', '100.0.0'])('Node.js %s will do', (version) => {
  expect(refusalOf(version)).toBeUndefined();
});
