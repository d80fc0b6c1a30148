import { delimiter, join } from 'node:path';

/** What Python's path was before the watch came first on it; unset where it was. Python restores it at its start. */
export const WATCH_PYTHON_PATH_VARIABLE = 'CKPT_RUN_WATCH_PYTHONPATH';
/** What Node's options were before those of the watch came first; unset where they were. Node restores them at its start. */
export const WATCH_NODE_OPTIONS_VARIABLE = 'CKPT_RUN_WATCH_NODE_OPTIONS';

/** Where the files are with which a program lets its stacks be seen. */
export interface WatchFiles {
  /** The directory of the `sitecustomize` for Python. */
  readonly pythonDirectory: string;
  /** The module that Node loads first. */
  readonly nodeModule: string;
}

/** Those of our package. */
export const watchFilesIn = (packageDirectory: string): WatchFiles => ({
  pythonDirectory: join(packageDirectory, 'python', 'ckpt_run_watch'),
  nodeModule: join(packageDirectory, 'dist', 'watched-node.cjs'),
});

type Environment = Readonly<Record<string, string>>;

/** Node opens its inspector at SIGUSR1: on a port of its own, for this host alone, and without a word about it. */
const QUIET_INSPECTOR = '--inspect-port=127.0.0.1:0 --inspect-publish-uid=http';

/** The environment of a program whose stacks can be seen, given the one that it would have. Pure. */
export const watchEnvironment = (
  environment: Environment,
  { pythonDirectory, nodeModule }: WatchFiles,
): Record<string, string> => ({
  ...environment,
  ...before(environment, 'PYTHONPATH', WATCH_PYTHON_PATH_VARIABLE, pythonDirectory, delimiter),
  ...before(environment, 'NODE_OPTIONS', WATCH_NODE_OPTIONS_VARIABLE, `${QUIET_INSPECTOR} --require ${quoted(nodeModule)}`, ' '),
});

function before(environment: Environment, name: string, keptIn: string, ours: string, between: string): Environment {
  const theirs = environment[name];
  // What is empty has no part of its own: behind a colon it would be the working directory.
  return { [name]: theirs ? `${ours}${between}${theirs}` : ours, ...(theirs === undefined ? {} : { [keptIn]: theirs }) };
}

/** As Node reads its options from the environment. */
const quoted = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
