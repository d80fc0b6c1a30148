import { existsSync } from 'node:fs';
import { freeMasterAddress } from '../../launcher/group/master-address.ts';
import { inDirectory, observeProgram } from './observed-program.ts';
import { commandOf, expectedRanks, type ProgramCase } from './programs.ts';

/** What torchrun says of a case: the rank in its "Root Cause", or nothing. */
export interface PlayedByTorchrun {
  readonly outcome: 'right' | 'wrong' | 'nothing';
  readonly tookMs: number | null;
  readonly named: number | null;
}

const TORCHRUN = '/usr/bin/torchrun';

/** Whether there is Debian's. */
export const hasTorchrun = existsSync(TORCHRUN);

/** Why something is skipped where there is none. */
export const NO_TORCHRUN = `no ${TORCHRUN} (Debian: python3-torch)`;

/** Its 1.13 fails on Python 3.11 without a choice of streams, which is for a rank that does not exist; and looks every 5 s only. */
const ENVIRONMENT = { PET_REDIRECTS: '9:1', PET_TEE: '9:1', PET_MONITOR_INTERVAL: '0.1' };

/** Longer than the time-out of the collectives and its 30 s for a rank that does not end. */
const WITH_TIMEOUT_MS = 60_000;

/** Where nothing times out, nothing is going to be said. */
const WITHOUT_TIMEOUT_MS = 30_000;

const ROOT_CAUSE = /^Root Cause[\s\S]*?^ *rank +: (\d+)/m;

/** Runs a case under torchrun and looks whom it blames. */
export const playUnderTorchrun = (hang: ProgramCase): Promise<PlayedByTorchrun> =>
  inDirectory(async (directory) => {
    const { port } = await freeMasterAddress();
    const { needsTorch, file } = hang.program;
    // A c10d rendezvous leaves the port of the ranks to the ranks.
    const meeting = needsTorch ? [`--master_port=${port}`] : ['--rdzv_backend=c10d', `--rdzv_endpoint=localhost:${port}`];
    const program = file.endsWith('.mjs') ? ['--no_python', process.execPath, ...commandOf(hang)] : commandOf(hang);
    const command = [TORCHRUN, `--nproc_per_node=${hang.worldSize}`, ...meeting, ...program];
    const silenceMs = needsTorch ? WITH_TIMEOUT_MS : WITHOUT_TIMEOUT_MS;
    const { stderr, tookMs } = await observeProgram(directory, command, ENVIRONMENT, { says: ROOT_CAUSE, silenceMs });
    const rank = ROOT_CAUSE.exec(stderr)?.[1];
    if (rank === undefined) return { outcome: 'nothing', tookMs: null, named: null };
    const named = Number(rank);
    return { outcome: expectedRanks(hang).includes(named) ? 'right' : 'wrong', tookMs, named };
  });
