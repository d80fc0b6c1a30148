import { EXIT_CODES } from '../shared/contracts/exit-code.ts';

/** One line about a Node.js that is too old, and the exit code for it; undefined for one that will do. */
export function refusalOf(version: string): { readonly line: string; readonly exitCode: number } | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  const line = `ckpt-run: Node.js 20.19 or newer is needed, and this is v${version}: install it from https://nodejs.org.`;
  return { line, exitCode: EXIT_CODES.cannotExecute };
}
