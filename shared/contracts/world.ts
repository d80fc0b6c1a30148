/** The ranks of one run and this rank's place among them, in torchrun's words. */
export interface World {
  /** Global index of this rank, from 0. */
  readonly rank: number;
  /** Index of this rank on its machine. */
  readonly localRank: number;
  /** Number of ranks in all. */
  readonly worldSize: number;
  /** Number of ranks on this machine. */
  readonly localWorldSize: number;
  /** Index of this machine. */
  readonly groupRank: number;
  readonly runId: string;
  /** How many times the group has been started before: torchrun's restart count. */
  readonly attempt: number;
}

/** Where torch's rendezvous would listen. */
export interface MasterAddress {
  readonly host: string;
  readonly port: number;
}

/** What torchrun tells a rank besides, and no rank of ours asks for. */
export interface GroupTerms {
  /** Number of machines. */
  readonly groupWorldSize: number;
  /** The role that every rank has. */
  readonly roleName: string;
  readonly maxRestarts: number;
}

const ALONE: GroupTerms = { groupWorldSize: 1, roleName: 'default', maxRestarts: 0 };

/** The environment torchrun gives to a rank; read back by {@link worldFromEnvironment}. */
export function environmentOf(world: World, master: MasterAddress, terms = ALONE): Record<string, string> {
  return {
    RANK: String(world.rank),
    LOCAL_RANK: String(world.localRank),
    WORLD_SIZE: String(world.worldSize),
    LOCAL_WORLD_SIZE: String(world.localWorldSize),
    GROUP_RANK: String(world.groupRank),
    GROUP_WORLD_SIZE: String(terms.groupWorldSize),
    ROLE_NAME: terms.roleName,
    ROLE_RANK: String(world.rank),
    ROLE_WORLD_SIZE: String(world.worldSize),
    MASTER_ADDR: master.host,
    MASTER_PORT: String(master.port),
    TORCHELASTIC_RUN_ID: world.runId,
    TORCHELASTIC_RESTART_COUNT: String(world.attempt),
    TORCHELASTIC_MAX_RESTARTS: String(terms.maxRestarts),
    TORCHELASTIC_USE_AGENT_STORE: 'False',
  };
}

/** Reads a rank's world. Throws a RangeError that names the variable when one is missing or out of range. */
export function worldFromEnvironment(environment: Readonly<Record<string, string | undefined>>): World {
  const integer = (name: string, below = Number.MAX_SAFE_INTEGER): number => {
    const text = environment[name];
    const value = Number(text);
    if (text === undefined || !/^\d+$/.test(text) || value >= below) {
      throw new RangeError(`${name}=${text ?? '(unset)'}: expected a whole number from 0 to ${below - 1}`);
    }
    return value;
  };
  const worldSize = integer('WORLD_SIZE');
  const localWorldSize = integer('LOCAL_WORLD_SIZE');
  return {
    worldSize,
    localWorldSize,
    rank: integer('RANK', worldSize),
    localRank: integer('LOCAL_RANK', localWorldSize),
    groupRank: integer('GROUP_RANK'),
    runId: environment['TORCHELASTIC_RUN_ID'] ?? '',
    attempt: integer('TORCHELASTIC_RESTART_COUNT'),
  };
}
