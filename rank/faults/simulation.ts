import type { Fault, FaultKind, SimulatedDeed } from '../../shared/contracts/fault.ts';
import { readArrivalName } from '../../shared/platform/barrier/barrier-paths.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { Disk } from '../../shared/platform/disk.ts';
import type { Platform } from '../../shared/platform/platform.ts';
import type { RankContext } from '../context.ts';

const SIMULATED: Readonly<Record<SimulatedDeed['kind'], true>> = {
  'hold-lock': true,
  'freeze-host': true,
  'hide-files': true,
  'skew-clock': true,
};

/** Whether a fault changes the world that a rank sees rather than the rank. */
export const isSimulated = (kind: FaultKind): kind is SimulatedDeed['kind'] => kind in SIMULATED;

/** What is said of a simulation, lest what it does be taken for the world's doing. */
export const simulationNotice = (rank: number, kind: SimulatedDeed['kind']): string =>
  `ckpt-run: rank ${rank}: ${kind}, simulated as ordered\n`;

/** Every such line in a text. */
export const SIMULATION_NOTICES = /^ckpt-run: rank \d+: [a-z-]+, simulated as ordered\n/gm;

/** What a rank calls its host that is to be frozen. */
const SIMULATED_HOST = 'simulated-host';

/** The same platform, with a clock and a disk of this rank's own: a fault can change them in the hands of whoever has them. */
export function pliablePlatform(platform: Platform, faults: readonly Fault[], rank: number): Platform {
  const isElsewhere = faults.some((fault) => fault.kind === 'freeze-host' && fault.rank === rank);
  const host = isElsewhere ? SIMULATED_HOST : platform.host;
  return { ...platform, clock: { ...platform.clock }, disk: { ...platform.disk }, host };
}

type Actors = Pick<RankContext, 'platform' | 'sabotage' | 'run' | 'world' | 'doing' | 'heart'>;

/** Changes the world of a rank, whose platform is a {@link pliablePlatform}. `pipe` is a path where it may block. */
export function simulate(deed: SimulatedDeed, pipe: string, actors: Actors): Promise<void> | undefined {
  const { platform, sabotage, run, world, heart } = actors;
  switch (deed.kind) {
    case 'hold-lock':
      return waitForLock(actors);
    case 'freeze-host':
      heart.freeze();
      return void sabotage.blockOn(pipe);
    case 'hide-files':
      return void hideOthers(platform.disk, run.barriers, world.rank);
    case 'skew-clock':
      return void runAhead(platform.clock, heart.runAhead);
  }
}

/** Greater than any number that Linux gives a process. */
const NOBODY = 2 ** 22;
const LOOK_EVERY_MS = 100;

/** Until somebody removes the lock. */
function waitForLock({ platform: { clock, disk, host }, run, world, doing }: Actors): Promise<void> {
  const path = `${run.path}/simulated-lock-of-rank-${world.rank}`;
  disk.write(path, `${JSON.stringify({ pid: NOBODY, host })}\n`);
  const untilFree = async (): Promise<void> => {
    while (disk.kindOf(path) !== 'nothing') await new Promise<void>((resolve) => clock.after(LOOK_EVERY_MS, resolve));
  };
  const lock = { path, holder: `pid ${NOBODY} (simulated)`, holderPid: NOBODY };
  return doing.during(`a wait for the lock ${path}, held by ${lock.holder}`, untilFree, lock);
}

/** What other ranks put down at barriers is not there any more. */
function hideOthers(disk: Disk, barriers: string, rank: number): void {
  const { list, kindOf, readTextIfAny, linkIfFree } = { ...disk };
  const ownDecisions = new Set<string>();
  const isHidden = (path: string): boolean => {
    const [folder = '', name] = path.startsWith(`${barriers}/`) ? path.slice(barriers.length + 1).split('/') : [];
    if (name === undefined) return false;
    return folder === 'decisions' ? !ownDecisions.has(path) : (readArrivalName(name)?.rank ?? rank) !== rank;
  };
  const blind: Pick<Disk, 'list' | 'kindOf' | 'readTextIfAny' | 'linkIfFree'> = {
    list: (path) => list(path).filter((name) => !isHidden(`${path}/${name}`)),
    kindOf: (path) => (isHidden(path) ? 'nothing' : kindOf(path)),
    readTextIfAny: (path) => (isHidden(path) ? undefined : readTextIfAny(path)),
    linkIfFree: (existing, path) => {
      const isOurs = linkIfFree(existing, path);
      if (isOurs) ownDecisions.add(path);
      return isOurs;
    },
  };
  Object.assign(disk, blind);
}

const HOUR_MS = 3_600_000;

/** Both clocks jump an hour ahead now, and again whenever somebody has waited by them, if only for a moment: no barrier has that much time. */
function runAhead(clock: Clock, tell: (aheadMs: number) => void): void {
  const { nowMs, monotonicMs, after } = { ...clock };
  let aheadMs = 0;
  const jump = (): void => {
    aheadMs += HOUR_MS;
    tell(aheadMs);
  };
  jump();
  const fast: Pick<Clock, 'nowMs' | 'monotonicMs' | 'after'> = {
    nowMs: () => nowMs() + aheadMs,
    monotonicMs: () => monotonicMs() + aheadMs,
    after: (_, callback) =>
      after(0, () => {
        jump();
        callback();
      }),
  };
  Object.assign(clock, fast);
}
