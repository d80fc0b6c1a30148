import { openCodeCache } from '../shared/platform/code-cache.ts';

// The command's entry: everything else is compiled through the code cache.
const cache = openCodeCache(__dirname);
process.once('exit', cache.save);
cache.run('launcher.cjs');
