import { openCodeCache } from '../shared/platform/code-cache.ts';
import { descriptorOutput } from '../shared/platform/output.ts';
import { refusalOf } from './node-version.ts';

// The command's entry: everything else is compiled through the code cache, which an old Node.js cannot open.
const refusal = refusalOf(process.versions.node);
if (refusal !== undefined) {
  descriptorOutput(2).write(`${refusal.line}\n`);
  process.exit(refusal.exitCode);
}
// Without a listener, Node.js would open its inspector at this signal, to whoever can connect.
process.on('SIGUSR1', () => undefined);
const cache = openCodeCache(__dirname);
process.once('exit', cache.save);
cache.run('launcher.cjs');
