import { openCodeCache } from '../shared/platform/code-cache.ts';
import { descriptorOutput } from '../shared/platform/output.ts';
import { refusalOf } from './node-version.ts';

// The command's entry: everything else is compiled through the code cache, which an old Node.js cannot open.
// Without a listener, Node.js would open its inspector at SIGUSR1, to whoever can connect, and end at SIGQUIT, which asks how a run
// stands: until there is one, nothing has to be said.
for (const question of ['SIGUSR1', 'SIGQUIT'] as const) process.on(question, () => undefined);
const refusal = refusalOf(process.versions.node);
if (refusal !== undefined) {
  descriptorOutput(2).write(`${refusal.line}\n`);
  process.exit(refusal.exitCode);
}
const cache = openCodeCache(__dirname);
process.once('exit', cache.save);
cache.run('launcher.cjs');
