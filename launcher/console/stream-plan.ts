import type { LogRouting, NodePlacement, StreamChoice, StreamSet } from '../program/program-request.ts';
import { linePrefix } from './line-prefix.ts';

/** Where one stream of a rank goes: straight to the launcher's own, or to the rank's file, and from there nowhere or to the console. */
export type StreamRoute = 'inherit' | 'file' | 'file and console';

/** Where the streams of one rank go. */
export interface RankStreams {
  readonly localRank: number;
  readonly rank: number;
  /** Before each of its lines on the console. */
  readonly prefix: string;
  readonly stdin: 'inherit' | 'ignore';
  readonly stdout: StreamRoute;
  readonly stderr: StreamRoute;
}

/** Which of the launcher's own streams are terminals. */
export interface Terminals {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Where the output of every rank of this node goes, by local rank. Whatever passes through the launcher is also in a file. */
export function planStreams(routing: LogRouting, placement: NodePlacement, terminals: Terminals): readonly RankStreams[] {
  const { localWorldSize, nodeCount, nodeRank, role } = placement;
  const isAlone = localWorldSize === 1 && nodeCount === 1;
  return Array.from({ length: localWorldSize }, (_, localRank) => {
    const rank = nodeRank * localWorldSize + localRank;
    return {
      localRank,
      rank,
      prefix: linePrefix(routing.prefixTemplate, { role, localRank, rank }),
      stdin: rank === 0 ? 'inherit' : 'ignore',
      stdout: routeOf('stdout', localRank, routing, isAlone && terminals.stdout),
      stderr: routeOf('stderr', localRank, routing, isAlone && terminals.stderr),
    };
  });
}

/** Teeing outweighs redirecting, as torchrun has it. */
function routeOf(stream: keyof Terminals, localRank: number, routing: LogRouting, ownsTerminal: boolean): StreamRoute {
  if (routing.consoleRanks?.includes(localRank) === false) return 'file';
  if (names(routing.tee, localRank, stream)) return 'file and console';
  if (names(routing.redirects, localRank, stream)) return 'file';
  return ownsTerminal ? 'inherit' : 'file and console';
}

function names({ others, byLocalRank }: StreamChoice, localRank: number, stream: keyof Terminals): boolean {
  const chosen: StreamSet = byLocalRank.get(localRank) ?? others;
  return chosen === 'both' || chosen === stream;
}
