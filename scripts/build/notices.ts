import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function noticeOf(directory: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Record<string, string>;
  const file = readdirSync(directory).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file === undefined ? '' : `\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}

/** Lists every package inside the bundles with its licence, as those licences ask. */
export function writeNotices(root: string, metafiles: readonly Metafile[], path: string): void {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const directories = new Set(inputs.flatMap((input) => PACKAGE.exec(input)?.[0] ?? []));
  const notices = [...directories].sort().map((directory) => noticeOf(join(root, directory)));
  writeFileSync(path, notices.join(`\n${'-'.repeat(80)}\n\n`));
}
