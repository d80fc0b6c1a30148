import { openCodeCache } from '../shared/platform/code-cache.ts';

// A rank's entry: everything else is compiled through the code cache, which rank 0 alone fills.
const cache = openCodeCache(__dirname);
if (process.env['RANK'] === '0') process.once('exit', cache.save);
cache.run('rank-program.cjs');
