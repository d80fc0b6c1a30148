/** libuv's default, and its limit. */
const USUAL = 4;
const MOST = 1024;

/** How many threads work on the files of a process of Node in this environment, as libuv reads it. */
export function poolSize(environment: Readonly<Record<string, string | undefined>>): number {
  const asked = environment['UV_THREADPOOL_SIZE'];
  // What is no number, or none, is one thread; what is below zero is as many as there can be.
  const size = asked === undefined ? USUAL : Number.parseInt(asked, 10) || 1;
  return size < 0 ? MOST : Math.min(MOST, size);
}
