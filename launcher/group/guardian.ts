import { type ChildProcess, spawn } from 'node:child_process';
import { LAUNCHER_PID_VARIABLE, RUN_DIRECTORY_VARIABLE } from '../../shared/contracts/run-plan.ts';
import type { RunMark } from './run-mark.ts';

/** Outlives the launcher for a moment, to end what the launcher no longer can. */
export interface Guardian {
  /** Takes a process group into its care. */
  guard(leader: number): void;
  /** The group has ended: its number may be another's soon. */
  forget(leader: number): void;
  /** All ranks have ended well: it has nothing to write any more, whatever becomes of the launcher. */
  absolve(): void;
  /** The run has ended, and so does the guardian. */
  dismiss(): void;
}

/** A file that is there, and another name that it may get. */
export interface FileToLink {
  readonly from: string;
  readonly to: string;
}

/** What a guardian does besides if it must end the run. */
export interface LastWill {
  /** Unless the name is taken. */
  readonly links?: readonly FileToLink[] | undefined;
  /** When nothing of the run is left. */
  readonly removes?: string | undefined;
}

/**
 * Reads groups from its standard input, and kills them when that ends without a dot: then the launcher is gone, however it
 * went. What left the groups is found by its environment; read drops the NULs between the variables, so that a number must not
 * be followed by a digit. A process that is just being started has no environment yet: it is looked for again a little later. Where there is grep, the
 * shell need not read every environment itself, which it does byte by byte.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
launcher=$1 run=$2 leftover=$3 groups=' '
shift 3

is_ours() {
  pid= path=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in *"${LAUNCHER_PID_VARIABLE}=$launcher"[!0-9]* | *"${LAUNCHER_PID_VARIABLE}=$launcher") pid=ours ;; esac
    case $line in *"${RUN_DIRECTORY_VARIABLE}=$run/"*) path=ours ;; esac
  done <"$1"
  [ "$pid$path" = oursours ]
}

while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;;
    =) set -- ;;
    .) exit 0 ;;
  esac
done

candidates() {
  grep -lsF -e "${RUN_DIRECTORY_VARIABLE}=$run/" /proc/[0-9]*/environ
  [ $? -lt 126 ] || echo /proc/[0-9]*/environ
}

end_strays() {
  for pass in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    found=
    for file in $(candidates); do
      process=\${file%/environ}
      is_ours "$file" && kill -s KILL "\${process#/proc/}" && found=yes
    done
    [ -n "$found" ] || break
  done
}

for group in $groups; do kill -s KILL -- "-$group"; done
while [ $# -gt 1 ]; do
  ln -- "$1" "$2"
  shift 2
done
end_strays
sleep 0.1 || sleep 1
end_strays
sleep 1
end_strays
[ -z "$leftover" ] || rm -rf -- "$leftover"
`;

/** Starts a guardian; `onMissing` is told when there is none, or none any more. */
export function startGuardian(
  { launcherPid, runPath }: RunMark,
  { links = [], removes }: LastWill,
  onMissing: (why: Error) => void,
): Guardian {
  const args = [
    '-c',
    SCRIPT,
    'ckpt-run-guardian',
    String(launcherPid),
    runPath,
    removes ?? '',
    ...links.flatMap(({ from, to }) => [from, to]),
  ];
  // Its environment is its own: were it that of a launcher which is a rank itself, it would be taken for a stray.
  const env = { PATH: '/usr/bin:/bin' };
  const child: ChildProcess = spawn('/bin/sh', args, { detached: true, cwd: '/', env, stdio: ['pipe', 'ignore', 'ignore'] });
  const onExit = (code: number | null, signal: string | null): void =>
    onMissing(new Error(`its guardian ${signal === null ? `exited with code ${code}` : `was killed by ${signal}`}`));
  child.once('error', onMissing).once('exit', onExit);
  // Where even its pipe could not be made, it has none.
  const { stdin } = child;
  stdin?.on('error', () => undefined);
  child.unref();
  return {
    guard: (leader) => void stdin?.write(`+ ${leader}\n`),
    forget: (leader) => void stdin?.write(`- ${leader}\n`),
    absolve: () => void stdin?.write('=\n'),
    dismiss: () => {
      child.off('exit', onExit);
      stdin?.end('.\n');
    },
  };
}
