import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const DOORS = ['rank/public', 'launcher/harness'];
const SPECIFIER = /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"])([^'"]+)\2/g;
const COMMENT = /^\s*(?:\/\*|\*|\/\/)/;

/** Writes what TypeScript says about the doors, whether or not they type-check: that is another gate's business. */
async function emit(root: string, outDir: string): Promise<void> {
  const compilerOptions = { noEmit: false, declaration: true, emitDeclarationOnly: true, noCheck: true, rootDir: root, outDir };
  const files = DOORS.map((door) => join(root, `${door}.ts`));
  const project = join(outDir, 'tsconfig.json');
  mkdirSync(outDir, { recursive: true });
  writeFileSync(project, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await promisify(execFile)(process.execPath, [compiler, '-p', project], { cwd: root }).catch(
    (failed: { readonly stdout: string }) => {
      throw new Error(failed.stdout.trimEnd());
    },
  );
}

/** Older compilers want `.js` in a declaration where we write `.ts`. Returns what the file imports. */
function settle(path: string): readonly string[] {
  const imports: string[] = [];
  const settleLine = (line: string): string =>
    line.replace(SPECIFIER, (_, before: string, quote: string, specifier: string) => {
      imports.push(specifier);
      return `${before}${quote}${specifier.replace(/^(\..*)\.ts$/, '$1.js')}${quote}`;
    });
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.map((line) => (COMMENT.test(line) ? line : settleLine(line))).join('\n'));
  return imports;
}

function reachedFrom(doors: readonly string[]): ReadonlySet<string> {
  const reached = new Set(doors);
  for (const file of reached) {
    for (const specifier of settle(file)) {
      if (!specifier.startsWith('.')) throw new Error(`${file} needs the types of '${specifier}', which consumers do not have`);
      reached.add(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
    }
  }
  return reached;
}

/** Declares both doors and what their types need, and nothing else. */
export async function buildDeclarations(root: string, outDir: string): Promise<void> {
  await emit(root, outDir);
  const reached = reachedFrom(DOORS.map((door) => join(outDir, `${door}.d.ts`)));
  for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(path)) rmSync(path);
  }
}
