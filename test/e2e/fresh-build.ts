import { execFileSync } from 'node:child_process';
import { ROOT } from '../../scripts/source-files.ts';

/** Builds what is stale, so that a run of vitest alone tests the sources and not an old build. */
export default function freshBuild(): void {
  execFileSync('sh', ['-euc', 'root=$PWD; . scripts/setup.sh'], { cwd: ROOT, stdio: 'inherit' });
}
